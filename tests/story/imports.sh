#!/bin/sh
# Export files as they come: every row is accounted for, the same file changes
# nothing, an import can be taken out, and what cannot be read is refused whole.
. "$SRCDIR/tests/story/lib.sh"
story_begin
start || exit 99

# A file of our own with the headings and the quirks of Meta Business Suite
printf '\357\273\277"Post ID","Page ID","Page name",Title,Description,"Duration (secs)","Publish time",Permalink,"Post type","Data comment",Date,Views,Reach,"Reactions, comments and shares",Reactions,Comments,Shares,Views,"Link Clicks"\n' >"$story_dir/meta.csv"
cat >>"$story_dir/meta.csv" <<'CSV'
101,7,"A page",,"Two
lines, and ""quotes""",0,"07/04/2024 22:30",https://example.org/1,Photos,,Lifetime,90,80,16,12,3,1,5,2
102,7,"A page",,Emoji 😀,0,"01/15/2024 22:30",https://example.org/2,Reels,,Lifetime,90,,,"1,744",3,1,,
,7,"A page",,,,,,,"Metrics are not available for this post",,,,,,,,,
103,7,"A page",,No type,0,"01/15/2024 22:30",u,,,Lifetime,,,,0,,
1.22E+17,7,"A page",,x,0,"01/15/2024 22:30",u,Photos,,Lifetime,,,,4,,,,
105,7,"A page",,x,0,"02/30/2024 22:30",u,Photos,,Lifetime,,,,4,,,,
106,7,"A page",,x,0,"01/15/2024 22:30",u,Photos,,Lifetime,,,,4.5,,,,
107,7,"A page",,x,0,"01/15/2024 22:30",u,Photos,,02/03/2024,,,,4,,,,
Total,,,,,,,,,,,,,,400,,,,
CSV
answer=$("$POSTLIFT" import --json "$story_dir/meta.csv" 2>"$story_dir/err")
code=$?
equal "bad rows end with exit code 65" 65 "$code"
equal "the profile is found by the headings" meta-facebook "$(echo "$answer" | jq -r '.[0].profile')"
equal "every row is accounted for: stored, skipped or rejected" '[9,4,1,4]' "$(echo "$answer" | jq -c '.[0] | [.received, .inserted, .skipped, .rejected]')"
contains "a platform's own error is passed on with its place" 'line 5, column 10 (Data comment): The platform says of this row: Metrics are not available' "$(cat "$story_dir/err")"
contains "a damaged id is named" 'line 7, column 1 (Post ID): The id "1.22E+17" was damaged by a spreadsheet' "$(cat "$story_dir/err")"
contains "a day that does not exist is named" 'line 8, column 7 (Publish time)' "$(cat "$story_dir/err")"
contains "a fraction is named" 'line 9, column 15 (Reactions)' "$(cat "$story_dir/err")"
equal "columns that no field takes are named once each" true "$(echo "$answer" | jq '.[0].skipped_columns | index("Reactions, comments and shares") != null')"
equal "Pacific summer time is seven hours behind" 2024-07-05T05:30:00Z "$(get /api/v1/posts/facebook/101 | jq -r .posted_at)"
equal "and winter time eight" 2024-01-16T06:30:00Z "$(get /api/v1/posts/facebook/102 | jq -r .posted_at)"
equal "line breaks and quotes stay in the text" 'Two
lines, and "quotes"' "$(get /api/v1/posts/facebook/101 | jq -r .text)"
equal "what is empty is absent, not zero" '[null,1744]' "$(get /api/v1/posts/facebook/102 | jq -c '[.reach, .likes]')"
equal "zero is zero, and no type is other" '[0,"other"]' "$(get /api/v1/posts/facebook/103 | jq -c '[.likes, .type]')"
equal "a day's increment is no lifetime reading" '[null,"day"]' "$(get /api/v1/posts/facebook/107 | jq -c '[.likes, .observations[0].kind]')"
equal "lost rows can be fetched as CSV" 'line,column,heading,value,outcome,code,sentence' "$(get '/api/v1/imports/1?format=csv' | head -1 | tr -d '\r')"
equal "and are listed in the file's order" '5,7,8,9,11' "$(get '/api/v1/imports/1' | jq -r '[.rows[].line] | map(tostring) | join(",")')"

revision=$(get /readyz | jq .revision)
answer=$("$POSTLIFT" import --json "$story_dir/meta.csv")
equal "the same file again changes nothing" "$revision" "$(get /readyz | jq .revision)"
equal "and is known as the first import" 1 "$(echo "$answer" | jq '.[0].id')"
equal "with a region it is another import" 2 "$("$POSTLIFT" import --json --region eu "$story_dir/meta.csv" 2>/dev/null | jq '.[0].id')"

# Long source / medium: an absent day of a source is zero where the file covers the day
cat >"$story_dir/sources.csv" <<'CSV'
"date","sourceMedium","sessions"
2017-01-01,"google / organic",10
2017-01-01,"bing / organic",2
2017-01-02,"google / organic","1,010"
2017-01-03,"google / organic",10
2017-01-03,"(direct) / (none)",4
2017-01-04,"google / organic",30
,,1066
CSV
answer=$("$POSTLIFT" import --json "$story_dir/sources.csv")
equal "its rows are all accounted for" '[7,6,1,0]' "$(echo "$answer" | jq -c '.[0] | [.received, .inserted, .skipped, .rejected]')"
answer=$(get '/api/v1/lift?source=organic&start=2017-01-03&end=2017-01-04&baseline=2d')
equal "names that count as one source are added up, absent ones as zero" '[511,20,0]' "$(echo "$answer" | jq -c '[.baseline.daily_mean, .after.daily_mean, .after.days_missing]')"

# Undo restores what was before
get /api/v1/posts >"$story_dir/before"
before=$(jq -c '[.posts[] | del(.observed_at)]' "$story_dir/before")
cat >"$story_dir/ours.csv" <<'CSV'
platform,id,type,posted_at,likes,tags
facebook,101,meme,2024-07-05T05:30:00Z,99,funny
facebook,900,meme,2024-07-05T05:30:00Z,1,
CSV
answer=$("$POSTLIFT" import --json "$story_dir/ours.csv")
id=$(echo "$answer" | jq '.[0].id')
equal "an import changes posts that are there" '["meme",99]' "$(get /api/v1/posts/facebook/101 | jq -c '[.type, .likes]')"
equal "observations are kept" 2 "$(get /api/v1/posts/facebook/101 | jq '.observations | length')"
check "it is taken out" "$POSTLIFT" import --undo "$id"
equal "all is as it was before" "$before" "$(get /api/v1/posts | jq -c '[.posts[] | del(.observed_at)]')"
equal "it stays in the list, as undone" undone "$(get "/api/v1/imports/$id" | jq -r .state)"
check "to undo it twice changes nothing" "$POSTLIFT" import --undo "$id"
equal "and it may come in again" 2 "$("$POSTLIFT" import --json "$story_dir/ours.csv" | jq '.[0].inserted + .[0].updated')"
equal "an import that is not there cannot be undone" 404 "$(status_of -X DELETE "$url/api/v1/imports/999")"

# What is refused is refused whole, in words, with its place
refuse() { # what, file, part of the sentence
    count=$(get '/api/v1/posts?limit=1000' | jq '.posts | length')
    err=$("$POSTLIFT" import "$2" 2>&1 >/dev/null)
    code=$?
    equal "$1: exit code 65" 65 "$code"
    contains "$1: says so" "$3" "$err"
    equal "$1: stores nothing" "$count" "$(get '/api/v1/posts?limit=1000' | jq '.posts | length')"
}
: >"$story_dir/f"
refuse "an empty file" "$story_dir/f" "The file is empty"
printf 'name,age\nBob,7\n' >"$story_dir/f"
refuse "a file that nobody knows" "$story_dir/f" 'No profile knows these headings: "name", "age"'
printf 'platform,id,type,posted_at\nx,1,meme,2022-11-28\nx,2,"meme,2022-11-28\nx,3,meme,2022-11-28\n' >"$story_dir/f"
refuse "an open quote" "$story_dir/f" "line 3, column 3"
printf 'platform,id,type,posted_at,likess\nx,1,meme,2022-11-28,4\n' >"$story_dir/f"
refuse "an unknown metric" "$story_dir/f" 'There is no field "likess"'
printf 'date,sourceMedium,sessions\n2017-01-01,a / b,1\n20170102,a / b,2\n' >"$story_dir/f"
refuse "two spellings of a date" "$story_dir/f" "lines 3"
printf '"platform,id,""type"""\n"x,1,""meme"""\n' >"$story_dir/f"
refuse "lines wrapped in quotes" "$story_dir/f" "wrapped in quotes"
printf '\377\376p\000l' >"$story_dir/f"
refuse "half a file of UTF-16" "$story_dir/f" "No profile knows"
head -c 100000 /dev/urandom >"$story_dir/f"
err=$("$POSTLIFT" import "$story_dir/f" 2>&1 >/dev/null)
code=$?
equal "a hundred thousand random bytes are refused too" 65 "$code"
printf 'platform,id,type,posted_at\n' >"$story_dir/f"
refuse "headings without rows" "$story_dir/f" "no rows below"
awk 'BEGIN { printf "platform,id,type,posted_at"; for (i = 0; i < 10000; i++) printf ",c%d", i; print "" }' >"$story_dir/f"
err=$("$POSTLIFT" import "$story_dir/f" 2>&1 >/dev/null)
code=$?
equal "ten thousand columns are refused" 65 "$code"

