/*
 * The questions, on random data against naive computations in plain loops, and
 * case by case where something must be refused or left out.
 */
#include "analysis/describe.h"
#include "answer/groups.h"
#include "answer/lift.h"
#include "answer/types.h"
#include "base/day.h"
#include "base/utf8.h"
#include "store/posts.h"
#include "store/sources.h"
#include "store/traffic.h"
#include "unit.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static char dir[64], path[96];
static struct store *store;

static void setup(void)
{
    struct fail f = {0};

    strcpy(dir, "/tmp/postlift-test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/t.db", dir);
    store = store_open(path, NULL, &f);
    ck_assert_msg(store != NULL, "%s", f.sentence);
}

static void teardown(void)
{
    char command[128];

    store_close(store);
    snprintf(command, sizeof command, "rm -rf %s", dir);
    ck_assert_int_eq(system(command), 0);
}

/* arrives: hours after the day's end that the figure came; negative: before. */
static void traffic(const char *source, const char *region, const char *campaign, int32_t day,
                    int64_t sessions, int64_t users, int arrives, const char *scheme)
{
    struct sender from = {.now_ms = (day + 1) * MS_PER_DAY + arrives * 3600000ll};
    enum put_result result;
    bool changed = false;
    struct record r;
    struct fail f = {0};

    record_init(&r, RECORD_TRAFFIC);
    r.traffic.source = source;
    r.traffic.scheme = scheme;
    r.traffic.region = region;
    r.traffic.campaign = campaign;
    r.traffic.day = day;
    r.traffic.metric[0] = sessions;
    r.traffic.metric[1] = users;
    r.stated = (sessions == COUNT_ABSENT ? 0u : 1u << TRAFFIC_SESSIONS) |
               (users == COUNT_ABSENT ? 0u : 1u << TRAFFIC_USERS);
    ck_assert_msg(traffic_put(store, &r, &from, &result, &changed, &f), "%s", f.sentence);
}

static void day_of(const char *source, const char *date, int64_t sessions)
{
    traffic(source, NULL, NULL, day_parse(date, 10), sessions, COUNT_ABSENT, 5, "");
}

/* Asks by "name=value&name=value"; the slug of a refusal, or "". */
static const char *ask_lift(const char *query, struct lift_answer *a)
{
    static struct fail f;
    static char copy[512];
    const char *names[32], *values[32];
    struct params p = {0, names, values};
    static struct lift_question q; /* the answer points into it until the next one is asked */
    char *save = NULL;

    lift_question_clear(&q);
    lift_question_init(&q);
    memset(&f, 0, sizeof f);
    memset(a, 0, sizeof *a);
    snprintf(copy, sizeof copy, "%s", query);
    for (char *w = strtok_r(copy, "&", &save); w; w = strtok_r(NULL, "&", &save)) {
        char *eq = strchr(w, '=');

        *eq = 0;
        names[p.n] = w;
        values[p.n++] = eq + 1;
    }
    if (lift_question_read(&p, &q, &f))
        lift_answer(store->db, store->zone, &q, a, &f);
    return f.slug;
}

START_TEST(the_change_is_the_ratio_of_daily_means_over_the_days_that_have_figures)
{
    unsigned seed = 3;

    for (int round = 0; round < 40; round++) {
        int32_t first = day_from_civil(2022, 1, 1) + round * 400;
        int before = 5 + (int)(rand_r(&seed) % 60), after = 3 + (int)(rand_r(&seed) % 40);
        double sum[2] = {0, 0};
        int n[2] = {0, 0}, missing[2] = {0, 0}, unfinished[2] = {0, 0};
        char query[256], start[DAY_TEXT], end[DAY_TEXT], source[32];
        struct lift_answer a;

        snprintf(source, sizeof source, "s%d", round);
        for (int i = 0; i < before + after; i++) {
            int side = i >= before;
            unsigned fate = rand_r(&seed) % 10;
            int64_t v = rand_r(&seed) % 50;

            if (fate == 0 && i != before + after - 1 && i != 0) {
                missing[side]++;
                continue;
            }
            traffic(source, NULL, NULL, first + i, v, COUNT_ABSENT, fate == 1 ? -3 : 5, "");
            if (fate == 1) {
                unfinished[side]++;
                continue;
            }
            sum[side] += (double)v;
            n[side]++;
        }
        snprintf(query, sizeof query, "source=%s&start=%s&end=%s&baseline=%d", source,
                 day_format(first + before, start), day_format(first + before + after - 1, end),
                 before);
        ck_assert_str_eq(ask_lift(query, &a), "");
        ck_assert_int_eq(a.baseline.days_used, n[0]);
        ck_assert_int_eq(a.after.days_used, n[1]);
        ck_assert_int_eq(a.baseline.days_missing, missing[0]);
        ck_assert_int_eq(a.after.days_missing, missing[1]);
        ck_assert_int_eq(a.baseline.days_unfinished, unfinished[0]);
        ck_assert_int_eq(a.after.days_unfinished, unfinished[1]);
        ck_assert_int_eq(warned(&a.warnings, "missing-days"), missing[0] + missing[1] > 0);
        ck_assert_int_eq(warned(&a.warnings, "unfinished-day"), unfinished[0] + unfinished[1] > 0);
        if (n[0] && n[1] && sum[0] > 0)
            ck_assert_double_eq_tol(a.change, sum[1] / n[1] / (sum[0] / n[0]) - 1, 1e-12);
        lift_answer_clear(&a);
    }
}
END_TEST

START_TEST(a_change_from_zero_is_no_number)
{
    struct lift_answer a;

    for (int i = 1; i <= 9; i++) {
        char date[32];

        snprintf(date, sizeof date, "2022-11-0%d", i);
        day_of("facebook", date, i > 5 ? 10 : 0);
    }
    ck_assert_str_eq(ask_lift("source=facebook&start=2022-11-06&baseline=5", &a), "");
    ck_assert(!a.has_change);
    ck_assert(warned(&a.warnings, "change-from-zero"));
    ck_assert_int_eq(a.question.end, day_from_civil(2022, 11, 9));
    lift_answer_clear(&a);
}
END_TEST

