#include "base/ceilings.h"
#include "base/day.h"
#include "record/filter.h"
#include "record/record.h"
#include "record/reject.h"
#include "unit.h"

#include <stdio.h>

#include <string.h>

static struct zone *utc;
static struct arena arena;
static struct record_rules rules;

static void setup(void)
{
    utc = zone_open("UTC");
    arena_init(&arena, 1 << 20);
    rules = (struct record_rules){utc, 1700000000000};
}

static void teardown(void)
{
    arena_clear(&arena);
    zone_close(utc);
}

/* The slug of the failure when text is put into a field, or "" when it is taken. */
static const char *put(int field, const char *text)
{
    static struct fail f;
    struct record r;

    memset(&f, 0, sizeof f);
    record_init(&r, RECORD_POST);
    record_put_text(&r, field, text, strlen(text), &arena, &rules, &f);
    return f.slug;
}

START_TEST(every_field_is_found_by_its_name_and_nothing_else_is)
{
    for (int kind = 0; kind < RECORD_KIND_COUNT; kind++)
        for (int i = 0; i < record_field_count((enum record_kind)kind); i++)
            ck_assert_int_eq(
                record_field((enum record_kind)kind, record_field_name((enum record_kind)kind, i)),
                i);
    ck_assert_int_eq(record_field(RECORD_POST, "impresions"), -1);
    ck_assert_int_eq(record_field(RECORD_TRAFFIC, "likes"), -1);
}
END_TEST

START_TEST(counts_are_whole_numbers_from_zero_that_a_double_holds)
{
    ck_assert_str_eq(put(POST_LIKES, "0"), "");
    ck_assert_str_eq(put(POST_LIKES, "9007199254740991"), "");
    ck_assert_str_eq(put(POST_LIKES, "9007199254740992"), "bad-count");
    ck_assert_str_eq(put(POST_LIKES, "99999999999999999999999999"), "bad-count");
    ck_assert_str_eq(put(POST_LIKES, "-1"), "bad-count");
    ck_assert_str_eq(put(POST_LIKES, "1.5"), "bad-count");
    ck_assert_str_eq(put(POST_LIKES, "1e3"), "bad-count");
    ck_assert_str_eq(put(POST_LIKES, ""), "bad-count");
    ck_assert_str_eq(put(POST_LIKES, "12 "), "bad-count");
}
END_TEST

START_TEST(ids_are_text_and_damage_is_named)
{
    char long_id[ID_MAX + 2];

    ck_assert_str_eq(put(POST_ID, "122121474620644102"), "");
    ck_assert_str_eq(put(POST_ID, "00012"), "");
    ck_assert_str_eq(put(POST_ID, "urn:li:activity:7000"), "");
    ck_assert_str_eq(put(POST_ID, "1.17E+17"), "damaged-id");
    ck_assert_str_eq(put(POST_ID, "1,17E+17"), "damaged-id");
    ck_assert_str_eq(put(POST_ID, "1.5"), "");
    ck_assert_str_eq(put(POST_ID, ""), "missing-id");
    ck_assert_str_eq(put(POST_ID, "a b"), "bad-id");
    ck_assert_str_eq(put(POST_ID, "a\tb"), "bad-id");
    memset(long_id, 'x', sizeof long_id - 1);
    long_id[sizeof long_id - 1] = 0;
    ck_assert_str_eq(put(POST_ID, long_id), "too-long");
}
END_TEST

START_TEST(times_that_cannot_be_or_have_not_come_are_refused)
{
    ck_assert_str_eq(put(POST_POSTED_AT, "2022-11-28T10:00:00Z"), "");
    ck_assert_str_eq(put(POST_POSTED_AT, "2022-11-28 10:00"), "");
    ck_assert_str_eq(put(POST_POSTED_AT, "2022-11-28T10:00:00+05:30"), "");
    ck_assert_str_eq(put(POST_POSTED_AT, "2022-11-28"), "");
    ck_assert_str_eq(put(POST_POSTED_AT, "2023-02-30T10:00:00Z"), "bad-time");
    ck_assert_str_eq(put(POST_POSTED_AT, "0000-00-00"), "bad-time");
    ck_assert_str_eq(put(POST_POSTED_AT, "2022-11-28T25:00:00Z"), "bad-time");
    ck_assert_str_eq(put(POST_POSTED_AT, "2022-11-28T10:00:00ZZ"), "bad-time");
    ck_assert_str_eq(put(POST_POSTED_AT, "yesterday"), "bad-time");
    ck_assert_str_eq(put(POST_POSTED_AT, "2099-01-01T00:00:00Z"), "in-the-future");
}
END_TEST