# Standard input, several files, other encodings and delimiters
printf 'platform;id;type;posted_at;text\nx;semi;meme;2022-11-28;gr\374\337e\n' | "$POSTLIFT" import --charset windows-1252 - 2>"$story_dir/err"
equal "semicolons and windows-1252 come in by standard input" 'grüße' "$(get /api/v1/posts/x/semi | jq -r .text)"
printf 'platform,id,type,posted_at\r\nx,u16,meme,2022-11-28\r\n' | iconv -t UTF-16LE | { printf '\377\376'; cat; } >"$story_dir/f"
check "UTF-16 is told by its mark" "$POSTLIFT" import "$story_dir/f"
equal "and its post is there" 200 "$(status_of "$url/api/v1/posts/x/u16")"
equal "an import is silent when all went well and nobody watches" "" "$("$POSTLIFT" import "$story_dir/f" 2>&1)"
printf 'platform,id,account,type,posted_at\nx,acc1,,meme,2022-11-28\n' >"$story_dir/f"
"$POSTLIFT" import --account ourpage --region eu "$story_dir/f"
equal "account and region are given to rows that lack them" '["ourpage","eu"]' "$(get /api/v1/posts/x/acc1 | jq -c '[.account, .region]')"
printf 'platform,id,likes,observed_at\nx,acc1,5,\n' >"$story_dir/f"
"$POSTLIFT" import --observed_at 2022-12-01T00:00:00Z "$story_dir/f"
equal "the moment of a reading can be told" 2022-12-01T00:00:00Z "$(get /api/v1/posts/x/acc1 | jq -r .first_seen_at)"

