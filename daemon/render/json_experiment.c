#include "render/json_experiment.h"
#include "analysis/design.h"
#include "analysis/sequential.h"
#include "answer/words.h"
#include "base/day.h"
#include "render/plan_out.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static json_t *text_or_null(const char *text)
{
    return json_text(text[0] ? text : NULL);
}

static json_t *days_json(const int32_t *days, int n)
{
    json_t *list = json_array();

    for (int i = 0; list && i < n; i++)
        json_append(&list, json_day(days[i]));
    return list;
}

json_t *json_of_definition(const struct experiment *e)
{
    json_t *o = json_object();

    json_put(&o, "name", json_text(e->name));
    json_put(&o, "question", json_text(e->question));
    json_put(&o, "design", json_text(e->design));
    json_put(&o, "posts", json_text(e->posts));
    json_put(&o, "metric", json_text(traffic_metric_names[e->metric]));
    json_put(&o, "source", json_text(e->source));
    json_put(&o, "region", text_or_null(e->region));
    json_put(&o, "campaign", text_or_null(e->campaign));
    json_put(&o, "secondary", json_words(e->secondary[0] ? e->secondary : ""));
    json_put(&o, "start", json_day(e->start));
    json_put(&o, "end", json_day(e->end));
    json_put(&o, "baseline", json_integer(e->baseline_days));
    json_put(&o, "control", text_or_null(e->control));
    json_put(&o, "margin", json_real(e->margin));
    json_put(&o, "seed", json_integer(e->seed));
    json_put(&o, "leave_out", text_or_null(e->leave_out));
    json_put(&o, "follow_up", days_json(e->follow_up, e->n_follow_ups));
    return o;
}

static int drawn_of(const char *calendar, unsigned char *drawn)
{
    int n = 0;

    for (; calendar[n] && n < EXPERIMENT_DAYS_MAX; n++)
        drawn[n] = calendar[n] == '1' ? DRAWN_ON : calendar[n] == 'x' ? DRAWN_OUT : DRAWN_OFF;
    return n;
}

json_t *json_of_experiment(const struct experiment *e)
{
    unsigned char drawn[EXPERIMENT_DAYS_MAX];
    int n = drawn_of(e->calendar, drawn);
    json_t *o = json_object(), *definition = json_of_definition(e), *value;
    const char *name;

    json_put(&o, "slug", json_text(e->slug));
    json_put(&o, "state", json_text(experiment_state_names[e->state]));
    json_put(&o, "stated_at", json_moment(e->stated_at));
    json_put(&o, "after_the_fact", json_boolean(e->after_the_fact));
    json_put(&o, "stopped", json_day(e->stopped));
    json_object_foreach(definition, name, value) json_put(&o, name, json_incref(value));
    json_put(&o, "calendar", json_of_drawn(e->start, n, drawn));
    json_decref(definition);
    return o;
}

json_t *json_of_experiment_event(const struct experiment_event *e)
{
    json_t *o = json_object(), *detail = json_loads(e->detail, JSON_DECODE_ANY, NULL);

    json_put(&o, "at", json_moment(e->at));
    json_put(&o, "what", json_text(e->what));
    json_put(&o, "reason", json_text(e->reason));
    json_put(&o, "detail", detail ? detail : json_null());
    return o;
}

json_t *json_of_finding_head(const struct finding *found)
{
    json_t *o = json_object();

    json_put(&o, "n", json_integer(found->n));
    json_put(&o, "kind", json_text(found->kind));
    json_put(&o, "due", json_day(found->due));
    json_put(&o, "found_at", json_moment(found->found_at));
    json_put(&o, "revision", json_integer(found->revision));
    json_put(&o, "sentence", json_text(found->sentence));
    return o;
}

json_t *json_of_finding(const struct finding *found)
{
    json_t *o = json_of_finding_head(found), *all = json_loads(found->text, 0, NULL), *value;
    const char *name;

    json_object_foreach(all, name, value) json_put(&o, name, json_incref(value));
    json_decref(all);
    return o;
}

/* ---- a reading ---- */

