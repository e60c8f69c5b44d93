/*
 * A log in which each line carries a hash of all before it: "HASH JSON", where HASH is the
 * BLAKE2b-256 (RFC 7693; "b2sum -l 256"), in hexadecimal, of the hash before, a blank and the JSON.
 * Who kept a hash can tell later that nothing before it was changed, moved or removed; who kept
 * none cannot tell a tail that was cut off from one that was never written. Pure; libsodium must
 * have been initialised.
 */
#pragma once
#include "base/buf.h"

#include <stddef.h>
#include <stdint.h>

enum { CHAIN_HASH = 64, CHAIN_HASH_TEXT = CHAIN_HASH + 1, CHAIN_LINE_MAX = 8192 };

struct chain {
    char head[CHAIN_HASH_TEXT]; /* of the last line; zeros at the beginning */
    int64_t n;                  /* lines so far */
};

void chain_begin(struct chain *c);
/* Appends the line of this JSON, which is one line; false past the ceiling of out. */
bool chain_add(struct chain *c, const char *json, struct buf *out);
/* Takes a line, without its end, as the next: false when it does not follow. */
bool chain_follow(struct chain *c, const char *line, size_t len);
/* Where the JSON of a line begins, or NULL when this is no line of a chain. */
const char *chain_json(const char *line, size_t len);
