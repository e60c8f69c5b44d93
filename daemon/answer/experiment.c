#include "answer/experiment_parts.h"
#include "answer/lift_parts.h"
#include "answer/planning.h"
#include "answer/sampling.h"
#include "base/day.h"
#include "base/text.h"
#include "store/experiments.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { WEEKS_DEFAULT_DAYS = 56, FOLLOW_UP_MONTHS = 3 };

/* ---- an experiment as a question ---- */

static void ask(struct asking *a, const char *name, const char *value)
{
    if (a->params.n == PARAMS_MOST || !value[0])
        return;
    a->name[a->params.n] = name;
    a->value[a->params.n++] = value;
}

static void ask_begin(struct asking *a)
{
    memset(a, 0, sizeof *a);
    a->params.name = a->name;
    a->params.value = a->value;
}

/* "type:meme,platform:x" as filters, their names after a prefix. */
static void ask_posts(struct asking *a, const char *posts, const char *prefix)
{
    char *at = a->group, *list;

    text_copy(a->posts, sizeof a->posts, posts);
    for (list = a->posts; *list;) {
        char *end = list + strcspn(list, ","), *colon = strchr(list, ':');
        size_t left = sizeof a->group - (size_t)(at - a->group);
        bool last = !*end;

        *end = 0;
        if (colon && strlen(prefix) + (size_t)(colon - list) + 1 < left) {
            *colon = 0;
            snprintf(at, left, "%s%s", prefix, list);
            ask(a, at, colon + 1);
            at += strlen(at) + 1;
        }
        list = last ? end : end + 1;
    }
}

void ask_lift(struct asking *a, const struct experiment *e, int32_t until)
{
    ask_begin(a);
    snprintf(a->baseline, sizeof a->baseline, "%" PRId64, e->baseline_days);
    snprintf(a->margin, sizeof a->margin, "%.6g", e->margin);
    ask(a, "metric", traffic_metric_names[e->metric]);
    ask(a, "source", e->source);
    ask(a, "region", e->region);
    ask(a, "campaign", e->campaign);
    ask(a, "start", day_format(e->start, a->start));
    ask(a, "end", day_format(until, a->end));
    ask(a, "baseline", a->baseline);
    ask(a, "control", e->control);
    ask(a, "margin", a->margin);
    if (design_of(e->design) == DESIGN_STEP)
        ask_posts(a, e->posts, "");
    else
        ask(a, "exposure", e->posts);
}

bool experiment_metric_is_known(const char *name)
{
    return traffic_metric(name) >= 0 || post_figure(name) >= 0;
}

static bool check_secondary(const char *list, struct fail *f)
{
    int n = 0;

    while (*list) {
        char name[40];
        size_t k = strcspn(list, " ");

        snprintf(name, sizeof name, "%.*s", (int)(k < 39 ? k : 39), list);
        if (++n > SECONDARY_MAX || !experiment_metric_is_known(name))
            return fail_set(f, FAIL_UNPROCESSABLE, "unknown-metric", "secondary",
                            "\"secondary\" takes up to %d metrics of the website or of posts; "
                            "\"%.39s\" is none.",
                            SECONDARY_MAX, name);
        list += k + (list[k] == ' ');
    }
    return true;
}

static bool settle_days(struct experiment *e, struct fail *f)
{
    int32_t due;

    if (e->start == DAY_NONE)
        return fail_set(f, FAIL_UNPROCESSABLE, "missing-field", "start",
                        "An experiment needs its first day, \"start\".");
    if (e->end == DAY_NONE)
        e->end = e->start + WEEKS_DEFAULT_DAYS - 1;
    if (e->end < e->start)
        return fail_set(f, FAIL_UNPROCESSABLE, "empty-range", "end",
                        "\"end\" lies before \"start\".");
    if (e->end - e->start + 1 < CALENDAR_DAYS_MIN || e->end - e->start >= EXPERIMENT_DAYS_MAX)
        return fail_set(f, FAIL_UNPROCESSABLE, "bad-value", "end",
                        "An experiment takes %d to %d days; this one has %d.", CALENDAR_DAYS_MIN,
                        EXPERIMENT_DAYS_MAX, e->end - e->start + 1);
    if (!e->n_follow_ups) {
        due = day_after_months(e->start, FOLLOW_UP_MONTHS);
        e->follow_up[e->n_follow_ups++] = due > e->end ? due : day_after_months(e->end, 1);
    }
    if (e->follow_up[0] <= e->end)
        return fail_set(f, FAIL_UNPROCESSABLE, "bad-date", "follow_up",
                        "A follow-up comes after the end.");
    return true;
}

