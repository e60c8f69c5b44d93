#include "answer/sampling.h"
#include "analysis/equal_age.h"
#include "answer/periods.h"
#include "base/ceilings.h"
#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { READINGS_MAX = 2000 }; /* readings of one post that are looked at; later ones are left out */
#define MS_PER_HOUR 3600000.0

int post_figure(const char *name)
{
    for (int figure = FIGURE_ENGAGEMENT; figure < FIGURE_COUNT; figure++)
        if (strcmp(name, post_figure_name(figure)) == 0)
            return figure;
    return post_metric(name);
}

const char *post_figure_name(int figure)
{
    return figure == FIGURE_ENGAGEMENT   ? "engagement"
           : figure == FIGURE_CLICK_RATE ? "clicks_per_1000_reach"
                                         : post_metric_names[figure];
}

bool post_figure_is_additive(int figure)
{
    return figure == FIGURE_ENGAGEMENT ||
           (figure != FIGURE_CLICK_RATE && post_metric_is_additive(figure));
}

int post_figure_scan(int figure)
{
    return figure == FIGURE_ENGAGEMENT   ? (int)POSTS_ENGAGEMENT
           : figure == FIGURE_CLICK_RATE ? (int)POSTS_ALL
                                         : POSTS_ONE + figure;
}

double post_figure_of(const int64_t metric[POST_METRIC_COUNT], int figure, uint32_t *parts)
{
    int64_t v, reach = metric[POST_REACH - POST_FIRST_METRIC];
    int64_t clicks = metric[POST_CLICKS - POST_FIRST_METRIC];

    *parts = 0;
    if (figure == FIGURE_CLICK_RATE)
        return clicks == COUNT_ABSENT || reach <= 0 ? NAN : 1000. * (double)clicks / (double)reach;
    v = figure == FIGURE_ENGAGEMENT ? post_engagement(metric, parts) : metric[figure];
    return v == COUNT_ABSENT ? NAN : (double)v;
}

void sampling_init(struct sampling *s, int figure, double age_hours)
{
    static const double usual[AGES] = {24, 72, 168, 336};

    memset(s, 0, sizeof *s);
    s->figure = figure;
    s->chosen = -1;
    s->n_ages = age_hours > 0 ? 1 : AGES;
    for (int i = 0; i < s->n_ages; i++)
        s->age_hours[i] = age_hours > 0 ? age_hours : usual[i];
    cells_init(&s->sums[0]);
    cells_init(&s->sums[1]);
}

void sampling_clear(struct sampling *s)
{
    free(s->post);
    cells_clear(&s->sums[0]);
    cells_clear(&s->sums[1]);
    memset(s, 0, sizeof *s);
}

int32_t sampling_stratum(int platform, int32_t day)
{
    int32_t block = day / BLOCK_DAYS;

    return platform * BLOCKS + (block < 0 ? 0 : block < BLOCKS ? block : BLOCKS - 1);
}

/* Readings of one metric of a post, by rising age. */
struct track {
    struct age_reading at[READINGS_MAX];
    size_t n;
};
struct readings {
    const struct sampling *s;
    int64_t posted_at;
    bool observed; /* it has lifetime readings of its own beside its row */
    uint32_t
        parts; /* of engagement, as the post stands: readings of other parts count for nothing */
    struct track value; /* of the figure; of a rate what is counted, */
    struct track base;  /* and what it is a rate of */
};

static void add_reading(const struct readings *r, struct track *t, int64_t first_ms,
                        int64_t last_ms, double value)
{
    for (int last = 0; last < 1 + (last_ms > first_ms); last++) {
        double age = fmax(0, (double)((last ? last_ms : first_ms) - r->posted_at) / MS_PER_HOUR);

        if (t->n < READINGS_MAX)
            t->at[t->n++] = (struct age_reading){age, value};
    }
}

static void add_metrics(struct readings *r, const int64_t metric[POST_METRIC_COUNT],
                        int64_t first_ms, int64_t last_ms)
{
    int64_t reach = metric[POST_REACH - POST_FIRST_METRIC];
    int64_t clicks = metric[POST_CLICKS - POST_FIRST_METRIC];
    uint32_t parts;
    double v;

    if (r->s->figure == FIGURE_CLICK_RATE) {
        if (clicks != COUNT_ABSENT)
            add_reading(r, &r->value, first_ms, last_ms, (double)clicks);
        if (reach != COUNT_ABSENT)
            add_reading(r, &r->base, first_ms, last_ms, (double)reach);
        return;
    }
    v = post_figure_of(metric, r->s->figure, &parts);
    if (!isnan(v) && parts == r->parts)
        add_reading(r, &r->value, first_ms, last_ms, v);
}

