#!/bin/sh
# Dated remarks: what each kind does to an answer, and to which answers it does nothing.
. "$SRCDIR/tests/story/lib.sh"
story_begin
start || exit 99
"$POSTLIFT" import "$SRCDIR/tests/data/meme-study/posts.csv" "$SRCDIR/tests/data/meme-study/traffic.csv" >/dev/null
lift() { get "/api/v1/lift?source=${1:-social}&start=2022-11-28&end=2022-12-27${2:-}"; }
note_add() { "$POSTLIFT" note add "$@" | sed 's/[^0-9]//g'; }
codes() { jq -c "[.warnings[].code] | map(select(test(\"$1\")))"; }
before=$(lift | jq -c 'del(.revision)')

n=$(note_add --from 2022-12-05 --to 2022-12-06 --kind outage --source social 'Tracker down')
equal "days of an outage are left out as missing" '[28,2,["2022-12-05","2022-12-06"],["outage"],["left-out"]]' \
    "$(lift | jq -c '[.after.days_used, .after.days_missing, .after.left_out, ([.warnings[].code] | map(select(. == "outage"))), [.notes[].effect]]')"
equal "of another source they are not" '[30,[]]' "$(lift organic | jq -c '[.after.days_used, .notes]')"
"$POSTLIFT" note edit "$n" --source organic >/dev/null
equal "after an edit it is the other way round" '30 28' "$(lift | jq .after.days_used) $(lift organic | jq .after.days_used)"
"$POSTLIFT" note edit "$n" --metric users >/dev/null
equal "of another metric neither" 30 "$(lift organic | jq .after.days_used)"
equal "a control has its outages too" 28 "$("$POSTLIFT" note edit "$n" --metric sessions >/dev/null; lift social '&control=organic' | jq .control.after.days_used)"
"$POSTLIFT" note remove "$n" >/dev/null
equal "removed, the answer is as it was" "$before" "$(lift | jq -c 'del(.revision)')"

n=$(note_add --date 2022-12-25 --kind holiday Christmas)
equal "a holiday is named, and the figures stay" '[["holiday"],true]' \
    "$(lift | jq -c --argjson b "$before" '[([.warnings[].code] | map(select(. == "holiday"))), .interval == $b.interval]')"
"$POSTLIFT" note remove "$n" >/dev/null

for kind in tracking-change metric-definition; do
    n=$(note_add --date 2022-12-10 --kind $kind 'A new banner')
    equal "across a $kind there is no verdict, interval or p" '["cannot-tell",false,false,["no-verdict"]]' \
        "$(lift | jq -c '[.verdict, has("interval"), has("p"), [.notes[].effect]]')"
    contains "and the sentence says why" "as a note says" "$(lift | jq -r .sentence)"
    contains "nor for types" "$kind" "$(get /api/v1/types | jq -c '[.warnings[].code]')"
    "$POSTLIFT" note edit "$n" --date 2022-08-30 >/dev/null
    equal "on the first day of the days it breaks nothing ($kind)" "$(echo "$before" | jq -c .interval)" "$(lift | jq -c .interval)"
    "$POSTLIFT" note edit "$n" --from 2022-08-25 --to 2022-08-31 >/dev/null
    equal "days of a change that reach into them do ($kind)" cannot-tell "$(lift | jq -r .verdict)"
    "$POSTLIFT" note edit "$n" --from 2022-12-28 --to 2023-01-31 >/dev/null
    equal "nor does one that comes later ($kind)" "$(echo "$before" | jq -c .interval)" "$(lift | jq -c .interval)"
    "$POSTLIFT" note remove "$n" >/dev/null
done
n=$(note_add --date 2022-12-10 --kind metric-definition --platform facebook --metric likes 'Likes count reactions')
equal "what a platform counts of posts is no figure of the website" "$(echo "$before" | jq -c .interval)" "$(lift facebook | jq -c .interval >/dev/null; lift | jq -c .interval)"
equal "posts are not compared across it" '["cannot-tell",false,["metric-definition"]]' \
    "$(get '/api/v1/compare?metric=likes&a.type=meme' | jq -c '[.verdict, has("interval"), ([.warnings[].code] | map(select(. == "metric-definition")))]')"