static json_t *secondary_json(const struct secondary_reading *s)
{
    json_t *o = json_object(), *interval = json_array();

    json_put(&o, "metric", json_text(s->metric));
    json_put(&o, "of", json_text(s->of_posts ? "posts" : "website"));
    json_put(&o, "sentence",
             json_text(s->answered ? buf_text((struct buf *)(uintptr_t)&s->sentence) : s->why_not));
    json_put(&o, "verdict",
             json_text(verdict_names[s->answered ? s->verdict : VERDICT_INSUFFICIENT_DATA]));
    if (s->answered && s->has_change)
        json_put_real(&o, "change", s->change);
    if (s->answered && s->judged) {
        json_put_real(&o, "lift", expm1(s->lift));
        json_append(&interval, json_real(expm1(s->low)));
        json_append(&interval, json_real(expm1(s->high)));
        json_put(&o, "interval", json_incref(interval));
        json_put_real(&o, "p", s->p);
    }
    json_decref(interval);
    return o;
}

/* The figures of an answer, as far as a changed one is told by them. */
static json_t *figures_of(const json_t *answer)
{
    static const char *const names[] = {"verdict", "change", "lift", "interval", "p"};
    json_t *o = json_object();

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        json_t *v = json_object_get(answer, names[i]);

        if (v)
            json_put(&o, names[i], json_incref(v));
    }
    return o;
}

/* As they are printed: two figures that print alike are alike. */
static bool alike(const json_t *a, const json_t *b)
{
    struct buf x, y;
    bool same;

    buf_init(&x, 4096);
    buf_init(&y, 4096);
    json_write(a, &x);
    json_write(b, &y);
    same = strcmp(buf_text(&x), buf_text(&y)) == 0;
    buf_clear(&x);
    buf_clear(&y);
    return same;
}

static void say_figures(const json_t *figures, struct buf *b)
{
    const json_t *lift = json_object_get(figures, "lift");
    const json_t *interval = json_object_get(figures, "interval");

    if (!lift || !interval) {
        buf_puts(b, "nothing concluded");
        return;
    }
    words_signed(b, json_real_value(lift));
    buf_puts(b, " (");
    words_range(b, json_real_value(json_array_get(interval, 0)),
                json_real_value(json_array_get(interval, 1)));
    buf_putc(b, ')');
}

static json_t *kept_json(const struct experiment_reading *r)
{
    json_t *kept = json_object();

    json_put(&kept, "days", json_integer(r->days));
    json_put(&kept, "days_for_posts", json_integer(r->days_on));
    json_put(&kept, "days_kept", json_integer(r->days_kept));
    json_put(&kept, "missed", days_json(r->missed, r->n_missed));
    json_put(&kept, "strayed", days_json(r->strayed, r->n_strayed));
    return kept;
}

static void say_kept(const json_t *kept, struct buf *b)
{
    words_count(b, (int64_t)json_integer_value(json_object_get(kept, "days_kept")));
    buf_puts(b, " of ");
    words_counted(b, (int)json_integer_value(json_object_get(kept, "days")), "day", "days");
}

/* What of the finding before is other now, its own question asked again. */
struct since {
    const json_t *before;
    json_t *old, *asked_again; /* figures; asked_again: NULL where it cannot be asked */
    json_t *kept;              /* as the posts of today tell */
    bool figures, posts, notes;
};

static void compare_again(struct experiment_reading *again, const char *timezone, int64_t revision,
                          struct since *s)
{
    const json_t *planned = json_object_get(s->before, "as_planned");
    json_t *now, *done, *done_was = figures_of(json_object_get(s->before, "as_done"));

    s->old = figures_of(planned);
    if (!again) {
        json_decref(done_was);
        return;
    }
    now = json_of_lift(&again->planned, timezone, revision);
    done = again->has_done ? json_of_lift(&again->done, timezone, revision) : NULL;
    s->asked_again = figures_of(now);
    s->kept = kept_json(again);
    s->figures = !alike(s->old, s->asked_again);
    s->posts = !alike(json_object_get(s->before, "plan_kept"), s->kept);
    s->notes = !json_equal(json_object_get(planned, "notes"), json_object_get(now, "notes"));
    if (!s->figures && !s->posts) {
        json_t *figures = figures_of(done);

        s->figures = !alike(done_was, figures);
        json_decref(figures);
    }
    json_decref(done_was);
    json_decref(done);
    json_decref(now);
}

