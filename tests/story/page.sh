#!/bin/sh
# The page in a real browser: the sample study, an empty database, a large one, hostile texts, a daemon
# that goes away. Screenshots are kept in tests/page/ of the build for people to look at.
. "$SRCDIR/tests/story/lib.sh"
[ -d "$SRCDIR/tests/node_modules/playwright-core" ] || skip_story "the npm packages are not installed (script/test does that)"
CHROMIUM=$(command -v chromium || command -v chromium-browser || true)
[ -n "$CHROMIUM" ] || skip_story "there is no chromium (script/setup tests installs it)"
export CHROMIUM
story_begin
shots=$(pwd)/tests/page
mkdir -p "$shots"
see() { # situation
    timeout 240 node "$SRCDIR/tests/page/page.mjs" "$url" "$1" "$shots" >"$story_dir/tap.$1" 2>&1
    equal "the browser came to its end ($1)" 0 $?
    adopt "$story_dir/tap.$1"
}
start || exit 99
"$POSTLIFT" import "$SRCDIR/tests/data/meme-study/posts.csv" "$SRCDIR/tests/data/meme-study/traffic.csv" >/dev/null
"$POSTLIFT" note add --date 2022-12-10 --kind holiday 'St Nicholas' >/dev/null
see sample
bytes=$(cat "$SRCDIR/web/index.html" "$SRCDIR/web/app.js" "$SRCDIR/web/style.css" | wc -c)
check "page, script and style are below 60 kB together" test "$bytes" -lt 60000
equal "they are served packed, with a tag that differs" 'gzip' "$(header_of Content-Encoding -H 'Accept-Encoding: gzip' "$url/app.js")"
check "a page that is known is not sent again" test "$(status_of -H 'Accept-Encoding: gzip' -H "If-None-Match: $(header_of ETag -H 'Accept-Encoding: gzip' "$url/")" "$url/")" = 304
check "unpacked it has another tag" test "$(header_of ETag "$url/app.js")" != "$(header_of ETag -H 'Accept-Encoding: gzip' "$url/app.js")"
policy=$(header_of Content-Security-Policy "$url/")
contains "the page has a policy" "default-src 'none'; script-src 'self'" "$policy"
case $policy in *unsafe*) check "without anything unsafe in it" false ;; *) check "without anything unsafe in it" true ;; esac
equal "the same data give the same picture" "$(get /charts/lift.svg | md5sum)" "$(get /charts/lift.svg | md5sum)"
for q in 'lift.svg?start=2030-01-01' 'lift.svg?source=pigeon' 'types.svg?type=none' 'posts.svg?type=none' 'cadence.svg?type=none' 'types.svg?by=vibes' 'lift.svg?start=x'; do
    get "/charts/$q" >"$story_dir/c.svg"
    check "a picture says it in words: $q" grep -q '<svg xmlns.*' "$story_dir/c.svg"
