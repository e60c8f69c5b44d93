#include "analysis/two_groups.h"
#include "analysis/random.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const groups_method_names[METHOD_COUNT] = {"hc2-bm", "cluster-day", "permutation"};

/* An error below this share of the difference is rounding: the groups have no spread. */
#define CONSTANT_ERROR 1e-6
#define DF_MIN 1               /* below, an interval has no end that means anything */
#define LEVERAGE_LEFT_MIN 1e-9 /* below, a post fits itself: it has no residual */

/* What is summed of one stratum. */
struct stratum {
    double n, a;             /* posts, and of these in group a */
    double sum_y;            /* of ln(1 + value) */
    double total_a, total_b; /* of values */
    double s, q;             /* over a, centred: sum and sum of squares */
    double q_all;            /* over both, centred: sum of squares */
    double b_a, b_b;         /* weight of a squared residual, of a's and of b's posts */
    uint32_t first;          /* of its posts in an array of all mixed strata, */
    uint32_t filled;         /* and how many are there */
};

struct judging {
    const struct cells *group[2]; /* a, b */
    int32_t n_strata;
    struct stratum *stratum; /* owned */
    double G;
    const struct group_post *posts; /* may be NULL */
    const uint32_t *order;          /* of value */
    size_t n;
};

static bool is_mixed(const struct stratum *s)
{
    return s->a > 0 && s->a < s->n;
}

static double deviation(const struct stratum *s, bool in_a)
{
    return in_a ? (s->n - s->a) / s->n : -s->a / s->n;
}

/* Weight of the squared residual of a post: (g~/G)^2 / (1 - h). */
static double residual_weight(double gt, double n_s, double G, double *h)
{
    *h = 1 / n_s + gt * gt / G;
    return 1 - *h < LEVERAGE_LEFT_MIN ? 0 : gt / G * (gt / G) / (1 - *h);
}

static void sum_group(struct judging *j, bool in_a)
{
    const struct cells *c = j->group[in_a ? 0 : 1];

    for (size_t i = 0; i < c->n; i++) {
        struct stratum *s = &j->stratum[c->cell[i].stratum];

        s->n += c->cell[i].n;
        s->sum_y += c->cell[i].sum;
        s->q_all += c->cell[i].squares;
        if (in_a) {
            s->a += c->cell[i].n;
            s->s += c->cell[i].sum;
            s->q += c->cell[i].squares;
            s->total_a += c->cell[i].total;
        } else {
            s->total_b += c->cell[i].total;
        }
    }
}

static void sum_strata(struct judging *j, struct groups_finding *g)
{
    double above = 0, below = 0;

    sum_group(j, true);
    sum_group(j, false);
    for (int32_t k = 0; k < j->n_strata; k++) {
        struct stratum *s = &j->stratum[k];
        double mean = s->n > 0 ? s->sum_y / s->n : 0;

        g->n_a += (size_t)s->a;
        g->n_b += (size_t)(s->n - s->a);
        if (!is_mixed(s))
            continue;
        g->strata_used++;
        g->used_a += (size_t)s->a;
        g->used_b += (size_t)(s->n - s->a);
        j->G += s->a * (s->n - s->a) / s->n;
        above += s->total_a * (s->n - s->a) / s->n;
        below += s->total_b * s->a / s->n;
        s->q -= 2 * mean * s->s - s->a * mean * mean;
        s->s -= s->a * mean;
        s->q_all -= s->n * mean * mean;
    }
    g->ratio_of_means = below > 0 ? above / below : NAN;
}

/*
 * beta and its HC2 variance from the sums of the strata. As a stratum's posts have just two
 * deviations, sums of squares of the residuals follow from s and q of group a.
 */
static double studentized(const struct judging *j, double *beta, double *variance)
{
    double sum = 0;

    for (int32_t k = 0; k < j->n_strata; k++)
        if (is_mixed(&j->stratum[k]))
            sum += j->stratum[k].s;
    *beta = sum / j->G;
    *variance = 0;
    for (int32_t k = 0; k < j->n_strata; k++) {
        const struct stratum *s = &j->stratum[k];
        double da = deviation(s, true), db = deviation(s, false), b = s->n - s->a;

        if (!is_mixed(s))
            continue;
        *variance +=
            s->b_a * fmax(0, s->q - 2 * *beta * da * s->s + s->a * *beta * *beta * da * da) +
            s->b_b * fmax(0, s->q_all - s->q + 2 * *beta * db * s->s + b * *beta * *beta * db * db);
    }
    return fabs(*beta) / sqrt(*variance);
}

