#include "answer/planning.h"
#include "answer/dated.h"
#include "answer/words.h"
#include "base/day.h"
#include "base/text.h"
#include "store/traffic_reads.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BASELINE_DAYS = 90, BASELINE_MOST = 365, ON_DAYS_MIN = LIFT_AFTER_MIN };
#define LIFT_WISHED .12

const int plan_looks[PLAN_LOOKS] = {28, 56, 84};

/* ---- the question ---- */

static bool name_param(const struct params *p, const char *name, char *out, size_t size,
                       struct fail *f)
{
    const char *text = params_get(p, name);

    if (text && (!*text || strlen(text) >= size))
        return fail_set(f, FAIL_UNPROCESSABLE, "bad-value", name,
                        "\"%s\" is empty or longer than %zu bytes.", name, size - 1);
    text_copy(out, size, text);
    return true;
}

static bool read_design(const struct params *p, struct plan_question *q, struct fail *f)
{
    const char *text = params_get(p, "design");

    q->design = text ? design_of(text) : DESIGN_COUNT;
    return !text || q->design < DESIGN_COUNT ||
           fail_set(f, FAIL_UNPROCESSABLE, "bad-value", "design",
                    "\"design\" is one of step, coin-weeks, pairs-of-weeks, coin-days.");
}

bool plan_question_read(const struct params *p, struct plan_question *q, struct fail *f)
{
    static const char *const known[] = {
        "metric",    "source",        "region", "campaign", "lift",   "start", "days", "seed",
        "leave_out", "posts_per_day", "design", "baseline", "format", "bom",   NULL};
    char slug[SLUG_MAX + 1];

    memset(q, 0, sizeof *q);
    q->start = DAY_NONE;
    q->lift = LIFT_WISHED;
    q->days = CALENDAR_DAYS;
    q->baseline_days = BASELINE_DAYS;
    q->posts_per_day = 1;
    q->has_seed = params_get(p, "seed") != NULL;
    if (!params_check(p, known, false, false, f) || !params_traffic_metric(p, &q->metric, f) ||
        !name_param(p, "source", q->source, sizeof q->source, f) ||
        !name_param(p, "region", q->region, sizeof q->region, f) ||
        !name_param(p, "campaign", q->campaign, sizeof q->campaign, f) ||
        !params_real(p, "lift", .005, 10, &q->lift, f) || !params_day(p, "start", &q->start, f) ||
        !params_days(p, "days", CALENDAR_DAYS_MIN, CALENDAR_DAYS_MAX, &q->days, f) ||
        !params_days(p, "baseline", LIFT_BEFORE_MIN, BASELINE_MOST, &q->baseline_days, f) ||
        !params_int(p, "seed", 0, COUNT_MAX, &q->seed, f) ||
        !params_real(p, "posts_per_day", .01, 1000, &q->posts_per_day, f) ||
        !read_design(p, q, f) || !left_out_read(params_get(p, "leave_out"), &q->left_out, f))
        return false;
    if (!q->source[0])
        return fail_set(f, FAIL_UNPROCESSABLE, "missing-parameter", "source",
                        "\"source\" is missing: which traffic is meant, such as social, facebook, "
                        "organic or all.");
    if (platform_make(q->source, strlen(q->source), slug) && platform_is_social(slug))
        text_copy(q->source, sizeof q->source, slug);
    text_copy(q->left_out_text, sizeof q->left_out_text, params_get(p, "leave_out"));
    if (params_get(p, "leave_out") && strlen(params_get(p, "leave_out")) >= sizeof q->left_out_text)
        return fail_set(f, FAIL_UNPROCESSABLE, "too-long", "leave_out",
                        "\"leave_out\" is too long.");
    return true;
}

/* ---- the days before ---- */

/* The last day of the source that is known, before the start where one is given; or DAY_NONE. */
static bool last_known(struct db *db, struct zone *zone, const struct plan_question *q,
                       struct series_question *sq, int32_t *last, struct fail *f)
{
    struct warnings unsaid = {.n = 0};
    struct series all;

    if (!traffic_last_day(db, &sq->to, f))
        return false;
    if (q->start != DAY_NONE && sq->to != DAY_NONE && q->start <= sq->to)
        sq->to = q->start - 1;
    sq->from = sq->to == DAY_NONE ? 0 : sq->to - SERIES_DAYS_MAX + 1;
    if (!series_load(db, zone, sq, &all, &unsaid, f))
        return false;
    *last = series_last_known(&all);
    series_clear(&all);
    return true;
}

