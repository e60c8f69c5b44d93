#!/bin/sh
# What once went wrong, and must not again.
. "$SRCDIR/tests/story/lib.sh"
story_begin
start || exit 99
json='application/json'

# A rejected or empty cell is no zero, also where an absent row is one
awk 'BEGIN { print "date,sourceMedium,sessions"
    for (d = 1; d <= 14; d++) { printf "2022-03-%02d,google / organic,%s\n", d, d == 10 ? "1O" : d == 12 ? "-" : 10
        if (d % 2) printf "2022-03-%02d,bing / organic,4\n", d
        printf "2022-03-%02d,(direct) / (none),5\n", d } }' >"$story_dir/sm.csv"
"$POSTLIFT" import "$story_dir/sm.csv" 2>/dev/null
answer=$(get '/api/v1/lift?source=organic&start=2022-03-08&end=2022-03-14&baseline=7d&series=1')
equal "a day with a rejected row, and one with an empty cell, are missing" '["2022-03-10","2022-03-12"]' "$(echo "$answer" | jq -c .after.left_out)"
equal "a day without a row is zero" 10 "$(echo "$answer" | jq '.series[] | select(.date == "2022-03-08") | .value')"
post /api/v1/traffic $json '{"date":"2022-03-13","source":"bing / organic","sessions":4}' >/dev/null
equal "another sender's word for one day leaves the file's zeros alone" 2 "$(get '/api/v1/lift?source=organic&start=2022-03-08&end=2022-03-14&baseline=7d' | jq .after.days_missing)"

# An import that is taken back before it began stays out
awk 'BEGIN { print "platform,id,type,posted_at"; for (i = 0; i < 150000; i++) printf "tiktok,%d,meme,2022-11-28\n", i }' >"$story_dir/big.csv"
id=$(curl -s -X POST -T "$story_dir/big.csv" "$url/api/v1/imports" | jq .id)
taken=$(curl -s -X DELETE "$url/api/v1/imports/$id" | jq -r .state)
check "all imports come to an end" imports_end
if [ "$taken" = undoing ]; then
    equal "an undo that was acknowledged happens" undone "$(get "/api/v1/imports/$id" | jq -r .state)"
    equal "and leaves nothing" 0 "$(get '/api/v1/posts?platform=tiktok' | jq '.posts | length')"
else
    note "the import was quicker than its undo"
fi

# Names with a tab, and the cursor that parts by it
contains "a name with a tab is refused" '"code":"bad-name"' "$(post /api/v1/traffic $json '{"date":"2022-01-01","source":"a\tb","sessions":1}')"
# A region that becomes known changes answers, so it raises the revision
post /api/v1/posts $json '{"platform":"x","id":"r","type":"meme","posted_at":"2022-01-01"}' >/dev/null
equal "nobody is in a region yet" 0 "$(get '/api/v1/posts?region=us' | jq '.posts | length')"
contains "a region is stated" '"updated":1' "$(post /api/v1/posts $json '{"platform":"x","id":"r","region":"us"}')"
equal "and is seen at once" 1 "$(get '/api/v1/posts?region=us' | jq '.posts | length')"
# Before 1970
contains "a post of 1965 is refused" '"code":"bad-time"' "$(post /api/v1/posts $json '{"platform":"x","id":"old","type":"meme","posted_at":"1965-02-20"}')"
# Types: a stranger from long ago does not spoil the others; a region's posts stand beside its own traffic
post /api/v1/posts $json '{"platform":"x","id":"2005","type":"note","posted_at":"2005-01-01"}' >/dev/null
post /api/v1/posts $json '{"posts":[{"platform":"facebook","id":"e1","type":"poll","account":"eu-page","region":"eu","posted_at":"2022-05-01"},{"platform":"facebook","id":"e2","type":"poll","account":"eu-page","posted_at":"2022-05-03"}]}' >/dev/null
for d in 1 2 3; do
    post /api/v1/traffic $json "{\"traffic\":[{\"date\":\"2022-05-0$d\",\"source\":\"social\",\"region\":\"eu\",\"sessions\":20},{\"date\":\"2022-05-0$d\",\"source\":\"social\",\"region\":\"us\",\"sessions\":70}]}" >/dev/null
