#include "answer/series.h"
#include "base/day.h"
#include "store/traffic_reads.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const series_kind_names[] = {"source", "channel-total", "sum-of-platforms", "name"};

/* One name of a source in one region. */
struct part {
    char name[NAME_MAX_BYTES + 1], region[SLUG_MAX + 1], scheme[64];
    bool is_total; /* counts as the channel total "social" */
    int64_t *plain,
        *campaigns; /* by day; COUNT_ABSENT. Rows without, and the sum of rows with a campaign */
    unsigned char *n_campaigns; /* rows with a campaign, capped */
    unsigned char *early;       /* data came before the day had ended */
    int32_t first, last;        /* days with a row */
};

struct loading {
    const struct series_question *q;
    struct zone *zone;
    bool by_source, by_name, social;
    int32_t from;
    int n_days, cap_days; /* of each part's arrays */
    struct part *part;
    int n_parts, cap_parts;
    struct fail *f;
    bool ok;
};

static bool part_grow(struct loading *l, struct part *p, int had)
{
    size_t n = (size_t)l->cap_days;
    int64_t *plain = realloc(p->plain, n * sizeof *plain);
    int64_t *campaigns = plain ? realloc(p->campaigns, n * sizeof *campaigns) : NULL;
    unsigned char *rows = campaigns ? realloc(p->n_campaigns, n) : NULL;
    unsigned char *early = rows ? realloc(p->early, n) : NULL;

    p->plain = plain ? plain : p->plain;
    p->campaigns = campaigns ? campaigns : p->campaigns;
    p->n_campaigns = rows ? rows : p->n_campaigns;
    p->early = early ? early : p->early;
    if (!early)
        return fail_set(l->f, FAIL_BUSY, "out-of-memory", NULL, "Out of memory; try again.");
    for (int i = had; i < l->cap_days; i++) {
        plain[i] = campaigns[i] = COUNT_ABSENT;
        rows[i] = early[i] = 0;
    }
    return true;
}

static bool days_reach(struct loading *l, int32_t day)
{
    int had = l->cap_days, need = day - l->from + 1;

    if (need > SERIES_DAYS_MAX)
        return fail_set(l->f, FAIL_UNPROCESSABLE, "range-too-long", NULL,
                        "A question covers at most %d days.", SERIES_DAYS_MAX);
    if (need > l->n_days)
        l->n_days = need;
    if (need <= l->cap_days)
        return true;
    while (l->cap_days < need)
        l->cap_days = l->cap_days ? l->cap_days * 2 : 128;
    for (int i = 0; i < l->n_parts; i++)
        if (!part_grow(l, &l->part[i], had))
            return false;
    return true;
}

static struct part *part_of(struct loading *l, const struct traffic_view *t, bool is_total)
{
    struct part *p;

    for (int i = 0; i < l->n_parts; i++)
        if (strcmp(l->part[i].name, t->name) == 0 && strcmp(l->part[i].region, t->region) == 0)
            return &l->part[i];
    if (l->n_parts >= SERIES_NAMES_MAX) {
        fail_set(l->f, FAIL_UNPROCESSABLE, "too-many-names", "source",
                 "More than %d names count as this source; \"postlift source\" shows them.",
                 SERIES_NAMES_MAX);
        return NULL;
    }
    if (l->n_parts == l->cap_parts) {
        int cap = l->cap_parts ? l->cap_parts * 2 : 8;

        p = realloc(l->part, (size_t)cap * sizeof *p);
        if (!p) {
            fail_set(l->f, FAIL_BUSY, "out-of-memory", NULL, "Out of memory; try again.");
            return NULL;
        }
        l->part = p;
        l->cap_parts = cap;
    }
    p = &l->part[l->n_parts];
    memset(p, 0, sizeof *p);
    snprintf(p->name, sizeof p->name, "%s", t->name);
    snprintf(p->region, sizeof p->region, "%s", t->region);
    p->is_total = is_total;
    p->first = t->day;
    l->n_parts++; /* cleared with the others, whatever happens below */
    return part_grow(l, p, 0) ? p : NULL;
}

static bool take(void *ctx, const struct traffic_view *t)
{
    struct loading *l = ctx;
    int64_t v = t->metric[l->q->metric];
    bool is_total = l->social && strcmp(t->source, "social") == 0;
    struct part *p;
    int i;

    if (l->social ? !is_total && !platform_is_social(t->source)
                  : !((l->by_source && strcmp(t->source, l->q->source) == 0) ||
                      (l->by_name && strcmp(t->name, l->q->source) == 0)))
        return true;
    if ((l->q->region && strcmp(t->region, l->q->region) != 0) ||
        (l->q->campaign && strcmp(t->campaign, l->q->campaign) != 0) || v == COUNT_ABSENT)
        return true;
    l->ok = days_reach(l, t->day) && (p = part_of(l, t, is_total)) != NULL;
    if (!l->ok)
        return false;
    i = t->day - l->from;
    p->last = t->day;
    snprintf(p->scheme, sizeof p->scheme, "%s", t->scheme);
    if (t->campaign[0] == 0 || l->q->campaign) {
        p->plain[i] = v;
    } else {
        p->campaigns[i] = (p->campaigns[i] == COUNT_ABSENT ? 0 : p->campaigns[i]) + v;
        p->n_campaigns[i] += p->n_campaigns[i] < 255;
    }
    if (t->arrived_at < zone_day_start_ms(l->zone, t->day + 1))
        p->early[i] = 1;
    return true;
}

