/* Designs: the draw, what a plan says against a dense computation, and a year of experiments. */
#include "analysis/design.h"
#include "analysis/plan.h"
#include "analysis/random.h"
#include "record/experiment.h"
#include "vectors.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_linalg.h>
#include <math.h>
#include <string.h>

enum { DAYS = 366 };

START_TEST(the_same_seed_draws_the_same_days_and_another_others)
{
    for (int d = DESIGN_COIN_WEEKS; d < DESIGN_COUNT; d++) {
        unsigned char a[DAYS] = {0}, b[DAYS] = {0};
        int differ = 0;

        design_draw((enum design)d, 7, 2, DAYS, a);
        design_draw((enum design)d, 7, 2, DAYS, b);
        ck_assert_mem_eq(a, b, DAYS);
        for (uint64_t seed = 8; seed < 28; seed++) {
            design_draw((enum design)d, seed, 2, DAYS, b);
            differ += memcmp(a, b, DAYS) != 0;
        }
        ck_assert_int_eq(differ, 20);
    }
}
END_TEST

START_TEST(days_drawn_by_coin_are_balanced_over_the_weekdays)
{
    for (uint64_t seed = 0; seed < 200; seed++) {
        unsigned char days[DAYS] = {0};
        int on[7] = {0}, all[7] = {0}, weekday0 = (int)(seed % 7), n = 14 + (int)seed;

        design_draw(DESIGN_COIN_DAYS, seed, weekday0, n, days);
        for (int t = 0; t < n; t++) {
            ck_assert(days[t] == DRAWN_ON || days[t] == DRAWN_OFF);
            on[(weekday0 + t) % 7] += days[t] == DRAWN_ON;
            all[(weekday0 + t) % 7]++;
        }
        for (int w = 0; w < 7; w++)
            ck_assert_int_le(abs(2 * on[w] - all[w]), 1);
    }
}
END_TEST

START_TEST(each_day_is_drawn_about_half_of_the_time)
{
    int on[56] = {0};

    for (uint64_t seed = 0; seed < 4000; seed++) {
        unsigned char days[56] = {0};

        design_draw(DESIGN_COIN_DAYS, seed, 0, 56, days);
        for (int t = 0; t < 56; t++)
            on[t] += days[t] == DRAWN_ON;
    }
    for (int t = 0; t < 56; t++) /* 2,000, and 5 standard deviations of 32 */
        ck_assert_int_le(abs(on[t] - 2000), 160);
}
END_TEST

START_TEST(more_days_change_none_before)
{
    for (uint64_t seed = 0; seed < 50; seed++) {
        unsigned char some[60] = {0}, more[DAYS] = {0};

        design_draw(DESIGN_COIN_DAYS, seed, 3, 60, some);
        design_draw(DESIGN_COIN_DAYS, seed, 3, DAYS, more);
        ck_assert_mem_eq(some, more, 60);
    }
}
END_TEST

START_TEST(days_left_out_stay_out_and_do_not_spoil_the_balance)
{
    for (int d = 0; d < DESIGN_COUNT; d++)
        for (uint64_t seed = 0; seed < 50; seed++) {
            unsigned char days[84], before[84];
            int on[7] = {0}, all[7] = {0};

            for (int t = 0; t < 84; t++)
                before[t] = days[t] = t % 7 >= 5 || t == 16 || t == 30 ? DRAWN_OUT : DRAWN_OFF;
            design_draw((enum design)d, seed, 0, 84, days);
            for (int t = 0; t < 84; t++) {
                ck_assert_int_eq(before[t] == DRAWN_OUT, days[t] == DRAWN_OUT);
                on[t % 7] += days[t] == DRAWN_ON;
                all[t % 7] += days[t] != DRAWN_OUT;
            }
            for (int w = 0; d == DESIGN_COIN_DAYS && w < 5; w++)
                ck_assert_int_le(abs(2 * on[w] - all[w]), 1);
        }
}
END_TEST

