#!/bin/sh
# Holds the ranks of the folders: a file includes its own folder and those its
# row allows, and the libraries that are one file's alone stay there.
cd "$SRCDIR" || exit 99
. tests/story/lib.sh

allowed() {
    case $1 in
    base) echo "base" ;;
    audit) echo "base audit" ;;
    record) echo "base record" ;;
    ingest) echo "base record ingest" ;;
    store) echo "base record store" ;;
    import) echo "base record ingest store import" ;;
    analysis) echo "base analysis" ;;
    answer) echo "base record store analysis answer" ;;
    # the views that render prints are the store's own structs: a copy of each would only drift
    render) echo "base record store analysis answer render" ;;
    # a finding kept as JSON is a question to be asked again: ingest reads it
    experiment) echo "base record ingest store analysis answer render experiment" ;;
    http) echo "base audit record ingest store import analysis answer render experiment http" ;;
    cli) echo "base cli" ;;
    *) echo "?" ;;
    esac
}

bad=
for folder in daemon/*/; do
    folder=$(basename "$folder")
    list=" $(allowed "$folder") "
    for file in daemon/"$folder"/*.[ch]; do
        [ -e "$file" ] || continue
        for to in $(sed -n 's/^#include "\([a-z]*\)\/.*/\1/p' "$file" | sort -u); do
            case $list in
            *" $to "*) ;;
            *) bad="$bad $file includes $to;" ;;
            esac
        done
    done
done
check "no folder includes one above it" test -z "$bad"
[ -z "$bad" ] || note "$bad"

only() { # header, the one pair of files that may include it
    found=$(grep -lF "#include <$1>" daemon/*/*.[ch] daemon/*.c | grep -vE "^daemon/($2)\.[ch]$")
    check "only $2 includes <$1>" test -z "$found"
    [ -z "$found" ] || note "$found"
}
only sqlite3.h store/db
only microhttpd.h http/server_parts
only glib.h base/zone
only curl/curl.h cli/client
only freexl.h import/spreadsheet
only zlib.h "import/source|http/packed"

# Functions that cannot be used safely, or not from threads.
banned='\b(strcpy|strcat|sprintf|vsprintf|gets|atoi|atol|atof|strtok|localtime|gmtime|asctime|ctime|rand|tmpnam|system|popen|setenv)[[:space:]]*\('
found=$(grep -nE "$banned" daemon/*/*.[ch] daemon/*.c)
check "no banned function is used" test -z "$found"
[ -z "$found" ] || note "$found"

# A new value of an enum must be met by the compiler, not by a default.
found=$(grep -nE '^[^*/]*\bdefault:' daemon/*/*.c daemon/*.c | grep -vE 'daemon/store/db\.c')
check "no switch over our enums has a default" test -z "$found"
[ -z "$found" ] || note "$found"

# Files that have landed are never edited.
sums=$(cd schema/sql && sha256sum ./*.sql)
check "no migration that has landed was edited" test "$sums" = "$(cat tests/check/migrations.sha256)"
end_of_story
