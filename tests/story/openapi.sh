#!/bin/sh
# The description of the API is valid, and real answers are as it says.
. "$SRCDIR/tests/story/lib.sh"
# Modules are looked for beside the script, so it runs where they are installed.
[ -d "$SRCDIR/tests/node_modules" ] || skip_story "the npm packages are not installed (script/test does that)"
story_begin
start --read-log "$story_dir/reads" || exit 99
check "the sample study comes in" "$POSTLIFT" import "$SRCDIR/tests/data/meme-study/posts.csv" "$SRCDIR/tests/data/meme-study/traffic.csv"
node "$SRCDIR/tests/openapi/validate.mjs" "$url" >"$story_dir/tap" 2>&1
equal "the validation ran to its end" 0 $?
adopt "$story_dir/tap"
stop
equal "it stops with 0" 0 "$daemon_code"
end_of_story
