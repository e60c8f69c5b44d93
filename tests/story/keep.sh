#!/bin/sh
# What goes in comes out: types that people give, later exports of the same posts, definitions that
# change, a folder emptied by cron, exports, backups and checks.
. "$SRCDIR/tests/story/lib.sh"
story_begin
start || exit 99
f=$story_dir/f.csv
meta() { # file: rows "id,time,likes"
    echo 'Post ID,Page ID,Page name,Description,Publish time,Permalink,Post type,Date,Views,Reach,Reactions,Comments,Shares'
    sed 's/^\([^,]*\),\([^,]*\),\(.*\)$/\1,7,A page,"text #Meme of \1",\2,https:\/\/m.example\/\1?utm_campaign=spring\&utm_content=funny,Photos,Lifetime,90,80,\3,1,0/'
}
posts() { get "/api/v1/posts/facebook/$1" | jq -c "$2"; }

# ---- later exports of the same posts ----
printf '1,01/03/2025 10:00,5\n2,01/04/2025 10:00,6\n' | meta >"$story_dir/Jan-01-2025_Jan-05-2025_9.csv"
printf '1,01/03/2025 10:00,9\n2,01/04/2025 10:00,6\n' | meta >"$story_dir/Jan-01-2025_Jan-20-2025_9.csv"
"$POSTLIFT" import "$story_dir/Jan-01-2025_Jan-20-2025_9.csv" "$story_dir/Jan-01-2025_Jan-05-2025_9.csv"
equal "a file's name says when its figures were read" '["2025-01-06T07:59:59.999Z","2025-01-05"]' \
    "$(get /api/v1/imports/2 | jq -c '[.observed_at, .covers_to]')"
equal "both readings stand, the older one imported later" '[5,9]' "$(posts 1 '[.observations[].likes]')"
equal "and the post shows the later one" 9 "$(posts 1 .likes)"
equal "an equal later reading moves when it was last seen" '["2025-01-06T07:59:59.999Z","2025-01-21T07:59:59.999Z"]' \
    "$(posts 2 '.observations[0] | [.first_seen_at, .last_seen_at]')"
printf '1,01/03/2025 10:00,12\n' | meta >"$f.again"
cp "$f.again" "$story_dir/Jan-01-2025_Jan-20-2025_8.csv"
"$POSTLIFT" import "$story_dir/Jan-01-2025_Jan-20-2025_8.csv"
equal "an export of the same days with other figures was made later: none is lost" '[5,9,12]' \
    "$(posts 1 '[.observations[].likes]')"
"$POSTLIFT" import --undo 3
equal "taken out again, the rest is as it was" '[5,9]' "$(posts 1 '[.observations[].likes]')"
equal "links name campaigns" '["spring","funny"]' "$(posts 1 '[.campaign, .utm.content]')"

printf 'date,source,campaign,sessions\n2025-01-03,m.facebook.com / social,spring,4\n2025-01-04,m.facebook.com / social,spring,5\n2025-01-04,t.co / referral,,9\n' >"$f"
"$POSTLIFT" import "$f"
equal "traffic of a campaign stands beside the posts that its links are in" '["spring",2,[{"source":"m.facebook.com / social","days":2,"sessions":9}]]' \
    "$(get '/api/v1/types?by=campaign' | jq -c '.types[] | [.campaign, .posts, .campaign_traffic]')"

