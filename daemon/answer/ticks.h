/* Which days had posts of which type: marks beside a series. */
#pragma once
#include "base/fail.h"
#include "record/filter.h"
#include "store/db.h"

enum { TICK_TYPES = 6, TICK_TYPES_WATCHED = 200 };

struct tick_type {
    char type[SLUG_MAX + 1];
    int64_t posts;
    uint16_t *count; /* owned; of each day */
};
struct ticks {
    int32_t from;
    int n_days;
    struct tick_type type[TICK_TYPES_WATCHED]; /* the most posts first */
    int n;                                     /* of types; TICK_TYPES are worth showing */
    int64_t unnamed;                           /* posts of types past those watched */
};
/* posts: which are meant. The caller clears *t, also after a failure. */
bool ticks_load(struct db *db, const struct filter *posts, int32_t from, int32_t to,
                struct ticks *t, struct fail *f);
void ticks_clear(struct ticks *t);
