#!/bin/sh
# Runs a command beside a daemon with a new database: with_daemon.sh POSTLIFTD COMMAND...
# "@URL@" among the command's words becomes the daemon's address.
set -eu
daemon=$1
shift
dir=$(mktemp -d)
"$daemon" --listen 127.0.0.1:0 --db "$dir/db" --address-file "$dir/address" 2>"$dir/log" &
pid=$!
trap 'kill -TERM $pid 2>/dev/null || true; wait $pid || true; rm -rf "$dir"' EXIT
tries=0
while [ ! -s "$dir/address" ]; do
    tries=$((tries + 1))
    if [ $tries -gt 200 ] || ! kill -0 $pid 2>/dev/null; then
        cat "$dir/log" >&2
        exit 99
    fi
    sleep 0.05
done
n=$#
while [ "$n" -gt 0 ]; do
    word=$1
    shift
    [ "$word" != @URL@ ] || word=$(cat "$dir/address")
    set -- "$@" "$word"
    n=$((n - 1))
done
code=0
"$@" || code=$?
kill -0 $pid 2>/dev/null || { echo "the daemon has ended" >&2; cat "$dir/log" >&2; code=1; }
exit $code
