#!/bin/sh
# Erasing: what goes, what stays, that no byte of it is left in any file, and what is told of it.
. "$SRCDIR/tests/story/lib.sh"
. "$SRCDIR/tests/story/experiments_lib.sh"
story_begin
clock=$story_dir/clock
data=$story_dir/data
mkdir "$data"
db=$data/postlift.db
echo 2024-01-02T08:00:00Z >"$clock"
start --clock "$clock" --read-log "$data/reads" || exit 99
days 2023-09-01 2024-01-01 >"$story_dir/traffic.csv"
"$POSTLIFT" import "$story_dir/traffic.csv" >/dev/null

# ---- an account with all that tells of it ----
row() { printf 'x,%s,%s,%s,%s,%s,%s,%s\n' "$@"; }
{
    echo platform,id,type,posted_at,account,text,url,likes
    for d in 05 06 07 08 09; do row "zqxid$d" meme "2023-12-${d}T10:00:00Z" zqxhandle "zqxtext $d" "https://zqxlink.example/$d" 7; done
    row zqxid77 meme yesterday zqxhandle "zqxtext bad" "https://zqxlink.example/77" 7
    for d in 05 06 07 08 09; do row "keep$d" link "2023-12-${d}T11:00:00Z" other "A text that stays" "https://example.org/$d" 3; done
} >"$story_dir/zqxhandle posts.csv"
"$POSTLIFT" import "$story_dir/zqxhandle posts.csv" >/dev/null 2>&1
sed 's/,7$/,9/' "$story_dir/zqxhandle posts.csv" >"$story_dir/later.csv"
"$POSTLIFT" import --observed-at 2024-01-01 "$story_dir/later.csv" >/dev/null 2>&1
"$POSTLIFT" type rule --account zqxhandle --tags fun >/dev/null
"$POSTLIFT" note add --date 2023-12-06 --kind campaign --platform x --account zqxhandle 'A push for zqxhandle' >/dev/null
"$POSTLIFT" type set x zqxid05 poll >/dev/null
json POST $X '{"name":"About zqxhandle","slug":"about","question":"Does zqxhandle move sessions?","design":"step","posts":"type:meme,account:zqxhandle","source":"social","start":"2023-12-05","end":"2023-12-31"}' >"$story_dir/a"
json POST $X '{"name":"Before","question":"Q","design":"step","posts":"type:link","source":"social","start":"2023-10-05","end":"2023-10-31","baseline":"30d","follow_up":["2023-11-15"]}' >/dev/null
found about 1 >/dev/null
"$POSTLIFT" backup "$story_dir/outside.db" >/dev/null
posts_of_2021() { get '/api/v1/posts?to=2021-12-31&limit=1000' | jq '.posts | length'; }
left() { grep -rlaF zqx "$data" 2>/dev/null | sed 's/.*\///' | sort | tr '\n' ' '; }
check "before it stands in the files" test -n "$(left)"
posts() { get '/api/v1/posts?limit=1000' | jq '.posts | length'; }
equal "and ten posts are there" 10 "$(posts)"
equal "an erasing that nobody means is none" "64 10" "$("$POSTLIFT" forget --account x zqxhandle >/dev/null 2>&1; echo $?) $(posts)"
salt() { od -An -tx1 -j16 -N8 "$db-wal" 2>/dev/null | tr -d ' \n'; } # another each time that it begins anew
salt_before=$(salt)
check "what was written stands in the write-ahead log" test -n "$salt_before"
out=$("$POSTLIFT" forget --account x zqxhandle --yes)
equal "an account is erased" 0 $?
contains "which says how much that was" "Erased: 5 posts, 0 days of traffic, 0 notes; reports of 2 imports were wiped, 1 experiments marked" "$out"
equal "no byte of it is left in any file of the data" "" "$(left)"
check "the write-ahead log was emptied, whatever came into it since" test "$(salt)" != "$salt_before"
equal "posts of others stay as they were" '5 ["other"] 5' "$(posts) $(get '/api/v1/posts?limit=1000' | jq -c '[.posts[].account] | unique') $(get '/api/v1/posts?limit=1000' | jq '[.posts[] | select(.text == "A text that stays" and .likes == 3)] | length')"
equal "the account, its rule, its note and its post's type are gone" '["other"] 0 0 0' \
    "$(get /api/v1/accounts | jq -c '[.accounts[].account]') $(get /api/v1/type-rules | jq '.rules | length') $(get /api/v1/notes | jq '.notes | length') $(get /api/v1/post-types | jq '.post_types // .types | length')"