START_TEST(an_offset_moves_the_moment_and_a_missing_one_means_the_zone)
{
    struct zone *berlin = zone_open("Europe/Berlin");
    int64_t a, b, c;

    ck_assert(moment_parse("2022-11-28T10:00:00Z", 20, utc, &a));
    ck_assert(moment_parse("2022-11-28T11:00:00+01:00", 25, utc, &b));
    ck_assert(moment_parse("2022-11-28T11:00:00", 19, berlin, &c));
    ck_assert_int_eq(a, b);
    ck_assert_int_eq(a, c);
    zone_close(berlin);
}
END_TEST

START_TEST(slugs_are_lowered_twitter_is_x_and_tags_stand_once)
{
    struct record r;
    struct fail f = {0};

    record_init(&r, RECORD_POST);
    ck_assert(record_put_text(&r, POST_PLATFORM, "Twitter", 7, &arena, &rules, &f));
    ck_assert_str_eq(r.post.platform, "x");
    ck_assert(record_put_text(&r, POST_TYPE, "Photo Album", 11, &arena, &rules, &f));
    ck_assert_str_eq(r.post.type, "photo-album");
    ck_assert(record_put_text(&r, POST_TAGS, " General  meme general ", 23, &arena, &rules, &f));
    ck_assert_str_eq(r.post.tags, "general meme");
    ck_assert_str_eq(put(POST_TYPE, "a/b"), "bad-slug");
    ck_assert_str_eq(put(POST_TYPE, ""), "bad-slug");
}
END_TEST

START_TEST(broken_utf8_and_nul_bytes_are_refused_in_every_text)
{
    static const int fields[] = {POST_PLATFORM, POST_ID,   POST_TYPE, POST_ACCOUNT,
                                 POST_TAGS,     POST_TEXT, POST_URL,  POST_CAMPAIGN};

    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        struct record r;
        struct fail f = {0};

        ck_assert_str_eq(put(fields[i], "ab\xff"
                                        "cd"),
                         "bad-utf8");
        record_init(&r, RECORD_POST);
        ck_assert(!record_put_text(&r, fields[i], "a\0b", 3, &arena, &rules, &f));
        ck_assert_str_eq(f.slug, "nul-byte");
    }
}
END_TEST

START_TEST(engagement_is_over_what_is_present_and_absent_is_not_zero)
{
    int64_t metric[POST_METRIC_COUNT];
    uint32_t parts;

    for (int m = 0; m < POST_METRIC_COUNT; m++)
        metric[m] = COUNT_ABSENT;
    ck_assert_int_eq(post_engagement(metric, &parts), COUNT_ABSENT);
    metric[POST_SHARES - POST_FIRST_METRIC] = 0;
    ck_assert_int_eq(post_engagement(metric, &parts), 0);
    metric[POST_LIKES - POST_FIRST_METRIC] = 7;
    metric[POST_REACH - POST_FIRST_METRIC] = 1000;
    metric[POST_CLICKS - POST_FIRST_METRIC] = 2;
    ck_assert_int_eq(post_engagement(metric, &parts), 9);
    ck_assert_uint_eq(parts, 1u << (POST_LIKES - POST_FIRST_METRIC) |
                                 1u << (POST_SHARES - POST_FIRST_METRIC) |
                                 1u << (POST_CLICKS - POST_FIRST_METRIC));
}
END_TEST

START_TEST(unique_people_are_never_additive)
{
    ck_assert(!post_metric_is_additive(post_metric("reach")));
    ck_assert(!post_metric_is_additive(post_metric("users")));
    ck_assert(post_metric_is_additive(post_metric("likes")));
    ck_assert(!traffic_metric_is_additive(traffic_metric("users")));
    ck_assert(traffic_metric_is_additive(traffic_metric("sessions")));
}
END_TEST

