/* The lift against vectors of other software, and where nothing may be concluded. */
#include "analysis/gls.h"
#include "analysis/lift_model.h"
#include "vectors.h"

START_TEST(the_filter_gives_what_dense_matrices_give)
{
    json_t *v = vectors("kalman"), *c;
    size_t i;
    int n;
    double *z = reals(v, "z", &n);

    json_array_foreach(member(v, "ar1_noise"), i, c)
    {
        static const double one[1] = {1};
        int m;
        double *first = reals(c, "first_innovations", &m), *f = reals(c, "first_F", &m);
        struct gls g;

        gls_start(&g, real(c, "phi"), real(c, "w"), 1);
        for (int t = 0; t < n; t++) {
            double ahead[1], F = gls_ahead(&g, one, ahead);

            if (t < m) {
                NEAR(z[t] - g.az, first[t]);
                NEAR(F, f[t]);
            }
            gls_take(&g, one, z[t]);
        }
        NEAR(gls_log_det(&g), real(c, "logdet_V"));
        NEAR_BY(g.zz, real(c, "quad_y"), 1e-9 * g.zz);
        NEAR(g.A[0][0], real(c, "quad_1"));
        NEAR_BY(g.b[0], real(c, "quad_y1"), 1e-9 * fabs(g.b[0]));
        free(first);
        free(f);
    }
    free(z);
    json_decref(v);
}
END_TEST

static void same_as(json_t *expected, const struct lift_fit *fit)
{
    const struct mixture *m = &fit->effect;

    NEAR(mixture_mean(m), real(expected, "log_lift"));
    NEAR(mixture_sd(m), real(expected, "se"));
    NEAR(m->nu, real(expected, "df"));
    NEAR(mixture_quantile(m, .025), real(expected, "log_lo95"));
    NEAR(mixture_quantile(m, .975), real(expected, "log_hi95"));
    NEAR(mixture_quantile(m, .05), real(expected, "log_lo90"));
    NEAR(mixture_quantile(m, .95), real(expected, "log_hi90"));
    NEAR(mixture_above(m, 0), real(expected, "prob_positive"));
    NEAR(mixture_p(m), real(expected, "p_value"));
    NEAR(expm1(mixture_mean(m)), real(expected, "lift"));
    NEAR(fit->p_trend, real(expected, "p_trend"));
    NEAR(fit->p_control, real(expected, "p_control"));
    NEAR_BY(fit->half_life_days, real(expected, "drift_half_life_days"),
            1e-9 * fit->half_life_days);
    NEAR(fit->drift_share, real(expected, "drift_share"));
}

START_TEST(lifts_are_those_of_the_dense_reference)
{
    json_t *v = vectors("lift"), *c;
    size_t i;

    json_array_foreach(member(v, "cases"), i, c)
    {
        int n, n0 = whole(c, "input.n0"), nc;
        double *y = reals(c, "input.y", &n);
        json_t *control = member(c, "input.control");
        double *ctl = json_is_null(control) ? NULL : reals(c, "input.control", &nc);
        struct daily d = {n, whole(c, "input.weekday0"), y, ctl};
        struct ranges r = {0, n0 - 1, n0, n - 1, 0};
        struct lift_fit fit;

        ck_assert_int_eq(lift_of_step(&d, &r, &fit), LIFT_JUDGED);
        same_as(member(c, "expected"), &fit);
        free(ctl);
        free(y);
    }
    ck_assert_int_eq(i, 11);
    json_decref(v);
}
END_TEST

START_TEST(exposure_is_that_of_the_dense_reference)
{
    json_t *v = vectors("exposure"), *c;
    size_t i;

    json_array_foreach(member(v, "cases"), i, c)
    {
        int n;
        double *y = reals(c, "input.y", &n), *g = reals(c, "input.exposure", &n);
        struct daily d = {n, whole(c, "input.weekday0"), y, NULL};
        struct lift_fit fit;

        ck_assert_int_eq(lift_of_exposure(&d, g, &fit), LIFT_JUDGED);
        same_as(member(c, "expected"), &fit);
        free(y);
        free(g);
    }
    json_decref(v);
}
END_TEST