START_TEST(weeks_are_drawn_whole_and_half_of_them)
{
    for (uint64_t seed = 0; seed < 100; seed++) {
        unsigned char days[56] = {0};
        int weeks = 0, first = 0;

        design_draw(DESIGN_COIN_WEEKS, seed, 4, 56, days);
        for (int t = 0; t < 56; t++) {
            ck_assert_int_eq(days[t], days[t / 7 * 7]);
            weeks += t % 7 == 0 && days[t] == DRAWN_ON;
        }
        ck_assert_int_eq(weeks, 4);
        design_draw(DESIGN_PAIRS, seed, 4, 56, days);
        for (int pair = 0; pair < 4; pair++) {
            ck_assert_int_ne(days[14 * pair], days[14 * pair + 7]);
            first += days[14 * pair] == DRAWN_ON;
        }
        ck_assert_int_le(first, 4);
    }
}
END_TEST

START_TEST(a_single_day_and_no_days_are_drawn_without_harm)
{
    unsigned char day[1] = {DRAWN_OFF};

    for (int d = 0; d < DESIGN_COUNT; d++) {
        design_draw((enum design)d, 1, 6, 1, day);
        ck_assert(day[0] == DRAWN_ON || day[0] == DRAWN_OFF);
        design_draw((enum design)d, 1, 6, 0, day);
    }
}
END_TEST

/* ---- the plan against dense matrices ---- */

enum { MOST = 160, K = 9 };

/* X, its k columns: the effect first where there is one, then level, weekdays, trend. */
static int dense_columns(double x[MOST][K], const int *at, int n, int n0, int weekday0,
                         const double *g, bool trend)
{
    for (int i = 0; i < n; i++) {
        int k = 0, weekday = (weekday0 + at[i]) % 7;

        if (g)
            x[i][k++] = g[at[i]];
        x[i][k++] = 1;
        for (int j = 0; j < 6; j++)
            x[i][k++] = (weekday == j) - (weekday == 6);
        if (trend)
            x[i][k++] = (at[i] - n0) / 90.;
    }
    return (g != NULL) + 7 + trend;
}

/* A = X'V^-1 X with the trend's prior, and of z what is wanted: rss, ln|V| + ln|A|. */
static gsl_matrix *dense_fit(double x[MOST][K], int k, const int *at, int n, double phi, double w,
                             bool trend, const double *z, double *rss, double *log_det)
{
    gsl_matrix *v = gsl_matrix_alloc((size_t)n, (size_t)n), *a;
    gsl_vector *column = gsl_vector_alloc((size_t)n), *b = gsl_vector_alloc((size_t)k);
    double solved[K][MOST], zz = 0;

    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            gsl_matrix_set(v, (size_t)i, (size_t)j,
                           (i == j ? 1 - w : 0) + w * pow(phi, abs(at[i] - at[j])));
    gsl_linalg_cholesky_decomp1(v);
    *log_det = 0;
    for (int i = 0; i < n; i++)
        *log_det += 2 * log(gsl_matrix_get(v, (size_t)i, (size_t)i));
    for (int c = 0; c < k; c++) {
        for (int i = 0; i < n; i++)
            gsl_vector_set(column, (size_t)i, x[i][c]);
        gsl_linalg_cholesky_svx(v, column);
        for (int i = 0; i < n; i++)
            solved[c][i] = gsl_vector_get(column, (size_t)i);
    }
    a = gsl_matrix_calloc((size_t)k, (size_t)k);
    for (int c = 0; c < k; c++)
        for (int d = 0; d < k; d++) {
            double sum = c == d && trend && c == k - 1 ? 1 / 9. : 0;

            for (int i = 0; i < n; i++)
                sum += x[i][c] * solved[d][i];
            gsl_matrix_set(a, (size_t)c, (size_t)d, sum);
        }
    gsl_linalg_cholesky_decomp1(a);
    for (int c = 0; c < k; c++)
        *log_det += 2 * log(gsl_matrix_get(a, (size_t)c, (size_t)c));
    if (z) {
        for (int i = 0; i < n; i++)
            gsl_vector_set(column, (size_t)i, z[at[i]]);
        gsl_linalg_cholesky_svx(v, column);
        for (int i = 0; i < n; i++)
            zz += z[at[i]] * gsl_vector_get(column, (size_t)i);
        for (int c = 0; c < k; c++) {
            double sum = 0;

            for (int i = 0; i < n; i++)
                sum += x[i][c] * gsl_vector_get(column, (size_t)i);
            gsl_vector_set(b, (size_t)c, sum);
        }
        *rss = zz;
        gsl_vector *beta = gsl_vector_alloc((size_t)k);
        gsl_vector_memcpy(beta, b);
        gsl_linalg_cholesky_svx(a, beta);
        for (int c = 0; c < k; c++)
            *rss -= gsl_vector_get(b, (size_t)c) * gsl_vector_get(beta, (size_t)c);
        gsl_vector_free(beta);
    }
    gsl_matrix_free(v);
    gsl_vector_free(column);
    gsl_vector_free(b);
    return a;
}