START_TEST(an_open_end_is_the_last_complete_day_and_not_the_last_day)
{
    struct lift_answer a;
    int32_t d = day_from_civil(2022, 11, 1);

    for (int i = 0; i < 10; i++)
        traffic("social", NULL, NULL, d + i, 5, COUNT_ABSENT, i == 9 ? -4 : 4, "");
    ck_assert_str_eq(ask_lift("source=social&start=2022-11-06&baseline=5", &a), "");
    ck_assert_int_eq(a.question.end, d + 8);
    ck_assert_int_eq(a.after.days_unfinished, 0);
    lift_answer_clear(&a);
    ck_assert_str_eq(ask_lift("source=social&start=2022-11-06&end=2022-11-10&baseline=5", &a), "");
    ck_assert_int_eq(a.after.days_unfinished, 1);
    lift_answer_clear(&a);
    ck_assert_str_eq(ask_lift("source=social&start=2022-11-20", &a), "no-data");
    lift_answer_clear(&a);
}
END_TEST

START_TEST(social_is_the_channels_total_where_there_is_one_and_else_the_sum_of_platforms)
{
    struct lift_answer a;

    for (int i = 1; i <= 9; i++) {
        char date[32];

        snprintf(date, sizeof date, "2022-11-0%d", i);
        day_of("facebook", date, 10);
        day_of("t.co / referral", date, 5);
        day_of("organic", date, 100);
    }
    ck_assert_str_eq(ask_lift("source=social&start=2022-11-06&baseline=5", &a), "");
    ck_assert_int_eq(a.series.kind, SERIES_PLATFORM_SUM);
    ck_assert_double_eq(a.after.daily_mean, 15);
    lift_answer_clear(&a);
    for (int i = 1; i <= 9; i++) {
        char date[32];

        snprintf(date, sizeof date, "2022-11-0%d", i);
        day_of("Organic Social", date, 17);
    }
    ck_assert_str_eq(ask_lift("source=social&start=2022-11-06&baseline=5", &a), "");
    ck_assert_int_eq(a.series.kind, SERIES_CHANNEL_TOTAL);
    ck_assert_double_eq(a.after.daily_mean, 17);
    ck_assert_int_eq(a.series.n_names, 1);
    lift_answer_clear(&a);
}
END_TEST

START_TEST(users_are_never_added_up)
{
    struct lift_answer a;
    int32_t d = day_from_civil(2022, 11, 1);

    for (int i = 0; i < 9; i++) {
        traffic("facebook", NULL, NULL, d + i, 10, 8, 4, "");
        traffic("x", NULL, NULL, d + i, 10, 8, 4, "");
        traffic("eu-and-us", "eu", NULL, d + i, 10, 8, 4, "");
        traffic("eu-and-us", "us", NULL, d + i, 10, 8, 4, "");
        traffic("tagged", NULL, "c1", d + i, 10, 8, 4, "");
        traffic("tagged", NULL, "c2", d + i, 10, 8, 4, "");
    }
    ck_assert_str_eq(ask_lift("metric=users&source=social&start=2022-11-06&baseline=5", &a),
                     "not-additive");
    ck_assert_str_eq(ask_lift("metric=users&source=eu-and-us&start=2022-11-06&baseline=5", &a),
                     "not-additive");
    ck_assert_str_eq(ask_lift("metric=users&source=tagged&start=2022-11-06&baseline=5", &a),
                     "not-additive");
    ck_assert_str_eq(
        ask_lift("metric=users&source=eu-and-us&region=eu&start=2022-11-06&baseline=5", &a), "");
    ck_assert_double_eq(a.after.daily_mean, 8);
    lift_answer_clear(&a);
    ck_assert_str_eq(ask_lift("metric=users&source=facebook&start=2022-11-06&baseline=5", &a), "");
    ck_assert(!a.additive);
    lift_answer_clear(&a);
    ck_assert_str_eq(ask_lift("metric=sessions&source=tagged&start=2022-11-06&baseline=5", &a), "");
    ck_assert_double_eq(a.after.daily_mean, 20);
    lift_answer_clear(&a);
}
END_TEST

START_TEST(rows_with_a_campaign_and_without_one_are_different_visits)
{
    struct lift_answer a;
    int32_t d = day_from_civil(2022, 11, 1);

    for (int i = 0; i < 9; i++) {
        traffic("facebook", NULL, NULL, d + i, 10, COUNT_ABSENT, 4, "");
        traffic("facebook", NULL, "memes", d + i, 4, COUNT_ABSENT, 4, "");
    }
    ck_assert_str_eq(ask_lift("source=facebook&start=2022-11-06&baseline=5", &a), "");
    ck_assert_double_eq(a.after.daily_mean, 14);
    ck_assert(warned(&a.warnings, "campaigns-added"));
    lift_answer_clear(&a);
    ck_assert_str_eq(ask_lift("source=facebook&campaign=memes&start=2022-11-06&baseline=5", &a),
                     "");
    ck_assert_double_eq(a.after.daily_mean, 4);
    ck_assert(!warned(&a.warnings, "campaigns-added"));
    lift_answer_clear(&a);
}
END_TEST

