/* Planning, the past, groups, many comparisons: against vectors of other software and naive code.
 */
#include "analysis/course.h"
#include "analysis/equal_age.h"
#include "analysis/multiple.h"
#include "analysis/past.h"
#include "analysis/plan.h"
#include "analysis/sequential.h"
#include "analysis/two_groups.h"
#include "vectors.h"

#include <gsl/gsl_cdf.h>

START_TEST(planned_errors_are_those_of_the_dense_reference)
{
    json_t *v = vectors("mde"), *c;
    size_t i;

    json_array_foreach(member(v, "cases"), i, c)
    {
        int n, h;
        double *y = reals(c, "input.y", &n), *horizon = reals(c, "input.horizons", &h);
        double *se = reals(c, "expected.se", &h);
        double *mdl = reals(c, "expected.min_detectable_lift_80", &h);
        struct daily d = {n, whole(c, "input.weekday0"), y, NULL};
        struct plan plan = {.days = 90};

        ck_assert_int_eq(plan_step(&d, &plan), LIFT_JUDGED);
        for (int k = 0; k < h; k++) {
            NEAR(plan.error[(int)horizon[k]], se[k]);
            NEAR(detectable_lift(plan.error[(int)horizon[k]]), mdl[k]);
        }
        free(y);
        free(horizon);
        free(se);
        free(mdl);
    }
    json_decref(v);
}
END_TEST

START_TEST(ebb_and_flow_is_that_of_other_software)
{
    json_t *v = vectors("placebo");
    int n, n0 = whole(v, "input.n0"), at = whole(v, "input.D");
    double *y = reals(v, "input.y", &n);
    struct daily d = {n, 0, y, NULL};
    struct ranges r = {at - n0, at - 1, at, at + whole(v, "input.n1") - 1, 0};
    struct ebb e;

    ck_assert(ebb_and_flow(&d, &r, &e));
    ck_assert_int_eq(e.comparisons, whole(v, "expected.J"));
    NEAR(e.observed, real(v, "expected.observed"));
    NEAR(e.q10, real(v, "expected.q10"));
    NEAR(e.q90, real(v, "expected.q90"));
    NEAR((1. + e.at_least) / (1 + e.comparisons), real(v, "expected.rank"));
    free(y);
    json_decref(v);
}
END_TEST

START_TEST(the_sequential_test_is_that_of_other_software)
{
    json_t *v = vectors("sequential"), *c;
    size_t i;

    json_array_foreach(member(v, "msprt"), i, c)
    {
        double est = real(c, "est"), se = real(c, "se"), tau = real(c, "tau");

        NEAR(sequential_log_bayes_factor(est, se, tau), real(c, "log_bayes_factor"));
        NEAR(sequential_p(est, se, tau), real(c, "p_always"));
        NEAR(sequential_half_width(se, tau), real(c, "half_width_95"));
    }
    ck_assert_int_eq(i, 15);
    NEAR(PEEK_LINE, real(v, "peek_safe_threshold"));
    NEAR(SEQUENTIAL_TAU, log(1.25));
    json_decref(v);
}
END_TEST

START_TEST(flatness_is_that_of_other_software)
{
    json_t *v = vectors("equivalence"), *c;
    size_t i;

    json_array_foreach(member(v, "cases"), i, c)
    {
        struct mixture m = {.n = 1, .nu = real(c, "df"), .weight = {1}};
        double margin = real(c, "margin");

        m.mean[0] = real(c, "est");
        m.scale[0] = real(c, "se");
        NEAR(mixture_cdf(&m, -log1p(margin)), real(c, "p_lower"));
        NEAR(mixture_above(&m, log1p(margin)), real(c, "p_upper"));
        NEAR(mixture_p_flat(&m, margin), real(c, "p_tost"));
        NEAR(mixture_quantile(&m, .05), real(c, "lo90"));
        NEAR(mixture_quantile(&m, .95), real(c, "hi90"));
        ck_assert_int_eq(mixture_p_flat(&m, margin) < .05, json_is_true(member(c, "equivalent")));
    }
    json_decref(v);
}
END_TEST

