/*
 * Posts added up by stratum and day: how many, and the sums of y = ln(1 + value), of
 * its square and of the value. They add up, so two groups of any number of posts
 * are compared from as many cells as there are days (see analysis/two_groups.h).
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cell {
    int32_t stratum, day;
    double n, sum, squares, total;
};
struct cells {
    struct cell *cell; /* owned; in the order in which they were first added to */
    size_t n, cap;
    uint32_t *slot; /* owned; a hash table of indices into cell, from 1; 0: free */
    size_t n_slots; /* a power of two */
};
void cells_init(struct cells *c);
void cells_clear(struct cells *c);
/* Adds one post; y is ln(1 + value). False when out of memory. */
bool cells_add(struct cells *c, int32_t stratum, int32_t day, double value, double y);
/* Adds a cell to the one of its stratum and day. */
bool cells_put(struct cells *c, const struct cell *more);
/* NULL when there is none. */
const struct cell *cells_find(const struct cells *c, int32_t stratum, int32_t day);
/* All that is in `all` and not in `part`, which is a part of it; into the empty *rest. */
bool cells_rest(const struct cells *all, const struct cells *part, struct cells *rest);