START_TEST(a_name_that_is_late_leaves_days_unknown_and_one_that_has_ended_does_not)
{
    struct lift_answer a;
    int32_t d = day_from_civil(2022, 11, 1);

    for (int i = 0; i < 60; i++) {
        traffic("facebook", NULL, NULL, d + i, 10, COUNT_ABSENT, 4, "");
        if (i < 58 && i != 10)
            traffic("linkedin", NULL, NULL, d + i, 5, COUNT_ABSENT, 4, "");
        if (i < 20)
            traffic("xing", NULL, NULL, d + i, 1, COUNT_ABSENT, 4, "");
    }
    /* linkedin lags by two days: the last known day is the 58th */
    ck_assert_str_eq(ask_lift("source=social&start=2022-12-20&baseline=14d", &a), "");
    ck_assert_int_eq(a.question.end, d + 57);
    ck_assert_double_eq(a.after.daily_mean, 15);
    lift_answer_clear(&a);
    /* a gap at the edge of the days asked about is a gap */
    ck_assert_str_eq(ask_lift("source=social&start=2022-11-12&end=2022-11-15&baseline=1d", &a), "");
    ck_assert_int_eq(a.baseline.days_missing, 1);
    lift_answer_clear(&a);
    /* xing ended long ago, and is said to where it matters */
    ck_assert_str_eq(ask_lift("source=social&start=2022-11-25&end=2022-11-30&baseline=20d", &a),
                     "");
    ck_assert_int_eq(a.after.days_missing, 0);
    ck_assert(warned(&a.warnings, "source-ends-earlier"));
    lift_answer_clear(&a);
}
END_TEST

START_TEST(a_sum_that_lacks_a_name_is_unknown_unless_a_file_says_that_absent_means_zero)
{
    struct sender file = {.import_id = 1, .now_ms = day_from_civil(2023, 1, 1) * MS_PER_DAY};
    int32_t d = day_from_civil(2022, 11, 1);
    struct lift_answer a;
    struct fail f = {0};

    for (int i = 0; i < 10; i++) {
        traffic("facebook.com / referral", NULL, NULL, d + i, 10, COUNT_ABSENT, 4, "source-medium");
        if (i != 3)
            traffic("m.facebook.com / referral", NULL, NULL, d + i, 10, COUNT_ABSENT, 4,
                    "source-medium");
    }
    ck_assert_str_eq(ask_lift("source=facebook&start=2022-11-06&baseline=5", &a), "");
    ck_assert_int_eq(a.baseline.days_missing, 1);
    ck_assert(warned(&a.warnings, "incomplete-sum"));
    ck_assert_double_eq(a.baseline.daily_mean, 20);
    lift_answer_clear(&a);
    for (int i = 0; i < 10; i++)
        ck_assert(coverage_put(store, "source-medium", "-", d + i, 1, &file, &f));
    ck_assert_str_eq(ask_lift("source=facebook&start=2022-11-06&baseline=5", &a), "");
    ck_assert_int_eq(a.baseline.days_missing, 0);
    ck_assert_double_eq_tol(a.baseline.daily_mean, 90. / 5, 1e-12);
    lift_answer_clear(&a);
}
END_TEST

START_TEST(a_short_period_is_warned_of_and_a_longer_one_is_not)
{
    int32_t d = day_from_civil(2022, 6, 1);
    struct lift_answer a;

    for (int i = 0; i < 120; i++)
        traffic("facebook", NULL, NULL, d + i, 10, COUNT_ABSENT, 4, "");
    ck_assert_str_eq(ask_lift("source=facebook&start=2022-08-30&end=2022-09-25&baseline=60", &a),
                     "");
    ck_assert(warned(&a.warnings, "short-period"));
    lift_answer_clear(&a);
    ck_assert_str_eq(ask_lift("source=facebook&start=2022-08-30&end=2022-09-26&baseline=60", &a),
                     "");
    ck_assert(!warned(&a.warnings, "short-period"));
    lift_answer_clear(&a);
    ck_assert_str_eq(ask_lift("source=facebook&start=2022-08-30&end=2022-09-26&baseline=55", &a),
                     "");
    ck_assert(warned(&a.warnings, "short-period"));
    lift_answer_clear(&a);
}
END_TEST

START_TEST(a_source_that_begins_within_the_days_is_said)
{
    int32_t d = day_from_civil(2022, 11, 1);
    struct lift_answer a;

    for (int i = 0; i < 10; i++) {
        traffic("facebook", NULL, NULL, d + i, 10, COUNT_ABSENT, 4, "");
        if (i >= 5)
            traffic("tiktok", NULL, NULL, d + i, 10, COUNT_ABSENT, 4, "");
    }
    ck_assert_str_eq(ask_lift("source=social&start=2022-11-06&baseline=5", &a), "");
    ck_assert(warned(&a.warnings, "source-starts-later"));
    ck_assert_int_eq(a.baseline.days_used, 5);
    lift_answer_clear(&a);
}
END_TEST

START_TEST(two_ranges_that_do_not_touch_are_compared_in_either_order)
{
    struct lift_answer a;

    for (int i = 1; i <= 9; i++) {
        char date[32];

        snprintf(date, sizeof date, "2022-11-0%d", i);
        day_of("facebook", date, i);
    }
    ck_assert_str_eq(ask_lift("source=facebook&start=2022-11-08&end=2022-11-09"
                              "&baseline_from=2022-11-01&baseline_to=2022-11-02",
                              &a),
                     "");
    ck_assert_double_eq_tol(a.change, 8.5 / 1.5 - 1, 1e-12);
    lift_answer_clear(&a);
    ck_assert_str_eq(ask_lift("source=facebook&start=2022-11-01&end=2022-11-02"
                              "&baseline_from=2022-11-08&baseline_to=2022-11-09",
                              &a),
                     "");
    ck_assert_double_eq_tol(a.change, 1.5 / 8.5 - 1, 1e-12);
    lift_answer_clear(&a);
}
END_TEST

