#!/bin/sh
# What is sensitive - texts, links, handles, names of campaigns and files, rejected values, private
# notes - is left out of everything for a token that lacks the scope, and figures are the same.
. "$SRCDIR/tests/story/lib.sh"
. "$SRCDIR/tests/story/experiments_lib.sh"
story_begin
. "$SRCDIR/tests/story/tokens_lib.sh"
for t in 'figures read' 'plain read,rows' 'cron import' 'owner read,rows,sensitive,write,import,admin'; do
    token ${t% *} ${t#* }
done
clock=$story_dir/clock
echo 2024-05-20T08:00:00Z >"$clock"
start --clock "$clock" || exit 99
{
    echo platform,id,type,posted_at,account,tags,text,url,campaign,likes,sessions
    i=0
    while [ $i -lt 60 ]; do
        t=link
        [ $((i % 3)) -ne 0 ] || t=meme
        printf 'facebook,id%d,%s,%sT10:00:00Z,zqhandle,fun,zqtext %d,https://zqlink.example/%d?utm_campaign=zqutm,zqcampaign,%d,%d\n' $i $t "$(date -u -d "2024-02-01 + $i days" +%F)" $i $i $((i % 7 + 3 + 400 * (i == 30))) $((i % 5))
        i=$((i + 1))
    done
    echo 'facebook,zqbad,meme,yesterday,zqhandle,fun,zqtext bad,https://zqlink.example,zqcampaign,5,5'
} >"$story_dir/zqfile.csv"
cli owner import "$story_dir/zqfile.csv" >/dev/null 2>&1
i=0
while [ $i -lt 100 ]; do
    d=$(date -u -d "2024-02-01 + $i days" +%F)
    printf '{"date":"%s","source":"facebook","sessions":%d}\n' "$d" $((200 + (i * 7919) % 61))
    for c in a b c; do printf '{"date":"%s","source":"facebook","campaign":"zqcampaign%s","sessions":%d}\n' "$d" $c $((i % 7 + 1)); done
    i=$((i + 1))
done >"$story_dir/traffic.ndjson"
as owner -X POST -H 'Content-Type: application/x-ndjson' --data-binary "@$story_dir/traffic.ndjson" "$url/api/v1/traffic" >/dev/null
cli owner note add --date 2024-03-05 --kind campaign --private yes 'zqprivate words' >/dev/null
cli owner note add --date 2024-03-06 --kind campaign 'Open words' >/dev/null
cli owner note add --date 2024-03-07 --kind campaign --platform facebook --account zqhandle 'About one account' >/dev/null
cli owner type rule --account zqhandle --tags ruled >/dev/null
as owner -X POST -H 'Content-Type: application/json' -d '{"name":"About one account","slug":"by-name","question":"Q","design":"step","posts":"type:meme,account:zqhandle","source":"facebook","start":"2024-03-01","end":"2024-03-25","baseline":"28d"}' "$url$X" >/dev/null
as owner -X POST -H 'Content-Type: application/json' -d '{"name":"Open","slug":"open","question":"Q","design":"step","posts":"type:meme","source":"facebook","start":"2024-03-01","end":"2024-03-25","baseline":"28d"}' "$url$X" >/dev/null
sleep 1.5

equal "a post is told without them, and not with blanks" '["id0",false,false,false,false,false]' \
    "$(got plain /api/v1/posts/facebook/id0 | jq -c '[.id, has("text"), has("url"), has("campaign"), has("account"), has("utm")]')"
equal "with the scope they are there" '[true,true,true,true,true]' \
    "$(got owner /api/v1/posts/facebook/id0 | jq -c '[has("text"), has("url"), has("campaign"), has("account"), has("utm")]')"
equal "a table has no such column" "platform,id,type,posted_at,region,tags,observed_at" "$(got plain '/api/v1/posts?limit=1&format=csv' | head -1 | cut -d, -f1-7)"
pages() { # who: days of traffic, page by page
    next='/api/v1/traffic?limit=37' n=0
    while [ -n "$next" ]; do
        got "$1" "$next" >"$story_dir/page"
        n=$((n + $(jq '.traffic | length' "$story_dir/page")))
        c=$(jq -r '.next_cursor // empty' "$story_dir/page")
        next=${c:+/api/v1/traffic?limit=37&cursor=$c}
        jq -c '.traffic[].sessions' "$story_dir/page" >>"$story_dir/sessions.$1"
    done
    echo "$n $(awk '{ s += $1 } END { print s }' "$story_dir/sessions.$1")"
}
equal "days of several campaigns are paged through without one lost or doubled" "$(pages owner)" "$(pages plain)"
equal "and do not name them" 0 "$(got plain '/api/v1/traffic?limit=1000' | jq '[.traffic[] | has("campaign")] | map(select(.)) | length')"
equal "an import is told without its file's name" '[null,1,false]' "$(got plain /api/v1/imports | jq -c '.imports[0] | [.file, .rejected, has("options")]')"
equal "what was rejected is told by its place alone" '["posted_at",false]' "$(got plain /api/v1/imports/1 | jq -c '.rows[0] | [.heading, has("value")]')"
equal "the rows themselves are for who may see them, or sent them" "403 404 200" "$(code_as plain "$url/api/v1/imports/1/rejected") $(code_as cron "$url/api/v1/imports/1/rejected") $(code_as owner "$url/api/v1/imports/1/rejected")"
equal "who brings files sees of those of others no value, nor a file's name" '["posted_at",false,null]' "$(got cron /api/v1/imports/1 | jq -c '[.rows[0].heading, (.rows[0] | has("value")), .file]')"
equal "nor as a table" 0 "$(got cron '/api/v1/imports/1?format=csv' | head -1 | grep -c value)"
printf 'platform,id,type,posted_at\nfacebook,own1,meme,never\n' >"$story_dir/own.csv"
own=$(as cron -X POST --data-binary "@$story_dir/own.csv" "$url/api/v1/imports?file=own.csv" | jq .id)
own_state() { got cron "/api/v1/imports/$own" | jq -r .state; }
until_prints done own_state
equal "and of its own what there is to mend" '["never","own.csv"] 200' "$(got cron "/api/v1/imports/$own" | jq -c '[.rows[0].value, .file]') $(code_as cron "$url/api/v1/imports/$own/rejected")"
equal "a private note has a date and a kind" '[["campaign",false],["campaign",true],["campaign",true]]' "$(got plain /api/v1/notes | jq -c '[.notes[] | [.kind, has("text")]]')"
contains "and is not quoted where it touches figures" "(a private note)" "$(got figures '/api/v1/lift?source=facebook&start=2024-03-04&end=2024-03-25&baseline=28d')"
contains "as it is to who may" "zqprivate words" "$(got owner '/api/v1/lift?source=facebook&start=2024-03-04&end=2024-03-25&baseline=28d')"
equal "an experiment about an account is not there" '["open"] 404' "$(got plain $X | jq -c '[.experiments[].slug]') $(code_as plain "$url$X/by-name")"
equal "rules and accounts take the scope" "403 403 403" "$(code_as plain "$url/api/v1/type-rules") $(code_as plain "$url/api/v1/accounts") $(code_as plain "$url/api/v1/types?by=account")"
cli plain export >"$story_dir/export"
equal "an export cannot have them in it" "0 60" "$(grep -c zq "$story_dir/export") $(grep -c '"record":"post"' "$story_dir/export")"
equal "nor as a table" 0 "$(cli plain export --format csv | grep -c zq)"
lift='/api/v1/lift?source=facebook&start=2024-03-15&end=2024-03-25&baseline=28d'
equal "figures are what they are with it" "$(got owner "$lift" | jq -c '[.change, .lift, .p]')" "$(got plain "$lift" | jq -c '[.change, .lift, .p]')"
equal "also in a report" "$(got owner /api/v1/report | grep -o 'cannot be told[^<]*' | head -1)" "$(got plain /api/v1/report | grep -o 'cannot be told[^<]*' | head -1)"
equal "an entity tag of one is none of the other" "200" "$(code_as plain -H "If-None-Match: $(as owner -o /dev/null -D - "$url/api/v1/posts" | tr -d '\r' | sed -n 's/^etag: //Ip')" "$url/api/v1/posts")"
got owner '/api/v1/posts?limit=7' >/dev/null
equal "nor is an answer kept in memory" 0 "$(got plain '/api/v1/posts?limit=7' | grep -c zq)"

# ---- that nothing is in anything ----
if command -v node >/dev/null; then
    cat >"$story_dir/parts" <<P
{"seen": {"platform": ["facebook"], "id": {"posts": ["id1"], "imports": ["1"], "notes": ["1", "2"]}, "slug": ["open"], "n": ["1"]},
 "others": {"platform": ["facebook"], "id": {}, "slug": ["by-name"], "n": ["1"]},
 "none": {"platform": ["facebook"], "id": {}, "slug": ["no-such"], "n": ["1"]}}
P
    for who in plain figures; do
        node "$SRCDIR/tests/openapi/secrets.mjs" "$url" "$(cat "$story_dir/$who.token")" zqtext,zqlink,zqhandle,zqcampaign,zqutm,zqfile,zqprivate,zqbad "$story_dir/parts" any >"$story_dir/tap" 2>&1
        equal "all reading operations were asked as $who" 0 $?
        adopt "$story_dir/tap"
    done
fi
equal "what the daemon said of its work has none of it" 0 "$(grep -c zq "$story_dir/log")"
stop
equal "it stops with 0" 0 "$daemon_code"
end_of_story
