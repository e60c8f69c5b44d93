#include "answer/series.h"
#include "answer/dated.h"
#include "base/text.h"
#include "base/day.h"
#include "store/definitions.h"
#include "store/traffic_reads.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const series_kind_names[] = {"source", "channel-total", "sum-of-platforms", "name"};

enum { PART_SCHEMES = 4 };

/* One name of a source in one region. */
struct part {
    char name[NAME_MAX_BYTES + 1], region[SLUG_MAX + 1];
    char scheme[PART_SCHEMES][64]; /* naming schemes of its rows */
    int n_schemes;
    bool is_total;         /* counts as the channel total "social" */
    int64_t *value;        /* by day; COUNT_ABSENT */
    unsigned char *rows;   /* by day, capped: rows without and with campaigns */
    unsigned char *tagged; /* of these, with a campaign */
    unsigned char *early;  /* data came before the day had ended */
    int32_t first, last;   /* days with a row, of all that is stored */
};

struct loading {
    const struct series_question *q;
    struct db *db;
    struct zone *zone;
    bool by_source, by_name, social;
    const char *name; /* whose spans are being read */
    bool name_is_total;
    int32_t from, last;   /* last: the last day on which any of the names has a row */
    int n_days, cap_days; /* of each part's arrays */
    struct part *part;
    int n_parts, cap_parts;
    struct fail *f;
    bool ok;
};

