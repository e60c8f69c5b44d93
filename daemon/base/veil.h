/*
 * Numbers of ours as they are told to who may not know how many there are: a keyed permutation of
 * 1..2^52, so that a number stays what it is and its neighbours tell nothing.
 *
 * A Feistel network of balanced halves over a keyed function (Luby and Rackoff, "How to construct
 * pseudorandom permutations from pseudorandom functions", 1988), SipHash of libsodium, in
 * VEIL_ROUNDS rounds.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum { VEIL_KEY = 16, VEIL_ROUNDS = 8 };
#define VEIL_MAX (INT64_C(1) << 52) /* so that JSON of any language holds it */

struct veil {
    bool on; /* false: numbers are told as they are */
    unsigned char key[VEIL_KEY];
};
/* n from 0 to VEIL_MAX - 1, as it is told; others stay as they are. */
int64_t veil_shown(const struct veil *v, int64_t n);
/* The number that is told as this; -1: none is. */
int64_t veil_asked(const struct veil *v, int64_t shown);
