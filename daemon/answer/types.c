#include "answer/types.h"
#include "analysis/describe.h"
#include "answer/types_parts.h"
#include "base/ceilings.h"
#include "base/day.h"
#include "base/text.h"
#include "store/post_reads.h"
#include "store/traffic_reads.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const types_by_names[BY_COUNT] = {"type", "tag", "campaign", "platform", "account"};
static const int column_figure[COLUMN_TRAFFIC] = {
    FIGURE_ENGAGEMENT, POST_SESSIONS - POST_FIRST_METRIC, FIGURE_CLICK_RATE};

void types_question_init(struct types_question *q)
{
    memset(q, 0, sizeof *q);
    filter_init(&q->filter);
    text_copy(q->source, sizeof q->source, "social");
    q->level = 0.95;
    q->margin = MARGIN_DEFAULT;
}

void types_question_clear(struct types_question *q)
{
    filter_clear(&q->filter);
}

bool types_question_read(const struct params *p, struct types_question *q, struct fail *f)
{
    static const char *const known[] = {"by",     "metric", "source", "age", "level",
                                        "margin", "format", "bom",    NULL};
    const char *by = params_get(p, "by");
    const char *source = params_get(p, "source");
    char slug[SLUG_MAX + 1];
    int i = 0;

    if (!params_check(p, known, true, false, f) || !read_age(p, &q->age_hours, f) ||
        !params_real(p, "margin", 0.01, 1, &q->margin, f) ||
        !params_real(p, "level", 0.5, 0.999, &q->level, f))
        return false;
    while (by && i < BY_COUNT && strcmp(types_by_names[i], by) != 0)
        i++;
    if (i == BY_COUNT)
        return fail_set(f, FAIL_UNPROCESSABLE, "bad-value", "by",
                        "\"by\" takes type, tag, campaign, platform or account; this is \"%.40s\".",
                        by);
    q->by = (enum types_by)i;
    if (!params_traffic_metric(p, &q->metric, f))
        return false;
    if (source && (!*source || strlen(source) > NAME_MAX_BYTES))
        return fail_set(f, FAIL_UNPROCESSABLE, "bad-value", "source",
                        "\"source\" is empty or longer than %d bytes.", NAME_MAX_BYTES);
    if (source)
        snprintf(q->source, sizeof q->source, "%s", source);
    if (source && platform_make(source, strlen(source), slug) && platform_is_social(slug))
        text_copy(q->source, sizeof q->source, slug); /* twitter is x */
    return params_filter(p, "", &q->filter, f);
}

/* The latest readings of one metric of a type, as they go by. */
struct latest {
    struct tally tally;
    double *value; /* owned; none once there are too many posts */
    size_t cap;
    int64_t absent;
};

/* A type while its posts go by. */
struct gathering {
    char *name, *platform; /* owned; platform "" but for accounts */
    struct latest metric[POST_METRIC_COUNT];
    int64_t posts, absent[COLUMN_TRAFFIC];
    unsigned char *day;               /* owned; a bit a day: there was a post */
    uint32_t *member[COLUMN_TRAFFIC]; /* owned; places of its posts in the samplings */
    size_t n_members[COLUMN_TRAFFIC], cap_members[COLUMN_TRAFFIC];
};

struct scan {
    const struct types_question *q;
    struct db *db;
    struct gathering *g; /* owned */
    int n, cap;
    int32_t from, to;    /* days of the posts seen */
    int64_t posts, kept; /* kept: values of latest readings, for medians */
    int64_t members;
    struct sampling sample[COLUMN_TRAFFIC];
    struct comparable comparable[COLUMN_TRAFFIC];
    int64_t place[COLUMN_TRAFFIC]; /* of the post that goes by; -1: none */
    bool lacks[COLUMN_TRAFFIC];
    struct fail *f;
    bool ok;
};

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
    fail_memory(s->f);
    return NULL;
}

