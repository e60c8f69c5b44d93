#!/bin/sh
# Starting, refusing to start, and stopping.
. "$SRCDIR/tests/story/lib.sh"
story_begin
start || exit 99
contains "the start says where it listens" "listens on $url" "$(cat "$story_dir/log")"
contains "and which database it uses" "database $db" "$(cat "$story_dir/log")"

again=$("$POSTLIFTD" --listen 127.0.0.1:0 --db "$db" 2>&1)
code=$?
contains "a second daemon on one database is refused in words" "Another postliftd is running" "$again"
equal "with exit code 78" 78 "$code"
beyond=$("$POSTLIFTD" --listen 0.0.0.0:0 --db "$story_dir/other.db" 2>&1)
code=$?
contains "to listen beyond loopback is refused in words" "loopback" "$beyond"
equal "with exit code 78 too" 78 "$code"
contains "an unknown option is named" "--lisen" "$("$POSTLIFTD" --lisen x 2>&1)"

checked=$(POSTLIFT_DB=$story_dir/fresh.db "$POSTLIFTD" --check --listen 127.0.0.1:0 2>&1)
equal "--check succeeds where the settings can be used" 0 $?
contains "and says what would be used, and from where" "$story_dir/fresh.db" "$checked"
contains "from the environment" "(from the environment)" "$checked"
contains "from the option" "(from the option)" "$checked"
check "it makes nothing" test ! -e "$story_dir/fresh.db"
"$POSTLIFTD" --check --listen 192.0.2.1:80 --db "$story_dir/fresh.db" >/dev/null 2>&1
equal "--check fails with 78 where they cannot" 78 $?
"$POSTLIFTD" --check --timezone No/Where --db "$story_dir/fresh.db" >/dev/null 2>&1
equal "as with a time zone that is none" 78 $?
"$POSTLIFTD" --check --listen 127.0.0.1:0 --db "$story_dir" >/dev/null 2>&1
equal "as with a folder for a database" 78 $?
echo nonsense >"$story_dir/text.db"
"$POSTLIFTD" --check --listen 127.0.0.1:0 --db "$story_dir/text.db" >/dev/null 2>&1
equal "as with a file that is none" 78 $?
"$POSTLIFTD" --check --listen 127.0.0.1:0 --db "$db" --timezone Europe/Berlin >/dev/null 2>&1
equal "as with another zone than the database's" 78 $?
check "but the database that is there can be used" "$POSTLIFTD" --check --listen 127.0.0.1:0 --db "$db"
contains "--help names every setting's variable" POSTLIFT_TIMEZONE "$("$POSTLIFTD" --help)"
check "--version tells it" "$POSTLIFTD" --version

# Accepted work is finished: a body that is still on its way, and many small ones
awk 'BEGIN { for (i = 0; i < 3000; i++) printf "{\"platform\":\"linkedin\",\"id\":\"%d\",\"type\":\"link\",\"posted_at\":\"2022-11-28\"}\n", i }' >"$story_dir/slow.ndjson"
curl -s --max-time 20 --limit-rate 150k -o /dev/null -w '%{http_code}' -X POST -H 'Content-Type: application/x-ndjson' --data-binary @"$story_dir/slow.ndjson" "$url/api/v1/posts" >"$story_dir/slow.code" &
slow=$!
sleep 0.4
stop
equal "SIGTERM in the middle of a body ends with 0" 0 "$daemon_code"
wait $slow
equal "the body was taken in and answered" 200 "$(cat "$story_dir/slow.code")"
equal "and is stored" 3000 "$(sqlite3 "$db" 'SELECT count(*) FROM posts')"
start || exit 99
i=0
while [ $i -lt 40 ]; do
    curl -s --max-time 10 -o /dev/null -w '%{http_code}\n' -X POST -H 'Content-Type: application/json' \
        -d "{\"platform\":\"x\",\"id\":\"$i\",\"type\":\"meme\",\"posted_at\":\"2022-11-28\"}" \
        "$url/api/v1/posts" >>"$story_dir/codes" 2>/dev/null &
    i=$((i + 1))
done
sleep 0.2
stop
wait
equal "SIGTERM ends with 0" 0 "$daemon_code"
answered=$(grep -c '^200$' "$story_dir/codes")
equal "what was answered is there, and nothing else" "$answered" "$(sqlite3 "$db" "SELECT count(*) FROM posts WHERE platform = 'x'")"
check "some of it was" test "$answered" -gt 0
check "no write-ahead log is left to be read" test ! -s "$db-wal"

sqlite3 "$db" 'PRAGMA user_version = 99'
newer=$("$POSTLIFTD" --listen 127.0.0.1:0 --db "$db" 2>&1)
contains "a newer database is refused in words" "newer postlift" "$newer"
sqlite3 "$story_dir/foreign.db" 'CREATE TABLE t (x)'
contains "a foreign one too" "not made by postlift" "$("$POSTLIFTD" --listen 127.0.0.1:0 --db "$story_dir/foreign.db" 2>&1)"
echo nonsense >"$story_dir/text.db"
contains "and a file that is none" "no database" "$("$POSTLIFTD" --listen 127.0.0.1:0 --db "$story_dir/text.db" 2>&1)"
contains "a folder that is not there is named" "$story_dir/none/p.db" "$("$POSTLIFTD" --listen 127.0.0.1:0 --db "$story_dir/none/p.db" 2>&1)"

# A UNIX socket, and a zone
db=$story_dir/berlin.db
listen=unix:$story_dir/socket
start --timezone Europe/Berlin || exit 99
equal "it answers on a UNIX socket" "Europe/Berlin" "$(curl -s --unix-socket "$story_dir/socket" http://localhost/readyz | jq -r .timezone)"
check "the command line finds it there" "$POSTLIFT" posts
stop
check "the socket is gone afterwards" test ! -e "$story_dir/socket"
contains "another zone is refused" "days of Europe/Berlin" "$("$POSTLIFTD" --listen 127.0.0.1:0 --db "$db" --timezone UTC 2>&1)"
start || exit 99
kill -HUP $daemon_pid
code=0
wait $daemon_pid || code=$?
daemon_pid=
equal "without tokens to read again a hang-up ends it as a stop does" 0 $code
end_of_story
