#include "base/arena.h"
#include "base/buf.h"
#include "base/chain.h"
#include "base/clock.h"
#include "base/words.h"
#include "base/day.h"
#include "base/escapes.h"
#include "base/fail.h"
#include "base/options.h"
#include "base/tokens.h"
#include "base/utf8.h"
#include "base/veil.h"
#include "base/zone.h"
#include "unit.h"

#include <sodium.h>
#include <string.h>
#include <time.h>

#define HASH "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER "sha256:1123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

START_TEST(a_file_of_tokens_is_read_and_its_lines_come_out_as_they_went_in)
{
    static const char text[] =
        "# who\n\n" HASH " cron import * 2027-02-25\n  " OTHER "\tme  read,rows us,eu,us -\r\n";
    struct tokens t;
    struct fail f = {0};
    char line[TOKEN_LINE];

    ck_assert_int_ge(sodium_init(), 0);
    ck_assert_msg(tokens_parse(text, sizeof text - 1, &t, &f), "%s", f.sentence);
    ck_assert_int_eq(t.n, 2);
    ck_assert_str_eq(token_line(&t.row[0], line), HASH " cron import * 2027-02-25");
    ck_assert_str_eq(token_line(&t.row[1], line), OTHER " me read,rows eu,us -");
    ck_assert_str_eq(t.row[0].regions, "");
    ck_assert_str_eq(t.row[1].regions, "eu us");
    ck_assert_int_eq(t.row[0].line, 3);
    ck_assert_int_eq(t.row[1].last, DAY_NONE);
    ck_assert_ptr_eq(tokens_find(&t, t.row[1].hash), &t.row[1]);
    tokens_clear(&t);
    ck_assert(tokens_parse("", 0, &t, &f));
    ck_assert_int_eq(t.n, 0);
}
END_TEST

START_TEST(a_file_of_tokens_that_is_wrong_is_refused_with_its_line)
{
    static const struct {
        const char *text, *place;
    } bad[] = {
        {HASH " cron import * 2027-02-25", "line 1"}, /* its end is missing */
        {HASH " cron import *\n", "line 1"},
        {HASH " cron import * - -\n", "line 1"},
        {"\n" HASH " Cron import * -\n", "line 2"},
        {HASH " cron imports * -\n", "line 1"},
        {HASH " cron import, * -\n", "line 1"},
        {HASH " cron import eu, -\n", "line 1"},
        {HASH " cron import EU -\n", "line 1"},
        {HASH " cron import eu,*, -\n", "line 1"},
        {HASH " cron import - -\n", "line 1"},
        {HASH " cron import * 2027-02-30\n", "line 1"},
        {"sha256:0123 cron import * -\n", "line 1"},
        {"sha512" HASH " cron import * -\n", "line 1"},
        {HASH "0 cron import * -\n", "line 1"},
        {HASH " cron import * -\n" OTHER " cron read * -\n", "line 2"},
        {HASH " cron import * -\n" HASH " other read * -\n", "line 2"},
        {"token\n", "line 1"},
    };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct tokens t;
        struct fail f = {0};

        ck_assert_msg(!tokens_parse(bad[i].text, strlen(bad[i].text), &t, &f), "%s", bad[i].text);
        ck_assert_str_eq(f.place, bad[i].place);
        ck_assert_int_eq(t.n, 0);
        ck_assert_ptr_null(t.row);
    }
}
END_TEST

START_TEST(a_line_of_a_chain_follows_from_all_before_it_and_from_nothing_else)
{
    /* by another program: printf '%s %s' 000...0 '{"n":1}' | b2sum -l 256, and so on */
    static const char first[] = "1b280b7c1f3a65bda5112bd178435556950489fb539538e69f91cfe6d40d17c1",
                      second[] = "4a17e8e5939a5dacf422ea35d2487c296de23177e792fcc07c883f02b3399b57";
    struct chain c, other;
    struct buf out;
    char line[200];

    ck_assert_int_ge(sodium_init(), 0);
    buf_init(&out, 1000);
    chain_begin(&c);
    ck_assert(chain_add(&c, "{\"n\":1}", &out));
    ck_assert(chain_add(&c, "{\"n\":2}", &out));
    snprintf(line, sizeof line, "%s {\"n\":1}\n%s {\"n\":2}\n", first, second);
    ck_assert_str_eq(buf_text(&out), line);
    ck_assert_str_eq(c.head, second);
    ck_assert_int_eq(c.n, 2);
    chain_begin(&other);
    ck_assert(!chain_follow(&other, buf_text(&out) + 73, 72)); /* the second first */
    ck_assert(chain_follow(&other, buf_text(&out), 72));
    ck_assert(!chain_follow(&other, buf_text(&out), 72)); /* twice */
    out.data[73 + 70] = '3';
    ck_assert(!chain_follow(&other, buf_text(&out) + 73, 72));
    out.data[73 + 70] = '2';
    ck_assert(!chain_follow(&other, buf_text(&out) + 73, 71));
    ck_assert(chain_follow(&other, buf_text(&out) + 73, 72));
    ck_assert_str_eq(other.head, c.head);
    ck_assert(!chain_follow(&other, "", 0));
    ck_assert_ptr_null(chain_json("no line", 7));
    buf_clear(&out);
}
END_TEST

