#include "base/veil.h"

#include <sodium.h>
#include <string.h>

enum { HALF_BITS = 26 };
#define HALF ((UINT64_C(1) << HALF_BITS) - 1)

_Static_assert(VEIL_KEY == crypto_shorthash_KEYBYTES, "the key is one of SipHash");

static uint64_t mixed(const struct veil *v, int round, uint64_t half)
{
    unsigned char in[9], out[crypto_shorthash_BYTES];
    uint64_t hash;

    in[0] = (unsigned char)round;
    for (int i = 0; i < 8; i++)
        in[1 + i] = (unsigned char)(half >> (8 * i));
    crypto_shorthash(out, in, sizeof in, v->key);
    memcpy(&hash, out, sizeof hash);
    return hash & HALF;
}

int64_t veil_shown(const struct veil *v, int64_t n)
{
    uint64_t left = (uint64_t)n >> HALF_BITS, right = (uint64_t)n & HALF;

    if (!v->on || n < 0 || n >= VEIL_MAX)
        return n;
    for (int round = 0; round < VEIL_ROUNDS; round++) {
        uint64_t next = left ^ mixed(v, round, right);

        left = right;
        right = next;
    }
    return (int64_t)(left << HALF_BITS | right) + 1;
}

int64_t veil_asked(const struct veil *v, int64_t shown)
{
    uint64_t left = (uint64_t)(shown - 1) >> HALF_BITS, right = (uint64_t)(shown - 1) & HALF;

    if (!v->on)
        return shown;
    if (shown < 1 || shown > VEIL_MAX)
        return -1;
    for (int round = VEIL_ROUNDS; round-- > 0;) {
        uint64_t before = right ^ mixed(v, round, left);

        right = left;
        left = before;
    }
    return (int64_t)(left << HALF_BITS | right);
}
