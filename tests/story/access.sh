#!/bin/sh
# Tokens: who may do what, and a file of them that changes while the daemon runs.
. "$SRCDIR/tests/story/lib.sh"
story_begin
. "$SRCDIR/tests/story/tokens_lib.sh"

# ---- without a file
(unset POSTLIFT_TOKENS; start || exit 99; stop_hard)
contains "without a file of tokens the start says that everyone may do everything" "everyone who reaches this address may read and write everything" "$(cat "$story_dir/log")"
out=$(unset POSTLIFT_TOKENS; "$POSTLIFTD" --listen 0.0.0.0:0 --db "$db" 2>&1)
equal "and another address than of this machine is refused" 78 $?
contains "in words that say what would do" "postlift token add" "$out"

# ---- the file
check "a token is made, and the file with it" token figures read
equal "the token is on standard output alone, once" 1 "$(grep -c '^plt_[A-Za-z0-9_-]\{43\}$' "$story_dir/figures.token")"
contains "what it is stands beside it" 'the token "figures"' "$(cat "$story_dir/told")"
equal "the file is its owner's alone" 600 "$(stat -c %a "$POSTLIFT_TOKENS")"
check "and does not have the token in it" sh -c '! grep -qF "$(cat "$1/figures.token")" "$1/tokens"' - "$story_dir"
"$POSTLIFT" token add --name figures --scope read >/dev/null 2>&1
equal "a name is given once" 78 $?
out=$("$POSTLIFT" token add --name x --scope reed 2>&1)
equal "a scope that is none is refused" 78 $?
contains "with those there are" "read, rows, sensitive, write, import and admin" "$out"
out=$("$POSTLIFT" token add --name 'X y' --scope read 2>&1)
contains "so is a name that is none" "small letters" "$out"
out=$("$POSTLIFT" token add --name x --scope read --region 'EU!' 2>&1)
contains "so is a region that is none" "is no region" "$out"
equal "of all that nothing was added" 1 "$(grep -c sha256 "$POSTLIFT_TOKENS")"
token cron import,read --days 90
token editor read,rows,sensitive,write,import
token owner read,rows,sensitive,write,import,admin
echo "# a remark of ours" >>"$POSTLIFT_TOKENS"
i=0
while [ $i -lt 8 ]; do
    token "many$i" read &
    i=$((i + 1))
done
wait
equal "of eight made at once none is lost, nor what people wrote" "12 1" "$(grep -c sha256 "$POSTLIFT_TOKENS") $(grep -c 'a remark of ours' "$POSTLIFT_TOKENS")"
contains "a list names them with their last day" "$(date -u -d '+90 days' +%F)" "$("$POSTLIFT" token list)"
out=$("$POSTLIFT" token revoke nobody 2>&1)
contains "what is not there cannot be revoked" 'no token "nobody"' "$out"

# ---- the daemon
for mode in 604 644 660; do
    chmod $mode "$POSTLIFT_TOKENS"
    timeout 20 "$POSTLIFTD" --check --listen 127.0.0.1:0 --db "$db" >/dev/null 2>"$story_dir/err"
    code=$?
    if [ $mode = 660 ]; then
        equal "a file that its group may read is taken" 0 $code
    else
        equal "one that everyone may read ($mode) is not" "78 1" "$code $(grep -c 'open to everyone' "$story_dir/err")"
    fi
done
chmod 600 "$POSTLIFT_TOKENS"
timeout 20 "$POSTLIFTD" --listen 127.0.0.1:0 --db "$db" --tokens "$story_dir/none" 2>"$story_dir/err"
equal "nor one that is not there" "78 1" "$? $(grep -c 'cannot be read' "$story_dir/err")"
listen=0.0.0.0:0 start || exit 99
url=http://127.0.0.1:${url##*:}
POSTLIFT_URL=$url
contains "with tokens any address may be listened on" "12 tokens of" "$(cat "$story_dir/log")"
contains "who has none is told how to send one" '"code":"no-token"' "$(get /api/v1/posts)"
equal "with 401" 401 "$(status_of "$url/api/v1/posts")"
contains "and by what scheme" Bearer "$(header_of WWW-Authenticate "$url/api/v1/posts")"
equal "a picture and the page take one as well" "401 401" "$(status_of "$url/charts/lift.svg") $(status_of "$url/")"
equal "whether it lives does not" "200 200" "$(status_of "$url/healthz") $(status_of "$url/readyz")"
for bad in "Bearer plt_short" "Bearer $(cat "$story_dir/editor.token")x" "Basic dTpw" "Bearer" "Bearer plt_$(printf '%043d' 0)" "plt_x"; do
    equal "it is not let in by \"${bad%%_*}\"..." 401 "$(status_of -H "Authorization: $bad" "$url/api/v1/posts")"