static double dense_error(const double *z, int n0, int weekday0, const unsigned char *drawn, int h)
{
    static const double lives[] = {.5, 1.5, 4, 10, 28, 90, 365},
                        shares[] = {.1, .35, .6, .8, .93, 1};
    double log_lik[86], product[86], most = -INFINITY, sum = 0, total = 0, g[MOST] = {0};
    int before[MOST], all[MOST], n_all = n0, n = 0;

    for (int t = 0; t < n0; t++)
        before[t] = all[t] = t;
    for (int t = 0; t < h; t++) {
        g[n0 + t] = drawn[t] == DRAWN_ON;
        if (drawn[t] != DRAWN_OUT)
            all[n_all++] = n0 + t;
    }
    for (int point = 0; point < 43; point++)
        for (int trend = 0; trend < 2; trend++) {
            double phi = point ? pow(2, -1 / lives[(point - 1) / 6]) : 0;
            double w = point ? shares[(point - 1) % 6] : 0, rss, log_det, unused;
            double x[MOST][K], nu = n0 - 7, c00;
            int k = dense_columns(x, before, n0, n0, weekday0, NULL, trend);
            gsl_matrix *a = dense_fit(x, k, before, n0, phi, w, trend, z, &rss, &log_det);
            gsl_vector *e;

            log_lik[n] = -.5 * (nu * log(rss) + log_det + (trend ? log(9) : 0));
            gsl_matrix_free(a);
            k = dense_columns(x, all, n_all, n0, weekday0, g, trend);
            a = dense_fit(x, k, all, n_all, phi, w, trend, NULL, &unused, &log_det);
            e = gsl_vector_calloc((size_t)k);
            gsl_vector_set(e, 0, 1);
            gsl_linalg_cholesky_svx(a, e);
            c00 = gsl_vector_get(e, 0);
            gsl_vector_free(e);
            gsl_matrix_free(a);
            product[n] = rss / nu * c00;
            most = fmax(most, log_lik[n]);
            n++;
        }
    for (int i = 0; i < n; i++) {
        double weight = exp(log_lik[i] - most);

        sum += weight * product[i];
        total += weight;
    }
    return LIFT_LAMBDA * sqrt(sum / total);
}

