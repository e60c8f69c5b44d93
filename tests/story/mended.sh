#!/bin/sh
# Files that are damaged in part: what could be taken for the whole is not stored, and what is mended
# and sent again completes it. Ids, dates, counts and totals that can be read in two ways.
. "$SRCDIR/tests/story/lib.sh"
story_begin
start --timezone America/New_York || exit 99
f=$story_dir/f.csv
code() { "$POSTLIFT" import "$@" >"$story_dir/out" 2>&1; get /api/v1/imports | jq -r '.imports[0].id' >"$story_dir/id"; }
last() { get "/api/v1/imports/$(cat "$story_dir/id")" | jq -c "$1"; }
day() { get "/api/v1/traffic?from=$1&to=$1&limit=1000" | jq -c "[.traffic[] | select(.source == \"$2\") | [.sessions, .users]]"; }
mend() { get "/api/v1/imports/$(cat "$story_dir/id")/rejected" | sed "$1" >"$story_dir/$2"; code "$story_dir/$2"; }

# ---- rows that are added up: a part is not the whole ----
P=imported_sources_20240301_20240302.csv
printf '"date","source","utm_medium","utm_campaign","visitors","visits"\n"2024-03-01","Facebook","","",4,4\n"2024-03-01","Facebook","social","",3,3x\n"2024-03-01","Google","","",9,9\n' >"$story_dir/$P"
code "$story_dir/$P"
equal "of a day and source with a bad row nothing is stored, and each of its rows is named" '[3,1,2,[["part-rejected",2],["bad-count",3]]]' \
    "$(last '[.received, .inserted, .rejected, [.rows[] | [.code, .line]]]')"
equal "others of the day are" '[[9,9]]' "$(day 2024-03-01 Google)"
equal "a part is no sum" '[]' "$(day 2024-03-01 Facebook)"
mend 's/3x/3/' "$P"
equal "mended and sent again it is whole: seven sessions, and people are not added up" '[[7,null]]' "$(day 2024-03-01 Facebook)"
printf '2Path,Title,Event,UserAgent,Browser,System,Session,Bot,Referrer,Referrer scheme,Screen size,Location,FirstVisit,Date\n' >"$f"
for s in 1:T05:38:37Z 2:T06:38:37Z 3:T25:38:37Z; do
    printf '/,t,0,u,b,s,s%s,0,www.reddit.com,h,"1,2,3",US,1,2020-12-27%s\n' "${s%%:*}" "${s#*:}"
done >>"$f"
code "$f"
equal "a time that is none spoils its own day" '[3,0]' "$(last '[.rejected, .inserted]')"
mend 's/T25/T05/' g.csv
equal "three views by three visitors are three sessions" '[[3,null]]' "$(day 2020-12-27 www.reddit.com)"
printf 'Date + hour (YYYYMMDDHH),Sessions\n2024030200,5\n2024030225,5\n2024030301,7\n' >"$f"
code "$f"
equal "hours: the day that lacks one is not stored, the next is" '[2,1]' "$(last '[.rejected, .inserted]')"
mend 's/0225/0223/' h.csv
equal "with its hour it is" '[[10,null]]' "$(day 2024-03-02 all)"

# ---- all of them together, or none ----
printf '"date","source","utm_medium","utm_campaign","visitors","visits"\n"2024-07-01","Google","a","",1,10\n"2024-07-01","Google","b","",1,x\n"2024-07-01","Google","c","",1,30\n' >"$story_dir/$P"
code "$story_dir/$P"
get "/api/v1/imports/$(cat "$story_dir/id")/rejected" >"$story_dir/all.csv"
grep -v ',b,' "$story_dir/all.csv" >"$f"
code "$f"
equal "mended rows that are added up come all together" '["incomplete-rows","refused"]' "$(last '[.code, .state]')"
contains "and that is said" "held 3 rows back, and these are 2 of them" "$(cat "$story_dir/out")"
sed 's/,x/,20/' "$story_dir/all.csv" >"$f"
code "$f"
equal "then the day is whole" '[[60,null]]' "$(day 2024-07-01 Google)"
sed 's/rows of import [0-9]*/rows of import 99999/' "$f" >"$f.other"
code "$f.other"
equal "rows of an import that is not here are no whole days either" '"incomplete-rows"' "$(last .code)"
awk 'BEGIN { print "\"date\",\"source\",\"utm_medium\",\"utm_campaign\",\"visitors\",\"visits\""; for (i = 0; i < 12000; i++) printf "\"2024-07-02\",\"Bing\",\"m%d\",\"\",1,%s\n", i, i == 11000 ? "x" : 1 }' >"$story_dir/$P"
code "$story_dir/$P"
contains "a file of rejected rows that is not all of them says so" "gives the first of them, not all" "$(cat "$story_dir/out")"
get "/api/v1/imports/$(cat "$story_dir/id")/rejected" | sed 's/,x/,1/' >"$f"
code "$f"
equal "and its rows are not taken for the day" '["incomplete-rows",[]]' "[$(last .code),$(day 2024-07-02 Bing)]"