/* A seed of its own: FNV-1a of what it is called and when it starts. */
static int64_t own_seed(const struct experiment *e)
{
    char text[SLUG_MAX + 24];
    uint64_t h = 0xcbf29ce484222325u;

    snprintf(text, sizeof text, "%s/%d", e->slug, e->start);
    for (const char *c = text; *c; c++)
        h = (h ^ (unsigned char)*c) * 0x100000001b3u;
    return (int64_t)(h % 1000000);
}

static bool settle_calendar(struct db *db, struct experiment *e, bool has_seed, struct fail *f)
{
    static const char letters[] = {[DRAWN_OFF] = '0', [DRAWN_ON] = '1', [DRAWN_OUT] = 'x'};
    unsigned char days[EXPERIMENT_DAYS_MAX];
    int n = e->end - e->start + 1, on = 0, out = 0, least;
    struct left_out left;

    if (!left_out_read(e->leave_out, &left, f) || !left_out_mark(db, &left, e->start, n, days, f))
        return false;
    if (!has_seed)
        e->seed = own_seed(e);
    design_draw(design_of(e->design), (uint64_t)e->seed, day_weekday(e->start), n, days);
    for (int i = 0; i < n; i++) {
        e->calendar[i] = letters[days[i]];
        on += days[i] == DRAWN_ON;
        out += days[i] == DRAWN_OUT;
    }
    e->calendar[n] = 0;
    least = design_days_min(design_of(e->design));
    if (on < least)
        return fail_set(f, FAIL_UNPROCESSABLE, "too-few-days", "end",
                        "Only %d of the %d days are for posts, and %d are left out; a judgement "
                        "takes at least %d with posts.",
                        on, n, out, least);
    if (design_of(e->design) != DESIGN_STEP && n - on - out < least)
        return fail_set(f, FAIL_UNPROCESSABLE, "too-few-days", "end",
                        "Only %d of the %d days are for no posts, and %d are left out; a judgement "
                        "of this design takes at least %d without posts.",
                        n - on - out, n, out, least);
    return true;
}

/* Whether its figures can be had at all: users of several sources are people, and not added up. */
static bool check_additive(struct db *db, struct zone *zone, const struct experiment *e,
                           struct fail *f)
{
    struct series_question sq = {e->metric,
                                 e->source,
                                 e->region[0] ? e->region : NULL,
                                 e->campaign[0] ? e->campaign : NULL,
                                 e->start - (int32_t)e->baseline_days,
                                 e->start};
    struct warnings unsaid = {.n = 0};
    struct fail why = {0};
    struct series s;

    if (series_load(db, zone, &sq, &s, &unsaid, &why)) {
        series_clear(&s);
        return true;
    }
    /* what is not stored yet may come */
    return (why.code == FAIL_UNPROCESSABLE && strcmp(why.slug, "not-additive") != 0) ||
           fail_set(f, why.code, why.slug, "source", "%s", why.sentence);
}

bool experiment_settle(struct db *db, struct zone *zone, struct experiment *e, bool has_seed,
                       struct fail *f)
{
    struct asking a;
    struct lift_question q;
    bool ok;

    if (design_of(e->design) == DESIGN_COUNT)
        return fail_set(f, FAIL_UNPROCESSABLE, "bad-value", "design",
                        "\"design\" is one of step, coin-weeks, pairs-of-weeks, coin-days.");
    if (!e->posts[0])
        return fail_set(f, FAIL_UNPROCESSABLE, "missing-field", "posts",
                        "An experiment needs what is posted, \"posts\", such as type:meme.");
    if (e->leave_out[0] && design_of(e->design) == DESIGN_STEP)
        return fail_set(f, FAIL_UNPROCESSABLE, "bad-value", "leave_out",
                        "A step draws no days, so none can be left out of the draw; a note of an "
                        "outage leaves days out of every answer.");
    if (!settle_days(e, f) || !check_secondary(e->secondary, f) || !check_additive(db, zone, e, f))
        return false;
    ask_lift(&a, e, e->end);
    lift_question_init(&q);
    ok = lift_question_read(&a.params, &q, f) && settle_calendar(db, e, has_seed, f);
    if (ok && !q.has_posts)
        ok = fail_set(f, FAIL_UNPROCESSABLE, "bad-value", "posts",
                      "\"posts\" says which posts are meant, such as type:meme or "
                      "type:meme,platform:facebook.");
    lift_question_clear(&q);
    return ok;
}