# A newer profile reads a file anew; small writes get their turn while a large file comes in
stop
sqlite3 "$db" "UPDATE imports SET profile_version = 0 WHERE state = 'done'"
start || exit 99
equal "the same file by another version of its profile is read again" true "$("$POSTLIFT" import --json "$story_dir/sources.csv" | jq '.[0].id > 2 and .[0].unchanged == 6')"
awk 'BEGIN { print "platform,id,type,posted_at"; for (i = 0; i < 200000; i++) printf "pinterest,%d,pin,2022-11-28\n", i }' >"$story_dir/large.csv"
large=$(curl -s -X POST -T "$story_dir/large.csv" "$url/api/v1/imports" | jq .id)
while get "/api/v1/imports/$large" | grep -q '"state":"queued"'; do sleep 0.02; done
post /api/v1/posts application/json '{"platform":"x","id":"between","type":"meme","posted_at":"2022-11-28"}' >"$story_dir/between"
state=$(get "/api/v1/imports/$large" | jq -r .state)
contains "a small write is stored" '"inserted":1' "$(cat "$story_dir/between")"
equal "while the large file is still coming in" running "$state"
check "which comes to its end" imports_end

# An export of days of another zone: refused for good, wherever it says so, and the next goes on
line='{"record":"post","platform":"x","id":"zone1","type":"meme","posted_at":"2022-11-28T10:00:00Z"}'
head='{"record":"postlift-export","version":1,"timezone":"Pacific/Auckland"}'
printf '%s\n' "$head" "$line" >"$story_dir/zone.ndjson"
printf '%s\n' "$line" "$head" >"$story_dir/zone2.ndjson"
for file in zone zone2; do
    timeout 20 "$POSTLIFT" import --json "$story_dir/$file.ndjson" >"$story_dir/zones" 2>&1
    equal "an export of another zone is refused: $file" '"other-timezone"' "$(get /api/v1/imports | jq -c '.imports[0].code')"