done
equal "types of a region beside the traffic of that region" 20 "$(get '/api/v1/types?type=poll&region=eu' | jq '.types[0].traffic.mean_with')"
equal "the question says so" eu "$(get '/api/v1/types?type=poll&region=eu' | jq -r .question.region)"
equal "all regions otherwise" 90 "$(get '/api/v1/types?type=poll' | jq '.types[0].traffic.mean_with')"
# The order of a file decides, not that of its ids
printf 'platform,id,type,posted_at,account,region\nx,z9,m,2022-01-01,ord,eu\nx,a1,m,2022-01-01,ord,us\n' >"$story_dir/ord.csv"
err=$("$POSTLIFT" import "$story_dir/ord.csv" 2>&1)
contains "the second of two regions is the one that is rejected" "line 3, column 6 (region)" "$err"
# Misleading words
contains "broken UTF-8 in a question is named" 'bad-utf8' "$(get '/api/v1/compare?a.campaign=%ff')"
contains "a heading that stands twice is named" 'stands there twice' "$(post /api/v1/posts text/csv 'platform,id,likes,likes
')"
contains "pointers are escaped" '/posts/0/a~1b~0c' "$(post /api/v1/posts $json '{"posts":[{"a/b~c":1}]}')"
contains "a byte order mark before JSON is no fault" '"received":1,"inserted":1' "$(printf '\357\273\277{"platform":"x","id":"bom","type":"m","posted_at":"2022-01-01"}' | curl -s -H "Content-Type: $json" --data-binary @- "$url/api/v1/posts")"
contains "a control inside what is asked about is refused" 'control-is-source' "$(get '/api/v1/lift?source=social&start=2022-03-08&control=facebook')"
equal "300 rows of totals do not hide two bad ones" 2 "$( (echo 'platform,id,type,posted_at'; for i in $(seq 300); do echo 'Total,,,'; done; printf 'x,1,m,2023-02-30\nx,2,m,2023-02-30\n') | "$POSTLIFT" import - 2>&1 | grep -c 'posted_at')"
"$POSTLIFT" account "$(printf '\377')" a b 2>"$story_dir/err"
equal "a word that is no UTF-8 is a fault of usage" 64 $?
check "and said" test -s "$story_dir/err"

# Two names of one file are one database
ln -s "$db" "$story_dir/link.db"
contains "a second daemon by a link is refused" 'Another postliftd' "$("$POSTLIFTD" --listen 127.0.0.1:0 --db "$story_dir/link.db" 2>&1)"

# Many observations of one post come by pages
awk 'BEGIN { print "platform,id,type,posted_at,likes,observed_at"
    for (i = 0; i < 1100; i++) printf "x,many,m,2020-01-01T00:00:00Z,%d,2021-%02d-%02dT%02d:00:00Z\n", i, int(i / 100) + 1, int(i % 100 / 24) + 1, i % 100 % 24 }' >"$story_dir/many.csv"