# ---- what is absent is not zero in a sum, and what is new clears what was ----
printf '"date","source","utm_medium","utm_campaign","visitors","visits"\n"2024-08-01","Bing","","",5,\n"2024-08-01","Bing","x","",5,1\n"2024-08-02","Bing","","",5,6\n' >"$story_dir/$P"
code "$story_dir/$P"
equal "a sum that lacks a part is absent, and noted" '[[[null,null]],true]' "[$(day 2024-08-01 Bing),$(last '[.notes[].code] | index("part-absent") != null')]"
printf '"date","source","utm_medium","utm_campaign","visitors","visits"\n"2024-08-02","Bing","","",500,600\n"2024-08-02","Bing","cpc","",5,6\n' >"$story_dir/$P"
code "$story_dir/$P"
equal "people of an earlier file do not stand beside the visits of a later one" '[[606,null]]' "$(day 2024-08-02 Bing)"

# ---- mended rows are no whole days ----
awk 'BEGIN { print "date,sourceMedium,sessions"; for (i = 1; i <= 28; i++) for (k = 98; k <= 99; k++)
    printf "2024-05-%02d,%c / referral,%s\n", i, k, i == 9 ? "4x" : 100 + (i * 7 + k) % 11 }' >"$f"
code "$f"
get "/api/v1/imports/$(cat "$story_dir/id")/rejected" | grep -v '^2024-05-09,c' | sed 's/4x/104/' >"$story_dir/half.csv"
contains "rejected rows carry the import that they are of" 'postlift: rows of import' "$(head -1 "$story_dir/half.csv")"
code "$story_dir/half.csv"
equal "of a file mended by half the other source is unknown, not zero" '[["2024-05-09",null,"missing"]]' \
    "$(get '/api/v1/lift?source=c%20%2F%20referral&start=2024-05-09&end=2024-05-28&baseline=8d&series=1' | jq -c '[.series[] | select(.date == "2024-05-09") | [.date, .value, .state]]')"
equal "what was mended is there" '[[104,null]]' "$(day 2024-05-09 'b / referral')"

# ---- two readings ----
meta() { # rows "id,time,date,likes"
    echo 'Post ID,Page ID,Page name,Description,Publish time,Permalink,Post type,Date,Views,Reach,Reactions,Comments,Shares'
    sed 's/^\([^,]*\),\([^,]*\),\([^,]*\),\(.*\)$/\1,7,A page,text,\2,https:\/\/m.example\/\1,Photos,\3,90,80,\4,1,0/'
}
printf '31,13/09/2025 10:30,03/10/2025,5\n' | meta >"$f"
code "$f"
equal "days of a breakdown are read in the order of the file's times" '["2025-10-03"]' "$(get /api/v1/posts/facebook/31 | jq -c '[.observations[].covers_from]')"
printf '32,3/9/2025 10:30,3/10/2025,5\n32,3/9/2025 10:30,14/10/2025,6\n' | meta >"$f"
code --date-order dmy "$f"
equal "or as told, every row of them" '["2025-10-03","2025-10-14"]' "$(get /api/v1/posts/facebook/32 | jq -c '[.observations[].covers_from]')"
printf '33,09/13/2025 10:30,01/01/2020,5\n34,09/13/2025 10:30,03/10/2099,5\n' | meta >"$f"
code "$f"
equal "a day before publication, or to come, is rejected" '[2,["bad-reading"]]' "$(last '[.rejected, ([.rows[].code] | unique)]')"
printf 'Post title,Post link,Created date,Impressions,Likes\nA,https://www.linkedin.com/feed/update/urn:li:activity:7000000000000000001,04-05-2024,15,3\n' >"$f"
code "$f"
contains "dashes that no platform writes are asked about, like 4/5/2024" "date-order" "$(cat "$story_dir/out")"
printf '35,09-03-2025 10:30,Lifetime,5\n' | meta >"$f"
code "$f"
contains "in times too" "date-order" "$(cat "$story_dir/out")"
printf 'date;sourceMedium;sessions\n2024-02-01;a / b;1.000\n2024-02-02;a / b;1938.0\n2024-02-03;a / b;12\n' >"$f"
code "$f"
equal "1.000 is one or a thousand, and is asked about; 1938.0 is neither" '[["ambiguous-count",2],[[1938,null]]]' "[$(last '.rows[0] | [.code, .line]'),$(day 2024-02-02 'a / b')]"
printf '122121474620644001,09/03/2025 10:30,Lifetime,5\n122121474620644001,09/04/2025 11:30,Lifetime,90\n' | meta >"$f"
code "$f"
equal "two posts under one id: the second is not taken for the first" '[1,"id-twice",5]' "$(last '[.rejected, .rows[0].code]' | sed 's/]$//'),$(get /api/v1/posts/facebook/122121474620644001 | jq .likes)]"
printf '41,09/03/2025 10:30,09/05/2025,1\n41,09/03/2025 10:30,09/05/2025,5\n' | meta >"$f"
code "$f"
equal "one post twice for the same day is noted" '["post-twice"]' "$(last '[.notes[].code]')"
printf '1221214746206440000,09/03/2025 10:30,Lifetime,5\n1221214746206450000,09/04/2025 11:30,Lifetime,9\n1221214746206460000,09/05/2025 11:30,Lifetime,9\n' | meta >"$f"
code "$f"
contains "ids that are all rounded are refused" "a spreadsheet has rounded them" "$(cat "$story_dir/out")"
printf 'Date,Session default channel group,Sessions\n20240415,Direct,40\n20240415,Total,100\n20240416,Gesamt,9\nGrand Total:,,149\n' >"$f"
code "$f"
equal "totals are skipped wherever they stand" '[3,1]' "$(last '[.skipped, .inserted]')"
printf '51,09/03/2025 10:30,Lifetime,25' | meta | sed '$s/,1,0$/,1,2/' | tr -d '\n' | sed 's/Shares51/Shares\n51/' >"$f"
code "$f"
equal "a last line without its end is noted" '["last-line-open"]' "$(last '[.notes[].code]')"

