#!/bin/sh
# Where an experiment was not carried out as designed, its answer says so, or is none: nothing
# posted, days drawn too late, one side missing, a question corrected, data that come late.
. "$SRCDIR/tests/story/lib.sh"
. "$SRCDIR/tests/story/experiments_lib.sh"
story_begin
clock=$story_dir/clock
echo 2024-01-02T08:00:00Z >"$clock"
start --clock "$clock" || exit 99
epoch() { echo $(($(date -u -d "$1" +%s) / 86400)); }
drawn() { get "$X/$1" | jq -r '.calendar[] | select(.post) | .date' | while read -r d; do epoch "$d"; done; }
post() { # type: on the days given, as NDJSON
    while read -r d; do
        printf '{"platform":"x","id":"%s%d","type":"%s","posted_at":"%sT11:00:00Z","likes":9}\n' "$1" "$d" "$1" "$(date -u -d "@$((d * 86400))" +%F)"
    done
}
put_posts() { curl -s -X POST -H 'Content-Type: application/x-ndjson' --data-binary @- "$url/api/v1/posts" >/dev/null; }
new() { # name design more
    json POST $X "{\"name\":\"$1\",\"question\":\"Q\",\"design\":\"$2\",\"source\":\"social\"$3}"
}
send 2023-09-01 2024-01-01 >/dev/null

# ---- what is refused ----
days='"start":"2024-03-04","end":"2024-04-28"'
equal "a draw of weeks needs two weeks of each kind" too-few-days "$(new W pairs-of-weeks ',"posts":"type:meme","start":"2024-03-04","end":"2024-03-17"' | jq -r .code)"
equal "and days without posts that are not left out" too-few-days "$(new W pairs-of-weeks ',"posts":"type:meme","start":"2024-03-04","end":"2024-03-31","leave_out":"2024-03-11..2024-03-24"' | jq -r .code)"
equal "an experiment is looked at again" bad-date "$(new W coin-days ",\"posts\":\"type:meme\",$days,\"follow_up\":[]" | jq -r .code)"
equal "a seed is a number to its end" wrong-type "$(new W coin-days ",\"posts\":\"type:meme\",$days,\"seed\":\"12abc\"" | jq -r .code)"

# ---- nothing posted; a draw after the fact ----
new Never coin-days ",\"posts\":\"type:mmee\",$days,\"seed\":1" >"$story_dir/a"
equal "a kind of post that nobody knows is warned of" true "$(jq 'any(.warnings[]; .code == "no-posts")' "$story_dir/a")"
new Kept coin-days ",\"posts\":\"type:meme\",$days,\"seed\":3" >/dev/null
new Weeks coin-weeks ",\"posts\":\"type:week\",$days,\"seed\":0" >/dev/null
new Gone coin-days ",\"posts\":\"type:meme\",$days,\"seed\":3,\"metric\":\"conversions\"" >/dev/null
at 2024-03-04T08:00:00Z
equal "an experiment of today is no experiment of the past" false "$(new Today coin-days ',"posts":"type:meme","start":"2024-03-04","end":"2024-04-28"' | jq .after_the_fact)"
equal "one can be stopped on its first day" '["stopped","2024-03-04"]' "$(json POST $X/today/stop '{"reason":"A mistake"}' | jq -c '[.state, .stopped]')"
# the site rises on the very days that were drawn, and posts come on them
drawn kept >"$story_dir/on"
at 2024-04-01T08:00:00Z
send 2024-01-02 2024-03-31 "$story_dir/on" 1.3 >/dev/null
drawn weeks | head -7 | post week | put_posts
new Late coin-days ',"posts":"type:meme","start":"2024-03-04","end":"2024-04-28","seed":3' >/dev/null
equal "weeks drawn are not judged by the first of them" insufficient-data "$(get $X/weeks/reading | jq -r .verdict)"
at 2024-04-29T08:00:00Z
send 2024-04-01 2024-04-28 "$story_dir/on" 1.3 >/dev/null
equal "traffic alone makes no finding while posts may be on their way" 0 "$(get $X/kept | jq '.findings | length')"
at 2024-04-29T09:00:00Z
post meme <"$story_dir/on" | put_posts
equal "with the posts it is found" 1 "$(found kept 1)"
equal "and the plan was kept" '["up",56,56]' "$(get $X/kept/findings/1 | jq -c '[.verdict, .plan_kept.days_kept, .plan_kept.days]')"
at 2024-05-02T08:00:00Z
equal "one without a single post is found after three days" 1 "$(found never 1)"
get $X/never/findings/1 >"$story_dir/a"
equal "and concludes nothing, though the days drawn happen to differ" '["cannot-tell",false,null]' "$(jq -c '[.verdict, (.as_planned | has("interval")), .as_done]' "$story_dir/a")"
contains "in its sentence" "not one such post came on the days meant for them, so nothing here can be put down to posts" "$(jq -r .sentence "$story_dir/a")"
found late 1 >/dev/null
get $X/late/findings/1 >"$story_dir/a"
contains "days drawn when they had passed play no part" "written down after its start, without the 29 days that had passed by then" "$(jq -r .sentence "$story_dir/a")"
equal "which the finding keeps" '["after-the-fact","overlapping-experiments","overlapping-experiments"]' "$(jq -c '[.warnings[].code] | .[0:3]' "$story_dir/a")"
for seed in 1 2 3; do
    new "Hunt $seed" coin-days ",\"posts\":\"type:meme\",$days,\"seed\":$seed" >/dev/null
    found "hunt-$seed" 1 >/dev/null