START_TEST(questions_that_cannot_be_meant_are_refused_by_name)
{
    static const char *const cases[][2] = {
        {"start=2022-11-06", "missing-parameter"},
        {"source=facebook", "missing-parameter"},
        {"source=facebook&start=2022-02-30", "bad-date"},
        {"source=facebook&start=2022-11-06&metric=likes", "unknown-metric"},
        {"source=facebook&start=2022-11-06&end=2022-11-05", "empty-range"},
        {"source=facebook&start=2022-11-06&end=2022-11-09&baseline_from=2022-11-01"
         "&baseline_to=2022-11-06",
         "overlapping-ranges"},
        {"source=facebook&start=2022-11-06&baseline_to=2022-11-01", "missing-parameter"},
        {"source=facebook&start=2022-11-06&baseline_from=2022-11-03&baseline_to=2022-11-01",
         "empty-range"},
        {"source=facebook&start=2022-11-06&baseline=90d&baseline_from=2022-11-01", "two-baselines"},
        {"source=facebook&start=2022-11-06&baseline=0", "bad-number"},
        {"source=facebook&start=2022-11-06&baseline=99999999999999999999", "bad-number"},
        {"source=facebook&start=2022-11-06&baseline=5x", "bad-number"},
        {"source=facebook&start=2022-11-06&strat=1", "unknown-parameter"},
        {"source=facebook&source=x&start=2022-11-06", "repeated-parameter"},
        {"source=facebook&start=2022-11-06&level=95", "bad-number"},
        {"source=facebook&start=2022-11-06&level=nan", "bad-number"},
        {"source=facebook&start=2022-11-06&series=yes", "bad-flag"},
        {"source=facebook&start=2022-11-06&control=facebook", "control-is-source"},
        {"source=facebook&start=2022-11-06&control=,", "bad-value"},
        {"source=nowhere&start=2022-11-06", "unknown-source"},
        {"source=all&start=2022-11-06", "no-total"},
        {"source=facebook&start=1901-01-01&end=2022-11-06", "range-too-long"},
        {"source=facebook&start=2022-11-06&baseline_from=1950-01-01&baseline_to=1950-01-31",
         "range-too-long"},
    };
    struct lift_answer a;

    day_of("facebook", "2022-11-06", 3);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *slug = ask_lift(cases[i][0], &a);

        ck_assert_msg(strcmp(slug, cases[i][1]) == 0, "%s: %s", cases[i][0], slug);
        lift_answer_clear(&a);
    }
}
END_TEST

/* ---- posts ---- */

