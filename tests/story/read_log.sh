#!/bin/sh
# The read log: what stands in it, that it shows tampering, that nothing goes out without its entry.
. "$SRCDIR/tests/story/lib.sh"
story_begin
. "$SRCDIR/tests/story/tokens_lib.sh"
for t in 'figures read' 'editor read,rows,sensitive,write,import' 'owner read,rows,sensitive,write,import,admin'; do
    token ${t% *} ${t#* }
done
log=$db.reads
entries() { sed 's/^[0-9a-f]* //' "$log"; }
last() { entries | jq -c "select(.event == \"$1\")" | tail -1; }
POSTLIFT_TOKEN_FILE=$story_dir/owner.token
export POSTLIFT_TOKEN_FILE
start || exit 99
study=$SRCDIR/tests/data/meme-study
"$POSTLIFT" import "$study/posts.csv" "$study/traffic.csv" >/dev/null

# ---- what stands in it ----
equal "the log is its owner's alone" "600 600" "$(stat -c %a "$log") $(stat -c %a "$log.key")"
as editor "$url/api/v1/posts?type=meme&limit=5" >/dev/null
equal "an answer with rows has its entry" '["read","editor","127.0.0.1","GET /api/v1/posts",{"type":"meme","limit":"5"},"*",true,5]' \
    "$(last read | jq -c '[.event, .token, .address, .route, .filter, .regions, .sensitive, .rows]')"
n=$(wc -l <"$log")
as editor "$url/api/v1/posts?type=meme&limit=5" >/dev/null
equal "so has the same one out of memory" "1 5" "$(($(wc -l <"$log") - n)) $(last read | jq .rows)"
n=$(wc -l <"$log")
as figures "$url/api/v1/lift?source=social&start=2022-11-28" >/dev/null
equal "figures have none" 0 "$(($(wc -l <"$log") - n))"
as editor "$url/api/v1/posts?account=The+Example+Gazette" >/dev/null
id=$(as editor "$url/api/v1/posts?limit=1" | jq -r '.posts[0].id')
as editor "$url/api/v1/posts/$(as editor "$url/api/v1/posts?limit=1" | jq -r '.posts[0].platform')/$id" >/dev/null
as editor "$url/api/v1/cadence?account=The+Example+Gazette" >/dev/null
equal "names and ids stand in it as keyed hashes" "0 0 3" "$(grep -c Gazette "$log") $(grep -c "\"$id\"" "$log") $(grep -c 'keyed:' "$log")"
equal "the same one as the same, so that who has the key can ask for it" 1 "$(entries | jq -r '.filter | objects | .account | strings' | sort -u | wc -l | tr -d ' ')"
"$POSTLIFT" export >"$story_dir/out.ndjson"
equal "an export has one" "GET /api/v1/export" "$(last read | jq -r .route)"
code_as figures "$url/api/v1/posts" >/dev/null
equal "a refused one too" '["refused","figures",403,"not-allowed"]' "$(last refused | jq -c '[.event, .token, .status, .code]')"
status_of "$url/api/v1/posts" >/dev/null
equal "and who is not known at all" '[null,401,"no-token"]' "$(last refused | jq -c '[.token, .status, .code]')"
curl -s -o /dev/null -X POST -H "Origin: $url" --data-urlencode token=plt_x "$url/session"
equal "and a sign-in that failed" '["POST /session",401]' "$(last refused | jq -c '[.route, .status]')"
n=$(as owner -X DELETE -o /dev/null -w '%{http_code}' "$url/api/v1/imports/2")
equal "a deletion is in it before it is done" '["change","owner",{"part_1":"2"}]' "$(last change | jq -c '[.event, .token, .filter]')"
"$POSTLIFT" token add --name cron --scope import >/dev/null 2>&1
"$POSTLIFT" token revoke figures >/dev/null
changed() { last tokens | jq -c '[.added, .removed]'; }
nudge() { as editor -o /dev/null "$url/api/v1/sources"; changed; }
until_prints '[["cron"],["figures"]]' nudge
equal "a change of tokens is in it by name" '[["cron"],["figures"]]' "$(changed)"
equal "no token ever is" 0 "$(grep -c plt_ "$log")"
equal "a list by token tells what it read" 7 "$("$POSTLIFT" audit list --token editor --event read | wc -l | tr -d ' ')"
equal "of the last days alone, if wanted" "0 1" "$("$POSTLIFT" audit list --token editor --since 2090-01-01 | wc -l | tr -d ' ') $("$POSTLIFT" audit list --token editor --since 1d | grep -c 'keyed:.*rows.:1}')"

