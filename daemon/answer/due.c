#include "answer/due.h"
#include "answer/default_question.h"
#include "answer/experiment.h"
#include "base/day.h"
#include "base/text.h"
#include "record/record.h"
#include "store/experiments.h"
#include "store/imports.h"
#include "store/traffic_reads.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const due_kind_names[DUE_KIND_COUNT] = {"finding", "follow-up", "stale-source",
                                                    "rejected-rows"};

struct looking {
    struct db *db;
    struct zone *zone;
    struct due *d;
    struct fail *f;
    const struct experiment *e;
    int findings;
    bool own; /* something is stored that is no sample's: then samples play no part */
    /* imports */
    char mended[64][256]; /* names of files that came again without a rejected row */
    int n_mended;
};

static bool add(struct looking *l, enum due_kind kind, int32_t since, const char *experiment,
                int64_t import_id, const char *fmt, ...) __attribute__((format(printf, 6, 7)));

static bool add(struct looking *l, enum due_kind kind, int32_t since, const char *experiment,
                int64_t import_id, const char *fmt, ...)
{
    struct due *d = l->d;
    struct due_item *item;
    va_list ap;

    if (d->n == DUE_LISTED_MAX) {
        d->more++;
        return true;
    }
    item = realloc(d->item, ((size_t)d->n + 1) * sizeof *item);
    if (!item)
        return fail_memory(l->f);
    d->item = item;
    item += d->n++;
    memset(item, 0, sizeof *item);
    item->kind = kind;
    item->since = since;
    item->import_id = import_id;
    text_copy(item->experiment, sizeof item->experiment, experiment);
    va_start(ap, fmt);
    vsnprintf(item->sentence, sizeof item->sentence, fmt, ap);
    va_end(ap);
    return true;
}

/* ---- experiments ---- */

/* A finding of the last days is told, so that somebody reads it. */
static bool tell_finding(void *ctx, const struct finding *found)
{
    struct looking *l = ctx;
    int32_t day = zone_day(l->zone, found->found_at);
    bool end = strcmp(found->kind, "end") == 0;

    l->findings++;
    if (l->d->today - day > DUE_FOUND_DAYS)
        return true;
    return add(l, end ? DUE_FINDING : DUE_FOLLOW_UP, day, l->e->slug, 0,
               "The %s of the experiment \"%.100s\" is there: %.900s",
               end ? "finding" : "follow-up", l->e->name, found->sentence);
}

/* A finding that is not there yet; n: 0 that of the end. *more: the next may be due as well. */
static bool tell_missing(struct looking *l, const struct experiment *e, int n, bool *more)
{
    int32_t due = n ? e->follow_up[n - 1] : experiment_last_day(e) + 1;
    enum due_kind kind = n ? DUE_FOLLOW_UP : DUE_FINDING;
    const char *what = n ? "follow-up" : "finding";
    char due_text[DAY_TEXT], until_text[DAY_TEXT];
    enum experiment_wait wait;

    if (!experiment_waits(l->db, l->zone, e, n, l->d->today, &wait, l->f))
        return false;
    *more = wait != WAIT_DATE;
    day_format(due, due_text);
    day_format(experiment_until(e, n), until_text);
    switch (wait) {
    case WAIT_DATE: return true;
    case WAIT_NOTHING:
        return add(l, kind, due, e->slug, 0,
                   "The %s of the experiment \"%.100s\" is being worked out.", what, e->name);
    case WAIT_TRAFFIC:
        return add(
            l, kind, due, e->slug, 0,
            "The %s of the experiment \"%.100s\" was due on %s; it waits for %s of \"%.100s\" "
            "up to %s. If they will never come: postlift experiment stop %s --reason ...",
            what, e->name, due_text, traffic_metric_names[e->metric], e->source, until_text,
            e->slug);
    case WAIT_CONTROL:
        return add(l, kind, due, e->slug, 0,
                   "The %s of the experiment \"%.100s\" was due on %s; it waits for traffic of "
                   "its control, \"%.200s\". If none will come: postlift experiment correct %s "
                   "--control ..., or postlift experiment stop %s --reason ...",
                   what, e->name, due_text, e->control, e->slug, e->slug);
    case WAIT_POSTS:
        return add(l, kind, due, e->slug, 0,
                   "The %s of the experiment \"%.100s\" was due on %s; it waits up to %d days for "
                   "posts up to %s.",
                   what, e->name, due_text, EXPERIMENT_POSTS_WAIT, until_text);
    }
    return true;
}