START_TEST(a_new_token_looks_like_one_and_nothing_near_it_does)
{
    char token[TOKEN_TEXT], other[TOKEN_TEXT + 8];
    unsigned char hash[TOKEN_HASH], again[TOKEN_HASH];

    ck_assert_int_ge(sodium_init(), 0);
    token_make(token);
    token_make(other);
    ck_assert_str_ne(token, other);
    ck_assert_uint_eq(strlen(token), TOKEN_LENGTH);
    ck_assert(token_hash(token, hash));
    ck_assert(token_hash(other, again));
    ck_assert_mem_ne(hash, again, TOKEN_HASH);
    snprintf(other, sizeof other, "%sx", token);
    ck_assert(!token_hash(other, again));
    snprintf(other, sizeof other, "%.*s", TOKEN_LENGTH - 1, token);
    ck_assert(!token_hash(other, again));
    snprintf(other, sizeof other, "PLT_%s", token + 4);
    ck_assert(!token_hash(other, again));
    ck_assert(!token_hash("", again));
}
END_TEST

START_TEST(marks_that_turn_what_follows_are_told_from_their_neighbours)
{
    static const char *const turns[] = {"\u202a", "\u202b", "\u202c", "\u202d", "\u202e and more"};
    static const char *const others[] = {"", "\xe2", "\xe2\x80", "\u2029", "\u202f", "\u200f", "a"};

    for (size_t i = 0; i < sizeof turns / sizeof *turns; i++)
        ck_assert_msg(utf8_turns(turns[i]), "%zu", i);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        ck_assert_msg(!utf8_turns(others[i]), "%zu", i);
}
END_TEST

START_TEST(every_day_of_three_centuries_agrees_with_timegm)
{
    for (int32_t day = -25567; day < 84005; day++) {
        time_t t = (time_t)day * 86400;
        struct tm tm;
        int y, m, d;

        gmtime_r(&t, &tm);
        day_to_civil(day, &y, &m, &d);
        ck_assert_int_eq(y, tm.tm_year + 1900);
        ck_assert_int_eq(m, tm.tm_mon + 1);
        ck_assert_int_eq(d, tm.tm_mday);
        ck_assert_int_eq(day_from_civil(y, m, d), day);
        ck_assert_int_eq(day_weekday(day), (tm.tm_wday + 6) % 7);
    }
}
END_TEST

START_TEST(days_that_do_not_exist_are_none)
{
    static const char *const bad[] = {"2023-02-30", "0000-00-00",  "2023-13-01", "2023-00-10",
                                      "2023-1-1",   "2023-02-29",  "1900-02-29", "20230101",
                                      "2023-01-0x", " 2023-01-01", "2023/01/01", ""};

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(day_parse(bad[i], strlen(bad[i])) == DAY_NONE, "%s", bad[i]);
    ck_assert_int_ne(day_parse("2024-02-29", 10), DAY_NONE);
    ck_assert_int_ne(day_parse("2000-02-29", 10), DAY_NONE);
    ck_assert_int_eq(day_parse("1970-01-01", 10), 0);
}
END_TEST

START_TEST(a_repeated_hour_takes_its_first_reading_and_says_so)
{
    struct zone *z = zone_open("Europe/Berlin");
    int32_t day = day_from_civil(2022, 10, 30);
    bool repeated;
    int64_t at;

    ck_assert_ptr_nonnull(z);
    at = zone_instant_ms(z, day * MS_PER_DAY + 2 * 3600000 + 1800000, &repeated);
    ck_assert(repeated);
    ck_assert_int_eq(at, day * MS_PER_DAY + 1800000); /* summer time: 00:30 UTC */
    at = zone_instant_ms(z, day * MS_PER_DAY + 12 * 3600000, &repeated);
    ck_assert(!repeated);
    ck_assert_int_eq(at, day * MS_PER_DAY + 11 * 3600000);
    zone_close(z);
}
END_TEST

