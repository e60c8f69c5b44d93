#!/bin/sh
# Writing and reading over HTTP, and the manners in between.
. "$SRCDIR/tests/story/lib.sh"
story_begin
start || exit 99
json='application/json'

answer=$(post /api/v1/posts $json '{"platform":"facebook","id":"1","type":"meme","posted_at":"2022-11-28T10:00:00Z","likes":135,"tags":["general"],"observed_at":"2022-12-05T10:00:00Z"}')
contains "one post is inserted" '"received":1,"inserted":1,"updated":0,"unchanged":0,"skipped":0,"rejected":0' "$answer"
answer=$(post /api/v1/posts $json '{"platform":"facebook","id":"1","type":"meme","posted_at":"2022-11-28T10:00:00Z","likes":135,"tags":["general"],"observed_at":"2022-12-05T10:00:00Z"}')
contains "the same again is unchanged, at the same revision" '"unchanged":1,"skipped":0,"rejected":0,"rejections":[],"revision":1' "$answer"

answer=$(post /api/v1/posts $json '{"posts":[{"platform":"x","id":"2","type":"poll","posted_at":"2022-11-01","likes":7},{"platform":"x","id":"3","type":"poll","posted_at":"2023-02-30"},{"platform":"x","id":"4","typ":"poll"},7]}')
contains "good records are kept when others are bad" '"received":4,"inserted":1,"updated":0,"unchanged":0,"skipped":0,"rejected":3' "$answer"
contains "a bad time has its pointer" '"pointer":"/posts/1/posted_at","code":"bad-time"' "$answer"
contains "an unknown field has its pointer" '"pointer":"/posts/2/typ","code":"unknown-field"' "$answer"
contains "a record that is none has its pointer" '"pointer":"/posts/3","code":"wrong-type"' "$answer"

revision=$(get /readyz | sed 's/.*"revision":\([0-9]*\).*/\1/')
code=$(status_of -X POST -H "Content-Type: $json" -d '{"posts":[{"platform":"x","id":"5","type":"poll","posted_at":"2022-11-01"},{"platform":"x","id":"6"}]}' "$url/api/v1/posts?strict=1")
equal "strict=1 is all or nothing" 422 "$code"
equal "and nothing was stored" 404 "$(status_of "$url/api/v1/posts/x/5")"
equal "nor did the revision move" "$revision" "$(get /readyz | sed 's/.*"revision":\([0-9]*\).*/\1/')"

