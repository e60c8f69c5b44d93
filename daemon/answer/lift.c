#include "answer/lift.h"
#include "base/text.h"
#include "analysis/describe.h"
#include "base/day.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BASELINE_DAYS = 90, SHORT_AFTER = 28, SHORT_BASELINE = 56 };

static bool text_param(const struct params *p, const char *name, char *out, size_t size,
                       struct fail *f)
{
    const char *text = params_get(p, name);

    if (!text)
        return true;
    if (!*text || strlen(text) >= size)
        return fail_set(f, FAIL_UNPROCESSABLE, "bad-value", name,
                        "\"%s\" is empty or longer than %zu bytes.", name, size - 1);
    snprintf(out, size, "%s", text);
    return true;
}

/* As filters of posts have it: slugs in lower case, twitter is x. */
static bool name_params(const struct params *p, struct lift_question *q, struct fail *f)
{
    char slug[SLUG_MAX + 1];

    if (!text_param(p, "source", q->source, sizeof q->source, f) ||
        !text_param(p, "region", q->region, sizeof q->region, f) ||
        !text_param(p, "campaign", q->campaign, sizeof q->campaign, f))
        return false;
    if (slug_make(q->region, strlen(q->region), slug))
        text_copy(q->region, sizeof q->region, slug);
    if (platform_make(q->source, strlen(q->source), slug) && platform_is_social(slug))
        text_copy(q->source, sizeof q->source, slug);
    return true;
}

static bool read_controls(const char *list, struct lift_question *q, struct fail *f)
{
    while (list && *list) {
        size_t n = strcspn(list, ",");

        if (n == 0 || n > NAME_MAX_BYTES || q->n_controls == CONTROLS_MAX)
            return fail_set(f, FAIL_UNPROCESSABLE, "bad-value", "control",
                            "\"control\" takes up to %d sources, parted by commas.", CONTROLS_MAX);
        snprintf(q->control[q->n_controls++], NAME_MAX_BYTES + 1, "%.*s", (int)n, list);
        list += n + (list[n] == ',');
    }
    for (int i = 0; i < q->n_controls; i++)
        if (strcmp(q->control[i], q->source) == 0 || strcmp(q->control[i], "all") == 0 ||
            strcmp(q->source, "all") == 0 ||
            (strcmp(q->source, "social") == 0 && platform_is_social(q->control[i])) ||
            (strcmp(q->control[i], "social") == 0 && platform_is_social(q->source)))
            return fail_set(
                f, FAIL_UNPROCESSABLE, "control-is-source", "control",
                "\"%.100s\" is, or holds, or is a part of what is asked about; it cannot be "
                "its own control.",
                q->control[i]);
    return true;
}

static bool read_baseline(const struct params *p, struct lift_question *q, struct fail *f)
{
    int64_t days = BASELINE_DAYS;
    bool ranged = params_get(p, "baseline_from") || params_get(p, "baseline_to");

    if (!params_days(p, "baseline", 1, SERIES_DAYS_MAX - 1, &days, f))
        return false;
    q->baseline_from = q->start - (int32_t)days;
    q->baseline_to = q->start - 1;
    if (!ranged)
        return true;
    if (params_get(p, "baseline"))
        return fail_set(f, FAIL_UNPROCESSABLE, "two-baselines", "baseline",
                        "Give either \"baseline\" or \"baseline_from\" and \"baseline_to\".");
    if (!params_get(p, "baseline_from"))
        return fail_set(f, FAIL_UNPROCESSABLE, "missing-parameter", "baseline_from",
                        "\"baseline_to\" needs \"baseline_from\" beside it.");
    if (!params_day(p, "baseline_from", &q->baseline_from, f) ||
        !params_day(p, "baseline_to", &q->baseline_to, f))
        return false;
    if (q->baseline_from > q->baseline_to)
        return fail_set(f, FAIL_UNPROCESSABLE, "empty-range", "baseline_from",
                        "The baseline ends before it begins.");
    return true;
}