static bool take_period(void *ctx, const struct observation_view *o)
{
    period_take(ctx, o);
    return true;
}

/* A post without a reading of its whole life, of which periods or days were counted: what they add
 * up to. *p gets the last sum as its metrics. */
static bool read_periods(struct readings *r, struct db *db, const struct post_view *p,
                         int64_t metric[POST_METRIC_COUNT], struct fail *f)
{
    struct period_sums *sums = calloc(1, sizeof *sums);
    struct sum_reading *at = calloc(PERIODS_MAX, sizeof *at);
    bool ok = sums && at;
    int n = 0;

    if (!ok)
        fail_memory(f);
    ok = ok && post_observations_each(db, p->post_id, take_period, sums, f);
    if (ok)
        n = period_add_up(sums, p->posted_day, at, PERIODS_MAX);
    if (n) {
        memcpy(metric, at[n - 1].metric, sizeof at[n - 1].metric);
        post_figure_of(metric, r->s->figure, &r->parts);
    }
    for (int i = 0; i < n; i++)
        add_metrics(r, at[i].metric, at[i].end_ms, at[i].end_ms);
    free(sums);
    free(at);
    return ok;
}

/* The metrics that a figure is made of, a bit each. */
static uint32_t metrics_of(const struct sampling *s)
{
    static const int64_t all[POST_METRIC_COUNT];
    uint32_t parts = 0;

    if (s->figure == FIGURE_ENGAGEMENT)
        post_engagement(all, &parts);
    else if (s->figure == FIGURE_CLICK_RATE)
        parts = 1u << (POST_CLICKS - POST_FIRST_METRIC) | 1u << (POST_REACH - POST_FIRST_METRIC);
    else
        parts = 1u << s->figure;
    return parts;
}

static bool ask_definitions(struct sampling *s, struct db *db, struct fail *f)
{
    uint32_t of = metrics_of(s);

    s->asked = true;
    for (int m = 0; m < POST_METRIC_COUNT; m++) {
        bool differ = false;

        if (!(of >> m & 1u))
            continue;
        if (!definitions_differ(db, post_metric_names[m], &differ, f))
            return false;
        s->differ |= (uint32_t)differ << m;
    }
    return true;
}

/* What the post's figure counts, beside what other posts of its platform do: by its first metric
 * of which imports state more than one definition. */
static bool note_definitions(struct sampling *s, struct db *db, const struct post_view *p,
                             int platform, uint32_t parts, struct fail *f)
{
    int n = s->n_definitions[platform], m = 0, k = 0;
    char text[DEFINITION_TEXT];

    while (!(s->differ >> m & 1u))
        m++;
    if (s->figure == FIGURE_ENGAGEMENT && !(parts >> m & 1u))
        return true;
    if (!post_definition(db, p->post_id, m, text, f))
        return false;
    while (k < n && strcmp(s->definition[platform][k], text) != 0)
        k++;
    if (k == n && *text && n < DEFINITIONS_TOLD) {
        text_copy(s->definition[platform][n], DEFINITION_TEXT, text);
        s->n_definitions[platform] = n + 1;
    }
    return true;
}

static bool take_observation(void *ctx, const struct observation_view *o)
{
    struct readings *r = ctx;

    if (o->kind != READING_LIFETIME)
        return true;
    r->observed = true;
    add_metrics(r, o->metric, o->first_seen_at, o->last_seen_at);
    return true;
}

/* The figure at an age; a rate from both of its counts as they were then, for a rate may fall. */
static enum age_result read_at(const struct readings *r, double age_hours, double *value,
                               bool *falls)
{
    enum age_result result = equal_age(r->value.at, r->value.n, age_hours, value, falls), of_base;
    double base = 0;

    if (r->s->figure != FIGURE_CLICK_RATE)
        return result;
    of_base = equal_age(r->base.at, r->base.n, age_hours, &base, falls);
    if (of_base == AGE_TOO_YOUNG || result == AGE_TOO_YOUNG)
        return AGE_TOO_YOUNG;
    if (of_base != result || result == AGE_TOO_LATE || !(base > 0))
        return AGE_TOO_LATE;
    *value = 1000 * *value / base;
    return result;
}

