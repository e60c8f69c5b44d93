/* The warnings of a lift: when each is due. Thresholds are stated where they are used. */
#include "answer/lift_parts.h"
#include "base/day.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SCALE_MIN 1e-6 /* below, the days have no spread that anything could stand out of */

enum { BASELINE_SHORT = 56, BASELINE_LONG = 180, AFTER_SHORT = 28 };

/* which: "days before", "days with such a post", ... */
static void warn_of_days(const struct lift_period *p, const char *which, struct warnings *w)
{
    if (!p->days_used)
        warn(w, "no-data", "None of the %d %s has a figure.", p->days, which);
    if (p->days_missing)
        warn(w, "missing-days",
             "Of the %d %s %d %s no figure; they are left out, not counted as zero.", p->days,
             which, p->days_missing, p->days_missing == 1 ? "has" : "have");
    if (p->days_unfinished)
        warn(w, "unfinished-day",
             "Of the %d %s %d had not ended when the figures came; they are left out.", p->days,
             which, p->days_unfinished);
}

static void warn_of_both(struct lift_answer *a)
{
    struct warnings *w = &a->warnings;
    const struct lift_period *b = &a->baseline, *after = &a->after;
    bool exposure = a->question.exposure;
    const char *without = exposure ? "days without such a post" : "days before";
    const char *with = exposure ? "days with such a post" : "days after";

    if (!b->days_used && !after->days_used)
        warn(w, "no-data", "None of the days in question has a figure.");
    if (b->days_missing && after->days_missing)
        warn(w, "missing-days",
             "Of the %d %s %d, and of the %d %s %d have no figure; they are left out, not counted "
             "as zero.",
             b->days, without, b->days_missing, after->days, with, after->days_missing);
    if (b->days_unfinished && after->days_unfinished)
        warn(w, "unfinished-day",
             "Of the days in question %d had not ended when the figures came; they are left out.",
             b->days_unfinished + after->days_unfinished);
    warn_of_days(b, without, w);
    warn_of_days(after, with, w);
    if (after->days_used && (after->days_used < AFTER_SHORT || b->days_used < BASELINE_SHORT))
        warn(w, "short-period",
             "%d day%s set against %d; traffic ebbs and flows by itself over weeks.",
             after->days_used, after->days_used == 1 ? " is" : "s are", b->days_used);
    if (!exposure && b->days < BASELINE_SHORT)
        warn(w, "short-baseline",
             "The baseline has %d day%s; below %d little is known of how traffic drifts here.",
             b->days, b->days == 1 ? "" : "s", BASELINE_SHORT);
    if (!exposure && b->days > BASELINE_LONG)
        warn(w, "long-baseline",
             "The baseline has %d days; beyond some 120 more of them do not help, and false alarms "
             "rise a little.",
             b->days);
    if (b->days_used && after->days_used && !(b->daily_mean > 0)) {
        if (after->daily_mean > 0)
            warn(w, "change-from-zero",
                 "There was nothing before and %.6g a day after: a change from zero has no "
                 "percentage.",
                 after->daily_mean);
        else
            warn(w, "change-from-zero", "There was nothing before and nothing after.");
    }
}

static const char *why_not(const struct lift_answer *a)
{
    bool exposure = a->question.exposure;

    switch (a->judged.outcome) {
    case LIFT_SHORT:
        return exposure ? "Fewer than 7 days with such a post, 7 without, or 28 in all: too few to "
                          "judge by."
                        : "A judgement takes at least 21 days before and 7 after.";
    case LIFT_GAPS: return "More than 40 % of the days of a range have no figure.";
    case LIFT_CONSTANT: return "All days have the same figure: there is no noise to judge by.";
    case LIFT_ENTANGLED:
        return exposure ? "The days with such a post are always the same weekdays, or all days: "
                          "the posts and the days cannot be told apart."
                        : "The two ranges cannot be told apart from the weekdays.";
    case LIFT_EXACT: return "The days show no noise at all to judge by.";
    case LIFT_ZERO:
        return "One side has nothing at all: a change from or to nothing has no percentage.";
    case LIFT_COPY:
        return "The control is the series itself, or a multiple of it: nothing could ever stand "
               "out against it.";
    case LIFT_JUDGED:
    case LIFT_MEMORY:
    case LIFT_OUTCOME_COUNT: break;
    }
    return "";
}

