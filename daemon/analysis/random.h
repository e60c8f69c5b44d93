/* A fixed sequence of numbers for each seed, so that an answer never differs: splitmix64 (Steele,
 * Lea and Flood 2014). Not for secrets. */
#pragma once
#include <stdint.h>

uint64_t random_next(uint64_t *state);
/* 0..n-1, n > 0. The modulo's bias is below 2^-31 for the n used here. */
uint32_t random_below(uint64_t *state, uint32_t n);
