/* Planning, the past, groups, many comparisons: against vectors of other software and naive code.
 */
#include "analysis/course.h"
#include "analysis/equal_age.h"
#include "analysis/multiple.h"
#include "analysis/outliers.h"
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

        ck_assert_int_eq(plan_step(&d, 0, &plan), LIFT_JUDGED);
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

/* ---- groups: failure, and naive code ---- */

static struct groups_finding found;

static enum groups_outcome judge(const struct group_post *posts, size_t n)
{
    return groups_judge_posts(posts, n, 4, .95, &found);
}

START_TEST(groups_of_fewer_than_three_posts_are_not_judged)
{
    struct group_post p[12];

    for (int i = 0; i < 12; i++)
        p[i] = (struct group_post){10 + i, 0, i, false};
    ck_assert_int_eq(judge(p, 0), GROUPS_TOO_FEW);
    for (int a = 0; a < 3; a++) {
        ck_assert_int_eq(judge(p, 12), GROUPS_TOO_FEW);
        p[a].in_a = true;
    }
    ck_assert_int_eq(judge(p, 12), GROUPS_JUDGED);
    ck_assert_int_eq(found.method, METHOD_PERMUTATION);
}
END_TEST

START_TEST(three_against_three_can_never_reach_five_per_cent)
{
    struct group_post p[6];

    for (int i = 0; i < 6; i++)
        p[i] = (struct group_post){i < 3 ? 1000 + i : 1 + i, 0, i, i < 3};
    ck_assert_int_eq(judge(p, 6), GROUPS_JUDGED);
    NEAR(found.arrangements, 20);
    NEAR(found.p, .1);
    NEAR(found.p_floor, .1);
}
END_TEST

START_TEST(values_that_are_all_alike_are_not_judged)
{
    struct group_post p[20];

    for (int i = 0; i < 20; i++)
        p[i] = (struct group_post){7, 0, i, i < 10};
    ck_assert_int_eq(judge(p, 20), GROUPS_CONSTANT);
    for (int i = 0; i < 20; i++)
        p[i].value = 0;
    ck_assert_int_eq(judge(p, 20), GROUPS_CONSTANT);
    ck_assert(isnan(found.ratio_of_means));
    for (int i = 0; i < 20; i++)
        p[i].value = i < 10 ? 500 : 3;
    ck_assert_int_eq(judge(p, 20), GROUPS_CONSTANT);
}
END_TEST

START_TEST(groups_that_share_no_stratum_are_not_judged)
{
    struct group_post p[20];

    for (int i = 0; i < 20; i++)
        p[i] = (struct group_post){i, i < 10 ? 0 : 1, i, i < 10};
    ck_assert_int_eq(judge(p, 20), GROUPS_UNMIXED);
    ck_assert_uint_eq(found.used_a, 0);
}
END_TEST

START_TEST(a_difference_between_strata_is_no_difference_between_groups)
{
    struct group_post p[200];
    unsigned seed = 9;

    /* group a mostly in the stratum where everything is tenfold */
    for (int i = 0; i < 200; i++) {
        bool rich = i % 2, in_a = rand_r(&seed) % 10 < (rich ? 7 : 2);

        p[i] = (struct group_post){(rich ? 1000 : 100) + rand_r(&seed) % 50, rich, i, in_a};
    }
    ck_assert_int_eq(judge(p, 200), GROUPS_JUDGED);
    ck_assert(fabs(found.beta) < .05);
    ck_assert(found.p > .05);
    ck_assert(found.superiority > .6);
}
END_TEST

