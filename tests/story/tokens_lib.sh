# What stories with tokens share: tokens in files of their names, asking by them. Sourced after lib.sh.
POSTLIFT_TOKENS=$story_dir/tokens
export POSTLIFT_TOKENS

token() { # name scopes [option...]: makes one, into a file of that name
    name=$1 scopes=$2
    shift 2
    (umask 077 && "$POSTLIFT" token add --name "$name" --scope "$scopes" "$@" >"$story_dir/$name.token" 2>>"$story_dir/told")
}
as() { # name curl-arguments...
    who=$1
    shift
    curl -s --max-time 20 -H "Authorization: Bearer $(cat "$story_dir/$who.token")" "$@"
}
code_as() { # name curl-arguments...: the status alone
    as "$@" -o /dev/null -w '%{http_code}'
}
got() { # name path
    as "$1" "$url$2"
}
send_as() { # name method path json
    as "$1" -X "$2" -H 'Content-Type: application/json' --data-binary "$4" "$url$3"
}
cli() { # name arguments...: the command line by that token
    POSTLIFT_TOKEN_FILE=$story_dir/$1.token
    export POSTLIFT_TOKEN_FILE
    shift
    "$POSTLIFT" "$@"
}
