#!/bin/sh
# Regions: what a token of one of them sees, asks, writes; and that nothing of others is in anything
# it is answered.
. "$SRCDIR/tests/story/lib.sh"
. "$SRCDIR/tests/story/experiments_lib.sh"
story_begin
. "$SRCDIR/tests/story/tokens_lib.sh"
all=read,rows,sensitive,write,import,admin
token owner $all --region '*'
token eu $all --region eu
token us $all --region us
token plain read,rows --region eu
token both $all --region us,eu
equal "a list of tokens names their regions" "eu us" "$("$POSTLIFT" token list | awk '$1 == "both" { print $2, $3 }')"
clock=$story_dir/clock
echo 2024-05-20T08:00:00Z >"$clock"
start --clock "$clock" || exit 99

# ---- three regions and what has none ----
rows() { # region word
    echo platform,id,type,posted_at,account,region,tags,text,url,campaign,likes,sessions
    i=0
    while [ $i -lt 60 ]; do
        d=$(date -u -d "2024-02-01 + $i days" +%F)
        t=link
        [ $((i % 3)) -ne 0 ] || t=$3
        printf 'facebook,%sid%d,%s,%sT10:00:00Z,%shandle,%s,%stag,%stext %d,https://%s.example/%d,%scampaign,%d,%d\n' "$2" $i $t "$d" "$2" "$1" "$2" "$2" $i "$2" $i "$2" $((i % 7 + 3)) $((i % 5))
        i=$((i + 1))
    done
}
rows eu eu meme >"$story_dir/eu.csv"
rows us zqus zqustype >"$story_dir/zqusfile.csv"
rows '' zqno meme | sed 's/zqnohandle,,/zqnohandle,,/' >"$story_dir/zqnofile.csv"
for f in eu zqusfile zqnofile; do cli owner import "$story_dir/$f.csv" >/dev/null; done
traffic() { # region word
    i=0
    while [ $i -lt 100 ]; do
        printf '{"date":"%s","source":"facebook","region":"%s","sessions":%d,"users":%d}\n' "$(date -u -d "2024-02-01 + $i days" +%F)" "$1" $((200 + (i * 7919) % 61 + $3)) $((150 + i % 13))
        printf '{"date":"%s","source":"%s-source","region":"%s","campaign":"%scampaign","sessions":%d}\n' "$(date -u -d "2024-02-01 + $i days" +%F)" "$2" "$1" "$2" $((20 + i % 7))
        i=$((i + 1))
    done
}
{ traffic eu eu 0; traffic us zqus 1000; traffic - zqno 5000; } >"$story_dir/traffic.ndjson"
as owner -X POST -H 'Content-Type: application/x-ndjson' --data-binary "@$story_dir/traffic.ndjson" "$url/api/v1/traffic" >/dev/null
send_as owner POST /api/v1/notes '{"date":"2024-03-05","kind":"campaign","platform":"facebook","account":"zqushandle","text":"zqusnote"}' >/dev/null
send_as owner POST /api/v1/notes '{"date":"2024-03-06","kind":"outage","text":"zqusglobal"}' >/dev/null
send_as owner POST /api/v1/notes '{"date":"2024-03-07","kind":"campaign","source":"zqus-source","text":"zqussourcenote"}' >/dev/null
send_as owner POST /api/v1/notes '{"date":"2024-03-08","kind":"campaign","platform":"facebook","account":"euhandle","text":"Of our own"}' >/dev/null
send_as owner POST /api/v1/type-rules '{"account":"zqushandle","tags":"zqusrule"}' >/dev/null
send_as owner POST /api/v1/type-rules '{"hashtag":"zqushash","tags":"zqusrule"}' >/dev/null
send_as owner POST /api/v1/post-types '{"platform":"facebook","id":"zqusid1","type":"zqusset"}' >/dev/null
for r in eu us; do
    w=$r
    [ $r = eu ] || w=zqus
    send_as owner POST /api/v1/experiments "{\"name\":\"$w experiment\",\"slug\":\"$w-x\",\"question\":\"$w question\",\"design\":\"step\",\"posts\":\"type:link,account:${w}handle\",\"source\":\"facebook\",\"region\":\"$r\",\"start\":\"2024-03-01\",\"end\":\"2024-03-25\",\"baseline\":\"28d\"}" >/dev/null
done
printf 'platform,id,type,posted_at,account,region\nfacebook,zqusbad,meme,yesterday,zqushandle,us\n' >"$story_dir/zqusbad.csv"
cli us import "$story_dir/zqusbad.csv" >/dev/null 2>&1
sleep 1.5