/* ---- reading ---- */

int32_t experiment_until(const struct experiment *e, int n)
{
    int32_t last = experiment_last_day(e);

    /* days drawn end with the draw; a step goes on to the day before the follow-up */
    if (!n || design_of(e->design) != DESIGN_STEP || e->stopped != DAY_NONE)
        return last;
    return e->follow_up[n - 1] - 1;
}

static void note_day(int32_t day, int32_t *list, int *n)
{
    if (*n < EXPERIMENT_DAYS_MAX)
        list[(*n)++] = day;
}

/* The days on which the plan was not kept, as the posts themselves tell. */
static bool find_deviations(struct db *db, struct experiment_reading *r, int32_t *first,
                            struct fail *f)
{
    const struct experiment *e = r->e;
    unsigned char days[EXPERIMENT_DAYS_MAX * 2] = {0};
    int32_t from = e->start - (int32_t)e->baseline_days, any;
    bool step = design_of(e->design) == DESIGN_STEP;

    *first = DAY_NONE;
    if (!posts_days(db, &r->question.posts, e->start, e->start + r->n_drawn - 1, days, &any, f))
        return false;
    for (int i = 0; i < r->n_drawn; i++) { /* after the draw nothing is planned */
        bool posted = days[i] != 0, on = r->drawn[i] == DRAWN_ON;

        if (r->drawn[i] == DRAWN_OUT) /* nothing was meant for it */
            continue;
        r->days++;
        if (posted && *first == DAY_NONE)
            *first = e->start + i;
        r->days_on += on;
        r->days_kept += posted == on;
        if (on && !posted)
            note_day(e->start + i, r->missed, &r->n_missed);
        if (!on && posted)
            note_day(e->start + i, r->strayed, &r->n_strayed);
    }
    if (!step || e->baseline_days > EXPERIMENT_DAYS_MAX)
        return true;
    r->days_since = r->until - experiment_last_day(e);
    if (r->days_since > 0 && r->days_since <= (int)sizeof days) { /* a follow-up */
        memset(days, 0, sizeof days);
        if (!posts_days(db, &r->question.posts, experiment_last_day(e) + 1, r->until, days, &any,
                        f))
            return false;
        for (int i = 0; i < r->days_since; i++)
            r->posts_since += days[i] != 0;
    }
    memset(days, 0, sizeof days);
    if (!posts_days(db, &r->question.posts, from, e->start - 1, days, &any, f))
        return false;
    for (int i = 0; i < e->baseline_days; i++)
        if (days[i])
            note_day(from + i, r->strayed, &r->n_strayed);
    return true;
}

/* The draw, for a question about days. */
static void set_draw(const struct experiment_reading *r, struct lift_question *q)
{
    enum design design = design_of(r->e->design);

    if (!q->exposure)
        return;
    q->drawn = r->drawn;
    q->n_drawn = r->n_drawn;
    q->drawn_min = design_days_min(design);
    q->drawn_in_weeks = design == DESIGN_COIN_WEEKS || design == DESIGN_PAIRS;
    q->withheld = r->question.withheld;
}

/* By the days that really had posts; of a step by the day of the first. */
struct counting_corrections {
    struct experiment_reading *r;
    struct zone *zone;
};

static bool read_as_done(struct db *db, struct zone *zone, struct experiment_reading *r,
                         int32_t first, struct fail *f)
{
    const struct experiment *e = r->e;
    struct experiment moved = *e;
    struct fail none = {0};
    struct asking a;

    if (design_of(e->design) == DESIGN_STEP) {
        if (first == DAY_NONE || first == e->start)
            return true;
        moved.start = first;
    } else if ((!r->n_missed && !r->n_strayed) || first == DAY_NONE) {
        return true;
    }
    ask_lift(&a, &moved, r->until);
    if (!lift_question_read(&a.params, &r->question_done, f))
        return false;
    set_draw(r, &r->question_done);
    r->question_done.by_posts = r->question_done.exposure;
    r->has_done = lift_answer(db, zone, &r->question_done, &r->done, &none);
    return r->has_done || none.code == FAIL_UNPROCESSABLE ||
           fail_set(f, none.code, none.slug, NULL, "%s", none.sentence);
}

