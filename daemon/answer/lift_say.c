/*
 * The one sentence of a lift, part by part: what and by how much, over which days,
 * the step with its interval, and what it may not be read as. It must survive
 * being quoted alone.
 */
#include "answer/lift_parts.h"
#include "analysis/sequential.h"
#include "base/day.h"

#include <math.h>
#include <string.h>

/* A change below this is none that anybody would plan to see. */
#define CHANGE_ASKED_MIN .05
/* A lift above this is none that a figure says more of than "hardly any". */
#define DETECTABLE_SAID_MAX 9

static void say_subject(const struct lift_answer *a, struct buf *b)
{
    static const char *const names[TRAFFIC_METRIC_COUNT] = {"Sessions", "Daily users",
                                                            "Engaged sessions", "Conversions"};
    const struct lift_question *q = &a->question;

    buf_puts(b, names[q->metric]);
    if (strcmp(q->source, "all") == 0)
        buf_puts(b, " of the whole site");
    else
        buf_printf(b, " from %s", q->source);
    if (q->region[0])
        buf_printf(b, " in the region %s", q->region);
    if (q->campaign[0])
        buf_printf(b, " by the campaign \"%s\"", q->campaign);
}

/* "30 days", or "20 days with figures of the 30" where some have none. */
static void say_days(const struct lift_period *p, struct buf *b)
{
    if (p->days_used && p->days_used < p->days) {
        words_counted(b, p->days_used, "day", "days");
        buf_printf(b, " with figures of the %d", p->days);
    } else {
        words_counted(b, p->days, "day", "days");
    }
}

static void say_days_after(const struct lift_answer *a, struct buf *b)
{
    say_days(&a->after, b);
    buf_puts(b, " from ");
    words_day(b, a->after.from);
    if (a->question.run_in)
        buf_printf(b, " (the first %d days from the start left out)", (int)a->question.run_in);
}

/* Whether the days before end where the days after begin. */
static bool ranges_touch(const struct lift_answer *a)
{
    return a->baseline.to == a->question.start - 1;
}

static void say_days_before(const struct lift_answer *a, struct buf *b)
{
    say_days(&a->baseline, b);
    if (ranges_touch(a)) {
        buf_puts(b, " before");
    } else {
        buf_puts(b, " from ");
        words_day(b, a->baseline.from);
    }
}

static void say_mean(double mean, struct buf *b)
{
    if (mean >= 100)
        words_count(b, mean < 1e15 ? llround(mean) : (int64_t)1e15);
    else
        buf_printf(b, "%.3g", mean);
}

static bool is_level(const struct lift_answer *a)
{
    return a->has_change && fabs(a->change) < .0005;
}

/* " were 12 % higher", " were as high", " were 50 a day": then the days follow. */
static void say_difference(const struct lift_answer *a, struct buf *b)
{
    buf_puts(b, " were ");
    if (!a->has_change) {
        say_mean(a->after.daily_mean, b);
        buf_puts(b, " a day");
    } else if (is_level(a)) {
        buf_puts(b, "as high");
    } else {
        words_percent(b, a->change);
        buf_puts(b, a->change > 0 ? " higher" : " lower");
    }
}

/* "were 12 % higher in the 30 days from ... than in the 90 days before" */
static void say_change(const struct lift_answer *a, struct buf *b)
{
    if (!a->baseline.days_used || !a->after.days_used) {
        buf_puts(b, " cannot be compared: there are no figures for the ");
        if (a->after.days_used)
            say_days_before(a, b);
        else
            say_days_after(a, b);
        return;
    }
    say_difference(a, b);
    buf_puts(b, " in the ");
    say_days_after(a, b);
    buf_puts(b, !a->has_change ? " after none in the "
                : is_level(a)  ? " as in the "
                               : " than in the ");
    say_days_before(a, b);
}

/* Whether the days are set against each other as a coin or a lot drew them. */
static bool is_drawn(const struct lift_answer *a)
{
    return a->question.drawn && !a->question.by_posts;
}

static void say_change_of_days(const struct lift_answer *a, struct buf *b)
{
    if (a->question.withheld == WITHHELD_DRAWN_LATE) {
        buf_puts(b, " cannot be compared: the days were drawn when they had passed, so chance did "
                    "not choose them");
        return;
    }
    if (!a->baseline.days_used || !a->after.days_used) {
        buf_puts(b, " cannot be compared: from ");
        words_day(b, a->baseline.from);
        buf_puts(b, " to ");
        words_day(b, a->question.end);
        buf_printf(b, " no day %s ", a->after.days_used ? "without" : "with");
        words_posts(b, &a->question.posts, 2);
        buf_puts(b, " has a figure");
        return;
    }
    say_difference(a, b);
    buf_puts(b, " on the ");
    say_days(&a->after, b);
    buf_puts(b, is_drawn(a) ? " drawn for " : " with ");
    words_posts(b, &a->question.posts, 2);
    buf_puts(b, !a->has_change ? " and none on the "
                : is_level(a)  ? " as on the "
                               : " than on the ");
    say_days(&a->baseline, b);
    buf_puts(b, is_drawn(a) ? " not drawn, from " : " without, from ");
    words_day(b, a->baseline.from);
    buf_puts(b, " to ");
    words_day(b, a->question.end);
}