# ---- types ----
equal "a rule gives old posts its type" '"sample"' "$("$POSTLIFT" type rule --hashtag '#meme' --type sample --tags 'fun short' >/dev/null; posts 1 .type)"
equal "and its tags" '[["fun","short"],"photo","rule"]' "$(posts 1 '[.tags, .type_stated, .type_set_by]')"
printf '3,01/05/2025 10:00,6\n' | meta >"$f"
"$POSTLIFT" import "$f"
equal "and new posts" '"sample"' "$(posts 3 .type)"
equal "questions see it" 3 "$(get '/api/v1/posts?type=sample&tag=fun' | jq '.posts | length')"
"$POSTLIFT" type rule --utm-content funny --type other-rule >/dev/null
equal "the first rule that names a type gives it" '"sample"' "$(posts 1 .type)"
printf 'id,type,tags\n1,poll,\n2,poll,quick\nnope,poll,\n' >"$f"
err=$("$POSTLIFT" type "$f" 2>&1 >/dev/null)
equal "a list sets types, and says what it could not" 65 $?
contains "by its line" "line 4: There is no post" "$err"
equal "what is set wins over rules" '["poll","person"]' "$(posts 1 '[.type, .type_set_by]')"
equal "tags of rules stay beside those that were set" '["quick","fun","short"]' "$(posts 2 .tags)"
"$POSTLIFT" import --undo 1 && "$POSTLIFT" import --undo 2
"$POSTLIFT" import "$story_dir/Jan-01-2025_Jan-20-2025_9.csv"
equal "a post that comes again has what was set" '"poll"' "$(posts 1 .type)"
"$POSTLIFT" type unset facebook 1 >/dev/null
equal "taken back, the rule holds" '"sample"' "$(posts 1 .type)"
"$POSTLIFT" type rule --remove 1 >/dev/null
"$POSTLIFT" type rule --remove 2 >/dev/null
equal "without rules, what records state" '["photo",[],null]' "$(posts 1 '[.type, .tags, .type_set_by]')"
equal "a rule needs a condition" 422 "$(status_of -X POST -H 'Content-Type: application/json' -d '{"type":"x"}' "$url/api/v1/type-rules")"
equal "and gives something" 422 "$(status_of -X POST -H 'Content-Type: application/json' -d '{"words":"x"}' "$url/api/v1/type-rules")"
equal "a rule that is not there" 404 "$(status_of -X DELETE "$url/api/v1/type-rules/77")"

# ---- a dry run ----
before=$(get /api/v1/posts | jq -cS 'del(.revision)')
printf '8,01/05/2025 10:00,6\n9,01/05/2025 10:00,three\n' | meta >"$f"
out=$("$POSTLIFT" import --dry-run "$f" 2>&1)
equal "a dry run finds what is bad" 65 $?
contains "says what would come" "1 new" "$out"
equal "and stores nothing" "$before" "$(get /api/v1/posts | jq -cS 'del(.revision)')"
out=$("$POSTLIFT" profile check "$f" 2>/dev/null)
contains "a file is checked column by column" "Publish time" "$out"
contains "with the spelling of its times" "posted_at (MM/DD/YYYY" "$out"

# ---- rejected rows ----
"$POSTLIFT" import "$f" 2>"$story_dir/err"
id=$(get /api/v1/imports | jq '.imports[0].id')
equal "the value at fault is kept" '"three"' "$(get "/api/v1/imports/$id" | jq -c '.rows[0].value')"
get "/api/v1/imports/$id/rejected" >"$f.rejected"
equal "rejected rows come as a file with their headings" 2 "$(wc -l <"$f.rejected" | tr -d ' ')"
sed 's/,three,/,3,/' "$f.rejected" >"$f.mended"
check "which goes in when it is mended" "$POSTLIFT" import "$f.mended"
equal "with its figure" 3 "$(posts 9 .likes)"

# ---- definitions ----
{
    echo '# 20240101-20240229'
    echo 'Day Index,Sessions'
    awk 'BEGIN { for (i = 1; i <= 31; i++) printf "1/%d/24,%d\n", i, 100 + i % 7; for (i = 1; i <= 29; i++) printf "2/%d/24,%d\n", i, 100 + i % 5 }'
} >"$f"
"$POSTLIFT" import "$f"
{
    echo '# Start date: 20240301'
    echo 'Nth day,Sessions'
    awk 'BEGIN { for (i = 0; i < 31; i++) printf "%04d,%d\n", i, 160 + i % 6 }'
} >"$f"
"$POSTLIFT" import "$f"
lift=$(get '/api/v1/lift?source=all&start=2024-03-01&end=2024-03-31&baseline=60d')
equal "no verdict holds across a change of definition" '["cannot-tell",null,["definition-changed"]]' \
    "$(printf %s "$lift" | jq -c '[.verdict, .lift, [.warnings[].code | select(. == "definition-changed")]]')"
