#include "analysis/cells.h"

#include <stdlib.h>
#include <string.h>

void cells_init(struct cells *c)
{
    memset(c, 0, sizeof *c);
}

void cells_clear(struct cells *c)
{
    free(c->cell);
    free(c->slot);
    cells_init(c);
}

static size_t place_of(int32_t stratum, int32_t day, size_t n_slots)
{
    uint64_t key = (uint64_t)(uint32_t)stratum << 32 | (uint32_t)day;

    return (size_t)(key * 0x9e3779b97f4a7c15u >> 20) & (n_slots - 1);
}

/* The slot of a cell, or the free one where it would be. */
static uint32_t *slot_of(const struct cells *c, int32_t stratum, int32_t day)
{
    size_t at = place_of(stratum, day, c->n_slots);

    while (c->slot[at]) {
        const struct cell *cell = &c->cell[c->slot[at] - 1];

        if (cell->stratum == stratum && cell->day == day)
            break;
        at = (at + 1) & (c->n_slots - 1);
    }
    return &c->slot[at];
}

static bool grow(struct cells *c)
{
    size_t cap = c->cap ? 2 * c->cap : 64;
    struct cell *cell = realloc(c->cell, cap * sizeof *cell);
    uint32_t *slot = cell ? calloc(2 * cap, sizeof *slot) : NULL;

    c->cell = cell ? cell : c->cell;
    if (!slot)
        return false;
    free(c->slot);
    c->slot = slot;
    c->n_slots = 2 * cap;
    c->cap = cap;
    for (size_t i = 0; i < c->n; i++)
        *slot_of(c, cell[i].stratum, cell[i].day) = (uint32_t)i + 1;
    return true;
}

static struct cell *cell_at(struct cells *c, int32_t stratum, int32_t day)
{
    uint32_t *slot;

    if (c->n == c->cap && !grow(c))
        return NULL;
    slot = slot_of(c, stratum, day);
    if (!*slot) {
        c->cell[c->n] = (struct cell){.stratum = stratum, .day = day};
        *slot = (uint32_t)++c->n;
    }
    return &c->cell[*slot - 1];
}

bool cells_put(struct cells *c, const struct cell *more)
{
    struct cell *cell = cell_at(c, more->stratum, more->day);

    if (!cell)
        return false;
    cell->n += more->n;
    cell->sum += more->sum;
    cell->squares += more->squares;
    cell->total += more->total;
    return true;
}

bool cells_add(struct cells *c, int32_t stratum, int32_t day, double value, double y)
{
    return cells_put(c, &(struct cell){stratum, day, 1, y, y * y, value});
}

const struct cell *cells_find(const struct cells *c, int32_t stratum, int32_t day)
{
    const uint32_t *slot = c->n ? slot_of(c, stratum, day) : NULL;

    return slot && *slot ? &c->cell[*slot - 1] : NULL;
}

bool cells_rest(const struct cells *all, const struct cells *part, struct cells *rest)
{
    for (size_t i = 0; i < all->n; i++) {
        const struct cell *whole = &all->cell[i];
        const struct cell *taken = cells_find(part, whole->stratum, whole->day);
        struct cell *left;

        if (taken && taken->n >= whole->n)
            continue;
        left = cell_at(rest, whole->stratum, whole->day);
        if (!left)
            return false;
        *left = *whole;
        if (taken) {
            left->n -= taken->n;
            left->sum -= taken->sum;
            left->squares -= taken->squares;
            left->total -= taken->total;
        }
    }
    return true;
}
