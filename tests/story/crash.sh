#!/bin/sh
# SIGKILL at any moment: what was answered is there, an import goes on and ends
# with the same rows, nothing is stored half.
. "$SRCDIR/tests/story/lib.sh"
story_begin

awk 'BEGIN { print "platform,id,type,posted_at,likes"
    for (i = 0; i < 60000; i++) printf "x,%d,meme,2022-11-28T10:00:00Z,%d\n", i, i % 500
    for (i = 0; i < 30; i++) printf "x,bad%d,meme,2023-02-30,1\n", i
    print "Total,,,," }' >"$story_dir/big.csv"

# An import is killed again and again
start || exit 99
curl -s -X POST -T "$story_dir/big.csv" "$url/api/v1/imports?file=big.csv" >"$story_dir/taken"
equal "the file is taken" queued "$(jq -r .state "$story_dir/taken")"
kills=0
met=0
while [ $kills -lt 6 ]; do
    sleep "0.$((kills % 3))$((kills + 1))"
    get /api/v1/imports/1 | grep -q '"state":"\(queued\|running\)"' && met=$((met + 1))
    stop_hard
    kills=$((kills + 1))
    start || exit 99
done
check "at least one kill met the import under way" test $met -ge 1
check "after $kills kills it comes to its end" imports_end
answer=$(get /api/v1/imports/1)
equal "with the same counts as without a kill" '["done",60031,60000,0,0,1,30]' "$(echo "$answer" | jq -c '[.state, .received, .inserted, .updated, .unchanged, .skipped, .rejected]')"
equal "and the same rejected rows, each once" 31 "$(get '/api/v1/imports/1?limit=1000' | jq '.rows | length')"
stop
equal "the rows are there" 60000 "$(sqlite3 "$db" 'SELECT count(*) FROM posts')"
equal "and sum up" 14970000 "$(sqlite3 "$db" 'SELECT sum(likes) FROM posts')"
equal "the file is sound" ok "$(sqlite3 "$db" 'PRAGMA integrity_check')"
equal "nothing refers to what is not there" "" "$(sqlite3 "$db" 'PRAGMA foreign_key_check')"
equal "the spool is empty" 0 "$(ls "$db.spool" | wc -l | tr -d ' ')"

# A stop in the middle of an import is as good
start || exit 99
sed 's/^x,/linkedin,/' "$story_dir/big.csv" >"$story_dir/other.csv"
curl -s -X POST -T "$story_dir/other.csv" "$url/api/v1/imports?file=other.csv" >/dev/null
sleep 0.1
stop
equal "SIGTERM in the middle of an import ends with 0" 0 "$daemon_code"
start || exit 99
check "and it goes on at the next start" imports_end
equal "to the same end" '["done",60000,30]' "$(get /api/v1/imports/2 | jq -c '[.state, .inserted, .rejected]')"

# Undo, killed
curl -s -X DELETE "$url/api/v1/imports/2" >/dev/null
sleep 0.05
stop_hard
start || exit 99
check "an undo that was killed comes to its end" imports_end
stop
equal "and leaves what the others brought" 60000 "$(sqlite3 "$db" 'SELECT count(*) FROM posts')"

# Acknowledged means present
start || exit 99
for client in 1 2 3 4; do
    (
        n=0
        while [ $n -lt 400 ]; do
            n=$((n + 1))
            code=$(curl -s --max-time 5 -o /dev/null -w '%{http_code}' -X POST -H 'Content-Type: application/json' \
                -d "{\"platform\":\"tiktok\",\"id\":\"$client-$n\",\"type\":\"video\",\"posted_at\":\"2022-11-28\",\"likes\":$n}" \
                "$url/api/v1/posts")
            [ "$code" = 200 ] || break
            echo "$client-$n" >>"$story_dir/acknowledged.$client"
        done
    ) &
    eval "client_$client=\$!"
done
sleep 1.5
stop_hard
for client in 1 2 3 4; do
    eval "wait \$client_$client"
done
cat "$story_dir"/acknowledged.* >"$story_dir/acknowledged"
start || exit 99
stop
sqlite3 "$db" "SELECT id FROM posts WHERE platform = 'tiktok' AND likes IS NOT NULL" | sort >"$story_dir/present"
lost=$(sort "$story_dir/acknowledged" | comm -23 - "$story_dir/present" | wc -l | tr -d ' ')
check "some writes were acknowledged" test "$(wc -l <"$story_dir/acknowledged")" -gt 20
equal "and none of these is lost" 0 "$lost"
check "at most one unanswered write a client is present" test "$(wc -l <"$story_dir/present")" -le $(($(wc -l <"$story_dir/acknowledged") + 4))
end_of_story
