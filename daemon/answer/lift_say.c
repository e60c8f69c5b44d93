/*
 * The one sentence of a lift, part by part: what and by how much, over which days,
 * the step with its interval, and what it may not be read as. It must survive
 * being quoted alone.
 */
#include "answer/lift_parts.h"
#include "base/day.h"

#include <math.h>
#include <string.h>

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

static void say_days_after(const struct lift_answer *a, struct buf *b)
{
    words_counted(b, a->after.days, "day", "days");
    buf_puts(b, " from ");
    words_day(b, a->after.from);
    if (a->question.run_in)
        buf_printf(b, " (the first %d days from the start left out)", (int)a->question.run_in);
}

static void say_days_before(const struct lift_answer *a, struct buf *b)
{
    words_counted(b, a->baseline.days, "day", "days");
    if (a->baseline.to == a->question.start - 1 && !a->question.run_in) {
        buf_puts(b, " before");
    } else {
        buf_puts(b, " from ");
        words_day(b, a->baseline.from);
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
    if (!a->has_change) {
        buf_printf(b, " were %.3g a day in the ", a->after.daily_mean);
        say_days_after(a, b);
        buf_puts(b, " after none in the ");
        say_days_before(a, b);
        return;
    }
    if (fabs(a->change) < .0005) {
        buf_puts(b, " were as high in the ");
        say_days_after(a, b);
        buf_puts(b, " as in the ");
        say_days_before(a, b);
        return;
    }
    buf_puts(b, " were ");
    words_percent(b, a->change);
    buf_puts(b, a->change > 0 ? " higher in the " : " lower in the ");
    say_days_after(a, b);
    buf_puts(b, " than in the ");
    say_days_before(a, b);
}

static void say_change_of_days(const struct lift_answer *a, struct buf *b)
{
    if (!a->baseline.days_used || !a->after.days_used) {
        buf_printf(b, " cannot be compared: from ");
        words_day(b, a->question.baseline_from);
        buf_puts(b, " to ");
        words_day(b, a->question.end);
        buf_printf(b, " no day %s ", a->after.days_used ? "without" : "with");
        words_posts(b, &a->question.posts, 2);
        buf_puts(b, " has a figure");
        return;
    }
    if (!a->has_change) {
        buf_printf(b, " were %.3g a day on the ", a->after.daily_mean);
    } else if (fabs(a->change) < .0005) {
        buf_puts(b, " were as high on the ");
    } else {
        buf_puts(b, " were ");
        words_percent(b, a->change);
        buf_puts(b, a->change > 0 ? " higher on the " : " lower on the ");
    }
    words_counted(b, a->after.days, "day", "days");
    buf_puts(b, " with ");
    words_posts(b, &a->question.posts, 2);
    buf_puts(b, !a->has_change            ? " and none on the "
                : fabs(a->change) < .0005 ? " as on the "
                                          : " than on the ");
    words_counted(b, a->baseline.days, "day", "days");
    buf_puts(b, " without, from ");
    words_day(b, a->question.baseline_from);
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
}

static const char *effect(const struct lift_answer *a)
{
    return a->question.exposure ? "the difference the days themselves explain aside"
                                : "the step at that date";
}

/* The plain change says one thing and the step another: whoever quotes the first must see it. */
static void say_shown(const struct lift_answer *a, struct buf *b)
{
    bool exposure = a->question.exposure;

    buf_puts(b, "; after allowing for weekdays and for ebb and flow ");
    buf_puts(b, exposure ? "the difference is " : "the step at that date is ");
    say_interval(a, b, false);
    if (exposure)
        buf_puts(
            b,
            ", which is more than chance, but nobody drew the days by coin, so it may be the days "
            "and not the posts");
    else
        buf_puts(b, ", which is more than ebb and flow, but whether the posts did it or something "
                    "else that "
                    "changed then, this comparison cannot say");
}

static void say_weak(const struct lift_answer *a, struct buf *b)
{
    buf_printf(b, "; %s is put at ",
               a->question.exposure ? "with weekdays and ebb and flow allowed for the difference"
                                    : effect(a));
    say_interval(a, b, false);
    buf_puts(b, ", a hint that would count only if the data were looked at this once");
    buf_puts(b, a->question.exposure ? ", and nobody drew the days by coin"
                                     : ", and that cannot say whether the posts did it");
}

static void say_flat(const struct lift_answer *a, struct buf *b)
{
    buf_printf(b, "; %s is put at ",
               a->question.exposure ? "with weekdays and ebb and flow allowed for the difference"
                                    : effect(a));
    say_interval(a, b, true);
    buf_puts(b, ", so it is flat to within ");
    words_percent(b, a->question.margin);
    buf_puts(b, " either way, which is not the same as none");
}

static void say_unknown(const struct lift_answer *a, struct buf *b)
{
    const struct lift_judgement *j = &a->judged;

    if (a->question.exposure) {
        buf_puts(b, a->has_change && fabs(a->change) < .0005
                        ? "; whether there is a difference"
                        : ", but whether that is more than chance");
        buf_puts(b, " cannot be told: with weekdays and ebb "
                    "and flow allowed for the difference is put at ");
        say_interval(a, b, false);
        buf_puts(b, ", and nobody drew the days by coin");
        return;
    }
    bool hopeless = j->has_plan && a->has_change && !j->days_for_change;

    buf_puts(b, a->has_change && fabs(a->change) < .0005
                    ? "; whether ebb and flow hide a step"
                    : ", but whether that is more than ebb and flow");
    buf_printf(b, " cannot be told%s: the step at that date is put at ", hopeless ? "" : " yet");
    say_interval(a, b, false);
    if (j->has_ebb) {
        buf_puts(b, ", traffic here moves that much by itself in ");
        words_percent(b, (double)j->ebb.at_least / j->ebb.comparisons);
        buf_puts(b, " of such comparisons");
    }
    if (j->has_plan) {
        buf_puts(b, ", and a step below ");
        words_percent(b, j->detectable);
        buf_puts(b, hopeless
                        ? " could not be seen in these days, one so small in no number of days; "
                          "drawing by coin the days on which to post could tell"
                        : " could not be seen in so few days");
    }
}

static void say_nothing_concluded(const struct lift_answer *a, struct buf *b)
{
    static const char *const because[LIFT_OUTCOME_COUNT] = {
        [LIFT_SHORT] = "the days are too few to judge by",
        [LIFT_GAPS] = "too many days have no figure",
        [LIFT_CONSTANT] = "all days are alike and show no noise to judge by",
        [LIFT_ENTANGLED] =
            "the days that are compared cannot be told apart by anything but the weekday",
        [LIFT_EXACT] = "the days show no noise to judge by",
        [LIFT_ZERO] = "a change from or to nothing has no percentage to judge",
        [LIFT_COPY] = "the control is the series itself",
    };
    const char *reason = because[a->judged.outcome];

    buf_printf(b, "; %s, so nothing is concluded",
               reason ? reason : "there is too little to judge by");
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