static bool look_at_experiment(void *ctx, const struct experiment *e)
{
    struct looking *l = ctx;
    bool more = true;

    if (l->own && region_is_sample(e->region))
        return true;
    l->e = e;
    l->findings = 0;
    if (!findings_each(l->db, e->experiment_id, tell_finding, l, l->f) || l->f->code != FAIL_NONE)
        return false;
    if (e->state == EXPERIMENT_CLOSED)
        return true;
    for (int n = l->findings; more && n <= e->n_follow_ups; n++)
        if (!tell_missing(l, e, n, &more))
            return false;
    return true;
}

/* ---- sources ---- */

static bool look_at_source(void *ctx, const char *name, const char *region, int32_t last)
{
    struct looking *l = ctx;
    int32_t silent = l->d->today - last;
    char day[DAY_TEXT];

    if (silent <= l->d->stale_days || silent > DUE_ENDED_DAYS ||
        (l->own && region_is_sample(region)))
        return true;
    return add(l, DUE_STALE_SOURCE, last, "", 0, "The newest day of \"%.200s\"%s%s is %s.", name,
               strcmp(region, "-") == 0 ? "" : " in the region ",
               strcmp(region, "-") == 0 ? "" : region, day_format(last, day));
}

/* ---- imports ---- */

/* Newest first: a file that came again whole settles what was rejected of it before. */
static bool look_at_import(void *ctx, const struct import_row *row)
{
    struct looking *l = ctx;
    int32_t day = zone_day(l->zone, row->received_at);
    bool whole = row->state == IMPORT_DONE && !row->counts.rejected && !row->dry_run;

    if (l->d->today - day > DUE_IMPORT_DAYS)
        return false;
    for (int i = 0; i < l->n_mended; i++)
        if (strcmp(l->mended[i], row->file) == 0)
            return true;
    if (whole && row->file[0] && l->n_mended < 64)
        text_copy(l->mended[l->n_mended++], sizeof l->mended[0], row->file);
    if (!row->counts.rejected || row->dry_run || row->parent_id > 0 ||
        (row->state != IMPORT_DONE && row->state != IMPORT_REFUSED))
        return true;
    if (!row->file[0]) /* it has no name, or one that this reader may not see */
        return add(l, DUE_REJECTED_ROWS, day, "", row->import_id,
                   "Of an import %" PRId64 " row%s could not be stored", row->counts.rejected,
                   row->counts.rejected == 1 ? "" : "s");
    return add(l, DUE_REJECTED_ROWS, day, "", row->import_id,
               "Of the file \"%.200s\" %" PRId64 " row%s could not be stored", row->file,
               row->counts.rejected, row->counts.rejected == 1 ? "" : "s");
}

bool due_answer(struct db *db, struct zone *zone, int64_t now_ms, int stale_days, struct due *d,
                struct fail *f)
{
    struct looking *l = calloc(1, sizeof *l);
    char sample[SLUG_MAX + 1];
    bool ok;

    memset(d, 0, sizeof *d);
    d->today = zone_day(zone, now_ms);
    d->stale_days = stale_days;
    if (!l)
        return fail_memory(f);
    l->db = db;
    l->zone = zone;
    l->d = d;
    l->f = f;
    ok = default_region(db, sample, f);
    l->own = ok && !sample[0];
    ok = ok && experiments_each(db, look_at_experiment, l, f) && f->code == FAIL_NONE &&
         traffic_newest_each(db, d->today - 2 * DUE_ENDED_DAYS, DUE_REGULAR_DAYS, look_at_source, l,
                             f) &&
         f->code == FAIL_NONE && imports_each(db, 0, LIST_LIMIT_MAX, look_at_import, l, f) &&
         f->code == FAIL_NONE;
    free(l);
    return ok;
}

void due_clear(struct due *d)
{
    free(d->item);
    memset(d, 0, sizeof *d);
}
