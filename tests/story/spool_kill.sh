#!/bin/sh
# A folder emptied by cron while runs and the daemon are killed at any moment: each file is taken
# once, none is lost, and each lies in done/ with its report in the end. An export that is killed
# leaves nothing behind in the daemon.
. "$SRCDIR/tests/story/lib.sh"
story_begin
start || exit 99
spool=$story_dir/spool
mkdir "$spool"
files=15
for i in $(seq $files); do
    awk -v f="$i" 'BEGIN { print "platform,id,type,posted_at,likes"
        for (i = 0; i < 300; i++) printf "x,%d-%d,meme,2022-11-28T10:00:00Z,%d\n", f, i, i }' >"$spool/f$i.csv"
done
touch -d '1 minute ago' "$spool"/*.csv
kills=0
met=0
while [ $kills -lt 24 ]; do
    "$POSTLIFT" import --spool "$spool" >/dev/null 2>&1 &
    run=$!
    sleep "0.0$((kills * 7 % 10))$((kills % 7))"
    if [ $((kills % 4)) -eq 3 ]; then
        stop_hard
        start || exit 99
    fi
    ls "$spool" | grep -q '\.csv$' && met=$((met + 1))
    kill -KILL $run 2>/dev/null
    wait $run 2>/dev/null
    kills=$((kills + 1))
done
check "some of $kills kills met the folder half emptied" test $met -ge 3
check "the last run, left alone, ends well" "$POSTLIFT" import --spool "$spool"
imports_end
equal "every file lies in done/" $files "$(ls "$spool/done" | grep -c '^f[0-9]*\.csv$')"
equal "each with its report" $files "$(ls "$spool/done" | grep -c '^f[0-9]*\.csv\.report\.txt$')"
equal "and nothing else" "done $((files * 2)) 0" "$(cd "$spool" && ls -d done) $(ls "$spool/done" | wc -l | tr -d " ") $(ls "$spool" | grep -c "csv$")"
equal "each was taken once" "$files" "$(get '/api/v1/imports?limit=100' | jq '[.imports[] | select(.state == "done") | .file] | unique | length')"
equal "and none twice" "$files" "$(get '/api/v1/imports?limit=100' | jq '.imports | length')"
n=0
while [ $n -lt 8 ]; do
    "$POSTLIFT" export >"$story_dir/part" 2>/dev/null &
    run=$!
    sleep "0.00$n"
    kill -KILL $run 2>/dev/null
    wait $run 2>/dev/null
    n=$((n + 1))
done
equal "an export after exports that were killed is whole" $((files * 300)) "$("$POSTLIFT" export | grep -c '"record":"post"')"
stop
equal "the rows are there, each once" $((files * 300)) "$(sqlite3 "$db" 'SELECT count(*) FROM posts')"
equal "the daemon's own spool is empty" 0 "$(ls "$db.spool" | wc -l | tr -d ' ')"
end_of_story
