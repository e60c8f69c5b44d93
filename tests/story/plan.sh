#!/bin/sh
# Planning: vectors of other software through the API, calendars in all their forms, what is refused.
. "$SRCDIR/tests/story/lib.sh"
story_begin
start || exit 99
V=$SRCDIR/tests/data/vectors

# Days from 1 January 2024, a Monday, moved so that the weekdays are those of the vector.
days_of() { # vector case source
    jq -c --arg s "$3" ".cases[$2].input | .weekday0 as \$w | .y | to_entries[]
        | {date: ((1704067200 + 86400 * (\$w + .key)) | strftime(\"%Y-%m-%d\")), source: \$s, sessions: .value}" "$V/$1.json"
}
first_day() { date -u -d "2024-01-01 + $(jq ".cases[$2].input.weekday0" "$V/$1.json") days + ${3:-0} days" +%F; }

# ---- what a step would need: mde.json ----
for c in $(jq '.cases | keys[]' "$V/mde.json"); do
    days_of mde "$c" "mde$c" >"$story_dir/mde$c.ndjson"
    curl -s -X POST -H 'Content-Type: application/x-ndjson' --data-binary "@$story_dir/mde$c.ndjson" "$url/api/v1/traffic" >/dev/null
    start_day=$(first_day mde "$c" "$(jq ".cases[$c].input.y | length" "$V/mde.json")")
    for i in $(jq ".cases[$c].input.horizons | keys[]" "$V/mde.json"); do
        days=$(jq ".cases[$c].input.horizons[$i]" "$V/mde.json")
        [ "$days" -ge 14 ] || continue
        equal "case $c: the error of a step after $days days is that of other software, to six digits" true \
            "$(get "/api/v1/plan?source=mde$c&start=$start_day&days=$days&baseline=$(jq ".cases[$c].input.y | length" "$V/mde.json")d&design=step" |
                jq --argjson e "$(jq ".cases[$c].expected.se[$i]" "$V/mde.json")" '.designs[0].standard_error / $e - 1 | fabs < 1e-5')"
    done
done

# ---- days drawn by coin: exposure.json, the posts on the days that it has ----
for c in $(jq '.cases | keys[]' "$V/exposure.json"); do
    days_of exposure "$c" "exp$c" >"$story_dir/t.ndjson"
    jq -c --arg c "$c" ".cases[$c].input | .weekday0 as \$w | .exposure | to_entries[] | select(.value == 1)
        | {platform: \"x\", id: \"e\(\$c)-\(.key)\", type: \"coin\(\$c)\", posted_at: ((1704067200 + 86400 * (\$w + .key) + 43200) | strftime(\"%Y-%m-%dT%H:%M:%SZ\"))}" \
        "$V/exposure.json" >"$story_dir/p.ndjson"
    curl -s -X POST -H 'Content-Type: application/x-ndjson' --data-binary "@$story_dir/t.ndjson" "$url/api/v1/traffic" >/dev/null
    curl -s -X POST -H 'Content-Type: application/x-ndjson' --data-binary "@$story_dir/p.ndjson" "$url/api/v1/posts" >/dev/null
    n0=$(jq ".cases[$c].input.n0" "$V/exposure.json")
    n=$(jq ".cases[$c].input.y | length" "$V/exposure.json")
    get "/api/v1/lift?source=exp$c&exposure=type:coin$c&start=$(first_day exposure "$c" "$n0")&end=$(first_day exposure "$c" $((n - 1)))&baseline=${n0}d" >"$story_dir/a"
    for pair in lift:lift interval[0]:lo95 interval[1]:hi95 interval90[0]:lo90 interval90[1]:hi90 p:p_value; do
        equal "case $c: ${pair%%:*} of days drawn by coin is that of other software, to six digits" true \
            "$(jq --argjson e "$(jq ".cases[$c].expected.${pair#*:}" "$V/exposure.json")" ".${pair%%:*} / \$e - 1 | fabs < 1e-5" "$story_dir/a")"
    done
done

# ---- the sample's plan ----
"$POSTLIFT" import "$SRCDIR/tests/data/meme-study/posts.csv" "$SRCDIR/tests/data/meme-study/traffic.csv" >/dev/null
plan() { get "/api/v1/plan?source=social$1"; }
equal "days drawn by coin show what a step does not" '["coin-days",true,null]' \
    "$(plan '&start=2022-11-28' | jq -c '[.recommended, (.designs[3].days_needed < 90), .designs[0].days_needed]')"
contains "in words that can be quoted" "To see a lift of 12 % in sessions from social, draw by coin the days on which to post" "$(plan '&start=2022-11-28' | jq -r .sentence)"
contains "that no design will do is an answer" "No design will show a lift of 1 % in sessions from social here within 180 days" "$(plan '&lift=.01' | jq -r .sentence)"
equal "the same question has the same bytes" "$(plan '&seed=5' | md5sum)" "$(plan '&seed=5' | md5sum)"
check "another seed draws other days" test "$(plan '&seed=5' | jq -c .calendar.days)" != "$(plan '&seed=6' | jq -c .calendar.days)"
equal "days left out are out, by weekday, date, range and the holidays of notes" '[["2023-01-01","2023-01-07","2023-01-08","2023-01-10","2023-01-11","2023-01-12","2023-01-13"],true]' \
    "$("$POSTLIFT" note add --date 2023-01-13 --kind holiday 'A feast' >/dev/null
    plan '&start=2023-01-01&days=14&leave_out=weekends,holidays,2023-01-10,2023-01-11..2023-01-12' | jq -c '[[.calendar.days[] | select(.post == null) | .date] - ["2023-01-14"], ([.calendar.days[].post] | any)]')"
equal "balanced over the weekdays" '[4]' "$(plan '&days=56&design=coin-days' | jq -c '[.calendar.days | group_by(.weekday)[] | map(select(.post)) | length] | unique')"
equal "CSV has a row a day" 57 "$(plan '&days=56&format=csv' | wc -l | tr -d ' ')"
on=$(plan '&seed=5' | jq '[.calendar.days[] | select(.post)] | length')
plan '&seed=5&format=ics' >"$story_dir/plan.ics"
equal "a calendar program gets an event a day with posts" "$on $on" "$(grep -c '^BEGIN:VEVENT' "$story_dir/plan.ics") $(grep '^UID:' "$story_dir/plan.ics" | sort -u | wc -l | tr -d ' ')"
equal "in lines of at most 75 bytes that end as RFC 5545 has it" '0 0' "$(awk 'length($0) > 76' "$story_dir/plan.ics" | wc -l | tr -d ' ') $(grep -vc "$(printf '\r')$" "$story_dir/plan.ics")"
plan '&seed=5&format=html' >"$story_dir/plan.html"
equal "a page to print marks as many days" "$on" "$(grep -o '<b>post</b>' "$story_dir/plan.html" | wc -l | tr -d ' ')"
equal "has no script and fetches nothing" 0 "$(grep -cE '<script|src=|href=|@import|url\(' "$story_dir/plan.html")"
contains "its one style is allowed by its hash" "style-src 'sha256-$(sed -n 's/.*<style>\(.*\)<\/style>.*/\1/p' "$story_dir/plan.html" | tr -d '\n' | openssl dgst -sha256 -binary | base64)'" \
    "$(header_of Content-Security-Policy "$url/api/v1/plan?source=social&seed=5&format=html")"

bad() { equal "$1" "422 $3" "$(status_of "$url/api/v1/plan?$2") $(get "/api/v1/plan?$2" | jq -r .code)"; }
bad "a calendar of one day is refused" 'source=social&days=1' bad-number
bad "one of ten years too" 'source=social&days=3650' bad-number
bad "a design that is none" 'source=social&design=vibes' bad-value
bad "days to leave out that are none" 'source=social&leave_out=someday' bad-value
bad "a range that ends before it begins" 'source=social&leave_out=2023-01-03..2023-01-01' bad-value
bad "a lift of nothing" 'source=social&lift=0' bad-number
bad "a source that is not there" 'source=pigeon' unknown-source
bad "no source at all" '' missing-parameter
bad "users of several platforms" 'source=social&metric=pizza' unknown-metric
bad "a start long after all data" 'source=social&start=2030-01-01' too-far-ahead
bad "a start before all data" 'source=social&start=2022-08-30' no-data
bad "a parameter that is none" 'source=social&colour=red' unknown-parameter
bad "a form that is none" 'source=social&format=pdf' bad-value
equal "with few days known nothing is planned, and that is said" '[[],null,["insufficient-data"]]' \
    "$(plan '&start=2022-09-10' | jq -c '[.designs, .recommended, [.warnings[].code | select(. == "insufficient-data")]]')"
i=0
while [ $i -lt 120 ]; do
    echo "{\"date\":\"$(date -u -d "2024-01-01 + $i days" +%F)\",\"source\":\"scant\",\"sessions\":$((i % 3 + (i * 7) % 2))}"
    i=$((i + 1))
done | curl -s -X POST -H 'Content-Type: application/x-ndjson' --data-binary @- "$url/api/v1/traffic" >/dev/null
get '/api/v1/plan?source=scant' >"$story_dir/scant"
equal "nothing is planned by a source of fewer than 3 a day" '[null,[null],["low-counts"]]' \
    "$(jq -c '[.recommended, ([.designs[].minimum_detectable_lift] | unique), [.warnings[].code | select(. == "low-counts")]]' "$story_dir/scant")"
contains "and its sentence says so" "1.5 a day, judged by the 90 days with figures up to 29 April 2024, is too little to plan by" "$(jq -r .sentence "$story_dir/scant")"
contains "its lift is not told without the caveat" ", drawn towards zero by counts this low, so that the true one may lie beyond" "$(get '/api/v1/lift?source=scant&start=2024-04-01' | jq -r .sentence)"
"$POSTLIFT" note add --date 2022-12-20 --kind tracking-change 'A new banner' >/dev/null
contains "days from before a change of tracking are not planned by" "Days before 2022-12-20 are left out" "$(plan '' | jq -r '.warnings[].detail')"
stop
equal "it stops with 0" 0 "$daemon_code"
end_of_story
