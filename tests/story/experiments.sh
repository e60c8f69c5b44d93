#!/bin/sh
# Experiments from plan to follow-up, with a clock that the story moves: what is fixed when, what is
# found when, and that what was kept stays as it was.
. "$SRCDIR/tests/story/lib.sh"
. "$SRCDIR/tests/story/experiments_lib.sh"
story_begin
clock=$story_dir/clock
echo 2024-01-02T08:00:00Z >"$clock"
start --clock "$clock" --timezone Europe/Berlin || exit 99
# ---- planned ----
send 2023-09-01 2024-01-01 >/dev/null
memes='{"name":"Memes on drawn days","question":"Do memes bring sessions?","design":"coin-days","posts":{"type":["meme"],"platform":"x"},"source":"social","secondary":["users","likes"],"start":"2024-02-26"'
json POST $X "$memes,\"end\":\"2024-04-21\"}" >"$story_dir/a"
equal "an experiment is written down, its calendar drawn, balanced over the weekdays, its follow-up set" \
    '["memes-on-drawn-days","planned",false,56,[4],["2024-05-26"],90,"type:meme,platform:x"]' \
    "$(jq -c '[.slug, .state, .after_the_fact, (.calendar | length), ([.calendar | group_by(.weekday)[] | map(select(.post)) | length] | unique), .follow_up, .baseline, .posts]' "$story_dir/a")"
E=$X/memes-on-drawn-days
equal "before its start all of it may change, and the draw follows its seed" '[true,7,"2024-02-26"]' \
    "$(json PUT $E '{"seed":7}' | jq -c --slurpfile a "$story_dir/a" '[.calendar != $a[0].calendar, .seed, .start]')"
check "the same seed draws the same days again" test "$(json PUT $E "{\"seed\":$(jq .seed "$story_dir/a")}" | jq -c .calendar)" = "$(jq -c .calendar "$story_dir/a")"
equal "there is nothing to read yet" no-data "$(get $E/reading | jq -r .code)"
equal "nor anything due" 0 "$("$POSTLIFT" due >/dev/null 2>&1; echo $?)"
equal "but what is to come is listed" '[["start","2024-02-26"],["finding","2024-04-22"],["follow-up","2024-05-26"]]' "$(get /api/v1/due | jq -c '[.coming[] | [.what, .on]]')"
json POST $X '{"name":"Other","question":"Q","design":"step","posts":"type:meme","source":"x","start":"2024-03-04","end":"2024-03-31"}' >/dev/null
equal "experiments on one metric and the same days are told of each other, and what is not known yet" '["overlapping-experiments","no-posts"] ["overlapping-experiments","unknown-source","no-posts"]' \
    "$(get $E | jq -c '[.warnings[].code]') $(get $X/other | jq -c '[.warnings[].code]')"
equal "one that has not started can be removed" 'true 404' "$(json DELETE $X/other '' | jq .changed) $(status_of "$url$X/other")"