done
equal "no seed finds anything in days that are over" '["insufficient-data"]' \
    "$(for seed in 1 2 3; do get "$X/hunt-$seed/findings/1" | jq .verdict; done | sort -u | jq -cs .)"
contains "and the sentence says why" "the days were drawn when they had passed, so chance did not choose them, and nothing is concluded." "$(get $X/hunt-1/findings/1 | jq -r .sentence)"
equal "that is the one reason given" 0 "$(get $X/hunt-1/findings/1 | jq '[.as_planned.warnings[] | select(.code == "insufficient-data")] | length')"
found today 1 >/dev/null
contains "one of its own first day is not said to be stated beforehand" '"Today", stated on its first day, stopped early' "$(get $X/today/findings/1 | jq -r .sentence)"
equal "of many experiments about the same figures three are named, and the others counted" '[3,true]' \
    "$(get $X/kept | jq -c '[.warnings[] | select(.code == "overlapping-experiments") | .detail] | [length, (.[2] | endswith(" And 4 more."))]')"

# ---- what never comes is given up ----
contains "what is waited for is named" "it waits for conversions of" "$(get /api/v1/due | jq -r '.due[] | select(.experiment == "gone") | .sentence' | head -1)"
equal "an end without data can be closed, with its reason" '["closed","given-up","We count none"]' "$(json POST $X/gone/stop '{"reason":"We count none"}' | jq -c '[.state, .log[0].what, .log[0].reason]')"
equal "and is due no more" 0 "$(get /api/v1/due | jq '[.due[] | select(.experiment == "gone")] | length')"
equal "one that has its finding cannot be" ended "$(json POST $X/kept/stop '{"reason":"x"}' | jq -r .code)"

# ---- since the finding before ----
json POST $X/kept/corrections '{"name":"Kept well","reason":"Nicer"}' | jq -c '.log[0].what' >"$story_dir/a"
equal "a name alone is a rewording" '"rewording"' "$(cat "$story_dir/a")"
sed 1,20d "$story_dir/on" >"$story_dir/half"
send 2024-03-04 2024-04-28 "$story_dir/half" 1.3 >/dev/null
at 2024-06-03T08:00:00Z
json POST $X/never/corrections '{"posts":"type:meme","reason":"Misspelt"}' >/dev/null
at 2024-06-04T08:00:00Z
found kept 2 >/dev/null
get $X/kept/findings/2 >"$story_dir/a"
equal "late data are told although something was reworded" '[true,true,true]' "$(jq -c '[.since.changed, .since.late_data, .since.corrected]' "$story_dir/a")"
contains "with the figures of the earlier question" "asked again as it was, it is" "$(jq -r .since.words "$story_dir/a")"
contains "a rewording leaves it stated beforehand" '"Kept well", stated beforehand' "$(jq -r .sentence "$story_dir/a")"
at 2024-06-07T08:00:00Z
found never 2 >/dev/null
get $X/never/findings/2 >"$story_dir/a"
contains "a correction of what is asked does not" 'Experiment "Never", corrected after its start, on 3 June 2024' "$(jq -r .sentence "$story_dir/a")"
equal "it stands in the finding for good" '[["corrected"],["correction","Misspelt"]]' "$(jq -c '[([.warnings[].code] | map(select(. == "corrected"))), (.log[0] | [.what, .reason])]' "$story_dir/a")"
equal "and data that did not change are not called late" '[false,true]' "$(jq -c '[.since.notes_changed, .since.corrected]' "$story_dir/a")"