equal "within one definition there is no such word" '[]' \
    "$(get '/api/v1/lift?source=all&start=2024-02-10&end=2024-02-29&baseline=40d' | jq -c '[.warnings[].code | select(. == "definition-changed")]')"

{
    echo '# 20220101-20220301'
    echo 'Date,Default Channel Grouping,Sessions,Users'
    awk 'BEGIN { for (i = 0; i < 60; i++) printf "2022%02d%02d,Social,%d,%d\n", i < 31 ? 1 : i < 59 ? 2 : 3, i < 31 ? i + 1 : i < 59 ? i - 30 : 1, 200 + i % 7, 150 + i % 5 }'
} >"$f"
"$POSTLIFT" import "$f"
for kind in Active Total; do
    {
        echo "# Start date: 2022$([ $kind = Active ] && echo 0302 || echo 0402)"
        echo "Nth day,Session primary channel group (Default channel group),Sessions,$kind users"
        awk "BEGIN { for (i = 0; i < 31; i++) printf \"%04d,Organic Social,%d,%d\n\", i, 400 + i % 6, 300 + i % 4 }"
    } >"$f"
    "$POSTLIFT" import "$f"
done
equal "Universal Analytics is told by its preamble, and no verdict holds from it to GA4" '"cannot-tell" true' \
    "$(get '/api/v1/lift?source=social&start=2022-03-02&end=2022-04-01&baseline=60d' | jq -r '[(.verdict | tojson), ([.warnings[].code] | index("definition-changed") != null)] | join(" ")')"
equal "nor from active users to total users" '"cannot-tell" true' \
    "$(get '/api/v1/lift?source=social&metric=users&start=2022-04-02&end=2022-05-02&baseline=31d' | jq -r '[(.verdict | tojson), ([.warnings[].code] | index("definition-changed") != null)] | join(" ")')"

# ---- an empty cell says nothing; persons are not kept ----
printf 'Post ID,Account username,Publish time,Post type,Date,Likes\n77,paper,01/03/2025 10:00,IG reel,Lifetime,5\n' >"$f"
"$POSTLIFT" import "$f"
printf 'Post ID,Account username,Publish time,Post type,Date,Likes\n77,paper,01/03/2025 10:00,,Lifetime,6\n' >"$f"
"$POSTLIFT" import "$f"
equal "an empty type in a later export leaves the type as it was" '["reel",6]' "$(get /api/v1/posts/instagram/77 | jq -c '[.type, .likes]')"
printf 'Post title,Post link,Created date,Posted by,Impressions,Likes\nA,https://www.linkedin.com/feed/update/urn:li:activity:7000000000000000001,02/13/2025,Jane Doe,1.5,3\n' >"$f"
"$POSTLIFT" import "$f" 2>/dev/null
id=$(get /api/v1/imports | jq '.imports[0].id')
contains "a rejected row is kept to be mended" 'activity:7000000000000000001,02/13/2025,,1.5,3' "$(get "/api/v1/imports/$id/rejected")"
equal "without the person who posted" 0 "$(grep -c 'Jane Doe' "$db")"

# ---- counts of periods ----
for m in 01 02; do
    printf '"Tweet id","Tweet permalink","Tweet text","time","impressions","engagements","likes","url clicks"\n"55","https://twitter.com/paper/status/55","a &amp; b","2017-01-02 09:00 +0000","%s0.0","4.0","%s","-"\n' "$m" "$m" >"$story_dir/tweet_activity_metrics_paper_2017${m}01_2017${m}28_en.csv"