static bool part_grow(struct loading *l, struct part *p, int had)
{
    size_t n = (size_t)l->cap_days;
    int64_t *value = realloc(p->value, n * sizeof *value);
    unsigned char *rows = value ? realloc(p->rows, n) : NULL;
    unsigned char *tagged = rows ? realloc(p->tagged, n) : NULL;
    unsigned char *early = tagged ? realloc(p->early, n) : NULL;

    p->value = value ? value : p->value;
    p->rows = rows ? rows : p->rows;
    p->tagged = tagged ? tagged : p->tagged;
    p->early = early ? early : p->early;
    if (!early)
        return fail_memory(l->f);
    for (int i = had; i < l->cap_days; i++) {
        value[i] = COUNT_ABSENT;
        rows[i] = tagged[i] = early[i] = 0;
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

static struct part *part_find(struct loading *l, const char *name, const char *region)
{
    for (int i = 0; i < l->n_parts; i++)
        if (strcmp(l->part[i].name, name) == 0 && strcmp(l->part[i].region, region) == 0)
            return &l->part[i];
    return NULL;
}

static bool part_add(struct loading *l, const char *name, const struct traffic_span *span)
{
    struct part *p;

    if (l->n_parts >= SERIES_NAMES_MAX)
        return fail_set(l->f, FAIL_UNPROCESSABLE, "too-many-names", "source",
                        "More than %d names count as this source; \"postlift source\" shows them.",
                        SERIES_NAMES_MAX);
    if (l->n_parts == l->cap_parts) {
        int cap = l->cap_parts ? l->cap_parts * 2 : 8;

        p = realloc(l->part, (size_t)cap * sizeof *p);
        if (!p)
            return fail_memory(l->f);
        l->part = p;
        l->cap_parts = cap;
    }
    p = &l->part[l->n_parts];
    memset(p, 0, sizeof *p);
    snprintf(p->name, sizeof p->name, "%s", name);
    snprintf(p->region, sizeof p->region, "%s", span->region);
    p->is_total = l->social && l->name_is_total;
    p->first = span->first;
    p->last = span->last;
    l->n_parts++; /* cleared with the others, whatever happens below */
    return part_grow(l, p, 0);
}

static bool add_span(void *ctx, const struct traffic_span *span)
{
    struct loading *l = ctx;

    if (l->q->region ? strcmp(span->region, l->q->region) != 0 : region_is_sample(span->region))
        return true;
    return l->ok = part_add(l, l->name, span);
}

static bool is_meant(const struct loading *l, const char *name, const char *source)
{
    if (l->social)
        return strcmp(source, "social") == 0 || platform_is_social(source);
    return (l->by_source && strcmp(source, l->q->source) == 0) ||
           (l->by_name && strcmp(name, l->q->source) == 0);
}

static void note_scheme(struct part *p, const char *scheme)
{
    for (int i = 0; i < p->n_schemes; i++)
        if (strcmp(p->scheme[i], scheme) == 0)
            return;
    if (scheme[0] && p->n_schemes < PART_SCHEMES)
        snprintf(p->scheme[p->n_schemes++], sizeof p->scheme[0], "%s", scheme);
}

static bool add_scheme(void *ctx, const char *region, const char *scheme)
{
    struct loading *l = ctx;
    struct part *p = part_find(l, l->name, region);

    if (p)
        note_scheme(p, scheme);
    return true;
}

/* Every name that is meant becomes a part, whether it has a row among the days or not. */
static bool add_name(void *ctx, const char *name, const char *source)
{
    struct loading *l = ctx;

    if (!is_meant(l, name, source))
        return true;
    l->name = name;
    l->name_is_total = strcmp(source, "social") == 0;
    return traffic_span_each(l->db, name, l->q->campaign, l->q->metric, add_span, l, l->f) &&
           l->ok && traffic_schemes_each(l->db, name, add_scheme, l, l->f);
}

static bool take(void *ctx, const struct traffic_view *t)
{
    struct loading *l = ctx;
    int64_t v = t->metric[l->q->metric];
    struct part *p = is_meant(l, t->name, t->source) ? part_find(l, t->name, t->region) : NULL;
    int i;

    if (!p || (l->q->campaign && strcmp(t->campaign, l->q->campaign) != 0) || v == COUNT_ABSENT)
        return true;
    l->ok = days_reach(l, t->day);
    if (!l->ok)
        return false;
    i = t->day - l->from;
    p->value[i] = (p->value[i] == COUNT_ABSENT ? 0 : p->value[i]) + v;
    p->rows[i] += p->rows[i] < 255;
    p->tagged[i] += t->campaign[0] && p->tagged[i] < 255;
    if (t->arrived_at < zone_day_start_ms(l->zone, t->day + 1))
        p->early[i] = 1;
    return true;
}

static bool has_scheme(const struct part *p, const char *scheme)
{
    for (int i = 0; i < p->n_schemes; i++)
        if (strcmp(p->scheme[i], scheme) == 0)
            return true;
    return false;
}

/* Where a file says what absent means, a name exists as long as such files go. */
static bool widen(void *ctx, const char *scheme, const struct traffic_span *span)
{
    struct loading *l = ctx;

    for (int k = 0; k < l->n_parts; k++) {
        struct part *p = &l->part[k];

        if (!has_scheme(p, scheme) || strcmp(p->region, span->region) != 0)
            continue;
        p->first = span->first < p->first ? span->first : p->first;
        p->last = span->last > p->last ? span->last : p->last;
    }
    return true;
}

/* Absent means zero on days that a file of the name's scheme covers. */
static bool cover(void *ctx, const struct coverage_view *c)
{
    struct loading *l = ctx;
    int i = c->day - l->from;

    if (!(c->stated >> l->q->metric & 1u) || l->q->campaign || i < 0)
        return true;
    for (int k = 0; k < l->n_parts; k++) {
        struct part *p = &l->part[k];

        if (!has_scheme(p, c->scheme) || strcmp(p->region, c->region) != 0)
            continue;
        l->ok = days_reach(l, c->day);
        if (!l->ok)
            return false;
        p = &l->part[k];
        if (p->value[i] != COUNT_ABSENT)
            continue;
        p->value[i] = 0;
        p->early[i] = c->arrived_at < zone_day_start_ms(l->zone, c->day + 1);
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
    free(p->value);
    free(p->rows);
    free(p->tagged);
    free(p->early);
}

/* Names that had ended before the days in question, or began after them, play no part. */
static void drop_strangers(struct loading *l)
{
    int32_t to = l->from + l->n_days - 1;
    int n = 0;

    for (int i = 0; i < l->n_parts; i++) {
        struct part *p = &l->part[i];

        if (p->first > to || (p->last < l->from && p->last + SERIES_ENDED_DAYS < l->last))
            part_clear(p);
        else
            l->part[n++] = *p;
    }
    l->n_parts = n;
}

static bool has_figures(const struct loading *l, const struct part *p)
{
    for (int d = 0; d < l->n_days; d++)
        if (p->value[d] != COUNT_ABSENT)
            return true;
    return false;
}

/* Whether a region has a channel total, with figures. */
static bool region_has_total(const struct loading *l, const char *region)
{
    for (int i = 0; i < l->n_parts; i++)
        if (l->part[i].is_total && strcmp(l->part[i].region, region) == 0 &&
            has_figures(l, &l->part[i]))
            return true;
    return false;
}

/* Of "social": each region by its channel total where it has one, else by its platforms. */
static enum series_kind keep_kind(struct loading *l, struct warnings *w)
{
    bool *keep = calloc((size_t)l->n_parts + 1, sizeof *keep);
    int n = 0, totals = 0;

    if (!keep) {
        l->ok = fail_memory(l->f);
        return SERIES_PLATFORM_SUM;
    }
    for (int i = 0; i < l->n_parts; i++) {
        keep[i] = l->part[i].is_total == region_has_total(l, l->part[i].region);
        totals += keep[i] && l->part[i].is_total;
    }
    for (int i = 0; i < l->n_parts; i++)
        if (keep[i])
            l->part[n++] = l->part[i];
        else
            part_clear(&l->part[i]);
    l->n_parts = n;
    free(keep);
    if (totals && totals < n)
        warn(w, "mixed-regions",
             "Some regions have a channel total and some do not; of these the platforms are added "
             "up.");
    return totals ? SERIES_CHANNEL_TOTAL : SERIES_PLATFORM_SUM;
}

/* Whether a name should have a figure on a day. */
static bool is_expected(const struct loading *l, const struct part *p, int32_t day)
{
    return day >= p->first && (day <= p->last || p->last + SERIES_ENDED_DAYS >= l->last);
}

/* What adding up found out besides the sums. */
struct found_out {
    int mixed;               /* days on which the source is named by two schemes */
    int campaigns;           /* days with rows of a name both with and without a campaign */
    int incomplete, lacking; /* days that lack one of several names; such a name's index */
};

static bool add_up_day(struct loading *l, struct series *s, int i, struct found_out *found)
{
    const struct part *named = NULL;
    double sum = 0;
    int n = 0, lacks = -1;
    bool early = false, mixed = false;

    for (int k = 0; k < l->n_parts; k++) {
        const struct part *p = &l->part[k];

        if (p->value[i] == COUNT_ABSENT) {
            if (is_expected(l, p, l->from + i))
                lacks = k;
            continue;
        }
        if (p->rows[i] > 1 && !traffic_metric_is_additive(l->q->metric))
            return not_additive(l, "campaigns");
        n++;
        sum += (double)p->value[i];
        early = early || p->early[i];
        found->campaigns += p->tagged[i] && p->tagged[i] < p->rows[i];
        mixed = mixed || (named && p->rows[i] &&
                          (named->n_schemes != p->n_schemes ||
                           (p->n_schemes && strcmp(named->scheme[0], p->scheme[0]) != 0)));
        if (p->rows[i])
            named = p;
    }
    found->mixed += mixed;
    if (n && lacks >= 0) {
        found->incomplete++;
        found->lacking = lacks;
    }
    s->state[i] = !n || lacks >= 0 ? DAY_MISSING : early ? DAY_UNFINISHED : DAY_KNOWN;
    s->value[i] = sum;
    return true;
}

/* last: the last day in question. */
static void warn_of_parts(struct loading *l, int32_t last, struct warnings *w)
{
    int32_t first = INT32_MAX;
    char day[DAY_TEXT];

    for (int k = 0; k < l->n_parts; k++)
        first = l->part[k].first < first ? l->part[k].first : first;
    for (int k = 0; k < l->n_parts; k++) {
        const struct part *p = &l->part[k];

        if (p->first > first && p->first > l->from && p->first <= last)
            warn(w, "source-starts-later",
                 "\"%.100s\"%s%s begins on %s, within the days in question; what it brings counts "
                 "as "
                 "new from then on, and no verdict holds across it.",
                 p->name, strcmp(p->region, "-") ? " of the region " : "",
                 strcmp(p->region, "-") ? p->region : "", day_format(p->first, day));
        if (p->last >= l->from && p->last < last && !is_expected(l, p, p->last + 1))
            warn(w, "source-ends-earlier",
                 "\"%.100s\"%s%s ends on %s, within the days in question; what it brought is gone "
                 "from "
                 "then on, and no verdict holds across it.",
                 p->name, strcmp(p->region, "-") ? " of the region " : "",
                 strcmp(p->region, "-") ? p->region : "", day_format(p->last, day));
    }
}

static bool add_up(struct loading *l, struct series *s, struct warnings *w)
{
    struct found_out found = {0, 0, 0, -1};

    s->n = l->n_days;
    s->value = calloc((size_t)s->n + 1, sizeof *s->value);
    s->state = calloc((size_t)s->n + 1, 1);
    s->name = calloc((size_t)l->n_parts + 1, sizeof *s->name);
    if (!s->value || !s->state || !s->name)
        return fail_memory(l->f);
    for (int k = 0; k < l->n_parts; k++)
        if (!s->n_names || strcmp(s->name[s->n_names - 1], l->part[k].name) != 0)
            text_copy(s->name[s->n_names++], sizeof s->name[0], l->part[k].name);
    for (int i = 0; i < s->n; i++)
        if (!add_up_day(l, s, i, &found))
            return false;
    if (found.incomplete)
        warn(w, "incomplete-sum",
             "On %d of the days one of the names that are added up has no figure (\"%.100s\", for "
             "one); these days count as missing.",
             found.incomplete, l->part[found.lacking].name);
    if (found.mixed)
        warn(w, "mixed-naming",
             "On %d of the days the source is named in more than one way; if two files speak of "
             "the same visits, they are counted twice.",
             found.mixed);
    if (found.campaigns)
        warn(w, "campaigns-added",
             "On %d of the days there are rows with a campaign beside rows without one; both are "
             "counted, as different visits.",
             found.campaigns);
    warn_of_parts(l, l->from + s->n - 1, w);
    return true;
}

/* The definitions that the days of the series follow. */
struct defined {
    char text[2][DEFINITION_TEXT];
    int32_t first[2], last[2];
    int n;
};

static bool note_definition(void *ctx, const char *definition, int32_t first, int32_t last)
{
    struct defined *d = ctx;
    int i = 0;

    if (!*definition)
        return true;
    while (i < d->n && strcmp(d->text[i], definition) != 0)
        i++;
    if (i == 2)
        return true;
    if (i == d->n) {
        text_copy(d->text[d->n++], DEFINITION_TEXT, definition);
        d->first[i] = first;
        d->last[i] = last;
    }
    d->first[i] = first < d->first[i] ? first : d->first[i];
    d->last[i] = last > d->last[i] ? last : d->last[i];
    return true;
}

static bool warn_of_definitions(struct loading *l, const struct series *s, struct warnings *w)
{
    struct defined d = {.n = 0};
    char first[DAY_TEXT];
    bool differ;
    int later;

    if (!definitions_differ(l->db, traffic_metric_names[l->q->metric], &differ, l->f))
        return false;
    for (int i = 0; differ && i < s->n_names; i++)
        if (!traffic_definitions_each(l->db, s->name[i], l->q->metric, l->from, l->from + s->n - 1,
                                      note_definition, &d, l->f))
            return false;
    if (d.n < 2)
        return true;
    later = d.first[1] > d.first[0];
    warn(w, "definition-changed",
         "The days follow different definitions, %s and from %s on %s; they do not count the same, "
         "and no verdict holds across the change.",
         d.text[!later], day_format(d.first[later], first), d.text[later]);
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
    struct loading l = {
        .q = q, .db = db, .zone = zone, .from = q->from, .last = INT32_MIN, .f = f, .ok = true};
    int32_t to = q->to == DAY_NONE ? INT32_MAX : q->to;
    bool ok = false;

    memset(s, 0, sizeof *s);
    s->from = q->from;
    if (!resolve(db, &l, s) || (q->to != DAY_NONE && !days_reach(&l, q->to)) ||
        !traffic_names_each(db, add_name, &l, f) || !l.ok || f->code != FAIL_NONE ||
        (!q->campaign && !coverage_spans_each(db, q->metric, widen, &l, f)) ||
        !traffic_each(db, q->from, to, NULL, take, &l, f) || !l.ok ||
        !coverage_each(db, q->from, to, cover, &l, f) || !l.ok)
        goto out;
    if (l.social)
        s->kind = keep_kind(&l, w);
    if (!l.ok)
        goto out;
    for (int k = 0; k < l.n_parts; k++)
        l.last = l.part[k].last > l.last ? l.part[k].last : l.last;
    drop_strangers(&l);
    if (l.n_parts)
        qsort(l.part, (size_t)l.n_parts, sizeof *l.part, by_name);
    if (l.n_parts > 1 && !traffic_metric_is_additive(q->metric)) {
        bool same_name = strcmp(l.part[0].name, l.part[l.n_parts - 1].name) == 0;

        not_additive(&l, same_name                        ? "regions"
                         : s->kind == SERIES_PLATFORM_SUM ? "platforms"
                                                          : "sources");
        goto out;
    }
    ok = add_up(&l, s, w) && warn_of_definitions(&l, s, w) && dated_leave_out(db, q, s, w, f);
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