/* HC2 with the degrees of freedom of Bell & McCaffrey for strata as fixed effects. */
static void judge_posts(struct judging *j, struct groups_finding *g)
{
    double G = j->G, trace = 0, q = 0, b_gt2 = 0, variance;

    for (int32_t k = 0; k < j->n_strata; k++) {
        struct stratum *s = &j->stratum[k];
        double counts[2] = {s->a, s->n - s->a}, sum_b = 0, sum_b_gt = 0;

        if (!is_mixed(s))
            continue;
        for (int which = 0; which < 2; which++) {
            double gt = deviation(s, which == 0), h;
            double b = residual_weight(gt, s->n, G, &h);

            *(which ? &s->b_b : &s->b_a) = b;
            trace += counts[which] * gt / G * (gt / G);
            q += counts[which] * b * b * ((1 - h) * (1 - h) - h * h);
            b_gt2 += counts[which] * b * gt * gt;
            sum_b += counts[which] * b;
            sum_b_gt += counts[which] * b * gt;
        }
        q += sum_b * sum_b / (s->n * s->n) + 2 * sum_b_gt * sum_b_gt / (G * s->n);
    }
    q += b_gt2 * b_gt2 / (G * G);
    studentized(j, &g->beta, &variance);
    g->se_hc2 = sqrt(variance);
    g->df_bm = trace * trace / q;
    g->p_hc2 = 2 * gsl_cdf_tdist_Q(fabs(g->beta) / g->se_hc2, g->df_bm);
}

/* Posts of one day go up and down together: clusters by day, degrees of freedom by Kish. */
static bool judge_days(const struct judging *j, struct groups_finding *g)
{
    double uu = 0, sum_w = 0, ww = 0;
    struct cells days; /* by day alone: sum holds U, squares W */
    bool ok = true;

    cells_init(&days);
    for (int in_b = 0; ok && in_b < 2; in_b++)
        for (size_t i = 0; ok && i < j->group[in_b]->n; i++) {
            const struct cell *c = &j->group[in_b]->cell[i];
            const struct stratum *s = &j->stratum[c->stratum];
            double gt = deviation(s, !in_b);

            if (is_mixed(s))
                ok = cells_put(&days, &(struct cell){.day = c->day,
                                                     .n = c->n,
                                                     .sum = gt * (c->sum - c->n * s->sum_y / s->n -
                                                                  c->n * g->beta * gt),
                                                     .squares = c->n * gt * gt});
        }
    for (size_t c = 0; c < days.n; c++) {
        uu += days.cell[c].sum * days.cell[c].sum;
        sum_w += days.cell[c].squares;
        ww += days.cell[c].squares * days.cell[c].squares;
    }
    g->days_used = (int)days.n;
    g->p_day = 1;
    cells_clear(&days);
    if (!ok || g->days_used < 2 || !(uu > 0) || !(sum_w * sum_w / ww - 1 >= DF_MIN))
        return ok;
    g->se_day = sqrt((double)g->days_used / (g->days_used - 1) * uu) / j->G;
    g->df_day = sum_w * sum_w / ww - 1;
    g->p_day = 2 * gsl_cdf_tdist_Q(fabs(g->beta) / g->se_day, g->df_day);
    return true;
}

/* ---- permutation within strata ---- */

/* The centred values of mixed strata, one stratum after another. */
static void gather(struct judging *j, double *y)
{
    uint32_t at = 0;

    for (int32_t k = 0; k < j->n_strata; k++)
        if (is_mixed(&j->stratum[k])) {
            j->stratum[k].first = at;
            at += (uint32_t)j->stratum[k].n;
        }
    for (size_t i = 0; i < j->n; i++) {
        struct stratum *s = &j->stratum[j->posts[i].stratum];

        if (is_mixed(s))
            y[s->first + s->filled++] = log1p(j->posts[i].value) - s->sum_y / s->n;
    }
    /* in order of value: what is drawn must not depend on how the posts came */
    for (int32_t k = 0; k < j->n_strata; k++)
        if (is_mixed(&j->stratum[k]))
            gsl_sort(y + j->stratum[k].first, 1, j->stratum[k].filled);
}

static void choose(struct stratum *s, double v)
{
    s->s += v;
    s->q += v * v;
}

static bool as_extreme(const struct judging *j, double observed)
{
    double beta, variance, t = studentized(j, &beta, &variance);

    /* with no variance left the arrangement is as extreme as can be, unless nothing differs */
    if (!(variance > 0))
        return fabs(beta) > 0;
    return t >= observed * (1 - 1e-10);
}

