#include "answer/types.h"
#include "base/text.h"
#include "analysis/describe.h"
#include "base/ceilings.h"
#include "base/day.h"
#include "store/post_reads.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const types_by_names[BY_COUNT] = {"type", "tag", "campaign", "platform", "account"};

void types_question_init(struct types_question *q)
{
    memset(q, 0, sizeof *q);
    filter_init(&q->filter);
    text_copy(q->source, sizeof q->source, "social");
}

void types_question_clear(struct types_question *q)
{
    filter_clear(&q->filter);
}

bool types_question_read(const struct params *p, struct types_question *q, struct fail *f)
{
    static const char *const known[] = {"by", "metric", "source", "format", "bom", NULL};
    const char *by = params_get(p, "by"), *metric = params_get(p, "metric");
    const char *source = params_get(p, "source");
    int i = 0;

    if (!params_check(p, known, true, false, f))
        return false;
    while (by && i < BY_COUNT && strcmp(types_by_names[i], by) != 0)
        i++;
    if (i == BY_COUNT)
        return fail_set(f, FAIL_UNPROCESSABLE, "bad-value", "by",
                        "\"by\" takes type, tag, campaign, platform or account; this is \"%.40s\".",
                        by);
    q->by = (enum types_by)i;
    q->metric = traffic_metric(metric ? metric : "sessions");
    if (q->metric < 0)
        return fail_set(f, FAIL_UNPROCESSABLE, "unknown-metric", "metric",
                        "There is no metric \"%.40s\" of traffic; there are sessions, users, "
                        "engaged_sessions and conversions.",
                        metric);
    if (source && (!*source || strlen(source) > NAME_MAX_BYTES))
        return fail_set(f, FAIL_UNPROCESSABLE, "bad-value", "source",
                        "\"source\" is empty or longer than %d bytes.", NAME_MAX_BYTES);
    if (source)
        snprintf(q->source, sizeof q->source, "%s", source);
    return params_filter(p, "", &q->filter, f);
}

/* A type while its posts go by. */
struct gathering {
    char *name, *platform; /* owned; platform "" but for accounts */
    struct sample engagement, metric[POST_METRIC_COUNT];
    int64_t posts;
    unsigned char *day; /* owned; a bit a day: there was a post */
};

struct scan {
    const struct types_question *q;
    struct gathering *g; /* owned */
    int n, cap;
    int32_t from, to; /* days of the posts seen */
    int64_t posts;
    struct sample_budget budget;
    struct fail *f;
    bool ok;
};

enum { DAY_BITS = 84006 }; /* days from 1970 to 2199 */

static struct gathering *gathering_of(struct scan *s, const char *name, const char *platform)
{
    struct gathering *g;

    for (int i = 0; i < s->n; i++)
        if (strcmp(s->g[i].name, name) == 0 && strcmp(s->g[i].platform, platform) == 0)
            return &s->g[i];
    if (s->n >= TYPES_MAX) {
        fail_set(s->f, FAIL_UNPROCESSABLE, "too-many-types", "by",
                 "There are more than %d of them; narrow the question by a filter.", TYPES_MAX);
        return NULL;
    }
    if (s->n == s->cap) {
        int cap = s->cap ? s->cap * 2 : 16;

        g = realloc(s->g, (size_t)cap * sizeof *g);
        if (!g)
            goto memory;
        s->g = g;
        s->cap = cap;
    }
    g = &s->g[s->n];
    memset(g, 0, sizeof *g);
    g->name = strdup(name);
    g->platform = strdup(platform);
    g->day = calloc(DAY_BITS / 8 + 1, 1);
    s->n++;
    if (g->name && g->platform && g->day)
        return g;
memory:
    fail_set(s->f, FAIL_BUSY, "out-of-memory", NULL, "Out of memory; try again.");
    return NULL;
}

static bool add_to(struct scan *s, const char *name, const char *platform,
                   const struct post_view *p)
{
    struct gathering *g = gathering_of(s, name, platform);
    int32_t bit = p->posted_day;

    if (!g || !sample_add(&g->engagement, &s->budget, p->metric, METRIC_ENGAGEMENT, s->f))
        return s->ok = false;
    for (int m = 0; m < POST_METRIC_COUNT; m++)
        if (!sample_add(&g->metric[m], &s->budget, p->metric, m, s->f))
            return s->ok = false;
    g->posts++;
    if (bit >= 0 && bit < DAY_BITS)
        g->day[bit / 8] |= (unsigned char)(1u << bit % 8);
    return true;
}

static bool add_tags(struct scan *s, const struct post_view *p)
{
    const char *t = p->tags ? p->tags : "";

    while (*t) {
        char tag[SLUG_MAX + 1];
        size_t n = strcspn(t, " ");

        snprintf(tag, sizeof tag, "%.*s", (int)n, t);
        if (!add_to(s, tag, "", p))
            return false;
        t += n + (t[n] == ' ');
    }
    return true;
}

static bool scan_post(void *ctx, const struct post_view *p)
{
    struct scan *s = ctx;

    s->posts++;
    sample_budget_take(&s->budget);
    s->from = p->posted_day < s->from ? p->posted_day : s->from;
    s->to = p->posted_day > s->to ? p->posted_day : s->to;
    switch (s->q->by) {
    case BY_TYPE: return add_to(s, p->type, "", p);
    case BY_TAG: return add_tags(s, p);
    case BY_CAMPAIGN: return !p->campaign || add_to(s, p->campaign, "", p);
    case BY_PLATFORM: return add_to(s, p->platform, "", p);
    case BY_ACCOUNT: return add_to(s, p->account, p->platform, p);
    case BY_COUNT: break;
    }
    return true;
}

