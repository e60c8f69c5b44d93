#!/bin/sh
# Bad input of every kind gets its own clear answer, nothing is stored half, and
# the daemon lives on at the same memory.
. "$SRCDIR/tests/story/lib.sh"
story_begin
start || exit 99
json='application/json'
before=$(get /metrics | sed -n 's/^postlift_resident_bytes //p')
revision=$(get /readyz | jq .revision)

says() { # what, part of the answer, path, type, body
    contains "$1" "$2" "$(post "$3" "$4" "$5")"
}
P=/api/v1/posts
one() { # the members of a post beside its keys
    printf '{"platform":"x","id":"1","type":"meme","posted_at":"2022-11-28"%s}' "$1"
}
says "truncated JSON has its place" 'line 1, column' $P $json '{"posts":[{"platform":"x"'
says "no JSON at all" '"code":"bad-json"' $P $json 'hello'
says "a list instead of an object" 'an object is expected' $P $json '[]'
says "an empty body" '"code":"empty-body"' $P $json ''
says "a negative count" '"pointer":"/likes","code":"bad-count"' $P $json "$(one ',"likes":-1')"
says "a fractional count" '"pointer":"/likes","code":"bad-count"' $P $json "$(one ',"likes":1.5')"
says "a count of 1e400" '"code":"bad-json"' $P $json "$(one ',"likes":1e400')"
says "a count beyond 2^53" '"code":"bad-count"' $P $json "$(one ',"likes":9007199254740993')"
says "a count that is text" '"code":"wrong-type"' $P $json "$(one ',"likes":"7"')"
says "an unknown metric" '"pointer":"/loves","code":"unknown-field"' $P $json "$(one ',"loves":7')"
says "2023-02-30" '"code":"bad-time"' $P $json '{"platform":"x","id":"1","type":"meme","posted_at":"2023-02-30"}'
says "0000-00-00" '"code":"bad-time"' $P $json '{"platform":"x","id":"1","type":"meme","posted_at":"0000-00-00"}'
says "a post from the future" '"code":"in-the-future"' $P $json '{"platform":"x","id":"1","type":"meme","posted_at":"2199-01-01"}'
says "a reading from before the post" '"code":"observed-before-posted"' $P $json "$(one ',"likes":1,"observed_at":"2022-11-01"')"
says "an id of ten thousand bytes" '"pointer":"/id","code":"too-long"' $P $json "{\"platform\":\"x\",\"id\":\"$(head -c 10000 /dev/zero | tr '\0' a)\",\"type\":\"meme\",\"posted_at\":\"2022-11-28\"}"
says "NUL in JSON" '"code":"bad-json"' $P $json "$(one ',"text":"a\u0000b"')"
says "a key twice" '"code":"bad-json"' $P $json "$(one ',"likes":1,"likes":2')"
says "a type of another kind" '"code":"bad-slug"' $P $json '{"platform":"x","id":"1","type":"<script>","posted_at":"2022-11-28"}'
printf '{"platform":"x","id":"1","type":"meme","posted_at":"2022-11-28","text":"\377"}' >"$story_dir/body"
contains "broken UTF-8 in JSON" '"code":"bad-json"' "$(curl -s -X POST -H "Content-Type: $json" --data-binary @"$story_dir/body" "$url$P")"
printf 'platform,id,type,posted_at,text\nx,1,meme,2022-11-28,\377\n' >"$story_dir/body"
contains "broken UTF-8 in CSV has line and column" '"line":2,"column":5,"heading":"text","code":"bad-utf8"' "$(curl -s -X POST -H 'Content-Type: text/csv' --data-binary @"$story_dir/body" "$url$P")"
printf 'platform,id,type,posted_at,text\nx,1,meme,2022-11-28,a\000b\n' >"$story_dir/body"
contains "NUL in CSV has line and column" '"line":2,"column":5,"heading":"text","code":"nul-byte"' "$(curl -s -X POST -H 'Content-Type: text/csv' --data-binary @"$story_dir/body" "$url$P")"
says "an open quote has its place" 'line 2, column 3' $P text/csv 'platform,id,type,posted_at
x,1,"meme,2022-11-28
'
says "headings alone are no fault" '"received":0' $P text/csv 'platform,id,type,posted_at
'
says "an empty CSV" '"code":"empty-file"' $P text/csv ''
says "a row of totals is skipped and counted" '"skipped":1' $P text/csv 'platform,id,type,posted_at
Total,,,
'
awk 'BEGIN { printf "platform,id"; for (i = 0; i < 10000; i++) printf ",c%d", i; print "" }' >"$story_dir/body"
equal "ten thousand columns" 422 "$(status_of -X POST -H 'Content-Type: text/csv' --data-binary @"$story_dir/body" "$url$P")"
awk 'BEGIN { printf "{\"posts\":["; for (i = 0; i < 100001; i++) printf "%s{}", i ? "," : ""; print "]}" }' >"$story_dir/body"
contains "a hundred thousand empty records are all counted as bad" '"rejected":100001' "$(curl -s -X POST -H "Content-Type: $json" --data-binary @"$story_dir/body" "$url$P" | head -c 400)"
awk 'BEGIN { for (i = 0; i < 100001; i++) printf "{\"platform\":\"x\",\"id\":\"%d\",\"type\":\"a\",\"posted_at\":\"2022-11-28\"}\n", i }' >"$story_dir/body"
equal "more records than one request may have are 413" 413 "$(status_of -X POST -H 'Content-Type: application/x-ndjson' --data-binary @"$story_dir/body" "$url$P")"
awk 'BEGIN { for (i = 0; i < 100000; i++) printf "["; }' >"$story_dir/body"
equal "deep nesting" 400 "$(status_of -X POST -H "Content-Type: $json" --data-binary @"$story_dir/body" "$url$P")"
equal "a body of 2 GB is refused before it is read" 413 "$(curl -s --max-time 20 -o /dev/null -w '%{http_code}' -X POST -H "Content-Type: $json" -H 'Content-Length: 2147483648' --data-binary '{' "$url$P")"
head -c 20000000 /dev/zero | tr '\0' ' ' | curl -s --max-time 20 -o /dev/null -X POST -H "Content-Type: $json" -H 'Transfer-Encoding: chunked' --data-binary @- "$url$P" 2>/dev/null
check "a chunked body past the ceiling is cut off" test $? -ne 0
says "a comma that ends the list" '"code":"bad-json"' $P $json '{"posts":[{},]}'
says "traffic without a figure" '"code":"missing-field"' /api/v1/traffic $json '{"date":"2022-11-28","source":"social"}'
says "traffic without a source" '"code":"missing-field"' /api/v1/traffic $json '{"date":"2022-11-28","sessions":1}'

