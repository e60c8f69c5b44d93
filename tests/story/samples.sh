#!/bin/sh
# The sample experiments: loaded by name only, beside the first study and without touching its figures.
. "$SRCDIR/tests/story/lib.sh"
story_begin
start || exit 99
"$POSTLIFT" import "$SRCDIR/tests/data/meme-study/posts.csv" "$SRCDIR/tests/data/meme-study/traffic.csv" >/dev/null
first() {
    for q in 'lift?source=social&start=2022-11-28&end=2022-12-27' 'lift?source=social&metric=users&start=2022-11-28' 'lift?source=social&start=2022-11-28' \
        'types?region=-' 'compare?metric=likes&a.type=meme&region=-' 'cadence?region=-'; do
        get "/api/v1/$q" | jq -cS 'del(.revision)'
    done
}
first >"$story_dir/before"
check "the published experiment" "$POSTLIFT" sample follow-up
check "and one of drawn days" "$POSTLIFT" sample coin-flip
first >"$story_dir/after"
check "leave the first study its figures" cmp "$story_dir/before" "$story_dir/after"
F=/api/v1/experiments/sample-follow-up
tries=0
while [ "$(get $F | jq '.findings | length')" -lt 2 ] && [ $tries -lt 50 ]; do sleep 0.2; tries=$((tries + 1)); done
equal "the month came out as published, and cannot be told from ebb and flow" '[0.12,0.16,"cannot-tell"]' \
    "$(get $F/findings/1 | jq -c '[(.as_planned.change * 100 | round / 100), (.secondary[0].change * 100 | round / 100), .verdict]')"
equal "it was stated beforehand, missed some days, and is looked at again with the months between" '[false,3,62]' \
    "[$(get $F | jq .after_the_fact),$(get $F/findings/1 | jq '.plan_kept.missed | length'),$(get $F/findings/2 | jq .since.more_days)]"
equal "drawn days find the lift of 12 % that was put in" '["up",true]' \
    "$(get /api/v1/experiments/sample-coin-flip/findings/1 | jq -c '[.verdict, (.as_planned.interval | .[0] > 0 and .[0] < .12 and .[1] > .12)]')"
contains "a finding of a sample names the file as its witness" "by its file stated beforehand" "$(get $F/findings/1 | jq -r .sentence)"
equal "what samples found is not due beside a study of one's own" 0 "$(get /api/v1/due | jq '[.due[] | select(.experiment | startswith("sample-")?)] | length')"
contains "a second time nothing is new" "which were there already" "$("$POSTLIFT" sample coin-flip)"
equal "a sample that is none" 64 "$("$POSTLIFT" sample pizza >/dev/null 2>&1; echo $?)"
equal "no row was rejected" '[0,0]' "$(get /api/v1/imports | jq -c '[.imports[] | select(.file | test("sample")) | select(.parent_id == null) | .rejected]')"
stop
rm -f "$db" "$db"-*
start || exit 99
"$POSTLIFT" sample coin-flip >/dev/null
equal "alone it is" '["sample-coin-flip"]' "$(get /api/v1/due | jq -c '[.due[].experiment // empty] | unique')"
stop
equal "it stops with 0" 0 "$daemon_code"
end_of_story