static void say_since(const struct since *s, bool corrected, int more, bool changed, struct buf *b)
{
    if (corrected)
        buf_puts(b, "The question was corrected since then, as its log tells. ");
    if (s->figures) {
        buf_puts(b, s->notes ? "Notes about these days were written, changed or removed since "
                               "then, and data may have changed as well: the earlier finding, "
                               "asked again as it was, is "
                             : "Data that came or changed since then change the earlier finding: "
                               "asked again as it was, it is ");
        say_figures(s->asked_again, b);
        buf_puts(b, ", where it was ");
        say_figures(s->old, b);
        buf_puts(b, ". ");
    }
    if (s->posts) {
        buf_puts(b, "Posts that came or changed since then tell that the plan was kept on ");
        say_kept(s->kept, b);
        buf_puts(b, ", where it was ");
        say_kept(json_object_get(s->before, "plan_kept"), b);
        buf_puts(b, ". ");
    }
    if (!s->asked_again)
        buf_puts(b, "The earlier question cannot be asked again. ");
    if (more > 0) {
        buf_puts(b, "It looks at ");
        words_counted(b, more, "more day", "more days");
        buf_puts(b, ". ");
    }
    if (!changed)
        buf_puts(b, "The figures are those of the finding before.");
    else if (!corrected && !s->figures && !s->posts && more <= 0)
        buf_puts(b, "The figures changed.");
    while (b->len && b->data[b->len - 1] == ' ')
        b->data[--b->len] = 0;
}

/* What changed since the finding before: more days, late data, notes, a correction; in words. */
static json_t *since_json(const struct experiment_reading *r, const json_t *now,
                          const json_t *definition, const json_t *before,
                          struct experiment_reading *again, const char *timezone, int64_t revision)
{
    json_t *o = json_object(), *new = figures_of(now);
    const char *text = json_string_value(json_object_get(before, "until"));
    int32_t until = text ? day_parse(text, strlen(text)) : DAY_NONE;
    bool corrected = !json_equal(json_object_get(before, "experiment"), definition), changed;
    int more = until == DAY_NONE ? 0 : r->until - until;
    struct since s = {.before = before};
    struct buf b;

    buf_init(&b, 4096);
    compare_again(again, timezone, revision, &s);
    changed = !alike(s.old, new) || s.figures || s.posts;
    json_put(&o, "finding", json_integer(json_integer_value(json_object_get(before, "n"))));
    json_put(&o, "changed", json_boolean(changed));
    json_put(&o, "more_days", json_integer(more));
    json_put(&o, "late_data", json_boolean((s.figures && !s.notes) || s.posts));
    json_put(&o, "notes_changed", json_boolean(s.notes));
    json_put(&o, "corrected", json_boolean(corrected));
    json_put(&o, "was", json_incref(s.old));
    json_put(&o, "asked_again", s.asked_again ? json_incref(s.asked_again) : json_null());
    say_since(&s, corrected, more, changed, &b);
    json_put(&o, "words", json_text(buf_text(&b)));
    buf_clear(&b);
    json_decref(s.old);
    json_decref(s.asked_again);
    json_decref(s.kept);
    json_decref(new);
    return o;
}

json_t *json_of_reading(struct experiment_reading *r, json_t *log, const json_t *before,
                        struct experiment_reading *again, const char *timezone, int64_t revision)
{
    json_t *o = json_object(), *secondary = json_array();
    json_t *planned = json_of_lift(&r->planned, timezone, revision);
    json_t *definition = json_of_definition(r->e);

    for (int i = 0; i < r->n_secondary; i++)
        json_append(&secondary, secondary_json(&r->secondary[i]));
    json_put(&o, "sentence", json_text(buf_text(&r->sentence)));
    json_put(&o, "verdict", json_text(verdict_names[r->planned.judged.verdict]));
    json_put(&o, "provisional", json_boolean(r->provisional));
    json_put(&o, "verdict_line", json_real(PEEK_LINE));
    json_put(&o, "until", json_day(r->until));
    json_put(&o, "experiment", json_incref(definition));
    json_put(&o, "log", json_incref(log));
    json_put(&o, "warnings", json_of_warnings(&r->warnings));
    json_put(&o, "plan_kept", kept_json(r));
    json_put(&o, "difference", json_text(buf_text(&r->difference)));
    json_put(&o, "as_done", r->has_done ? json_of_lift(&r->done, timezone, revision) : json_null());
    json_put(&o, "secondary", secondary);
    json_put(&o, "since",
             before ? since_json(r, planned, definition, before, again, timezone, revision)
                    : json_null());
    json_put(&o, "as_planned", planned);
    json_put(&o, "revision", json_integer(revision));
    json_decref(definition);
    return o;
}