START_TEST(a_planned_error_is_that_of_dense_matrices_for_every_design)
{
    enum { BEFORE = 60 };
    double y[BEFORE], z[MOST];
    uint64_t state = 5;
    double drift = 0;

    for (int t = 0; t < BEFORE; t++) {
        double u = ((int)random_below(&state, 1000) - 500) / 1000.;

        drift = .9 * drift + u * .2;
        y[t] = floor(400 * exp(drift + .2 * (t % 7 > 4)) + random_below(&state, 60));
        z[t] = log(y[t] + LIFT_OFFSET);
    }
    for (int d = 0; d < DESIGN_COUNT; d++) {
        struct daily before = {BEFORE, 3, y, NULL};
        struct plan plan = {.days = 70};
        unsigned char drawn[70] = {0};

        for (int t = 0; t < 70; t++)
            drawn[t] = t % 9 == 4 ? DRAWN_OUT : DRAWN_OFF;
        design_draw((enum design)d, 11, (3 + BEFORE) % 7, 70, drawn);
        ck_assert_int_eq(plan_design(&before, drawn, &plan), LIFT_JUDGED);
        for (int h = 28; h <= 70; h += 42) {
            double dense = dense_error(z, BEFORE, 3, drawn, h);

            ck_assert_msg(fabs(plan.error[h] / dense - 1) < 1e-9, "%s after %d days: %.12g %.12g",
                          design_names[d], h, plan.error[h], dense);
        }
    }
}
END_TEST

START_TEST(days_on_which_nothing_was_drawn_yet_tell_nothing)
{
    double y[60];
    struct daily before = {60, 0, y, NULL};
    struct plan plan = {.days = 30};
    unsigned char drawn[30] = {0};

    for (int t = 0; t < 60; t++)
        y[t] = 100 + t * 7 % 13;
    drawn[20] = DRAWN_ON;
    ck_assert_int_eq(plan_design(&before, drawn, &plan), LIFT_JUDGED);
    ck_assert(!(plan.error[20] > 0));
    ck_assert(plan.error[21] > 0);
}
END_TEST

START_TEST(what_can_be_drawn_can_be_kept_and_nothing_else)
{
    for (int d = 0; d < DESIGN_COUNT; d++)
        ck_assert_msg(experiment_design_is_known(design_names[d]), "%s", design_names[d]);
    ck_assert(!experiment_design_is_known(""));
    ck_assert(!experiment_design_is_known("coin"));
    ck_assert(!experiment_design_is_known("coin-days "));
}
END_TEST

/* ---- a year of experiments ---- */

/* What the sample study's sessions from social do by themselves: level, drift, noise. */
struct noise {
    double level, phi, drift_sd, white_sd, weekday[7];
};

static struct noise noise_of_sample(void)
{
    const char *folder = getenv("SRCDIR");
    char path[4096], line[256], source[64];
    double y[400], z[400], sum = 0, square = 0;
    int n = 0, sessions, counts[7] = {0};
    struct noise s = {0};
    struct lift_fit fit;
    FILE *in;

    snprintf(path, sizeof path, "%s/tests/data/meme-study/traffic.csv", folder ? folder : "..");
    in = fopen(path, "r");
    ck_assert_ptr_nonnull(in);
    while (fgets(line, sizeof line, in))
        if (sscanf(line, "%*10c,%63[^,],%d", source, &sessions) == 2 &&
            strcmp(source, "social") == 0 && n < 400)
            y[n++] = sessions;
    fclose(in);
    ck_assert_int_ge(n, 90);
    n = 90; /* the days before the study's start, a Tuesday the first */
    struct daily d = {n, 1, y, NULL};
    struct ranges r = {0, 59, 60, 89, 0};
    ck_assert_int_eq(lift_of_step(&d, &r, &fit), LIFT_JUDGED);
    for (int t = 0; t < n; t++) {
        z[t] = log(y[t] + LIFT_OFFSET);
        s.weekday[(1 + t) % 7] += z[t];
        counts[(1 + t) % 7]++;
        sum += z[t];
    }
    s.level = sum / n;
    for (int w = 0; w < 7; w++)
        s.weekday[w] = s.weekday[w] / counts[w] - s.level;
    for (int t = 0; t < n; t++)
        square += pow(z[t] - s.level - s.weekday[(1 + t) % 7], 2);
    square /= n - 7;
    s.phi = pow(2, -1 / fmax(fit.half_life_days, .5));
    s.drift_sd = sqrt(square * fit.drift_share);
    s.white_sd = sqrt(square * (1 - fit.drift_share));
    return s;
}