static bool latest_add(struct latest *l, int64_t v, int64_t *kept, struct fail *f)
{
    bool spent = *kept >= TYPES_VALUES_MAX;

    if (v == COUNT_ABSENT) {
        l->absent++;
        return true;
    }
    if (spent || (l->tally.n && !l->value)) { /* a median of a part would be none */
        free(l->value);
        l->value = NULL;
    } else {
        if (l->tally.n == l->cap) {
            size_t cap = l->cap ? l->cap * 2 : 64;
            double *value = realloc(l->value, cap * sizeof *value);

            if (!value)
                return fail_memory(f);
            l->value = value;
            l->cap = cap;
        }
        l->value[l->tally.n] = (double)v;
        (*kept)++;
    }
    tally_add(&l->tally, (double)v);
    return true;
}

static void latest_figures(struct latest *l, struct group_figures *g)
{
    memset(g, 0, sizeof *g);
    g->absent = l->absent;
    g->n = l->tally.n;
    g->posts = l->absent + (int64_t)g->n;
    g->total = (double)l->tally.total;
    g->mean = tally_mean(&l->tally);
    g->largest = l->tally.largest;
    g->has_median = g->n && l->value;
    if (g->has_median)
        g->median = median_of(l->value, g->n);
}

static bool add_member(struct gathering *g, int column, int64_t place, struct fail *f)
{
    if (place < 0)
        return true;
    if (g->n_members[column] == g->cap_members[column]) {
        size_t cap = g->cap_members[column] ? 2 * g->cap_members[column] : 32;
        uint32_t *member = realloc(g->member[column], cap * sizeof *member);

        if (!member)
            return fail_memory(f);
        g->member[column] = member;
        g->cap_members[column] = cap;
    }
    g->member[column][g->n_members[column]++] = (uint32_t)place;
    return true;
}

static bool add_to(struct scan *s, const char *name, const char *platform,
                   const struct post_view *p)
{
    struct gathering *g = gathering_of(s, name, platform);
    int32_t bit = p->posted_day;

    if (!g)
        return s->ok = false;
    for (int m = 0; m < POST_METRIC_COUNT; m++)
        if (!latest_add(&g->metric[m], p->metric[m], &s->kept, s->f))
            return s->ok = false;
    for (int c = 0; c < COLUMN_TRAFFIC; c++) {
        g->absent[c] += s->lacks[c];
        if (++s->members > TYPES_MEMBERS_MAX)
            return s->ok = fail_set(s->f, FAIL_UNPROCESSABLE, "too-many-posts", NULL,
                                    "Too many posts with too many tags to set side by side; narrow "
                                    "the question by a filter.");
        if (!add_member(g, c, s->place[c], s->f))
            return s->ok = false;
    }
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
    for (int c = 0; c < COLUMN_TRAFFIC; c++) {
        int64_t absent = s->sample[c].absent;

        if (!sampling_add(&s->sample[c], s->db, p, 1, &s->place[c], s->f))
            return s->ok = false;
        s->lacks[c] = s->sample[c].absent > absent;
    }
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
        for (int c = 0; c < COLUMN_TRAFFIC; c++)
            free(g->member[c]);
        for (int m = 0; m < POST_METRIC_COUNT; m++)
            free(g->metric[m].value);
    }
    free(s->g);
    for (int c = 0; c < COLUMN_TRAFFIC; c++)
        sampling_clear(&s->sample[c]);
    for (int c = 0; c < COLUMN_TRAFFIC; c++)
        comparable_clear(&s->comparable[c]);
}

/* ---- the posts of a type against all others ---- */

