#include "answer/groups.h"
#include "analysis/describe.h"
#include "base/ceilings.h"
#include "base/day.h"
#include "store/notes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void compare_question_init(struct compare_question *q)
{
    memset(q, 0, sizeof *q);
    filter_init(&q->both);
    filter_init(&q->a);
    filter_init(&q->b);
    q->level = 0.95;
    q->margin = MARGIN_DEFAULT;
}

void compare_question_clear(struct compare_question *q)
{
    filter_clear(&q->both);
    filter_clear(&q->a);
    filter_clear(&q->b);
}

bool read_age(const struct params *p, double *hours, struct fail *f)
{
    const char *text = params_get(p, "age");
    char *end;
    double v;

    if (!text)
        return true;
    v = strtod(text, &end);
    if (end != text && (strcmp(end, "d") == 0 || *end == 0))
        v *= 24;
    else if (end == text || strcmp(end, "h") != 0)
        v = 0;
    if (text[0] < '0' || text[0] > '9' || !isfinite(v) || v < 1 || v > AGE_HOURS_MAX)
        return fail_set(f, FAIL_UNPROCESSABLE, "bad-value", "age",
                        "\"age\" takes an age of posts from 1h to 365d, such as 24h or 7d; this is "
                        "\"%.40s\".",
                        text);
    *hours = v;
    return true;
}

bool read_figure(const struct params *p, int *figure, struct fail *f)
{
    const char *text = params_get(p, "metric");

    *figure = post_figure(text ? text : "engagement");
    return *figure >= 0 ||
           fail_set(f, FAIL_UNPROCESSABLE, "unknown-metric", "metric",
                    "There is no metric \"%.40s\" of posts; there are engagement, likes, comments, "
                    "shares, saves, follows, reach, impressions, views, clicks, sessions, users, "
                    "conversions and clicks_per_1000_reach.",
                    text);
}

bool compare_question_read(const struct params *p, struct compare_question *q, struct fail *f)
{
    static const char *const known[] = {"metric", "age", "level", "margin", "format", "bom", NULL};

    if (!params_check(p, known, true, true, f) || !read_age(p, &q->age_hours, f) ||
        !params_real(p, "margin", 0.01, 1, &q->margin, f) ||
        !params_real(p, "level", 0.5, 0.999, &q->level, f))
        return false;
    if (!read_figure(p, &q->figure, f))
        return false;
    if (!params_has_filter(p, "a."))
        return fail_set(f, FAIL_UNPROCESSABLE, "missing-parameter", "a.type",
                        "The first group is not described: give a.type=, a.tag=, a.platform=, "
                        "a.campaign=, a.account=, a.region=, a.from= or a.to=.");
    q->rest = !params_has_filter(p, "b.");
    if (!params_filter(p, "", &q->both, f) || !params_filter(p, "a.", &q->a, f) ||
        !params_filter(p, "b.", &q->b, f))
        return false;
    q->both.names_region = q->both.names_region || q->a.names_region || q->b.names_region;
    return true;
}

/* Latest readings of ages further apart than this compare ages, not posts. */
#define AGES_APART 1.25

/* ---- from a sample to figures ---- */

void comparable_clear(struct comparable *c)
{
    free(c->post);
    free(c->order);
    free(c->place);
    free(c->age_hours);
    cells_clear(&c->all);
}