static void post(int id, const char *platform, const char *type, const char *tags, int32_t day,
                 int64_t likes, int64_t shares)
{
    struct sender from = {.now_ms = (day + 30) * MS_PER_DAY};
    char text[16];
    enum put_result result;
    bool changed = false;
    struct record r;
    struct fail f = {0};

    record_init(&r, RECORD_POST);
    snprintf(text, sizeof text, "%d", id);
    r.post.platform = platform;
    r.post.id = text;
    r.post.type = type;
    r.post.tags = tags;
    r.post.posted_at_ms = day * MS_PER_DAY + 3600000;
    r.post.metric[POST_LIKES - POST_FIRST_METRIC] = likes;
    r.post.metric[POST_SHARES - POST_FIRST_METRIC] = shares;
    r.stated = 1u << POST_PLATFORM | 1u << POST_ID | 1u << POST_TYPE | 1u << POST_POSTED_AT |
               1u << POST_TAGS;
    if (likes != COUNT_ABSENT)
        r.stated |= 1u << POST_LIKES;
    if (shares != COUNT_ABSENT)
        r.stated |= 1u << POST_SHARES;
    ck_assert_msg(post_put(store, &r, &from, &result, &changed, &f), "%s", f.sentence);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static void naive(double *v, int n, double *mean, double *median)
{
    *mean = 0;
    qsort(v, (size_t)n, sizeof *v, by_value);
    for (int i = 0; i < n; i++)
        *mean += v[i] / n;
    *median = n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

static void compare(const char *metric, const char *a_type, const char *b_type,
                    struct compare_answer *a)
{
    struct compare_question q;
    struct fail f = {0};

    compare_answer_clear(a);
    compare_question_init(&q);
    q.figure = post_figure(metric);
    q.rest = !b_type;
    ck_assert(filter_add(&q.a, "type", a_type, &f));
    if (b_type)
        ck_assert(filter_add(&q.b, "type", b_type, &f));
    ck_assert_msg(compare_answer(store->db, &q, a, &f), "%s", f.sentence);
    compare_question_clear(&q);
}

START_TEST(groups_have_the_means_and_medians_of_a_naive_count)
{
    static const char *const types[] = {"meme", "poll", "link"};
    double likes[2][300], mean, median;
    int n[2] = {0, 0}, absent[2] = {0, 0};
    struct compare_answer a = {0};
    unsigned seed = 11;

    for (int i = 0; i < 300; i++) {
        const char *type = types[rand_r(&seed) % 3];
        int group = strcmp(type, "meme") != 0;
        int64_t v = rand_r(&seed) % 5 ? (int64_t)(rand_r(&seed) % 400) : COUNT_ABSENT;

        /* few days: every platform and block of 28 days has both groups */
        post(i, i % 2 ? "x" : "facebook", type, "", 19000 + i % 84, v, COUNT_ABSENT);
        if (v == COUNT_ABSENT)
            absent[group]++;
        else
            likes[group][n[group]++] = (double)v;
    }
    compare("likes", "meme", NULL, &a);
    ck_assert_int_eq((int)a.a.n, n[0]);
    ck_assert_int_eq((int)a.b.n, n[1]);
    ck_assert_int_eq(a.a.absent, absent[0]);
    ck_assert_int_eq(a.b.absent, absent[1]);
    naive(likes[0], n[0], &mean, &median);
    ck_assert_double_eq_tol(a.a.mean, mean, 1e-9);
    ck_assert_double_eq(a.a.median, median);
    ck_assert_double_eq(a.a.largest, likes[0][n[0] - 1]);
    naive(likes[1], n[1], &mean, &median);
    ck_assert_double_eq_tol(a.b.mean, mean, 1e-9);
    ck_assert_double_eq(a.b.median, median);
    ck_assert_double_eq_tol(a.change, a.a.mean / a.b.mean - 1, 1e-12);
    ck_assert(warned(&a.warnings, "missing-metric"));
    compare_answer_clear(&a);
}
END_TEST

START_TEST(an_absent_metric_is_left_out_and_a_group_of_none_has_no_change)
{
    struct compare_answer a = {0};

    post(1, "x", "meme", "", 19000, COUNT_ABSENT, COUNT_ABSENT);
    post(2, "x", "poll", "", 19000, 0, COUNT_ABSENT);
    compare("likes", "meme", "poll", &a);
    ck_assert_int_eq(a.a.posts, 1);
    ck_assert_int_eq((int)a.a.n, 0);
    ck_assert(!a.has_change);
    ck_assert(warned(&a.warnings, "no-data"));
    post(1, "x", "meme", "", 19000, 5, COUNT_ABSENT);
    compare("likes", "meme", "poll", &a);
    ck_assert(!a.has_change);
    ck_assert(warned(&a.warnings, "change-from-zero"));
    compare_answer_clear(&a);
}
END_TEST

START_TEST(engagement_with_uneven_parts_is_warned_of)
{
    struct compare_answer a = {0};

    post(1, "x", "meme", "", 19000, 5, 2);
    post(2, "x", "poll", "", 19000, 5, COUNT_ABSENT);
    compare("engagement", "meme", "poll", &a);
    ck_assert_double_eq(a.a.mean, 7);
    ck_assert_double_eq(a.b.mean, 5);
    ck_assert(warned(&a.warnings, "uneven-parts"));
    compare_answer_clear(&a);
}
END_TEST

START_TEST(posts_that_match_both_groups_are_left_out_of_both_and_counted)
{
    struct compare_question q;
    struct compare_answer a = {0};
    struct fail f = {0};

    post(1, "x", "meme", "cats", 19000, 5, 2);
    post(2, "x", "meme", "", 19000, 50, 2);
    post(3, "x", "poll", "cats", 19000, 500, 2);
    compare_question_init(&q);
    q.figure = post_figure("likes");
    ck_assert(filter_add(&q.a, "type", "meme", &f) && filter_add(&q.b, "tag", "cats", &f));
    ck_assert(compare_answer(store->db, &q, &a, &f));
    ck_assert_int_eq(a.in_both, 1);
    ck_assert_double_eq(a.a.mean, 50);
    ck_assert_double_eq(a.b.mean, 500);
    ck_assert(warned(&a.warnings, "groups-overlap"));
    compare_question_clear(&q);
    compare_answer_clear(&a);
}
END_TEST

START_TEST(types_stand_beside_the_websites_days_with_and_without_them)
{
    struct types_question q;
    struct types_answer a;
    struct fail f = {0};

    for (int i = 0; i < 20; i++) {
        traffic("facebook", NULL, NULL, 19000 + i, i % 4 == 0 ? 30 : 10, COUNT_ABSENT, 4, "");
        post(i, "facebook", "link", "", 19000 + i, 10, COUNT_ABSENT);
        if (i % 4 == 0)
            post(100 + i, "facebook", "meme", "a b", 19000 + i, 40, COUNT_ABSENT);
    }
    types_question_init(&q);
    ck_assert_msg(types_answer(store->db, store->zone, &q, &a, &f), "%s", f.sentence);
    ck_assert_int_eq(a.n, 2);
    ck_assert_str_eq(a.row[0].name, "link");
    ck_assert_int_eq(a.row[0].days_without, 0);
    ck_assert(!a.row[0].has_change);
    ck_assert_str_eq(a.row[1].name, "meme");
    ck_assert_int_eq(a.row[1].posts, 5);
    ck_assert_int_eq(a.row[1].days_with, 5);
    ck_assert_int_eq(a.row[1].days_without, 15);
    ck_assert_double_eq_tol(a.row[1].change, 2, 1e-12);
    ck_assert(warned(&a.warnings, "observational"));
    types_answer_clear(&a);
    q.by = BY_TAG;
    ck_assert(types_answer(store->db, store->zone, &q, &a, &f));
    ck_assert_int_eq(a.n, 2);
    ck_assert_str_eq(a.row[0].name, "a");
    types_answer_clear(&a);
    strcpy(q.source, "all");
    ck_assert(types_answer(store->db, store->zone, &q, &a, &f));
    ck_assert(!a.has_traffic);
    ck_assert(warned(&a.warnings, "no-traffic"));
    types_answer_clear(&a);
    types_question_clear(&q);
}
END_TEST

START_TEST(an_empty_store_answers_in_words_and_without_figures)
{
    struct types_question q;
    struct types_answer t;
    struct compare_answer c = {0};
    struct lift_answer a;
    struct fail f = {0};

    compare("likes", "meme", NULL, &c);
    ck_assert(!c.has_change);
    types_question_init(&q);
    ck_assert(types_answer(store->db, store->zone, &q, &t, &f));
    ck_assert_int_eq(t.n, 0);
    types_answer_clear(&t);
    types_question_clear(&q);
    ck_assert_str_eq(ask_lift("source=social&start=2022-11-06", &a), "no-data");
    lift_answer_clear(&a);
    compare_answer_clear(&c);
}
END_TEST

/* ---- posts at equal age ---- */

/* One reading of a post of day 19000 on x, some hours after it went out. */
static void reading(int id, const char *type, int hours, int metric, int64_t v, int other,
                    int64_t w)
{
    int64_t posted = 19000 * MS_PER_DAY + 3600000;
    struct sender from = {.now_ms = posted + 1000 * 3600000ll};
    enum put_result result;
    bool changed = false;
    char text[16];
    struct record r;
    struct fail f = {0};

    record_init(&r, RECORD_POST);
    snprintf(text, sizeof text, "%d", id);
    r.post.platform = "x";
    r.post.id = text;
    r.post.type = type;
    r.post.posted_at_ms = posted;
    r.post.observed_at_ms = posted + hours * 3600000ll;
    r.post.metric[metric - POST_FIRST_METRIC] = v;
    r.stated = 1u << POST_PLATFORM | 1u << POST_ID | 1u << POST_TYPE | 1u << POST_POSTED_AT |
               1u << POST_OBSERVED_AT | 1u << metric;
    if (other) {
        r.post.metric[other - POST_FIRST_METRIC] = w;
        r.stated |= 1u << other;
    }
    ck_assert_msg(post_put(store, &r, &from, &result, &changed, &f), "%s", f.sentence);
}

START_TEST(posts_are_compared_at_the_age_that_both_groups_were_read_at)
{
    double part = (log(169) - log(25)) / (log(241) - log(25));
    struct compare_answer a = {0};

    for (int i = 0; i < 10; i++) {
        reading(i, "meme", 24, POST_LIKES, 50 + i, 0, 0);
        reading(i, "meme", 240, POST_LIKES, 100 + i, 0, 0);
        reading(50 + i, "link", 168, POST_LIKES, 80 + i, 0, 0);
        reading(50 + i, "link", 700, POST_LIKES, 8000, 0, 0);
    }
    compare("likes", "meme", "link", &a);
    ck_assert_double_eq(a.age_hours, 168);
    ck_assert_double_eq_tol(a.a.mean, 54.5 + 50 * part, 1e-9);
    ck_assert_double_eq_tol(a.b.mean, 84.5, 1e-9);
    compare_answer_clear(&a);
}
END_TEST

START_TEST(without_a_common_age_latest_readings_of_a_week_serve_for_all_alike)
{
    struct compare_answer a = {0};

    for (int i = 0; i < 10; i++) {
        reading(i, "meme", 20 + i, POST_LIKES, 50 + i, 0, 0);
        reading(50 + i, "link", 700, POST_LIKES, 80 + i, 0, 0);
    }
    compare("likes", "meme", "link", &a);
    ck_assert_double_eq(a.age_hours, 0);
    ck_assert_int_eq((int)a.a.n, 0);
    ck_assert_int_eq((int)a.a.too_young, 10);
    ck_assert(warned(&a.warnings, "age-unequal"));
    ck_assert_int_eq(a.judged.verdict, VERDICT_INSUFFICIENT_DATA);
    compare_answer_clear(&a);
}
END_TEST

START_TEST(latest_readings_of_ages_far_apart_give_no_verdict)
{
    struct compare_answer a = {0};

    /* the same posts at heart, the first read at 60 days and the second at 8 */
    for (int i = 0; i < 30; i++) {
        reading(i, "meme", 60 * 24, POST_LIKES, 300 + i, 0, 0);
        reading(50 + i, "link", 8 * 24 + 30, POST_LIKES, 200 + i, 0, 0);
    }
    compare("likes", "meme", "link", &a);
    ck_assert_double_eq(a.age_hours, 0);
    ck_assert_int_eq(a.judged.outcome, GROUPS_JUDGED);
    ck_assert(a.judged.found.p < .001);
    ck_assert(a.judged.ages_apart);
    ck_assert_int_eq(a.judged.verdict, VERDICT_CANNOT_TELL);
    ck_assert_ptr_nonnull(
        strstr(buf_text(&a.sentence), "read at an age of 60 days and the second of 9 days"));
    compare_answer_clear(&a);
}
END_TEST

START_TEST(an_age_that_is_asked_for_is_kept_and_what_lacks_it_is_left_out)
{
    struct compare_question q;
    struct compare_answer a;
    struct fail f = {0};

    for (int i = 0; i < 10; i++) {
        reading(i, "meme", i < 4 ? 72 : 30, POST_LIKES, 50 + i, 0, 0);
        reading(50 + i, "link", 700, POST_LIKES, 80 + i, 0, 0);
    }
    compare_question_init(&q);
    q.figure = post_figure("likes");
    q.age_hours = 72;
    q.rest = true;
    ck_assert(filter_add(&q.a, "type", "meme", &f));
    ck_assert(compare_answer(store->db, &q, &a, &f));
    ck_assert_double_eq(a.age_hours, 72);
    ck_assert_int_eq((int)a.a.n, 4);
    ck_assert_int_eq((int)a.a.too_young, 6);
    ck_assert_int_eq((int)a.b.too_late, 10);
    ck_assert(warned(&a.warnings, "age-rarely-read"));
    ck_assert_int_eq(a.judged.verdict, VERDICT_INSUFFICIENT_DATA);
    compare_answer_clear(&a);
    compare_question_clear(&q);
}
END_TEST

START_TEST(a_rate_is_read_from_both_of_its_counts_at_the_age)
{
    struct compare_answer a = {0};

    for (int i = 0; i < 10; i++) {
        reading(i, "meme", 24, POST_CLICKS, 10 + i, POST_REACH, 100);
        reading(i, "meme", 168, POST_CLICKS, 20 + i, POST_REACH, 1000);
        reading(50 + i, "link", 24, POST_CLICKS, 2, POST_REACH, 100);
        reading(50 + i, "link", 168, POST_CLICKS, 20 + i, POST_REACH, 1000);
    }
    compare("clicks_per_1000_reach", "meme", "link", &a);
    ck_assert_double_eq(a.age_hours, 168);
    ck_assert_double_eq_tol(a.a.mean, 24.5, 1e-9);
    ck_assert_double_eq_tol(a.change, 0, 1e-12);
    ck_assert(!warned(&a.warnings, "readings-fell"));
    compare_answer_clear(&a);
}
END_TEST

START_TEST(a_reading_is_as_old_as_the_metric_that_was_read)
{
    struct compare_answer a = {0};

    /* likes of the first day, comments of a month later: the likes are no month old */
    for (int i = 0; i < 10; i++) {
        reading(i, "meme", 24, POST_LIKES, 10 + i, 0, 0);
        reading(i, "meme", 720, POST_COMMENTS, 3, 0, 0);
        reading(50 + i, "link", 400, POST_LIKES, 100 + i, 0, 0);
        reading(50 + i, "link", 720, POST_COMMENTS, 3, 0, 0);
    }
    compare("likes", "meme", "link", &a);
    ck_assert_int_eq((int)a.a.n, 0);
    ck_assert_int_eq((int)a.a.too_young, 10);
    ck_assert_int_eq((int)a.b.n, 10);
    compare_answer_clear(&a);
}
END_TEST

/* ---- judged days ---- */

/* Days of some noise by a fixed sequence, around a level. */
static void noisy(const char *source, int32_t first, int n, int level)
{
    unsigned seed = 17;

    for (int i = 0; i < n; i++)
        traffic(source, NULL, NULL, first + i, level + (int)(rand_r(&seed) % (unsigned)level) / 4,
                COUNT_ABSENT, 5, "");
}

START_TEST(a_control_that_lacks_the_days_after_is_left_out_and_judges_nothing)
{
    int32_t first = day_from_civil(2023, 1, 1);
    struct lift_answer a;

    noisy("facebook", first, 98, 200);
    noisy("direct", first, 91, 900);
    ck_assert_str_eq(ask_lift("source=facebook&start=2023-04-01&control=direct", &a), "");
    ck_assert(warned(&a.warnings, "control-dropped"));
    ck_assert(!warned(&a.warnings, "control-missing-days"));
    ck_assert(warned(&a.warnings, "single-series"));
    ck_assert_int_eq(a.judged.outcome, LIFT_JUDGED);
    ck_assert(!a.judged.has_control);
    lift_answer_clear(&a);
}
END_TEST

START_TEST(a_part_of_the_source_is_not_its_control)
{
    struct lift_answer a;

    noisy("google / organic", day_from_civil(2023, 1, 1), 120, 200);
    noisy("bing / organic", day_from_civil(2023, 1, 1), 120, 50);
    ck_assert_str_eq(ask_lift("source=organic&start=2023-04-01&control=bing / organic", &a),
                     "control-is-source");
    lift_answer_clear(&a);
    ck_assert_str_eq(ask_lift("source=bing / organic&start=2023-04-01&control=organic", &a),
                     "control-is-source");
    lift_answer_clear(&a);
}
END_TEST

START_TEST(a_source_that_begins_within_the_days_gives_no_verdict)
{
    int32_t first = day_from_civil(2023, 1, 1);
    struct lift_answer a;

    noisy("facebook", first, 120, 200);
    noisy("reddit", first + 90, 30, 200);
    ck_assert_str_eq(ask_lift("source=social&start=2023-04-01", &a), "");
    ck_assert_int_eq(a.judged.outcome, LIFT_JUDGED);
    ck_assert(a.judged.p < .001);
    ck_assert(a.broken);
    ck_assert_int_eq(a.judged.verdict, VERDICT_CANNOT_TELL);
    ck_assert_ptr_nonnull(strstr(buf_text(&a.sentence),
                                 "begin or end within these days, so what moved cannot be told."));
    lift_answer_clear(&a);
    /* a control that begins late is no break of the source */
    noisy("direct", first + 3, 117, 900);
    ck_assert_str_eq(ask_lift("source=facebook&start=2023-04-01&control=direct", &a), "");
    ck_assert(!a.broken);
    lift_answer_clear(&a);
}
END_TEST

START_TEST(each_region_is_counted_by_its_own_total_or_its_own_platforms)
{
    int32_t first = day_from_civil(2023, 1, 1);
    struct lift_answer a;

    for (int i = 0; i < 120; i++) {
        traffic("social", "eu", NULL, first + i, 400 + i % 5, COUNT_ABSENT, 5, "");
        traffic("facebook", "eu", NULL, first + i, 300, COUNT_ABSENT, 5, "");
        traffic("facebook", "us", NULL, first + i, 70 + i % 3, COUNT_ABSENT, 5, "");
        traffic("x", "us", NULL, first + i, 30 + i % 2, COUNT_ABSENT, 5, "");
    }
    ck_assert_str_eq(ask_lift("source=social&start=2023-04-01", &a), "");
    ck_assert(warned(&a.warnings, "mixed-regions"));
    ck_assert(a.baseline.daily_mean > 500 && a.baseline.daily_mean < 506);
    lift_answer_clear(&a);
    ck_assert_str_eq(ask_lift("source=social&start=2023-04-01&region=eu", &a), "");
    ck_assert(!warned(&a.warnings, "mixed-regions"));
    ck_assert(a.baseline.daily_mean > 400 && a.baseline.daily_mean < 405);
    lift_answer_clear(&a);
}
END_TEST

START_TEST(posts_of_days_without_a_figure_are_not_set_against_the_excess_of_the_others)
{
    int32_t first = day_from_civil(2023, 1, 1);
    struct lift_answer a;

    for (int i = 0; i < 120; i++) {
        if (i < 90 || i % 3)
            traffic("facebook", NULL, NULL, first + i, (i < 90 ? 200 : 260) + i % 7, COUNT_ABSENT,
                    5, "");
        if (i >= 90)
            post(i, "facebook", "meme", "", first + i, 10, COUNT_ABSENT);
    }
    ck_assert_str_eq(ask_lift("source=facebook&start=2023-04-01&type=meme", &a), "");
    /* these posts state no sessions, so nothing is counted at all */
    ck_assert(!a.has_accounting);
    ck_assert_int_eq(a.first_post, first + 90);
    ck_assert_int_eq((int)a.accounting.posts, 20);
    lift_answer_clear(&a);
}
END_TEST

START_TEST(from_nothing_no_ratio_is_made_up)
{
    int32_t first = day_from_civil(2023, 1, 1);
    struct lift_answer a;

    for (int i = 0; i < 90; i++)
        traffic("x", NULL, NULL, first + i, 0, COUNT_ABSENT, 5, "");
    noisy("x", first + 90, 40, 50);
    ck_assert_str_eq(ask_lift("source=x&start=2023-04-01", &a), "");
    ck_assert_int_eq(a.judged.outcome, LIFT_ZERO);
    ck_assert_int_eq(a.judged.verdict, VERDICT_INSUFFICIENT_DATA);
    ck_assert(warned(&a.warnings, "change-from-zero"));
    lift_answer_clear(&a);
}
END_TEST

START_TEST(a_side_of_an_exposure_that_is_mostly_missing_is_not_judged)
{
    int32_t first = day_from_civil(2023, 1, 1);
    struct lift_answer a;
    unsigned seed = 3;

    for (int i = 0; i < 120; i++) {
        bool posted = i % 3 == 0;

        if (posted)
            post(i, "facebook", "meme", "", first + i, 10, COUNT_ABSENT);
        /* of the days with a post two in three have no figure */
        if (!posted || i % 9 == 0)
            traffic("facebook", NULL, NULL, first + i, 100 + rand_r(&seed) % 20, COUNT_ABSENT, 5,
                    "");
    }
    ck_assert_str_eq(ask_lift("source=facebook&exposure=type:meme&start=2023-01-01", &a), "");
    ck_assert_int_eq(a.judged.outcome, LIFT_GAPS);
    lift_answer_clear(&a);
}
END_TEST

START_TEST(low_counts_are_never_called_flat)
{
    int32_t first = day_from_civil(2023, 1, 1);
    struct lift_answer a;
    unsigned seed = 3;

    for (int i = 0; i < 180; i++)
        traffic("x", NULL, NULL, first + i, rand_r(&seed) % 12 == 0, COUNT_ABSENT, 5, "");
    ck_assert_str_eq(ask_lift("source=x&start=2023-04-01&margin=1", &a), "");
    ck_assert_int_eq(a.judged.outcome, LIFT_JUDGED);
    ck_assert(a.judged.p_flat < .05);
    ck_assert_int_eq(a.judged.verdict, VERDICT_CANNOT_TELL);
    ck_assert(warned(&a.warnings, "low-counts"));
    lift_answer_clear(&a);
}
END_TEST

START_TEST(a_sentence_of_long_names_is_whole)
{
    struct compare_question q;
    struct compare_answer a;
    struct fail f = {0};
    char name[NAME_MAX_BYTES + 2];

    compare_question_init(&q);
    q.figure = post_figure("likes");
    for (int i = 0; i < 4; i++) {
        /* two bytes a character, cut somewhere within one */
        for (int k = 0; k < 140; k++)
            memcpy(name + 2 * k, "\xc3\xa9", 2);
        snprintf(name + 280, 12, "%d", i);
        ck_assert(filter_add(&q.a, "campaign", name, &f) && filter_add(&q.a, "account", name, &f));
        ck_assert(filter_add(&q.b, "campaign", name, &f) &&
                  filter_add(&q.both, "account", name, &f));
        memmove(name + 1, name, sizeof name - 1);
        name[0] = '!';
        ck_assert(filter_add(&q.a, "account", name, &f) &&
                  filter_add(&q.both, "campaign", name, &f));
    }
    ck_assert(compare_answer(store->db, &q, &a, &f));
    ck_assert(!a.sentence.over);
    ck_assert_ptr_nonnull(strstr(buf_text(&a.sentence), "so nothing is concluded."));
    ck_assert(utf8_is_text(buf_text(&a.sentence), strlen(buf_text(&a.sentence))));
    compare_answer_clear(&a);
    compare_question_clear(&q);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("answer");
    TCase *t = tcase_create("answer");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 60);
    UNIT(t, the_change_is_the_ratio_of_daily_means_over_the_days_that_have_figures);
    UNIT(t, a_change_from_zero_is_no_number);
    UNIT(t, an_open_end_is_the_last_complete_day_and_not_the_last_day);
    UNIT(t, social_is_the_channels_total_where_there_is_one_and_else_the_sum_of_platforms);
    UNIT(t, users_are_never_added_up);
    UNIT(t, rows_with_a_campaign_and_without_one_are_different_visits);
    UNIT(t, a_name_that_is_late_leaves_days_unknown_and_one_that_has_ended_does_not);
    UNIT(t, a_sum_that_lacks_a_name_is_unknown_unless_a_file_says_that_absent_means_zero);
    UNIT(t, a_short_period_is_warned_of_and_a_longer_one_is_not);
    UNIT(t, a_source_that_begins_within_the_days_is_said);
    UNIT(t, two_ranges_that_do_not_touch_are_compared_in_either_order);
    UNIT(t, questions_that_cannot_be_meant_are_refused_by_name);
    UNIT(t, groups_have_the_means_and_medians_of_a_naive_count);
    UNIT(t, an_absent_metric_is_left_out_and_a_group_of_none_has_no_change);
    UNIT(t, engagement_with_uneven_parts_is_warned_of);
    UNIT(t, posts_that_match_both_groups_are_left_out_of_both_and_counted);
    UNIT(t, types_stand_beside_the_websites_days_with_and_without_them);
    UNIT(t, an_empty_store_answers_in_words_and_without_figures);
    UNIT(t, posts_are_compared_at_the_age_that_both_groups_were_read_at);
    UNIT(t, without_a_common_age_latest_readings_of_a_week_serve_for_all_alike);
    UNIT(t, latest_readings_of_ages_far_apart_give_no_verdict);
    UNIT(t, an_age_that_is_asked_for_is_kept_and_what_lacks_it_is_left_out);
    UNIT(t, a_rate_is_read_from_both_of_its_counts_at_the_age);
    UNIT(t, a_reading_is_as_old_as_the_metric_that_was_read);
    UNIT(t, a_control_that_lacks_the_days_after_is_left_out_and_judges_nothing);
    UNIT(t, a_part_of_the_source_is_not_its_control);
    UNIT(t, a_source_that_begins_within_the_days_gives_no_verdict);
    UNIT(t, each_region_is_counted_by_its_own_total_or_its_own_platforms);
    UNIT(t, posts_of_days_without_a_figure_are_not_set_against_the_excess_of_the_others);
    UNIT(t, from_nothing_no_ratio_is_made_up);
    UNIT(t, a_side_of_an_exposure_that_is_mostly_missing_is_not_judged);
    UNIT(t, low_counts_are_never_called_flat);
    UNIT(t, a_sentence_of_long_names_is_whole);
    suite_add_tcase(s, t);
    return unit_run(s);
}