/* The figures of the days in question, with their weekday effects taken off, on the log scale. */
static int settled_days(const struct lift_answer *a, const struct lift_period *p,
                        const double weekday[7], double *z, int32_t *day)
{
    int n = 0;

    for (int32_t d = p->from; d <= p->to; d++) {
        double y = a->y[d - a->first];

        if (isnan(y) || (a->exposed && (a->exposed[d - a->first] != 0) != (p == &a->after)))
            continue;
        day[n] = d;
        z[n++] = log(y + LIFT_OFFSET) - weekday[day_weekday(d)];
    }
    return n;
}

static double median(double *v, int n)
{
    gsl_sort(v, 1, (size_t)n);
    return gsl_stats_median_from_sorted_data(v, 1, (size_t)n);
}

/*
 * Single days that stand out: more than 4 robust deviations from the median of their range, the
 * deviation being 1.4826 median absolute deviations of both ranges together, weekdays taken off by
 * their medians before.
 */
static void warn_of_spikes(struct lift_answer *a)
{
    int most = a->baseline.days + a->after.days, n[2], spikes = 0;
    double *z = malloc(3 * ((size_t)most + 1) * sizeof *z), *spare = z ? z + most + 1 : NULL;
    double *off = z ? spare + most + 1 : NULL, middle[2], scale, share = 0, weekday[7] = {0};
    int32_t *day = malloc(((size_t)most + 1) * sizeof *day);
    double all;

    if (!z || !day)
        goto out;
    n[0] = settled_days(a, &a->baseline, weekday, z, day);
    n[1] = settled_days(a, &a->after, weekday, z + n[0], day + n[0]);
    if (n[0] < 7 || n[1] < 1)
        goto out;
    memcpy(spare, z, (size_t)n[0] * sizeof *spare);
    all = median(spare, n[0]);
    for (int w = 0; w < 7; w++) {
        int count = 0;

        for (int i = 0; i < n[0]; i++)
            if (day_weekday(day[i]) == w)
                spare[count++] = z[i];
        weekday[w] = count ? median(spare, count) - all : 0;
    }
    settled_days(a, &a->baseline, weekday, z, day);
    settled_days(a, &a->after, weekday, z + n[0], day + n[0]);
    for (int g = 0; g < 2; g++) {
        memcpy(spare, z + (g ? n[0] : 0), (size_t)n[g] * sizeof *spare);
        middle[g] = median(spare, n[g]);
    }
    for (int i = 0; i < n[0] + n[1]; i++)
        off[i] = fabs(z[i] - middle[i >= n[0]]);
    memcpy(spare, off, (size_t)(n[0] + n[1]) * sizeof *spare);
    scale = 1.4826 * median(spare, n[0] + n[1]);
    for (int i = n[0]; scale > SCALE_MIN && i < n[0] + n[1]; i++)
        if (off[i] > 4 * scale) {
            spikes++;
            share += a->y[day[i] - a->first] -
                     (exp(middle[1] + weekday[day_weekday(day[i])]) - LIFT_OFFSET);
        }
    if (spikes) {
        double excess = a->after.total - a->after.days_used * a->baseline.daily_mean;

        if (a->additive && excess > 0 && share > 0)
            warn(
                &a->warnings, "spikes",
                "%d of the days after stand%s out by more than 4 robust deviations; what they have "
                "above a usual day is %.0f %% of all that is above the days before.",
                spikes, spikes == 1 ? "s" : "", 100 * share / excess);
        else
            warn(&a->warnings, "spikes",
                 "%d of the days %s stand%s out by more than 4 robust deviations.", spikes,
                 a->question.exposure ? "with such posts" : "after", spikes == 1 ? "s" : "");
    }
out:
    free(z);
    free(day);
}

static void warn_of_low_counts(struct lift_answer *a)
{
    if (a->low_counts)
        warn(&a->warnings, "low-counts",
             "Fewer than 3 a day, or many days of none: the logarithm draws the lift towards zero "
             "here, and nothing is called flat.");
}

/* Days of year between which traffic is not itself: late November to January, July and August. */
static bool spans_season(int32_t from, int32_t to)
{
    for (int32_t d = from; d <= to; d++) {
        int y, m, dom;

        day_to_civil(d, &y, &m, &dom);
        if ((m == 11 && dom >= 20) || m == 12 || m == 1 || m == 7 || m == 8)
            return true;
    }
    return false;
}

static void warn_of_season(struct lift_answer *a)
{
    int first = -1, last = -1, past;

    for (int i = 0; i < a->n; i++)
        if (!isnan(a->y[i])) {
            first = first < 0 ? i : first;
            last = i;
        }
    past = last - first + 1;
    if (past < 730 && (spans_season(a->baseline.from, a->baseline.to) ||
                       spans_season(a->after.from, a->after.to)))
        warn(&a->warnings, "season-not-covered",
             "The days touch late November to January or July and August, and less than two years "
             "are known: what the season does every year cannot be told from the step.");
}

