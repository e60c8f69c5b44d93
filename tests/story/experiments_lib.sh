# What stories of experiments share: a clock that they move, made-up days, and reading what is found.
X=/api/v1/experiments
at() { # time: moves the clock, and waits until the daemon has looked
    echo "$1" >"$clock"
    sleep 1.1
}
json() { curl -s --max-time 20 -X "$1" -H 'Content-Type: application/json' --data-binary "$3" "$url$2"; }
state() { get "$X/$1" | jq -r .state; }
found() { # name n: waits for the n-th finding
    tries=0
    while [ "$(get "$X/$1" | jq '.findings | length')" -lt "$2" ] && [ $tries -lt 100 ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
    get "$X/$1" | jq '.findings | length'
}
# Made-up days: 400 a day, weekends lower, a slow wave; on days of the list and after the start more.
days() { # from to [file of days with posts] [factor]
    from=$(($(date -u -d "$1" +%s) / 86400))
    to=$(($(date -u -d "$2" +%s) / 86400))
    awk -v from="$from" -v to="$to" -v list="${3:-}" -v factor="${4:-1}" 'BEGIN {
        while (list != "" && (getline line < list) > 0) on[line] = 1
        print "date,source,sessions,users"
        for (d = from; d <= to; d++) {
            h = (d * 7919) % 104729; r = h % 101 / 100 - .5
            y = 400 * (1 + .06 * sin(d / 9)) * ((d + 3) % 7 > 4 ? .8 : 1) * (1 + .12 * r)
            if (d in on) y *= factor
            z = d + 719468; era = int(z / 146097); doe = z - era * 146097
            yoe = int((doe - int(doe / 1460) + int(doe / 36524) - int(doe / 146096)) / 365)
            doy = doe - (365 * yoe + int(yoe / 4) - int(yoe / 100)); mp = int((5 * doy + 2) / 153)
            m = mp < 10 ? mp + 3 : mp - 9; year = yoe + era * 400 + (m <= 2)
            printf "%04d-%02d-%02d,social,%d,%d\n", year, m, doy - int((153 * mp + 2) / 5) + 1, y, y * .9
        }
    }'
}
send() { days "$@" | curl -s -X POST -H 'Content-Type: text/csv' --data-binary @- "$url/api/v1/traffic" | jq -c '[.inserted, .updated]'; }
