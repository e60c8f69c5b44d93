# What the shell stories share: TAP lines, a daemon of their own, requests.
# A story sources this file, calls check for each thing it shows, and ends with end_of_story.
set -u
story_n=0
story_failed=0
story_dir=
daemon_pid=

note() {
    printf '%s\n' "$*" | sed 's/^/# /'
}

# check "what is shown" COMMAND...: passes when the command does; its output is shown when not.
check() {
    story_n=$((story_n + 1))
    what=$1
    shift
    if story_out=$("$@" 2>&1); then
        echo "ok $story_n - $what"
    else
        echo "not ok $story_n - $what"
        note "command: $*"
        note "$story_out"
        story_failed=$((story_failed + 1))
    fi
}

# equal "what is shown" WANT GOT
equal() {
    story_n=$((story_n + 1))
    if [ "$2" = "$3" ]; then
        echo "ok $story_n - $1"
    else
        echo "not ok $story_n - $1"
        note "wanted: $2"
        note "   got: $3"
        story_failed=$((story_failed + 1))
    fi
}

# contains "what is shown" PART WHOLE
contains() {
    story_n=$((story_n + 1))
    case $3 in
    *"$2"*) echo "ok $story_n - $1" ;;
    *)
        echo "not ok $story_n - $1"
        note "wanted in it: $2"
        note "         got: $3"
        story_failed=$((story_failed + 1))
        ;;
    esac
}

end_of_story() {
    echo "1..$story_n"
    exit 0
}

# Takes the TAP lines of a file over, in this story's numbering.
adopt() {
    grep -v '^1\.\.' "$1" >"$1.lines"
    while IFS= read -r line; do
        case $line in
        "ok "* | "not ok "*)
            story_n=$((story_n + 1))
            printf '%s\n' "$line" | sed "s/ok [0-9]*/ok $story_n/"
            ;;
        *) printf '%s\n' "$line" ;;
        esac
    done <"$1.lines"
}

skip_story() {
    echo "1..0 # SKIP $1"
    exit 0
}

story_begin() {
    story_dir=$(mktemp -d)
    db=$story_dir/postlift.db
    trap 'stop_hard; rm -rf "$story_dir"' EXIT
}

# Starts the daemon on a free port; sets daemon_pid and url.
start() {
    rm -f "$story_dir/address"
    "$POSTLIFTD" --listen "${listen:-127.0.0.1:0}" --db "$db" --address-file "$story_dir/address" \
        "$@" 2>>"$story_dir/log" &
    daemon_pid=$!
    tries=0
    while [ ! -s "$story_dir/address" ]; do
        sleep 0.05
        tries=$((tries + 1))
        if [ $tries -gt 400 ] || ! kill -0 $daemon_pid 2>/dev/null; then
            note "the daemon did not start"
            note "$(cat "$story_dir/log")"
            daemon_pid=
            return 1
        fi
    done
    url=$(cat "$story_dir/address")
    POSTLIFT_URL=$url
    export POSTLIFT_URL
}

# Stops it as a service manager would; sets daemon_code.
stop() {
    daemon_code=-1
    [ -n "$daemon_pid" ] || return 1
    kill -TERM $daemon_pid
    daemon_code=0
    wait $daemon_pid || daemon_code=$?
    daemon_pid=
}

stop_hard() {
    [ -z "$daemon_pid" ] || kill -KILL $daemon_pid 2>/dev/null
    [ -z "$daemon_pid" ] || wait $daemon_pid 2>/dev/null
    daemon_pid=
}

# Requests: the body on standard output; status_of and header_of for the rest.
get() {
    curl -s --max-time 20 "$url$1"
}
post() { # path content-type body
    curl -s --max-time 20 -X POST -H "Content-Type: $2" --data-binary "$3" "$url$1"
}
status_of() {
    curl -s --max-time 20 -o /dev/null -w '%{http_code}' "$@"
}
header_of() { # name curl-arguments...
    name=$1
    shift
    curl -s --max-time 20 -o /dev/null -D - "$@" | tr -d '\r' |
        sed -n "s/^$name: //Ip"
}

# Waits until no import waits or runs any more.
imports_end() {
    tries=0
    while get /api/v1/imports | grep -qE '"state":"(queued|running|undoing)"'; do
        sleep 0.05
        tries=$((tries + 1))
        [ $tries -lt 1200 ] || return 1
    done
}

# Waits until a command prints WANT; for 5 s at most.
until_prints() { # want command...
    want=$1
    shift
    tries=0
    while [ "$("$@")" != "$want" ] && [ $tries -lt 100 ]; do
        sleep 0.05
        tries=$((tries + 1))
    done
}

# An export, such that two of the same data are the same: the days that several files cover are said
# once when they come from one. A definition goes out with the rows that follow it, so those of rows
# that later files replaced are gone the second time.
folded() {
    jq -sc 'map(select(.record == "coverage")) | group_by([.scheme, .region, .date])
        | map([.[0].scheme, .[0].region, .[0].date, (map(.metrics) | add | unique), (map(.arrived_at) | max)])[]' "$1"
    grep -vE '"record":"(coverage|definition)"' "$1"
}
same_export() {
    folded "$1" >"$story_dir/folded.1"
    folded "$2" >"$story_dir/folded.2"
    diff "$story_dir/folded.1" "$story_dir/folded.2"
}