# ---- what comes from elsewhere ----
"$POSTLIFT" export >"$story_dir/all"
"$POSTLIFT" import "$story_dir/all" --json >"$story_dir/again" 2>/dev/null
equal "the same export again brings no experiment, event or finding anew" 0 "$(jq ".. | .rejected? // empty" "$story_dir/again" | head -1)"
grep '"record":"finding"' "$story_dir/all" | head -1 | sed 's/\(sentence\\":\\"\)/\1Forged: /; s/"text":"/"text":" /' >"$story_dir/forged"
equal "a finding that differs is rejected" 65 "$("$POSTLIFT" import "$story_dir/forged" >/dev/null 2>&1; echo $?)"
grep '"record":"finding"' "$story_dir/all" | head -1 | sed 's/"name":"[^"]*"/"name":"weeks"/; s/\\"n\\":1/\\"n\\":3/' >"$story_dir/forged"
equal "so is one that is not the next of its experiment" 65 "$("$POSTLIFT" import "$story_dir/forged" >/dev/null 2>&1; echo $?)"
grep '"record":"experiment"' "$story_dir/all" | head -1 | sed 's/\\"design\\":\\"[a-z-]*/\\"design\\":\\"bogus/; s/\\"slug\\":\\"[a-z-]*/\\"slug\\":\\"other/' >"$story_dir/forged"
equal "and an experiment of no known design" 65 "$("$POSTLIFT" import "$story_dir/forged" >/dev/null 2>&1; echo $?)"
n=$(get $X | jq '.experiments | length')
printf '%s\n' '{"record":"note","from":"2024-02-01","to":"2024-02-01","kind":"other","text":"Brought by a file"}' >"$story_dir/notes.ndjson"
"$POSTLIFT" import "$story_dir/notes.ndjson" --json >"$story_dir/a"
"$POSTLIFT" import "$story_dir/notes.ndjson" --json >"$story_dir/b" 2>/dev/null
"$POSTLIFT" import --undo "$(jq ".. | .id? // empty" "$story_dir/a" | head -1)" >/dev/null
sleep 1
equal "undo takes notes out with their import" 0 "$(get /api/v1/notes | jq '[.notes[] | select(.text == "Brought by a file")] | length')"
"$POSTLIFT" sample coin-flip >/dev/null
equal "a sample is there" $((n + 1)) "$(get $X | jq '.experiments | length')"
"$POSTLIFT" import --undo "$(get '/api/v1/imports?limit=1' | jq '.imports[0].id')" >/dev/null
sleep 1
equal "and taken out whole, its finding and its experiment too" "$n" "$(get $X | jq '.experiments | length')"

# ---- notes ----
types='/api/v1/types?from=2024-03-04'
drawn kept | sed -n '1~2p' | post poll | put_posts
check "without a note something may be said of what pleases" test "$(get "$types" | jq '[.types[] | select(.engagement // .pleases)] | length')" -gt 0
json POST /api/v1/notes '{"date":"2024-04-01","kind":"metric-definition","metric":"likes","platform":"x","text":"Likes count otherwise"}' >/dev/null
get "$types" >"$story_dir/a"
equal "across a note on likes nothing is said of them" '["cannot-tell"]' "$(jq -c '[.types[].pleases] | unique' "$story_dir/a")"
equal "with the note" true "$(jq 'any(.warnings[]; .code == "metric-definition")' "$story_dir/a")"
for d in 27 28 29; do json POST /api/v1/notes "{\"date\":\"2024-02-$d\",\"kind\":\"campaign\",\"text\":\"Thing $d\"}" >/dev/null; done
equal "each thing that changed near the start is told" 3 "$("$POSTLIFT" lift --source social --start 2024-03-01 | grep -c 'Thing 2[789]')"

# ---- a clock that is set back ----
at 2024-02-01T08:00:00Z
new Ahead coin-days ",\"posts\":\"type:ahead\",$days" >/dev/null
at 2024-03-05T08:00:00Z
equal "an experiment runs from its first day" running "$(state ahead)"
at 2024-02-02T08:00:00Z
equal "and still does when the clock is set back" running "$(state ahead)"
equal "it is not changed then" fixed "$(json PUT $X/ahead '{"margin":0.1}' | jq -r .code)"
equal "nor removed" fixed "$(json DELETE $X/ahead '' | jq -r .code)"
stop