START_TEST(a_skipped_hour_is_read_with_the_offset_before_the_gap)
{
    struct zone *z = zone_open("America/Los_Angeles");
    int32_t day = day_from_civil(2023, 3, 12);

    /* 02:30 does not exist; at -08:00 it is 10:30 UTC */
    ck_assert_int_eq(zone_instant_ms(z, day * MS_PER_DAY + 9000000, NULL),
                     day * MS_PER_DAY + 10 * 3600000 + 1800000);
    zone_close(z);
}
END_TEST

START_TEST(every_hour_of_a_year_agrees_with_libc_in_the_zone)
{
    struct zone *z = zone_open("America/Los_Angeles");

    setenv("TZ", "America/Los_Angeles", 1);
    tzset();
    for (time_t t = 1667260800; t < 1667260800 + 366 * 86400; t += 3600) {
        struct tm tm;

        localtime_r(&t, &tm);
        ck_assert_int_eq(zone_day(z, (int64_t)t * 1000),
                         day_from_civil(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday));
    }
    zone_close(z);
}
END_TEST

START_TEST(names_that_are_no_zone_are_refused)
{
    static const char *const bad[] = {"",           "Nowhere/Else",  "+05:00", "../../etc/passwd",
                                      "EST5EDT4,M", "Europe//Berlin"};

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(zone_open(bad[i]) == NULL, "%s", bad[i]);
}
END_TEST

START_TEST(broken_utf8_is_found_at_its_first_byte)
{
    static const struct {
        const char *text;
        size_t good;
    } cases[] = {
        {"plain", 5},        {"gr\xc3\xbc\xc3\x9f", 6},   {"a\xc3", 1},
        {"\xc0\x80", 0},     {"\xed\xa0\x80", 0},         {"\xf4\x90\x80\x80", 0},
        {"ok\xff", 2},       {"12345678\xe2\x82", 8},     {"\xf0\x9f\x98\x80", 4},
        {"\xe0\x80\xaf", 0}, {"0123456789abcde\x80", 15},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_uint_eq(utf8_valid_prefix(cases[i].text, strlen(cases[i].text)), cases[i].good);
}
END_TEST

START_TEST(a_buffer_never_grows_past_its_ceiling)
{
    struct buf b;

    buf_init(&b, 10);
    ck_assert(buf_puts(&b, "0123456789"));
    ck_assert(!buf_putc(&b, 'x'));
    ck_assert(b.over);
    ck_assert(!buf_puts(&b, ""));
    ck_assert_str_eq(buf_text(&b), "0123456789");
    buf_reset(&b);
    ck_assert(buf_printf(&b, "%d", 1234567890));
    ck_assert(!buf_printf(&b, "%s", "more"));
    buf_clear(&b);
}
END_TEST

START_TEST(an_arena_refuses_past_its_ceiling_and_starts_again_after_a_reset)
{
    struct arena a;
    char text[600];

    arena_init(&a, 1000);
    memset(text, 'x', sizeof text);
    ck_assert_ptr_nonnull(arena_strndup(&a, text, 600));
    ck_assert_ptr_null(arena_strndup(&a, text, 600));
    arena_reset(&a);
    ck_assert_ptr_nonnull(arena_strndup(&a, text, 600));
    ck_assert_ptr_null(arena_strndup(&a, "x", (size_t)-2));
    arena_clear(&a);
}
END_TEST

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return x < y ? -1 : x > y;
}

START_TEST(a_veiled_number_is_one_of_its_own_and_comes_back)
{
    static const int64_t numbers[] = {0, 1, 2, 67108863, 67108864, 1000000007, VEIL_MAX - 1};
    struct veil v = {true, "sixteen bytes .."}, other = {true, "sixteen bytes ./"};
    int64_t before = 0;
    int rising = 0;

    ck_assert_int_ge(sodium_init(), 0);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        int64_t shown = veil_shown(&v, numbers[i]);

        ck_assert_msg(shown >= 1 && shown <= VEIL_MAX, "%lld", (long long)shown);
        ck_assert_int_eq(veil_asked(&v, shown), numbers[i]);
        ck_assert_int_ne(veil_shown(&other, numbers[i]), shown);
    }
    for (int64_t n = 1; n <= 2000; n++) { /* its neighbours tell nothing: coin flips */
        rising += veil_shown(&v, n) > before;
        before = veil_shown(&v, n);
    }
    ck_assert_msg(rising > 850 && rising < 1150, "%d of 2000 are above the one before", rising);
    ck_assert_int_eq(veil_asked(&v, 0), -1);
    ck_assert_int_eq(veil_asked(&v, -5), -1);
    ck_assert_int_eq(veil_asked(&v, VEIL_MAX + 1), -1);
    v.on = false;
    ck_assert_int_eq(veil_shown(&v, 7), 7);
    ck_assert_int_eq(veil_asked(&v, 7), 7);
}
END_TEST