/* Absent means zero on days that a file of the name's scheme covers. */
static bool cover(void *ctx, const struct coverage_view *c)
{
    struct loading *l = ctx;
    bool finished = c->arrived_at >= zone_day_start_ms(l->zone, c->day + 1);

    if (!(c->stated >> l->q->metric & 1u) || l->q->campaign || c->day < l->from)
        return true;
    if (c->day - l->from >= l->cap_days) {
        l->ok = days_reach(l, c->day);
        if (!l->ok)
            return false;
    }
    for (int k = 0; k < l->n_parts; k++) {
        struct part *p = &l->part[k];
        int i = c->day - l->from;

        if (strcmp(p->scheme, c->scheme) != 0 || strcmp(p->region, c->region) != 0 ||
            p->plain[i] != COUNT_ABSENT || p->campaigns[i] != COUNT_ABSENT)
            continue;
        if (i >= l->n_days)
            l->n_days = i + 1;
        p->plain[i] = 0;
        p->early[i] = !finished;
        p->first = c->day < p->first ? c->day : p->first;
        p->last = c->day > p->last ? c->day : p->last;
    }
    return true;
}

static bool not_additive(struct loading *l, const char *what)
{
    return fail_set(l->f, FAIL_UNPROCESSABLE, "not-additive", "source",
                    "Users are people and cannot be added up over %s: one person may come by more "
                    "than one. Ask for one source, or send the channel's total.",
                    what);
}

/* Drops the parts of platforms where a channel total is there, and puts the rest in order. */
static int by_name(const void *a, const void *b)
{
    const struct part *x = a, *y = b;
    int c = strcmp(x->name, y->name);

    return c ? c : strcmp(x->region, y->region);
}

static void part_clear(struct part *p)
{
    free(p->plain);
    free(p->campaigns);
    free(p->n_campaigns);
    free(p->early);
}

static void keep_totals(struct loading *l)
{
    int n = 0;

    for (int i = 0; i < l->n_parts; i++)
        if (l->part[i].is_total)
            l->part[n++] = l->part[i];
        else
            part_clear(&l->part[i]);
    l->n_parts = n;
}

static bool add_up_day(struct loading *l, struct series *s, int i, int *lacking, int *n_schemes)
{
    const char *scheme = NULL;
    double sum = 0;
    int n = 0;
    bool early = false, unknown = false;

    *n_schemes = 0;
    for (int k = 0; k < l->n_parts; k++) {
        const struct part *p = &l->part[k];
        int32_t day = l->from + i;
        int64_t v = p->plain[i];

        if (v == COUNT_ABSENT && p->n_campaigns[i]) {
            if (p->n_campaigns[i] > 1 && !traffic_metric_is_additive(l->q->metric))
                return not_additive(l, "campaigns");
            v = p->campaigns[i];
        }
        if (v == COUNT_ABSENT) {
            if (day >= p->first && day <= p->last) {
                unknown = true;
                *lacking = k;
            }
            continue;
        }
        n++;
        sum += (double)v;
        early = early || p->early[i];
        if (!scheme || strcmp(scheme, p->scheme) != 0)
            ++*n_schemes;
        scheme = p->scheme;
    }
    s->state[i] = !n || unknown ? DAY_MISSING : early ? DAY_UNFINISHED : DAY_KNOWN;
    s->value[i] = sum;
    return true;
}

static void warn_of_parts(struct loading *l, struct warnings *w)
{
    int32_t first = INT32_MAX, last = INT32_MIN;
    char day[DAY_TEXT];

    for (int k = 0; k < l->n_parts; k++) {
        first = l->part[k].first < first ? l->part[k].first : first;
        last = l->part[k].last > last ? l->part[k].last : last;
    }
    for (int k = 0; k < l->n_parts; k++) {
        const struct part *p = &l->part[k];

        if (p->first > first)
            warn(w, "source-starts-later",
                 "\"%.100s\" begins on %s, within the days in question; what it brings counts as "
                 "new from then on.",
                 p->name, day_format(p->first, day));
        if (p->last < last)
            warn(w, "source-ends-earlier",
                 "\"%.100s\" ends on %s, within the days in question; what it brought is gone from "
                 "then on.",
                 p->name, day_format(p->last, day));
    }
}