# ---- a plan that was hardly kept; a control that never comes ----
rm -f "$db" "$db"-*
echo 2024-01-02T08:00:00Z >"$clock"
start --clock "$clock" || exit 99
send 2023-09-01 2024-01-01 >/dev/null
new Diluted coin-days ",\"posts\":\"type:dilute\",$days,\"seed\":3" >/dev/null
new Whole coin-days ",\"posts\":\"type:whole\",$days,\"seed\":3" >/dev/null
new Slow step ",\"posts\":\"type:slow\",$days" >/dev/null
new Alone step ",\"posts\":\"type:slow\",$days,\"control\":\"direct\"" >"$story_dir/a"
equal "a control without traffic is warned of at once" true "$(jq 'any(.warnings[]; .code == "unknown-control")' "$story_dir/a")"
# half of the days drawn have such a post, and half of the others; the site rises where it came
get $X/diluted | jq -r '.calendar[] | [.date, .post] | @tsv' | awk '{ if (n[$2]++ % 2) print $1 }' | while read -r d; do epoch "$d"; done >"$story_dir/some"
at 2024-05-03T08:00:00Z
post dilute <"$story_dir/some" | put_posts
drawn whole | post whole | put_posts
seq "$(epoch 2024-03-20)" "$(epoch 2024-04-28)" | post slow | put_posts
send 2024-01-02 2024-05-02 "$story_dir/some" 1.25 >/dev/null
for name in diluted whole slow; do
    found $name 1 >/dev/null
    get "$X/$name/findings/1" >"$story_dir/$name"
done
equal "where the plan was kept no difference is flat" '["flat",56]' "$(jq -c '[.verdict, .plan_kept.days_kept]' "$story_dir/whole")"
equal "days drawn for no posts are none that was missed" '0 true' \
    "$(get '/api/v1/cadence?type=whole' | jq -c '.groups[0].missed_days') $(get '/api/v1/cadence?type=dilute' | jq '.groups[0].missed_days > 0')"
equal "by the same days it is not where it was hardly kept" '["cannot-tell","up",true]' "$(jq -c '[.verdict, .as_done.verdict, any(.as_planned.warnings[]; .code == "plan-not-kept")]' "$story_dir/diluted")"
contains "and the sentence says so" "the plan was kept too little to call what the posts do flat" "$(jq -r .sentence "$story_dir/diluted")"
contains "a step that began late says on how many days it was kept" "the plan kept on 40 of 56 days" "$(jq -r .sentence "$story_dir/slow")"
printf '{"date":"2024-01-05","source":"facebook","region":"north","sessions":9,"users":5}\n{"date":"2024-01-05","source":"linkedin","region":"north","sessions":9,"users":5}\n' |
    curl -s -o /dev/null -X POST -H 'Content-Type: application/x-ndjson' --data-binary @- "$url/api/v1/traffic"
equal "users of two platforms are no metric of an experiment either" not-additive "$(new Users step ",\"posts\":\"type:slow\",\"metric\":\"users\",\"region\":\"north\",$days" | jq -r .code)"
at 2024-06-05T08:00:00Z
send 2024-05-03 2024-06-04 >/dev/null
found slow 2 >/dev/null
contains "a follow-up says on how many of the days since such posts came" "and such posts on 0 of the 36 days after it" "$(get $X/slow/findings/2 | jq -r .sentence)"
equal "and warns that most of its days are days without" true "$(get $X/slow/findings/2 | jq 'any(.as_planned.warnings[]; .code == "posts-ended")')"
contains "a finding that waits for its control says so" 'waits for traffic of its control, "direct"' "$(get /api/v1/due | jq -r '.due[] | select(.experiment == "alone") | .sentence' | head -1)"
equal "and can be given up" '["closed","given-up"]' "$(json POST $X/alone/stop '{"reason":"We do not count it"}' | jq -c '[.state, .log[0].what]')"
# ---- an import that is taken out after something was found here ----
"$POSTLIFT" export >"$story_dir/all.ndjson"
stop
grep -v '"record":"finding"\|"record":"experiment-event"' "$story_dir/all.ndjson" | sed 's/\\"state\\":\\"[a-z-]*\\"/\\"state\\":\\"finished\\"/' >"$story_dir/unfound.ndjson"
rm -f "$db" "$db"-*
start --clock "$clock" || exit 99
"$POSTLIFT" import "$story_dir/unfound.ndjson" >/dev/null 2>&1
equal "what a file brought is found here" 2 "$(found whole 2)"
"$POSTLIFT" import --undo 1 >/dev/null
until_prints undone eval 'get /api/v1/imports/1 | jq -r .state'
equal "and stays when the file is taken out again" '["undone",2]' "[\"$(get /api/v1/imports/1 | jq -r .state)\",$(get $X/whole | jq '.findings | length')]"
stop
equal "it stops with 0" 0 "$daemon_code"
end_of_story