# ---- heads ----
head=$("$POSTLIFT" audit head 2>/dev/null)
equal "a head is that of the last line" "$head" "$(tail -1 "$log" | cut -c1-64)"
as editor "$url/api/v1/posts?limit=2" >/dev/null
check "the log follows from its start to the head that was kept" "$POSTLIFT" audit verify --head "$head"
contains "and says how much of it" "nothing up to it was changed or removed" "$("$POSTLIFT" audit verify --head "$head")"
contains "without a head it says what cannot be told" "cannot be told from a crash" "$("$POSTLIFT" audit verify)"
equal "the same by b2sum alone" "$(sed -n 2p "$log" | cut -c1-64)" "$( (printf '%s ' "$(sed -n 1p "$log" | cut -c1-64)"; sed -n 2p "$log" | cut -c66- | tr -d '\n') | b2sum -l 256 | cut -c1-64)"
contains "one that every log has compares nothing" "nothing is compared" "$("$POSTLIFT" audit verify --head "$(printf '%064d' 0)")"
equal "a head that is none is refused" 64 "$("$POSTLIFT" audit verify --head xyz >/dev/null 2>&1; echo $?)"
copy() { cp "$log" "$story_dir/copy"; }
broken() { # what: the copy is detected, with the number of the entry
    out=$("$POSTLIFT" audit verify --file "$story_dir/copy" --head "$head")
    equal "$1" "65 $2" "$? $(echo "$out" | grep -o 'Entry [0-9]*' | tr -d 'A-Za-z ')"
}
copy; sed -i '5s/editor/ownerr/; 5s/"rows":5/"rows":4/; 4s/"token":"[a-z]*"/"token":"x"/' "$story_dir/copy"; broken "a changed entry is found" 4
copy; sed -i '6d' "$story_dir/copy"; broken "so is a removed one" 6
copy; sed -n '7p' "$log" >"$story_dir/seven"; sed -i '7d' "$story_dir/copy"; sed -i "8r $story_dir/seven" "$story_dir/copy"; broken "and one in another place" 7
copy; sed -i "3r $story_dir/seven" "$story_dir/copy"; broken "and one that was added" 4
copy; sed -i '1d' "$story_dir/copy"; broken "and a start that was cut off" 1
copy; head -c 1000 "$log" | sed '$d' >"$story_dir/copy"
equal "a tail that was cut off is whole by itself" 0 "$("$POSTLIFT" audit verify --file "$story_dir/copy" >/dev/null; echo $?)"
contains "and is found by the head that was kept" "none of the" "$("$POSTLIFT" audit verify --file "$story_dir/copy" --head "$head")"
stop
equal "the daemon stops with 0" 0 "$daemon_code"
equal "with a word of it" stop "$(entries | tail -1 | jq -r .event)"

# ---- what is hard to see ----
start || exit 99
"$POSTLIFT" token add --name writer --scope write >"$story_dir/writer.token" 2>/dev/null
until_prints 403 code_as writer "$url/api/v1/notes"
id=$(as owner -X POST -H 'Content-Type: application/json' -d '{"date":"2022-12-01","kind":"other","text":"secret words"}' "$url/api/v1/notes" | jq .id)
equal "a change is no way to read" "200 0" "$(as writer -X PUT -H 'Content-Type: application/json' -d '{}' -o "$story_dir/put" -w '%{http_code}' "$url/api/v1/notes/$id") $(grep -c secret "$story_dir/put")"
equal "and stands in the log" '["change","writer","PUT /api/v1/notes/{}"]' "$(last change | jq -c '[.event, .token, .route]')"
editor=$(cat "$story_dir/editor.token")
equal "a token as a parameter's name is refused" "400 400 400" "$(code_as editor "$url/?x=1&$editor=1") $(code_as editor "$url/?b=Bearer%20$editor") $(code_as editor "$url/api/v1/posts/x/$editor")"
as editor "$url/?handle=zqbob&Account=zqbob&b.c.account=zqbob" >/dev/null
as owner -X DELETE "$url/api/v1/notes/zqbob?xaccount=zqbob" >/dev/null
equal "parameters that are none of ours are counted and not told" "0 0 3" "$(grep -c plt_ "$log") $(grep -c zqbob "$log") $(entries | jq 'select(.route == "GET /") | .filter.others' | tail -1)"
status_of -X POST -H 'Origin: https://elsewhere.example' -H "Authorization: Bearer $editor" -d '{}' "$url/api/v1/notes" >/dev/null
equal "what a page elsewhere tries is in it as well" '["refused","127.0.0.1",400,"bad-request"]' "$(last refused | jq -c '[.event, .address, .status, .code]')"
round=0
while [ $round -lt 30 ]; do
    (
        for w in 1 2 3 4 5 6 7 8; do code_as editor "$url/api/v1/posts?tag=race$round" >>"$story_dir/race.$w" & done
        wait
    )
    round=$((round + 1))