# ---- what it sees ----
ids() { got "$1" '/api/v1/posts?limit=1000' | jq -r '.posts[].id' | sed 's/id.*//' | sort | uniq -c | tr -s ' \n' ' '; }
equal "a token sees the posts of its region" " 60 eu " "$(ids eu)"
equal "one of two sees both" " 60 eu 60 zqus " "$(ids both)"
equal "and one of all what has none as well" " 60 eu 60 zqno 60 zqus " "$(ids owner)"
equal "the same of traffic" '["eu"]' "$(got eu '/api/v1/traffic?limit=1000' | jq -c '[.traffic[].region] | unique')"
equal "of names of sources" '["eu-source","facebook"]' "$(got eu /api/v1/sources | jq -c '[.sources[].name] | sort')"
equal "of accounts and experiments" '["euhandle"] ["eu-x"]' "$(got eu /api/v1/accounts | jq -c '[.accounts[].account]') $(got eu /api/v1/experiments | jq -c '[.experiments[].slug]')"
equal "of notes: its own, and of those about all that there is one" '["(a note about all regions)","Of our own"]' "$(got eu /api/v1/notes | jq -c '[.notes[].text]')"
files() { got "$1" '/api/v1/imports?limit=1000' | jq -c '[.imports[].file] | sort'; }
equal "an import is seen by who sees all of what it brought, whoever sent it" '["eu.csv"] ["zqusbad.csv","zqusfile.csv"] ["eu.csv","zqusbad.csv","zqusfile.csv"]' "$(files eu) $(files us) $(files both)"
equal "an outage of the whole site counts in every region" 1 "$(got eu '/api/v1/lift?source=facebook&start=2024-03-15&end=2024-03-25&baseline=28d' | jq '.baseline.left_out // .before.left_out // [] | length')"
lift='/api/v1/lift?source=facebook&start=2024-03-15&end=2024-03-25&baseline=28d'
equal "figures are of the region, as who asks for it gets them" "$(got owner "$lift&region=eu" | jq -c '[.change, .lift, .interval]')" "$(got eu "$lift" | jq -c '[.change, .lift, .interval]')"
contains "in their sentence" "in the region eu" "$(got eu "$lift" | jq -r .sentence)"
equal "and in a warning" 1 "$(got eu "$lift" | jq '[.warnings[] | select(.code == "regions")] | length')"
for asked in "$lift" "$lift&series=1" '/api/v1/types?source=facebook' '/api/v1/cadence?type=link' '/api/v1/compare?metric=likes&a.type=link&b.type=meme'; do
    for who in eu:eu 'both:eu us'; do
        got "${who%:*}" "$asked&format=csv" | tr -d '\r' | awk -F, -v last="${who#*:}" 'NR == 1 { print $NF } NR > 1 && $NF != last { print } END { print (NR > 1) }' >"$story_dir/last"
        equal "in a table it is the last column: ${who#*:}, ${asked%%\?*}" "regions 1" "$(tr '\n' ' ' <"$story_dir/last" | sed 's/ $//')"
    done
