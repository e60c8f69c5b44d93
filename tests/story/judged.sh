#!/bin/sh
# Questions on data that cannot answer them: words, never a figure that is none.
. "$SRCDIR/tests/story/lib.sh"
story_begin
start || exit 99

# Days of traffic: source, first day (days since 1970), how many, an expression of the number i.
days() {
    awk -v source="$1" -v first="$2" -v n="$3" 'BEGIN {
        seed = 7
        for (i = 0; i < n; i++) {
            seed = (seed * 1103515245 + 12345) % 2147483648; r = int(seed / 65536) % 100
            v = '"$4"'
            if (v != "none") printf "%s,%s,%d\n", strftime("%Y-%m-%d", (first + i) * 86400, 1), source, v
        }
    }'
}
{
    echo date,source,sessions
    days steady 19723 300 '100 + r'
    days tardy 19723 300 '(i < 207 ? 1000 : 1400) + r'
    days zeros 19723 300 0
    days alike 19723 300 25
    days step 19723 300 'i < 200 ? 10 : 20'
    days hit 19723 300 'i == 210 ? 9007199254740991 : 50 + r'
    days office 19723 300 '(i % 7 > 4) ? "none" : 80 + r'
    days gappy 19723 300 '(i % 5 < 2 || i % 11 == 0) ? "none" : 80 + r'
    days double 19723 300 '2 * (100 + r)'
    days late 19875 100 '100 + r'
    days few 19723 300 'r > 60'
} >"$story_dir/traffic.csv"
check "the days come in" "$POSTLIFT" import "$story_dir/traffic.csv"
L='/api/v1/lift?start=2024-07-19&end=2024-08-17&series=1'
answers=$story_dir/answers
: >"$answers"
verdict() { # what, verdict wanted, warning wanted, query
    answer=$(get "$L&$4")
    printf '%s\n' "$answer" >>"$answers"
    equal "$1: $2" "$2" "$(echo "$answer" | jq -r .verdict)"
    [ -z "$3" ] || equal "$1 warns of $3" true "$(echo "$answer" | jq "[.warnings[].code] | index(\"$3\") != null")"
    if [ "$2" = insufficient-data ]; then
        equal "and gives no figure" false "$(echo "$answer" | jq 'has("lift") or has("interval") or has("p")')"
        contains "but says so" "nothing is concluded" "$(echo "$answer" | jq -r .sentence)"
    fi
}
verdict "a steady series" flat "" "source=steady"
verdict "only zeros" insufficient-data insufficient-data "source=zeros"
verdict "days that are all alike" insufficient-data insufficient-data "source=alike"
verdict "a step without any noise" insufficient-data insufficient-data "source=step"
verdict "one enormous day" cannot-tell spikes "source=hit"
verdict "a week of five days" cannot-tell weekday-dropped "source=office"
verdict "too many missing days" insufficient-data insufficient-data "source=gappy"
verdict "few visits a day" cannot-tell low-counts "source=few"
verdict "a constant control" flat control-constant "source=steady&control=alike"
verdict "a control that is twice the series" insufficient-data insufficient-data "source=steady&control=double"
verdict "a control with gaps" flat control-dropped "source=steady&control=gappy"
verdict "no year before" flat control-dropped "source=steady&control=last-year"
verdict "a series that begins in the days before" cannot-tell missing-days "source=late&baseline=60d"
verdict "a baseline of a fortnight" insufficient-data insufficient-data "source=steady&baseline=14d"
verdict "a run-in of all days" insufficient-data insufficient-data "source=steady&run_in=28d"
verdict "ranges that do not touch" cannot-tell "" "source=steady&baseline_from=2024-02-01&baseline_to=2024-04-30"
verdict "ranges in reverse" cannot-tell "" "source=steady&baseline_from=2024-08-18&baseline_to=2024-10-20"
contains "five days are too few" insufficient-data "$(get '/api/v1/lift?source=steady&start=2024-07-19&end=2024-07-23')"
contains "ranges that share days are refused" overlapping-ranges "$(get "$L&source=steady&baseline_from=2024-06-01&baseline_to=2024-07-25")"
contains "a start after all data is refused" no-data "$(get '/api/v1/lift?source=steady&start=2031-01-01')"
contains "an end after all data is told" insufficient-data "$(get '/api/v1/lift?source=steady&start=2024-10-01&end=2026-01-01')"
contains "more than 90 days after are capped" window-capped "$(get '/api/v1/lift?source=steady&start=2024-04-01')"
contains "its own control is refused" control-is-source "$(get "$L&source=steady&control=steady")"
contains "an exposure to nothing is refused" no-data "$(get '/api/v1/lift?source=steady&exposure=type:meme')"
contains "an exposure that is none is refused" bad-value "$(get "$L&source=steady&exposure=meme")"
contains "so is one that is a date" bad-value "$(get "$L&source=steady&exposure=from:2024-01-01")"