done
equal "of the same question asked by many at once each has its entry" "240 240" "$(cat "$story_dir"/race.* | grep -o 200 | wc -l | tr -d ' ') $(grep -c '"tag":"race' "$log")"
"$POSTLIFT" token add --name past --scope read --days 1 >"$story_dir/past.token" 2>/dev/null
sed -i 's/ past read \* [0-9-]*/ past read * 2020-01-01/' "$POSTLIFT_TOKENS"
until_prints 401 code_as past "$url/api/v1/lift"
code_as past "$url/api/v1/lift" >/dev/null
equal "who had a token once is nobody" '[null,401]' "$(last refused | jq -c '[.token, .status]')"
token plain read,rows
token fetch import
token log admin
until_prints 200 code_as log "$url/api/v1/audit/head"
as plain "$url/api/v1/posts?limit=3" >/dev/null
equal "what had nothing sensitive in it says so" '["plain",false,3]' "$(last read | jq -c '[.token, .sensitive, .rows]')"
printf 'platform,id,type,posted_at\nx,bad1,meme,soon\n' >"$story_dir/bad.csv"
bad=$(as fetch -X POST --data-binary "@$story_dir/bad.csv" "$url/api/v1/imports?file=bad.csv" | jq .id)
until_prints 200 code_as fetch "$url/api/v1/imports/$bad/rejected"
equal "a report with the values of its file is sensitive, whoever asks" '["fetch",true]' "$(last read | jq -c '[.token, .sensitive]')"
as editor "$url/api/v1/traffic?campaign=zqspring&source=social" >/dev/null
equal "names of campaigns are hashed, those of sources are not" '["keyed","social"] 0' "$(last read | jq -c '[(.filter.campaign | .[:5]), .filter.source]') $(grep -c zqspring "$log")"
as editor "$url/api/v1/types?by=campaign" >/dev/null
equal "by what types are told is told" '{"by":"campaign"}' "$(last read | jq -c .filter)"
as editor "$url/api/v1/experiments/zqhandle-memes" >/dev/null
as owner -X DELETE "$url/api/v1/experiments/zqhandle-memes" >/dev/null
equal "names of experiments may have others in them, and are hashed" "0 keyed" "$(grep -c zqhandle "$log") $(last change | jq -r '.filter.part_1 | .[:5]')"
code_as fetch "$url/api/v1/posts?type=meme&account=zqx" >/dev/null
equal "what was refused stands with what was asked" '["meme","keyed","*",false]' "$(last refused | jq -c '[.filter.type, (.filter.account | .[:5]), .regions, .sensitive]')"
equal "one that is a value of a parameter of ours is not in the log either" '["token-in-address",null] 0' "$(as editor -o /dev/null "$url/api/v1/posts?type=$editor"; last refused | jq -c '[.code, .filter]') $(grep -c plt_ "$log")"
status_of "$url/api/v1/posts?type=meme" >/dev/null
equal "of who is not known no filter is kept" '["no-token",null,null]' "$(last refused | jq -c '[.code, .filter, .regions]')"
equal "a token in an address that there is not is refused like any" '[400,"token-in-address"] 0' "$(as editor -o "$story_dir/told" "$url/$editor"; last refused | jq -c '[.status, .code]') $(grep -c "$editor" "$story_dir/told")"
stop
start --proxies 127.0.0.1 || exit 99
as editor -H 'X-Forwarded-For: 6.6.6.6' -H 'X-Forwarded-For: 9.9.9.9' "$url/api/v1/posts?limit=4" >/dev/null
equal "of several words of a proxy the last counts" 9.9.9.9 "$(last read | jq -r .address)"
head=$("$POSTLIFT" audit head 2>/dev/null)
stop
equal "each start has a moment and a name of its own" "true true" "$(entries | jq -s '[.[] | select(.event == "start")] | (map(.id) | unique | length) == length') $(entries | jq -s '[.[] | select(.event == "start" or .event == "stop") | .at] | all')"
equal "and says who may do what by a digest" true "$(entries | jq -s '[.[] | select(.event == "tokens") | .digest | length == 32] | all')"
{ sed -n 1,3p "$log"; sed -n 4p "$log" | tr -d '\n'; printf '\0 added\n'; sed '1,4d' "$log"; } >"$story_dir/copy"
equal "a byte of nothing in a line is found" 65 "$("$POSTLIFT" audit verify --file "$story_dir/copy" >/dev/null; echo $?)"
head -c -20 "$log" >"$story_dir/copy"
out=$("$POSTLIFT" audit verify --file "$story_dir/copy" --head "$head")
equal "a last line that was cut is that, and no tampering" "0 1" "$? $(echo "$out" | grep -c 'no whole entry')"
head -c 300000 /dev/zero | tr '\0' 'x' >"$story_dir/copy"
equal "a line without an end is no entry" 0 "$("$POSTLIFT" audit verify --file "$story_dir/copy" >/dev/null; echo $?)"
contains "a log may come by a pipe" "nothing up to it was changed" "$(cat "$log" | "$POSTLIFT" audit verify --file /dev/stdin --head "$head")"
cp "$log" "$story_dir/kept"
head -c 40000 /dev/zero >>"$log"
start || exit 99
check "a tail of nothing, as a power failure leaves it, is taken off" "$POSTLIFT" audit verify --head "$head"
rm "$log"
code_as editor "$url/api/v1/posts?limit=9" >/dev/null
until_prints 503 code_as editor "$url/api/v1/posts?limit=9"
equal "a log that is taken away is missed" "503 1" "$(code_as editor "$url/api/v1/posts?limit=9") $(grep -c 'was taken away' "$story_dir/log")"
stop
cp "$story_dir/kept" "$log"
chmod 600 "$log"
mv "$log.key" "$story_dir/key"
chmod 644 "$log"
timeout 20 "$POSTLIFTD" --listen 127.0.0.1:0 --db "$db" 2>"$story_dir/err"
equal "one that everyone may read is not used" "78 1" "$? $(grep -c 'open to everyone' "$story_dir/err")"
chmod 600 "$log"
mv "$story_dir/key" "$log.key"
mv "$log" "$story_dir/real"
ln -s "$story_dir/real" "$log"
timeout 20 "$POSTLIFTD" --listen 127.0.0.1:0 --db "$db" 2>"$story_dir/err"
equal "nor one that is a link" 78 $?
rm "$log"
mv "$story_dir/real" "$log"