done
contains "also where it is several" "(eu us)" "$(got both "$lift" | jq -r '.warnings[] | select(.code == "regions") | .detail')"
for chart in lift types posts cadence; do
    got both "/charts/$chart.svg" >"$story_dir/$chart.svg"
    equal "the picture $chart says so, below all else" "1 0" "$(grep -c 'regions of your token alone (eu us)' "$story_dir/$chart.svg") $(awk -v RS='<' '/viewBox/ { split($0, v, /[ "]+/); for (i in v) if (v[i] == "viewBox=") height = v[i + 4] } /^text/ { split($0, y, /"/); if (y[4] > height) below++ } END { print below + 0 }' "$story_dir/$chart.svg")"
done
equal "so do page and report, in one region as well" "1 1 1 0" "$(got both / | grep -c 'regions of your token alone (eu us)') $(got both /api/v1/report | grep -c 'regions of your token alone (eu us)') $(got eu / | grep -c 'region of your token alone (eu)') $(got owner / | grep -c 'of your token alone')"
contains "a picture says it too" "in the region eu" "$(got eu "/charts/lift.svg?source=facebook&start=2024-03-15&end=2024-03-25&baseline=28d")"
equal "no revision tells how much others write" '0 0' "$(got eu "$lift" | jq .revision) $(got eu '/api/v1/posts?limit=1' | jq .revision)"
tag() { as eu -o /dev/null -D - "$url/api/v1/posts?limit=3" | tr -d '\r' | sed -n 's/^etag: //Ip'; }
before=$(tag)
as owner -X POST -H 'Content-Type: application/json' -d '{"platform":"facebook","id":"zqusnew","type":"link","posted_at":"2024-05-01","account":"zqushandle"}' "$url/api/v1/posts" >/dev/null
equal "nor does an entity tag" "$before" "$(tag)"
equal "which still serves" 304 "$(code_as eu -H "If-None-Match: $before" "$url/api/v1/posts?limit=3")"

# ---- what it writes ----
one() { # name row-as-json: what becomes of it
    as "$1" -X POST -H 'Content-Type: application/json' -d "$2" "$url/api/v1/posts" | jq -c '[.inserted, .updated, .rejections[0].code]'
}
equal "a record without a region is one of the token's" '[1,0,null] "eu"' "$(one eu '{"platform":"x","id":"n1","type":"meme","posted_at":"2024-05-01","account":"eunew"}') $(got owner /api/v1/posts/x/n1 | jq -c .region)"
equal "one of another is refused" '[0,0,"region-conflict"]' "$(one eu '{"platform":"x","id":"n2","type":"meme","posted_at":"2024-05-01","account":"other","region":"us"}')"
equal "so is one of an account of another" '[0,0,"region-conflict"]' "$(one eu '{"platform":"facebook","id":"n3","type":"meme","posted_at":"2024-05-01","account":"zqushandle"}')"
equal "or of one that has no region" '[0,0,"region-conflict"]' "$(one eu '{"platform":"facebook","id":"n4","type":"meme","posted_at":"2024-05-01","account":"zqnohandle"}')"
equal "a post of another is not taken over" '[0,0,"region-conflict"] "zqushandle"' "$(one eu '{"platform":"facebook","id":"zqusid3","type":"poll","posted_at":"2024-05-01","account":"euhandle"}') $(got owner /api/v1/posts/facebook/zqusid3 | jq -c .account)"
equal "nor read by being sent" '[0,0,"region-conflict"]' "$(one eu '{"platform":"facebook","id":"zqusid3","likes":5}')"
equal "what refuses does not say whose it is" 0 "$(as eu -X POST -H 'Content-Type: application/json' -d '{"platform":"facebook","id":"zqusid3","likes":5}' "$url/api/v1/posts" | jq -r '.rejections[0].sentence' | grep -c zqus)"
equal "a post without an account is of no region, and not taken by the first who comes" '[0,0,"region-conflict"] 422 true' "$(one eu '{"platform":"threads","id":"n6","type":"meme","posted_at":"2024-05-01"}') $(as eu -o /dev/null -w '%{http_code}' -X POST -H 'Content-Type: application/json' -d '{"platform":"threads","id":"n6","type":"meme","posted_at":"2024-05-01"}' "$url/api/v1/posts") $(as owner -X POST -H 'Content-Type: application/json' -d '{"platform":"threads","id":"hq1","type":"meme","posted_at":"2024-05-01"}' "$url/api/v1/posts" | jq '.inserted == 1')"
equal "and is seen by who sees all" "404 200" "$(code_as eu "$url/api/v1/posts/threads/hq1") $(code_as owner "$url/api/v1/posts/threads/hq1")"
equal "who has several says which" '[0,0,"region-conflict"] [1,0,null]' "$(one both '{"platform":"x","id":"n5","type":"meme","posted_at":"2024-05-01","account":"fresh"}') $(one both '{"platform":"x","id":"n5","type":"meme","posted_at":"2024-05-01","account":"fresh","region":"eu"}')"
equal "its own post is changed" '[0,1,null]' "$(one eu '{"platform":"facebook","id":"euid3","likes":55,"observed_at":"2024-05-02"}')"
traffic_of() { as eu -X POST -H 'Content-Type: application/json' -d "$1" "$url/api/v1/traffic" | jq -c '[.inserted, .rejections[0].code]'; }
equal "the same of traffic sent" '[1,null] [0,"region-conflict"]' "$(traffic_of '{"date":"2024-05-15","source":"mail","sessions":3}') $(traffic_of '{"date":"2024-05-15","source":"mail","sessions":3,"region":"us"}')"
printf 'platform,id,type,posted_at,account,region\nx,g1,meme,2024-05-01,eunew,\nx,g2,meme,soon,eunew,\n' >"$story_dir/good.csv"
cli eu import "$story_dir/good.csv" >"$story_dir/out" 2>&1
equal "a file brings what is of the region, and its report is seen by it" '["g1"] [1,1]' "$(got owner '/api/v1/posts?limit=1000' | jq -c '[.posts[].id | select(test("^g[0-9]"))]') $(got eu /api/v1/imports | jq -c '.imports[0] | [.inserted, .rejected]')"
equal "a file of several regions says which" "missing-parameter 403" "$(as both -X POST --data-binary "@$story_dir/eu.csv" "$url/api/v1/imports" | jq -r .code) $(code_as both -X POST --data-binary "@$story_dir/eu.csv" "$url/api/v1/imports?region=apac")"
for what in 'POST /api/v1/type-rules' 'DELETE /api/v1/imports/1' 'POST /api/v1/accounts' 'GET /metrics' 'GET /api/v1/audit/log' 'POST /api/v1/forget' 'GET /api/v1/backup'; do
    equal "a token of all regions is needed for ${what#* }" 403 "$(code_as eu -X "${what% *}" -H 'Content-Type: application/json' $([ "${what% *}" = POST ] && echo "-d {}") "$url${what#* }")"
done

# ---- that nothing is in anything ----
if command -v node >/dev/null; then
    one_of() { got "$1" "$2" | jq -c "$3"; }
    jq -n --argjson ei "$(one_of eu /api/v1/imports '[.imports[0].id]')" --argjson ui "$(one_of us /api/v1/imports '[.imports[0].id]')" \
        --argjson en "$(one_of eu /api/v1/notes '[.notes[-1].id]')" --argjson un "$(one_of owner /api/v1/notes '[.notes[] | select(.text == "zqusnote") | .id]')" '
        def s: map(tostring);
        {seen: {platform: ["facebook"], id: {posts: ["euid1"], imports: ($ei | s), notes: ($en | s)}, slug: ["eu-x"], n: ["1"]},
         others: {platform: ["facebook"], id: {posts: ["zqusid1"], imports: ($ui | s), notes: ($un | s)}, slug: ["zqus-x"], n: ["1"]},
         none: {platform: ["facebook"], id: {posts: ["nosuchid"], imports: ["999999"], notes: ["999999"]}, slug: ["no-such"], n: ["1"]}}' >"$story_dir/parts"
    node "$SRCDIR/tests/openapi/secrets.mjs" "$url" "$(cat "$story_dir/eu.token")" zqus,zqno "$story_dir/parts" >"$story_dir/tap" 2>&1
    equal "all reading operations were asked" 0 $?
    adopt "$story_dir/tap"
fi

# ---- a file that has more than it may ----
printf 'platform,id,type,posted_at,account,region\nx,f1,meme,2024-05-01,eunew,\nx,f2,meme,2024-05-01,eunew,us\nfacebook,f3,meme,2024-05-01,zqushandle,\n' >"$story_dir/mixed.csv"
cli eu import "$story_dir/mixed.csv" >"$story_dir/out" 2>&1
equal "of a file that has others, too, what is of the region comes in" '["f1"]' "$(got owner '/api/v1/posts?limit=1000' | jq -c '[.posts[].id | select(test("^f[0-9]"))]')"
equal "and rejects the rest" '[1,2]' "$(got eu /api/v1/imports | jq -c '.imports[0] | [.inserted, .rejected]')"
# ---- names of regions in any letters ----
token muc read,rows,sensitive,write --region 'münchen,st.gallen_1'
sleep 1.5
equal "a region is called as its people call it" '1 ["muc1"] 0' "$(as muc -X POST -H 'Content-Type: application/json' -d '{"platform":"x","id":"muc1","type":"link","posted_at":"2024-05-05","account":"muc","region":"München"}' "$url/api/v1/posts" | jq .inserted) $(got muc /api/v1/posts | jq -c '[.posts[].id]') $(got eu '/api/v1/posts?limit=1000' | jq '[.posts[] | select(.id == "muc1")] | length')"
contains "and said so" "münchen st.gallen_1" "$(got muc '/api/v1/types' | jq -c '.warnings // .detail')$(got muc '/api/v1/compare?metric=likes&a.type=link&b.type=meme' | jq -c '.warnings // .detail')"
equal "what cannot be one is refused" "78 78 78" "$(for r in "o'brien" 'a b' '-'; do "$POSTLIFT" token add --name bad --scope read --region "$r" >/dev/null 2>"$story_dir/told"; printf '%s ' $?; done | sed 's/ $//')"
# ---- its own experiments ----
code_of() { jq -r '.code // "none"'; }
plan='"question":"Do memes bring sessions?","design":"coin-days","posts":"type:meme","source":"facebook","start":"2090-03-01","end":"2090-03-28"'
try() { # token method path json
    as "$1" -X "$2" -H 'Content-Type: application/json' -d "$4" "$url/api/v1/experiments$3"
}
send_as owner POST /api/v1/notes '{"date":"2090-03-05","kind":"holiday","platform":"facebook","account":"zqushandle","text":"zqusday"}' >/dev/null
equal "a token of a region writes experiments of it" '"eu" "eu"' "$(try eu POST '' "{\"name\":\"Own\",$plan,\"leave_out\":\"holidays\"}" | jq -c .region) $(got owner /api/v1/experiments/own | jq -c .region)"
equal "whose draw knows of no holiday that is another region's" "0 1" "$(got eu /api/v1/experiments/own | jq '[.calendar[] | select(.post == null)] | length') $(try owner POST '' "{\"name\":\"Ours\",$plan,\"leave_out\":\"holidays\"}" | jq '[.calendar[] | select(.post == null)] | length')"
equal "and which tells of no other's at the same time" 0 "$(got eu /api/v1/experiments/own | grep -c -e zqus -e '"ours"')"
equal "one of several says which" "region-conflict none region-conflict" "$(try both POST '' "{\"name\":\"Two\",$plan}" | code_of) $(try both POST '' "{\"name\":\"Two\",$plan,\"region\":\"us\"}" | code_of) $(try both POST '' "{\"name\":\"Three\",$plan,\"region\":\"apac\"}" | code_of)"
equal "none writes one of another" "region-conflict" "$(try eu POST '' "{\"name\":\"Four\",$plan,\"region\":\"us\"}" | code_of)"
equal "what is another's is none" "no-experiment no-experiment no-experiment 404" "$(try eu PUT /two '{"question":"Mine?"}' | code_of) $(try eu POST /zqus-x/stop '{"reason":"x"}' | code_of) $(try eu POST /zqus-x/corrections '{"reason":"x","question":"Mine?"}' | code_of) $(code_as eu -X DELETE "$url/api/v1/experiments/two")"
equal "in the same words" "$(as eu -X DELETE "$url/api/v1/experiments/nix")" "$(as eu -X DELETE "$url/api/v1/experiments/two" | sed 's/two/nix/')"
equal "it stays as it was" '["us","Do memes bring sessions?"]' "$(got owner /api/v1/experiments/two | jq -c '[.region, .question]')"
equal "its own is changed, not to another's, and deleted" "none region-conflict 200" "$(try eu PUT /own '{"question":"Do they?"}' | code_of) $(try eu PUT /own '{"region":"us"}' | code_of) $(code_as eu -X DELETE "$url/api/v1/experiments/own")"
equal "a running one is corrected, not into another region" "none region-conflict" "$(try eu POST /eu-x/corrections '{"reason":"Better words","question":"Other words?"}' | code_of) $(try eu POST /eu-x/corrections '{"reason":"x","region":"us"}' | code_of)"
equal "also where another's is to be it" "slug-taken 1" "$(try eu PUT /eu-x2 '{}' | code_of >/dev/null; try eu POST '' "{\"name\":\"Mine\",$plan}" >/dev/null; try eu PUT /mine '{"slug":"two"}' | code_of) $(code_as eu -X DELETE "$url/api/v1/experiments/mine" | grep -c 200)"
until_prints 1 sh -c 'curl -s -H "Authorization: Bearer $(cat "$1")" "$2/api/v1/experiments/eu-x" | jq ".findings | length | if . > 0 then 1 else 0 end"' - "$story_dir/owner.token" "$url"
equal "what was found of one region is not made another's" "found found 404" "$(try both POST /eu-x/corrections '{"reason":"x","region":"us"}' | code_of) $(try owner POST /eu-x/corrections '{"reason":"x","region":"us"}' | code_of) $(code_as us "$url/api/v1/experiments/eu-x/findings/1")"
equal "a short name is one everywhere" "slug-taken" "$(try eu POST '' "{\"name\":\"Two\",$plan}" | code_of)"
# ---- types of its own posts ----
typed() { # token json
    as "$1" -X POST -H 'Content-Type: application/json' -d "$2" "$url/api/v1/post-types" | jq -c '[.updated, .rejected, .rejections[0].code]'
}
equal "a token of a region gives types to its own posts" '[1,0,null] "eukind2"' "$(typed eu '{"platform":"facebook","id":"euid2","type":"eukind2"}') $(got eu /api/v1/posts/facebook/euid2 | jq -c .type)"
equal "by their id, too" '[1,0,null]' "$(typed eu '{"platform":"-","id":"euid2","tags":"own"}')"
equal "to no other, and to none that is to come" '[0,1,"no-post"] [0,1,"no-post"] [0,1,"no-post"]' "$(typed eu '{"platform":"facebook","id":"zqusid2","type":"eukind2"}') $(typed eu '{"platform":"-","id":"zqusid2","type":"eukind2"}') $(typed eu '{"platform":"facebook","id":"tocome","type":"eukind2"}')"
equal "what is refused tells not whether there is such a post" "$(as eu -X POST -H 'Content-Type: application/json' -d '{"platform":"-","id":"zqusid9x","type":"a"}' "$url/api/v1/post-types" | sed 's/zqusid9x/zqusid9/g')" "$(as eu -X POST -H 'Content-Type: application/json' -d '{"platform":"-","id":"zqusid9","type":"a"}' "$url/api/v1/post-types")"
equal "and takes its own back" "404 404 200" "$(code_as eu -X DELETE "$url/api/v1/post-types/facebook/zqusid1") $(code_as eu -X DELETE "$url/api/v1/post-types/facebook/nosuchid") $(code_as eu -X DELETE "$url/api/v1/post-types/facebook/euid2")"
equal "what another set stays" 1 "$(got owner /api/v1/post-types | jq '[.types[] | select(.id == "zqusid1")] | length')"
# ---- notes of its own accounts ----
own='"kind":"other","date":"2024-05-03"'
equal "a token of a region writes notes about its own accounts" "201 0" "$(send_as eu POST /api/v1/notes "{$own,\"text\":\"Own news\",\"account\":\"euhandle\",\"platform\":\"facebook\"}" | jq -r '"\(if .changed then 201 else 200 end) \(.revision)"')"
mine=$(got eu /api/v1/notes | jq '.notes[] | select(.text == "Own news").id')
equal "and about no other, nor about all" "409 409 409" "$(for a in '"account":"zqushandle","platform":"facebook"' '"account":"nosuch","platform":"facebook"' '"source":"mail"'; do as eu -o /dev/null -w '%{http_code} ' -X POST -H 'Content-Type: application/json' -d "{$own,\"text\":\"x\",$a}" "$url/api/v1/notes"; done | sed 's/ $//')"
equal "what is refused does not tell whether there is such an account" "$(as eu -X POST -H 'Content-Type: application/json' -d "{$own,\"text\":\"x\",\"account\":\"nosuch\",\"platform\":\"facebook\"}" "$url/api/v1/notes")" "$(as eu -X POST -H 'Content-Type: application/json' -d "{$own,\"text\":\"x\",\"account\":\"zqushandle\",\"platform\":\"facebook\"}" "$url/api/v1/notes")"
put() { # name id account
    as "$1" -o /dev/null -w '%{http_code}' -X PUT -H 'Content-Type: application/json' -d "{\"text\":\"Changed\",\"account\":\"$3\",\"platform\":\"facebook\"}" "$url/api/v1/notes/$2"
}
usnote=$(got us /api/v1/notes | jq '[.notes[] | select(.account == "zqushandle").id][0]')
forall=$(got eu /api/v1/notes | jq '[.notes[] | select(.account == null).id][0]')
equal "changes them, to none of others, and none of others" "200 409 404 409" "$(put eu "$mine" euhandle) $(put eu "$mine" zqushandle) $(put eu "$usnote" euhandle) $(put eu "$forall" euhandle)"
equal "and takes them out, those of others it does not see" "404 409 200" "$(code_as eu -X DELETE "$url/api/v1/notes/$usnote") $(code_as eu -X DELETE "$url/api/v1/notes/$forall") $(code_as eu -X DELETE "$url/api/v1/notes/$mine")"
equal "the revision after a write tells nothing" 0 "$(as eu -X POST -H 'Content-Type: application/json' -d '{"platform":"facebook","id":"euid3","likes":56,"observed_at":"2024-05-03"}' "$url/api/v1/posts" | jq .revision)"
# ---- numbers of ours ----
import_ids() { got "$1" '/api/v1/imports?limit=1000' | jq -r '.imports[].id'; }
equal "who sees all counts imports from one" 1 "$(import_ids owner | sort -n | head -1)"
check "who sees one region cannot tell how many there are" test "$(import_ids eu | awk '$1 < 100000' | wc -l)" -eq 0
equal "by such a number an import is found, and its rejected rows" "true 200" "$(got eu "/api/v1/imports/$(import_ids eu | head -1)" | jq --argjson id "$(import_ids eu | head -1)" '.id == $id') $(code_as eu "$url/api/v1/imports/$(import_ids eu | head -1)/rejected")"
equal "it is the same for all who see a part, and none by its own" "200 404 404" "$(code_as both "$url/api/v1/imports/$(import_ids eu | head -1)") $(code_as eu "$url/api/v1/imports/$(import_ids owner | head -1)") $(code_as owner "$url/api/v1/imports/$(import_ids eu | head -1)")"
contains "what is not there is named as it was asked for" "There is no import \\\"1\\\"." "$(got eu /api/v1/imports/1)"
send_as owner POST /api/v1/notes '{"kind":"campaign","date":"2024-05-04","text":"zqus secret","platform":"threads"}' >/dev/null
equal "a note about a platform that is none of its own is not told" 0 "$(got eu /api/v1/notes | jq '[.notes[] | select(.platform == "threads")] | length')"
equal "who has no token is not told how often others write" "0 true" "$(curl -s "$url/readyz" | jq .revision) $(got owner /readyz | jq '.revision > 0')"
contains "what types please is said with the region" "in the region eu" "$(got eu /charts/types.svg)"
equal "an export has no note whose words it may not tell" "0 1" "$(cli eu export | jq -c 'select(.record == "note") | .text' | grep -c 'a note about all regions') $(cli eu export | jq -c 'select(.record == "note") | .text' | grep -c 'Of our own')"
equal "days with posts of another region are not asked for" "403 200" "$(code_as eu "$url/api/v1/lift?source=facebook&exposure=type:meme,region:us&start=2024-03-01&end=2024-03-25") $(code_as eu "$url/api/v1/lift?source=facebook&exposure=type:eukind,region:eu&start=2024-03-01&end=2024-03-25" | sed 's/422/200/')"
equal "so are notes" "0 true" "$(got eu /api/v1/notes | jq '[.notes[] | select(.id < 100000)] | length') $(got eu "/api/v1/notes/$(got eu /api/v1/notes | jq '.notes[0].id')" | jq --argjson n "$(got eu /api/v1/notes | jq '.notes[0]')" '. == $n or .id == $n.id')"
walk() { # name path list: all pages, one row each
    cursor=
    while page=$(got "$1" "$2limit=1$cursor"); do
        echo "$page" | jq -r ".$3[0].id // empty"
        cursor=$(echo "$page" | jq -r '.next_cursor // empty')
        [ -n "$cursor" ] || return 0
        cursor="&cursor=$cursor"
    done
}
equal "page by page the imports are those of the list" "$(import_ids eu | tr '\n' ' ')" "$(walk eu '/api/v1/imports?' imports | tr '\n' ' ')"
equal "and posts" "$(got eu '/api/v1/posts?limit=1000' | jq -r '.posts[].id' | tr '\n' ' ')" "$(walk eu '/api/v1/posts?' posts | tr '\n' ' ')"
equal "whose cursors tell no number either" true "$(got eu '/api/v1/posts?limit=1' | jq '.next_cursor | split(".")[1] | tonumber > 100000')"
rows_of() { got "$1" "/api/v1/traffic?limit=1000" | jq -c '.traffic[] | del(.campaign) | tostring'; }
walk_traffic() { # name: all pages, one row each; the last cursor in $cursor
    cursor=
    while page=$(got "$1" "/api/v1/traffic?limit=1&from=2024-02-01&to=2024-02-09$cursor"); do
        echo "$page" | jq -c '.traffic[] | del(.campaign) | tostring'
        next=$(echo "$page" | jq -r '.next_cursor // empty')
        [ -n "$next" ] || return 0
        echo "$next" | sed 's/../\\x&/g' | xargs -0 printf '%b' | tr '\t' '\n' | tail -1 >>"$story_dir/numbers"
        cursor="&cursor=$next"
    done
}
equal "traffic is whole page by page, to who sees no campaigns too" "$(rows_of plain | head -18)" "$(walk_traffic plain)"
equal "whose cursors have a veiled number in place of a campaign" "9 0" "$(grep -c '^[0-9]' "$story_dir/numbers") $(awk '$1 != "" && $1 < 100000' "$story_dir/numbers" | wc -l)"
equal "another number is refused" "422" "$(code_as plain "$url/api/v1/traffic?cursor=$(printf '19754\tfacebook\teu\t9999999999999999' | od -An -tx1 | tr -d ' \n')")"
equal "a cursor that no answer gave is refused" "422 bad-cursor" "$(code_as eu "$url/api/v1/imports?cursor=5000000000000000") $(got eu '/api/v1/imports?cursor=5000000000000000' | jq -r .code)"
printf 'platform,id,type,posted_at,account,likes\nfacebook,veiled,link,2024-05-02T10:00:00Z,euhandle,5\n' >"$story_dir/veiled.csv"
cli eu import "$story_dir/veiled.csv" >/dev/null
equal "readings name the import by the same number" "$(import_ids eu | head -1)" "$(got eu /api/v1/posts/facebook/veiled | jq '.observations[0].import')"
equal "what is due does, too" true "$(got eu /api/v1/due | jq --argjson ids "$(got eu '/api/v1/imports?limit=1000' | jq -c '[.imports[].id]')" '[.due[] | select(.import != null) | . as $d | ($ids | index($d.import) != null) and ($d.sentence | contains("/imports/\($d.import)."))] | length > 0 and all')"
# ---- files that a token of all regions sends ----
file() { # name header-and-rows [arguments of import]: sent by the owner
    name=$1 rows=$2
    shift 2
    printf "platform,id,type,posted_at,account,likes\\n$rows" >"$story_dir/$name.csv"
    cli owner import "$@" "$story_dir/$name.csv" >/dev/null 2>&1
}
sees() { got "$1" '/api/v1/imports?limit=1000' | jq --arg f "$2.csv" '[.imports[] | select(.file == $f)] | length'; }
seen() { echo "$(sees eu "$1") $(sees us "$1") $(sees both "$1") $(sees owner "$1")"; }
of_eu='facebook,w1,link,2024-05-04,euhandle,5\n' of_us='facebook,w2,link,2024-05-04,zqushandle,5\n' broken='facebook,w3,link,soon,zqushandle,5\n'
file mix "$of_eu$of_us"
equal "a file of two regions is seen by who sees both" "0 0 1 1" "$(seen mix)"
file again "$of_eu$of_us\n"
equal "also where its rows were known already" "0 0 1 1" "$(seen again)"
file alone "$of_eu\n"
equal "one of one region by who sees that" "1 0 1 1" "$(seen alone)"
file odd "$of_eu$broken"
equal "where rows were rejected it cannot be told whose they are" "0 0 0 1" "$(seen odd)"
file odd-for-eu "$of_eu$broken\n" --region eu
equal "also where it was said to be of a region, and each row says whose it is" "0 0 0 1" "$(seen odd-for-eu)"
printf 'platform,id,type,posted_at,likes\nfacebook,w4,link,2024-05-04,5\nfacebook,w5,link,soon,5\n' >"$story_dir/for-account.csv"
cli owner import --account euhandle "$story_dir/for-account.csv" >/dev/null 2>&1
equal "unless it was sent for an account of the region" "1 0 1 1" "$(seen for-account)"
number() { got "$1" '/api/v1/imports?limit=1000' | jq --arg f "$2.csv" '[.imports[] | select(.file == $f)][-1].id'; }
equal "then they are seen, too" '[1,1] 1' "$(got eu '/api/v1/imports?limit=1000' | jq -c '.imports[] | select(.file == "for-account.csv") | [.received - .rejected, .rejected]') $(got eu "/api/v1/imports/$(number eu for-account)/rejected" | grep -c '^facebook,w5')"
equal "by a heading with the number that it knows, and none of ours" "$(number eu for-account) $(number owner for-account)" "$(for who in eu owner; do got $who "/api/v1/imports/$(number $who for-account)/rejected" | sed -n '1s/.*rows of import //p' | tr -d '\r'; done | tr '\n' ' ' | sed 's/ $//')"
got eu "/api/v1/imports/$(number eu for-account)/rejected" | sed 's/soon/2024-05-04/' >"$story_dir/mended.csv"
cli eu import "$story_dir/mended.csv" >"$story_dir/out" 2>&1
equal "rows that come again are those of the account that they were sent for" '"euhandle"' "$(got eu /api/v1/posts/facebook/w5 | jq -c .account)"
sed 's/w4/w6/; s/w5/w7/' "$story_dir/for-account.csv" >"$story_dir/theirs.csv"
cli us import --account zqhidden --observed-at 2024-05-06 "$story_dir/theirs.csv" >/dev/null 2>&1
for n in "$(number owner theirs)" "$(number us theirs)" 999999; do # ours, theirs, none
    printf 'platform,id,type,posted_at,likes,postlift: rows of import %s\nyoutube,bare,link,2024-05-04,5,\n' "$n" >"$story_dir/bare.csv"
    cli eu import "$story_dir/bare.csv" 2>&1 | sed "s|/imports/[0-9]*|/imports/M|g; s/import [0-9]*/import M/g" >"$story_dir/probed.$n"
done
check "a file that claims to be of another's import" test -s "$story_dir/probed.999999"
equal "is told the same as where there is none" "1 0" "$(cksum <"$story_dir/probed.999999" >"$story_dir/sum"; for n in "$(number owner theirs)" "$(number us theirs)" 999999; do cksum <"$story_dir/probed.$n"; done | sort -u | wc -l | tr -d ' ') $(got eu '/api/v1/posts?limit=1000' | grep -c zqhidden)"
file lied "$of_us" --region eu
equal "what brought others all the same is not seen" "0 0 0 1" "$(seen lied)"
file tried "$of_us" --dry-run --region eu
equal "nor what came on trial" "0 0 0 1" "$(seen tried)"
printf 'platform,id,type,posted_at,likes\nyoutube,guess,link,soon,5\n' >"$story_dir/all-bad.csv"
cli us import --account newhandle "$story_dir/all-bad.csv" >/dev/null 2>&1
cli owner import --account newhandle "$story_dir/all-bad.csv" >/dev/null 2>&1
one eu '{"platform":"tiktok","id":"guess","account":"newhandle","type":"meme","posted_at":"2024-05-05T10:00:00Z"}' >/dev/null
equal "an account of the same name elsewhere does not show what was sent for one" "0 1 1 2" "$(seen all-bad)"
lines() { # name lines...: an export of ours, sent by the owner
    name=$1
    shift
    printf '%s\n' "$@" >"$story_dir/$name.csv"
    cli owner import "$story_dir/$name.csv" >/dev/null 2>&1
}
eu_line='{"record":"post","platform":"facebook","id":"x1","account":"euhandle","type":"link","posted_at":"2024-05-05T10:00:00Z"'
us_line='{"record":"post","platform":"facebook","id":"x2","account":"zqushandle","type":"link","posted_at":"2024-05-05T10:00:00Z"'
lines whole "$eu_line}" "$us_line,\"profile\":\"meta-posts\"}"
lines part "$eu_line,\"profile\":\"meta-posts\"}" "$us_line}"
equal "of an import of parts no part is seen where the whole is not" "0 0 2 2 0 0 2 2" "$(seen whole) $(seen part)"
lines own-parts "$eu_line,\"profile\":\"meta-posts\",\"likes\":3}" "$eu_line,\"likes\":4}"
equal "one of one region is, and its parts name the whole by the number that is known" "2 0 2 2 true" "$(seen own-parts) $(got eu '/api/v1/imports?limit=1000' | jq '[.imports[] | select(.file == "own-parts.csv")] | sort_by(.part_of != null) | .[0].id == .[1].part_of and (.[0].id | tostring) == .[1].options.part_of')"
lines named "$eu_line,\"likes\":5}" '{"record":"note","from":"2024-05-05","to":"2024-05-05","kind":"other","text":"x","account":"zqushandle","platform":"facebook"}'
equal "lines of names are of all regions" "0 0 0 1" "$(seen named)"
file follows 'facebook,p1,link,2024-05-04,euhandle,5\n'
one owner '{"platform":"facebook","id":"p1","account":"zqushandle","likes":6}' >/dev/null
equal "what brought a post that was given to another later stays as it was" "404 1 0 1 1" "$(code_as eu "$url/api/v1/posts/facebook/p1") $(seen follows)"
printf 'platform,id,likes,observed_at\nfacebook,zqusid5,7,2001-01-01\nfacebook,euid5,7,2090-01-01\nfacebook,euid6,7,2024-06-01\n' >"$story_dir/known.csv"
cli owner import --account euhandle "$story_dir/known.csv" >/dev/null 2>&1
equal "a rejected row of a post that is known to be another's counts" "0 0" "$(sees eu known) $(sees us known)"
printf 'platform,id,type,posted_at,account,likes,postlift: rows of import x\nx,odd1,link,2024-05-04,euodd,5,\nx,odd2,link,soon,euodd,5,\n' >"$story_dir/odd-heading.csv"
cli eu import "$story_dir/odd-heading.csv" >/dev/null 2>&1
equal "whatever a heading said before, none tells a number of ours" "x $(number eu odd-heading)" "$(got eu "/api/v1/imports/$(number eu odd-heading)/rejected" | head -1 | tr -d '\r' | tr ',' '\n' | sed -n 's/.*rows of import //p' | tr '\n' ' ' | sed 's/ $//')"
got owner "/api/v1/imports/$(number owner for-account)/rejected" | sed 's/^facebook,w5.*/facebook,w8,link,soon,5,/' >"$story_dir/twice.csv"
cli owner import --region eu "$story_dir/twice.csv" >/dev/null 2>&1
equal "nor where rows came again from who sees all" "$(number eu for-account) 1" "$(got eu "/api/v1/imports/$(number eu twice)/rejected" | sed -n '1s/.*rows of import //p' | tr -d '\r,') $(got eu "/api/v1/imports/$(number eu twice)" | jq --argjson n "$(number eu for-account)" '[.columns[].heading | select(endswith("rows of import \($n)"))] | length')"
file states 'x,undo1,link,2024-05-04,undone,5\n' --region eu
file unsaid 'x,undo2,link,2024-05-04,undone,5\n'
before=$(seen unsaid)
cli owner import --undo "$(number owner states)" >/dev/null 2>&1
equal "an account whose region nobody states any more leaves it, with its imports" "1 0 1 1 0 0 0 1" "$before $(seen unsaid)"
account() { as owner -o /dev/null -X POST -H 'Content-Type: application/json' -d "{\"platform\":\"x\",\"account\":\"$1\",\"region\":\"$2\"}" "$url/api/v1/accounts"; }
file left 'x,l1,link,2024-05-04,leaver,5\n'
account leaver eu
account leaver us
cli owner forget --account x leaver --yes >/dev/null 2>&1
equal "an account that was erased leaves its imports where it was last" "0 1 1 1" "$(seen left)"
printf 'platform,id,type,posted_at,account\nx,again1,link,2024-05-04,again\n' >"$story_dir/again-eu.csv"
cli eu import "$story_dir/again-eu.csv" >/dev/null 2>&1
account again us
cli eu import "$story_dir/again-eu.csv" >"$story_dir/out" 2>&1
equal "a file sent again after its account moved is another, and refused" "0 0" "$(grep -c 'no import' "$story_dir/out") $(got eu '/api/v1/imports?limit=1' | jq '.imports[0].inserted')"
file moved 'x,m1,link,2024-05-04,mover,5\n'
as owner -o /dev/null -X POST -H 'Content-Type: application/json' -d '{"platform":"x","account":"mover","region":"eu"}' "$url/api/v1/accounts"
equal "an import follows its account into a region" "1 0 1 1" "$(seen moved)"
as owner -o /dev/null -X POST -H 'Content-Type: application/json' -d '{"platform":"x","account":"mover","region":"us"}' "$url/api/v1/accounts"
equal "and into another" "0 1 1 1" "$(seen moved)"
cli owner import --undo "$(got owner '/api/v1/imports?limit=1000' | jq '.imports[] | select(.file == "moved.csv").id')" >/dev/null 2>&1
equal "what was taken out stays where its account was at last" "0 1 1 1" "$(seen moved)"
as owner -o /dev/null -X POST -H 'Content-Type: application/json' -d '{"platform":"x","id":"m2","type":"link","posted_at":"2024-05-04","account":"newcomer","region":"eu"}' "$url/api/v1/posts"
equal "and does not become that of who comes later" "0 1 1 1" "$(seen moved)"
cli owner export >"$story_dir/all.ndjson"
cli eu import "$story_dir/all.ndjson" >"$story_dir/out" 2>&1
equal "an export of all brings no other region, and no rule, note or experiment" "60 2 0" "$(got us '/api/v1/posts?limit=1000' | jq '[.posts[] | select(.id | test("^zqusid"))] | length') $(got owner /api/v1/type-rules | jq '.rules | length') $(got eu '/api/v1/posts?limit=1000' | jq '[.posts[] | select(.id | test("zq"))] | length')"
for r in eu:20 us:1; do
    w=${r%:*}
    [ $w = eu ] || w=zqus
    i=0
    while [ $i -lt 9 ]; do
        printf '{"platform":"facebook","id":"%snew%d","type":"newkind","posted_at":"%sT10:00:00Z","account":"%shandle"}\n' $w $i "$(date -u -d "2024-03-${r#*:} + $i days" +%F)" $w
        i=$((i + 1))
    done
done | as owner -o /dev/null -X POST -H 'Content-Type: application/x-ndjson' --data-binary @- "$url/api/v1/posts"
started() { got "$1" "/api/v1/overview$2" | jq -r .default_question.start; }
equal "the first question is about what began in the region that is asked about" "2024-03-20 2024-03-20 2024-03-01" "$(started owner '?region=eu') $(started eu '') $(started owner '?account=zqushandle')"
equal "what another region has already is refused in the log, too" '[409,422]' "$(sed 's/^[0-9a-f]* //' "$db.reads" | jq -sc '[.[] | select(.event == "refused" and .code == "region-conflict").status] | unique')"
# ---- numbers that count what others write, and erasing elsewhere ----
rules() { got eu /api/v1/type-rules | jq -c '[.rules[].id]'; }
equal "numbers of rules are veiled" true "$(send_as owner POST /api/v1/type-rules '{"platform":"facebook","account":"euhandle","tags":"ours"}' >/dev/null; rules | jq 'length > 0 and all(. > 100000)')"
dated() { got eu "/api/v1/lift?source=facebook&start=2024-03-15&end=2024-03-25&baseline=28d" | jq -c '[.. | objects | select(has("effect")) | .id] | sort | unique'; }
equal "notes that explain a figure have the numbers that a list of them tells" "true 0" "$(dated | jq 'length > 0') $(dated | jq --argjson known "$(got eu '/api/v1/notes?limit=1000' | jq -c '[.notes[].id]')" '. - $known | length')"
us_posts=$(got us '/api/v1/posts?limit=1000' | jq '[.posts[] | select(.account == "zqushandle")] | length')
cli owner forget --account facebook zqushandle --yes >/dev/null
equal "erasing posts of one region is no matter of experiments of another" "0 1 true" "$(got eu /api/v1/experiments/eu-x | jq '[.log[] | select(.what == "erased")] | length') $(got us "/api/v1/experiments/$(got us /api/v1/experiments | jq -r '.experiments[0].slug')" | jq --argjson n "$us_posts" '[.log[] | select(.what == "erased" and .detail.posts == $n)] | length') $(test "$us_posts" -gt 60 && echo true)"
equal "an answer to a write tells no revision of all either" 'true 0' "$(send_as eu POST /api/v1/experiments/eu-x/corrections '{"name":"Another name","reason":"A better one"}' | jq -r '"\(.findings | length > 0) \([.. | objects | .revision | numbers] | add)"')"
equal "findings tell no revision of all" "0" "$(cli eu export | jq -r 'select(.record == "finding") | .text, .definition' | jq -s '[.. | objects | .revision | numbers] | if length > 1 then add else "none" end')"
equal "the log of reads names the regions" '"eu"' "$(sed 's/^[0-9a-f]* //' "$db.reads" | jq -c 'select(.event == "read" and .token == "eu") | .regions' | sort -u)"
stop
equal "it stops with 0" 0 "$daemon_code"
end_of_story