done
timeout 20 "$POSTLIFT" import --dry-run "$story_dir/zone.ndjson" >"$story_dir/zones" 2>&1
equal "on trial, too" '"other-timezone"' "$(get /api/v1/imports | jq -c '.imports[0].code')"
printf 'platform,id,type,posted_at\nx,afterzone,meme,2022-11-28\n' >"$story_dir/after.csv"
equal "and what comes after it comes in" "0 200" "$(timeout 20 "$POSTLIFT" import "$story_dir/after.csv" >/dev/null 2>&1; echo $?) $(status_of "$url/api/v1/posts/x/afterzone")"
check "what the refused one had stored is taken out" timeout 20 "$POSTLIFT" import --undo "$(get /api/v1/imports | jq '[.imports[] | select(.file == "zone2.ndjson")][0].id')"
equal "and is gone" 404 "$(until_prints 404 status_of "$url/api/v1/posts/x/zone1"; status_of "$url/api/v1/posts/x/zone1")"

# Real files, where a folder of them lies beside the project
exports=${POSTLIFT_EXPORTS:-$SRCDIR/../shared/exports}
if [ -d "$exports" ]; then
    answer=$("$POSTLIFT" import --json "$exports"/meta-facebook/*.csv "$exports"/ga/source-medium-2017.csv)
    equal "real files: exit code" 0 $?
    equal "real files: every row is accounted for" true "$(echo "$answer" | jq 'map(.received == .inserted + .updated + .unchanged + .skipped + .rejected) | all')"
    for file in "$exports"/meta-facebook/*.csv "$exports"/ga/source-medium-2017.csv; do
        sqlite3 "$story_dir/count.db" ".mode csv" ".import '$file' t$(echo "$file" | cksum | cut -d' ' -f1)" >/dev/null 2>&1
        sqlite3 "$story_dir/count.db" "SELECT count(*) FROM t$(echo "$file" | cksum | cut -d' ' -f1)"
    done >"$story_dir/counts"
    equal "real files: as many rows as another program counts" "$(tr '\n' ' ' <"$story_dir/counts")" "$(echo "$answer" | jq -r 'map("\(.received) ") | add')"
else
    note "no folder of real export files (POSTLIFT_EXPORTS): they are not tried"
fi
stop
equal "it stops with 0" 0 "$daemon_code"
end_of_story