START_TEST(no_two_numbers_are_veiled_alike)
{
    enum { COUNT = 20000 };
    struct veil v = {true, "sixteen bytes .."};
    int64_t *shown = malloc(COUNT * sizeof *shown);

    ck_assert_ptr_nonnull(shown);
    ck_assert_int_ge(sodium_init(), 0);
    for (int i = 0; i < COUNT; i++)
        shown[i] = veil_shown(&v, i);
    qsort(shown, COUNT, sizeof *shown, by_size);
    for (int i = 1; i < COUNT; i++)
        ck_assert_int_lt(shown[i - 1], shown[i]);
    free(shown);
}
END_TEST

START_TEST(the_first_failure_stays)
{
    struct fail f = {0};

    ck_assert(!fail_set(&f, FAIL_CONFLICT, "first", "here", "The %s.", "first"));
    ck_assert(!fail_set(&f, FAIL_INTERNAL, "second", NULL, "The second."));
    ck_assert_str_eq(f.slug, "first");
    ck_assert_str_eq(f.sentence, "The first.");
    ck_assert_uint_eq(fail_status(f.code), 409);
}
END_TEST

START_TEST(an_option_wins_over_its_variable_and_that_over_the_default)
{
    struct option_row rows[] = {
        {"listen", "ADDRESS", "default", "", NULL, 0},
        {"address-file", "FILE", NULL, "", NULL, 0},
        {"check", NULL, NULL, "", NULL, 0},
        {NULL, NULL, NULL, NULL, NULL, 0},
    };
    char *none[] = {"postliftd", NULL};
    char *some[] = {"postliftd", "--listen", "option", "--check", NULL};
    char *bad[] = {"postliftd", "--lisen", "x", NULL};
    char *half[] = {"postliftd", "--listen", NULL};
    struct fail f = {0};
    int used;

    unsetenv("POSTLIFT_LISTEN");
    ck_assert(options_read(rows, 1, none, &used, &f));
    ck_assert_str_eq(options_get(rows, "listen")->value, "default");
    setenv("POSTLIFT_LISTEN", "variable", 1);
    setenv("POSTLIFT_ADDRESS_FILE", "/x", 1);
    setenv("POSTLIFT_CHECK", "1", 1); /* a switch has no variable */
    ck_assert(options_read(rows, 1, none, &used, &f));
    ck_assert_str_eq(options_get(rows, "listen")->value, "variable");
    ck_assert_str_eq(options_get(rows, "address-file")->value, "/x");
    ck_assert_ptr_null(options_get(rows, "check")->value);
    ck_assert(options_read(rows, 4, some, &used, &f));
    ck_assert_str_eq(options_get(rows, "listen")->value, "option");
    ck_assert_ptr_nonnull(options_get(rows, "check")->value);
    setenv("POSTLIFT_LISTEN", "", 1);
    ck_assert(options_read(rows, 1, none, &used, &f));
    ck_assert_str_eq(options_get(rows, "listen")->value, "default");
    ck_assert(!options_read(rows, 3, bad, &used, &f));
    ck_assert_ptr_nonnull(strstr(f.sentence, "--lisen"));
    memset(&f, 0, sizeof f);
    ck_assert(!options_read(rows, 2, half, &used, &f));
}
END_TEST

START_TEST(escapes_are_taken_off_a_layer_at_a_time_and_what_is_none_stays)
{
    static const char *const texts[][2] = {
        {"plain", "plain"},
        {"", ""},
        {"caf\\u00e9 caf\\u00E9", "caf\xc3\xa9 caf\xc3\xa9"},
        {"\\u0041\\/\\\"", "A/\""},
        {"\\u20ac", "\xe2\x82\xac"},
        {"\\ud83d\\ude00", "\xf0\x9f\x98\x80"},
        {"\\\\u0041", "\\u0041"}, /* the second layer is for the next time */
        {"\\u004", "u004"},
        {"\\u", "u"},
        {"\\u 041", "u 041"},
        {"\\u-041", "u-041"},
        {"\\u0000x", "u0000x"},
        {"end\\", "end\\"},
    };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char *text = strdup(texts[i][0]); /* no byte more, so that a read past it is seen */

        ck_assert_ptr_nonnull(text);
        escapes_take_off(text);
        ck_assert_str_eq(text, texts[i][1]);
        free(text);
    }
}
END_TEST