static bool judge_posts(struct scan *s, struct types_answer *a, const struct gathering *g,
                        int column, struct type_row *row, struct fail *f)
{
    struct sampling *sample = &s->sample[column];
    struct comparable *c = &s->comparable[column];
    struct group_judgement *j = &row->judgement[column];
    struct beside *b = &row->beside[column];
    bool ok;

    if (sample->spent) { /* too many to keep: the warning says so */
        row->figure[column] = (struct group_figures){.posts = g->posts,
                                                     .absent = g->absent[column],
                                                     .dropped = g->posts - g->absent[column]};
        j->outcome = GROUPS_TOO_FEW;
        a->spent = true;
        return true;
    }
    for (size_t i = 0; i < g->n_members[column]; i++) {
        uint32_t at = g->member[column][i];

        if (c->place[at] < 0)
            group_leave_out(sample, at, &row->figure[column]);
        else
            c->post[c->place[at]].in_a = true;
    }
    ok = comparable_judge(c, s->q->level, s->q->margin, &row->figure[column], NULL, j, f);
    for (size_t i = 0; i < g->n_members[column]; i++)
        if (c->place[g->member[column][i]] >= 0)
            c->post[c->place[g->member[column][i]]].in_a = false;
    if (!ok)
        return false;
    row->figure[column].posts = (int64_t)g->n_members[column];
    row->figure[column].posts += g->absent[column];
    row->figure[column].absent = g->absent[column];
    row->figure[column].parts = column == COLUMN_ENGAGEMENT ? sample->parts : 0;
    if (j->outcome == GROUPS_JUDGED)
        *b = (struct beside){.judged = true,
                             .effect = j->found.beta,
                             .error = fmax(j->found.se_hc2, j->found.se_day),
                             .df = j->found.df,
                             .low = j->found.low,
                             .high = j->found.high,
                             .p = j->found.p,
                             .verdict = j->verdict};
    return true;
}

/* ---- the website on days with such a post and on days without ---- */

static bool had_post(const struct gathering *g, int32_t day)
{
    return day >= 0 && day < DAY_BITS && (g->day[day / 8] >> day % 8 & 1);
}

static bool judge_days(const struct types_question *q, const struct gathering *g,
                       const struct series *series, bool broken, struct type_row *row,
                       struct lift_fit *fit, struct fail *f)
{
    double *y = malloc(2 * ((size_t)series->n + 1) * sizeof *y),
           *exposure = y ? y + series->n : NULL;
    struct daily d = {series->n, day_weekday(series->from), y, NULL};
    long double with = 0, without = 0;
    int zero = 0;
    struct beside *b = &row->beside[COLUMN_TRAFFIC];

    if (!y)
        return fail_memory(f);
    for (int i = 0; i < series->n; i++) {
        bool known = series->state[i] == DAY_KNOWN;

        y[i] = known ? series->value[i] : NAN;
        exposure[i] = had_post(g, series->from + i);
        if (!known)
            continue;
        zero += series->value[i] == 0;
        *(exposure[i] > 0 ? &with : &without) += series->value[i];
        (*(exposure[i] > 0 ? &row->days_with : &row->days_without))++;
    }
    row->mean_with = row->days_with ? (double)(with / row->days_with) : 0;
    row->mean_without = row->days_without ? (double)(without / row->days_without) : 0;
    row->has_change = row->days_with && row->days_without &&
                      relative_change(row->mean_without, row->mean_with, &row->change);
    row->outcome = exposure_check(&d, exposure);
    if (row->outcome == LIFT_JUDGED)
        row->outcome = lift_of_exposure(&d, exposure, fit);
    free(y);
    if (row->outcome == LIFT_MEMORY)
        return fail_memory(f);
    if (row->outcome != LIFT_JUDGED)
        return true;
    *b = (struct beside){.judged = true,
                         .effect = mixture_mean(&fit->effect),
                         .error = mixture_sd(&fit->effect),
                         .df = INFINITY, /* the deviation has the t's spread in it */
                         .low = mixture_quantile(&fit->effect, (1 - q->level) / 2),
                         .high = mixture_quantile(&fit->effect, (1 + q->level) / 2),
                         .p = mixture_p(&fit->effect)};
    row->low_counts = lift_counts_are_low(row->mean_without, row->mean_with, zero,
                                          row->days_with + row->days_without);
    b->verdict = broken
                     ? VERDICT_CANNOT_TELL
                     : verdict_of(b->p, b->effect, mixture_quantile(&fit->effect, .05),
                                  mixture_quantile(&fit->effect, .95), q->margin, row->low_counts);
    return true;
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

/* The days that the website is looked at: from the first post to the last, at most a year. */
static void load_traffic(struct db *db, struct zone *zone, const struct types_question *q,
                         struct types_answer *a, struct series *series)
{
    struct series_question sq = {q->metric, q->source, a->region, NULL, a->from, a->to};
    struct fail f = {0};
    char day[DAY_TEXT];