equal "traffic tells of nobody, and stays" 123 "$(get '/api/v1/traffic?limit=1000' | jq '.traffic | length')"
get $X/about >"$story_dir/a"
equal "an experiment about it lost the name" '["About (erased)","type:meme,account:(erased)"]' "$(jq -c '[.name, .posts]' "$story_dir/a")"
equal "and says why" '["erased",{"posts":5}]' "$(jq -c '.log[-1] | [.what, .detail]' "$story_dir/a")"
equal "its finding is kept, marked, without the name" '[5,true]' "$(get $X/about/findings/1 | jq -c '[.erased.posts, (.sentence | contains("(erased)"))]')"
equal "one about other days is as it was" 0 "$(get $X/before | jq '[.log[] | select(.what == "erased")] | length')"
equal "a report tells of the marker" 1 "$(get $X/about/report | grep -c 'Posts of its days were erased')"
entry=$(sed 's/^[0-9a-f]* //' "$data/reads" | jq -c 'select(.event == "erased")')
get $X/about/findings/1 | jq -S 'del(.erased, .revision)' >"$story_dir/finding"
for name in n it posts sessions; do
    curl -s -o /dev/null -X POST -H 'Content-Type: application/json' -d "{\"platform\":\"x\",\"id\":\"short-$name\",\"type\":\"link\",\"posted_at\":\"2023-12-06T10:00:00Z\",\"account\":\"$name\"}" "$url/api/v1/posts"
    "$POSTLIFT" forget --account x $name --yes >/dev/null
done
get $X/about/findings/1 | jq -S 'del(.erased, .revision)' >"$story_dir/finding2"
equal "names that are words of ours break no finding" "$(jq -c '[paths | map(tostring) | join(".")]' "$story_dir/finding")" "$(jq -c '[paths | map(tostring) | join(".")]' "$story_dir/finding2")"
equal "and stand in no longer word" 1 "$(get $X/about | jq -r .name | grep -c 'About (erased)')"
equal "the read log keeps that it was done, without the name" '["done",5,true]' "$(echo "$entry" | jq -c '[.state, .posts, (.account | startswith("keyed:"))]')"
check "the database is sound" "$POSTLIFT" check
equal "the same file is another one now, and may come again" 10 "$("$POSTLIFT" import "$story_dir/zqxhandle posts.csv" >/dev/null 2>&1; posts)"
"$POSTLIFT" forget --account x zqxhandle --yes >/dev/null
equal "and goes again" "" "$(left)"

# ---- names in other spellings, and parts of files ----
post='"platform":"x","type":"meme","posted_at":"2023-12-05T10:00:00Z"'
printf '%s\n' "{\"record\":\"post\",\"profile\":\"meta-posts\",$post,\"id\":\"part1\",\"account\":\"zqxpart\",\"text\":\"zqx one\"}" \
    "{\"record\":\"post\",\"profile\":\"meta-posts\",\"platform\":\"x\",\"id\":\"part1\",\"type\":\"meme\",\"posted_at\":\"soon\",\"text\":\"zqx two\"}" >"$story_dir/parts.ndjson"
"$POSTLIFT" import "$story_dir/parts.ndjson" >/dev/null 2>&1
check "what a part of a file brought stands in the files" test -n "$(left)"
"$POSTLIFT" forget --account x zqxpart --yes >/dev/null
equal "with it go the rejected rows of the whole" "" "$(left)"
printf '%s\n' "{\"record\":\"post\",$post,\"id\":\"cafe\",\"account\":\"zqxcaf\u00e9\"}" >"$story_dir/cafe.ndjson"
printf '%s\n' '{"record":"post","platform":"x","id":"cafe2","type":"meme","posted_at":"soon","account":"zqxcaf\u00e9","text":"zqx escaped"}' >"$story_dir/cafe2.ndjson"
"$POSTLIFT" import "$story_dir/cafe.ndjson" >/dev/null 2>&1
"$POSTLIFT" import "$story_dir/cafe2.ndjson" >/dev/null 2>&1
printf '%s\n' '{"record":"postlift-export","version":1}' '[{"platform":"x","account":"zqxcaf\u00e9"}]' ' {"platform":"x","id":"cafe3","posted_at":"soon","account":"\u007a\u0071\u0078caf\u00E9"}' \
    '{"record":"experiment","definition":"{\"posts\":\"account:\\u007aqxcaf\\u00e9\"}"}' >"$story_dir/cafe3.ndjson"