answer=$(post /api/v1/posts application/x-ndjson '{"platform":"x","id":"7","type":"link","posted_at":"2022-11-02","shares":1}

{"platform":"x","id":"8","type":"link","posted_at":"2022-11-02","shares":-1}
{"platform":"x","id":"9","type":"link","posted_at":"2022-11-02","shares":1e400}
not json
')
contains "NDJSON counts its records" '"received":4,"inserted":1' "$answer"
contains "a negative count has its line" '"line":3,"pointer":"/shares","code":"bad-count"' "$answer"
contains "an infinite count has its line" '"line":4,' "$answer"
contains "nonsense has its line" '"line":5,' "$answer"

answer=$(post /api/v1/posts text/csv 'platform,id,type,posted_at,likes,tags
linkedin,10,meme,2022-11-28T09:00:00Z,70,general funny
linkedin,11,meme,2022-11-28T09:00:00Z,1.5,
linkedin,,meme,2022-11-28T09:00:00Z,1,
')
contains "CSV counts its records" '"received":3,"inserted":1' "$answer"
contains "a fraction has its line, column and heading" '"line":3,"column":5,"heading":"likes","code":"bad-count"' "$answer"
contains "a missing id has its line and column" '"line":4,"column":2,"heading":"id"' "$answer"
contains "an unknown column refuses the whole" '"code":"unknown-column"' "$(post /api/v1/posts text/csv 'platform,id,likess
x,1,2
')"

answer=$(post /api/v1/traffic $json '{"date":"2022-11-28","source":"social","sessions":400,"users":300}')
contains "a day of traffic is inserted" '"inserted":1' "$answer"
contains "a bad day of traffic is refused with its field" '"pointer":"/date","code":"bad-date"' "$(post /api/v1/traffic $json '{"date":"2022-11-31","source":"social","sessions":1}')"
equal "where all is bad the answer is 422" 422 "$(status_of -X POST -H "Content-Type: $json" -d '{"date":"2022-11-31","source":"social","sessions":1}' "$url/api/v1/traffic")"

# Reading
answer=$(get /api/v1/posts/facebook/1)
contains "absent is null and zero is not" '"likes":135,"comments":null' "$answer"
contains "engagement says what it is made of" '"engagement":135,"engagement_parts":["likes"]' "$answer"
contains "a post has its observations" '"observations":[{"kind":"lifetime","covers_from":null,"covers_to":null,"first_seen_at":"2022-12-05T10:00:00Z"' "$answer"
post /api/v1/posts $json '{"platform":"facebook","id":"1","likes":120,"observed_at":"2022-11-30T10:00:00Z"}' >/dev/null
answer=$(get /api/v1/posts/facebook/1)
contains "an older reading joins the history" '"first_seen_at":"2022-11-30T10:00:00Z","last_seen_at":"2022-11-30T10:00:00Z","likes":120' "$answer"
contains "and the post stays at its latest" '"observed_at":"2022-12-05T10:00:00Z","likes":135' "$answer"
equal "twitter is another name of x" 200 "$(status_of "$url/api/v1/posts/twitter/2")"
equal "a post that is not there is 404" 404 "$(status_of "$url/api/v1/posts/facebook/none")"

equal "filters negate" "linkedin" "$(get '/api/v1/posts?type=meme&platform=!facebook' | jq -r '.posts[].platform')"
equal "tags filter" "10" "$(get '/api/v1/posts?tag=funny' | jq -r '.posts[].id')"
equal "days filter, both ends included" "2" "$(get '/api/v1/posts?to=2022-11-01' | jq -r '.posts[].id')"
equal "an unknown parameter is 422" 422 "$(status_of "$url/api/v1/posts?typ=meme")"
equal "a bad limit is 422" 422 "$(status_of "$url/api/v1/posts?limit=0")"

# Cursors neither skip nor repeat
for i in $(seq 100 130); do
    echo "{\"platform\":\"tiktok\",\"id\":\"$i\",\"type\":\"video\",\"posted_at\":\"2022-10-0$((i % 3 + 1))T10:00:00Z\"}"
done >"$story_dir/many"
curl -s -X POST -H 'Content-Type: application/x-ndjson' --data-binary @"$story_dir/many" "$url/api/v1/posts" >/dev/null
seen= cursor=
while :; do
    page=$(get "/api/v1/posts?platform=tiktok&limit=7$cursor")
    seen="$seen $(echo "$page" | jq -r '.posts[].id' | tr '\n' ' ')"
    next=$(echo "$page" | jq -r '.next_cursor')
    [ "$next" != null ] || break
    cursor="&cursor=$next"
done
equal "pages of posts hold each once" "31 31" "$(echo "$seen" | tr ' ' '\n' | grep -c .) $(echo "$seen" | tr ' ' '\n' | grep . | sort -u | wc -l | tr -d ' ')"
for day in 01 02 03 04 05; do
    for source in a b c; do
        echo "{\"date\":\"2022-10-$day\",\"source\":\"$source\",\"sessions\":1}"
    done
done >"$story_dir/days"
curl -s -X POST -H 'Content-Type: application/x-ndjson' --data-binary @"$story_dir/days" "$url/api/v1/traffic" >/dev/null
seen= cursor=
while :; do
    page=$(get "/api/v1/traffic?to=2022-10-31&limit=4$cursor")
    seen="$seen $(echo "$page" | jq -r '.traffic[] | .date + .source' | tr '\n' ' ')"
    next=$(echo "$page" | jq -r '.next_cursor')
    [ "$next" != null ] || break
    cursor="&cursor=$next"
done
equal "pages of traffic hold each once" "15 15" "$(echo "$seen" | tr ' ' '\n' | grep -c .) $(echo "$seen" | tr ' ' '\n' | grep . | sort -u | wc -l | tr -d ' ')"
equal "a made-up cursor is 422" 422 "$(status_of "$url/api/v1/posts?cursor=zz")"
equal "a made-up cursor of traffic is 422" 422 "$(status_of "$url/api/v1/traffic?cursor=zz")"

# CSV
answer=$(get '/api/v1/posts?platform=linkedin&format=csv')
contains "CSV has its heading" 'platform,id,type,posted_at,account,region,tags' "$answer"
equal "and CRLF behind every row" "$(echo "$answer" | wc -l)" "$(echo "$answer" | grep -c "$(printf '\r')\$")"
contains "and tags parted by blanks" "general funny" "$answer"
equal "Accept asks for CSV as well" 'text/csv; charset=utf-8; header=present' "$(header_of Content-Type -H 'Accept: text/csv' "$url/api/v1/posts")"
curl -s "$url/api/v1/posts?platform=linkedin&format=csv" >"$story_dir/out.csv"
contains "what goes out as CSV comes in again unchanged" '"received":1,"inserted":0,"updated":0,"unchanged":1' "$(curl -s -X POST -H 'Content-Type: text/csv' --data-binary @"$story_dir/out.csv" "$url/api/v1/posts")"
equal "bom=1 puts a mark in front" "efbbbf" "$(curl -s "$url/api/v1/posts?format=csv&bom=1" | head -c 3 | od -An -tx1 | tr -d ' \n')"

# Tags of content
etag=$(header_of ETag "$url/api/v1/posts")
equal "the same question gives 304 to who knows the answer" 304 "$(status_of -H "If-None-Match: $etag" "$url/api/v1/posts")"
equal "the answer kept in memory does so too" 304 "$(status_of -H "If-None-Match: $etag" "$url/api/v1/posts")"
check "CSV has a tag of its own" test "$etag" != "$(header_of ETag "$url/api/v1/posts?format=csv")"
post /api/v1/posts $json '{"platform":"x","id":"2","likes":8}' >/dev/null
equal "after a change it is 200 again" 200 "$(status_of -H "If-None-Match: $etag" "$url/api/v1/posts")"
for path in /healthz /readyz /metrics /api/v1/openapi.json /api/v1/imports /api/v1/accounts /api/v1/sources /api/v1/types '/api/v1/compare?a.type=meme' /api/v1/posts/x/2; do
    contains "$path has a strong tag" '"' "$(header_of ETag "$url$path" | grep -v '^W/')"
done

# Methods
equal "HEAD is answered like GET" 200 "$(curl -s -I -o /dev/null -w '%{http_code}' "$url/api/v1/posts")"
equal "OPTIONS says what there is" 'GET, HEAD, POST, OPTIONS' "$(header_of Allow -X OPTIONS "$url/api/v1/posts")"
equal "OPTIONS is 204" 204 "$(status_of -X OPTIONS "$url/healthz")"
equal "a wrong method is 405" 405 "$(status_of -X PUT "$url/api/v1/posts")"
equal "and says what there is" 'GET, HEAD, POST, OPTIONS' "$(header_of Allow -X PUT "$url/api/v1/posts")"
equal "an unknown path is 404" 404 "$(status_of "$url/api/v2/posts")"
equal "problems are problem+json" 'application/problem+json' "$(header_of Content-Type "$url/api/v2/posts")"
contains "a form is 415 and told what to send" 'application/x-ndjson' "$(post /api/v1/posts application/x-www-form-urlencoded 'a=b')"
contains "answers forbid scripts" "default-src 'none'" "$(header_of Content-Security-Policy "$url/healthz")"
equal "answers are not to be guessed at" nosniff "$(header_of X-Content-Type-Options "$url/healthz")"

# Names
contains "accounts are listed" '"platform":"facebook","account":null,"region":"-","posts":1' "$(get /api/v1/accounts)"
contains "a region is set" '"changed":true' "$(post /api/v1/accounts $json '{"platform":"facebook","region":"eu"}')"
contains "once" '"changed":false' "$(post /api/v1/accounts $json '{"platform":"facebook","region":"eu"}')"
equal "of an account that is there" 404 "$(status_of -X POST -H "Content-Type: $json" -d '{"platform":"facebook","account":"nobody","region":"eu"}' "$url/api/v1/accounts")"
contains "a record that says otherwise is rejected" '"code":"region-conflict"' "$(post /api/v1/posts $json '{"platform":"facebook","id":"1","region":"us"}')"
contains "a source can be told what it counts as" '"changed":true' "$(post /api/v1/sources $json '{"name":"a","source":"newsletter"}')"
contains "and is shown so" '{"name":"a","source":"newsletter","stated":true}' "$(get /api/v1/sources)"
equal "and is asked for by it" 5 "$(get '/api/v1/traffic?source=newsletter' | jq '.traffic | length')"

# Metrics
answer=$(get /metrics)
contains "metrics count the requests by route" 'postlift_http_requests_total{route="posts",method="POST",status="2xx"}' "$answer"
equal "each metric has its help and type" "$(echo "$answer" | grep -c '^# HELP')" "$(echo "$answer" | grep -c '^# TYPE')"
stop
equal "it stops with 0" 0 "$daemon_code"
end_of_story