static bool load_before(struct db *db, struct zone *zone, struct plan_answer *a, struct fail *f)
{
    struct plan_question *q = &a->question;
    struct series_question sq = {.metric = q->metric,
                                 .source = q->source,
                                 .region = q->region[0] ? q->region : NULL,
                                 .campaign = q->campaign[0] ? q->campaign : NULL};
    int32_t last, since;
    char day[DAY_TEXT];

    if (!last_known(db, zone, q, &sq, &last, f))
        return false;
    if (last == DAY_NONE)
        return fail_set(f, FAIL_UNPROCESSABLE, "no-data", "source",
                        "There is no complete day of \"%.100s\" to plan by%s.", q->source,
                        q->start == DAY_NONE ? "" : " before the start");
    sq.from = last - (int32_t)q->baseline_days + 1;
    sq.to = last;
    if (!series_load(db, zone, &sq, &a->series, &a->warnings, f))
        return false;
    if (q->start == DAY_NONE)
        q->start = last + 1;
    if (q->start - last > PLAN_AHEAD_MAX)
        return fail_set(f, FAIL_UNPROCESSABLE, "too-far-ahead", "start",
                        "The last day known is %s; nothing is planned for more than %d days later.",
                        day_format(last, day), PLAN_AHEAD_MAX);
    a->baseline_to = last;
    a->baseline_from = last - (int32_t)q->baseline_days + 1;
    if (!dated_since(db, &sq, &a->series, last, &since, f))
        return false;
    if (since > a->baseline_from) {
        warn(&a->warnings, "tracking-change",
             "Days before %s are left out: what is counted changed then, as a note says.",
             day_format(since, day));
        a->baseline_from = since;
    }
    return true;
}

/* ---- the designs ---- */

static int count_on(const unsigned char *drawn, int n)
{
    int on = 0;

    for (int i = 0; i < n; i++)
        on += drawn[i] == DRAWN_ON;
    return on;
}

/* Whether the first so many days have enough with posts and, of a draw, enough without. */
static bool are_enough(enum design design, const unsigned char *drawn, int days)
{
    int on = count_on(drawn, days), off = 0;

    for (int i = 0; i < days; i++)
        off += drawn[i] == DRAWN_OFF;
    return on >= ON_DAYS_MIN && (design == DESIGN_STEP ||
                                 (on >= design_days_min(design) && off >= design_days_min(design)));
}

/* The first day after which the lift would be seen. */
static int days_needed(enum design design, const struct plan *plan, const unsigned char *drawn,
                       double lift)
{
    for (int day = LIFT_AFTER_MIN; day <= plan->days; day++)
        if (are_enough(design, drawn, day) && plan->error[day] > 0 &&
            detectable_lift(PLAN_ALLOWANCE * plan->error[day]) <= lift)
            return day;
    return 0;
}

static double seen_after(enum design design, const struct plan *plan, const unsigned char *drawn,
                         int days)
{
    if (days > plan->days || !are_enough(design, drawn, days) || !(plan->error[days] > 0))
        return 0;
    return detectable_lift(PLAN_ALLOWANCE * plan->error[days]);
}

static bool plan_one(struct db *db, const struct daily *before, enum design design,
                     struct plan_answer *a, struct fail *f)
{
    const struct plan_question *q = &a->question;
    struct planned *p = &a->planned[design];
    unsigned char drawn[CALENDAR_DAYS_MAX];
    int days = q->days < PLAN_DAYS_MAX ? (int)q->days : (int)PLAN_DAYS_MAX;
    struct plan plan = {.days = PLAN_DAYS_MAX};

    if (!left_out_mark(db, &q->left_out, q->start, CALENDAR_DAYS_MAX, drawn, f))
        return false;
    design_draw(design, (uint64_t)q->seed, day_weekday(q->start), (int)q->days, drawn);
    p->days_on = count_on(drawn, (int)q->days);
    if (q->days < PLAN_DAYS_MAX) /* the draw goes on */
        design_draw(design, (uint64_t)q->seed, day_weekday(q->start), PLAN_DAYS_MAX, drawn);
    a->outcome = plan_design(before, drawn, &plan);
    if (a->outcome == LIFT_MEMORY)
        return fail_memory(f);
    p->judged = a->outcome == LIFT_JUDGED;
    if (!p->judged)
        return true;
    p->error = plan.error[days];
    p->detectable = seen_after(design, &plan, drawn, days);
    p->horizon = seen_after(design, &plan, drawn, PLAN_DAYS_MAX);
    for (int i = 0; i < PLAN_LOOKS; i++)
        p->look[i] = seen_after(design, &plan, drawn, plan_looks[i]);
    p->days_needed = days_needed(design, &plan, drawn, q->lift);
    p->days_on_needed = count_on(drawn, p->days_needed);
    return true;
}