START_TEST(superiority_and_order_are_those_of_counting_every_pair)
{
    struct group_post p[120];
    uint32_t order[120];
    unsigned seed = 4;

    for (int round = 0; round < 30; round++) {
        double wins = 0, na = 0, nb = 0;

        for (int i = 0; i < 120; i++)
            p[i] = (struct group_post){(double)(rand_r(&seed) % 40) / (round % 2 ? 1 : 8), 0, i,
                                       rand_r(&seed) % 3 == 0};
        ck_assert_int_eq(judge(p, 120), GROUPS_JUDGED);
        for (int i = 0; i < 120; i++)
            for (int k = 0; k < 120; k++)
                if (p[i].in_a && !p[k].in_a)
                    wins += p[i].value > p[k].value ? 1 : p[i].value < p[k].value ? 0 : .5;
        for (int i = 0; i < 120; i++)
            *(p[i].in_a ? &na : &nb) += 1;
        NEAR(found.superiority, wins / na / nb);
        ck_assert(group_posts_sort(p, 120, order));
        for (int i = 1; i < 120; i++)
            ck_assert(p[order[i - 1]].value <= p[order[i]].value);
    }
}
END_TEST

START_TEST(the_order_in_which_posts_come_changes_nothing)
{
    struct group_post p[60], turned[60];
    struct groups_finding first;
    unsigned seed = 8;

    for (int i = 0; i < 60; i++)
        p[i] = (struct group_post){rand_r(&seed) % 900, rand_r(&seed) % 3, rand_r(&seed) % 20,
                                   i % 10 == 0};
    ck_assert_int_eq(judge(p, 60), GROUPS_JUDGED);
    first = found;
    for (int i = 0; i < 60; i++)
        turned[i] = p[59 - i];
    ck_assert_int_eq(judge(turned, 60), GROUPS_JUDGED);
    NEAR(found.beta, first.beta);
    NEAR(found.se_hc2, first.se_hc2);
    NEAR(found.se_day, first.se_day);
    NEAR(found.superiority, first.superiority);
}
END_TEST

START_TEST(drawn_arrangements_do_not_depend_on_the_order_of_posts)
{
    struct group_post p[60];
    unsigned seed = 8;
    double first = 0;

    for (int i = 0; i < 60; i++)
        p[i] = (struct group_post){(i < 6 ? 40 : 20) + rand_r(&seed) % 80, 0, i, i < 6};
    for (int round = 0; round < 10; round++) {
        ck_assert_int_eq(judge(p, 60), GROUPS_JUDGED);
        ck_assert_int_eq(found.method, METHOD_PERMUTATION);
        ck_assert(found.arrangements > ARRANGEMENTS_ALL_MAX);
        first = round ? first : found.p;
        ck_assert_double_eq(found.p, first);
        for (int i = 59; i > 0; i--) {
            int k = (int)(rand_r(&seed) % (unsigned)(i + 1));
            struct group_post swap = p[i];

            p[i] = p[k];
            p[k] = swap;
        }
    }
}
END_TEST

START_TEST(a_group_of_nothing_and_clusters_of_no_freedom_give_no_figure)
{
    struct group_post p[42];

    for (int i = 0; i < 40; i++)
        p[i] = (struct group_post){i < 20 ? 0 : 10 + i % 7, 0, i, i < 20};
    ck_assert_int_eq(judge(p, 40), GROUPS_ZERO);
    /* all of one day but a post of another: a cluster's error would have no freedom at all */
    for (int i = 0; i < 41; i++)
        p[i] = (struct group_post){5 + (i * 7) % 30, 0, i == 40 ? 9 : 3, i % 2 == 0};
    ck_assert_int_eq(judge(p, 41), GROUPS_JUDGED);
    ck_assert_int_eq(found.method, METHOD_HC2_BM);
    ck_assert(isfinite(found.low) && isfinite(found.high) && found.high - found.low < 5);
}
END_TEST