static void scan_clear(struct scan *s)
{
    for (int i = 0; i < s->n; i++) {
        struct gathering *g = &s->g[i];

        free(g->name);
        free(g->platform);
        free(g->day);
        sample_clear(&g->engagement);
        for (int m = 0; m < POST_METRIC_COUNT; m++)
            sample_clear(&g->metric[m]);
    }
    free(s->g);
}

static void exposure_of(const struct gathering *g, const struct series *series,
                        struct type_row *row)
{
    long double with = 0, without = 0;

    for (int i = 0; i < series->n; i++) {
        int32_t bit = series->from + i;
        bool posted = bit >= 0 && bit < DAY_BITS && (g->day[bit / 8] >> bit % 8 & 1);

        if (series->state[i] != DAY_KNOWN)
            continue;
        if (posted) {
            with += series->value[i];
            row->days_with++;
        } else {
            without += series->value[i];
            row->days_without++;
        }
    }
    row->mean_with = row->days_with ? (double)(with / row->days_with) : 0;
    row->mean_without = row->days_without ? (double)(without / row->days_without) : 0;
    row->has_change = row->days_with && row->days_without &&
                      relative_change(row->mean_without, row->mean_with, &row->change);
}

static int most_posts_first(const void *a, const void *b)
{
    const struct type_row *x = a, *y = b;
    int c;

    if (x->posts != y->posts)
        return x->posts > y->posts ? -1 : 1;
    c = strcmp(x->name, y->name);
    return c ? c : strcmp(x->platform, y->platform);
}

/* The one region that the posts are of, where the question names just one; NULL: all. */
static const char *only_region(const struct filter *filter)
{
    const char *only = NULL;
    int n = 0;

    for (int i = 0; i < filter->n; i++)
        if (filter->values[i].key == FILTER_REGION) {
            only = filter->values[i].negated ? NULL : filter->values[i].text;
            n++;
        }
    return n == 1 ? only : NULL;
}

/* The days that the website is looked at: from the first post to the last. */
static void load_traffic(struct db *db, struct zone *zone, const struct types_question *q,
                         struct types_answer *a, struct series *series)
{
    struct series_question sq = {q->metric, q->source, a->region, NULL, a->from, a->to};
    struct fail f = {0};

    a->has_traffic = series_load(db, zone, &sq, series, &a->warnings, &f);
    a->kind = series->kind;
    if (a->has_traffic && series_last_known(series) == DAY_NONE) {
        a->has_traffic = false;
        fail_set(&f, FAIL_UNPROCESSABLE, "no-data", NULL,
                 "No day between the first of these posts and the last has a figure of \"%.100s\".",
                 q->source);
    }
    a->days = a->to - a->from + 1;
    for (int i = 0; a->has_traffic && i < series->n; i++)
        a->days_missing += series->state[i] != DAY_KNOWN;
    if (a->has_traffic && a->days_missing)
        warn(&a->warnings, "missing-days",
             "%d of the %d days from the first of these posts to the last have no figure of the "
             "website; they are left out.",
             a->days_missing, a->days);
    if (a->has_traffic)
        warn(&a->warnings, "observational",
             "Days with such a post and days without differ in more than the post: weekday, "
             "season, what else was posted. The two means describe, they do not prove.");
    else if (f.code != FAIL_NONE)
        warn(&a->warnings, "no-traffic", "%.390s", f.sentence);
}

bool types_answer(struct db *db, struct zone *zone, const struct types_question *q,
                  struct types_answer *a, struct fail *f)
{
    struct scan s = {.q = q, .from = INT32_MAX, .to = INT32_MIN, .f = f, .ok = true};
    struct series series = {0};
    bool ok = false;

    memset(a, 0, sizeof *a);
    a->from = a->to = DAY_NONE;
    a->region = only_region(&q->filter);
    if (!posts_scan(db, &q->filter, scan_post, &s, f) || !s.ok)
        goto out;
    a->posts = s.posts;
    if (s.posts) {
        a->from = s.from;
        a->to = s.to;
        if (s.to - s.from >= SERIES_DAYS_MAX)
            warn(&a->warnings, "no-traffic",
                 "The posts span more than %d days; narrow them by from= and to= to see the "
                 "website beside them.",
                 SERIES_DAYS_MAX);
        else
            load_traffic(db, zone, q, a, &series);
    }
    a->row = calloc((size_t)s.n + 1, sizeof *a->row);
    if (!a->row) {
        fail_set(f, FAIL_BUSY, "out-of-memory", NULL, "Out of memory; try again.");
        goto out;
    }
    a->n = s.n;
    for (int i = 0; i < s.n; i++) {
        struct type_row *row = &a->row[i];

        snprintf(row->name, sizeof row->name, "%s", s.g[i].name);
        snprintf(row->platform, sizeof row->platform, "%s", s.g[i].platform);
        row->posts = s.g[i].posts;
        group_figures_of(&s.g[i].engagement, &s.budget, &row->engagement);
        for (int m = 0; m < POST_METRIC_COUNT; m++)
            group_figures_of(&s.g[i].metric[m], &s.budget, &row->metric[m]);
        if (a->has_traffic)
            exposure_of(&s.g[i], &series, row);
    }
    qsort(a->row, (size_t)a->n, sizeof *a->row, most_posts_first);
    if (s.budget.spent)
        warn(&a->warnings, "no-medians", "Medians are given for up to %d posts; there are %lld.",
             MEDIAN_POSTS_MAX, (long long)s.posts);
    if (s.posts)
        warn(&a->warnings, "age-unequal",
             "Posts are shown at their latest readings: older posts had longer to collect.");
    ok = true;
out:
    series_clear(&series);
    scan_clear(&s);
    return ok;
}

void types_answer_clear(struct types_answer *a)
{
    free(a->row);
    a->row = NULL;
}