START_TEST(a_name_is_taken_out_where_it_is_a_word_of_its_own)
{
    static const struct {
        const char *name, *text, *wanted;
        bool json;
    } rows[] = {
        {"us", "us because us, bus us2 _us us.", "() because (), bus us2 _us ().", false},
        {"bbc", "account:bbc,account:bbc-news bbc.co.uk the-bbc (bbc) bbc-",
         "account:(),account:bbc-news bbc.co.uk the-bbc (()) ()-", false},
        {"a-b", "a-b a-b-c xa-b a-b's", "() a-b-c xa-b ()'s", false},
        {"@bob", "x@bob @bobby @bob", "x() @bobby ()", false},
        {"\xc3\xa9t", "\xc3\xa9t\xc3\xa9t d\xc3\xa9t \xc3\xa9tx", "()() d() \xc3\xa9tx", false},
        {"bob",
         "bob\xe3\x81\xae \xe3\x81\xae"
         "bob",
         "()\xe3\x81\xae \xe3\x81\xae()", false},
        {"", "text", "text", false},
        {"x", "", "", false},
        {"n", "{\"n\": 1, \"of\":[\"n\", \"an n\\nn\"],\"n\" :null}",
         "{\"n\": 1, \"of\":[\"()\", \"an ()\\n()\"],\"n\" :null}", true},
        {"say \\\"x\\\"", "[\"we say \\\"x\\\", too\"]", "[\"we (), too\"]", true},
        {"cut", "[\"cut", "[\"()", true},
        {"cut", "[\"cut\\", "[\"()\\", true},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf out;

        buf_init(&out, 1000);
        ck_assert(words_replace(&out, rows[i].text, rows[i].name, "()", rows[i].json));
        ck_assert_str_eq(buf_text(&out), rows[i].wanted);
        buf_clear(&out);
        buf_init(&out, 3);
        ck_assert(strlen(rows[i].wanted) <= 3 ||
                  !words_replace(&out, rows[i].text, rows[i].name, "()", rows[i].json));
        buf_clear(&out);
    }
}
END_TEST

START_TEST(the_last_tick_is_not_ahead_of_the_clock_and_does_not_stand_still)
{
    int64_t began = clock_tick_ms(), last = began, ticks = 0;

    while (ticks < 3) {
        int64_t tick = clock_tick_ms();

        ck_assert_int_le(tick, clock_steady_ms());
        ck_assert_int_ge(tick, last);
        ticks += tick > last;
        last = tick;
    }
    ck_assert_int_gt(last, began);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("base");
    TCase *t = tcase_create("base");

    UNIT(t, every_day_of_three_centuries_agrees_with_timegm);
    UNIT(t, days_that_do_not_exist_are_none);
    UNIT(t, a_repeated_hour_takes_its_first_reading_and_says_so);
    UNIT(t, a_skipped_hour_is_read_with_the_offset_before_the_gap);
    UNIT(t, every_hour_of_a_year_agrees_with_libc_in_the_zone);
    UNIT(t, names_that_are_no_zone_are_refused);
    UNIT(t, broken_utf8_is_found_at_its_first_byte);
    UNIT(t, a_buffer_never_grows_past_its_ceiling);
    UNIT(t, an_arena_refuses_past_its_ceiling_and_starts_again_after_a_reset);
    UNIT(t, the_first_failure_stays);
    UNIT(t, an_option_wins_over_its_variable_and_that_over_the_default);
    UNIT(t, marks_that_turn_what_follows_are_told_from_their_neighbours);
    UNIT(t, a_file_of_tokens_is_read_and_its_lines_come_out_as_they_went_in);
    UNIT(t, a_file_of_tokens_that_is_wrong_is_refused_with_its_line);
    UNIT(t, a_veiled_number_is_one_of_its_own_and_comes_back);
    UNIT(t, no_two_numbers_are_veiled_alike);
    UNIT(t, a_line_of_a_chain_follows_from_all_before_it_and_from_nothing_else);
    UNIT(t, a_new_token_looks_like_one_and_nothing_near_it_does);
    UNIT(t, escapes_are_taken_off_a_layer_at_a_time_and_what_is_none_stays);
    UNIT(t, a_name_is_taken_out_where_it_is_a_word_of_its_own);
    UNIT(t, the_last_tick_is_not_ahead_of_the_clock_and_does_not_stand_still);
    suite_add_tcase(s, t);
    return unit_run(s);
}