# ---- what is refused ----
bad() { # what body code
    equal "$1" "$3" "$(json POST $X "$2" | jq -r .code)"
}
Q='"name":"B","question":"Q","design":"coin-days","posts":"type:meme","source":"social"'
bad "an end before its start is refused" "{$Q,\"start\":\"2024-05-10\",\"end\":\"2024-05-01\"}" empty-range
bad "one of a single day" "{$Q,\"start\":\"2024-05-01\",\"end\":\"2024-05-01\"}" bad-value
bad "one of ten years" "{$Q,\"start\":\"2024-05-01\",\"end\":\"2034-05-01\"}" bad-value
bad "one without a start" "{$Q}" missing-field
bad "one without a question in words" '{"name":"B","design":"step","posts":"type:meme","source":"social","start":"2024-05-01"}' missing-field
bad "one that says nothing of what is posted" '{"name":"B","question":"Q","design":"step","source":"social","start":"2024-05-01"}' missing-field
bad "a design that is none" '{"name":"B","question":"Q","design":"vibes","posts":"type:meme","source":"social","start":"2024-05-01"}' bad-value
bad "a filter that is none" '{"name":"B","question":"Q","design":"coin-days","posts":"colour:red","source":"social","start":"2024-05-01"}' bad-value
bad "a secondary metric that is none" "{$Q,\"start\":\"2024-05-01\",\"secondary\":[\"fun\"]}" unknown-metric
bad "a primary metric of posts" "{$Q,\"start\":\"2024-05-01\",\"metric\":\"likes\"}" unknown-metric
bad "a follow-up before the end" "{$Q,\"start\":\"2024-05-01\",\"follow_up\":[\"2024-05-20\"]}" bad-date
bad "a field that is none" "{$Q,\"start\":\"2024-05-01\",\"colour\":\"red\"}" unknown-field
bad "a margin of nothing" "{$Q,\"start\":\"2024-05-01\",\"margin\":0}" wrong-type
bad "a calendar with hardly a day left" "{$Q,\"start\":\"2024-05-01\",\"end\":\"2024-05-20\",\"leave_out\":\"mon,tue,wed,thu,fri,sat\"}" too-few-days
bad "a control that is the source" "{$Q,\"start\":\"2024-05-01\",\"control\":\"social\"}" control-is-source
equal "none of these is stored" 1 "$(get $X | jq '.experiments | length')"
json POST $X "{$Q,\"slug\":\"late\",\"start\":\"2024-01-01\",\"end\":\"2024-01-31\"}" >"$story_dir/a"
equal "a start in the past is taken, and marked" '["running",true,["after-the-fact"]]' "$(jq -c '[.state, .after_the_fact, ([.warnings[].code] | map(select(. == "after-the-fact")))]' "$story_dir/a")"

# ---- running ----
get $E | jq -r '.calendar[] | select(.post) | .date' | while read -r d; do echo $(($(date -u -d "$d" +%s) / 86400)); done >"$story_dir/drawn"
at 2024-03-20T08:00:00Z
equal "it started on its day, across the change to summer time" running "$(state memes-on-drawn-days)"
# two drawn days are missed, and one other day has a meme
first=$(sed -n 3p "$story_dir/drawn"); second=$(sed -n 9p "$story_dir/drawn")
off=$(get $E | jq -r '[.calendar[] | select(.post == false) | .date][4]')
{ grep -vx -e "$first" -e "$second" "$story_dir/drawn"; echo $(($(date -u -d "$off" +%s) / 86400)); } | sort -n >"$story_dir/done"
send 2024-01-02 2024-03-19 "$story_dir/done" 1.3 >/dev/null
while read -r d; do
    printf '{"platform":"x","id":"m%d","type":"meme","posted_at":"%sT11:00:00Z","likes":%d}\n' "$d" "$(date -u -d "@$((d * 86400))" +%F)" $((d % 50 + 20))
done <"$story_dir/done" >"$story_dir/posts"
awk -F'"' '$16 < "2024-03-19"' "$story_dir/posts" | curl -s -X POST -H 'Content-Type: application/x-ndjson' --data-binary @- "$url/api/v1/posts" >/dev/null
get $E/reading >"$story_dir/a"
equal "read early it is provisional, at the line that makes daily reading honest" '[true,0.025,"2024-03-19"]' "$(jq -c '[.provisional, .verdict_line, .until]' "$story_dir/a")"
contains "and says so" "Provisional, after 23 of 56 days of the experiment \"Memes on drawn days\", stated beforehand" "$(jq -r .sentence "$story_dir/a")"
equal "days on which the plan was not kept are found from the posts" "[[\"$(date -u -d "@$((first * 86400))" +%F)\"],[\"$off\"]]" "$(jq -c '[.plan_kept.missed[0:1], .plan_kept.strayed]' "$story_dir/a")"
equal "a change to what is fixed is refused" '409 fixed' "$(status_of -X PUT -H 'Content-Type: application/json' -d '{"metric":"users"}' "$url$E") $(json PUT $E '{"metric":"users"}' | jq -r .code)"
contains "with what may be changed" "a correction with its reason" "$(json PUT $E '{"metric":"users"}' | jq -r .detail)"
equal "so is its deletion" fixed "$(json DELETE $E '' | jq -r .code)"
equal "and a correction of the metric that counts" fixed "$(json POST $E/corrections '{"metric":"users","reason":"nicer"}' | jq -r .code)"
equal "or one without a reason" missing-field "$(json POST $E/corrections '{"margin":0.1}' | jq -r .code)"
equal "or one that changes nothing" nothing-changed "$(json POST $E/corrections '{"margin":0.2,"reason":"x"}' | jq -r .code)"