bool comparable_make(const struct sampling *s, uint32_t members, struct comparable *c,
                     struct fail *f)
{
    memset(c, 0, sizeof *c);
    cells_init(&c->all);
    c->post = malloc((s->n + 1) * sizeof *c->post);
    c->order = malloc((s->n + 1) * sizeof *c->order);
    c->place = malloc((s->n + 1) * sizeof *c->place);
    c->age_hours = s->chosen < 0 ? malloc((s->n + 1) * sizeof *c->age_hours) : NULL;
    if (!c->post || !c->order || !c->place || (s->chosen < 0 && !c->age_hours))
        return fail_memory(f);
    for (size_t i = 0; i < s->n; i++) {
        const struct sampled *p = &s->post[i];
        double value;

        c->place[i] = -1;
        if (!(p->member & members) || !sampling_value(s, i, &value))
            continue;
        c->place[i] = (int32_t)c->n;
        if (c->age_hours)
            c->age_hours[c->n] = p->at_age_hours;
        c->post[c->n++] =
            (struct group_post){value, sampling_stratum(p->platform, p->day), p->day, false};
    }
    if (!strata_compact(c->post, c->n, &c->n_strata) || !group_posts_sort(c->post, c->n, c->order))
        return fail_memory(f);
    for (size_t i = 0; i < c->n; i++)
        if (!cells_add(&c->all, c->post[i].stratum, c->post[i].day, c->post[i].value,
                       log1p(c->post[i].value)))
            return fail_memory(f);
    return true;
}

void group_leave_out(const struct sampling *s, size_t i, struct group_figures *g)
{
    (*(sampling_is_young(s, i) ? &g->too_young : &g->too_late))++;
}

/* Which strata have posts of both groups: a byte a stratum, bit 0 and bit 1. */
static unsigned char *strata_shared(const struct comparable *c)
{
    unsigned char *in = calloc((size_t)c->n_strata + 1, 1);

    for (size_t i = 0; in && i < c->n; i++)
        in[c->post[i].stratum] |= c->post[i].in_a ? 1 : 2;
    return in;
}

/* Plain figures of one group, over posts in shared strata (shared NULL: all). */
static void plain_figures(const struct comparable *c, bool of_a, const unsigned char *shared,
                          struct group_figures *g)
{
    struct tally t = {0};
    size_t n = 0;

    for (size_t i = 0; i < c->n; i++) {
        if (c->post[i].in_a != of_a)
            continue;
        if (shared && shared[c->post[i].stratum] != 3)
            g->dropped++;
        else
            tally_add(&t, c->post[i].value);
    }
    g->n = t.n;
    g->total = (double)t.total;
    g->mean = tally_mean(&t);
    g->largest = t.largest;
    g->has_median = t.n > 0;
    for (size_t i = 0; i < c->n && n <= t.n / 2; i++) {
        const struct group_post *p = &c->post[c->order[i]];

        if (p->in_a != of_a || (shared && shared[p->stratum] != 3))
            continue;
        if (n == t.n / 2 || (t.n % 2 == 0 && n == t.n / 2 - 1))
            g->median += t.n % 2 ? p->value : p->value / 2;
        n++;
    }
}

static void judged(const struct groups_finding *found, double margin, struct group_judgement *j)
{
    double apart = j->age_a > 0 && j->age_b > 0 ? fabs(log(j->age_a / j->age_b)) : 0;

    j->verdict = j->outcome == GROUPS_JUDGED ? verdict_of(found->p, found->beta, found->low90,
                                                          found->high90, margin, found->low_counts)
                                             : VERDICT_INSUFFICIENT_DATA;
    j->ages_apart = apart > log(AGES_APART);
    if (j->ages_apart && j->outcome == GROUPS_JUDGED)
        j->verdict = VERDICT_CANNOT_TELL;
}

/* Typical ages of the latest readings of both groups: geometric means. */
static void find_ages(const struct comparable *c, struct group_judgement *j)
{
    double sum[2] = {0, 0}, n[2] = {0, 0};

    for (size_t i = 0; c->age_hours && i < c->n; i++) {
        sum[c->post[i].in_a ? 0 : 1] += log1p(c->age_hours[i]);
        n[c->post[i].in_a ? 0 : 1]++;
    }
    j->age_a = n[0] > 0 ? expm1(sum[0] / n[0]) : 0;
    j->age_b = n[1] > 0 ? expm1(sum[1] / n[1]) : 0;
}