static void warn_of_judgement(struct lift_answer *a)
{
    const struct lift_judgement *j = &a->judged;
    struct warnings *w = &a->warnings;

    if (j->drift_share > .6 && j->half_life_days > a->after.days / 3. && !a->question.exposure)
        warn(w, "drift-dominates",
             "What moves traffic here drifts with a half-life of %.0f days: more days of the same "
             "will hardly help.",
             j->half_life_days);
    if (j->has_plan && !j->has_control &&
        (j->detectable > .30 || (a->has_change && j->detectable > 2 * fabs(a->change))))
        warn(w, "underpowered",
             "A step below %.0f %% could not be seen after %d days here (80 %% power).",
             100 * j->detectable, a->after.days);
    if (weeks_are_no_step(j->weeks, j->n_weeks))
        warn(w, "effect-not-step",
             "Week by week the effect goes one way, from %+.0f %% to %+.0f %%: it is no step; see "
             "\"weekly\", or leave out the first days by \"run_in\".",
             100 * expm1(j->weeks[0].lift), 100 * expm1(j->weeks[j->n_weeks - 1].lift));
    if (self_check_warns(&j->self_check))
        warn(w, "miscalibrated-here",
             "On this series' own past, with nothing done, %d of %d such comparisons had p below "
             ".05: the method is too sure of itself here.",
             j->self_check.alarms, j->self_check.runs);
}

static void warn_of_control(struct lift_answer *a)
{
    const struct lift_question *q = &a->question;

    bool used = a->control && (a->judged.outcome != LIFT_JUDGED || a->judged.has_control);

    if (!used && !(q->drawn && !q->by_posts))
        warn(&a->warnings, "single-series",
             "There is no control: anything else that changed %s is in the lift.",
             q->exposure ? "on these days" : "at that date");
    else if (used && a->control_missing)
        warn(&a->warnings, "control-missing-days",
             "The control has no figure on %d of the days; these days are left out of the series "
             "as well.",
             a->control_missing);
    for (int i = 0; i < q->n_controls && used; i++)
        if (strcasestr(q->control[i], "direct") || strcasestr(q->control[i], "organic"))
            warn(&a->warnings, "control-maybe-affected",
                 "Posts may move \"%.100s\" traffic as well (links passed on, names searched for); "
                 "what "
                 "they move there is taken off the lift.",
                 q->control[i]);
}

static void warn_of_posts(struct lift_answer *a)
{
    const struct lift_question *q = &a->question;
    char first[DAY_TEXT], start[DAY_TEXT];

    if (q->withheld == WITHHELD_NO_POSTS)
        warn(&a->warnings, "no-posts",
             "Not one such post came on the days meant for them: what was asked about did not "
             "happen, or its posts are not stored, or are called something else.");
    if (q->withheld == WITHHELD_DRAWN_LATE)
        warn(&a->warnings, "drawn-late",
             "The days were drawn when they had passed; such a draw is no coin.");
    if (q->exposure && q->drawn && !q->by_posts)
        warn(&a->warnings, "carry-over",
             "What posts of one day bring on the next counts against them here.");
    else if (q->exposure)
        warn(&a->warnings, "observational",
             "Unless a coin drew these days, days with such a post and days without may differ in "
             "more than the post.");
    else if (q->has_posts && a->first_post == DAY_NONE && !q->withheld)
        warn(&a->warnings, "no-posts", "No such post is stored from the days in question.");
    else if (q->has_posts && a->first_post != q->start)
        warn(&a->warnings, "post-hoc-date",
             "The start is %s, and the first such post is of %s. The start must be the day the "
             "posts began, not the day the curve turned.",
             day_format(q->start, start), day_format(a->first_post, first));
}

void lift_warn(struct lift_answer *a)
{
    bool judged = a->judged.outcome == LIFT_JUDGED;

    if (!judged && a->question.withheld != WITHHELD_DRAWN_LATE)
        warn(&a->warnings, "insufficient-data", "%s", why_not(a));
    warn_of_both(a);
    if (judged && !a->broken) {
        warn_of_judgement(a);
        warn_of_low_counts(a);
        warn_of_spikes(a);
        warn_of_season(a);
    }
    warn_of_control(a);
    warn_of_posts(a);
    if (!a->additive)
        warn(&a->warnings, "metrics-dependent",
             "Users and sessions of one site move together: shown side by side they are one piece "
             "of "
             "evidence, not two.");
}