# ---- the end ----
at 2024-04-22T08:00:00Z
equal "its days are over" finished "$(state memes-on-drawn-days)"
contains "the finding waits for its data, and that is due" 'waits for sessions of "social" up to 21 April' "$("$POSTLIFT" due | tr '\n' ' ' | sed 's/2024-04-21/21 April/')"
equal "with 1, for cron" 1 "$("$POSTLIFT" due >/dev/null; echo $?)"
curl -s -X POST -H 'Content-Type: application/x-ndjson' --data-binary "@$story_dir/posts" "$url/api/v1/posts" >/dev/null
send 2024-03-20 2024-04-21 "$story_dir/done" 1.3 >/dev/null
equal "then it is found" 1 "$(found memes-on-drawn-days 1)"
get $E/findings/1 >"$story_dir/first"
equal "what days drawn by coin show" '["end","2024-04-22","up",false,true,null]' "$(jq -c '[.kind, .due, .verdict, .provisional, (.as_planned.interval[0] > 0), .since]' "$story_dir/first")"
contains "in a sentence that carries its design" "drawn for meme posts on x than on the" "$(jq -r .sentence "$story_dir/first")"
equal "both as planned and as done, the effect larger where the plan was kept" true "$(jq '.as_done.lift > .as_planned.lift and .as_done.interval[0] > 0' "$story_dir/first")"
contains "and the difference in words" "The plan was kept on 53 of 56 days: 2 days meant for posts had none" "$(jq -r .difference "$story_dir/first")"
equal "secondary metrics beside it" '[["users","website"],["likes","posts"]]' "$(jq -c '[.secondary[] | [.metric, .of]]' "$story_dir/first")"
equal "the very lift that days with posts have is that of the general question" "$(jq -c '.as_done | [.lift, .interval, .p]' "$story_dir/first")" \
    "$(get "/api/v1/lift?source=social&exposure=type:meme,platform:x&start=2024-02-26&end=2024-04-21" | jq -c '[.lift, .interval, .p]')"
get $E/report >"$story_dir/report.html"
contains "a report stands by itself" "Experiment &quot;Memes on drawn days&quot;" "$(cat "$story_dir/report.html")"
equal "without script, and fetches nothing" 0 "$(grep -cE '<script|src=|href=|@import|url\(' "$story_dir/report.html")"

# ---- late data, a correction, the follow-up ----
send 2024-04-10 2024-04-12 "$story_dir/done" 2 >/dev/null
sleep 1.2
equal "late data change nothing that was kept" "$(jq -c 'del(.found_at)' "$story_dir/first")" "$(get $E/findings/1 | jq -c 'del(.found_at)')"
at 2024-05-20T08:00:00Z
send 2024-04-22 2024-05-19 >/dev/null
equal "a correction is logged" '["correction","It was forgotten",{"margin":{"was":0.2,"is":0.3}}]' \
    "$(json POST $E/corrections '{"margin":0.3,"reason":"It was forgotten"}' | jq -c '.log[0] | [.what, .reason, .detail]')"
at 2024-05-26T08:00:00Z
equal "a follow-up whose data are there is found on its day" 2 "$(found memes-on-drawn-days 2)"
equal "and closes what was promised" closed "$(state memes-on-drawn-days)"
get $E/findings/2 >"$story_dir/second"
equal "it says what changed" '["follow-up",1,true,true]' "$(jq -c '[.kind, .since.finding, .since.changed, .since.corrected]' "$story_dir/second")"
contains "in words" "corrected since then" "$(jq -r .since.words "$story_dir/second")"
equal "the first stands beside it as it was" "$(jq -c . "$story_dir/first")" "$(get $E/findings/1 | jq -c .)"
contains "what was found is told for some days" "The follow-up of the experiment" "$("$POSTLIFT" due)"
at 2024-06-01T08:00:00Z
equal "and no longer" '[]' "$(get /api/v1/due | jq -c '[.due[] | select(.what == "follow-up")]')"