bool comparable_judge(const struct comparable *c, double level, double margin,
                      struct group_figures *a, struct group_figures *b, struct group_judgement *j,
                      struct fail *f)
{
    unsigned char *shared = strata_shared(c);
    struct cells of_a, rest;
    bool ok = shared != NULL, mixed;

    cells_init(&of_a);
    cells_init(&rest);
    for (size_t i = 0; ok && i < c->n; i++)
        if (c->post[i].in_a)
            ok = cells_add(&of_a, c->post[i].stratum, c->post[i].day, c->post[i].value,
                           log1p(c->post[i].value));
    ok = ok && cells_rest(&c->all, &of_a, &rest);
    if (ok) {
        j->outcome =
            groups_judge(&of_a, &rest, c->n_strata, c->post, c->order, c->n, level, &j->found);
        ok = j->outcome != GROUPS_MEMORY;
    }
    if (ok) {
        find_ages(c, j);
        judged(&j->found, margin, j);
        /* where no platform and block has both, all that have a value are shown */
        mixed = j->found.strata_used > 0;
        plain_figures(c, true, mixed ? shared : NULL, a);
        if (b)
            plain_figures(c, false, mixed ? shared : NULL, b);
    }
    cells_clear(&of_a);
    cells_clear(&rest);
    free(shared);
    return ok || fail_memory(f);
}

/* Both groups of a comparison from its sample: member bit 0 is a, bit 1 is b. */
static bool groups_of_sample(const struct sampling *s, const struct compare_question *q,
                             struct compare_answer *a, struct fail *f)
{
    struct comparable c;
    bool ok = comparable_make(s, 3, &c, f);

    for (size_t i = 0; ok && i < s->n; i++) {
        bool in_a = s->post[i].member == 1;
        struct group_figures *g = in_a ? &a->a : &a->b;

        g->posts++;
        if (c.place[i] < 0)
            group_leave_out(s, i, g);
        else
            c.post[c.place[i]].in_a = in_a;
        if (c.place[i] >= 0 && (a->from == DAY_NONE || s->post[i].day < a->from))
            a->from = s->post[i].day;
        if (c.place[i] >= 0 && (a->to == DAY_NONE || s->post[i].day > a->to))
            a->to = s->post[i].day;
    }
    ok = ok && comparable_judge(&c, q->level, q->margin, &a->a, &a->b, &a->judged, f);
    comparable_clear(&c);
    return ok;
}

/* Too many posts to keep: from sums by stratum and day. */
static bool groups_of_sums(const struct sampling *s, const struct compare_question *q,
                           struct compare_answer *a, struct fail *f)
{
    struct group_figures *g[2] = {&a->a, &a->b};
    struct group_judgement *j = &a->judged;

    for (int k = 0; k < 2; k++) {
        long double total = 0, n = 0;

        for (size_t i = 0; i < s->sums[k].n; i++) {
            const struct cell *c = &s->sums[k].cell[i];
            int32_t block = sampling_stratum(0, c->day);
            bool shared = false;

            /* shared where the other group has a day of the same platform and block */
            for (int32_t d = block * BLOCK_DAYS; !shared && d < (block + 1) * BLOCK_DAYS; d++)
                shared = cells_find(&s->sums[1 - k], c->stratum, d) != NULL;
            if (shared) {
                total += c->total;
                n += c->n;
            } else {
                g[k]->dropped += (int64_t)c->n;
            }
        }
        g[k]->too_young = s->unsettled[k];
        g[k]->n = (size_t)n;
        g[k]->posts = (int64_t)n + g[k]->dropped + g[k]->too_young;
        g[k]->total = (double)total;
        g[k]->mean = n > 0 ? (double)(total / n) : 0;
        g[k]->largest = NAN; /* of those used it is not known */
    }
    j->outcome = groups_judge(&s->sums[0], &s->sums[1], s->n_platforms * BLOCKS, NULL, NULL, 0,
                              q->level, &j->found);
    if (j->outcome == GROUPS_MEMORY)
        return fail_memory(f);
    for (int k = 0; k < 2; k++)
        *(k ? &j->age_b : &j->age_a) =
            g[k]->n + (size_t)g[k]->dropped
                ? expm1(s->log_age[k] / (double)(g[k]->n + (size_t)g[k]->dropped))
                : 0;
    /* a small group wants a permutation, which wants the posts themselves */
    if (j->outcome == GROUPS_JUDGED &&
        (j->found.used_a < GROUP_SMALL || j->found.used_b < GROUP_SMALL))
        j->outcome = GROUPS_TOO_FEW;
    judged(&j->found, q->margin, j);
    return true;
}