done
equal "a token with odd bytes is none" 401 "$(status_of -H "Authorization: Bearer plt_$(printf '\303\244')" "$url/api/v1/posts")"
equal "two at once are refused" 400 "$(as editor -o /dev/null -w '%{http_code}' -H "Authorization: Bearer x" "$url/api/v1/posts")"
contains "a token in an address is refused, whatever its name" token-in-address "$(as editor "$url/api/v1/posts?limit=$(cat "$story_dir/editor.token")")"
contains "or its value" token-in-address "$(get "/api/v1/posts?access_token=x")"
equal "what may be seen is seen" 200 "$(code_as editor "$url/api/v1/posts")"
contains "what may not says what it takes" "it takes rows" "$(as figures "$url/api/v1/posts")"
equal "with 403" 403 "$(code_as figures "$url/api/v1/posts")"
equal "a body that may not come is not read" "403 0" "$(awk 'BEGIN { for (i = 0; i < 200000; i++) print "0123456789" }' | as figures -X POST -H 'Content-Type: text/csv' -o /dev/null -w '%{http_code} ' --data-binary @- "$url/api/v1/posts")$(as editor "$url/api/v1/posts" | grep -c '"id"')"
contains "names cannot be asked for by who may not see them" "sensitive" "$(as figures "$url/api/v1/types?by=account")"
equal "figures can" 422 "$(code_as figures "$url/api/v1/lift?source=social&start=2022-11-28")"
check "an answer is for its reader alone" sh -c 'echo "$1" | grep -q private' - "$(as editor -o /dev/null -D - "$url/api/v1/posts" | grep -i '^cache-control')"

# ---- the command line
out=$("$POSTLIFT" posts 2>&1)
equal "the command line without a token ends with 77" 77 $?
contains "and says what it lacks" "needs a token" "$out"
POSTLIFT_TOKEN_FILE=$story_dir/cron.token
export POSTLIFT_TOKEN_FILE
study=$SRCDIR/tests/data/meme-study
check "a token for imports is enough to import" "$POSTLIFT" import "$study/posts.csv" "$study/traffic.csv"
"$POSTLIFT" import --undo 1 >/dev/null 2>&1
equal "and not to take one out again" 77 $?
check "nor to ask for posts" sh -c '! "$1" posts >/dev/null 2>&1' - "$POSTLIFT"
POSTLIFT_TOKEN_FILE=$story_dir/owner.token "$POSTLIFT" import --undo 1 >/dev/null
equal "its owner may" 0 $?
chmod 644 "$story_dir/cron.token"
out=$("$POSTLIFT" imports 2>&1)
equal "a file with a token that everyone may read is not used" 64 $?
contains "which is said" "open to everyone" "$out"
unset POSTLIFT_TOKEN_FILE