static void say_interval(const struct lift_answer *a, struct buf *b, bool ninety)
{
    const struct lift_judgement *j = &a->judged;

    words_signed(b, expm1(j->lift));
    buf_printf(b, " (%g %% interval ", ninety ? 90. : 100 * a->question.level);
    words_range(b, expm1(ninety ? j->low90 : j->low), expm1(ninety ? j->high90 : j->high));
    buf_putc(b, ')');
    if (a->low_counts)
        buf_puts(b, ", drawn towards zero by counts this low, so that the true one may lie beyond");
}

/* "with weekdays, ebb and flow and the control (direct, organic) allowed for the step is put at" */
static void say_effect(const struct lift_answer *a, struct buf *b)
{
    const struct lift_question *q = &a->question;

    buf_puts(b, "with weekdays");
    if (a->judged.has_control) {
        buf_puts(b, ", ebb and flow and the control (");
        for (int i = 0; i < q->n_controls; i++)
            buf_printf(b, "%s%s", i ? ", " : "", q->control[i]);
        buf_puts(b, ") allowed for, ");
    } else {
        buf_puts(b, " and ebb and flow allowed for, ");
    }
    buf_puts(b, q->exposure       ? "the difference"
                : ranges_touch(a) ? "the step at that date"
                                  : "the difference of the two ranges");
    buf_puts(b, " is put at ");
}

static const char *caveat(const struct lift_answer *a)
{
    if (is_drawn(a))
        return "and chance drew the days, so nothing else can lie behind it in the long run; what "
               "posts of one day bring on the next counts against them";
    return a->question.exposure
               ? "unless a coin drew the days it may be the days and not the posts"
               : "whether the posts did it or something else that changed then, this comparison "
                 "cannot say";
}

/* The plain change says one thing and the step another: whoever quotes the first must see it. */
static void say_shown(const struct lift_answer *a, struct buf *b)
{
    const struct lift_judgement *j = &a->judged;

    buf_puts(b, "; ");
    say_effect(a, b);
    say_interval(a, b, false);
    if (j->low < 0 && j->high > 0) /* a level above .95 was asked for */
        buf_printf(b, ", p %.2g below the line of %g", j->p, PEEK_LINE);
    buf_printf(b, ", which is more than %s, %s%s", a->question.exposure ? "chance" : "ebb and flow",
               is_drawn(a) ? "" : "but ", caveat(a));
}

static void say_weak(const struct lift_answer *a, struct buf *b)
{
    buf_puts(b, "; ");
    say_effect(a, b);
    say_interval(a, b, false);
    buf_printf(b, ", a hint that would count only if the data were looked at this once, %s%s",
               is_drawn(a) ? "" : "and ", caveat(a));
}

static void say_flat(const struct lift_answer *a, struct buf *b)
{
    buf_puts(b, "; ");
    say_effect(a, b);
    say_interval(a, b, true);
    buf_puts(b, a->question.exposure ? ", so the difference lies within "
                                     : ", so the step, not the traffic, is flat to within ");
    words_percent(b, a->question.margin);
    buf_puts(b, " either way, which is not the same as none");
    if (!a->question.exposure && a->has_change && fabs(a->change) > a->question.margin)
        buf_puts(b, ", and the rest of the change is put down to drift, a slow rise or fall "
                    "included");
}

static void say_reference(const struct lift_answer *a, bool hopeless, struct buf *b)
{
    const struct lift_judgement *j = &a->judged;

    if (j->has_ebb) {
        buf_puts(b, ", traffic here moves that much by itself in ");
        words_percent(b, (double)j->ebb.at_least / j->ebb.comparisons);
        buf_puts(b, " of such comparisons");
    }
    if (!j->has_plan || j->has_control) /* the plan knows nothing of the control */
        return;
    if (j->detectable > DETECTABLE_SAID_MAX) {
        buf_puts(b, ", and hardly any step could be seen in so few days");
    } else {
        buf_puts(b, ", and a step below ");
        words_percent(b, j->detectable);
        buf_puts(b, " could not be seen in so few days");
    }
    if (hopeless && fabs(a->change) >= CHANGE_ASKED_MIN) {
        buf_puts(b, ", nor one of ");
        words_percent(b, a->change);
        buf_printf(b, " within %d days; drawing by coin the days on which to post could tell",
                   PLAN_DAYS_MAX);
    }
}