/* The days before and those between them and the start, of which nothing is known. */
static bool plan_all(struct db *db, struct plan_answer *a, struct fail *f)
{
    int n = a->question.start - a->baseline_from, zero = 0;
    double *y = malloc(((size_t)n + 1) * sizeof *y);
    struct daily before = {n, day_weekday(a->baseline_from), y, NULL};
    bool ok = y || fail_memory(f);

    for (int i = 0; ok && i < n; i++) {
        double v;

        y[i] = a->baseline_from + i <= a->baseline_to &&
                       series_at(&a->series, a->baseline_from + i, &v) == DAY_KNOWN
                   ? v
                   : NAN;
        if (isnan(y[i]))
            continue;
        a->days_used++;
        a->daily_mean += y[i];
        zero += y[i] == 0;
    }
    a->daily_mean /= a->days_used ? a->days_used : 1;
    a->low_counts = lift_counts_are_low(a->daily_mean, a->daily_mean, zero, a->days_used);
    if (ok && a->days_used < LIFT_BEFORE_MIN)
        a->outcome = LIFT_SHORT;
    else if (!a->low_counts)
        for (int d = 0; ok && d < DESIGN_COUNT; d++)
            ok = plan_one(db, &before, (enum design)d, a, f);
    free(y);
    return ok;
}

/* The design that shows the lift first; of like ones the finer draw. */
static void recommend(struct plan_answer *a)
{
    a->recommended = DESIGN_COUNT;
    for (int d = DESIGN_COUNT - 1; d >= 0; d--) {
        const struct planned *p = &a->planned[d];

        if (p->days_needed && (a->recommended == DESIGN_COUNT ||
                               p->days_needed < a->planned[a->recommended].days_needed))
            a->recommended = (enum design)d;
    }
}

/* A seed of the question's own, so that the same question draws the same days: FNV-1a. */
static void settle_seed(struct plan_question *q)
{
    char text[NAME_MAX_BYTES + 64];
    uint64_t h = 0xcbf29ce484222325u;

    if (q->has_seed)
        return;
    snprintf(text, sizeof text, "%s/%d/%d", q->source, q->metric, q->start);
    for (const char *c = text; *c; c++)
        h = (h ^ (unsigned char)*c) * 0x100000001b3u;
    q->seed = (int64_t)(h % 1000000);
    q->has_seed = true;
}

/* ---- words ---- */

static const char *const advice[DESIGN_COUNT] = {
    "post every day from a start on",
    "draw by lot the weeks in which to post, half of every eight",
    "draw by coin one of every two weeks in which to post",
    "draw by coin the days on which to post",
};
static const char *const naming[DESIGN_COUNT] = {
    "posting every day from a start on",
    "drawing half of every eight weeks by lot",
    "drawing one of every two weeks by coin",
    "drawing days by coin",
};

static void say_what(const struct plan_answer *a, struct buf *b)
{
    static const char *const names[TRAFFIC_METRIC_COUNT] = {"sessions", "daily users",
                                                            "engaged sessions", "conversions"};
    const struct plan_question *q = &a->question;

    buf_puts(b, "a lift of ");
    words_percent(b, q->lift);
    buf_printf(b, " in %s", names[q->metric]);
    if (strcmp(q->source, "all") == 0)
        buf_puts(b, " of the whole site");
    else
        buf_printf(b, " from %s", q->source);
}

static void say_basis(const struct plan_answer *a, struct buf *b)
{
    buf_puts(b, "judged by the ");
    words_counted(b, a->days_used, "day", "days");
    buf_puts(b, " with figures up to ");
    words_day(b, a->baseline_to);
}

static void say_other(const struct plan_answer *a, enum design d, struct buf *b)
{
    const struct planned *p = &a->planned[d];

    buf_printf(b, "%s ", naming[d]);
    if (p->days_needed) {
        buf_puts(b, "would take ");
        words_counted(b, p->days_needed, "day", "days");
    } else if (p->horizon > 0) {
        buf_printf(b, "would after %d days show one of ", PLAN_DAYS_MAX);
        words_percent(b, p->horizon);
    } else {
        buf_puts(b, "would show nothing");
    }
}

/* Whether no design has enough days to see anything. */
static bool all_left_out(const struct plan_answer *a)
{
    for (int d = 0; d < DESIGN_COUNT; d++)
        if (a->planned[d].horizon > 0)
            return false;
    return true;
}