# ---- starts ----
cp "$log" "$story_dir/good"
printf 'abc {"n":' >>"$log"
start || exit 99
equal "a line that a crash cut is taken off, and said so" '["start",9]' "$(last start | jq -c '[.event, .cut_bytes]')"
check "the chain goes on" "$POSTLIFT" audit verify --head "$head"
stop
sed -i '$s/stop/stpo/' "$log"
timeout 20 "$POSTLIFTD" --listen 127.0.0.1:0 --db "$db" 2>"$story_dir/err"
equal "a log whose end was changed is not gone on with" "78 1" "$? $(grep -c 'does not fit together' "$story_dir/err")"
cp "$story_dir/good" "$log"

# ---- no answer without its entry ----
if [ "$(id -u)" = 0 ] && mkdir "$story_dir/small" && mount -t tmpfs -o size=64k tmpfs "$story_dir/small" 2>/dev/null; then
    start --read-log "$story_dir/small/reads" || exit 99
    dd if=/dev/zero of="$story_dir/small/fill" bs=1k count=100 2>/dev/null
    codes=$(for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do code_as editor "$url/api/v1/posts?limit=$i"; echo; done | sort | uniq -c | tr -s ' \n' ' ')
    contains "a full disk stops answers with rows" " 503" "$codes"
    equal "in words, and figures go on" "no-read-log 200" "$(as editor "$url/api/v1/posts" | jq -r .code) $(code_as owner "$url/api/v1/cadence")"
    equal "nothing is deleted then" "503 200" "$(code_as owner -X DELETE "$url/api/v1/imports/1") $(code_as owner "$url/api/v1/sources")"
    "$POSTLIFT" token add --name late --scope read >"$story_dir/late.token" 2>/dev/null
    as owner -o /dev/null "$url/api/v1/sources"
    sleep 1.2
    equal "a token that cannot be written down is none yet" 401 "$(code_as late "$url/api/v1/sources")"
    equal "which metrics tell" 1 "$(as owner "$url/metrics" | grep -c '^postlift_read_log_writable 0$')"
    "$POSTLIFT" token revoke figures >/dev/null 2>&1
    until_prints 401 code_as figures "$url/api/v1/sources"
    equal "one that is revoked is none at once" 401 "$(code_as figures "$url/api/v1/sources")"
    stop_hard
    start --read-log "$story_dir/small/reads" || exit 99
    equal "with a full disk the daemon starts, for figures" "200 503" "$(code_as owner "$url/api/v1/cadence") $(code_as owner "$url/api/v1/posts?limit=3")"
    rm "$story_dir/small/fill"
    told() { code_as late "$url/api/v1/sources" >/dev/null; grep -c '"added":\[[^]]*"late"' "$story_dir/small/reads"; }
    until_prints 1 told
    equal "and is one when it can, with a word of the start before it" "200 start 1" "$(code_as late "$url/api/v1/sources") $(sed 's/^[0-9a-f]* //' "$story_dir/small/reads" | jq -r 'select(.event == "start" or (.event == "tokens" and (.added | index("late")))) | .event' | tail -2 | head -1) $(grep -c '"added":\[[^]]*"late"' "$story_dir/small/reads")"
    equal "and rows come again when there is room" 200 "$(code_as editor "$url/api/v1/posts?limit=1")"
    check "with the chain whole" "$POSTLIFT" audit verify
    stop
    umount "$story_dir/small"
