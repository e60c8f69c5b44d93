#!/bin/sh
# Clients that drip bytes are ended by a deadline, and hurt nobody meanwhile.
. "$SRCDIR/tests/story/lib.sh"
story_begin
start || exit 99
"$BUILDDIR/tests/wire/wire" "${url##*:}" slow >"$story_dir/slow" &
slow=$!
sleep 2
equal "another client is answered meanwhile" 200 "$(status_of "$url/healthz")"
wait $slow
adopt "$story_dir/slow"
cut=$(get /metrics | sed -n 's/^postlift_http_deadline_cut_total //p')
check "they are counted" test "$cut" -ge 1
equal "nothing of them was stored" '"posts":[]' "$(get /api/v1/posts | grep -o '"posts":\[\]')"
stop
equal "it stops with 0" 0 "$daemon_code"
end_of_story