START_TEST(components_are_those_of_the_dense_reference)
{
    json_t *v = vectors("lift"), *c, *want;
    size_t i, k;
    int seen = 0;

    json_array_foreach(member(v, "cases"), i, c)
    {
        int n, nc;
        double *y = reals(c, "input.y", &n);
        double *ctl =
            json_is_null(member(c, "input.control")) ? NULL : reals(c, "input.control", &nc);
        struct daily d = {n, whole(c, "input.weekday0"), y, ctl};
        double exposure[200];
        struct lift_design design;
        struct lift_grid grid;

        for (int t = 0; t < n; t++)
            exposure[t] = t >= whole(c, "input.n0");
        ck_assert_int_eq(lift_design_make(&d, exposure, NULL, whole(c, "input.n0"), &design),
                         LIFT_JUDGED);
        lift_grid_start(&grid, &design);
        lift_grid_run(&grid, &design, 0, n, false);
        json_array_foreach(member(c, "components"), k, want)
        {
            struct gls_model m;
            struct gls_fit f;
            int singular_at;
            double nu = design.observed - 8;

            lift_columns(&design, whole(want, "trend"), whole(want, "control"), true, &m);
            ck_assert(gls_solve(&grid.at[whole(want, "grid")], &m, nu, &f, &singular_at));
            NEAR(f.beta[m.k - 1], real(want, "beta"));
            NEAR_BY(f.rss, real(want, "rss"), 1e-9 * f.rss);
            NEAR(f.last_variance, real(want, "v00"));
            NEAR(f.log_lik, real(want, "loglik"));
            NEAR(LIFT_LAMBDA * sqrt(f.rss / nu * f.last_variance), real(want, "s"));
            seen++;
        }
        lift_design_clear(&design);
        free(ctl);
        free(y);
    }
    ck_assert_int_gt(seen, 80);
    json_decref(v);
}
END_TEST

/* ---- where nothing may be concluded ---- */

enum { BEFORE = 90, AFTER = 30, DAYS = BEFORE + AFTER };
static double y[2 * DAYS], control[2 * DAYS];
static struct daily days;
static struct ranges ranges;

/* Made-up days with weekdays and some noise, by a fixed sequence. */
static void made_up(void)
{
    unsigned seed = 5;

    for (int t = 0; t < 2 * DAYS; t++) {
        y[t] = 200 + 20 * (t % 7) + rand_r(&seed) % 60;
        control[t] = 900 + rand_r(&seed) % 300;
    }
    days = (struct daily){DAYS, 0, y, NULL};
    ranges = (struct ranges){0, BEFORE - 1, BEFORE, DAYS - 1, 0};
}

static enum lift_outcome outcome(void)
{
    struct lift_fit fit;
    enum lift_outcome got = lift_of_step(&days, &ranges, &fit);

    if (got == LIFT_JUDGED) {
        ck_assert(isfinite(mixture_mean(&fit.effect)));
        ck_assert(isfinite(mixture_quantile(&fit.effect, .025)));
        ck_assert(mixture_p(&fit.effect) >= 0 && mixture_p(&fit.effect) <= 1);
    }
    return got;
}

START_TEST(too_few_days_are_not_judged)
{
    ck_assert_int_eq(outcome(), LIFT_JUDGED);
    ranges.before_from = BEFORE - 21;
    ck_assert_int_eq(outcome(), LIFT_JUDGED);
    ranges.before_from = BEFORE - 20;
    ck_assert_int_eq(outcome(), LIFT_SHORT);
    ranges.before_from = 0;
    ranges.after_to = BEFORE + 6;
    ck_assert_int_eq(outcome(), LIFT_JUDGED);
    ranges.after_to = BEFORE + 5;
    ck_assert_int_eq(outcome(), LIFT_SHORT);
    ranges.after_to = DAYS - 1;
    ranges.run_in = AFTER - 6;
    ck_assert_int_eq(outcome(), LIFT_SHORT);
}
END_TEST