static int platform_index(struct sampling *s, const char *platform)
{
    for (int i = 0; i < s->n_platforms; i++)
        if (strcmp(s->platform[i], platform) == 0)
            return i;
    /* past the ceiling platforms share a stratum: there are not so many */
    if (s->n_platforms == PLATFORMS_MAX)
        return PLATFORMS_MAX - 1;
    text_copy(s->platform[s->n_platforms], sizeof s->platform[0], platform);
    return s->n_platforms++;
}

static bool add_sum(struct sampling *s, int platform, int32_t day, uint32_t member, bool settled,
                    double age_hours, double value, struct fail *f)
{
    for (int g = 0; g < 2; g++) {
        if (!(member >> g & 1u))
            continue;
        if (!settled)
            s->unsettled[g]++;
        else if (!cells_add(&s->sums[g], sampling_stratum(platform, day), day, value, log1p(value)))
            return fail_memory(f);
        else
            s->log_age[g] += log1p(age_hours);
    }
    return true;
}

/* From here on sums alone: what was kept goes into them. */
static bool spend(struct sampling *s, struct fail *f)
{
    for (size_t i = 0; i < s->n; i++) {
        const struct sampled *p = &s->post[i];

        if (!add_sum(s, p->platform, p->day, p->member, p->settled, p->at_age_hours, p->latest, f))
            return false;
    }
    free(s->post);
    s->post = NULL;
    s->n = s->cap = 0;
    s->spent = true;
    return true;
}

static bool keep(struct sampling *s, const struct sampled *p, struct fail *f)
{
    if (s->n == s->cap) {
        size_t cap = s->cap ? s->cap * 2 : 256;
        struct sampled *post = realloc(s->post, cap * sizeof *post);

        if (!post)
            return fail_memory(f);
        s->post = post;
        s->cap = cap;
    }
    s->post[s->n++] = *p;
    return true;
}

bool sampling_add(struct sampling *s, struct db *db, const struct post_view *p, uint32_t member,
                  int64_t *index, struct fail *f)
{
    struct readings r; /* large: filled as far as it is used */
    struct sampled one = {.post_id = p->post_id, .day = p->posted_day, .member = member};
    int64_t metric[POST_METRIC_COUNT];
    bool periods = p->last_seen_at == COUNT_ABSENT && p->spread;
    double latest = post_figure_of(p->metric, s->figure, &r.parts);

    r.s = s;
    r.posted_at = p->posted_at;
    r.observed = false;
    r.value.n = r.base.n = 0;
    *index = -1;
    s->posts++;
    if (!s->asked && !ask_definitions(s, db, f))
        return false;
    if (periods) {
        for (int m = 0; m < POST_METRIC_COUNT; m++)
            metric[m] = COUNT_ABSENT;
        if (!read_periods(&r, db, p, metric, f))
            return false;
        latest = post_figure_of(metric, s->figure, &r.parts);
    }
    if (isnan(latest) || (p->last_seen_at == COUNT_ABSENT && !periods)) {
        s->absent++;
        return true;
    }
    if (p->spread && !periods && !post_observations_each(db, p->post_id, take_observation, &r, f))
        return false;
    if (!r.observed && !periods) /* read once: the post's row is its one reading */
        add_metrics(&r, p->metric, p->first_seen_at, p->last_seen_at);
    if (!r.value.n) { /* what stands in the post was never read together */
        s->absent++;
        return true;
    }
    if (s->posts > s->absent + 1)
        s->partly |= s->parts ^ r.parts;
    s->parts |= r.parts;
    one.latest = latest;
    one.at_age_hours = (float)r.value.at[r.value.n - 1].age_hours;
    one.platform = (unsigned char)platform_index(s, p->platform);
    s->summed += periods;
    if (s->differ && !note_definitions(s, db, p, one.platform, r.parts, f))
        return false;
    one.settled = r.value.at[r.value.n - 1].age_hours >= SETTLED_HOURS &&
                  (!r.base.n || r.base.at[r.base.n - 1].age_hours >= SETTLED_HOURS);
    if (!s->spent && s->n == MEDIAN_POSTS_MAX && !spend(s, f))
        return false;
    if (s->spent)
        return add_sum(s, one.platform, one.day, member, one.settled, one.at_age_hours, latest, f);
    for (int i = 0; i < s->n_ages; i++)
        one.result[i] = (unsigned char)read_at(&r, s->age_hours[i], &one.value[i], &s->falls);
    *index = (int64_t)s->n;
    return keep(s, &one, f);
}