/* The next choice of a out of n, in c by rising number; false when it begins anew. */
static bool next_choice(uint32_t *c, uint32_t a, uint32_t n)
{
    uint32_t i = a;

    while (i > 0 && c[i - 1] == n - a + i - 1)
        i--;
    if (i == 0) {
        for (; i < a; i++)
            c[i] = i;
        return false;
    }
    c[i - 1]++;
    for (; i < a; i++)
        c[i] = c[i - 1] + 1;
    return true;
}

/* Sums are made anew for each choice: differences would gather rounding. */
static void choose_all(struct stratum *s, const double *y, const uint32_t *c)
{
    s->s = s->q = 0;
    for (uint32_t i = 0; i < (uint32_t)s->a; i++)
        choose(s, y[s->first + c[i]]);
}

/* Every arrangement: which of each stratum's posts are in a, counted like an odometer. */
static double all_arrangements(struct judging *j, const double *y, double observed, uint32_t *pick)
{
    double count = 0, extreme = 0;
    uint32_t at = 0;
    int32_t k;

    for (k = 0; k < j->n_strata; k++) {
        struct stratum *s = &j->stratum[k];

        if (!is_mixed(s))
            continue;
        for (uint32_t i = 0; i < (uint32_t)s->a; i++)
            pick[at + i] = i;
        choose_all(s, y, pick + at);
        at += (uint32_t)s->a;
    }
    do {
        bool advanced = false;

        count++;
        extreme += as_extreme(j, observed);
        at = 0;
        for (k = 0; k < j->n_strata && !advanced; k++) {
            struct stratum *s = &j->stratum[k];

            if (!is_mixed(s))
                continue;
            advanced = next_choice(pick + at, (uint32_t)s->a, (uint32_t)s->n);
            choose_all(s, y, pick + at);
            at += (uint32_t)s->a;
        }
        if (!advanced)
            return extreme / count;
    } while (true);
}

static double drawn_arrangements(struct judging *j, double *y, double observed)
{
    uint64_t state = 20221128;
    int extreme = 0;

    for (int draw = 0; draw < ARRANGEMENTS_DRAWN; draw++) {
        for (int32_t k = 0; k < j->n_strata; k++) {
            struct stratum *s = &j->stratum[k];
            double *of = y + s->first;
            uint32_t n = (uint32_t)s->n;

            if (!is_mixed(s))
                continue;
            s->s = s->q = 0;
            for (uint32_t i = 0; i < (uint32_t)s->a; i++) {
                uint32_t other = i + random_below(&state, n - i);
                double v = of[other];

                of[other] = of[i];
                of[i] = v;
                choose(s, v);
            }
        }
        extreme += as_extreme(j, observed);
    }
    return (1. + extreme) / (1. + ARRANGEMENTS_DRAWN);
}

/* The statistic has no side, so the smaller group is the one that is chosen. */
static size_t choose_the_smaller(struct judging *j, const struct groups_finding *g)
{
    if (g->used_a <= g->used_b)
        return g->used_a;
    for (int32_t k = 0; k < j->n_strata; k++) {
        struct stratum *s = &j->stratum[k];
        double b = s->b_a;

        s->a = s->n - s->a;
        s->b_a = s->b_b;
        s->b_b = b;
    }
    return g->used_b;
}

static bool judge_arrangements(struct judging *j, struct groups_finding *g)
{
    size_t n = g->used_a + g->used_b, chosen = choose_the_smaller(j, g);
    double *y = malloc((n + 1) * sizeof *y);
    uint32_t *pick = malloc((chosen + 1) * sizeof *pick);
    double observed = fabs(g->beta) / g->se_hc2;
    bool mirrored = true; /* groups of one size in each stratum: exchanging them changes nothing */

    if (!y || !pick) {
        free(y);
        free(pick);
        return false;
    }
    g->arrangements = 1;
    for (int32_t k = 0; k < j->n_strata; k++)
        for (double i = 0; is_mixed(&j->stratum[k]) && i < j->stratum[k].a; i++)
            g->arrangements *= (j->stratum[k].n - i) / (i + 1);
    g->arrangements = round(fmin(g->arrangements, 1e15));
    for (int32_t k = 0; k < j->n_strata; k++)
        mirrored =
            mirrored && (!is_mixed(&j->stratum[k]) || 2 * j->stratum[k].a == j->stratum[k].n);
    g->p_floor = (mirrored ? 2 : 1) / fmin(g->arrangements, ARRANGEMENTS_DRAWN + 1.);
    gather(j, y);
    g->p = g->arrangements <= ARRANGEMENTS_ALL_MAX ? all_arrangements(j, y, observed, pick)
                                                   : drawn_arrangements(j, y, observed);
    g->method = METHOD_PERMUTATION;
    free(y);
    free(pick);
    return true;
}