static bool add_up(struct loading *l, struct series *s, struct warnings *w)
{
    int mixed = 0, incomplete = 0, lacking = -1;

    s->n = l->n_days;
    s->value = calloc((size_t)s->n + 1, sizeof *s->value);
    s->state = calloc((size_t)s->n + 1, 1);
    s->name = calloc((size_t)l->n_parts + 1, sizeof *s->name);
    if (!s->value || !s->state || !s->name)
        return fail_set(l->f, FAIL_BUSY, "out-of-memory", NULL, "Out of memory; try again.");
    for (int k = 0; k < l->n_parts; k++)
        if (!s->n_names || strcmp(s->name[s->n_names - 1], l->part[k].name) != 0)
            strcpy(s->name[s->n_names++], l->part[k].name);
    for (int i = 0; i < s->n; i++) {
        int lacks = -1, n_schemes;

        if (!add_up_day(l, s, i, &lacks, &n_schemes))
            return false;
        mixed += n_schemes > 1;
        if (lacks >= 0 && l->n_parts > 1) {
            incomplete++;
            lacking = lacks;
        }
    }
    if (incomplete)
        warn(w, "incomplete-sum",
             "On %d of the days one of the names that are added up has no figure (\"%.100s\", for "
             "one); these days count as missing.",
             incomplete, l->part[lacking].name);
    if (mixed)
        warn(w, "mixed-naming",
             "On %d of the days the source is named in more than one way; if two files speak of "
             "the same visits, they are counted twice.",
             mixed);
    warn_of_parts(l, w);
    return true;
}

static bool resolve(struct db *db, struct loading *l, struct series *s)
{
    const char *source = l->q->source;

    l->social = strcmp(source, "social") == 0;
    if (!l->social && !traffic_knows(db, source, &l->by_source, &l->by_name, l->f))
        return false;
    if (l->by_source)
        l->by_name = false;
    s->kind = l->by_name ? SERIES_NAME : SERIES_SOURCE;
    if (l->social || l->by_source || l->by_name)
        return true;
    if (strcmp(source, "all") == 0)
        return fail_set(l->f, FAIL_UNPROCESSABLE, "no-total", "source",
                        "No total of the site was imported. Channels and platforms overlap, so "
                        "they are not added up: send the total as the source \"all\".");
    return fail_set(l->f, FAIL_UNPROCESSABLE, "unknown-source", "source",
                    "No traffic is stored of a source \"%.100s\"; /api/v1/sources lists them.",
                    source);
}

bool series_load(struct db *db, struct zone *zone, const struct series_question *q,
                 struct series *s, struct warnings *w, struct fail *f)
{
    struct loading l = {.q = q, .zone = zone, .from = q->from, .f = f, .ok = true};
    int32_t to = q->to == DAY_NONE ? INT32_MAX : q->to;
    bool ok = false, totals = false;

    memset(s, 0, sizeof *s);
    s->from = q->from;
    if (!resolve(db, &l, s) || (q->to != DAY_NONE && !days_reach(&l, q->to)) ||
        !traffic_each(db, q->from, to, NULL, take, &l, f) || !l.ok ||
        !coverage_each(db, q->from, to, cover, &l, f) || !l.ok)
        goto out;
    for (int i = 0; i < l.n_parts; i++)
        totals = totals || l.part[i].is_total;
    if (l.social) {
        s->kind = totals ? SERIES_CHANNEL_TOTAL : SERIES_PLATFORM_SUM;
        if (totals)
            keep_totals(&l);
    }
    if (l.n_parts)
        qsort(l.part, (size_t)l.n_parts, sizeof *l.part, by_name);
    if (l.n_parts > 1 && !traffic_metric_is_additive(q->metric)) {
        bool same_name = strcmp(l.part[0].name, l.part[l.n_parts - 1].name) == 0;

        not_additive(&l, same_name                        ? "regions"
                         : s->kind == SERIES_PLATFORM_SUM ? "platforms"
                                                          : "sources");
        goto out;
    }
    ok = add_up(&l, s, w);
out:
    for (int i = 0; i < l.n_parts; i++)
        part_clear(&l.part[i]);
    free(l.part);
    if (!ok)
        series_clear(s);
    return ok;
}

void series_clear(struct series *s)
{
    free(s->value);
    free(s->state);
    free(s->name);
    memset(s, 0, sizeof *s);
}

int32_t series_last_known(const struct series *s)
{
    for (int i = s->n - 1; i >= 0; i--)
        if (s->state[i] == DAY_KNOWN)
            return s->from + i;
    return DAY_NONE;
}

enum day_state series_at(const struct series *s, int32_t day, double *value)
{
    if (day < s->from || day - s->from >= s->n)
        return DAY_MISSING;
    *value = s->value[day - s->from];
    return (enum day_state)s->state[day - s->from];
}