static bool read_traffic_metric(struct db *db, struct zone *zone,
                                const struct experiment_reading *r, struct secondary_reading *s,
                                struct fail *f)
{
    struct experiment other = *r->e;
    struct lift_question q;
    struct lift_answer a = {0};
    struct asking asking;
    bool ok;

    other.metric = traffic_metric(s->metric);
    lift_question_init(&q);
    ask_lift(&asking, &other, r->until);
    ok = lift_question_read(&asking.params, &q, f);
    if (ok)
        set_draw(r, &q);
    q.has_kept = r->question.has_kept;
    q.kept = r->question.kept;
    ok = ok && lift_answer(db, zone, &q, &a, f);
    if (ok) {
        s->verdict = a.judged.verdict;
        s->has_change = a.has_change;
        s->change = a.change;
        s->judged = a.judged.outcome == LIFT_JUDGED && !a.broken;
        s->lift = a.judged.lift;
        s->low = a.judged.low;
        s->high = a.judged.high;
        s->p = a.judged.p;
        buf_puts(&s->sentence, buf_text(&a.sentence));
    }
    lift_answer_clear(&a);
    lift_question_clear(&q);
    return ok;
}

static bool read_post_metric(struct db *db, const struct experiment_reading *r,
                             struct secondary_reading *s, struct fail *f)
{
    struct compare_question q;
    struct compare_answer a = {0};
    struct asking asking;
    bool ok;

    ask_begin(&asking);
    ask(&asking, "metric", s->metric);
    ask(&asking, "region", r->e->region);
    ask(&asking, "from", day_format(r->e->start, asking.start));
    ask(&asking, "to", day_format(r->until, asking.end));
    ask_posts(&asking, r->e->posts, "a.");
    compare_question_init(&q);
    ok = compare_question_read(&asking.params, &q, f) && compare_answer(db, &q, &a, f);
    if (ok) {
        s->verdict = a.judged.verdict;
        s->has_change = a.has_change;
        s->change = a.change;
        s->judged = a.judged.outcome == GROUPS_JUDGED;
        s->lift = a.judged.found.beta;
        s->low = a.judged.found.low;
        s->high = a.judged.found.high;
        s->p = a.judged.found.p;
        buf_puts(&s->sentence, buf_text(&a.sentence));
    }
    compare_answer_clear(&a);
    compare_question_clear(&q);
    return ok;
}

static bool read_secondary(struct db *db, struct zone *zone, struct experiment_reading *r,
                           struct fail *f)
{
    for (const char *list = r->e->secondary; *list && r->n_secondary < SECONDARY_MAX;) {
        struct secondary_reading *s = &r->secondary[r->n_secondary++];
        size_t n = strcspn(list, " ");
        struct fail none = {0};

        snprintf(s->metric, sizeof s->metric, "%.*s", (int)(n < 39 ? n : 39), list);
        buf_init(&s->sentence, SENTENCE_MAX);
        s->of_posts = traffic_metric(s->metric) < 0;
        s->answered = s->of_posts ? read_post_metric(db, r, s, &none)
                                  : read_traffic_metric(db, zone, r, s, &none);
        if (!s->answered && none.code != FAIL_UNPROCESSABLE)
            return fail_set(f, none.code, none.slug, NULL, "%s", none.sentence);
        text_copy(s->why_not, sizeof s->why_not, none.sentence);
        list += n + (list[n] == ' ');
    }
    return true;
}

/* ---- words ---- */

static bool has_estimate(const struct lift_answer *a)
{
    return a->judged.outcome == LIFT_JUDGED && !a->broken;
}

static void say_put_at(const struct lift_answer *a, struct buf *b)
{
    buf_puts(b, "it is put at ");
    words_signed(b, expm1(a->judged.lift));
    buf_printf(b, " (%g %% interval ", 100 * a->question.level);
    words_range(b, expm1(a->judged.low), expm1(a->judged.high));
    buf_putc(b, ')');
}

static void say_list(const int32_t *days, int n, struct buf *b)
{
    enum { SAID = 3 };

    for (int i = 0; i < n && i < SAID; i++) {
        buf_puts(b, i ? ", " : " (");
        words_day(b, days[i]);
    }
    if (n)
        buf_puts(b, n > SAID ? " and others)" : ")");
}