/* ---- ranks ---- */

bool group_posts_sort(const struct group_post *posts, size_t n, uint32_t *order)
{
    uint64_t *key = malloc(2 * (n + 1) * sizeof *key), *other = key ? key + n + 1 : NULL;
    uint32_t *spare = malloc((n + 1) * sizeof *spare), *to = spare, *from = order;
    uint64_t *key_from = key, *key_to = other;

    if (!key || !spare) {
        free(key);
        free(spare);
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        double v = posts[i].value + 0.; /* -0 sorts as 0 */

        memcpy(&key[i], &v, sizeof v);
        order[i] = (uint32_t)i;
    }
    /* a double from 0 up sorts as its bits do; bytes that all share are passed over */
    for (int shift = 0; shift < 64; shift += 8) {
        size_t at[257] = {0};

        for (size_t i = 0; i < n; i++)
            at[(key_from[i] >> shift & 255) + 1]++;
        if (n && at[(key_from[0] >> shift & 255) + 1] == n)
            continue;
        for (int b = 0; b < 256; b++)
            at[b + 1] += at[b];
        for (size_t i = 0; i < n; i++) {
            size_t place = at[key_from[i] >> shift & 255]++;

            key_to[place] = key_from[i];
            to[place] = from[i];
        }
        uint64_t *k = key_from;
        uint32_t *o = from;

        key_from = key_to;
        key_to = k;
        from = to;
        to = o;
    }
    if (from != order)
        memcpy(order, from, n * sizeof *order);
    free(key);
    free(spare);
    return true;
}

/* Brunner & Munzel on the posts in mixed strata: how often a post of a beats one of b. */
static void judge_ranks(const struct judging *j, double level, struct groups_finding *g)
{
    const uint32_t *order = j->order;
    double na = (double)g->used_a, nb = (double)g->used_b, sum_a = 0, sum_b = 0;
    double square_a = 0, square_b = 0, seen_a = 0, seen_b = 0, va, vb, t;

    /* placement of a post: how many of the other group lie below, ties half */
    for (size_t i = 0; i < j->n;) {
        double tie_a = 0, tie_b = 0;
        size_t k = i;

        for (; k < j->n && !(j->posts[order[k]].value > j->posts[order[i]].value); k++)
            if (is_mixed(&j->stratum[j->posts[order[k]].stratum]))
                *(j->posts[order[k]].in_a ? &tie_a : &tie_b) += 1;
        double under_a = seen_b + tie_b / 2, under_b = seen_a + tie_a / 2;

        sum_a += tie_a * under_a;
        square_a += tie_a * under_a * under_a;
        sum_b += tie_b * under_b;
        square_b += tie_b * under_b * under_b;
        seen_a += tie_a;
        seen_b += tie_b;
        i = k;
    }
    if (na < 2 || nb < 2)
        return;
    g->superiority = sum_a / na / nb;
    g->has_superiority = true;
    va = (square_a - sum_a * sum_a / na) / (na - 1) / (nb * nb) / na;
    vb = (square_b - sum_b * sum_b / nb) / (nb - 1) / (na * na) / nb;
    if (!(va > 0) && !(vb > 0))
        return;
    va = fmax(va, 0);
    vb = fmax(vb, 0);
    g->superiority_df = (va + vb) * (va + vb) / (va * va / (na - 1) + vb * vb / (nb - 1));
    t = gsl_cdf_tdist_Pinv((1 + level) / 2, g->superiority_df);
    g->superiority_low = fmax(0, g->superiority - t * sqrt(va + vb));
    g->superiority_high = fmin(1, g->superiority + t * sqrt(va + vb));
    g->superiority_p =
        2 * gsl_cdf_tdist_Q(fabs(g->superiority - .5) / sqrt(va + vb), g->superiority_df);
    g->has_superiority_interval = true;
}

/* The median of all posts together is below LOW_COUNT_MEDIAN: at least half of them are. */
static bool counts_are_low(const struct group_post *posts, size_t n)
{
    size_t low = 0;

    for (size_t i = 0; i < n; i++)
        low += posts[i].value < LOW_COUNT_MEDIAN;
    return 2 * low > n;
}