START_TEST(more_than_forty_per_cent_missing_is_not_judged)
{
    for (int t = 0; t < 36; t++)
        y[t] = NAN;
    ck_assert_int_eq(outcome(), LIFT_JUDGED);
    y[36] = NAN;
    ck_assert_int_eq(outcome(), LIFT_GAPS);
    made_up();
    for (int t = 0; t < 13; t++)
        y[BEFORE + 2 * t] = NAN;
    ck_assert_int_eq(outcome(), LIFT_GAPS);
}
END_TEST

START_TEST(days_that_are_all_alike_are_not_judged)
{
    for (int t = 0; t < DAYS; t++)
        y[t] = 0;
    ck_assert_int_eq(outcome(), LIFT_CONSTANT);
    for (int t = 0; t < DAYS; t++)
        y[t] = 17;
    ck_assert_int_eq(outcome(), LIFT_CONSTANT);
    for (int t = 0; t < DAYS; t++)
        y[t] = t < BEFORE ? 10 : 20;
    ck_assert_int_eq(outcome(), LIFT_EXACT);
    for (int t = 0; t < DAYS; t++)
        y[t] = 10 + t % 7;
    ck_assert_int_eq(outcome(), LIFT_EXACT);
}
END_TEST

START_TEST(one_enormous_day_is_survived)
{
    y[BEFORE + 3] = 9007199254740991.;
    ck_assert_int_eq(outcome(), LIFT_JUDGED);
    y[BEFORE + 3] = 0;
    y[4] = 9007199254740991.;
    ck_assert_int_eq(outcome(), LIFT_JUDGED);
}
END_TEST

START_TEST(a_weekday_without_figures_takes_its_column_along)
{
    struct lift_fit fit;

    for (int t = 0; t < DAYS; t++)
        if (t % 7 >= 5)
            y[t] = NAN;
    ck_assert_int_eq(lift_of_step(&days, &ranges, &fit), LIFT_JUDGED);
    ck_assert_int_eq(fit.n_weekdays, 5);
    NEAR(fit.effect.nu, fit.n - 6);
    NEAR(fit.weekday[5], 0);
    for (int t = 0; t < DAYS; t++)
        y[t] = t % 7 == 2 ? 100 + t : NAN;
    days.n = DAYS;
    ck_assert_int_eq(outcome(), LIFT_GAPS);
}
END_TEST

START_TEST(a_control_that_is_the_series_itself_is_not_judged)
{
    days.control = control;
    ck_assert_int_eq(outcome(), LIFT_JUDGED);
    memcpy(control, y, sizeof y);
    ck_assert_int_eq(outcome(), LIFT_COPY);
    for (int t = 0; t < DAYS; t++)
        control[t] = 3 * y[t];
    ck_assert_int_eq(outcome(), LIFT_COPY);
}
END_TEST

START_TEST(a_constant_control_changes_nothing)
{
    struct lift_fit with, without;

    for (int t = 0; t < DAYS; t++)
        control[t] = 1000;
    ck_assert_int_eq(lift_of_step(&days, &ranges, &without), LIFT_JUDGED);
    days.control = control;
    ck_assert_int_eq(lift_of_step(&days, &ranges, &with), LIFT_JUDGED);
    ck_assert(!with.has_control);
    ck_assert_double_eq(mixture_mean(&with.effect), mixture_mean(&without.effect));
    ck_assert_double_eq(with.p_control, 0);
}
END_TEST