else
    note "no small disk can be mounted here: what a full one does is not tried"
fi

# ---- SIGKILL ----
round=0
lost=0
while [ $round -lt 8 ]; do
    start || exit 99
    : >"$story_dir/answered"
    for w in 1 2 3 4; do
        (for i in $(seq 1 200); do
            [ "$(code_as editor "$url/api/v1/posts?limit=3&tag=r$round-w$w-$i" 2>/dev/null)" = 200 ] || break
            echo "r$round-w$w-$i" >>"$story_dir/answered.$w"
        done) &
    done
    sleep 0.3
    stop_hard
    wait
    cat "$story_dir"/answered.* >"$story_dir/answered" 2>/dev/null
    while read -r tag; do grep -q "\"$tag\"" "$log" || lost=$((lost + 1)); done <"$story_dir/answered"
    round=$((round + 1))
done
equal "of all answers before eight kills none is without its entry" "0 yes" "$lost $([ "$(wc -l <"$story_dir/answered")" -gt 8 ] && echo yes)"
start || exit 99
check "and the chain is whole" "$POSTLIFT" audit verify --head "$head"
stop

# ---- without tokens ----
unset POSTLIFT_TOKENS POSTLIFT_TOKEN_FILE
start || exit 99
equal "without tokens there is no log unless one is named" "404 no-read-log" "$(status_of "$url/api/v1/audit/head") $(get /api/v1/audit/log | jq -r .code)"
stop
start --read-log "$story_dir/named" || exit 99
get /api/v1/posts >/dev/null
equal "and one that is named has who cannot be named" '[null,100]' "$(tail -1 "$story_dir/named" | cut -c66- | jq -c '[.token, .rows]')"
timeout 20 "$POSTLIFTD" --listen 127.0.0.1:0 --db "$story_dir/other.db" --read-log "$story_dir/named" 2>"$story_dir/err"
equal "two daemons do not share one" "78 1" "$? $(grep -c 'in use by another' "$story_dir/err")"
stop
end_of_story
