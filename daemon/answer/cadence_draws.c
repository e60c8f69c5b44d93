/* Days that an experiment drew for no posts: a rhythm that leaves them out was kept, not missed. */
#include "answer/cadence.h"
#include "answer/experiment_parts.h"
#include "answer/lift_parts.h"
#include "base/day.h"
#include "record/record.h"
#include "store/experiments.h"

#include <stdlib.h>

struct drawing {
    struct cadence_answer *a;
    struct fail *f;
};

/* Of what is posted in an experiment its types and platforms, which a rhythm has. */
static bool kinds_of(const struct experiment *e, struct filter *kinds, struct fail *f)
{
    struct lift_question q;
    struct asking asking;
    bool ok;

    lift_question_init(&q);
    ask_lift(&asking, e, e->end);
    ok = lift_question_read(&asking.params, &q, f);
    for (int i = 0; ok && i < q.posts.n; i++) {
        const struct filter_value *v = &q.posts.values[i];

        if ((v->key == FILTER_TYPE || v->key == FILTER_PLATFORM) && !v->negated)
            ok = filter_add(kinds, filter_key_names[v->key], v->text, f);
    }
    lift_question_clear(&q);
    return ok;
}

static bool free_days(const struct experiment *e, const struct cadence_answer *a, struct rhythm *r,
                      struct fail *f)
{
    if (!r->unmeant)
        r->unmeant = calloc((size_t)(a->to - a->from) + 1, 1);
    if (!r->unmeant)
        return fail_memory(f);
    for (int i = 0; e->calendar[i]; i++) {
        int32_t day = e->start + i;

        if (e->calendar[i] != '1' && day >= a->from && day <= a->to &&
            day <= experiment_last_day(e) && !r->count[day - a->from])
            r->unmeant[day - a->from] = 1;
    }
    return true;
}

static bool look_at(void *ctx, const struct experiment *e)
{
    struct drawing *d = ctx;
    struct cadence_answer *a = d->a;
    struct fail none = {0};
    struct filter kinds;
    bool ok = true, any = false;

    if (region_is_sample(e->region) || e->start > a->to || experiment_last_day(e) < a->from)
        return true;
    filter_init(&kinds);
    if (kinds_of(e, &kinds, &none)) /* one that cannot be asked frees no day */
        for (int i = 0; ok && i < a->n; i++) {
            struct filter_subject s = {.value = {"", "", "", "", "", ""}, .day = a->from};

            s.value[FILTER_TYPE] = a->group[i].type;
            s.value[FILTER_PLATFORM] = a->group[i].platform;
            if (!filter_matches(&kinds, &s))
                continue;
            any = true;
            ok = free_days(e, a, &a->group[i], d->f);
        }
    if (ok && any)
        ok = free_days(e, a, &a->all, d->f);
    filter_clear(&kinds);
    return ok;
}

bool cadence_free_drawn(struct db *db, struct cadence_answer *a, struct fail *f)
{
    struct drawing d = {a, f};

    return experiments_each(db, look_at, &d, f) && f->code == FAIL_NONE;
}