printf '71,25/04/2025 23:59,Lifetime,x1\n72,04/05/2025 23:59,Lifetime,x1\n73,26/04/2025 10:00,Lifetime,4\n' | meta >"$story_dir/Apr-25-2025_May-20-2025_1.csv"
code "$story_dir/Apr-25-2025_May-20-2025_1.csv"
mend 's/x1/7/' m.csv
equal "mended rows remember the order of the dates, and when they were read" '["2025-05-05T06:59:00Z","2025-05-21T06:59:59.999Z"]' \
    "$(get /api/v1/posts/facebook/72 | jq -c '[.posted_at, .observed_at]')"
printf '81,04/05/2025 10:30,25/05/2025,5\n81,04/05/2025 10:30,26/05/2025,6\n' | meta >"$f"
code "$f"
equal "days that fit one order settle the times" '["2025-05-04T17:30:00Z",["2025-05-25","2025-05-26"]]' "$(get /api/v1/posts/facebook/81 | jq -c '[.posted_at, [.observations[].covers_from]]')"
printf '#NAME?,09/03/2025 10:30,Lifetime,5\n1.234.567.890.123.450,09/03/2025 10:30,Lifetime,5\n########,09/03/2025 10:30,Lifetime,5\n' | meta >"$f"
code "$f"
equal "what a spreadsheet shows in place of an id is none" '[3,["damaged-id"]]' "$(last '[.rejected, ([.rows[].code] | unique)]')"
printf 'date,sourceMedium,sessions\n2024-02-21,#REF!,1\n2024-02-21,a / b,1\n' >"$f"
code "$f"
equal "nor a source" '["damaged-cell"]' "$(last '[.rows[].code]')"

# ---- a day is no moment ----
x() { printf 'Post id,Date,Post text,Post Link,Impressions,Likes,Engagements,Bookmarks,Shares,New follows,Replies,Reposts,Profile visits,Detail expands,URL clicks,Hashtag clicks,Permalink clicks\n%s,"%s",Hello,https://x.com/paper/status/%s,10,1,1,0,0,0,0,0,0,0,0,0,0\n' "$1" "$2" "$1"; }
x 1902700000000000001 'Thu, Mar 20, 2025' >"$f"
code "$f"
equal "a post of a day is of that day where the site is" 1 "$(get '/api/v1/posts?from=2025-03-20&to=2025-03-20&platform=x' | jq '.posts | length')"
printf '"Tweet id","Tweet permalink","Tweet text","time","impressions","engagements","likes"\n"1902700000000000002","https://twitter.com/paper/status/1902700000000000002","a","2025-03-20 15:05 +0000","10.0","4.0","1"\n' >"$story_dir/tweet_activity_metrics_paper_20250301_20250331_en.csv"
code "$story_dir/tweet_activity_metrics_paper_20250301_20250331_en.csv"
x 1902700000000000002 'Thu, Mar 20, 2025' >"$f"
code "$f"
equal "and takes no known time of day away" '2025-03-20T15:05:00Z' "$(get /api/v1/posts/x/1902700000000000002 | jq -r .posted_at)"
x 1902700000000000003 'Mon, Mar 20, 2025' >"$f"
code "$f"
equal "a weekday that is not the date's is damage" '[1]' "$(last '[.rejected]')"