"$POSTLIFT" import "$story_dir/many.csv"
equal "the first thousand" '[1000,"1000"]' "$(get /api/v1/posts/x/many | jq -c '[(.observations | length), .next_cursor]')"
equal "and the rest" '[100,null]' "$(get '/api/v1/posts/x/many?cursor=1000' | jq -c '[(.observations | length), .next_cursor]')"
# CSV out and in again is the same record, also where a spreadsheet had to be kept from running it
post /api/v1/posts $json '{"posts":[{"platform":"youtube","id":"-8hYx_qT0aE","type":"video","posted_at":"2022-01-01","account":"@ch","text":"=1+1","likes":3,"observed_at":"2022-01-05"},{"platform":"youtube","id":"q","type":"video","posted_at":"2022-01-01","text":"'"'"'=quoted"}]}' >/dev/null
curl -s "$url/api/v1/posts?platform=youtube&format=csv" >"$story_dir/yt.csv"
contains "cells are made harmless" "'-8hYx_qT0aE" "$(cat "$story_dir/yt.csv")"
contains "and come back as they were" '"inserted":0,"updated":0,"unchanged":2' "$(curl -s -X POST -H 'Content-Type: text/csv' --data-binary @"$story_dir/yt.csv" "$url/api/v1/posts")"
equal "with no account beside the first" 0 "$(get /api/v1/accounts | jq "[.accounts[] | select(.account == \"'@ch\")] | length")"
contains "a page of CSV says that there is more" 'limit=1&cursor=' "$(header_of Link "$url/api/v1/posts?platform=youtube&format=csv&limit=1")"
equal "and where: the next page is the last" "" "$(header_of Link "$url$(header_of Link "$url/api/v1/posts?platform=youtube&format=csv&limit=1" | sed 's/<\(.*\)>.*/\1/')")"

# A file whose only news is which days it covers changes answers
printf 'date,sourceMedium,sessions\n2021-01-01,google / organic,10\n2021-01-01,bing / organic,3\n2021-01-02,google / organic,10\n2021-01-02,bing / organic,bad\n2021-01-03,google / organic,12\n2021-01-20,bing / organic,1\n' >"$story_dir/c1.csv"
grep -v bad "$story_dir/c1.csv" >"$story_dir/c2.csv"
"$POSTLIFT" import "$story_dir/c1.csv" 2>/dev/null
q='/api/v1/lift?source=organic&start=2021-01-03&end=2021-01-03&baseline=2d'
equal "a day with a rejected row is unknown" 1 "$(get "$q" | jq .baseline.days_used)"
"$POSTLIFT" import "$story_dir/c2.csv"
equal "until a file covers it whole" 2 "$(get "$q" | jq .baseline.days_used)"
equal "a name without a row among the days is zero where files cover them" '[1,12]' "$(get '/api/v1/lift?source=organic&start=2021-01-03&end=2021-01-03&baseline=1d' | jq -c '[.after.days_used, .after.daily_mean]')"

# Readings that come newest first, and daily increments, take no longer than others
awk 'BEGIN { print "platform,id,type,posted_at,likes,observed_at"
    for (i = 3000; i > 0; i--) printf "x,newest,m,2020-01-01T00:00:00Z,%d,2021-%02d-%02dT%02d:%02d:00Z\n", i, int(i / 300) + 1, int(i % 300 / 12) + 1, i % 12 * 2, i % 60 }' >"$story_dir/newest.csv"
check "three thousand readings, newest first" timeout 60 "$POSTLIFT" import "$story_dir/newest.csv"
equal "are all there" 1000 "$(get '/api/v1/posts/x/newest' | jq '.observations | length')"

# A warning of the control stands beside the baseline's
for d in 1 2 3 4 5 6; do
    [ $d = 2 ] || post /api/v1/traffic $json "{\"date\":\"2022-06-0$d\",\"source\":\"facebook\",\"sessions\":5}" >/dev/null
    [ $d = 5 ] || post /api/v1/traffic $json "{\"date\":\"2022-06-0$d\",\"source\":\"direct\",\"sessions\":$((d / 4 * 9))}" >/dev/null
done
answer=$(get '/api/v1/lift?source=facebook&start=2022-06-04&baseline=3d&control=direct' | jq -c '[.warnings[].code]')
contains "missing days of the baseline" '"missing-days"' "$answer"
contains "and of the control" '"control-dropped"' "$answer"
contains "and that its change is from zero" '"control-change-from-zero"' "$answer"
contains "types count the days without a figure of the website" '"missing-days"' "$(get '/api/v1/types?from=2022-01-01' | jq -c '[.warnings[].code]')"
# A post read once, by a record that states no moment, has its figures in comparisons and exports
for i in 1 2 3 4; do
    post /api/v1/posts $json "{\"platform\":\"untimed\",\"id\":\"a$i\",\"type\":\"meme\",\"posted_at\":\"2021-03-0$i\",\"likes\":$((i + 20))}" >/dev/null
    post /api/v1/posts $json "{\"platform\":\"untimed\",\"id\":\"b$i\",\"type\":\"link\",\"posted_at\":\"2021-03-0$i\",\"likes\":$i}" >/dev/null
done
equal "it is compared" '[4,4,86]' "$(get '/api/v1/compare?metric=likes&a.type=meme&platform=untimed' | jq -c '[.a.posts_used, .b.posts_used, .a.total - 4]' | sed 's/.0\]/]/')"
equal "it shows its reading" '[21]' "$(get /api/v1/posts/untimed/a1 | jq -c '[.observations[].likes]')"
equal "it is exported with its figures" '[1,2,3,4,21,22,23,24]' "$("$POSTLIFT" export --platform untimed | jq -cs '[.[] | select(.record == "post") | .likes] | sort')"
stop
equal "it stops with 0" 0 "$daemon_code"
end_of_story
