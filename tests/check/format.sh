#!/bin/sh
# The code looks as clang-format 14 would have it, where that is installed.
cd "$SRCDIR" || exit 99
. tests/story/lib.sh
if ! clang-format --version 2>/dev/null | grep -q 'version 14\.' || [ ! -f .clang-format ]; then
    skip_story "clang-format 14 is not here"
fi
for file in daemon/*/*.[ch] daemon/*.c tests/*/*.[ch] tests/data/meme-study/generate.c; do
    check "$file is formatted" clang-format --dry-run --Werror "$file"
done
end_of_story