# ---- what the command line says ----
printf 'id,type,tags\nnone1,meme,\nnone2,poll,\n' >"$f"
"$POSTLIFT" type "$f" >"$story_dir/out" 2>&1
equal "a list of types none of which fits" 65 $?
equal "has each of its rows named" 2 "$(grep -c 'line [23]:' "$story_dir/out")"
printf '61,3/4/2025 10:30,Lifetime,5\n' | meta >"$f"
contains "a file can be looked at with the option that settles it" "DD/MM/YYYY" "$("$POSTLIFT" profile check --date-order dmy "$f" 2>&1)"

# ---- names of sources ----
printf 'date,sourceMedium,sessions\n' >"$f"
for s in 'facebook / cpc' 'meta / paid_social' 'linkedin / paid-social' 'facebook.com / email' 'ig / social' 'l.threads.com / referral' 'google / cpc' 'com.linkedin.android / referral'; do
    printf '2024-08-01,%s,1\n' "$s"
done >>"$f"
code "$f"
equal "names count as what they are" '["paid-social","paid-social","paid-social","email","instagram","threads","paid-search","linkedin"]' \
    "$(get /api/v1/sources | jq -c '(.sources | map({(.name): .source}) | add) as $m | ["facebook / cpc","meta / paid_social","linkedin / paid-social","facebook.com / email","ig / social","l.threads.com / referral","google / cpc","com.linkedin.android / referral"] | map($m[.])')"
# ---- lines of JSON come back as lines of JSON ----
n=$story_dir/lines.ndjson
{
    echo '{"platform":"x","id":"n1","type":"meme","posted_at":"2024-05-01","likes":1}'
    echo '{"platform":"x","id":"n2","type":"meme","posted_at":"yesterday","likes":2, "text":"a \u00e4"}'
    echo 'no line at all'
    echo '{"platform":"x","id":"n4","type":"meme","posted_at":"2024-05-04","likes":-4}'
} >"$n"
"$POSTLIFT" import --json "$n" >"$story_dir/out" 2>&1
equal "lines that are bad are rejected" 65 $?
id=$(get /api/v1/imports | jq '.imports[0].id')
contains "and come back as they came" application/x-ndjson "$(header_of Content-Type "$url/api/v1/imports/$id/rejected")"
get "/api/v1/imports/$id/rejected" >"$story_dir/again.ndjson"
check "all of them, and no other" sh -c 'sed -n 2,4p "$1" | cmp - "$2"' - "$n" "$story_dir/again.ndjson"
sed -i 's/yesterday/2024-05-02/; s/-4,*}/4}/; s/"likes":-4/"likes":4/; /no line/d' "$story_dir/again.ndjson"
check "mended they go in" "$POSTLIFT" import "$story_dir/again.ndjson"
equal "with what they say" "1 2 4" "$(for i in n1 n2 n4; do get "/api/v1/posts/x/$i" | jq -j '.likes, " "'; done | sed 's/ $//')"
printf '{"platform":"x","id":"n5","type":"meme","posted_at":"2024-05-01"}\n' >"$n"
"$POSTLIFT" import "$n" >/dev/null
equal "where all went well there is nothing to mend" 404 "$(status_of "$url/api/v1/imports/$(get /api/v1/imports | jq '.imports[0].id')/rejected")"
"$POSTLIFT" export --format csv | sed 's/2024-05-0[34]T[0-9:]*Z/soon/' >"$story_dir/all.csv"
"$POSTLIFT" import "$story_dir/all.csv" >"$story_dir/out" 2>&1
equal "a row of our CSV of all is rejected like any" 65 $?
contains "and comes back as the line that it stands for" '"posted_at":"soon"' "$(get "/api/v1/imports/$(get /api/v1/imports | jq '[.imports[] | select(.rejected > 0)][0].id')/rejected")"
# ---- all of the above goes out and comes in again ----
"$POSTLIFT" export >"$story_dir/first.ndjson"
"$POSTLIFT" export --format csv >"$story_dir/first.csv"
stop
equal "it stops with 0" 0 "$daemon_code"
zone=$(sed -n '1s/.*"timezone":"\([^"]*\)".*/\1/p' "$story_dir/first.ndjson")
for form in ndjson csv; do
    rm -f "$db" "$db"-*
    start --timezone "$zone" || exit 99
    check "what went out as $form comes in whole" "$POSTLIFT" import "$story_dir/first.$form"
    "$POSTLIFT" export >"$story_dir/second.ndjson"
    check "and goes out the same" same_export "$story_dir/first.ndjson" "$story_dir/second.ndjson"
    stop
done
end_of_story
