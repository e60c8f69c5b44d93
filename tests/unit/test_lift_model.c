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

int main(void)
{
    Suite *s = suite_create("lift_model");
    TCase *t = tcase_create("vectors");

    UNIT(t, the_filter_gives_what_dense_matrices_give);
    UNIT(t, components_are_those_of_the_dense_reference);
    UNIT(t, lifts_are_those_of_the_dense_reference);
    UNIT(t, exposure_is_that_of_the_dense_reference);
    suite_add_tcase(s, t);
    return unit_run(s);
}
