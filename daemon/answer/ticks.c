#include "answer/ticks.h"
#include "base/text.h"
#include "store/post_reads.h"

#include <stdlib.h>
#include <string.h>

struct counting {
    struct ticks *t;
    bool ok;
};

/* NULL with *none for one type too many, or when out of memory. */
static struct tick_type *type_of(struct ticks *t, const char *name, bool *none)
{
    struct tick_type *type;

    for (int i = 0; i < t->n; i++)
        if (strcmp(t->type[i].type, name) == 0)
            return &t->type[i];
    *none = t->n == TICK_TYPES_WATCHED;
    if (*none)
        return NULL;
    type = &t->type[t->n];
    type->count = calloc((size_t)t->n_days + 1, sizeof *type->count);
    if (!type->count)
        return NULL;
    text_copy(type->type, sizeof type->type, name);
    t->n++;
    return type;
}

static bool count_post(void *ctx, const struct post_view *p)
{
    struct counting *c = ctx;
    int day = p->posted_day - c->t->from;
    struct tick_type *type;
    bool none = false;

    if (day < 0 || day >= c->t->n_days)
        return true;
    type = type_of(c->t, p->type, &none);
    if (!type && none) {
        c->t->unnamed++;
        return true;
    }
    c->ok = type != NULL;
    if (!type)
        return false;
    type->posts++;
    if (type->count[day] < UINT16_MAX)
        type->count[day]++;
    return true;
}

static int by_posts(const void *a, const void *b)
{
    const struct tick_type *x = a, *y = b;

    return x->posts != y->posts ? (x->posts < y->posts ? 1 : -1) : strcmp(x->type, y->type);
}

bool ticks_load(struct db *db, const struct filter *posts, int32_t from, int32_t to,
                struct ticks *t, struct fail *f)
{
    struct filter within = *posts; /* shares the values, which the caller keeps */
    struct counting c = {t, true};

    memset(t, 0, sizeof *t);
    t->from = from;
    t->n_days = to - from + 1;
    within.from = from;
    within.to = to;
    if (!posts_scan(db, &within, POSTS_DAYS, count_post, &c, f))
        return false;
    if (t->n)
        qsort(t->type, (size_t)t->n, sizeof *t->type, by_posts);
    return c.ok || fail_memory(f);
}

void ticks_clear(struct ticks *t)
{
    for (int i = 0; i < t->n; i++)
        free(t->type[i].count);
    t->n = 0;
}