START_TEST(quantiles_are_those_of_other_software)
{
    json_t *v = vectors("quantiles"), *c;
    size_t i;

    json_array_foreach(member(v, "t"), i, c)
    {
        NEAR_BY(gsl_cdf_tdist_Pinv(real(c, "p"), real(c, "df")), real(c, "q"), 1e-9 * real(c, "q"));
        NEAR(gsl_cdf_tdist_P(1.5, real(c, "df")), real(c, "cdf_at_1p5"));
    }
    json_array_foreach(member(v, "normal"), i, c)
        NEAR(gsl_cdf_ugaussian_Pinv(real(c, "p")), real(c, "q"));
    json_decref(v);
}
END_TEST

START_TEST(equal_ages_are_those_of_the_reference)
{
    json_t *v = vectors("snapshots"), *c, *pair;
    size_t i, k;

    json_array_foreach(member(v, "cases"), i, c)
    {
        json_t *list = member(c, "snapshots_age_hours_value");
        struct age_reading r[10];
        double value = NAN;
        bool falls = false;
        enum age_result got;

        json_array_foreach(list, k, pair) r[k] = (struct age_reading){
            json_number_value(json_array_get(pair, 0)), json_number_value(json_array_get(pair, 1))};
        got = equal_age(r, k, real(c, "age_hours"), &value, &falls);
        if (isnan(real(c, "value"))) {
            ck_assert_int_eq(got, AGE_TOO_YOUNG);
            continue;
        }
        NEAR(value, real(c, "value"));
        ck_assert_int_eq(got, r[0].age_hours > real(c, "age_hours") ? AGE_EXTRAPOLATED : AGE_READ);
        ck_assert_int_eq(falls, i == 1);
    }
    ck_assert_int_eq(i, 5);
    json_decref(v);
}
END_TEST

START_TEST(a_first_reading_that_came_too_late_is_not_used)
{
    struct age_reading r = {168 * 1.26, 100};
    double value = -1;
    bool falls = false;

    ck_assert_int_eq(equal_age(&r, 1, 168, &value, &falls), AGE_TOO_LATE);
    ck_assert(value < 0);
    r.age_hours = 168 * 1.25;
    ck_assert_int_eq(equal_age(&r, 1, 168, &value, &falls), AGE_EXTRAPOLATED);
    ck_assert(value > 95 && value < 100);
}
END_TEST

START_TEST(q_values_are_those_of_R)
{
    json_t *v = vectors("multiple"), *c;
    size_t i;

    json_array_foreach(member(v, "adjust"), i, c)
    {
        int n;
        double *p = reals(c, "p", &n), *want = reals(c, "bh", &n), q[64];

        ck_assert(multiple_q(p, (size_t)n, q));
        for (int k = 0; k < n; k++)
            NEAR(q[k], want[k]);
        free(p);
        free(want);
    }
    json_decref(v);
}
END_TEST

START_TEST(shrinkage_is_that_of_other_software)
{
    json_t *v = vectors("multiple"), *c;
    size_t i;

    json_array_foreach(member(v, "shrinkage"), i, c)
    {
        int n;
        double *est = reals(c, "input.est", &n), *se = reals(c, "input.se", &n);
        double *df = reals(c, "input.df", &n), *value = reals(c, "expected.shrunk", &n);
        double *sd = reals(c, "expected.post_sd", &n), tau2, mean;
        struct shrunk s[16];

        for (int k = 0; k < n; k++)
            s[k] = (struct shrunk){.estimate = est[k], .error = se[k], .df = df[k]};
        multiple_shrink(s, (size_t)n, &tau2, &mean);
        NEAR(tau2, real(c, "expected.tau2"));
        NEAR(mean, real(c, "expected.mu"));
        for (int k = 0; k < n; k++) {
            NEAR(s[k].value, value[k]);
            NEAR(s[k].sd, sd[k]);
        }
        free(est);
        free(se);
        free(df);
        free(value);
        free(sd);
    }
    ck_assert_int_eq(i, 3);
    json_decref(v);
}
END_TEST

/* ---- groups ---- */

static size_t one_stratum(json_t *c, struct group_post *posts)
{
    int na, nb;
    double *a = reals(c, "input.a", &na), *b = reals(c, "input.b", &nb);

    for (int i = 0; i < na + nb; i++)
        posts[i] = (struct group_post){i < na ? a[i] : b[i - na], 0, i, i < na};
    free(a);
    free(b);
    return (size_t)(na + nb);
}