/* After the plan a step goes on only as far as such posts do. */
static void say_since(const struct experiment_reading *r, struct buf *b)
{
    if (r->days_since <= 0)
        return;
    buf_puts(b, " On ");
    words_count(b, r->posts_since);
    buf_puts(b, " of the ");
    words_counted(b, r->days_since, "day", "days");
    buf_puts(b, " after it such posts came.");
}

static void warn_of_since(struct experiment_reading *r)
{
    int meant = r->days_on ? r->days_on - r->n_missed : 0;

    if (r->days_since > 0 && r->days_on &&
        2.0 * r->posts_since / r->days_since < (double)meant / r->days_on)
        warn(&r->planned.warnings, "posts-ended",
             "Such posts came on %d of the %d days after the plan: most of them are days without, "
             "and count here as days of the step.",
             r->posts_since, r->days_since);
}

static void say_difference(struct experiment_reading *r)
{
    bool step = design_of(r->e->design) == DESIGN_STEP;
    struct buf *b = &r->difference;
    int days = r->days;

    if (r->n_late && !days) {
        buf_puts(b, "Its days were drawn when all of them had passed.");
        return;
    }
    if (!r->n_missed && !r->n_strayed) {
        buf_puts(b, "The plan was kept on all ");
        words_counted(b, days, "day", "days");
        buf_puts(b, ": as done is as planned.");
        return;
    }
    buf_puts(b, "The plan was kept on ");
    words_count(b, r->days_kept);
    buf_puts(b, " of ");
    words_counted(b, days, "day", "days");
    buf_puts(b, ":");
    if (r->n_missed) {
        buf_putc(b, ' ');
        words_counted(b, r->n_missed, "day meant for posts had none",
                      "days meant for posts had none");
        say_list(r->missed, r->n_missed, b);
    }
    if (r->n_strayed) {
        buf_puts(b, r->n_missed ? ", and " : " ");
        words_counted(b, r->n_strayed, "day not meant for them had some",
                      "days not meant for them had some");
        say_list(r->strayed, r->n_strayed, b);
    }
    if (!r->has_done) {
        buf_puts(b, step && r->days_on > r->n_missed
                        ? ". The first day is as planned, and so is the comparison."
                        : ". No answer as done can be given.");
        return;
    }
    buf_puts(b, step ? ". From the first day with such a post on " : ". As done ");
    if (has_estimate(&r->done))
        say_put_at(&r->done, b);
    else
        buf_puts(b, "nothing can be concluded");
    buf_puts(b, ", as planned ");
    if (has_estimate(&r->planned))
        say_put_at(&r->planned, b);
    else
        buf_puts(b, has_estimate(&r->done) ? "nothing can be concluded" : "neither");
    buf_puts(b, "; the answer as planned counts, because it was fixed beforehand.");
}

/* How much of it was known when it was written down. */
static const char *stated(const struct experiment_reading *r, int32_t stated_on)
{
    const struct experiment *e = r->e;

    if (e->after_the_fact)
        return ", written down after its start";
    if (r->n_corrections)
        return "";
    if (stated_on >= e->start)
        return e->import_id ? ", by its file stated on its first day" : ", stated on its first day";
    return e->import_id ? ", by its file stated beforehand" : ", stated beforehand";
}

static void say(struct experiment_reading *r, int32_t stated_on)
{
    const struct experiment *e = r->e;
    struct buf *b = &r->sentence;

    if (r->provisional) {
        buf_puts(b, "Provisional, after ");
        words_count(b, r->until - e->start + 1);
        buf_puts(b, " of ");
        words_counted(b, e->end - e->start + 1, "day", "days");
        buf_puts(b, " of the experiment");
    } else {
        buf_puts(b, "Experiment");
    }
    buf_printf(b, " \"%s\"%s", e->name, stated(r, stated_on));
    if (r->n_corrections) {
        buf_puts(b, e->after_the_fact ? " and corrected on " : ", corrected after its start, on ");
        words_day(b, r->corrected_on);
    }
    if (e->stopped != DAY_NONE)
        buf_puts(b, ", stopped early");
    if (r->n_late && r->days) {
        buf_puts(b, ", without the ");
        words_counted(b, r->n_late, "day", "days");
        buf_puts(b, " that had passed by then");
    }
    if (r->days_kept < r->days && r->question.withheld == WITHHELD_NOTHING) {
        buf_puts(b, ", the plan kept on ");
        words_count(b, r->days_kept);
        buf_puts(b, " of ");
        words_counted(b, r->days, "day", "days");
    }
    if (r->days_since > 0) {
        buf_puts(b, ", and such posts on ");
        words_count(b, r->posts_since);
        buf_puts(b, " of the ");
        words_counted(b, r->days_since, "day", "days");
        buf_puts(b, " after it");
    }
    buf_puts(b, ": ");
    buf_puts(b, buf_text(&r->planned.sentence));
}