# ---- changes while it runs
equal "a token is good" 200 "$(code_as many0 "$url/api/v1/sources")"
"$POSTLIFT" token revoke many0 >/dev/null
until_prints 401 code_as many0 "$url/api/v1/sources"
equal "until it is revoked" 401 "$(code_as many0 "$url/api/v1/sources")"
contains "which the daemon saw by itself" "tokens were read again: 11" "$(cat "$story_dir/log")"
cp "$POSTLIFT_TOKENS" "$story_dir/good"
echo "sha256:0 half a" >>"$POSTLIFT_TOKENS"
kill -HUP $daemon_pid
until_prints 1 grep -c "stay good until" "$story_dir/log"
contains "a file that went bad is named with its line" "Line 14 of the tokens" "$(cat "$story_dir/log")"
equal "and what was good stays good" "200 401" "$(code_as many1 "$url/api/v1/sources") $(code_as many0 "$url/api/v1/sources")"
rm "$POSTLIFT_TOKENS"
kill -HUP $daemon_pid
sleep 0.3
equal "also when it is gone" 200 "$(code_as many1 "$url/api/v1/sources")"
(umask 077 && grep -v many1 "$story_dir/good" >"$story_dir/new" && mv "$story_dir/new" "$POSTLIFT_TOKENS")
kill -HUP $daemon_pid
until_prints 401 code_as many1 "$url/api/v1/sources"
equal "until there is one again that can be used" "401 200" "$(code_as many1 "$url/api/v1/sources") $(code_as many2 "$url/api/v1/sources")"
check "no token is in what it said" sh -c '! grep -q plt_ "$1"' - "$story_dir/log"

# ---- the page's sign-in
sign_in() { # token, further arguments of curl
    data=$1
    shift
    curl -s --max-time 20 -o "$story_dir/page" -D "$story_dir/head" -w '%{http_code}' "$@" --data "token=$data" "$url/session"
}
equal "a browser without a token gets a page to sign in" "401 1" "$(curl -s -o "$story_dir/page" -w '%{http_code}' -H 'Accept: text/html' "$url/") $(grep -c '<form' "$story_dir/page")"
equal "signing in takes the origin of the page" 403 "$(sign_in "$(cat "$story_dir/editor.token")")"
equal "not of another" 400 "$(sign_in "$(cat "$story_dir/editor.token")" -H 'Origin: https://elsewhere.example')"
equal "nor of one that hides it" 400 "$(sign_in "$(cat "$story_dir/editor.token")" -H 'Origin: null')"
equal "a token that is none is refused" 401 "$(sign_in plt_none -H "Origin: $url")"
equal "so is a body past its ceiling" 413 "$(sign_in "$(printf '%02000d' 0)" -H "Origin: $url")"
equal "a good one goes on to the page" 303 "$(sign_in "$(cat "$story_dir/editor.token")" -H "Origin: $url")"
contains "with a cookie that no script reads and no other site uses" "HttpOnly; SameSite=Strict" "$(grep -i '^set-cookie: postlift=' "$story_dir/head")"
cookie=$(sed -n 's/^[Ss]et-[Cc]ookie: \([^;]*\);.*/\1/p' "$story_dir/head" | tr -d '\r')
check "which is not the token" sh -c '! grep -q plt_ "$1"' - "$story_dir/head"
equal "by which the page is seen" 200 "$(status_of -b "$cookie" "$url/")"
contains "and who asks is known" '"name":"editor","by_session":true' "$(curl -s -b "$cookie" "$url/api/v1/session")"
one='{"platform":"x","id":"c1","type":"meme","posted_at":"2022-11-28"}'
by_cookie() { # arguments of curl
    status_of -b "$cookie" -H 'Content-Type: application/json' -d "$one" "$@" "$url/api/v1/posts"
}
equal "a change by the cookie takes the origin, too" "403 400 400 200" "$(by_cookie) $(by_cookie -H 'Origin: https://elsewhere.example') $(by_cookie -H "Origin: $url" -H 'Sec-Fetch-Site: cross-site') $(by_cookie -H "Origin: $url" -H 'Sec-Fetch-Site: same-origin')"
equal "a header that is not good is not helped by the cookie" 401 "$(status_of -b "$cookie" -H 'Authorization: Bearer plt_x' "$url/api/v1/posts")"
equal "a cookie with a letter changed is none" 401 "$(status_of -b "${cookie%?}_" "$url/api/v1/posts")"
cp "$POSTLIFT_TOKENS" "$story_dir/whole"
"$POSTLIFT" token revoke editor >/dev/null
kill -HUP $daemon_pid
until_prints 401 status_of -b "$cookie" "$url/api/v1/posts"
equal "a revoked token ends its sessions" 401 "$(status_of -b "$cookie" "$url/api/v1/posts")"
(umask 077; cat "$story_dir/whole" >"$story_dir/part" && mv "$story_dir/part" "$POSTLIFT_TOKENS")
kill -HUP $daemon_pid
until_prints 200 code_as editor "$url/api/v1/posts"
equal "which do not come back with it" "200 401" "$(code_as editor "$url/api/v1/posts") $(status_of -b "$cookie" "$url/api/v1/posts")"
sign_in "$(cat "$story_dir/editor.token")" -H "Origin: $url" >/dev/null
cookie=$(sed -n 's/^[Ss]et-[Cc]ookie: \([^;]*\);.*/\1/p' "$story_dir/head" | tr -d '\r')
# what was begun by a token that is taken away meanwhile
if mkfifo "$story_dir/slow"; then
    token late write
    kill -HUP $daemon_pid
    until_prints 403 code_as late "$url/api/v1/posts"
    (
        exec 3>"$story_dir/slow"
        printf '{"platform":"x","id":"late",' >&3
        until [ -e "$story_dir/revoked" ]; do sleep 0.1; done
        printf '"type":"meme","posted_at":"2024-02-01"}' >&3
    ) &

    (as late -T - -X POST -H 'Content-Type: application/json' -o "$story_dir/late.json" "$url/api/v1/posts" <"$story_dir/slow" >/dev/null 2>&1) &

    sleep 0.5
    "$POSTLIFT" token revoke late >/dev/null
    kill -HUP $daemon_pid
    until_prints 401 code_as late "$url/api/v1/posts"
    : >"$story_dir/revoked"
    for i in 1 2 3 4 5 6 7 8 9 10; do [ -s "$story_dir/late.json" ] || sleep 0.3; done
    equal "is not taken when it is complete" '401 404' "$(jq .status "$story_dir/late.json") $(code_as editor "$url/api/v1/posts/x/late")"
