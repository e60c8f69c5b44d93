/* The parts of sentences, one by one, and the verdicts that they are built on. */
#include "answer/types.h"
#include "answer/verdict.h"
#include "answer/words.h"
#include "base/day.h"
#include "unit.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static struct buf b;

static void begin(void)
{
    buf_init(&b, SENTENCE_MAX);
}

static void end(void)
{
    buf_clear(&b);
}

static const char *said(void)
{
    static char text[SENTENCE_MAX + 1];

    snprintf(text, sizeof text, "%s", buf_text(&b));
    buf_reset(&b);
    return text;
}

START_TEST(percentages_are_rounded_as_a_person_would)
{
    static const struct {
        double x;
        const char *signed_as, *plain;
    } cases[] = {
        {.12, "+12 %", "12 %"},   {-.239, "-24 %", "24 %"},   {.004, "+0.4 %", "0.4 %"},
        {-.0949, "-9 %", "9 %"},  {0, "0 %", "0 %"},          {.00001, "0 %", "0 %"},
        {-.00001, "0 %", "0 %"},  {.0094, "+0.9 %", "0.9 %"}, {.0096, "+1 %", "1 %"},
        {1.5, "+150 %", "150 %"}, {9.99, "+999 %", "999 %"},  {11, "12 times as much", "1,100 %"},
        {-1, "-100 %", "100 %"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        words_signed(&b, cases[i].x);
        ck_assert_str_eq(said(), cases[i].signed_as);
        words_percent(&b, cases[i].x);
        ck_assert_str_eq(said(), cases[i].plain);
    }
    words_range(&b, -.24, .37);
    ck_assert_str_eq(said(), "-24 % to +37 %");
    words_signed(&b, 1e300);
    ck_assert(strlen(said()) < 40);
}
END_TEST

START_TEST(counts_have_thousands_and_their_noun)
{
    words_count(&b, 1234567);
    ck_assert_str_eq(said(), "1,234,567");
    words_count(&b, 1002);
    ck_assert_str_eq(said(), "1,002");
    words_counted(&b, 1, "day", "days");
    ck_assert_str_eq(said(), "1 day");
    words_counted(&b, 0, "day", "days");
    ck_assert_str_eq(said(), "0 days");
    words_day(&b, day_from_civil(2022, 11, 28));
    ck_assert_str_eq(said(), "28 November 2022");
    words_age(&b, 168);
    ck_assert_str_eq(said(), "7 days");
    words_age(&b, 24);
    ck_assert_str_eq(said(), "24 hours");
}
END_TEST

START_TEST(more_and_fewer_agree_with_what_is_counted)
{
    words_more(&b, .67, false, "likes");
    ck_assert_str_eq(said(), "67 % more likes than");
    words_more(&b, -.03, false, "likes");
    ck_assert_str_eq(said(), "3 % fewer likes than");
    words_more(&b, -.03, true, "engagement");
    ck_assert_str_eq(said(), "3 % less engagement than");
    words_more(&b, 0, false, "likes");
    ck_assert_str_eq(said(), "as many likes as");
    words_more(&b, 11, false, "likes");
    ck_assert_str_eq(said(), "12 times as many likes as");
}
END_TEST

START_TEST(groups_are_called_by_their_filters)
{
    struct fail f = {0};
    struct filter q;

    filter_init(&q);
    words_posts(&b, &q, 2);
    ck_assert_str_eq(said(), "posts");
    ck_assert(filter_add(&q, "type", "meme", &f));
    ck_assert(filter_add(&q, "platform", "facebook", &f));
    words_posts(&b, &q, 2);
    ck_assert_str_eq(said(), "meme posts on facebook");
    words_which(&b, &q);
    ck_assert_str_eq(said(), " of the type meme on facebook");
    ck_assert(filter_add(&q, "type", "poll", &f));
    ck_assert(filter_add(&q, "tag", "!trending", &f));
    ck_assert(filter_add(&q, "from", "2022-11-28", &f));
    words_posts(&b, &q, 2);
    ck_assert_str_eq(said(),
                     "meme or poll posts not tagged trending on facebook from 28 November 2022");
    for (int i = 0; i < 4; i++) {
        char name[8] = "t0";

        name[1] = (char)('0' + i);
        ck_assert(filter_add(&q, "type", name, &f));
    }
    words_posts(&b, &q, 2);
    ck_assert_ptr_nonnull(strstr(said(), "meme, poll, t0 or 3 more posts"));
    filter_clear(&q);
}
END_TEST

START_TEST(a_verdict_follows_from_p_and_the_interval_alone)
{
    double wide = log(2), narrow = log(1.1);

    ck_assert_int_eq(verdict_of(.0249, .1, -narrow, narrow, .2, false), VERDICT_UP);
    ck_assert_int_eq(verdict_of(.0249, -.1, -narrow, narrow, .2, false), VERDICT_DOWN);
    ck_assert_int_eq(verdict_of(.025, .1, -narrow, narrow, .2, false), VERDICT_WEAK_UP);
    ck_assert_int_eq(verdict_of(.0499, -.1, -wide, wide, .2, false), VERDICT_WEAK_DOWN);
    ck_assert_int_eq(verdict_of(.05, .1, -narrow, narrow, .2, false), VERDICT_FLAT);
    ck_assert_int_eq(verdict_of(.05, .1, -wide, narrow, .2, false), VERDICT_CANNOT_TELL);
    ck_assert_int_eq(verdict_of(.9, .1, -narrow, wide, .2, false), VERDICT_CANNOT_TELL);
    ck_assert_int_eq(verdict_of(1, 0, -narrow, narrow, .05, false), VERDICT_CANNOT_TELL);
    /* low counts are drawn together by the logarithm: alike is not shown by them */
    ck_assert_int_eq(verdict_of(.5, .01, -narrow, narrow, .2, true), VERDICT_CANNOT_TELL);
    for (int i = 0; i < VERDICT_COUNT; i++)
        ck_assert_ptr_nonnull(verdict_names[i]);
}
END_TEST

static struct beside finding(enum verdict v, double q)
{
    return (struct beside){.judged = true, .verdict = v, .q = q};
}

START_TEST(what_pleases_and_what_moves_are_two_questions)
{
    struct beside up = finding(VERDICT_UP, .01), lucky = finding(VERDICT_UP, .11);
    struct beside flat = finding(VERDICT_FLAT, .9), hint = finding(VERDICT_WEAK_UP, .04);
    struct beside unknown = finding(VERDICT_CANNOT_TELL, .5), none = {.judged = false};

    ck_assert_int_eq(shown(&up), WORD_YES);
    ck_assert_int_eq(shown(&lucky), WORD_CANNOT_TELL);
    ck_assert_int_eq(shown(&flat), WORD_NO);
    ck_assert_int_eq(shown(&hint), WORD_CANNOT_TELL);
    ck_assert_int_eq(shown(&unknown), WORD_CANNOT_TELL);
    ck_assert_int_eq(shown(&none), WORD_CANNOT_TELL);
    ck_assert_int_eq(vanity_of(WORD_YES, WORD_NO), VANITY_PLEASES);
    ck_assert_int_eq(vanity_of(WORD_NO, WORD_YES), VANITY_MOVES);
    ck_assert_int_eq(vanity_of(WORD_YES, WORD_YES), VANITY_BOTH);
    ck_assert_int_eq(vanity_of(WORD_NO, WORD_NO), VANITY_NEITHER);
    ck_assert_int_eq(vanity_of(WORD_YES, WORD_CANNOT_TELL), VANITY_CANNOT_TELL);
    ck_assert_int_eq(vanity_of(WORD_CANNOT_TELL, WORD_YES), VANITY_CANNOT_TELL);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("words");
    TCase *t = tcase_create("parts");

    tcase_add_checked_fixture(t, begin, end);
    UNIT(t, percentages_are_rounded_as_a_person_would);
    UNIT(t, counts_have_thousands_and_their_noun);
    UNIT(t, more_and_fewer_agree_with_what_is_counted);
    UNIT(t, groups_are_called_by_their_filters);
    UNIT(t, a_verdict_follows_from_p_and_the_interval_alone);
    UNIT(t, what_pleases_and_what_moves_are_two_questions);
    suite_add_tcase(s, t);
    return unit_run(s);
}
