#!/bin/sh
# What goes in comes out: all export files of ours in one database, sent out in both forms, each
# taken into an empty database, and every question answered as before.
. "$SRCDIR/tests/story/lib.sh"
story_begin
answers() {
    for q in types 'types?by=account' 'types?by=campaign' cadence 'posts?limit=1000' 'traffic?limit=1000' posts/outliers \
        'lift?source=social&start=2024-03-01' 'compare?metric=likes&a.platform=facebook' accounts sources type-rules post-types; do
        echo "$q"
        get "/api/v1/$q" | sed 's/"revision":[0-9]*//'
        echo
    done
}
start || exit 99
taken=0
for file in "$SRCDIR"/tests/exports/files/*; do
    case $file in *.expect | *.json) continue ;; esac
    "$POSTLIFT" import "$file" >/dev/null 2>&1
    taken=$((taken + 1))
done
"$POSTLIFT" type rule --platform facebook --words the --type said --tags "a b" >/dev/null
"$POSTLIFT" note add --date 2024-03-01 --kind holiday "A day" >/dev/null
"$POSTLIFT" export >"$story_dir/out.ndjson"
"$POSTLIFT" export --format csv >"$story_dir/out.csv"
answers >"$story_dir/answers"
stop
note "$taken files, $(grep -c '"record":"post"' "$story_dir/out.ndjson") records of posts, $(grep -c '"record":"traffic"' "$story_dir/out.ndjson") of traffic"
check "there is something to go out" test "$(wc -l <"$story_dir/out.ndjson")" -gt 250
for form in ndjson csv; do
    rm -rf "$db" "$db"-* "$db".*
    start || exit 99
    check "what went out as $form comes in whole" "$POSTLIFT" import "$story_dir/out.$form"
    "$POSTLIFT" export >"$story_dir/again.ndjson"
    check "it goes out the same" same_export "$story_dir/out.ndjson" "$story_dir/again.ndjson"
    answers >"$story_dir/answers.again"
    check "and every question is answered as before" diff "$story_dir/answers" "$story_dir/answers.again"
    stop
done
end_of_story