fi
equal "who signs out is not known any more" "303 401" "$(status_of -b "$cookie" -X POST -H "Origin: $url" -d '' "$url/session/end") $(status_of -b "$cookie" "$url/api/v1/posts")"
i=0
while [ $i -lt 40 ]; do
    status_of -H "Authorization: Bearer plt_$(printf '%043d' $i)" "$url/api/v1/posts"
    echo
    i=$((i + 1))
done >"$story_dir/codes"
check "who fails again and again is slowed" grep -q 429 "$story_dir/codes"
equal "and keeps nobody out" 200 "$(code_as editor "$url/api/v1/posts")"

# ---- every operation as every set of scopes
if command -v node >/dev/null; then
    i=1
    while [ $i -lt 64 ]; do
        scopes=
        for pair in 1:read 2:rows 4:sensitive 8:write 16:import 32:admin; do
            [ $((i & ${pair%:*})) -eq 0 ] || scopes=${scopes:+$scopes,}${pair#*:}
        done
        token "set$i" "$scopes"
        echo "$scopes $(cat "$story_dir/set$i.token")" >>"$story_dir/sets"
        token "eu$i" "$scopes" --region eu
        echo "$scopes $(cat "$story_dir/eu$i.token") eu" >>"$story_dir/sets"
        i=$((i + 1))
    done
    kill -HUP $daemon_pid
    until_prints 1 grep -c "read again: 136" "$story_dir/log"
    node "$SRCDIR/tests/openapi/access.mjs" "$url" "$story_dir/sets" >"$story_dir/tap" 2>&1
    equal "the table of operations and scopes ran to its end" 0 $?
    adopt "$story_dir/tap"
fi

stop
equal "it stops with 0" 0 "$daemon_code"
start --public https://posts.example.org || exit 99
equal "behind TLS the cookie goes by TLS alone" 303 "$(sign_in "$(cat "$story_dir/editor.token")" -H 'Host: posts.example.org' -H 'Origin: https://posts.example.org')"
contains "and is bound to its host" "__Host-postlift=" "$(grep -i '^set-cookie' "$story_dir/head")"
contains "by its attributes" "; Secure" "$(grep -i '^set-cookie' "$story_dir/head")"
stop
out=$("$POSTLIFTD" --check --listen 127.0.0.1:0 --db "$db" --public posts.example.org 2>&1)
equal "a public address that is none is refused" 78 $?
contains "in words" "looks like https://" "$out"

# ---- a token that has expired, by a clock of the story
rm -f "$POSTLIFT_TOKENS"
token short read --days 1
token long read
date -u -d '+3 days' +%FT12:00:00Z >"$story_dir/clock"
start --clock "$story_dir/clock" || exit 99
equal "a token ends with its last day" "401 200" "$(code_as short "$url/api/v1/sources") $(code_as long "$url/api/v1/sources")"
contains "and who has it is told so" expired "$(as short "$url/api/v1/sources")"
contains "as is who looks at the list" "$(date -u -d '+1 day' +%F)" "$("$POSTLIFT" token list)"

# ---- what each scope is for, and a file of tokens that is empty or elsewhere
token only-rows rows
token only-admin admin
until_prints 200 code_as only-rows "$url/api/v1/posts"
equal "rows alone are for posts and exports, and no figures" "200 200 403 403" "$(code_as only-rows "$url/api/v1/posts") $(code_as only-rows "$url/api/v1/export") $(code_as only-rows "$url/api/v1/lift") $(code_as only-rows "$url/api/v1/report")"
equal "a head is for who reads figures, and for who has the log" "200 200 403" "$(code_as long "$url/api/v1/audit/head") $(code_as only-admin "$url/api/v1/audit/head") $(code_as only-rows "$url/api/v1/audit/head")"
cp "$POSTLIFT_TOKENS" "$story_dir/whole"
: >"$POSTLIFT_TOKENS"
kill -HUP $daemon_pid
until_prints 1 grep -c "is empty, perhaps half written" "$story_dir/log"
equal "an empty file of tokens may be half written: those that were good stay" 200 "$(code_as long "$url/api/v1/sources")"
cp "$story_dir/whole" "$POSTLIFT_TOKENS"
for name in only-rows only-admin long short; do "$POSTLIFT" token revoke $name >/dev/null; done
until_prints 401 code_as long "$url/api/v1/sources"
equal "with the last one revoked nobody is let in" 401 "$(code_as long "$url/api/v1/sources")"
mv "$POSTLIFT_TOKENS" "$story_dir/elsewhere"
ln -s elsewhere "$POSTLIFT_TOKENS"
token linked read
equal "where the file is a link, what it names is changed" "1 1" "$(find "$POSTLIFT_TOKENS" -type l | wc -l | tr -d ' ') $(grep -c linked "$story_dir/elsewhere")"
ln -s nowhere "$story_dir/dangling"
contains "a link to nothing is said to be one" "a file that is not there" "$("$POSTLIFT" token add --tokens "$story_dir/dangling" --name x --scope read 2>&1)"
chmod 644 "$story_dir/elsewhere"
contains "a list says where the daemon does not take the file" "chmod o-rwx" "$("$POSTLIFT" token list 2>&1)"
equal "there is no list of a file that is not there" 78 "$("$POSTLIFT" token list --tokens "$story_dir/none" >/dev/null 2>&1; echo $?)"
contains "an option that is none is named" '"--scoop" is not understood' "$("$POSTLIFT" token add --name x --scoop read 2>&1)"
chmod 600 "$story_dir/elsewhere"
stop
for proxies in localhost 10.0.0.0/8 127.0.0.1,; do
    out=$("$POSTLIFTD" --check --listen 127.0.0.1:0 --db "$db" --proxies $proxies 2>&1)
    equal "proxies are addresses, and no $proxies" "78 1" "$? $(echo "$out" | grep -c 'no address of a proxy')"
done
equal "those that are can be used" 0 "$("$POSTLIFTD" --check --listen 127.0.0.1:0 --db "$db" --proxies 127.0.0.1,::1,unix >"$story_dir/out" 2>&1; echo $?)"
contains "where the log of reads would be is told" "$db.reads" "$(grep '^read-log' "$story_dir/out")"
end_of_story
