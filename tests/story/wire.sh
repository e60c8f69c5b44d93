#!/bin/sh
# Malformed requests over raw sockets; the daemon lives on at the same memory.
. "$SRCDIR/tests/story/lib.sh"
story_begin
start || exit 99
port=${url##*:}
"$BUILDDIR/tests/wire/wire" "$port" >"$story_dir/first"
before=$(get /metrics | sed -n 's/^postlift_resident_bytes //p')
for round in 1 2 3; do
    "$BUILDDIR/tests/wire/wire" "$port" >"$story_dir/again"
done
after=$(get /metrics | sed -n 's/^postlift_resident_bytes //p')
adopt "$story_dir/first"
check "the daemon answers after all of it" get /readyz
check "its memory has not grown by more than 8 MiB" test "$after" -lt $((before + 8388608))
refused=$(get /metrics | sed -n 's/^postlift_http_guard_refused_total //p')
check "what the guard refused is counted" test "$refused" -gt 40
stop
equal "it stops with 0" 0 "$daemon_code"
end_of_story