static bool has_value(const struct sampled *p, int age)
{
    return p->result[age] == AGE_READ || p->result[age] == AGE_EXTRAPOLATED;
}

/* Whether AGE_SHARE_MIN of a group's posts have the age. bit 0: of all. */
static bool is_reached(const struct sampling *s, int age, uint32_t bit)
{
    size_t all = 0, with = 0;

    for (size_t i = 0; i < s->n; i++) {
        if (bit && !(s->post[i].member & bit))
            continue;
        all++;
        with += has_value(&s->post[i], age);
    }
    return all && (double)with >= AGE_SHARE_MIN * (double)all;
}

static bool all_reach(const struct sampling *s, int age, uint32_t groups)
{
    if (!groups)
        return is_reached(s, age, 0);
    for (uint32_t bit = 1; bit && bit <= groups; bit <<= 1)
        if ((groups & bit) && !is_reached(s, age, bit))
            return false;
    return true;
}

void sampling_choose(struct sampling *s, uint32_t groups)
{
    s->chosen = -1;
    if (s->spent)
        return;
    if (s->n_ages == 1) { /* asked for: posts that lack it are left out, and counted */
        s->chosen = 0;
        return;
    }
    if (s->n_ages == AGES && all_reach(s, AGE_DEFAULT, groups))
        s->chosen = AGE_DEFAULT;
    for (int i = s->n_ages - 1; s->chosen < 0 && i >= 0; i--)
        if (all_reach(s, i, groups))
            s->chosen = i;
}

bool sampling_value(const struct sampling *s, size_t i, double *value)
{
    const struct sampled *p = &s->post[i];

    if (s->chosen < 0) {
        *value = p->latest;
        return p->settled;
    }
    *value = p->value[s->chosen];
    return has_value(p, s->chosen);
}

bool sampling_is_young(const struct sampling *s, size_t i)
{
    return s->chosen < 0 || s->post[i].result[s->chosen] == AGE_TOO_YOUNG;
}

bool strata_compact(struct group_post *posts, size_t n, int32_t *n_strata)
{
    size_t all = (size_t)PLATFORMS_MAX * BLOCKS;
    int32_t *number = calloc(all, sizeof *number), next = 0;

    if (!number)
        return false;
    for (size_t i = 0; i < n; i++) {
        int32_t *at = &number[posts[i].stratum];

        if (!*at)
            *at = ++next;
        posts[i].stratum = *at - 1;
    }
    free(number);
    *n_strata = next;
    return true;
}

void sampling_warn(const struct sampling *s, struct warnings *w)
{
    if (s->chosen < 0 && s->posts > s->absent)
        warn(w, "age-unequal",
             "Too few posts have readings at one age; the latest readings of posts of at least 7 "
             "days are compared, and older posts had longer to collect.");
    if (s->n_ages == 1 && s->n && !all_reach(s, 0, 0))
        warn(w, "age-rarely-read",
             "Fewer than 80 %% of the posts have a reading at the age that was asked for; the "
             "others "
             "are left out.");
    if (s->falls)
        warn(w, "readings-fell",
             "Some posts were read lower later than before; the highest reading until then "
             "counts.");
    if (s->summed)
        warn(w, "period-counts",
             "Of %lld post%s the figures are counts of periods or single days, added up from "
             "publication on where they neither overlap nor leave a gap; they are no readings of "
             "a whole life.",
             (long long)s->summed, s->summed == 1 ? "" : "s");
    for (int i = 0; i < s->n_platforms; i++)
        if (s->n_definitions[i] > 1)
            warn(w, "definition-changed",
                 "On %s the figures follow different definitions (%s and %s%s); posts read by one "
                 "and by the other are not alike.",
                 s->platform[i], s->definition[i][0], s->definition[i][1],
                 s->n_definitions[i] > 2 ? ", and others" : "");
    if (s->figure == FIGURE_ENGAGEMENT && s->partly)
        warn(w, "uneven-parts",
             "Engagement is made of what is present, and not all posts have the same parts.");
    if (s->spent)
        warn(w, "too-many-posts",
             "Medians, ages, superiority and permutations are given for up to %d posts; there are "
             "%lld.",
             MEDIAN_POSTS_MAX, (long long)(s->posts - s->absent));
}
