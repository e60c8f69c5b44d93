#!/bin/sh
# The man pages are well formed, and name every setting and command there is.
cd "$SRCDIR" || exit 99
. tests/story/lib.sh
command -v mandoc >/dev/null || skip_story "mandoc is not here"
for page in doc/*.[1-8]; do
    check "$page is well formed" sh -c "test -z \"\$(mandoc -Tlint -W warning $page 2>&1)\""
done
for option in $("$POSTLIFTD" --help | sed -n 's/^  --\([a-z-]*\).*/\1/p'); do
    check "the man page names --$option" grep -qE -- "-$option" doc/postliftd.8
done
commands=$("$POSTLIFT" --help | sed -n 's/^  \([a-z]*\)  *[A-Z].*/\1/p')
equal "the help lists twenty-five commands" 25 "$(echo "$commands" | wc -w | tr -d ' ')"
for command in $commands; do
    check "the man page describes $command" grep -qE "^\.It Cm .*\b$command\b" doc/postlift.1
done
for script in script/* autogen.sh tests/story/*.sh tests/check/*.sh tests/fuzz/*.sh .ci/run; do
    [ -e "$script" ] || continue
    check "$script is sound shell" sh -n "$script"
done
end_of_story