static void say(struct plan_answer *a)
{
    struct buf *b = &a->sentence;
    const struct planned *p;

    if (a->outcome != LIFT_JUDGED) {
        buf_puts(b, "Whether a design could show ");
        say_what(a, b);
        buf_puts(b, " cannot be told, for too little is known to plan by: ");
        words_counted(b, a->days_used, "day", "days");
        buf_printf(b, " with figures, and it takes %d that are not all alike.", LIFT_BEFORE_MIN);
        return;
    }
    if (a->low_counts) {
        buf_puts(b, "Whether a design could show ");
        say_what(a, b);
        if (a->daily_mean < 3)
            buf_printf(b, " cannot be told: %.2g a day, ", a->daily_mean);
        else
            buf_puts(b, " cannot be told: many days with nothing at all, ");
        say_basis(a, b);
        buf_puts(b, ", is too little to plan by; a broader source, or the whole site, may do.");
        return;
    }
    if (a->recommended == DESIGN_COUNT && all_left_out(a)) {
        buf_puts(b, "Whether a design could show ");
        say_what(a, b);
        buf_puts(b, " cannot be told: so many days are left out that none has enough of them.");
        return;
    }
    if (a->recommended == DESIGN_COUNT) {
        buf_puts(b, "No design will show ");
        say_what(a, b);
        buf_printf(b, " here within %d days: ", PLAN_DAYS_MAX);
        say_other(a, DESIGN_COIN_DAYS, b);
        buf_puts(b, ", and ");
        say_other(a, DESIGN_STEP, b);
        buf_puts(b, ", with 80 % power, ");
        say_basis(a, b);
        buf_putc(b, '.');
        return;
    }
    p = &a->planned[a->recommended];
    buf_puts(b, "To see ");
    say_what(a, b);
    buf_printf(b, ", %s: with 80 %% power it would show after about ", advice[a->recommended]);
    words_counted(b, p->days_needed, "day", "days");
    if (p->days_on_needed < p->days_needed)
        buf_printf(b, ", %d of them with posts", p->days_on_needed);
    buf_puts(b, ", while ");
    say_other(a, a->recommended == DESIGN_STEP ? DESIGN_COIN_DAYS : DESIGN_STEP, b);
    buf_puts(b, "; this is an estimate, ");
    say_basis(a, b);
    buf_putc(b, '.');
}

static void add_warnings(struct plan_answer *a)
{
    const struct plan_question *q = &a->question;
    int out = 0;

    if (a->outcome != LIFT_JUDGED)
        warn(&a->warnings, "insufficient-data",
             "A plan takes at least %d days with figures before the start that are not all alike.",
             LIFT_BEFORE_MIN);
    else if (a->low_counts)
        warn(&a->warnings, "low-counts",
             "Fewer than 3 a day, or many days of none: what a design would show cannot be told "
             "from them.");
    else if (a->days_used < 56)
        warn(&a->warnings, "short-baseline",
             "Only %d days before have figures; how traffic drifts here is known badly.",
             a->days_used);
    for (int i = 0; i < q->days; i++)
        out += a->drawn[i] == DRAWN_OUT;
    if (out > LIFT_MISSING_MAX * (double)q->days)
        warn(&a->warnings, "many-left-out",
             "%d of the %d days of the calendar are left out; past 40 %% nothing can be judged.",
             out, (int)q->days);
    if (q->design == DESIGN_COIN_DAYS)
        warn(&a->warnings, "carry-over",
             "What posts of one day bring on the next counts against them here; where posts live "
             "longer than a day, draw weeks.");
    if (q->design == DESIGN_STEP)
        warn(&a->warnings, "step-is-weak",
             "Whatever else changes at the start will be in the lift, and ebb and flow hide it.");
}

bool plan_answer(struct db *db, struct zone *zone, const struct plan_question *q,
                 struct plan_answer *a, struct fail *f)
{
    memset(a, 0, sizeof *a);
    buf_init(&a->sentence, SENTENCE_MAX);
    a->question = *q;
    if (!load_before(db, zone, a, f))
        return false;
    settle_seed(&a->question);
    if (!plan_all(db, a, f))
        return false;
    recommend(a);
    if (a->question.design == DESIGN_COUNT)
        a->question.design = a->recommended == DESIGN_COUNT ? DESIGN_COIN_DAYS : a->recommended;
    if (!left_out_mark(db, &q->left_out, a->question.start, (int)q->days, a->drawn, f))
        return false;
    design_draw(a->question.design, (uint64_t)a->question.seed, day_weekday(a->question.start),
                (int)q->days, a->drawn);
    add_warnings(a);
    say(a);
    return true;
}

void plan_answer_clear(struct plan_answer *a)
{
    series_clear(&a->series);
    buf_clear(&a->sentence);
}