bool lift_question_read(const struct params *p, struct lift_question *q, struct fail *f)
{
    static const char *const known[] = {"metric",      "source",  "region",   "campaign",
                                        "start",       "end",     "baseline", "baseline_from",
                                        "baseline_to", "control", "level",    "series",
                                        "format",      "bom",     NULL};
    const char *metric = params_get(p, "metric");

    memset(q, 0, sizeof *q);
    q->end = q->start = DAY_NONE;
    q->level = 0.95;
    if (!params_check(p, known, false, false, f))
        return false;
    q->metric = traffic_metric(metric ? metric : "sessions");
    if (q->metric < 0)
        return fail_set(f, FAIL_UNPROCESSABLE, "unknown-metric", "metric",
                        "There is no metric \"%.40s\" of traffic; there are sessions, users, "
                        "engaged_sessions and conversions.",
                        metric);
    if (!params_get(p, "source"))
        return fail_set(f, FAIL_UNPROCESSABLE, "missing-parameter", "source",
                        "\"source\" is missing: which traffic is meant, such as social, facebook, "
                        "organic or all.");
    if (!params_get(p, "start"))
        return fail_set(f, FAIL_UNPROCESSABLE, "missing-parameter", "start",
                        "\"start\" is missing: the first day of what is to be judged, such as "
                        "2022-11-28.");
    if (!name_params(p, q, f) || !params_day(p, "start", &q->start, f) ||
        !params_day(p, "end", &q->end, f) || !read_baseline(p, q, f) ||
        !read_controls(params_get(p, "control"), q, f) ||
        !params_real(p, "level", 0.5, 0.999, &q->level, f) ||
        !params_flag(p, "series", &q->series, f))
        return false;
    if (q->end != DAY_NONE && q->end < q->start)
        return fail_set(f, FAIL_UNPROCESSABLE, "empty-range", "end",
                        "\"end\" lies before \"start\".");
    return true;
}

