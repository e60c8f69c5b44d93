/* The wall clock, in milliseconds since 1970 UTC, and a steady one. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* With a file set, what it says; else the system's. */
int64_t clock_now_ms(void);
/*
 * Takes the time from a file from now on, for rehearsals and tests: milliseconds since 1970 UTC, or
 * "2024-03-01" or "2024-03-01T10:00:00Z". It is read at each look; one that cannot be read leaves
 * the time as it was. False when it cannot be read now.
 */
bool clock_use_file(const char *path);
/* Steady milliseconds since some moment: for waiting and measuring. */
int64_t clock_steady_ms(void);
/* The same as of the system's last tick, up to some 10 ms ago, at a fraction of the cost: for what
 * is looked at with each answer. Times of the two are not to be compared with each other. */
int64_t clock_tick_ms(void);