equal "nothing of all this was stored" "$revision" "$(get /readyz | jq .revision)"
equal "not a post" 0 "$(get $P | jq '.posts | length')"
after=$(get /metrics | sed -n 's/^postlift_resident_bytes //p')
in_flight=$(get /metrics | sed -n 's/^postlift_body_bytes_in_flight //p')
equal "no body is still held" 0 "$in_flight"
# a sanitizer keeps freed memory for a while: the allowance is wider then
allowance=32
ldd "$POSTLIFTD" 2>/dev/null | grep -q asan && allowance=300
check "memory has not grown by more than $allowance MiB" test "$after" -lt $((before + allowance * 1048576))
equal "an import of 2 GB is refused before it is read" 413 "$(curl -s --max-time 20 -o /dev/null -w '%{http_code}' -X POST -H 'Content-Length: 2147483648' --data-binary '{' "$url/api/v1/imports")"
for q in 'lift?source=social&start=2022-02-30' 'lift?source=social' 'compare?metric=love&a.type=meme' 'types?by=moon' 'posts?from=0000-00-00' 'posts?from=2022-01-02&to=2022-01-01' 'imports?cursor=x'; do
    equal "the question $q is 422" 422 "$(status_of "$url/api/v1/$q")"
done
stop
equal "it stops with 0, nothing leaked" 0 "$daemon_code"
end_of_story