    if (a->to - a->from + 1 > EXPOSURE_DAYS) {
        sq.from = a->to - EXPOSURE_DAYS + 1;
        warn(&a->warnings, "window-capped",
             "The website is looked at over the last %d days, from %s on.", EXPOSURE_DAYS,
             day_format(sq.from, day));
    }
    a->has_traffic = series_load(db, zone, &sq, series, &a->warnings, &f);
    a->broken = warned(&a->warnings, "source-starts-later") ||
                warned(&a->warnings, "source-ends-earlier") ||
                warned(&a->warnings, "definition-changed");
    if (a->has_traffic &&
        !dated_add(db, &sq, series, DAY_NONE, &a->notes, &a->warnings, &a->broken, &f))
        a->has_traffic = false;
    a->kind = series->kind;
    if (a->has_traffic && series_last_known(series) == DAY_NONE) {
        a->has_traffic = false;
        fail_set(&f, FAIL_UNPROCESSABLE, "no-data", NULL,
                 "No day between the first of these posts and the last has a figure of \"%.100s\".",
                 q->source);
    }
    a->days = a->to - sq.from + 1;
    for (int i = 0; a->has_traffic && i < series->n; i++)
        a->days_missing += series->state[i] != DAY_KNOWN;
    if (a->has_traffic && a->days_missing)
        warn(&a->warnings, "missing-days",
             "%d of the %d days from the first of these posts to the last have no figure of the "
             "website; they are left out.",
             a->days_missing, a->days);
    if (a->has_traffic)
        warn(&a->warnings, "observational",
             "Unless a coin drew the days, days with such a post and days without differ in more "
             "than "
             "the post: weekday, season, what else was posted. Both columns describe, they do not "
             "prove.");
    else if (f.code != FAIL_NONE)
        warn(&a->warnings, "no-traffic", "%.390s", f.sentence);
}

static bool fill_row(struct scan *s, struct types_answer *a, struct gathering *g, bool judge,
                     const struct series *series, struct type_row *row, struct lift_fit *fit,
                     struct fail *f)
{
    text_copy(row->name, sizeof row->name, g->name);
    text_copy(row->platform, sizeof row->platform, g->platform);
    buf_init(&row->sentence, SENTENCE_MAX);
    row->posts = g->posts;
    row->outcome = LIFT_SHORT;
    for (int m = 0; m < POST_METRIC_COUNT; m++)
        latest_figures(&g->metric[m], &row->metric[m]);
    for (int c = 0; judge && c < COLUMN_TRAFFIC; c++)
        if (a->has_column[c] && !judge_posts(s, a, g, c, row, f))
            return false;
    for (int c = 0; c < COLUMN_TRAFFIC; c++)
        if (a->broken_column[c] && row->judgement[c].outcome == GROUPS_JUDGED) {
            row->judgement[c].outcome = GROUPS_BROKEN;
            row->judgement[c].verdict = VERDICT_CANNOT_TELL;
            row->beside[c] = (struct beside){.judged = false};
        }
    return !judge || !a->has_traffic || judge_days(s->q, g, series, a->broken, row, fit, f);
}

static int most_posts_first(const void *a, const void *b)
{
    const struct gathering *x = a, *y = b;
    int c;

    if (x->posts != y->posts)
        return x->posts > y->posts ? -1 : 1;
    c = strcmp(x->name, y->name);
    return c ? c : strcmp(x->platform, y->platform);
}

static bool fill_rows(struct scan *s, struct types_answer *a, const struct series *series,
                      struct fail *f)
{
    struct lift_fit *fit = malloc(sizeof *fit);
    bool ok = fit != NULL;

