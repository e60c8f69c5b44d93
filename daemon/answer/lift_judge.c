/* From days to figures: the statistics of analysis/ on the days of a question. */
#include "analysis/sequential.h"
#include "answer/lift_parts.h"
#include "base/day.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* p of the drawn weeks alone, past which nothing is shown. */
#define ALONE_LINE .1

const double planned_lifts[LEVEL_PLANS] = {.05, .10, .20, .30};

/*
 * Where a plan was kept in part, what the posts do is seen in part. It is flat only if it lies
 * within the margin when it is seen whole.
 */
static void hold_to_plan(struct lift_answer *a)
{
    const struct lift_question *q = &a->question;
    struct lift_judgement *j = &a->judged;
    double reach = log1p(q->margin) * q->kept;

    if (j->verdict != VERDICT_FLAT || !q->has_kept || (j->low90 > -reach && j->high90 < reach))
        return;
    j->verdict = VERDICT_CANNOT_TELL;
    warn(&a->warnings, "plan-not-kept",
         "Such posts came on days meant for them and on others so much alike that %.0f %% of what "
         "they do would show here: the figures lie within the margin, what the posts do may not.",
         100 * q->kept);
}

static void read_fit(struct lift_answer *a, const struct lift_fit *fit)
{
    const struct lift_question *q = &a->question;
    struct lift_judgement *j = &a->judged;
    const struct mixture *m = &fit->effect;

    j->lift = mixture_mean(m);
    j->error = mixture_sd(m);
    j->low = mixture_quantile(m, (1 - q->level) / 2);
    j->high = mixture_quantile(m, (1 + q->level) / 2);
    j->low90 = mixture_quantile(m, .05);
    j->high90 = mixture_quantile(m, .95);
    j->p = mixture_p(m);
    j->p_positive = mixture_above(m, 0);
    j->p_flat = mixture_p_flat(m, q->margin);
    j->half_life_days = fit->half_life_days;
    j->drift_share = fit->drift_share;
    j->p_trend = fit->p_trend;
    j->p_control = fit->p_control;
    j->has_control = fit->has_control;
    j->verdict = verdict_of(j->p, j->lift, j->low90, j->high90, q->margin, a->low_counts);
    if (a->broken)
        j->verdict = VERDICT_CANNOT_TELL;
    hold_to_plan(a);
    /* of the half-width of a 95 % interval, as the sequential test has it */
    j->p_always = sequential_p(
        j->lift, (mixture_quantile(m, .975) - mixture_quantile(m, .025)) / 3.91993, SEQUENTIAL_TAU);
    j->always_half_width = sequential_half_width(
        (mixture_quantile(m, .975) - mixture_quantile(m, .025)) / 3.91993, SEQUENTIAL_TAU);
}

static void warn_of_fit(struct lift_answer *a, const struct lift_fit *fit)
{
    const struct lift_question *q = &a->question;
    const struct lift_judgement *j = &a->judged;
    enum verdict with =
        verdict_of(fit->p_with_trend, j->lift, j->low90, j->high90, q->margin, a->low_counts);
    enum verdict without =
        verdict_of(fit->p_without_trend, j->lift, j->low90, j->high90, q->margin, a->low_counts);

    if (a->control && !fit->has_control)
        warn(&a->warnings, "control-constant",
             "The control is the same on all days; it explains nothing and is left out.");
    if (fit->n_weekdays < 7)
        warn(&a->warnings, "weekday-dropped",
             "Only %d of the 7 weekdays have figures; the others play no part.", fit->n_weekdays);
    if (fit->p_trend > .2 && fit->p_trend < .8 && with != without)
        warn(&a->warnings, "trend-ambiguous",
             "With a trend the verdict would be \"%s\", without one \"%s\"; the days do not say "
             "which is right.",
             verdict_names[with], verdict_names[without]);
}

/* Days of a range that the control lacks, more than a tenth of them. */
static bool control_lacks(struct lift_answer *a, int32_t from, int32_t to)
{
    int n = 0;

    for (int32_t d = from; d <= to; d++)
        n += isnan(a->control[d - a->first]) != 0;
    a->control_missing += n;
    return n > CONTROL_MISSING_MAX * (to - from + 1);
}