"$POSTLIFT" import "$story_dir/cafe3.ndjson" >/dev/null 2>&1
other() { sqlite3 "$db" "SELECT count(*) FROM import_rejected WHERE instr(csv, 'caf')"; }
equal "is written in many ways" 2 "$(other)"
equal "an account with a letter that JSON may write as a number" 1 "$(get /api/v1/accounts | jq '[.accounts[] | select(.account == "zqxcafé")] | length')"
"$POSTLIFT" forget --account x 'zqxcafé' --yes >/dev/null
equal "is erased where it was written so, too" "0 " "$(other) $(left)"
printf 'platform,id,type,posted_at,account,text\nx,quote1,meme,2023-12-05T10:00:00Z,"zqx""quo",fine\n' >"$story_dir/quote.csv"
printf 'platform,id,type,posted_at,account,text\nx,quote2,meme,soon,"zqx""quo",zqx bad\n' >"$story_dir/quote2.csv"
"$POSTLIFT" import "$story_dir/quote.csv" >/dev/null 2>&1
"$POSTLIFT" import "$story_dir/quote2.csv" >/dev/null 2>&1
"$POSTLIFT" forget --account x 'zqx"quo' --yes >/dev/null
equal "so is a name with a quotation mark" "" "$(left)"
meta() { # number page: an export of Meta's with a column of somebody's own
    echo '"Post ID","Page ID","Page name",Title,Description,"Duration (sec)","Publish time","Caption type",Permalink,"Is crosspost","Is share","Post type",Languages,"Custom labels","Funded content status","Data comment",Date,Views,Reach,"Reactions, Comments and Shares",Reactions,Comments,Shares,"Total clicks","Figure of zqxhead"'
    echo "12209876543210030$1,6155012345678$1,\"$2\",\"A title\",,0,\"12/05/2023 09:30\",N/A,https://www.facebook.com/$1,0,0,Photos,,,,,Lifetime,6,5,5,4,1,0,17,2"
}
meta 1 zqxhead >"$story_dir/head.csv"
meta 2 heads >"$story_dir/head2.csv"
"$POSTLIFT" import "$story_dir/head.csv" "$story_dir/head2.csv" >"$story_dir/out" 2>&1
equal "a file may have a column that nobody asked for" 2 "$(get '/api/v1/imports?limit=2' | jq '[.imports[] | select(.inserted > 0)] | length')"
check "headings of columns may have a name in them" test -n "$(left)"
"$POSTLIFT" forget --account facebook zqxhead --yes >/dev/null
equal "which is erased in reports of all files" "" "$(left)"
"$POSTLIFT" forget --account facebook heads --yes >/dev/null
json POST $X '{"name":"ZqxSlug","question":"Q","design":"step","posts":"type:link","source":"social","start":"2024-02-05","end":"2024-02-28"}' >"$story_dir/a"
json POST $X '{"name":"Another","slug":"about-zqxslug-too","question":"Q","design":"step","posts":"type:link","source":"social","start":"2024-03-05","end":"2024-03-28"}' >/dev/null
json POST $X '{"name":"Third","slug":"zqxslugs","question":"Q","design":"step","posts":"type:link","source":"social","start":"2024-04-05","end":"2024-04-28"}' >/dev/null
"$POSTLIFT" forget --account x ZqxSlug --yes >"$story_dir/out"
equal "short names of experiments lose it where it is whole words of them" '2 ["zqxslugs"]' "$(get $X | jq '[.experiments[] | select(.slug | startswith("erased-"))] | length') $(get $X | jq -c '[.experiments[].slug | select(contains("zqx"))]')"
equal "and say that it was a name" '["A name in it was erased."]' "$(get "$X/$(get $X | jq -r '[.experiments[] | select(.name == "Another")][0].slug')" | jq -c '[.log[] | select(.what == "erased").reason]')"
for slug in $(get $X | jq -r '.experiments[].slug | select(startswith("erased-") or . == "zqxslugs")'); do curl -s -o /dev/null -X DELETE "$url$X/$slug"; done

# ---- one post ----
equal "one post is erased" 0 "$("$POSTLIFT" forget --post x keep05 --yes >/dev/null; echo $?)"
equal "it alone" '["keep06","keep07","keep08","keep09"]' "$(get '/api/v1/posts' | jq -c '[.posts[].id] | sort')"
equal "and is nowhere" "" "$(grep -rlaF keep05 "$data" | tr '\n' ' ')"
contains "what is not there is nothing, and said so" "Erased: 0 posts" "$("$POSTLIFT" forget --post x nothing --yes)"

# ---- all before a day ----
"$POSTLIFT" note add --date 2023-11-06 --kind campaign 'Old note' >/dev/null
"$POSTLIFT" forget --before 2023-12-08 --yes >"$story_dir/out"
equal "posts before a day are erased, and nothing else" '["keep08","keep09"] 123 1' \
    "$(get '/api/v1/posts' | jq -c '[.posts[].id] | sort') $(get '/api/v1/traffic?limit=1000' | jq '.traffic | length') $(get /api/v1/notes | jq '.notes | length')"