START_TEST(posts_on_every_day_or_always_on_one_weekday_cannot_be_told_from_the_days)
{
    double g[DAYS];
    struct lift_fit fit;

    for (int t = 0; t < DAYS; t++)
        g[t] = 1;
    ck_assert_int_eq(lift_of_exposure(&days, g, &fit), LIFT_ENTANGLED);
    for (int t = 0; t < DAYS; t++)
        g[t] = 0;
    ck_assert_int_eq(lift_of_exposure(&days, g, &fit), LIFT_ENTANGLED);
    for (int t = 0; t < DAYS; t++)
        g[t] = t % 7 == 0;
    ck_assert_int_eq(lift_of_exposure(&days, g, &fit), LIFT_ENTANGLED);
    g[0] = 0;
    ck_assert_int_eq(lift_of_exposure(&days, g, &fit), LIFT_JUDGED);
}
END_TEST

START_TEST(ranges_that_do_not_touch_or_stand_in_reverse_are_judged)
{
    struct lift_fit forward, reverse;

    days.n = 2 * DAYS;
    ranges = (struct ranges){0, 89, 150, 179, 0};
    ck_assert_int_eq(lift_of_step(&days, &ranges, &forward), LIFT_JUDGED);
    /* what is after of before is before of after, with the sign turned */
    ranges = (struct ranges){150, 179, 0, 89, 0};
    ck_assert_int_eq(lift_of_step(&days, &ranges, &reverse), LIFT_JUDGED);
    NEAR(mixture_mean(&reverse.effect), -mixture_mean(&forward.effect));
    NEAR(mixture_p(&reverse.effect), mixture_p(&forward.effect));
}
END_TEST

START_TEST(filtering_in_two_parts_is_filtering_at_once)
{
    double exposure[DAYS];
    struct lift_design design;
    static struct lift_grid whole, parts;
    struct lift_fit a, b;

    for (int t = 0; t < DAYS; t++)
        exposure[t] = t >= BEFORE;
    days.control = control;
    ck_assert_int_eq(lift_design_make(&days, exposure, NULL, BEFORE, &design), LIFT_JUDGED);
    lift_grid_start(&whole, &design);
    lift_grid_run(&whole, &design, 0, DAYS, false);
    lift_grid_start(&parts, &design);
    lift_grid_run(&parts, &design, 0, 31, false);
    lift_grid_run(&parts, &design, 31, DAYS, false);
    ck_assert_int_eq(lift_grid_fit(&whole, &design, &a), LIFT_JUDGED);
    ck_assert_int_eq(lift_grid_fit(&parts, &design, &b), LIFT_JUDGED);
    ck_assert_double_eq(mixture_mean(&a.effect), mixture_mean(&b.effect));
    lift_design_clear(&design);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("lift_model");
    TCase *t = tcase_create("vectors");

    UNIT(t, the_filter_gives_what_dense_matrices_give);
    UNIT(t, components_are_those_of_the_dense_reference);
    UNIT(t, lifts_are_those_of_the_dense_reference);
    UNIT(t, exposure_is_that_of_the_dense_reference);
    suite_add_tcase(s, t);
    t = tcase_create("failure");
    tcase_add_checked_fixture(t, made_up, NULL);
    UNIT(t, too_few_days_are_not_judged);
    UNIT(t, more_than_forty_per_cent_missing_is_not_judged);
    UNIT(t, days_that_are_all_alike_are_not_judged);
    UNIT(t, one_enormous_day_is_survived);
    UNIT(t, a_weekday_without_figures_takes_its_column_along);
    UNIT(t, a_control_that_is_the_series_itself_is_not_judged);
    UNIT(t, a_constant_control_changes_nothing);
    UNIT(t, posts_on_every_day_or_always_on_one_weekday_cannot_be_told_from_the_days);
    UNIT(t, ranges_that_do_not_touch_or_stand_in_reverse_are_judged);
    UNIT(t, filtering_in_two_parts_is_filtering_at_once);
    suite_add_tcase(s, t);
    return unit_run(s);
}