# ---- a step, stopped early; its follow-up looks at the months between ----
json POST $X '{"name":"Step","question":"Q","design":"step","posts":"type:clip","source":"social","start":"2024-06-03","end":"2024-08-25","follow_up":["2024-09-02"]}' >/dev/null
json POST $X '{"name":"Step two","question":"Q","design":"step","posts":"type:clip","source":"social","start":"2024-06-03","end":"2024-07-07","follow_up":["2024-09-02"]}' >/dev/null
equal "one that has not started cannot be stopped" not-started "$(json POST $X/step/stop '{"reason":"x"}' | jq -r .code)"
at 2024-07-01T08:00:00Z
send 2024-05-20 2024-06-30 >/dev/null
equal "a stop needs its reason" missing-field "$(json POST $X/step/stop '{}' | jq -r .code)"
equal "and is kept with it" '["stopped","2024-06-30","The team is ill"]' "$(json POST $X/step/stop '{"reason":"The team is ill"}' | jq -c '[.state, .stopped, .log[0].reason]')"
equal "once" stopped "$(json POST $X/step/stop '{"reason":"again"}' | jq -r .code)"
equal "posts of the last days are waited for" '[0,1]' "[$(get $X/step | jq '.findings | length'),$(get /api/v1/due | grep -o 'waits up to 3 days for posts up to 2024-06-30' | wc -l)]"
at 2024-07-04T08:00:00Z
equal "the finding is about the days until then" '[1,"2024-06-30"]' "[$(found step 1),\"$(get $X/step/findings/1 | jq -r .until)\"]"
contains "and says so" "stopped early" "$(get $X/step/findings/1 | jq -r .sentence)"
equal "nothing is put down to posts that never came" '["cannot-tell",false,["no-posts"]]' "$(get $X/step/findings/1 | jq -c '[.verdict, (.as_planned | has("lift")), ([.as_planned.warnings[].code] | map(select(. == "no-posts")))]')"
contains "in the sentence itself" "not one such post came on the days meant for them" "$(get $X/step/findings/1 | jq -r .sentence)"
contains "a filter that nothing met is said" "days meant for posts had none" "$(get $X/step/findings/1 | jq -r .difference)"
at 2024-09-05T08:00:00Z
send 2024-07-01 2024-09-01 >/dev/null
equal "a step's end and follow-up are found" 2 "$(found step-two 2)"
equal "the follow-up looks at the days between as well" '["2024-07-07","2024-09-01",56]' \
    "$(get $X/step-two/findings/1 | jq -c .until | tr -d '\n' | sed 's/^/[/'),$(get $X/step-two/findings/2 | jq -c '[.until, .since.more_days]' | tr -d '[')"

# ---- kept for good ----
before=$(get $X | jq -c . | md5sum)
"$POSTLIFT" export >"$story_dir/all.ndjson"
"$POSTLIFT" export --format csv >"$story_dir/all.csv"
f1=$(get $E/findings/1 | jq -cS 'del(.revision, .as_planned.revision, .as_done.revision)')
stop
equal "it stops with 0" 0 "$daemon_code"
equal "a finding cannot be rewritten in the file either" 1 "$(sqlite3 "$db" "UPDATE findings SET sentence = 'x'" 2>&1 | grep -c 'kept as it was')"
start --clock "$clock" || exit 99
equal "after a restart all is as it was" "$before" "$(get $X | jq -c . | md5sum)"
stop
for form in ndjson csv; do
    mv "$db" "$db.was.$form" && rm -f "$db"-*
    start --clock "$clock" --timezone Europe/Berlin || exit 99
    check "experiments go into an empty database again ($form)" "$POSTLIFT" import "$story_dir/all.$form"
    sleep 1.2
    equal "with their findings as they were ($form)" "$f1" "$(get $E/findings/1 | jq -cS 'del(.revision, .as_planned.revision, .as_done.revision)')"
    equal "their states ($form)" '["closed","closed","closed","closed"]' "$(get $X | jq -c '[.experiments[].state]')"
    equal "and the experiment says that a file brought it ($form)" '[true,true]' "$(get $E | jq -c '[.import_id > 0, any(.warnings[]; .code == "brought-in")]')"
    equal "and what was done to them ($form)" '["correction","It was forgotten"]' "$(get $E | jq -c '.log[0] | [.what, .reason]')"
    stop
done
end_of_story