"$POSTLIFT" forget --before 2023-12-08 --traffic --notes --yes >"$story_dir/out"
contains "daily traffic and notes where that is asked" "Erased: 0 posts, 98 days of traffic, 1 notes" "$(cat "$story_dir/out")"
equal "the rest of it stays" '25 "2023-12-08"' "$(get '/api/v1/traffic?limit=1000' | jq '.traffic | length') $(get '/api/v1/traffic?limit=1000' | jq -c '[.traffic[].date] | min')"
check "the database is sound then, too" "$POSTLIFT" check

# ---- what is refused ----
bad() { equal "$1" "422 $3" "$(curl -s -o "$story_dir/e" -w '%{http_code}' -X POST -H 'Content-Type: application/json' -d "$2" "$url/api/v1/forget") $(jq -r .code "$story_dir/e")"; }
bad "nothing named" '{}' missing-field
bad "two at once" '{"before":"2020-01-01","post":{"platform":"x","id":"1"}}' missing-field
bad "a day that is none" '{"before":"soon"}' bad-date
bad "one that is to come" '{"before":"2024-02-01"}' bad-date
bad "a post without an id" '{"post":{"platform":"x","id":""}}' missing-field
bad "an account without its platform" '{"account":{"handle":"a"}}' missing-field
bad "traffic of a post" '{"post":{"platform":"x","id":"1"},"traffic":true}' bad-value
bad "a field that is none" '{"befor":"2020-01-01"}' unknown-field

# ---- while others read and write ----
awk 'BEGIN { print "platform,id,type,posted_at,text"; for (i = 0; i < 12000; i++) printf "x,many%d,poll,2021-01-%02dT10:00:00Z,zqxmany %d\n", i, i % 28 + 1, i }' >"$story_dir/many.csv"
"$POSTLIFT" import "$story_dir/many.csv" >/dev/null
(for i in $(seq 100); do get '/api/v1/types' >/dev/null; done) &
readers=$!
(for i in $(seq 60); do printf '{"platform":"x","id":"new%d","type":"link","posted_at":"2024-01-01T10:00:00Z"}\n' "$i" | curl -s -o /dev/null -w '%{http_code}\n' -X POST -H 'Content-Type: application/x-ndjson' --data-binary @- "$url/api/v1/posts"; done >"$story_dir/codes") &
writers=$!
contains "of many the last goes while others read and write" "Erased: 12000 posts" "$("$POSTLIFT" forget --before 2022-01-01 --yes)"
wait $readers $writers
equal "whose writes are all kept" "60 200 60" "$(sort "$story_dir/codes" | uniq -c | tr -s ' ' | sed 's/^ //') $(get '/api/v1/posts?limit=1000' | jq '[.posts[] | select(.id | startswith("new"))] | length')"
equal "and nothing is left of them" "" "$(left)"
equal "nor room where they were" 0 "$(sqlite3 "$db" 'PRAGMA freelist_count')"

# ---- a daemon that ends while it erases ----
erased() { get /api/v1/forget | jq -r .state; }
for round in 1 2 3; do
    "$POSTLIFT" import "$story_dir/many.csv" >/dev/null
    code=$(status_of -X POST -H 'Content-Type: application/json' -d '{"before":"2022-01-01"}' "$url/api/v1/forget")
    sleep "0.0$((round * 3))"
    stop_hard
    start --clock "$clock" --read-log "$data/reads" || exit 99
    until_prints 0 posts_of_2021
    equal "what was accepted is gone on with after SIGKILL, without a byte left" "202 0" "$code $(until_prints '' left; left | wc -c)"
done
stop
sqlite3 "$db" "INSERT OR REPLACE INTO settings (name, value) VALUES ('forgetting', '2 1 -2147483648 0 0 1704182400000 2 1 0 - 19000 19001 2 x zqxlate')"
start --clock "$clock" --read-log "$data/reads" || exit 99
until_prints done erased
equal "an erasing that is kept is done at the next start, and its word is gone" "done 0" "$(erased) $(grep -c zqxlate "$db")"
stop
sqlite3 "$db" "INSERT OR REPLACE INTO settings (name, value) VALUES ('forgetting', '2 99 nonsense')"
start --clock "$clock" --read-log "$data/reads" || exit 99
equal "one that cannot be read is said, and keeps nothing from starting" "200 1" "$(status_of "$url/readyz") $(grep -c 'ask for it again' "$story_dir/log")"
stop
equal "it stops with 0" 0 "$daemon_code"
end_of_story