/* A control of which too many days are missing would take these days from the series too. */
static void check_control(struct lift_answer *a)
{
    const struct lift_question *q = &a->question;
    bool lacks;

    if (!a->control)
        return;
    lacks = control_lacks(a, q->baseline_from, q->exposure ? q->end : q->baseline_to);
    if (!q->exposure && control_lacks(a, a->after.from, a->after.to))
        lacks = true;
    if (!lacks)
        return;
    warn(&a->warnings, "control-dropped",
         "The control has no figure on %d of the days, more than 10 %% of a range; the lift is "
         "judged without it.",
         a->control_missing);
    free(a->control);
    a->control = NULL;
}

/* Whether the days in question are too low to call anything flat. */
static bool counts_are_low(const struct lift_answer *a)
{
    const struct lift_period *p[2] = {&a->baseline, &a->after};
    int zero = 0, used = a->baseline.days_used + a->after.days_used;

    for (int g = 0; g < 2; g++)
        for (int32_t d = p[g]->from; d <= p[g]->to; d++)
            if (!a->exposed || a->exposed[d - a->first] == (g == 1))
                zero += a->y[d - a->first] == 0;
    return lift_counts_are_low(a->baseline.daily_mean, a->after.daily_mean, zero, used);
}

/* The days after the start until a lift would be seen, the run-in included; 0: never. */
static int days_from_start(const struct lift_answer *a, const struct plan *plan, double lift)
{
    int days = plan_days_needed(plan, lift, PLAN_ALLOWANCE);

    return days ? days + (int)a->question.run_in : 0;
}

static void judge_plan(struct lift_answer *a, const struct daily *d, const struct ranges *r)
{
    struct daily before = {r->before_to - r->before_from + 1, (d->weekday0 + r->before_from) % 7,
                           d->y + r->before_from, NULL};
    struct plan plan = {.days = PLAN_DAYS_MAX};
    struct lift_judgement *j = &a->judged;
    int days = r->after_to - r->after_from + 1 - r->run_in;

    j->has_plan =
        days >= 1 && days <= PLAN_DAYS_MAX &&
        plan_step(&before, r->after_from + r->run_in - r->before_to - 1, &plan) == LIFT_JUDGED;
    if (!j->has_plan)
        return;
    j->detectable = detectable_lift(PLAN_ALLOWANCE * plan.error[days]);
    for (int i = 0; i < LEVEL_PLANS; i++)
        j->days_needed[i] = days_from_start(a, &plan, planned_lifts[i]);
    if (a->has_change)
        j->days_for_change = days_from_start(a, &plan, fabs(a->change));
}

/* From or to nothing at all: the half that is added before the logarithm would make up a ratio. */
static bool one_side_is_zero(const struct lift_answer *a)
{
    return a->baseline.days_used && a->after.days_used &&
           (a->baseline.daily_mean > 0) != (a->after.daily_mean > 0);
}

/*
 * A step is one number for all days. Where single weeks lie beyond the margin, whole interval and
 * all, what happened was no step near zero: it came late, grew, or passed.
 */
static void hold_to_weeks(struct lift_answer *a)
{
    struct lift_judgement *j = &a->judged;
    double reach = log1p(a->question.margin);
    int beyond = 0;

    for (int i = 0; i < j->n_weeks; i++)
        beyond += j->weeks[i].low > reach || j->weeks[i].high < -reach;
    if (j->verdict != VERDICT_FLAT || !beyond)
        return;
    j->verdict = VERDICT_CANNOT_TELL;
    warn(&a->warnings, "weeks-beyond-margin",
         "The step is put within the margin, but in %d of the %d weeks the effect lies beyond it "
         "with its whole interval: it came late, grew or passed. See \"weekly\", or leave out the "
         "first days by \"run_in\".",
         beyond, j->n_weeks);
}

static bool judge_step(struct lift_answer *a, const struct daily *d, struct lift_fit *fit,
                       struct fail *f)
{
    const struct lift_question *q = &a->question;
    struct ranges r = {a->baseline.from - a->first, a->baseline.to - a->first, q->start - a->first,
                       a->after.to - a->first, (int)q->run_in};
    struct lift_judgement *j = &a->judged;
    bool later = r.after_from > r.before_to;

