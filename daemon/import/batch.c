#include "import/batch.h"
#include "base/text.h"
#include "store/posts.h"
#include "store/reach.h"
#include "store/traffic.h"
#include "store/types.h"

#include <stdlib.h>
#include <string.h>

void batch_init(struct batch *b, size_t bytes_max, size_t records_max, size_t rejects_max)
{
    memset(b, 0, sizeof *b);
    arena_init(&b->arena, bytes_max);
    b->max = records_max;
    reject_list_init(&b->rejects, rejects_max);
}

void batch_clear(struct batch *b)
{
    arena_clear(&b->arena);
    free(b->records);
    b->records = NULL;
    b->n = b->cap = 0;
    reject_list_clear(&b->rejects);
}

void batch_reset(struct batch *b)
{
    arena_reset(&b->arena);
    b->n = 0;
    reject_list_reset(&b->rejects);
}

bool batch_add(struct batch *b, const struct record *r, struct fail *f)
{
    if (b->n >= b->max)
        return fail_set(f, FAIL_TOO_LARGE, "too-many-records", NULL,
                        "One request takes at most %zu records; send the rest in further requests, "
                        "or the whole as a file to /api/v1/imports.",
                        b->max);
    if (b->n == b->cap) {
        size_t cap = b->cap ? b->cap * 2 : 4;
        struct record *records = realloc(b->records, cap * sizeof *records);

        if (!records)
            return fail_memory(f);
        b->records = records;
        b->cap = cap;
    }
    b->records[b->n++] = *r;
    return true;
}

size_t batch_memory(const struct batch *b)
{
    return b->arena.used + b->cap * sizeof *b->records + b->rejects.cap * sizeof(struct reject);
}

static int by_key(const void *a, const void *b)
{
    const struct record *x = a, *y = b;
    int c = strcmp(x->post.platform, y->post.platform);

    if (c == 0)
        c = strcmp(x->post.id, y->post.id);
    if (c == 0)
        c = x->at.index < y->at.index ? -1 : x->at.index > y->at.index;
    return c;
}

void batch_sort(struct batch *b)
{
    bool sorted = true;

    if (b->n < 2 || b->records[0].kind != RECORD_POST)
        return;
    /* Which of two regions an account is given depends on the order: then the file's order stays.
     */
    for (size_t i = 1; i < b->n; i++)
        if ((b->records[i].post.region == NULL) != (b->records[0].post.region == NULL) ||
            (b->records[i].post.region &&
             strcmp(b->records[i].post.region, b->records[0].post.region) != 0))
            return;
    for (size_t i = 0; i < b->n; i++)
        b->records[i].at.index = (int64_t)i;
    for (size_t i = 1; sorted && i < b->n; i++)
        sorted = by_key(&b->records[i - 1], &b->records[i]) < 0;
    if (!sorted)
        qsort(b->records, b->n, sizeof *b->records, by_key);
}

/* The column or field that the store found at fault is in f->place. */
static void reject_record(struct batch *b, const struct record *r, const struct fail *f)
{
    reject_list_fail(&b->rejects, r->at, 0, f->place, f);
    b->rejects.n_rejected += r->rows - 1;
}

bool batch_store(struct store *st, struct batch *b, const struct sender *from, bool strict,
                 struct import_counts *counts, bool *changed, struct fail *f)
{
    for (size_t i = 0; i < b->n; i++) {
        struct record *r = &b->records[i];
        enum put_result result = PUT_UNCHANGED;
        struct fail one = {0};
        bool ok = !from->only || reach_take(st, from->only, r, &one);

        if (ok)
            ok = r->kind == RECORD_POST ? post_put(st, r, from, &result, changed, &one)
                                        : traffic_put(st, r, from, &result, changed, &one);
        if (!ok && one.code != FAIL_UNPROCESSABLE && one.code != FAIL_CONFLICT) {
            *f = one;
            return fail_set(f, FAIL_INTERNAL, "failed", NULL, "The write failed.");
        }
        if (!ok) {
            reject_record(b, r, &one);
            continue;
        }
        counts->inserted += result == PUT_INSERTED ? r->rows : 0;
        counts->updated += result == PUT_UPDATED ? r->rows : 0;
        counts->unchanged += result == PUT_UNCHANGED ? r->rows : 0;
    }
    if (strict && b->rejects.n_rejected)
        return fail_set(f, FAIL_UNPROCESSABLE, "strict", NULL,
                        "Some records are bad and strict=1 was asked for: nothing was stored.");
    return true;
}

static const char *stated_text(const struct record *r, int field, const char *text)
{
    return record_states(r, field) && text && *text ? text : NULL;
}

/* Of all regions a type may wait for its post; of some the post must be there, and theirs. */
static bool is_own(struct store *st, const char *only, struct set_type *t,
                   char platform[SLUG_MAX + 1], struct fail *f)
{
    if (!only)
        return true;
    text_copy(platform, SLUG_MAX + 1, t->platform);
    t->platform = platform;
    return reach_take_post(st, only, platform, t->id, f);
}

bool batch_set_types(struct store *st, struct batch *b, const char *only, bool strict,
                     struct import_counts *counts, bool *changed, struct fail *f)
{
    for (size_t i = 0; i < b->n; i++) {
        const struct record *r = &b->records[i];
        struct set_type t = {r->post.platform, r->post.id, stated_text(r, POST_TYPE, r->post.type),
                             stated_text(r, POST_TAGS, r->post.tags)};
        char platform[SLUG_MAX + 1];
        struct fail one = {0};
        bool news = false;

        if (strcmp(t.platform, "-") == 0) /* not named */
            t.platform = NULL;
        if (is_own(st, only, &t, platform, &one) && post_type_set(st, &t, &news, &one)) {
            counts->updated += news;
            counts->unchanged += !news;
            *changed = *changed || news;
        } else if (one.code == FAIL_NOT_FOUND || one.code == FAIL_CONFLICT) {
            reject_record(b, r, &one);
        } else {
            *f = one;
            return fail_set(f, FAIL_INTERNAL, "failed", NULL, "The write failed.");
        }
    }
    if (strict && b->rejects.n_rejected)
        return fail_set(f, FAIL_UNPROCESSABLE, "strict", NULL,
                        "Some records are bad and strict=1 was asked for: nothing was stored.");
    return true;
}
