#!/bin/sh
# Export files of every format, with their quirks and their accidents: what goes in is what they
# say, what cannot be taken is named row by row, and taking them out leaves nothing behind.
. "$SRCDIR/tests/story/lib.sh"
[ -d "$SRCDIR/tests/node_modules" ] || skip_story "the npm packages are not installed (script/test does that)"
story_begin
start || exit 99
node "$SRCDIR/tests/exports/check.mjs" "$url" "$SRCDIR/tests/exports/files" >"$story_dir/tap" 2>&1
equal "all files were sent" 0 $?
adopt "$story_dir/tap"
equal "nothing of them is left" '[0,0]' "$(get '/api/v1/posts?limit=1' | jq -c '[(.posts | length)]' | tr -d '[]' | sed 's/$/,/;s/^/[/')$(get '/api/v1/traffic?limit=1' | jq -c '.traffic | length')]"
# Real files, which are not part of this repository.
real="$SRCDIR/../shared/exports"
if [ -d "$real" ]; then
    node "$SRCDIR/tests/exports/count.mjs" "$url" "$real" >"$story_dir/tap" 2>&1
    equal "the real files were sent" 0 $?
    adopt "$story_dir/tap"
fi
stop
equal "it stops with 0" 0 "$daemon_code"
end_of_story