equal "in engagement, which has it as a part, neither" cannot-tell "$(get '/api/v1/compare?metric=engagement&a.type=meme' | jq -r .verdict)"
equal "in another metric they are" '[]' "$(get '/api/v1/compare?metric=comments&a.type=meme' | codes metric-definition)"
equal "on another platform too" '[]' "$(get '/api/v1/compare?metric=likes&a.type=meme&platform=x' | codes metric-definition)"
equal "and on one side of it" '[]' "$(get '/api/v1/compare?metric=likes&a.type=meme&from=2022-12-10' | codes metric-definition)"
"$POSTLIFT" note remove "$n" >/dev/null

n=$(note_add --date 2022-11-22 --kind campaign 'Advertisements')
equal "what else happened near the start is listed" '[["near-start"],["something-else-changed"]]' \
    "$(lift | jq -c '[[.notes[].effect], ([.warnings[].code] | map(select(. == "something-else-changed")))]')"
"$POSTLIFT" note edit "$n" --date 2022-11-01 >/dev/null
equal "farther off it is listed alone" '[["listed"],[]]' \
    "$(lift | jq -c '[[.notes[].effect], ([.warnings[].code] | map(select(. == "something-else-changed")))]')"
"$POSTLIFT" note remove "$n" >/dev/null

# ---- what is refused, and what is a lot ----
bad() { # what body code
    equal "$1" "$3" "$(post /api/v1/notes application/json "$2" | jq -r .code)"
}
bad "a note without a day is refused" '{"kind":"other","text":"x"}' missing-field
bad "one of a day that is none" '{"date":"2023-02-30","kind":"other","text":"x"}' bad-date
bad "one that ends before it begins" '{"from":"2023-02-03","to":"2023-02-01","kind":"other","text":"x"}' empty-range
bad "one of a kind that is none" '{"date":"2023-02-03","kind":"party","text":"x"}' bad-value
bad "one without a text" '{"date":"2023-02-03","kind":"other","text":""}' missing-field
bad "one with a field of another name" '{"date":"2023-02-03","kind":"other","text":"x","colour":"red"}' unknown-field
bad "one with a number for a text" '{"date":"2023-02-03","kind":"other","text":7}' wrong-type
bad "one about a metric that is none" '{"date":"2023-02-03","kind":"other","text":"x","metric":"fun"}' unknown-metric
bad "one about an account of no platform" '{"date":"2023-02-03","kind":"other","text":"x","account":"paper"}' missing-field
bad "one that is too long" "{\"date\":\"2023-02-03\",\"kind\":\"other\",\"text\":\"$(printf '%02001d' 1)\"}" too-long
bad "one that is no object" '[]' bad-json
equal "none of these is stored" '[]' "$(get /api/v1/notes | jq -c .notes)"
n=$(note_add --date 2022-12-25 --kind holiday Christmas)
equal "the very same note is the same note" '[false,1]' "$(post /api/v1/notes application/json '{"date":"2022-12-25","kind":"holiday","text":"Christmas"}' | jq -c '[.changed, (.id / .id)]')"
equal "a note that is not there" '404 404 404' "$(status_of "$url/api/v1/notes/999") $(status_of -X DELETE "$url/api/v1/notes/999") $(status_of -X PUT -H 'Content-Type: application/json' -d '{}' "$url/api/v1/notes/999")"
equal "another method is refused by name" 'GET, HEAD, PUT, DELETE, OPTIONS' "$(header_of Allow -X POST -H 'Content-Type: application/json' -d '{}' "$url/api/v1/notes/1")"
"$POSTLIFT" note remove "$n" >/dev/null
i=0
while [ $i -lt 150 ]; do
    day=$(date -u -d "2022-08-01 + $i days" +%F)
    printf '{"record":"note","from":"%s","to":"%s","kind":"outage","text":"n%d"}\n' "$day" "$day" $i
    i=$((i + 1))
done >"$story_dir/notes.ndjson"
check "notes come in as lines too" "$POSTLIFT" import "$story_dir/notes.ndjson"
equal "a note on every day leaves nothing to judge, and lists 100" '["insufficient-data",100]' "$(lift | jq -c '[.verdict, (.notes | length)]')"
stop
equal "it stops with 0" 0 "$daemon_code"
end_of_story