/* ---- compare ---- */

struct comparing {
    const struct compare_question *q;
    struct compare_answer *a;
    struct sampling sample;
    struct db *db;
    struct fail *f;
    bool ok;
};

static bool group_post(void *ctx, const struct post_view *p)
{
    struct comparing *c = ctx;
    struct filter_subject s = post_view_subject(p);
    bool in_a = filter_matches(&c->q->a, &s);
    bool in_b = c->q->rest ? !in_a : filter_matches(&c->q->b, &s);
    int64_t absent = c->sample.absent, index;
    struct group_figures *g = in_a ? &c->a->a : &c->a->b;
    uint32_t parts;

    if (in_a && in_b) {
        c->a->in_both++;
        return true;
    }
    if (!in_a && !in_b)
        return true;
    c->ok = sampling_add(&c->sample, c->db, p, in_a ? 1 : 2, &index, c->f);
    if (c->sample.absent > absent) {
        g->absent++;
        g->posts++;
    } else {
        post_figure_of(p->metric, c->q->figure, &parts);
        g->parts |= parts;
    }
    return c->ok;
}

/* The groups' own filters may look at more than a lean scan reads. */
static int scan_needed(const struct compare_question *q)
{
    return post_filter_is_lean(&q->a) && post_filter_is_lean(&q->b) ? post_figure_scan(q->figure)
                                                                    : (int)POSTS_ALL;
}

bool compare_answer(struct db *db, const struct compare_question *q, struct compare_answer *a,
                    struct fail *f)
{
    struct comparing c = {.q = q, .a = a, .db = db, .f = f, .ok = true};
    int64_t absent_a, absent_b;
    bool ok, broken;

    memset(a, 0, sizeof *a);
    buf_init(&a->sentence, SENTENCE_MAX);
    a->from = a->to = DAY_NONE;
    a->additive = post_figure_is_additive(q->figure);
    sampling_init(&c.sample, q->figure, q->age_hours);
    ok = posts_scan(db, &q->both, scan_needed(q), group_post, &c, f) && c.ok;
    absent_a = a->a.absent;
    absent_b = a->b.absent;
    if (ok) {
        sampling_choose(&c.sample, 3);
        a->age_hours = c.sample.chosen < 0 ? 0 : c.sample.age_hours[c.sample.chosen];
        ok = c.sample.spent ? groups_of_sums(&c.sample, q, a, f)
                            : groups_of_sample(&c.sample, q, a, f);
    }
    ok = ok && sampling_is_broken(db, &c.sample, a->from, a->to, &a->warnings, &broken, f);
    if (ok && broken && a->judged.outcome == GROUPS_JUDGED) {
        a->judged.outcome = GROUPS_BROKEN;
        a->judged.verdict = VERDICT_CANNOT_TELL;
    }
    if (ok) {
        if (c.sample.spent) {
            a->a.posts += absent_a;
            a->b.posts += absent_b;
        }
        if (a->a.n && a->b.n)
            a->has_change = relative_change(a->b.mean, a->a.mean, &a->change);
        compare_warn(q, a, &c.sample);
        compare_say(q, a);
    }
    sampling_clear(&c.sample);
    return ok;
}

void compare_answer_clear(struct compare_answer *a)
{
    buf_clear(&a->sentence);
}
