#!/bin/sh
# Looks for bytes that break the reading of export files: files.sh SECONDS. Builds with clang's
# libFuzzer into build-fuzz/, begins with the corpus and the files of tests/exports, and leaves what
# it finds in build-fuzz/found/. What is worth keeping goes to tests/fuzz/corpus by hand.
set -eu
cd "$(dirname "$0")/../.."
seconds=${1:-60}
script/build build-fuzz CC=clang CFLAGS="-O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all"
mkdir -p build-fuzz/grown build-fuzz/found build-fuzz/seeds
find tests/exports/files -type f ! -name '*.json' | while IFS= read -r file; do
    cp "$file" "build-fuzz/seeds/$(printf %s "$file" | tr '/ ' '__')"
done
libs=$(pkg-config --libs jansson glib-2.0 libsodium sqlite3 zlib gsl libmicrohttpd)
clang -std=gnu17 -g -O1 -DFUZZER -D_GNU_SOURCE -include build-fuzz/config.h -iquote daemon \
    -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
    $(pkg-config --cflags jansson glib-2.0) tests/fuzz/read_file.c build-fuzz/libpostlift.a $libs \
    $(pkg-config --libs freexl 2>/dev/null || true) -lm -pthread -o build-fuzz/read_file
exec build-fuzz/read_file -max_total_time="$seconds" -max_len=8192 -timeout=10 -rss_limit_mb=2048 \
    -artifact_prefix=build-fuzz/found/ build-fuzz/grown build-fuzz/seeds tests/fuzz/corpus
