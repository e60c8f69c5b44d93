/* The parts of sentences, one by one, and the verdicts that they are built on. */
#include "answer/lift_parts.h"
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

/* ---- whole sentences, one a verdict ---- */

static struct lift_answer answered(enum verdict verdict)
{
    struct lift_answer a = {.has_change = true, .change = .12};

    a.question.level = .95;
    a.question.margin = .2;
    strcpy(a.question.source, "social");
    a.question.start = day_from_civil(2022, 11, 28);
    a.baseline = (struct lift_period){.from = a.question.start - 90,
                                      .to = a.question.start - 1,
                                      .days = 90,
                                      .days_used = 90,
                                      .daily_mean = 400};
    a.after = (struct lift_period){.from = a.question.start,
                                   .to = a.question.start + 29,
                                   .days = 30,
                                   .days_used = 30,
                                   .daily_mean = 448};
    a.judged = (struct lift_judgement){.verdict = verdict,
                                       .lift = log(1.1),
                                       .low = log(1.02),
                                       .high = log(1.2),
                                       .low90 = log(1.03),
                                       .high90 = log(1.19),
                                       .p = .01};
    buf_init(&a.sentence, SENTENCE_MAX);
    return a;
}

static void says(struct lift_answer *a, const char *want)
{
    lift_say(a);
    ck_assert_str_eq(buf_text(&a->sentence), want);
    buf_clear(&a->sentence);
}

#define TWELVE \
    "Sessions from social were 12 % higher in the 30 days from 28 November 2022 than in the 90 " \
    "days before"
#define STEP "with weekdays and ebb and flow allowed for, the step at that date is put at +10 % "

START_TEST(each_verdict_of_a_lift_has_its_sentence)
{
    struct lift_answer a = answered(VERDICT_UP);

    says(&a, TWELVE "; " STEP "(95 % interval +2 % to +20 %), which is more than ebb and flow, but "
                    "whether the posts did it or something else that changed then, this comparison "
                    "cannot say.");
    a = answered(VERDICT_WEAK_UP);
    says(&a, TWELVE "; " STEP "(95 % interval +2 % to +20 %), a hint that would count only if the "
                    "data were looked at this once, and whether the posts did it or something else "
                    "that changed then, this comparison cannot say.");
    a = answered(VERDICT_FLAT);
    says(&a,
         TWELVE "; " STEP "(90 % interval +3 % to +19 %), so the step, not the traffic, is flat to "
                "within 20 % either way, which is not the same as none.");
    a = answered(VERDICT_CANNOT_TELL);
    says(&a, TWELVE ", but whether that is more than ebb and flow cannot be told yet: " STEP
                    "(95 % interval +2 % to +20 %).");
    a = answered(VERDICT_CANNOT_TELL);
    a.judged.has_plan = a.judged.has_ebb = true;
    a.judged.detectable = .49;
    a.judged.ebb = (struct ebb){.comparisons = 200, .at_least = 82};
    says(&a, TWELVE
         ", but whether that is more than ebb and flow cannot be told: " STEP
         "(95 % interval +2 % to +20 %), traffic here moves that much by itself in 41 % of "
         "such comparisons, and a step below 49 % could not be seen in so few days, nor "
         "one of 12 % within 180 days; drawing by coin the days on which to post could tell.");
    a = answered(VERDICT_CANNOT_TELL);
    a.broken = true;
    says(&a,
         TWELVE ", but names of this source begin or end within these days, so what moved cannot "
                "be told.");
    a = answered(VERDICT_INSUFFICIENT_DATA);
    a.judged.outcome = LIFT_SHORT;
    says(&a, TWELVE "; the days are too few to judge by, so nothing is concluded.");
}
END_TEST

START_TEST(what_was_asked_shows_in_the_sentence_of_a_lift)
{
    struct lift_answer a = answered(VERDICT_DOWN);
    struct fail f = {0};

    a.change = -.5;
    a.question.run_in = 7;
    a.after.days_used = 20;
    a.question.n_controls = 1;
    a.judged.has_control = true;
    strcpy(a.question.control[0], "direct");
    strcpy(a.question.region, "eu");
    says(&a,
         "Sessions from social in the region eu were 50 % lower in the 20 days with figures of "
         "the 30 from 28 November 2022 (the first 7 days from the start left out) than in the 90 "
         "days before; with weekdays, ebb and flow and the control (direct) allowed for, the step "
         "at that date is put at +10 % (95 % interval +2 % to +20 %), which is more than ebb and "
         "flow, but whether the posts did it or something else that changed then, this comparison "
         "cannot say.");
    a = answered(VERDICT_UP);
    a.question.exposure = true;
    a.question.baseline_from = a.baseline.from;
    a.question.end = a.after.to;
    filter_init(&a.question.posts);
    ck_assert(filter_add(&a.question.posts, "type", "meme", &f));
    says(&a,
         "Sessions from social were 12 % higher on the 30 days with meme posts than on the 90 days "
         "without, from 30 August 2022 to 27 December 2022; with weekdays and ebb and flow allowed "
         "for, the difference is put at +10 % (95 % interval +2 % to +20 %), which is more than "
         "chance, but unless a coin drew the days it may be the days and not the posts.");
    filter_clear(&a.question.posts);
}
END_TEST

START_TEST(each_verdict_of_a_comparison_has_its_sentence)
{
    static const struct {
        enum verdict verdict;
        const char *end;
    } cases[] = {
        {VERDICT_UP,
         ", which is more than chance, but unless a lot drew which post became which, what "
         "else differed between them is in it."},
        {VERDICT_WEAK_UP,
         ", a hint that would count only if the data were looked at this once, and "
         "what else differed between them is in it."},
        {VERDICT_FLAT, ", so they are alike to within 20 % either way, which is not the same as no "
                       "difference."},
        {VERDICT_CANNOT_TELL,
         "; whether that is more than chance cannot be told from these posts."},
    };
    struct compare_question q;
    struct fail f = {0};

    compare_question_init(&q);
    ck_assert(filter_add(&q.a, "type", "meme", &f));
    q.rest = true;
    q.figure = post_figure("likes");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct compare_answer a = {.additive = true, .age_hours = 168, .from = DAY_NONE};
        char want[600];

        buf_init(&a.sentence, SENTENCE_MAX);
        a.a = (struct group_figures){.posts = 18, .n = 18, .total = 1000, .largest = 100};
        a.b = (struct group_figures){.posts = 140, .n = 140, .total = 5000, .largest = 100};
        a.judged.outcome = GROUPS_JUDGED;
        a.judged.verdict = cases[i].verdict;
        a.judged.found =
            (struct groups_finding){.beta = log(1.33), .low = log(1.05), .high = log(2.1), .p = .2};
        compare_say(&q, &a);
        snprintf(
            want, sizeof want,
            "18 meme posts typically had 33 %% more likes than 140 other posts at an age of 7 "
            "days, compared within platform and four weeks (95 %% interval +5 %% to +110 %%)%s",
            cases[i].end);
        ck_assert_str_eq(buf_text(&a.sentence), want);
        buf_clear(&a.sentence);
    }
    compare_question_clear(&q);
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
    UNIT(t, each_verdict_of_a_lift_has_its_sentence);
    UNIT(t, what_was_asked_shows_in_the_sentence_of_a_lift);
    UNIT(t, each_verdict_of_a_comparison_has_its_sentence);
    suite_add_tcase(s, t);
    return unit_run(s);
}