START_TEST(all_less_a_part_is_the_rest)
{
    struct cells all, part, rest;
    const struct cell *c;
    unsigned seed = 2;
    double n = 0, total = 0;

    cells_init(&all);
    cells_init(&part);
    cells_init(&rest);
    for (int i = 0; i < 3000; i++) {
        int stratum = rand_r(&seed) % 9, day = rand_r(&seed) % 200 - 50;
        double v = rand_r(&seed) % 1000;

        ck_assert(cells_add(&all, stratum, day, v, log1p(v)));
        if (i % 3 == 0) {
            ck_assert(cells_add(&part, stratum, day, v, log1p(v)));
        } else {
            n++;
            total += v;
        }
    }
    ck_assert(cells_rest(&all, &part, &rest));
    for (size_t i = 0; i < rest.n; i++) {
        n -= rest.cell[i].n;
        total -= rest.cell[i].total;
    }
    NEAR(n, 0);
    NEAR_BY(total, 0, 1e-6);
    c = cells_find(&all, all.cell[5].stratum, all.cell[5].day);
    ck_assert_ptr_eq(c, &all.cell[5]);
    ck_assert_ptr_null(cells_find(&all, 77, 0));
    cells_clear(&all);
    cells_clear(&part);
    cells_clear(&rest);
}
END_TEST

/* ---- hits and duds ---- */

START_TEST(a_hit_stands_out_of_five_posts_and_an_ordinary_one_does_not)
{
    double v[] = {50, 55, 5000, 48, 52};
    struct spread s;

    ck_assert(spread_of(v, 5, true, &s));
    NEAR(s.median, 52);
    ck_assert(outlier_distance(&s, 5000) > outlier_line(5));
    ck_assert(fabs(outlier_distance(&s, 48)) < outlier_line(5));
    ck_assert(outlier_distance(&s, 1) < -outlier_line(5));
}
END_TEST

START_TEST(counts_spread_at_least_as_counting_does)
{
    double few[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, alike[] = {5, 5, 5, 5, 5, 500};
    double rates[] = {3, 3, 3, 3, 3};
    struct spread s;

    ck_assert(spread_of(few, 10, true, &s));
    ck_assert(outlier_distance(&s, 1) < outlier_line(10));
    ck_assert(spread_of(alike, 6, true, &s));
    ck_assert(outlier_distance(&s, 500) > outlier_line(6));
    ck_assert(outlier_distance(&s, 5) == 0);
    ck_assert(spread_of(rates, 5, false, &s));
    NEAR(s.scale, 0);
    NEAR(outlier_distance(&s, 1e9), 0);
}
END_TEST

START_TEST(the_line_never_rises_within_small_groups_and_holds_for_large_ones)
{
    for (size_t n = 5; n < 300; n++)
        ck_assert(outlier_line(n + 1) <= outlier_line(n));
    ck_assert(outlier_line(1000) > 4 && outlier_line(1000) < 4.2);
    ck_assert(outlier_line(200000) > 5 && outlier_line(200000) < 5.3);
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
    t = tcase_create("groups");
    UNIT(t, groups_of_fewer_than_three_posts_are_not_judged);
    UNIT(t, three_against_three_can_never_reach_five_per_cent);
    UNIT(t, values_that_are_all_alike_are_not_judged);
    UNIT(t, groups_that_share_no_stratum_are_not_judged);
    UNIT(t, a_difference_between_strata_is_no_difference_between_groups);
    UNIT(t, superiority_and_order_are_those_of_counting_every_pair);
    UNIT(t, the_order_in_which_posts_come_changes_nothing);
    UNIT(t, drawn_arrangements_do_not_depend_on_the_order_of_posts);
    UNIT(t, a_group_of_nothing_and_clusters_of_no_freedom_give_no_figure);
    UNIT(t, all_less_a_part_is_the_rest);
    suite_add_tcase(s, t);
    t = tcase_create("hits");
    UNIT(t, a_hit_stands_out_of_five_posts_and_an_ordinary_one_does_not);
    UNIT(t, counts_spread_at_least_as_counting_does);
    UNIT(t, the_line_never_rises_within_small_groups_and_holds_for_large_ones);
    suite_add_tcase(s, t);
    return unit_run(s);
}