START_TEST(two_groups_are_those_of_other_software)
{
    json_t *v = vectors("groups"), *c;
    size_t i;
    int permuted = 0, ranked = 0;

    json_array_foreach(member(v, "cases"), i, c)
    {
        struct group_post posts[200];
        size_t n = one_stratum(c, posts);
        json_t *want = member(c, "expected");
        struct groups_finding g;

        ck_assert_int_eq(groups_judge_posts(posts, n, 1, .95, &g), GROUPS_JUDGED);
        NEAR(g.beta, real(want, "welch_log1p.est"));
        NEAR(g.beta / g.se_hc2, real(want, "welch_log1p.t"));
        NEAR_BY(g.ratio_of_means, real(want, "ratio_of_means_descriptive.ratio"),
                1e-9 * g.ratio_of_means);
        NEAR(g.superiority, real(want, "mann_whitney_normal.prob_superiority"));
        if (json_object_get(want, "brunner_munzel")) {
            NEAR(g.superiority, real(want, "brunner_munzel.prob_superiority"));
            NEAR(g.superiority_df, real(want, "brunner_munzel.df"));
            NEAR(g.superiority_p, real(want, "brunner_munzel.p"));
            NEAR(g.superiority_low, real(want, "brunner_munzel.lo95"));
            NEAR(g.superiority_high, real(want, "brunner_munzel.hi95"));
            ranked++;
        }
        if (json_object_get(want, "permutation_exact_studentized_log1p")) {
            NEAR(g.arrangements, real(want, "permutation_exact_studentized_log1p.n_perm"));
            NEAR(g.p, real(want, "permutation_exact_studentized_log1p.p"));
            ck_assert_int_eq(g.method, METHOD_PERMUTATION);
            permuted++;
        }
    }
    ck_assert_int_eq(permuted, 4);
    ck_assert_int_eq(ranked, 4);
    json_decref(v);
}
END_TEST

START_TEST(strata_and_day_clusters_are_those_of_other_software)
{
    json_t *v = vectors("groups"), *c;
    size_t i;

    json_array_foreach(member(v, "stratified"), i, c)
    {
        int n;
        double *y = reals(c, "input.metric", &n), *in_a = reals(c, "input.group", &n);
        double *stratum = reals(c, "input.stratum", &n), *day = reals(c, "input.day", &n);
        json_t *want = member(c, "expected");
        struct group_post posts[200];
        struct groups_finding g;

        for (int k = 0; k < n; k++)
            posts[k] = (struct group_post){y[k], (int)stratum[k], (int)day[k], in_a[k] > 0};
        ck_assert_int_eq(groups_judge_posts(posts, (size_t)n, 100, .95, &g), GROUPS_JUDGED);
        NEAR(g.beta, real(want, "beta"));
        NEAR(g.se_hc2, real(want, "se_hc2"));
        NEAR(g.df_bm, real(want, "df_bell_mccaffrey"));
        NEAR(g.p_hc2, real(want, "p_hc2_bm"));
        NEAR(g.se_day, real(want, "se_cr1_day"));
        NEAR(g.df_day, real(want, "df_cr1_kish"));
        NEAR(g.p_day, real(want, "p_cr1_day"));
        NEAR(g.p, real(want, "p_reported"));
        NEAR(g.low, real(want, "lo95"));
        NEAR(g.high, real(want, "hi95"));
        NEAR(g.ratio_of_means, real(want, "mantel_haenszel_ratio_of_means"));
        ck_assert_uint_eq(g.used_a + g.used_b, (size_t)whole(want, "posts_used"));
        free(y);
        free(in_a);
        free(stratum);
        free(day);
    }
    json_decref(v);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("analysis");
    TCase *t = tcase_create("vectors");

    UNIT(t, planned_errors_are_those_of_the_dense_reference);
    UNIT(t, ebb_and_flow_is_that_of_other_software);
    UNIT(t, the_sequential_test_is_that_of_other_software);
    UNIT(t, flatness_is_that_of_other_software);
    UNIT(t, quantiles_are_those_of_other_software);
    UNIT(t, equal_ages_are_those_of_the_reference);
    UNIT(t, a_first_reading_that_came_too_late_is_not_used);
    UNIT(t, q_values_are_those_of_R);
    UNIT(t, shrinkage_is_that_of_other_software);
    UNIT(t, two_groups_are_those_of_other_software);
    UNIT(t, strata_and_day_clusters_are_those_of_other_software);
    suite_add_tcase(s, t);
    return unit_run(s);
}