static double normal(uint64_t *state)
{
    return gsl_cdf_ugaussian_Pinv(((double)(random_next(state) >> 11) + .5) / 9007199254740992.);
}

/* 90 days before and 56 drawn ones, the effect on those with posts. */
static bool experiment(const struct noise *s, uint64_t seed, double effect, struct lift_fit *fit)
{
    enum { BEFORE = 90, DRAWN = 56, N = BEFORE + DRAWN };
    unsigned char drawn[DRAWN] = {0};
    uint64_t state = seed * 7919 + 17;
    double y[N], g[N] = {0}, drift = s->drift_sd * normal(&state);
    struct daily d = {N, (int)(seed % 7), y, NULL};

    design_draw(DESIGN_COIN_DAYS, seed, (int)((seed + BEFORE) % 7), DRAWN, drawn);
    for (int t = 0; t < N; t++) {
        g[t] = t >= BEFORE && drawn[t - BEFORE] == DRAWN_ON;
        y[t] = round(exp(s->level + s->weekday[(seed + (uint64_t)t) % 7] + drift +
                         s->white_sd * normal(&state) + effect * g[t]));
        drift = s->phi * drift + s->drift_sd * sqrt(1 - s->phi * s->phi) * normal(&state);
    }
    return lift_of_exposure(&d, g, fit) == LIFT_JUDGED;
}

START_TEST(of_two_hundred_experiments_without_effect_at_most_six_per_cent_alarm)
{
    struct noise s = noise_of_sample();
    int alarms = 0;

    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct lift_fit fit;

        ck_assert(experiment(&s, seed, 0, &fit));
        alarms += mixture_p(&fit.effect) < .05;
    }
    printf("# %d of 200 experiments without effect have p below .05\n", alarms);
    ck_assert_int_le(alarms, 12);
}
END_TEST

START_TEST(a_lift_of_twelve_per_cent_is_covered_in_at_least_ninety_four_of_a_hundred)
{
    struct noise s = noise_of_sample();
    int covered = 0, found = 0;

    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct lift_fit fit;
        double low, high;

        ck_assert(experiment(&s, seed, log(1.12), &fit));
        low = mixture_quantile(&fit.effect, .025);
        high = mixture_quantile(&fit.effect, .975);
        covered += low <= log(1.12) && log(1.12) <= high;
        found += low > 0;
    }
    printf("# %d of 200 intervals cover +12 %%; %d experiments find it\n", covered, found);
    ck_assert_int_ge(covered, 188);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("design");
    TCase *t = tcase_create("draw");

    UNIT(t, the_same_seed_draws_the_same_days_and_another_others);
    UNIT(t, days_drawn_by_coin_are_balanced_over_the_weekdays);
    UNIT(t, each_day_is_drawn_about_half_of_the_time);
    UNIT(t, more_days_change_none_before);
    UNIT(t, days_left_out_stay_out_and_do_not_spoil_the_balance);
    UNIT(t, weeks_are_drawn_whole_and_half_of_them);
    UNIT(t, a_single_day_and_no_days_are_drawn_without_harm);
    UNIT(t, what_can_be_drawn_can_be_kept_and_nothing_else);
    suite_add_tcase(s, t);
    t = tcase_create("plan");
    tcase_set_timeout(t, 120);
    UNIT(t, a_planned_error_is_that_of_dense_matrices_for_every_design);
    UNIT(t, days_on_which_nothing_was_drawn_yet_tell_nothing);
    suite_add_tcase(s, t);
    t = tcase_create("a year of experiments");
    tcase_set_timeout(t, 120);
    UNIT(t, of_two_hundred_experiments_without_effect_at_most_six_per_cent_alarm);
    UNIT(t, a_lift_of_twelve_per_cent_is_covered_in_at_least_ninety_four_of_a_hundred);
    suite_add_tcase(s, t);
    return unit_run(s);
}