static void period_of(const struct series *s, int32_t from, int32_t to, struct lift_period *p)
{
    long double total = 0;

    memset(p, 0, sizeof *p);
    p->from = from;
    p->to = to;
    p->days = to - from + 1;
    for (int32_t day = from; day <= to; day++) {
        double v;
        enum day_state state = series_at(s, day, &v);

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

static void warn_of_days(const struct lift_period *p, const char *which, struct warnings *w)
{
    if (!p->days_used)
        warn(w, "no-data", "No day of the %s has a figure.", which);
    if (p->days_missing)
        warn(w, "missing-days",
             "%d of the %d days of the %s have no figure; they are left out, "
             "not counted as zero.",
             p->days_missing, p->days, which);
    if (p->days_unfinished)
        warn(
            w, "unfinished-day",
            "%d of the %d days of the %s had not ended when their figures came; they are left out.",
            p->days_unfinished, p->days, which);
}

static void warn_of_both(struct lift_answer *a)
{
    struct warnings *w = &a->warnings;
    const struct lift_period *b = &a->baseline, *after = &a->after;

    if (b->days_missing && after->days_missing)
        warn(w, "missing-days",
             "%d of the %d days before and %d of the %d days after have no figure; they are left "
             "out, not counted as zero.",
             b->days_missing, b->days, after->days_missing, after->days);
    warn_of_days(b, "baseline", w);
    warn_of_days(after, "days after", w);
    if (after->days_used && (after->days_used < SHORT_AFTER || b->days_used < SHORT_BASELINE))
        warn(w, "short-period",
             "%d days are set against %d; traffic ebbs and flows by itself over weeks.",
             after->days_used, b->days_used);
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

/* The control's sources, each a series of its own, added up on days that all have. */
static bool add_controls(struct db *db, struct zone *zone, const struct lift_question *q,
                         int32_t from, int32_t to, struct lift_answer *a, struct fail *f)
{
    struct series sum = {0};
    bool ok = false;

    if (q->n_controls > 1 && !a->additive)
        return fail_set(f, FAIL_UNPROCESSABLE, "not-additive", "control",
                        "Users are people and cannot be added up over sources: give one control.");
    for (int i = 0; i < q->n_controls; i++) {
        struct series_question sq = {q->metric,
                                     q->control[i],
                                     q->region[0] ? q->region : NULL,
                                     q->campaign[0] ? q->campaign : NULL,
                                     from,
                                     to};
        struct series one;

        if (!series_load(db, zone, &sq, &one, &a->warnings, f))
            goto out;
        if (i == 0) {
            sum = one;
            continue;
        }
        for (int d = 0; d < sum.n; d++) {
            double v = 0;
            enum day_state state = series_at(&one, from + d, &v);

            sum.value[d] += v;
            if (state < (enum day_state)sum.state[d])
                sum.state[d] = (unsigned char)state;
        }
        series_clear(&one);
    }
    period_of(&sum, q->baseline_from, q->baseline_to, &a->control_baseline);
    period_of(&sum, a->question.start, a->question.end, &a->control_after);
    a->has_control = true;
    if (a->control_baseline.days_used && a->control_after.days_used)
        a->control_has_change = relative_change(a->control_baseline.daily_mean,
                                                a->control_after.daily_mean, &a->control_change);
    if (a->control_baseline.days_used && a->control_after.days_used && !a->control_has_change)
        warn(&a->warnings, "control-change-from-zero",
             "The control had nothing before: its change has no percentage.");
    if (a->control_baseline.days_missing + a->control_after.days_missing)
        warn(&a->warnings, "control-missing-days", "The control has no figure on %d of the days.",
             a->control_baseline.days_missing + a->control_after.days_missing);
    ok = true;
out:
    series_clear(&sum);
    return ok;
}

static int32_t later(int32_t a, int32_t b)
{
    return a > b ? a : b;
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

bool lift_answer(struct db *db, struct zone *zone, const struct lift_question *q,
                 struct lift_answer *a, struct fail *f)
{
    struct series_question sq = {
        q->metric,
        q->source,
        q->region[0] ? q->region : NULL,
        q->campaign[0] ? q->campaign : NULL,
        q->baseline_from < q->start ? q->baseline_from : q->start,
        q->end == DAY_NONE ? DAY_NONE : later(q->end, q->baseline_to),
    };

    memset(a, 0, sizeof *a);
    a->question = *q;
    a->additive = traffic_metric_is_additive(q->metric);
    if (later(q->end == DAY_NONE ? q->start : q->end, q->baseline_to) - sq.from >= SERIES_DAYS_MAX)
        return fail_set(f, FAIL_UNPROCESSABLE, "range-too-long", "start",
                        "A question covers at most %d days, the gap between its two ranges "
                        "included.",
                        SERIES_DAYS_MAX);
    if (!series_load(db, zone, &sq, &a->series, &a->warnings, f) || !resolve_end(a, f))
        return false;
    if (q->baseline_from <= a->question.end && q->baseline_to >= q->start)
        return fail_set(f, FAIL_UNPROCESSABLE, "overlapping-ranges", "baseline_from",
                        "The baseline and the days after it share days; a day cannot be on both "
                        "sides.");
    period_of(&a->series, q->baseline_from, q->baseline_to, &a->baseline);
    period_of(&a->series, q->start, a->question.end, &a->after);
    if (a->baseline.days_used && a->after.days_used)
        a->has_change = relative_change(a->baseline.daily_mean, a->after.daily_mean, &a->change);
    warn_of_both(a);
    return !q->n_controls ||
           add_controls(db, zone, q, sq.from, later(a->question.end, q->baseline_to), a, f);
}

void lift_answer_clear(struct lift_answer *a)
{
    series_clear(&a->series);
}