# Posts: groups of few, all alike, all too young
posts() { # type, how many, likes, hours of age at the reading, first id
    i=0
    while [ $i -lt "$2" ]; do
        echo "x,$5$i,$1,2024-03-$(printf %02d $((i % 27 + 1)))T10:00:00Z,2024-03-$(printf %02d $((i % 27 + 1 + $4 / 24)))T10:00:00Z,$(($3))"
        i=$((i + 1))
    done
}
{
    echo platform,id,type,posted_at,observed_at,likes
    posts link 20 '10 + i' 72 a
    posts one 1 5 72 b
    posts two 2 5 72 c
    posts three 3 '500 + i' 72 d
    posts alike 9 7 72 e
    posts same 9 7 72 f
    posts young 20 '10 + i' 24 g
    posts fresh 20 '20 + i' 24 h
} >"$story_dir/posts.csv"
check "the posts come in" "$POSTLIFT" import "$story_dir/posts.csv"
compared() { # what, verdict, warning, query
    answer=$(get "/api/v1/compare?metric=likes&$4")
    printf '%s\n' "$answer" >>"$answers"
    equal "$1: $2" "$2" "$(echo "$answer" | jq -r .verdict)"
    [ -z "$3" ] || equal "$1 warns of $3" true "$(echo "$answer" | jq "[.warnings[].code] | index(\"$3\") != null")"
    equal "posts add up" true "$(echo "$answer" | jq '[.a, .b | .posts == .posts_used + .posts_without + .too_young + .first_read_late + .posts_dropped] | all')"
    [ "$2" != insufficient-data ] || equal "and no figure is given" false "$(echo "$answer" | jq 'has("lift") or has("interval") or has("p")')"
}
compared "a group of none" insufficient-data no-data "a.type=none&age=3d"
compared "a group of one" insufficient-data insufficient-data "a.type=one&b.type=link&age=3d"
compared "a group of two" insufficient-data insufficient-data "a.type=two&b.type=link&age=3d"
compared "a group of three" up small-group "a.type=three&b.type=link&age=3d"
compared "posts that are all alike" insufficient-data constant "a.type=alike&b.type=same&age=3d"
compared "posts that are all too young" insufficient-data too-young "a.type=young&b.type=fresh&age=7d"
equal "age is chosen that both have" 24 "$(get '/api/v1/compare?metric=likes&a.type=young&b.type=fresh' | jq .question.age_hours)"
get '/api/v1/types' >>"$answers"
get '/api/v1/types?by=platform' >>"$answers"
get '/api/v1/posts/outliers?metric=likes' >>"$answers"
get '/api/v1/cadence' >>"$answers"
equal "nowhere is a figure that is none" "" "$(grep -oiE '[:, \[]-?(nan|inf)' "$answers" | head -3)"
equal "every sentence is one sentence" "" "$(jq -r '[.. | .sentence? // empty] | .[]' "$answers" | grep -E '[.] [A-Z]|[^.]$' | head -3)"
equal "no sentence says that there is no effect" "" "$(jq -r '[.. | .sentence? // empty] | .[]' "$answers" | grep -iE 'no effect|has no influence' | head -3)"

# The same question from many at once is the same answer
i=0
while [ $i -lt 24 ]; do
    get "$L&source=steady&level=0.9$((i % 6 + 1))" >"$story_dir/many.$i" &
    eval "p$i=$!"
    i=$((i + 1))
done
i=0
while [ $i -lt 24 ]; do
    eval "wait \$p$i"
    i=$((i + 1))
done
different=
i=6
while [ $i -lt 24 ]; do
    cmp -s "$story_dir/many.$i" "$story_dir/many.$((i % 6))" || different="$different $i"
    i=$((i + 1))
done
equal "asked by many at once, each answer is the same" "" "$different"
late="/api/v1/lift?source=tardy&start=$(date -u -d "1970-01-01 + $((19723 + 200)) days" +%F)&end=$(date -u -d "1970-01-01 + $((19723 + 229)) days" +%F)"
equal "an effect that came a week late is no step, and nothing flat" '["cannot-tell",true]' "$(get "$late" | jq -c '[.verdict, any(.warnings[]; .code == "weeks-beyond-margin")]')"
contains "which its sentence says" "while single weeks lie beyond what would be flat" "$(get "$late" | jq -r .sentence)"
stop
equal "it stops with 0" 0 "$daemon_code"
end_of_story