    j->outcome = one_side_is_zero(a) ? LIFT_ZERO : lift_of_step(d, &r, fit);
    if (!ebb_and_flow(d, &r, &j->ebb))
        return fail_memory(f);
    j->has_ebb = j->ebb.comparisons >= EBB_COMPARISONS_MIN && !isnan(j->ebb.observed);
    if (j->outcome != LIFT_JUDGED)
        return true;
    read_fit(a, fit);
    warn_of_fit(a, fit);
    if (a->has_change && a->change > -1) {
        j->has_drift = true;
        j->drift = (1 + a->change) / exp(j->lift) - 1;
    }
    if (!self_check(d, &r, &j->self_check) ||
        (later && !weekly_effects(d, &r, q->level, j->weeks, &j->n_weeks)))
        return fail_memory(f);
    hold_to_weeks(a);
    if (later)
        judge_plan(a, d, &r);
    if (later && q->series) {
        a->expected = malloc((size_t)(r.after_to - r.after_from + 1) * sizeof *a->expected);
        if (!a->expected || expected_days(d, &r, q->level, a->expected) == LIFT_MEMORY)
            return fail_memory(f);
    }
    return true;
}

/*
 * Weeks that are drawn are few, and the days before them all count as days without: whatever jumps
 * at the start is in the difference. What is shown must be shown by the drawn days alone, too.
 */
static void hold_to_draw(struct lift_answer *a, const struct daily *window, const double *exposure,
                         struct lift_fit *fit)
{
    int skip = a->question.start - a->question.baseline_from;
    struct daily alone = {window->n - skip, (window->weekday0 + skip) % 7, window->y + skip,
                          window->control ? window->control + skip : NULL};
    struct lift_judgement *j = &a->judged;
    bool holds;

    if (j->verdict != VERDICT_UP && j->verdict != VERDICT_DOWN)
        return;
    holds = lift_of_exposure(&alone, exposure + skip, fit) == LIFT_JUDGED &&
            mixture_p(&fit->effect) < ALONE_LINE &&
            (mixture_mean(&fit->effect) > 0) == (j->lift > 0);
    if (holds)
        return;
    j->verdict = VERDICT_CANNOT_TELL;
    warn(&a->warnings, "carried-by-before",
         "The difference is shown only with the days before the draw, and not by the weeks drawn "
         "for posts against the weeks drawn for none.");
}

static bool judge_exposure(struct lift_answer *a, const struct daily *d, struct lift_fit *fit,
                           struct fail *f)
{
    int from = a->question.baseline_from - a->first, n = a->question.end - a->first + 1 - from;
    struct daily window = {n, (d->weekday0 + from) % 7, d->y + from,
                           d->control ? d->control + from : NULL};
    struct lift_judgement *j = &a->judged;
    double *exposure = malloc(((size_t)n + 1) * sizeof *exposure);

    if (!exposure)
        return fail_memory(f);
    for (int t = 0; t < n; t++)
        exposure[t] = a->exposed[from + t] == DAY_WITH;
    j->outcome = exposure_check(&window, exposure);
    if (a->baseline.days_used < a->question.drawn_min || a->after.days_used < a->question.drawn_min)
        j->outcome = LIFT_SHORT; /* the days before a draw are no days that it left without */
    if (j->outcome == LIFT_JUDGED)
        j->outcome = lift_of_exposure(&window, exposure, fit);
    if (j->outcome == LIFT_JUDGED) {
        read_fit(a, fit);
        warn_of_fit(a, fit);
        if (a->question.drawn_in_weeks)
            hold_to_draw(a, &window, exposure, fit);
    }
    free(exposure);
    return true;
}

bool lift_judge(struct lift_answer *a, struct fail *f)
{
    struct lift_fit *fit = malloc(sizeof *fit);
    bool ok;

    if (!fit)
        return fail_memory(f);
    check_control(a);
    a->low_counts = counts_are_low(a);
    struct daily d = {a->n, day_weekday(a->first), a->y, a->control};

    ok = a->question.exposure ? judge_exposure(a, &d, fit, f) : judge_step(a, &d, fit, f);
    free(fit);
    if (ok && a->judged.outcome == LIFT_MEMORY)
        return fail_memory(f);
    return ok;
}