/* One group has nothing at all, and the other something. */
static bool one_is_zero(const struct cells *a, const struct cells *b)
{
    double total[2] = {0, 0};

    for (int g = 0; g < 2; g++)
        for (size_t i = 0; i < (g ? b : a)->n; i++)
            total[g] += (g ? b : a)->cell[i].total;
    /* what is left of a sum after taking a part away may be rounding */
    return (total[0] > 1e-9 * total[1]) != (total[1] > 1e-9 * total[0]);
}

/* Without the posts: their mean is below the line. */
static bool means_are_low(const struct cells *a, const struct cells *b)
{
    double n = 0, total = 0;

    for (int g = 0; g < 2; g++)
        for (size_t i = 0; i < (g ? b : a)->n; i++) {
            n += (g ? b : a)->cell[i].n;
            total += (g ? b : a)->cell[i].total;
        }
    return total < LOW_COUNT_MEDIAN * n;
}

static void interval_of(double beta, double error, double df, double level, double *low,
                        double *high)
{
    double t = gsl_cdf_tdist_Pinv((1 + level) / 2, df);

    *low = beta - t * error;
    *high = beta + t * error;
}

enum groups_outcome groups_judge(const struct cells *a, const struct cells *b, int32_t n_strata,
                                 const struct group_post *posts, const uint32_t *order, size_t n,
                                 double level, struct groups_finding *g)
{
    struct judging j = {
        .group = {a, b}, .n_strata = n_strata, .posts = posts, .order = order, .n = n};
    enum groups_outcome outcome = GROUPS_MEMORY;
    bool few;

    memset(g, 0, sizeof *g);
    g->p = 1;
    j.stratum = calloc((size_t)n_strata + 1, sizeof *j.stratum);
    if (!j.stratum)
        goto out;
    sum_strata(&j, g);
    if (posts)
        judge_ranks(&j, level, g);
    outcome = GROUPS_TOO_FEW;
    if (g->n_a < GROUP_MIN || g->n_b < GROUP_MIN)
        goto out;
    outcome = GROUPS_UNMIXED;
    if (g->used_a < GROUP_MIN || g->used_b < GROUP_MIN)
        goto out;
    outcome = GROUPS_ZERO;
    if (one_is_zero(a, b))
        goto out;
    judge_posts(&j, g);
    outcome = GROUPS_CONSTANT;
    if (!(g->se_hc2 > CONSTANT_ERROR * (1 + fabs(g->beta))) || !isfinite(g->df_bm) ||
        !(g->df_bm > 0))
        goto out;
    outcome = GROUPS_UNMIXED;
    if (!(g->df_bm >= DF_MIN))
        goto out;
    outcome = GROUPS_MEMORY;
    if (!judge_days(&j, g))
        goto out;
    g->method = g->p_day > g->p_hc2 && g->se_day > 0 ? METHOD_CLUSTER_DAY : METHOD_HC2_BM;
    g->p = g->method == METHOD_CLUSTER_DAY ? g->p_day : g->p_hc2;
    g->error = g->method == METHOD_CLUSTER_DAY ? g->se_day : g->se_hc2;
    g->df = g->method == METHOD_CLUSTER_DAY ? g->df_day : g->df_bm;
    interval_of(g->beta, g->error, g->df, level, &g->low, &g->high);
    interval_of(g->beta, g->error, g->df, .90, &g->low90, &g->high90);
    g->low_counts = posts ? counts_are_low(posts, n) : means_are_low(a, b);
    few = g->used_a < GROUP_SMALL || g->used_b < GROUP_SMALL;
    if (posts && (few || (g->low_counts && g->used_a + g->used_b <= PERMUTATION_POSTS_MAX)) &&
        !judge_arrangements(&j, g))
        goto out;
    outcome = GROUPS_JUDGED;
out:
    free(j.stratum);
    return outcome;
}

enum groups_outcome groups_judge_posts(const struct group_post *posts, size_t n, int32_t n_strata,
                                       double level, struct groups_finding *g)
{
    enum groups_outcome outcome = GROUPS_MEMORY;
    uint32_t *order = malloc((n + 1) * sizeof *order);
    struct cells a, b;
    bool ok = order && group_posts_sort(posts, n, order);

    cells_init(&a);
    cells_init(&b);
    for (size_t i = 0; ok && i < n; i++)
        ok = cells_add(posts[i].in_a ? &a : &b, posts[i].stratum, posts[i].day, posts[i].value,
                       log1p(posts[i].value));
    if (ok)
        outcome = groups_judge(&a, &b, n_strata, posts, order, n, level, g);
    free(order);
    cells_clear(&a);
    cells_clear(&b);
    return outcome;
}
