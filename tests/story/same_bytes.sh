#!/bin/sh
# The same data and the same questions give the same bytes from a build by another
# compiler: OTHER_POSTLIFTD names its daemon.
. "$SRCDIR/tests/story/lib.sh"
[ -n "${OTHER_POSTLIFTD:-}" ] || skip_story "OTHER_POSTLIFTD names no other build"
story_begin
study=$SRCDIR/tests/data/meme-study
ask() { # into a file, all questions
    for q in 'lift?source=social&start=2022-11-28&series=1' \
        'lift?source=social&start=2022-11-28&metric=users' \
        'lift?source=social&start=2022-11-28&control=direct,organic&series=1&run_in=7d&type=meme' \
        'lift?source=facebook&start=2022-11-10&end=2022-11-30&level=0.9' \
        'lift?source=social&exposure=type:poll&series=1' \
        'compare?metric=likes&a.type=meme' 'compare?metric=engagement&a.type=poll&b.type=question' \
        'compare?metric=sessions&a.tag=general&b.tag=trending&age=3d' \
        'compare?metric=clicks_per_1000_reach&a.type=meme' \
        types 'types?by=tag' 'types?by=platform&metric=conversions' 'types?format=csv' \
        'posts/outliers?metric=likes' 'posts/outliers?metric=reach&age=24h' cadence 'cadence?type=meme' method; do
        get "/api/v1/$q"
        echo
    done >"$1"
}
start || exit 99
check "the sample study comes in" "$POSTLIFT" import "$study/posts.csv" "$study/traffic.csv"
ask "$story_dir/ours"
stop
POSTLIFTD=$OTHER_POSTLIFTD
start || exit 99
ask "$story_dir/theirs"
check "the answers are there" sh -c "test \$(grep -c sentence '$story_dir/ours') -ge 15"
check "both builds give the same bytes" cmp "$story_dir/ours" "$story_dir/theirs"
stop
equal "it stops with 0" 0 "$daemon_code"
end_of_story