static void say_unknown(const struct lift_answer *a, struct buf *b)
{
    const struct lift_judgement *j = &a->judged;
    bool hopeless =
        j->has_plan && !j->has_control && a->has_change && !is_level(a) && !j->days_for_change;

    if (a->question.withheld == WITHHELD_NO_POSTS) {
        buf_puts(b, ", but not one such post came on the days meant for them, so nothing here can "
                    "be put down to posts");
        return;
    }
    if (a->broken_by_note) {
        buf_puts(b, ", but what is counted changed within these days, as a note says, so what "
                    "moved cannot be told");
        return;
    }
    if (a->broken && warned(&a->warnings, "definition-changed")) {
        buf_puts(b, ", but the figures follow another definition from some day on, so what moved "
                    "cannot be told");
        return;
    }
    if (a->broken) {
        buf_puts(b, ", but names of this source begin or end within these days, so what moved "
                    "cannot be told");
        return;
    }
    if (a->question.exposure)
        buf_printf(b, "%s cannot be told: ",
                   is_level(a) ? "; whether there is a difference nonetheless"
                               : ", but whether that is more than chance");
    else
        buf_printf(b, "%s cannot be told%s: ",
                   is_level(a) ? "; whether ebb and flow hide a step"
                               : ", but whether that is more than ebb and flow",
                   hopeless || !ranges_touch(a) ? "" : " yet");
    say_effect(a, b);
    say_interval(a, b, false);
    if (warned(&a->warnings, "carried-by-before"))
        buf_puts(b, ", which the weeks drawn do not show by themselves");
    if (warned(&a->warnings, "weeks-beyond-margin"))
        buf_puts(b, ", while single weeks lie beyond what would be flat");
    if (warned(&a->warnings, "plan-not-kept")) {
        buf_puts(b, ", and the plan was kept too little to call what the posts do flat");
        return;
    }
    if (is_drawn(a))
        buf_puts(b, ", and chance drew the days, so more days drawn may tell");
    else if (a->question.exposure)
        buf_printf(b, ", and %s", caveat(a));
    else
        say_reference(a, hopeless, b);
}

static void say_nothing_concluded(const struct lift_answer *a, struct buf *b)
{
    static const char *const because[LIFT_OUTCOME_COUNT] = {
        [LIFT_SHORT] = "the days are too few to judge by",
        [LIFT_GAPS] = "too many days have no figure",
        [LIFT_CONSTANT] = "all days are alike and show no noise to judge by",
        [LIFT_ENTANGLED] = "the days compared differ by nothing but their weekday, or not at all",
        [LIFT_EXACT] = "the days show no noise to judge by",
        [LIFT_ZERO] = "one side has nothing at all, which leaves no ratio to judge",
        [LIFT_COPY] = "the control is the series itself",
    };
    const char *reason = because[a->judged.outcome];

    if (a->question.withheld == WITHHELD_DRAWN_LATE) { /* said already, as the reason */
        buf_puts(b, ", and nothing is concluded");
        return;
    }
    buf_printf(b, "; %s, so nothing is concluded",
               reason ? reason : "there is too little to judge by");
}

void lift_say_plan(const struct lift_answer *a, struct buf *b)
{
    const struct lift_judgement *j = &a->judged;
    int had = a->after.to - a->question.start + 1;
    bool any = false;

    if (!j->has_plan || j->has_control || a->broken || j->verdict != VERDICT_CANNOT_TELL)
        return;
    for (int i = LEVEL_PLANS - 1; i >= 0; i--) {
        int more = j->days_needed[i] - had;

        if (!j->days_needed[i])
            continue;
        buf_puts(b, any ? "; one of " : "A step of ");
        words_percent(b, planned_lifts[i]);
        if (more > 0) {
            buf_puts(b, " would be seen in ");
            words_counted(b, more, "more day", "more days");
        } else {
            buf_puts(b, " would be seen by now");
        }
        any = true;
    }
    if (!any)
        buf_printf(b, "No step up to %g %% would be seen here within %d days",
                   100 * planned_lifts[LEVEL_PLANS - 1], PLAN_DAYS_MAX);
    buf_putc(b, '.');
}

void lift_say(struct lift_answer *a)
{
    struct buf *b = &a->sentence;

    say_subject(a, b);
    if (a->question.exposure)
        say_change_of_days(a, b);
    else
        say_change(a, b);
    switch (a->judged.verdict) {
    case VERDICT_UP:
    case VERDICT_DOWN: say_shown(a, b); break;
    case VERDICT_WEAK_UP:
    case VERDICT_WEAK_DOWN: say_weak(a, b); break;
    case VERDICT_FLAT: say_flat(a, b); break;
    case VERDICT_CANNOT_TELL: say_unknown(a, b); break;
    case VERDICT_INSUFFICIENT_DATA:
    case VERDICT_COUNT: say_nothing_concluded(a, b); break;
    }
    buf_putc(b, '.');
}
