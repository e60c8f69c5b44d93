#!/bin/sh
# Each header compiles alone, in any order.
cd "$SRCDIR" || exit 99
. tests/story/lib.sh
for header in daemon/*/*.h; do
    check "$header compiles alone" sh -c \
        "echo '#include \"${header#daemon/}\"' | ${CC:-cc} -std=gnu17 -D_GNU_SOURCE $CPPFLAGS_TESTS \
            -iquote daemon -Wall -Wextra -Werror -fsyntax-only -x c -"
done
end_of_story
