#!/bin/sh
# The command line: words for people, JSON for programs, exit codes for cron.
. "$SRCDIR/tests/story/lib.sh"
story_begin
study=$SRCDIR/tests/data/meme-study
POSTLIFT_URL=http://127.0.0.1:9
export POSTLIFT_URL
err=$("$POSTLIFT" lift --source social --start 2022-11-28 2>&1)
code=$?
equal "without a daemon the exit code is 69" 69 "$code"
contains "and the words say what to do" "Start it" "$err"
"$POSTLIFT" import "$study/posts.csv" 2>/dev/null
equal "so for an import" 69 $?
POSTLIFT_URL=nonsense "$POSTLIFT" posts >/dev/null 2>&1
equal "an address that is none is 64" 64 $?
start || exit 99
"$POSTLIFT" import "$study/posts.csv" "$study/traffic.csv" >"$story_dir/out" 2>&1
equal "several files come in at once" 0 $?
equal "in silence under cron" "" "$(cat "$story_dir/out")"
contains "a lift is told in words" "Sessions from social were 12 % higher" "$("$POSTLIFT" lift --source social --start 2022-11-28)"
contains "with its verdict" "cannot-tell" "$("$POSTLIFT" lift --source social --start 2022-11-28)"
contains "and what it would take to tell" "not with this design" "$("$POSTLIFT" lift --source social --start 2022-11-28)"
contains "an exposure as well" "days with:" "$("$POSTLIFT" lift --source social --exposure type:poll)"
contains "hits and duds are told in words" "stand" "$("$POSTLIFT" outliers --metric likes)"
contains "cadence is a table" "longest gap" "$("$POSTLIFT" cadence)"
equal "--json is the API's answer, byte by byte" "$(get '/api/v1/lift?source=social&start=2022-11-28')" "$("$POSTLIFT" lift --source social --start 2022-11-28 --json)"
equal "--name=value is as good" "$("$POSTLIFT" lift --source social --start 2022-11-28)" "$("$POSTLIFT" lift --source=social --start=2022-11-28)"
contains "compare says in words what the groups are" "27 meme posts on facebook" "$("$POSTLIFT" compare --metric likes --platform facebook --a.type meme)"
contains "compare tells both groups" "over 27 of 27 posts" "$("$POSTLIFT" compare --metric likes --platform facebook --a.type meme)"
contains "types are a table" "question" "$("$POSTLIFT" types)"
contains "posts are a table" "posted at" "$("$POSTLIFT" posts --limit 2)"
contains "that says how to go on" "--cursor" "$("$POSTLIFT" posts --limit 2)"
contains "traffic is a table" "counts as" "$("$POSTLIFT" traffic --limit 2)"
contains "CSV passes through" "platform,id,type" "$("$POSTLIFT" posts --format csv --limit 2)"
contains "accounts are shown" "examplegazette" "$("$POSTLIFT" account)"
contains "a region is set" "Changed" "$("$POSTLIFT" account x examplegazette eu)"
contains "sources are shown" "counts as" "$("$POSTLIFT" source)"
contains "imports are shown" "postlift-traffic" "$("$POSTLIFT" imports)"
err=$("$POSTLIFT" lift --source social 2>&1)
code=$?
equal "a question that lacks something is 65" 65 "$code"
contains "and says what" '"start" is missing' "$err"
"$POSTLIFT" lift --source 2>/dev/null
equal "an option without a value is 64" 64 $?
"$POSTLIFT" frobnicate 2>/dev/null
equal "a command that is none is 64" 64 $?
"$POSTLIFT" import "$story_dir/nowhere.csv" 2>/dev/null
equal "a file that is not there is 66" 66 $?
"$POSTLIFT" import "$story_dir" 2>/dev/null
equal "a folder is 66" 66 $?
"$POSTLIFT" import 2>/dev/null
equal "an import of nothing is 64" 64 $?
"$POSTLIFT" import --undo 77 2>/dev/null
equal "an undo of nothing is 65" 65 $?
"$POSTLIFT" posts >/dev/full 2>/dev/null
equal "an output that is full is 74" 74 $?
for word in import lift compare types outliers cadence posts traffic imports account source; do
    check "--help lists $word" sh -c "'$POSTLIFT' --help | grep -q '^  $word '"
    check "$word --help" "$POSTLIFT" "$word" --help
done
check "--version" "$POSTLIFT" --version
contains "a command's help lists its options" "--baseline_from" "$("$POSTLIFT" lift --help)"
equal "an option that is none is told once" 2 "$("$POSTLIFT" import --foo x 2>&1 | wc -l | tr -d ' ')"
if command -v script >/dev/null; then
    sed 's/facebook/instagram/' "$study/posts.csv" >"$story_dir/again.csv"
    script -qec "'$POSTLIFT' import '$story_dir/again.csv'" /dev/null >"$story_dir/terminal" 2>&1
    contains "on a terminal there is a bar" "[" "$(tr -d '\r' <"$story_dir/terminal")"
    contains "and words in the end" "read as postlift-posts" "$(cat "$story_dir/terminal")"
else
    note "there is no program to play a terminal"
fi
stop
equal "it stops with 0" 0 "$daemon_code"
end_of_story