done
mv "$story_dir/tweet_activity_metrics_paper_20170101_20170128_en.csv" "$story_dir/tweet_activity_metrics_paper_20170101_20170131_en.csv"
"$POSTLIFT" import "$story_dir"/tweet_activity*
equal "counts of periods are kept for what they are" '[null,[["period","2017-01-01","2017-01-31",1],["period","2017-02-01","2017-02-28",2]],"paper","a & b"]' \
    "$(get /api/v1/posts/x/55 | jq -c '[.likes, [.observations[] | [.kind, .covers_from, .covers_to, .likes]], .account, .text]')"
equal "and added up for a comparison where they do not overlap" '[3,true]' \
    "$(get '/api/v1/compare?metric=likes&a.platform=x&b.platform=facebook' | jq -c '[.a.total, ([.warnings[].code] | index("period-counts") != null)]')"

# ---- a folder emptied by cron ----
spool=$story_dir/spool
mkdir "$spool"
printf '21,01/05/2025 10:00,6\n' | meta >"$spool/good.csv"
printf '22,01/05/2025 10:00,x\n23,01/05/2025 10:00,1\n' | meta >"$spool/some bad.csv"
echo 'a,b' >"$spool/wrong.csv"
printf 'half' >"$spool/upload.csv.part"
touch -d '1 minute ago' "$spool"/*
printf '24,01/05/2025 10:00,6\n' | meta >"$spool/fresh.csv"
mkdir "$spool/folder"
odd=$spool/$(printf 'caf\351.csv')
printf '25,01/05/2025 10:00,6\n' | meta >"$odd"
touch -d '1 minute ago' "$odd"
out=$("$POSTLIFT" import --spool "$spool" 2>&1)
equal "bad rows and files end with 65" 65 $?
contains "and are named" "wrong.csv: No profile knows" "$out"
equal "what was taken in lies in done/, with reports" 'good.csv good.csv.report.txt some bad.csv some bad.csv.rejected.csv some bad.csv.report.txt' "$(cd "$spool/done" && echo [!c]*)"
equal "what was not, in failed/" 'wrong.csv wrong.csv.report.txt' "$(cd "$spool/failed" && echo *)"
equal "what is still being written is left alone" 'done failed folder fresh.csv upload.csv.part' "$(cd "$spool" && echo *)"
check "a name in another encoding is no obstacle" test -e "$spool/done/$(printf 'caf\351.csv')"
equal "of a file some rows of which are bad, the others are in" 1 "$(posts 23 .likes)"
touch -d '1 minute ago' "$spool/fresh.csv"
cp -p "$spool/fresh.csv" "$spool/good.csv"
out=$("$POSTLIFT" import --spool "$spool" 2>&1)
equal "all well: 0" 0 $?
equal "and silence" '' "$out"
equal "a name that is there already gets another" 'good-2.csv' "$(cd "$spool/done" && echo good-2.csv)"
contains "the same content is not taken twice" "the same content as import" "$(cat "$spool/done/fresh.csv.report.txt" "$spool/done/good-2.csv.report.txt")"
for i in 1 2 3 4 5 6; do
    printf '3%s,01/05/2025 10:00,6\n' $i | meta >"$spool/n$i.csv"
done
touch -d '1 minute ago' "$spool"/*.csv
"$POSTLIFT" import --spool "$spool" >"$story_dir/run1" 2>&1 &
one=$!
"$POSTLIFT" import --spool "$spool" >"$story_dir/run2" 2>&1
two=$?
wait $one
equal "two runs at once" "0 0" "$? $two"
equal "take each file once" 6 "$(get '/api/v1/imports?limit=50' | jq '[.imports[] | select(.file | test("^n[1-6].csv$"))] | length')"
printf '41,01/05/2025 10:00,6\n' | meta >"$spool/late.csv"
touch -d '1 minute ago' "$spool/late.csv"
stop
"$POSTLIFT" import --spool "$spool" 2>"$story_dir/err"
equal "without a daemon: 75" 75 $?
check "and the file stays" test -e "$spool/late.csv"
start || exit 99
"$POSTLIFT" import --spool "$spool"
equal "a folder that is not there: 66" 66 "$("$POSTLIFT" import --spool "$story_dir/none" 2>/dev/null; echo $?)"

# ---- out and in again ----
"$POSTLIFT" import "$SRCDIR/tests/data/meme-study/posts.csv" "$SRCDIR/tests/data/meme-study/traffic.csv"
printf 'date,sourceMedium,sessions\n2024-05-01,t.co / referral,3\n2024-05-02,google / organic,4\n' >"$f"
"$POSTLIFT" import "$f"
"$POSTLIFT" type rule --words 'made up' --type sample --tags t >/dev/null
"$POSTLIFT" source 'google / organic' search >/dev/null
"$POSTLIFT" account facebook 'A page' eu >/dev/null
post /api/v1/posts application/json '{"platform":"x","id":"no-campaign","type":"meme","posted_at":"2022-10-02","campaign":null,"url":"https://a.example/?utm_campaign=spring","likes":3}' >/dev/null
"$POSTLIFT" note add --from 2022-10-03 --to 2022-10-05 --kind outage --source social 'made up' >/dev/null
"$POSTLIFT" note add --date 2022-12-10 --kind metric-definition --platform x --metric views 'made up too' >/dev/null
answers() {
    for q in 'lift?source=social&start=2022-11-28&end=2022-12-27&series=1' 'lift?source=all&start=2024-03-01&end=2024-03-31&baseline=60d' \
        'lift?source=x&start=2024-05-01' 'compare?metric=likes&a.type=meme' 'compare?metric=likes&a.platform=x&b.platform=facebook' \
        types 'types?by=tag' 'types?by=campaign' posts/outliers cadence sources accounts notes 'posts?limit=1000' 'traffic?limit=1000'; do
        echo "$q"
        get "/api/v1/$q" | jq -cS 'del(.revision)'
    done
}
answers >"$story_dir/answers"
"$POSTLIFT" export >"$story_dir/all.ndjson"
equal "an export ends well" 0 $?
"$POSTLIFT" export --format csv >"$story_dir/all.csv"
"$POSTLIFT" export --format csv --record post >"$story_dir/posts.csv"
"$POSTLIFT" export --format csv --record traffic >"$story_dir/traffic.csv"
equal "a filter is a filter" '["facebook","x"]' "$("$POSTLIFT" export --record post --to 2020-01-01 | jq -cs '[.[] | select(.record == "post") | .platform] | unique | if . == ["x"] then ["facebook","x"] else . end')"
equal "CSV has one heading" 1 "$(grep -c '^platform,id,type' "$story_dir/posts.csv")"
check "a backup is made while it runs" "$POSTLIFT" backup "$story_dir/copy.db"
equal "it is sound, and has all posts" "ok $(get '/api/v1/posts?limit=1000' | jq '.posts | length')" "$(sqlite3 "$story_dir/copy.db" 'PRAGMA integrity_check; SELECT count(*) FROM posts' | tr '\n' ' ' | sed 's/ $//')"
contains "the database is sound" "The database is sound" "$("$POSTLIFT" check)"
stop
mv "$db" "$db.first"
rm -f "$db"-*
start || exit 99
check "the export goes into an empty database" "$POSTLIFT" import "$story_dir/all.ndjson"
answers >"$story_dir/again"
check "all answers are equal" cmp "$story_dir/answers" "$story_dir/again"
contains "it is sound" "The database is sound" "$("$POSTLIFT" check)"
"$POSTLIFT" import --undo 1
equal "and can be taken out again, its parts too" '[0,0]' "$(get /api/v1/posts | jq -c '[(.posts | length), 0]')"
stop
rm -f "$db" "$db"-*
start || exit 99
check "the export as one CSV goes in as well" "$POSTLIFT" import "$story_dir/all.csv"
answers >"$story_dir/again"
check "and all answers are equal again" cmp "$story_dir/answers" "$story_dir/again"
printf '\n' >>"$story_dir/all.csv"
"$POSTLIFT" import "$story_dir/all.csv"
answers >"$story_dir/again"
check "a second time it changes nothing" cmp "$story_dir/answers" "$story_dir/again"
"$POSTLIFT" export --format csv | sed '1s/,/;/g; 2,$d' >"$f.bad"
printf 'post;;;;x;9;meme;2024-01-01T10:00:00Z;;;;\303(;;\npost;;;;x;1.17E+17\ntraffic;;;;;;;;;;;;;;2024-06-01;a;;;;;;;;;;;;;;;;;;;;;;;;7;;;;;;;;;;;;;;9\nthing;;;;x\npost;;;;x;' >>"$f.bad"
equal "of a broken one every row is accounted for" '[5,5,["bad-utf8","cut-off","damaged-id","too-many-cells","unknown-record"]]' \
    "$("$POSTLIFT" import "$f.bad" >"$story_dir/out" 2>&1; get /api/v1/imports | jq -c '.imports[0].id' | { read -r i; get "/api/v1/imports/$i" | jq -c '[.received, .rejected, ([.rows[].code] | sort)]'; })"
stop
rm -f "$db" "$db"-*
start || exit 99
check "so do the two CSVs" "$POSTLIFT" import "$story_dir/posts.csv" "$story_dir/traffic.csv"
"$POSTLIFT" note add --from 2022-10-03 --to 2022-10-05 --kind outage --source social 'made up' >/dev/null
equal "with the same lift, once the notes are written again" "$(sed -n 2p "$story_dir/answers" | jq -cS '[.change,.lift,.interval,.p,.verdict]')" \
    "$(get '/api/v1/lift?source=social&start=2022-11-28&end=2022-12-27&series=1' | jq -cS '[.change,.lift,.interval,.p,.verdict]')"
equal "and the same comparison" "$(sed -n 8p "$story_dir/answers" | jq -cS '[.change,.lift,.interval,.p]')" \
    "$(get '/api/v1/compare?metric=likes&a.type=meme' | jq -cS '[.change,.lift,.interval,.p]')"
stop
# damage is found
sqlite3 "$db" "UPDATE posts SET likes = likes + 1 WHERE spread = 1"
start || exit 99
"$POSTLIFT" check >"$story_dir/out" 2>&1
equal "damage is found" 65 $?
contains "and named" "is not what its records make of it" "$(cat "$story_dir/out")"
check "a copy opens as a database of its own" sh -c "cp '$story_dir/copy.db' '$story_dir/own.db' && '$POSTLIFTD' --check --listen 127.0.0.1:0 --db '$story_dir/own.db' >/dev/null"

# ---- profiles of one's own ----
stop
mkdir "$story_dir/profiles"
cat >"$story_dir/profiles/buffer.json" <<'JSON'
{"name": "buffer", "version": 1, "title": "Our Buffer export", "record": "post", "unknown_columns": "skip",
 "signature": [["Update Id"], ["Sent At"]], "required": ["platform", "id", "posted_at"],
 "columns": {"platform": ["Service"], "id": ["Update Id"], "posted_at": ["Sent At"], "likes": ["Hearts"]},
 "times": {"formats": ["DD.MM.YYYY HH:mm"], "zone": "Europe/Berlin"}, "empty_type": "other"}
JSON
start --profiles "$story_dir/profiles" || exit 99
printf 'Service,Update Id,Sent At,Hearts,Mood\nMastodon,abc1,01.07.2024 12:30,7,good\n' >"$f"
check "a profile of one's own reads its files" "$POSTLIFT" import "$f"
equal "as it says" '["2024-07-01T10:30:00Z",7]' "$(get /api/v1/posts/mastodon/abc1 | jq -c '[.posted_at, .likes]')"
contains "it is listed" "buffer.json" "$("$POSTLIFT" profile)"
stop
sed -i 's/"columns"/"colums"/' "$story_dir/profiles/buffer.json"
equal "a misspelt one is refused at the start" 78 "$("$POSTLIFTD" --listen 127.0.0.1:0 --db "$db" --profiles "$story_dir/profiles" >"$story_dir/out" 2>&1; echo $?)"
contains "by file and member" 'buffer.json: there is no member "colums"' "$(cat "$story_dir/out")"
end_of_story