static bool filtered(const char *query, const char *type, const char *tags, int32_t day)
{
    struct filter filter;
    struct filter_subject s = {{"facebook", "page", "eu", type, tags, ""}, day};
    char copy[256], *save = NULL;
    bool hit;

    filter_init(&filter);
    snprintf(copy, sizeof copy, "%s", query);
    for (char *p = strtok_r(copy, "&", &save); p; p = strtok_r(NULL, "&", &save)) {
        char *eq = strchr(p, '=');
        struct fail f = {0};

        *eq = 0;
        ck_assert_msg(filter_add(&filter, p, eq + 1, &f), "%s", f.sentence);
    }
    hit = filter_matches(&filter, &s);
    filter_clear(&filter);
    return hit;
}

START_TEST(values_of_one_key_are_alternatives_keys_bind_together_and_a_bang_negates)
{
    int32_t day = day_from_civil(2022, 11, 28);

    ck_assert(filtered("type=meme&type=poll", "poll", "", day));
    ck_assert(!filtered("type=meme&type=link", "poll", "", day));
    ck_assert(!filtered("type=poll&platform=x", "poll", "", day));
    ck_assert(filtered("type=!meme", "poll", "", day));
    ck_assert(!filtered("type=!poll", "poll", "", day));
    ck_assert(filtered("tag=general", "meme", "cat general", day));
    ck_assert(!filtered("tag=general", "meme", "generally", day));
    ck_assert(!filtered("tag=cat&tag=!general", "meme", "cat general", day));
    ck_assert(filtered("from=2022-11-28&to=2022-11-28", "meme", "", day));
    ck_assert(!filtered("from=2022-11-29", "meme", "", day));
    ck_assert(!filtered("to=2022-11-27", "meme", "", day));
    ck_assert(filtered("platform=Facebook&account=page&region=eu", "meme", "", day));
}
END_TEST

START_TEST(a_filter_refuses_what_is_no_day_no_slug_or_too_much)
{
    struct filter filter;
    struct fail f = {0};

    filter_init(&filter);
    ck_assert(!filter_add(&filter, "from", "2023-02-30", &f));
    memset(&f, 0, sizeof f);
    ck_assert(!filter_add(&filter, "type", "a/b", &f));
    memset(&f, 0, sizeof f);
    ck_assert(filter_add(&filter, "from", "2023-02-02", &f));
    ck_assert(!filter_add(&filter, "to", "2023-02-01", &f));
    memset(&f, 0, sizeof f);
    for (int i = 0; i < FILTER_VALUES_MAX; i++)
        ck_assert(filter_add(&filter, "type", "meme", &f));
    ck_assert(!filter_add(&filter, "type", "meme", &f));
    filter_clear(&filter);
}
END_TEST

START_TEST(rejections_are_all_counted_but_kept_only_up_to_the_ceiling)
{
    struct reject_list l;
    struct reject r;

    reject_list_init(&l, 3);
    memset(&r, 0, sizeof r);
    snprintf(r.sentence, sizeof r.sentence, "quoted \xff and\nmore");
    for (int i = 0; i < 10; i++) {
        r.skipped = i % 2;
        reject_list_add(&l, &r);
    }
    ck_assert_uint_eq(l.n, 3);
    ck_assert_int_eq(l.n_rejected, 5);
    ck_assert_int_eq(l.n_skipped, 5);
    ck_assert_str_eq(l.items[0].sentence, "quoted ? and more");
    reject_list_clear(&l);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("record");
    TCase *t = tcase_create("record");

    tcase_add_checked_fixture(t, setup, teardown);
    UNIT(t, every_field_is_found_by_its_name_and_nothing_else_is);
    UNIT(t, counts_are_whole_numbers_from_zero_that_a_double_holds);
    UNIT(t, ids_are_text_and_damage_is_named);
    UNIT(t, times_that_cannot_be_or_have_not_come_are_refused);
    UNIT(t, an_offset_moves_the_moment_and_a_missing_one_means_the_zone);
    UNIT(t, slugs_are_lowered_twitter_is_x_and_tags_stand_once);
    UNIT(t, broken_utf8_and_nul_bytes_are_refused_in_every_text);
    UNIT(t, engagement_is_over_what_is_present_and_absent_is_not_zero);
    UNIT(t, unique_people_are_never_additive);
    UNIT(t, values_of_one_key_are_alternatives_keys_bind_together_and_a_bang_negates);
    UNIT(t, a_filter_refuses_what_is_no_day_no_slug_or_too_much);
    UNIT(t, rejections_are_all_counted_but_kept_only_up_to_the_ceiling);
    suite_add_tcase(s, t);
    return unit_run(s);
}
