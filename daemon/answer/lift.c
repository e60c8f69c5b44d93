#include "answer/lift.h"
#include "analysis/describe.h"
#include "answer/lift_parts.h"
#include "base/day.h"
#include "store/traffic_reads.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    HISTORY_DAYS = 730, /* of the past before the days in question that are looked at */
    YEAR_DAYS = 364     /* back to the same weekday of last year */
};

static int32_t earlier(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

static int32_t later(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

/* The days of a source as figures; a day that is not known is left as it is. */
static void series_fill(const struct series *s, int32_t first, int n, double *y)
{
    for (int i = 0; i < n; i++) {
        double v;

        if (series_at(s, first + i, &v) == DAY_KNOWN)
            y[i] = v;
    }
}

/* exposed: NULL, or a byte a day from `first`: only days that are `with` count. */
static void period_of(const struct series *s, int32_t from, int32_t to,
                      const unsigned char *exposed, int32_t first, bool with, struct lift_period *p)
{
    long double total = 0;

    memset(p, 0, sizeof *p);
    p->from = from;
    p->to = to;
    for (int32_t day = from; day <= to; day++) {
        double v;
        enum day_state state = series_at(s, day, &v);

        if (exposed && exposed[day - first] != (with ? DAY_WITH : DAY_WITHOUT))
            continue;
        p->days++;
        if (state == DAY_KNOWN) {
            total += v;
            p->days_used++;
            continue;
        }
        p->days_missing += state == DAY_MISSING;
        p->days_unfinished += state == DAY_UNFINISHED;
        if (p->n_missing < MISSING_LISTED_MAX)
            p->missing[p->n_missing++] = day;
    }
    p->total = (double)total;
    p->daily_mean = p->days_used ? (double)(total / p->days_used) : 0;
}

static struct series_question asked_of(const struct lift_question *q, const char *source,
                                       int32_t from, int32_t to)
{
    return (struct series_question){
        q->metric, source, q->region[0] ? q->region : NULL, q->campaign[0] ? q->campaign : NULL,
        from,      to};
}

static bool is_same_series(const struct series *a, const struct series *b)
{
    if (a->kind != b->kind)
        return false;
    /* a sum over names that came and went is still the sum; another single name is another series
     */
    return a->kind == SERIES_PLATFORM_SUM || a->n_names != 1 || b->n_names != 1 ||
           strcmp(a->name[0], b->name[0]) == 0;
}

/* The days before those in question, as far as they are of the same series; else they stay NAN. */
static void add_past(struct db *db, struct zone *zone, const struct lift_question *q,
                     const char *source, const struct series *now, int32_t first, double *y)
{
    struct series_question sq = asked_of(q, source, first, now->from - 1);
    struct warnings unsaid = {.n = 0};
    struct fail f = {0};
    struct series past;
    int32_t since;

    /* days from before a change that a note tells of are of another series */
    if (dated_since(db, &sq, now, now->from, &since, &f) && since > sq.from) {
        sq.from = since;
        y += since - first;
        first = since;
    }
    if (first >= now->from || !series_load(db, zone, &sq, &past, &unsaid, &f))
        return;
    if (is_same_series(&past, now))
        series_fill(&past, first, now->from - first, y);
    series_clear(&past);
}

static double *no_days(int n)
{
    double *y = malloc(((size_t)n + 1) * sizeof *y);

    for (int i = 0; y && i < n; i++)
        y[i] = NAN;
    return y;
}

static bool fill_days(struct db *db, struct zone *zone, struct lift_answer *a, struct fail *f)
{
    a->first = a->series.from - HISTORY_DAYS;
    a->n = a->series.n + HISTORY_DAYS;
    /* days that were asked about and lie past the data are missing ones */
    a->n = later(a->n, later(a->question.end, a->question.baseline_to) - a->first + 1);
    a->y = no_days(a->n);
    if (!a->y)
        return fail_memory(f);
    series_fill(&a->series, a->series.from, a->series.n, a->y + HISTORY_DAYS);
    add_past(db, zone, &a->question, a->question.source, &a->series, a->first, a->y);
    return true;
}

static bool shares_name(const struct series *a, const struct series *b)
{
    for (int i = 0; i < a->n_names; i++)
        for (int k = 0; k < b->n_names; k++)
            if (strcmp(a->name[i], b->name[k]) == 0)
                return true;
    return false;
}

/* The control's sources, each a series of its own, added up on days that all have. */
static bool load_controls(struct db *db, struct zone *zone, struct lift_answer *a,
                          struct series *sum, struct fail *f)
{
    const struct lift_question *q = &a->question;
    int32_t from = a->series.from, to = a->first + a->n - 1;
    double *past = no_days(a->n);
    bool ok = false;

    a->control = no_days(a->n);
    if (!past || !a->control) {
        fail_memory(f);
        goto out;
    }
    for (int i = 0; i < q->n_controls; i++) {
        struct series_question sq = asked_of(q, q->control[i], from, to);
        struct series one;

        if (!series_load(db, zone, &sq, &one, &a->warnings, f))
            goto out;
        if (shares_name(&one, &a->series)) {
            fail_set(f, FAIL_UNPROCESSABLE, "control-is-source", "control",
                     "\"%.100s\" holds visits of what is asked about; it cannot be its control.",
                     q->control[i]);
            series_clear(&one);
            goto out;
        }
        for (int d = 0; d < a->n; d++)
            past[d] = NAN;
        series_fill(&one, from, one.n, past + (from - a->first));
        add_past(db, zone, q, q->control[i], &one, a->first, past);
        for (int d = 0; d < a->n; d++)
            a->control[d] = i ? a->control[d] + past[d] : past[d];
        if (i == 0) {
            *sum = one;
            continue;
        }
        for (int d = 0; d < sum->n; d++) {
            double v = 0;
            enum day_state state = series_at(&one, from + d, &v);

            sum->value[d] += v;
            if (state < (enum day_state)sum->state[d])
                sum->state[d] = (unsigned char)state;
        }
        series_clear(&one);
    }
    ok = true;
out:
    free(past);
    return ok;
}

/* The series itself 364 days before, as a control of every day. */
static bool load_last_year(struct lift_answer *a, struct series *sum, struct fail *f)
{
    a->control = no_days(a->n);
    sum->from = a->series.from;
    sum->n = a->series.n;
    sum->value = calloc((size_t)sum->n + 1, sizeof *sum->value);
    sum->state = calloc((size_t)sum->n + 1, 1);
    if (!a->control || !sum->value || !sum->state)
        return fail_memory(f);
    for (int d = YEAR_DAYS; d < a->n; d++)
        a->control[d] = a->y[d - YEAR_DAYS];
    for (int d = 0; d < sum->n; d++) {
        double v = a->control[sum->from + d - a->first];

        sum->state[d] = isnan(v) ? DAY_MISSING : DAY_KNOWN;
        sum->value[d] = isnan(v) ? 0 : v;
    }
    return true;
}

static bool add_controls(struct db *db, struct zone *zone, struct lift_answer *a, struct fail *f)
{
    const struct lift_question *q = &a->question;
    struct series sum = {0};
    bool ok;

    if (q->n_controls > 1 && !a->additive)
        return fail_set(f, FAIL_UNPROCESSABLE, "not-additive", "control",
                        "Users are people and cannot be added up over sources: give one control.");
    ok = q->last_year ? load_last_year(a, &sum, f) : load_controls(db, zone, a, &sum, f);
    if (ok) {
        period_of(&sum, a->baseline.from, a->baseline.to, a->exposed, a->first, false,
                  &a->control_baseline);
        period_of(&sum, a->after.from, a->after.to, a->exposed, a->first, true, &a->control_after);
        a->has_control = true;
        if (a->control_baseline.days_used && a->control_after.days_used)
            a->control_has_change = relative_change(
                a->control_baseline.daily_mean, a->control_after.daily_mean, &a->control_change);
        if (a->control_baseline.days_used && a->control_after.days_used && !a->control_has_change)
            warn(&a->warnings, "control-change-from-zero",
                 "The control had nothing before: its change has no percentage.");
    }
    series_clear(&sum);
    return ok;
}

static bool too_long(struct fail *f)
{
    return fail_set(f, FAIL_UNPROCESSABLE, "range-too-long", "start",
                    "A question covers at most %d days, the gap between its two ranges "
                    "included.",
                    SERIES_DAYS_MAX);
}

/* An exposure without a start begins with the first of its posts. */
static bool resolve_start(struct db *db, struct lift_answer *a, struct fail *f)
{
    struct lift_question *q = &a->question;

    if (q->start == DAY_NONE) {
        if (!posts_days(db, &q->posts, DAY_NONE, q->end, NULL, &q->start, f))
            return false;
        if (q->start == DAY_NONE)
            return fail_set(f, FAIL_UNPROCESSABLE, "no-data", "exposure",
                            "There is no such post%s.", q->end == DAY_NONE ? "" : " by then");
    }
    if (q->baseline_from == DAY_NONE) {
        q->baseline_from = q->start - (int32_t)q->baseline_days;
        q->baseline_to = q->start - 1;
    }
    return true;
}

/* An open end: the last day that is complete and has data. No clock is read. */
static bool resolve_end(struct lift_answer *a, struct fail *f)
{
    struct lift_question *q = &a->question;
    char day[DAY_TEXT];
    int32_t last;

    if (q->end != DAY_NONE)
        return true;
    last = series_last_known(&a->series);
    if (last == DAY_NONE || last < q->start)
        return fail_set(f, FAIL_UNPROCESSABLE, "no-data", "start",
                        "There is no complete day with data from %s on.",
                        day_format(q->start, day));
    q->end = last;
    return true;
}

/* The days that count: at most 90 after the start; of an exposure the last 365 of all. */
static void cap_days(struct lift_answer *a, int32_t *after_to)
{
    struct lift_question *q = &a->question;
    char day[DAY_TEXT];

    *after_to = q->end;
    if (q->exposure) {
        q->baseline_to = q->end;
        for (int i = 0; i < a->series.n; i++)
            if (a->series.state[i] == DAY_KNOWN) { /* before it there is nothing to compare */
                q->baseline_from = later(q->baseline_from, a->series.from + i);
                break;
            }
        q->start = later(q->start, q->baseline_from);
        if (q->end - q->baseline_from + 1 > EXPOSURE_DAYS) {
            q->baseline_from = q->end - EXPOSURE_DAYS + 1;
            q->start = later(q->start, q->baseline_from);
            warn(&a->warnings, "window-capped", "The last %d days are judged, from %s on.",
                 EXPOSURE_DAYS, day_format(q->baseline_from, day));
        }
    } else if (q->end - q->start + 1 > LIFT_AFTER_MAX) {
        struct lift_period before, whole;
        double change;

        *after_to = q->start + LIFT_AFTER_MAX - 1;
        period_of(&a->series, q->baseline_from, q->baseline_to, NULL, 0, false, &before);
        period_of(&a->series, q->start + (int32_t)q->run_in, q->end, NULL, 0, false, &whole);
        if (before.days_used && whole.days_used &&
            relative_change(before.daily_mean, whole.daily_mean, &change))
            warn(&a->warnings, "window-capped",
                 "Only the first %d of the %d days after the start are judged: a step loses its "
                 "meaning as traffic drifts on. Over all of them the change would be %+.0f %%.",
                 LIFT_AFTER_MAX, q->end - q->start + 1, 100 * change);
        else
            warn(&a->warnings, "window-capped",
                 "Only the first %d of the %d days after the start are judged.", LIFT_AFTER_MAX,
                 q->end - q->start + 1);
    }
}

static bool load_series(struct db *db, struct zone *zone, struct lift_answer *a, struct fail *f)
{
    struct lift_question *q = &a->question;
    int32_t from = earlier(q->baseline_from, q->start);
    int32_t to = q->end == DAY_NONE ? DAY_NONE : later(q->end, q->baseline_to);
    struct series_question sq;

    /* of an exposure only the last days count, and no more need to be read */
    if (q->exposure) {
        int32_t last = to;

        if (to == DAY_NONE && !traffic_last_day(db, &last, f))
            return false;
        if (last != DAY_NONE)
            from = later(from, last - SERIES_DAYS_MAX + 1);
    } else if (later(q->end == DAY_NONE ? q->start : q->end, q->baseline_to) - from >=
               SERIES_DAYS_MAX) {
        return too_long(f);
    }
    sq = asked_of(q, q->source, from, to);
    if (!series_load(db, zone, &sq, &a->series, &a->warnings, f) || !resolve_end(a, f))
        return false;
    if (q->run_in && q->start + q->run_in > q->end)
        return fail_set(f, FAIL_UNPROCESSABLE, "bad-value", "run_in",
                        "\"run_in\" leaves out all of the days from \"start\" to \"end\".");
    if (!q->exposure && q->baseline_from <= q->end && q->baseline_to >= q->start)
        return fail_set(f, FAIL_UNPROCESSABLE, "overlapping-ranges", "baseline_from",
                        "The baseline and the days after it share days; a day cannot be on both "
                        "sides.");
    return true;
}

/* Days that a draw left out play no part; others count as it drew them, or as they came. */
static void apply_draw(struct lift_answer *a)
{
    const struct lift_question *q = &a->question;

    for (int i = 0; i < q->n_drawn; i++) {
        int at = q->start + i - a->first;

        if (at < 0 || at >= a->n)
            continue;
        if (q->drawn[i] == DRAWN_OUT) {
            a->exposed[at] = DAY_NEITHER;
            a->y[at] = NAN;
        } else if (!q->by_posts) {
            a->exposed[at] = q->drawn[i] == DRAWN_ON ? DAY_WITH : DAY_WITHOUT;
        }
    }
}

static bool load_exposure(struct db *db, struct lift_answer *a, struct fail *f)
{
    const struct lift_question *q = &a->question;
    bool as_drawn = q->drawn && !q->by_posts;

    a->exposed = calloc((size_t)a->n + 1, 1);
    if (!a->exposed)
        return fail_memory(f);
    if (!posts_days(db, &q->posts, q->baseline_from, q->end,
                    as_drawn ? NULL : a->exposed + (q->baseline_from - a->first), &a->first_post,
                    f))
        return false;
    if (q->drawn)
        apply_draw(a);
    return true;
}

/* Notes about the series and its control. */
static bool add_notes(struct db *db, struct lift_answer *a, struct fail *f)
{
    const struct lift_question *q = &a->question;
    struct series_question sq =
        asked_of(q, q->source, a->series.from, later(q->end, q->baseline_to));

    if (!dated_add(db, &sq, &a->series, q->exposure ? DAY_NONE : q->start, &a->notes, &a->warnings,
                   &a->broken_by_note, f))
        return false;
    for (int i = 0; i < q->n_controls && !q->last_year; i++) {
        struct series none = {.from = a->series.from, .n = a->series.n};

        sq.source = q->control[i];
        if (!dated_add(db, &sq, &none, DAY_NONE, &a->notes, &a->warnings, &a->broken_by_note, f))
            return false;
    }
    a->broken = a->broken || a->broken_by_note;
    return true;
}

bool lift_answer(struct db *db, struct zone *zone, const struct lift_question *q,
                 struct lift_answer *a, struct fail *f)
{
    int32_t after_to, compared;

    memset(a, 0, sizeof *a);
    buf_init(&a->sentence, SENTENCE_MAX);
    a->question = *q;
    a->first_post = DAY_NONE;
    a->additive = traffic_metric_is_additive(q->metric);
    if (!resolve_start(db, a, f) || !load_series(db, zone, a, f))
        return false;
    cap_days(a, &after_to);
    if (!fill_days(db, zone, a, f) || (q->exposure && !load_exposure(db, a, f)))
        return false;
    q = &a->question;
    /* days before a draw tell how traffic drifts, but are none that chance left without posts */
    compared = q->drawn ? q->start : q->baseline_from;
    period_of(&a->series, compared, q->baseline_to, a->exposed, a->first, false, &a->baseline);
    period_of(&a->series, q->exposure ? compared : q->start + (int32_t)q->run_in, after_to,
              a->exposed, a->first, true, &a->after);
    if (a->baseline.days_used && a->after.days_used)
        a->has_change = relative_change(a->baseline.daily_mean, a->after.daily_mean, &a->change);
    a->broken = warned(&a->warnings, "source-starts-later") ||
                warned(&a->warnings, "source-ends-earlier") ||
                warned(&a->warnings, "definition-changed") || q->withheld != WITHHELD_NOTHING;
    if (!add_notes(db, a, f))
        return false;
    if ((q->n_controls && !add_controls(db, zone, a, f)) || !lift_judge(a, f) ||
        (q->has_posts && !lift_account(db, a, f)))
        return false;
    lift_warn(a);
    lift_say(a);
    return true;
}

void lift_answer_clear(struct lift_answer *a)
{
    series_clear(&a->series);
    free(a->y);
    free(a->control);
    free(a->exposed);
    free(a->expected);
    dated_clear(&a->notes);
    buf_clear(&a->sentence);
}