/* ---- all of it ---- */

static bool count_correction(void *ctx, const struct experiment_event *event)
{
    struct counting_corrections *c = ctx;

    if (strcmp(event->what, "correction") == 0) {
        c->r->n_corrections++;
        c->r->corrected_on = zone_day(c->zone, event->at);
    }
    return true;
}

/* Days that had passed when they were drawn are days that chance did not choose. */
static void leave_out_late(struct zone *zone, struct experiment_reading *r)
{
    const struct experiment *e = r->e;
    int32_t stated = zone_day(zone, e->stated_at);

    if (!e->after_the_fact || design_of(e->design) == DESIGN_STEP)
        return;
    for (int i = 0; i < r->n_drawn && e->start + i <= stated; i++) {
        r->n_late += r->drawn[i] != DRAWN_OUT;
        r->drawn[i] = DRAWN_OUT;
    }
}

/* How much oftener such posts came on the days meant for them than on the others, 0 to 1. */
static double kept_share(const struct experiment_reading *r)
{
    bool step = design_of(r->e->design) == DESIGN_STEP;
    int off = step ? (int)r->e->baseline_days : r->days - r->days_on;
    double on_share = r->days_on ? 1 - (double)r->n_missed / r->days_on : 0;
    double off_share = off > 0 ? (double)r->n_strayed / off : 0;

    return on_share > off_share ? on_share - off_share : 0;
}

static enum withheld withheld_of(const struct experiment_reading *r)
{
    if (r->n_late && !r->days)
        return WITHHELD_DRAWN_LATE;
    return r->days_on && r->n_missed == r->days_on ? WITHHELD_NO_POSTS : WITHHELD_NOTHING;
}

bool experiment_read(struct db *db, struct zone *zone, const struct experiment *e, int32_t until,
                     bool provisional, struct experiment_reading *r, struct fail *f)
{
    struct counting_corrections counting = {r, zone};
    struct asking a;
    int32_t first;

    memset(r, 0, sizeof *r);
    r->e = e;
    r->until = until;
    r->provisional = provisional;
    buf_init(&r->sentence, SENTENCE_MAX);
    buf_init(&r->difference, SENTENCE_MAX);
    if (!experiment_warn(db, zone, e, &r->warnings, f))
        return false;
    lift_question_init(&r->question);
    lift_question_init(&r->question_done);
    for (int i = 0; e->calendar[i] && e->start + i <= until && i < EXPERIMENT_DAYS_MAX; i++)
        r->drawn[r->n_drawn++] = e->calendar[i] == '1'   ? DRAWN_ON
                                 : e->calendar[i] == 'x' ? DRAWN_OUT
                                                         : DRAWN_OFF;
    leave_out_late(zone, r);
    ask_lift(&a, e, until);
    if (!lift_question_read(&a.params, &r->question, f) ||
        !experiment_log_each(db, e->experiment_id, count_correction, &counting, f))
        return false;
    if (r->n_corrections)
        warn(&r->warnings, "corrected",
             "What is asked was corrected after the start, as the log tells: an answer that was "
             "seen by then may have shaped the question.");
    set_draw(r, &r->question);
    if (!find_deviations(db, r, &first, f))
        return false;
    r->question.withheld = withheld_of(r);
    r->question.has_kept = true;
    r->question.kept = kept_share(r);
    if (!lift_answer(db, zone, &r->question, &r->planned, f) ||
        !read_as_done(db, zone, r, first, f) || !read_secondary(db, zone, r, f))
        return false;
    warn_of_since(r);
    say_difference(r);
    say_since(r, &r->difference);
    say(r, zone_day(zone, e->stated_at));
    return true;
}

void experiment_reading_clear(struct experiment_reading *r)
{
    lift_answer_clear(&r->planned);
    lift_answer_clear(&r->done);
    lift_question_clear(&r->question);
    lift_question_clear(&r->question_done);
    for (int i = 0; i < r->n_secondary; i++)
        buf_clear(&r->secondary[i].sentence);
    buf_clear(&r->sentence);
    buf_clear(&r->difference);
}