done
"$POSTLIFT" report >"$story_dir/report.html"
equal "a report has four pictures, and neither script nor link to elsewhere" '4 0' "$(grep -c '<svg xmlns' "$story_dir/report.html") $(grep -cE '<script|src=|<link|@import|url\(' "$story_dir/report.html")"
equal "the same data give the same bytes" "$(md5sum <"$story_dir/report.html")" "$("$POSTLIFT" report | md5sum)"
contains "text for a terminal has a sparkline" "2022-08-30 to 2022-12-27, highest" "$("$POSTLIFT" report --format=text)"
contains "with other options, in either form" "in the 23 days from 5 December 2022" "$("$POSTLIFT" report --format=text --start=2022-12-05 --source social)"
contains "and with what moves beside what pleases" "moves: days with one" "$("$POSTLIFT" report --format text)"
contains "what cannot be reported is said" 'No traffic is stored of a source "pigeon"' "$("$POSTLIFT" report --source pigeon 2>&1)"
listen=${url#http://}
# a daemon that goes away and comes back at the same address
timeout 240 node "$SRCDIR/tests/page/page.mjs" "$url" away "$shots" >"$story_dir/tap.away" 2>&1 &
browser=$!
for sign in stop start; do
    tries=0
    while ! grep -q "^# $sign" "$story_dir/tap.away" && kill -0 $browser 2>/dev/null && [ $tries -lt 1200 ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
    if [ $sign = stop ]; then stop; else start || exit 99; fi
done
wait $browser
equal "the browser came to its end (away)" 0 $?
adopt "$story_dir/tap.away"
stop
listen=127.0.0.1:0
rm -f "$db" "$db"-*
start || exit 99
see empty
stop
rm -f "$db" "$db"-*
start || exit 99
bad='<script>alert(1)</script><img src=x onerror=alert(2)>"&\u202e\u0000'
long=$(printf '%010000d' 0 | sed 's/0/W/g')
for i in $(seq 40); do
    printf '{"platform":"facebook","id":"<b>%s</b>%d","type":"t<%s>","account":"<i>a</i>","posted_at":"2024-03-%02dT10:00:00Z","text":"%s","url":"javascript:alert(3)","tags":["x"],"likes":%d}\n' "" "$i" "" $((i % 28 + 1)) "$long" $((i * i * i)) | sed 's/"type":"t<>"/"type":"w\\u0301\\u202eevil"/'
done | curl -s -X POST -H 'Content-Type: application/x-ndjson' --data-binary @- "$url/api/v1/posts" >/dev/null
i=0
while [ $i -lt 120 ]; do
    printf '{"date":"%s","source":"facebook","sessions":%d}\n{"date":"%s","source":"<script>alert(4)</script>\\u202e","sessions":1000000000000}\n' "$(date -u -d "2023-12-01 + $i days" +%F)" $((i * 7 % 40)) "$(date -u -d "2023-12-01 + $i days" +%F)"
    i=$((i + 1))
done | curl -s -X POST -H 'Content-Type: application/x-ndjson' --data-binary @- "$url/api/v1/traffic" >/dev/null
"$POSTLIFT" note add --date 2024-03-05 --kind other "<script>alert(5)</script> $long" >/dev/null 2>&1 || "$POSTLIFT" note add --date 2024-03-05 --kind other "<script>alert(5)</script> $(echo "$long" | cut -c1-1500)" >/dev/null
"$POSTLIFT" experiment new --name "$(printf '\342\200\256')<img src=x onerror=alert(6)> $(echo "$long" | cut -c1-150)" --slug bad --question '</table><script>alert(7)</script>' --design step --posts type:meme --source facebook --start 2024-03-01 --end 2024-03-20 >/dev/null
printf '%s' "$bad" >/dev/null
see hostile
stop
rm -f "$db" "$db"-*
start || exit 99
"$POSTLIFT" sample coin-flip >/dev/null
see coin
contains "a report leads with the finding of the experiment" "The newest finding of an experiment" "$("$POSTLIFT" report)"
stop
rm -f "$db" "$db"-*
start || exit 99
# from nothing to 10^12, posts far from the others, and a type of forty letters
awk 'BEGIN { print "platform,id,type,posted_at,likes,text,url"
    for (i = 0; i < 120; i++) printf "facebook,e%d,%s,2024-0%d-%02dT10:00:00Z,%s,\"Post number %d, of many\",https://example.org/%d\n", i, i % 3 ? "meme" : "a-type-whose-name-has-forty-letters-in-i", int(i / 28) + 1, i % 28 + 1, i % 40 == 0 ? "1000000000000" : i % 41 == 0 ? "0" : 900 + i * 7919 % 97, i, i }' >"$story_dir/far.csv"
"$POSTLIFT" import "$story_dir/far.csv" >/dev/null
equal "posts alone make a report, and it says what lacks" '0 3 1' "$("$POSTLIFT" report >"$story_dir/posts.html"; echo $?) $(grep -c '<svg xmlns' "$story_dir/posts.html") $(grep -c 'There is no traffic of the website yet' "$story_dir/posts.html")"
contains "as text, too" "There is no traffic of the website yet" "$("$POSTLIFT" report --format=text)"
i=0
{ echo date,source,sessions; while [ $i -lt 130 ]; do echo "$(date -u -d "2023-12-20 + $i days" +%F),social,$([ $((i % 9)) = 0 ] && echo 1000000000000 || echo $((i * 7919 % 300)))"; i=$((i + 1)); done; } >"$story_dir/days.csv"
"$POSTLIFT" import "$story_dir/days.csv" >/dev/null
see extremes
stop
rm -f "$db" "$db"-*
start || exit 99
awk 'BEGIN { print "platform,id,type,posted_at,likes"
    for (i = 0; i < 100000; i++) printf "x,%d,type%d,2024-%02d-%02dT%02d:00:00Z,%d\n", i, i < 5000 ? 1 : i % 300, i < 5000 ? 6 : int(i / 8400) % 12 + 1, i < 5000 ? 15 : i % 28 + 1, i % 24, (i * 7919) % 1009 }' >"$story_dir/posts.csv"
"$POSTLIFT" import "$story_dir/posts.csv" >/dev/null
i=0
{ echo date,source,sessions; while [ $i -lt 360 ]; do echo "$(date -u -d "2024-01-01 + $i days" +%F),social,$((i * 7919 % 300 + 200))"; i=$((i + 1)); done; } >"$story_dir/days.csv"
"$POSTLIFT" import "$story_dir/days.csv" >/dev/null
see many
awk 'BEGIN { print "platform,id,type,posted_at,likes"; for (i = 0; i < 10000; i++) printf "x,k%d,kind%d,2024-05-05T10:00:00Z,%s\n", i, i, i % 2 ? "0" : "1000000000000" }' >"$story_dir/kinds.csv"
"$POSTLIFT" import "$story_dir/kinds.csv" >/dev/null
for chart in lift types posts cadence; do
    get "/charts/$chart.svg" >"$story_dir/c.svg"
    check "ten thousand types: $chart.svg is drawn, or says in words why not" grep -q '</svg>' "$story_dir/c.svg"
done
stop
equal "it stops with 0" 0 "$daemon_code"
rm -f "$db" "$db"-*
POSTLIFT_TOKENS=$story_dir/tokens
export POSTLIFT_TOKENS
FIGURES=$("$POSTLIFT" token add --name figures --scope read 2>/dev/null)
EDITOR_TOKEN=$("$POSTLIFT" token add --name editor --scope read,rows,sensitive,import 2>/dev/null)
export FIGURES EDITOR_TOKEN
start || exit 99
(umask 077; echo "$EDITOR_TOKEN" >"$story_dir/editor")
POSTLIFT_TOKEN_FILE=$story_dir/editor "$POSTLIFT" import "$SRCDIR/tests/data/meme-study/posts.csv" "$SRCDIR/tests/data/meme-study/traffic.csv" >/dev/null
see tokens
stop
end_of_story
