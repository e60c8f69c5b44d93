#!/bin/sh
# The sample study, asked over HTTP: the published figures come out.
. "$SRCDIR/tests/story/lib.sh"
story_begin
study=$SRCDIR/tests/data/meme-study
mkdir "$story_dir/made"
check "the study can be made again" "$BUILDDIR/tests/data/meme-study/generate" "$story_dir/made"
check "byte by byte: its posts" cmp "$story_dir/made/posts.csv" "$study/posts.csv"
check "byte by byte: its traffic" cmp "$story_dir/made/traffic.csv" "$study/traffic.csv"
start || exit 99
check "it is imported without a complaint" "$POSTLIFT" import "$study/posts.csv" "$study/traffic.csv"

rounded() {
    jq -r "$1 * 100 | round"
}
lift='/api/v1/lift?source=social&start=2022-11-28&end=2022-12-27'
equal "sessions from social rose by 12 per cent" 12 "$(get "$lift&metric=sessions" | rounded .change)"
equal "users from social rose by 16 per cent" 16 "$(get "$lift&metric=users" | rounded .change)"
equal "memes on Facebook collected about 135 likes each" 135 "$(get '/api/v1/compare?metric=likes&platform=facebook&a.type=meme' | jq '.a.mean | round')"
types=$(get '/api/v1/types')
check "polls collect well more likes than links" sh -c "echo '$types' | jq -e '
    (.types | map({(.type): .metrics.likes.mean}) | add) as \$l | \$l.poll > 1.5 * \$l.link'"
check "and days with polls bring no more sessions" sh -c "echo '$types' | jq -e '.types[] | select(.type == \"poll\") | .traffic.change <= 0'"
equal "general memes do better than trending ones" true "$(get '/api/v1/compare?metric=likes&a.tag=general&b.tag=trending' | jq '.change > 0.1')"
check "some days of memes were missed" test "$(get '/api/v1/types?platform=facebook&from=2022-11-28' | jq '.types[] | select(.type == "meme") | .posts')" -lt 30

# The exact arithmetic, counted by another program
awk -F, '$2 == "social" { if ($1 >= "2022-11-28") { a += $3; n++ } else { b += $3; m++ } }
    END { printf "%.6f\n", (a / n) / (b / m) - 1 }' "$study/traffic.csv" >"$story_dir/awk"
get "$lift" | jq '.change' >"$story_dir/ours"
check "the change is what another program counts" awk 'NR == FNR { want = $1; next } { exit !(($1 - want < 1e-6) && (want - $1 < 1e-6)) }' "$story_dir/awk" "$story_dir/ours"

answer=$(get "$lift")
for field in lift interval level p verdict sentence; do
    equal "a lift has \"$field\"" true "$(echo "$answer" | jq "has(\"$field\")")"
    equal "a comparison has it" true "$(get '/api/v1/compare?metric=likes&a.type=meme' | jq "has(\"$field\")")"