    a->row = calloc((size_t)s->n + 1, sizeof *a->row);
    ok = ok && a->row;
    if (!ok)
        fail_memory(f);
    for (int c = 0; c < COLUMN_TRAFFIC; c++) {
        struct sampling *sample = &s->sample[c];

        sampling_choose(sample, 0);
        ok = ok && (sample->spent || comparable_make(sample, 1, &s->comparable[c], f));
        a->has_column[c] = sample->posts > sample->absent;
        ok = ok && sampling_is_broken(s->db, sample, a->from, a->to, &a->warnings,
                                      &a->broken_column[c], f);
        a->age_hours[c] = sample->chosen < 0 ? 0 : sample->age_hours[sample->chosen];
    }
    if (s->n)
        qsort(s->g, (size_t)s->n, sizeof *s->g, most_posts_first);
    for (int i = 0; ok && i < s->n; i++) {
        a->n++;
        ok = fill_row(s, a, &s->g[i], i < TYPES_JUDGED_MAX, series, &a->row[i], fit, f);
    }
    if (s->n > TYPES_JUDGED_MAX)
        warn(&a->warnings, "too-many-types",
             "The %d with the most posts are judged; the other %d are listed with their plain "
             "figures. Narrow the question by a filter.",
             TYPES_JUDGED_MAX, s->n - TYPES_JUDGED_MAX);
    free(fit);
    return ok;
}

static bool add_visits(void *ctx, const struct campaign_view *c)
{
    struct types_answer *a = ctx;
    struct campaign_visits *more, *v;

    if (a->n_visits == CAMPAIGN_VISITS_MAX)
        return false;
    more = realloc(a->visits, (size_t)(a->n_visits + 1) * sizeof *more);
    if (!more)
        return false;
    a->visits = more;
    v = &a->visits[a->n_visits++];
    text_copy(v->campaign, sizeof v->campaign, c->campaign);
    text_copy(v->name, sizeof v->name, c->name);
    v->days = c->days;
    v->sessions = c->sessions;
    return true;
}

bool types_answer(struct db *db, struct zone *zone, const struct types_question *q,
                  struct types_answer *a, struct fail *f)
{
    struct scan s = {.q = q, .db = db, .from = INT32_MAX, .to = INT32_MIN, .f = f, .ok = true};
    struct series series = {0};
    bool ok;

    memset(a, 0, sizeof *a);
    buf_init(&a->sentence, SENTENCE_MAX);
    a->from = a->to = DAY_NONE;
    a->region = only_region(&q->filter);
    for (int c = 0; c < COLUMN_TRAFFIC; c++)
        sampling_init(&s.sample[c], column_figure[c], q->age_hours);
    ok = posts_scan(db, &q->filter, POSTS_ALL, scan_post, &s, f) && s.ok;
    a->posts = s.posts;
    if (ok && s.posts) {
        a->from = s.from;
        a->to = s.to;
        load_traffic(db, zone, q, a, &series);
    }
    ok = ok && fill_rows(&s, a, &series, f) && types_weigh(a, f);
    if (ok && q->by == BY_CAMPAIGN)
        ok = traffic_campaigns_each(db, a->region, add_visits, a, f);
    if (ok) {
        types_warn(q, a);
        for (int c = 0; c < COLUMN_TRAFFIC; c++)
            if (a->has_column[c])
                sampling_warn(&s.sample[c], &a->warnings);
        types_say(q, a);
    }
    series_clear(&series);
    scan_clear(&s);
    return ok;
}

void types_answer_clear(struct types_answer *a)
{
    for (int i = 0; i < a->n; i++)
        buf_clear(&a->row[i].sentence);
    free(a->row);
    a->row = NULL;
    free(a->visits);
    a->visits = NULL;
    dated_clear(&a->notes);
    buf_clear(&a->sentence);
}