done
equal "whether the memes did it cannot be told from one month" cannot-tell "$(echo "$answer" | jq -r .verdict)"
contains "the sentence says what happened" "Sessions from social were 12 % higher in the 30 days from 28 November 2022 than in the 90 days before" "$(echo "$answer" | jq -r .sentence)"
contains "and that it cannot be told from ebb and flow" "cannot be told" "$(echo "$answer" | jq -r .sentence)"
equal "it is one sentence" 1 "$(echo "$answer" | jq -r .sentence | grep -o '\. \|\.$' | wc -l | tr -d ' ')"
check "the interval holds the lift" sh -c "echo '$(echo "$answer" | jq -c '[.interval[0], .lift, .interval[1]]')' | jq -e '.[0] < .[1] and .[1] < .[2]'"
equal "a control is weighed" true "$(get "$lift&control=direct,organic" | jq '.control_weight > 0.5')"
equal "and spoken of" true "$(get "$lift&control=direct" | jq '[.warnings[].code] | index("control-maybe-affected") != null')"
equal "weeks of at least three days are shown one by one" 4 "$(echo "$answer" | jq '.weekly | length')"
equal "days to see 5 per cent: not with this design" null "$(echo "$answer" | jq '.plan.days_needed[0].days')"
equal "days of a run-in are left out" 23 "$(get "$lift&run_in=7d" | jq '.after.days_used')"
equal "polls please" yes "$(echo "$types" | jq -r '.types[] | select(.type == "poll") | .pleases')"
equal "and are not seen to move anything" true "$(echo "$types" | jq '.types[] | select(.type == "poll") | .moves != "yes"')"
equal "memes please as well" yes "$(echo "$types" | jq -r '.types[] | select(.type == "meme") | .pleases')"
equal "whether they move cannot be told" cannot-tell "$(echo "$types" | jq -r '.types[] | select(.type == "meme") | .moves')"
equal "days with polls are set against days without" 63 "$(get '/api/v1/lift?source=social&exposure=type:poll' | jq '.with.days')"
equal "the posts' own links are counted" true "$(get "$lift&type=meme" | jq '.accounting.tracked > 0 and .accounting.explained < 1')"
equal "days after have what was expected of them" 30 "$(get "$lift&series=1" | jq '[.series[] | select(.expected)] | length')"
equal "and a band about it" true "$(get "$lift&series=1" | jq '[.series[] | select(.expected) | .expected_low < .expected and .expected < .expected_high] | all')"
equal "posts are compared at seven days of age" 168 "$(get '/api/v1/compare?metric=likes&a.type=meme' | jq '.question.age_hours')"
equal "or at the age asked for" 72 "$(get '/api/v1/compare?metric=likes&a.type=meme&age=3d' | jq '.question.age_hours')"
equal "missed days of memes on Facebook are found" 3 "$(get '/api/v1/cadence?type=meme&platform=facebook' | jq .missed_days)"
equal "and named" '["2022-11-29","2022-12-02","2022-12-06"]' "$(get '/api/v1/cadence?type=meme&platform=facebook' | jq -c .missed)"
equal "each platform and type has its hours" 79 "$(get '/api/v1/cadence' | jq '[.groups[] | select(.type == "meme") | .weekday_hour[][]] | add')"
equal "hours are those of all posts" 487 "$(get '/api/v1/cadence' | jq '[.weekday_hour[][]] | add')"
equal "hits and duds are looked for in each platform and type" 9 "$(get '/api/v1/posts/outliers?metric=likes' | jq '.groups | length')"
equal "the method is told" 1.2 "$(get /api/v1/method | jq .lift.lambda)"
equal "the question has its defaults written out" '["sessions","social","2022-08-30","2022-11-27",0.95,"UTC"]' "$(echo "$answer" | jq -c '[.question | .metric, .source, .baseline_from, .baseline_to, .level, .timezone]')"
equal "users have no total" null "$(get "$lift&metric=users" | jq '.after.total')"
contains "and are labelled as a daily mean" 'people are not added up' "$(get "$lift&metric=users" | jq -r .unit)"
equal "the end defaults to the last complete day" 2022-12-27 "$(get '/api/v1/lift?source=social&start=2022-11-28' | jq -r .question.end)"
equal "a series has every day" 120 "$(get "$lift&series=1" | jq '.series | length')"
equal "a control has its own change" true "$(get "$lift&control=direct,organic" | jq '.control.change | . > -0.2 and . < 0.2')"
contains "platforms' users are not added up" 'cannot be added up' "$(get '/api/v1/lift?source=all&metric=users&start=2022-11-28' >/dev/null; post /api/v1/sources application/json '{"name":"social","source":"social-total"}' >/dev/null; get "$lift&metric=users")"
equal "but their sessions are" sum-of-platforms "$(get "$lift&metric=sessions" | jq -r .question.source_kind)"
post /api/v1/sources application/json '{"name":"social","source":"social"}' >/dev/null
first=$(get "$lift&series=1" | sed 's/"revision":[0-9]*//')
stop
start || exit 99
equal "the same data and question give the same bytes after a restart" "$first" "$(get "$lift&series=1" | sed 's/"revision":[0-9]*//')"
contains "no day missing is said when none is" '"days_missing":0' "$answer"
contains "an age that is none is refused" 'bad-value' "$(get '/api/v1/compare?metric=likes&a.type=meme&age=soon')"
contains "a missing group is asked for" 'a.type' "$(get '/api/v1/compare?metric=likes')"
contains "CSV of a lift" 'baseline,2022-08-30,2022-11-27,90,90,0,0' "$(get "$lift&format=csv")"
contains "CSV of a comparison" 'group,posts' "$(get '/api/v1/compare?metric=likes&a.type=meme&format=csv')"
contains "CSV of types" 'type,posts,pleases,moves,check,engagement.posts_used' "$(get '/api/v1/types?format=csv')"
stop
equal "it stops with 0" 0 "$daemon_code"
end_of_story
