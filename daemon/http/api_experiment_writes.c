/* Experiments as they are written: put down, fixed at their start, stopped, corrected, removed. */
#include "answer/experiment.h"
#include "base/clock.h"
#include "base/day.h"
#include "base/text.h"
#include "http/api.h"
#include "ingest/experiment_json.h"
#include "http/small_json.h"
#include "render/json_experiment.h"
#include "store/experiments.h"
#include "store/reach.h"

#include <string.h>

/* What a correction may change after the start. */
static const char *const correctable[] = {"name",    "question", "posts",     "source",
                                          "region",  "campaign", "secondary", "baseline",
                                          "control", "margin",   "follow_up", NULL};

static int32_t today_of(const struct app *app)
{
    return zone_day(app->zone, clock_now_ms());
}

struct experiment_body {
    struct small_json in;
    char slug[SLUG_MAX + 1]; /* "": a new one */
    json_t *object;
    struct experiment e, was;
    const char *regions; /* the sender's; "": all */
    const char *reason;  /* of the object */
    json_t *detail;      /* what a correction changes; owned */
    int32_t today;
    int64_t now_ms;
    bool sees; /* the sender may see it */
};

/* What is to be written, made of what is there: by what the sender sees, before the write. */
typedef bool (*prepare_fn)(struct experiment_body *b, struct db *db, struct zone *zone,
                           struct fail *f);

static void *body_begin(struct app *app, const struct request *rq, struct reply *rp)
{
    return small_json_begin(app, rq, rp, sizeof(struct experiment_body));
}

static void body_free(void *body)
{
    struct experiment_body *b = body;

    json_decref(b->object);
    json_decref(b->detail);
    small_json_free(body);
}

/* Reads the body, and which experiment is meant. */
static bool body_read(struct experiment_body *b, const struct request *rq, struct fail *f)
{
    text_copy(b->slug, sizeof b->slug, rq->segment[0]);
    if (strlen(rq->segment[0]) > SLUG_MAX)
        return fail_set(f, FAIL_NOT_FOUND, "no-experiment", NULL, "There is no such experiment.");
    b->sees = request_sees_rows(rq);
    b->regions = rq->caller.regions;
    b->today = today_of(b->in.app);
    b->now_ms = clock_now_ms();
    b->object = small_json_read(&b->in, f);
    return b->object != NULL;
}

/* Runs the write and answers with the experiment as it is then. */
static void body_write(struct experiment_body *b, const struct request *rq, write_fn job,
                       unsigned status, struct reply *rp)
{
    struct fail f = {0};
    struct db *db = NULL;
    json_t *o = NULL;

    if (writer_run(b->in.app->writer, WRITE_FOREGROUND, job, b, &f))
        db = snapshot_begin(b->in.app->snapshots, &rp->revision, &f);
    if (db && experiment_find(db, b->e.slug, &b->e, &f))
        o = api_experiment_whole(b->in.app, rq, db, &b->e, rp->revision, &f);
    if (o && !b->sees) { /* a change is no way to read */
        json_object_clear(o);
        json_put(&o, "slug", json_text(b->e.slug));
        json_put(&o, "state", json_text(experiment_state_names[b->e.state]));
    }
    if (o) {
        snprintf(rp->location, sizeof rp->location, "/api/v1/experiments/%s", b->e.slug);
        reply_json(rp, status, o);
    } else {
        reply_fail(rp, &f);
    }
    snapshot_end(db);
}

static bool fixed(const struct experiment *e, struct fail *f)
{
    char day[DAY_TEXT];

    return fail_set(f, FAIL_CONFLICT, "fixed", NULL,
                    "The experiment started on %s, and its question is fixed. What may still be "
                    "done: a note (/api/v1/notes), an early stop with its reason (POST .../stop), "
                    "a correction with its reason (POST .../corrections of name, question, posts, "
                    "source, region, campaign, secondary, baseline, control, margin or follow_up), "
                    "which is logged and shown with the answer.",
                    day_format(e->start, day));
}

/* Of which region an experiment is: the sender's one, where it has one and names none. */
static bool settle_region(const struct experiment_body *b, struct experiment *e, struct fail *f)
{
    if (*b->regions && !e->region[0] && !strchr(b->regions, ' '))
        text_copy(e->region, sizeof e->region, b->regions);
    return !*b->regions || (e->region[0] && reach_has(b->regions, e->region)) ||
           fail_set(f, FAIL_CONFLICT, "region-conflict", "region",
                    "The token is for the regions \"%.150s\", and writes experiments of one of "
                    "them: say which by \"region\".",
                    b->regions);
}

/* Whether what it was made of is still so; nobody waits for that while it is made. */
static bool is_as_it_was(struct store *st, const struct experiment_body *b, struct fail *f)
{
    struct experiment now;
    json_t *before, *is;
    bool same;

    if (!b->slug[0])
        return true;
    if (!experiment_find(st->db, b->slug, &now, f))
        return false;
    before = json_of_experiment(&b->was);
    is = json_of_experiment(&now);
    same = now.experiment_id == b->was.experiment_id && before && json_equal(before, is);
    json_decref(before);
    json_decref(is);
    return same || fail_set(f, FAIL_CONFLICT, "changed-meanwhile", NULL,
                            "The experiment was changed at the same moment; look, and send it "
                            "again.");
}

/* A new one, or another one in the place of one that has not started. */
static bool put_prepare(struct experiment_body *b, struct db *db, struct zone *zone, struct fail *f)
{
    struct experiment *e = &b->e;
    bool has_seed = false;

    experiment_init(e);
    e->metric = traffic_metric("sessions");
    e->baseline_days = 90;
    e->margin = .2;
    if (b->slug[0]) {
        if (!experiment_find(db, b->slug, e, f))
            return false;
        b->was = *e;
        if (experiment_has_started(e, b->today))
            return fixed(e, f);
        has_seed = true; /* as it was, unless another is given */
        if (!json_object_get(b->object, "follow_up") && json_object_get(b->object, "start"))
            e->n_follow_ups = 0;
    }
    if (!experiment_from_json(b->object, NULL, e, &has_seed, f))
        return false;
    if (!e->name[0])
        return fail_set(f, FAIL_UNPROCESSABLE, "missing-field", "name",
                        "An experiment needs a name.");
    experiment_name_slug(e);
    if (!e->slug[0])
        return fail_set(f, FAIL_UNPROCESSABLE, "missing-field", "slug",
                        "Its name makes no address; give a \"slug\" of letters and digits.");
    if (!e->question[0])
        return fail_set(f, FAIL_UNPROCESSABLE, "missing-field", "question",
                        "An experiment needs its question in words, \"question\".");
    if (!settle_region(b, e, f) || !experiment_settle(db, zone, e, has_seed, f))
        return false;
    e->stated_at = b->now_ms;
    e->after_the_fact = b->today > e->start;
    e->state = experiment_state_on(e, b->today, false, 0);
    return true;
}

static bool put_job(struct store *st, void *ctx, bool *changed, struct fail *f)
{
    struct experiment_body *b = ctx;

    *changed = true;
    return is_as_it_was(st, b, f) && experiment_put(st->db, &b->e, f);
}

static bool prepare(struct experiment_body *b, prepare_fn fn, struct fail *f)
{
    int64_t revision;
    struct db *db = snapshot_begin(b->in.app->snapshots, &revision, f);
    bool ok = db && fn(b, db, b->in.app->zone, f);

    snapshot_end(db);
    return ok;
}

/* Reads the body, makes of it what is to be written, runs the write, answers. */
static void finish(struct experiment_body *b, const struct request *rq, prepare_fn fn, write_fn job,
                   struct reply *rp)
{
    struct fail f = {0};

    if (!body_read(b, rq, &f) || !prepare(b, fn, &f))
        reply_fail(rp, &f);
    else
        body_write(b, rq, job, b->slug[0] ? 200 : 201, rp);
}

static void put_finish(void *body, const struct request *rq, struct reply *rp)
{
    finish(body, rq, put_prepare, put_job, rp);
}

const struct body_ops api_experiments_body = {body_begin, small_json_feed, put_finish, body_free,
                                              SMALL_BODY_MAX};

/* The experiment that is meant, and why. */
static bool find_with_reason(struct experiment_body *b, struct db *db, struct fail *f)
{
    if (!experiment_find(db, b->slug, &b->e, f))
        return false;
    b->was = b->e;
    b->reason = json_string_value(json_object_get(b->object, "reason"));
    if (b->reason && b->reason[strspn(b->reason, " \t\r\n")] && strlen(b->reason) <= NOTE_TEXT_MAX)
        return true;
    return fail_set(f, FAIL_UNPROCESSABLE, "missing-field", "reason",
                    "A reason is needed, of at most %d bytes: it is kept and shown.",
                    NOTE_TEXT_MAX);
}

static bool log_it(struct store *st, const struct experiment_body *b, const char *what,
                   json_t *detail, struct fail *f)
{
    char *text = detail ? json_dumps(detail, JSON_COMPACT) : NULL;
    struct experiment_event event = {b->now_ms, what, b->reason, text};
    bool added, ok = text ? experiment_log_add(st->db, b->e.experiment_id, &event, &added, f)
                          : fail_memory(f);

    json_decref(detail);
    free(text);
    return ok;
}

/* It has ended, and what was due never came: its findings are no longer waited for. */
static bool give_up(struct store *st, struct experiment_body *b, struct fail *f)
{
    struct experiment *e = &b->e;
    enum experiment_wait wait;
    char text[DAY_TEXT];
    bool end;
    int n;

    if (!findings_count(st->db, e->experiment_id, &n, &end, f) ||
        !experiment_waits(st->db, b->in.app->zone, e, n, b->today, &wait, f))
        return false;
    if (wait != WAIT_TRAFFIC && wait != WAIT_CONTROL)
        return fail_set(f, FAIL_CONFLICT, "ended", NULL, "It ended on %s.",
                        day_format(e->end, text));
    e->state = EXPERIMENT_CLOSED;
    return experiment_put(st->db, e, f) &&
           log_it(st, b, "given-up", json_pack("{s:i}", "findings", n), f);
}

static bool stop_prepare(struct experiment_body *b, struct db *db, struct zone *zone,
                         struct fail *f)
{
    (void)zone;
    return find_with_reason(b, db, f);
}

static bool stop_job(struct store *st, void *ctx, bool *changed, struct fail *f)
{
    struct experiment_body *b = ctx;
    struct experiment *e = &b->e;
    const char *date = json_string_value(json_object_get(b->object, "date"));
    int32_t day;
    char text[DAY_TEXT];

    if (!is_as_it_was(st, b, f))
        return false;
    day = date ? day_parse(date, strlen(date)) : b->today > e->start ? b->today - 1 : e->start;
    if (e->state == EXPERIMENT_CLOSED || (e->stopped != DAY_NONE && b->today <= e->end))
        return fail_set(f, FAIL_CONFLICT, "stopped", NULL,
                        "It was stopped, or is closed, already.");
    if (!experiment_has_started(e, b->today))
        return fail_set(f, FAIL_CONFLICT, "not-started", NULL,
                        "It has not started; it can be changed or deleted.");
    if (b->today > e->end) {
        *changed = true;
        return give_up(st, b, f);
    }
    if (day == DAY_NONE || day < e->start || day > b->today)
        return fail_set(f, FAIL_UNPROCESSABLE, "bad-date", "date",
                        "\"date\" is the last day that counts, from its start to today.");
    e->stopped = day;
    e->state = EXPERIMENT_STOPPED;
    *changed = true;
    return experiment_put(st->db, e, f) &&
           log_it(st, b, "stop", json_pack("{s:s}", "last_day", day_format(day, text)), f);
}

static void stop_finish(void *body, const struct request *rq, struct reply *rp)
{
    finish(body, rq, stop_prepare, stop_job, rp);
}

const struct body_ops api_experiment_stop_body = {body_begin, small_json_feed, stop_finish,
                                                  body_free, SMALL_BODY_MAX};

/* What a correction changes: {"field": {"was": ..., "is": ...}}. */
static json_t *changes_of(const struct experiment *was, const struct experiment *is)
{
    json_t *old = json_of_definition(was), *new = json_of_definition(is), *o = json_object(), *v;
    const char *name;

    json_object_foreach(new, name, v)
    {
        json_t *before = json_object_get(old, name);

        if (!json_equal(before, v))
            json_put(&o, name, json_pack("{s:O, s:O}", "was", before, "is", v));
    }
    json_decref(old);
    json_decref(new);
    return o;
}

/* Whether a correction changes what is asked, and not only how it is worded or when. */
static bool changes_question(const json_t *detail)
{
    static const char *const beside[] = {"name", "question", "secondary", "follow_up"};
    size_t n = json_object_size(detail);

    for (size_t i = 0; i < sizeof beside / sizeof *beside; i++)
        n -= json_object_get(detail, beside[i]) != NULL;
    return n > 0;
}

/* What was found is of the region that was asked about, and is not shown to another. */
static bool nothing_found(struct db *db, const struct experiment *e, struct fail *f)
{
    bool end;
    int n;

    return findings_count(db, e->experiment_id, &n, &end, f) &&
           (!n || fail_set(f, FAIL_CONFLICT, "found", "region",
                           "Something was found already, and it is of the region as it was: stop "
                           "this experiment, and write down another for the other region."));
}

static bool correct_prepare(struct experiment_body *b, struct db *db, struct zone *zone,
                            struct fail *f)
{
    struct experiment *e = &b->e, checked;
    bool has_seed = false;

    if (!find_with_reason(b, db, f))
        return false;
    if (!experiment_has_started(e, b->today))
        return fail_set(f, FAIL_CONFLICT, "not-started", NULL,
                        "It has not started; it can simply be changed (PUT).");
    if (!experiment_from_json(b->object, correctable, e, &has_seed, f) || !settle_region(b, e, f))
        return false;
    if (strcmp(b->was.region, e->region) != 0 && !nothing_found(db, e, f))
        return false;
    checked = *e; /* the draw stays; the rest must make sense */
    if (!experiment_settle(db, zone, &checked, true, f))
        return false;
    b->detail = changes_of(&b->was, e);
    if (!b->detail)
        return fail_memory(f);
    return json_object_size(b->detail) || fail_set(f, FAIL_UNPROCESSABLE, "nothing-changed", NULL,
                                                   "The correction changes nothing.");
}

static bool correct_job(struct store *st, void *ctx, bool *changed, struct fail *f)
{
    struct experiment_body *b = ctx;

    *changed = true;
    return is_as_it_was(st, b, f) &&
           log_it(st, b, changes_question(b->detail) ? "correction" : "rewording",
                  json_incref(b->detail), f) &&
           experiment_put(st->db, &b->e, f);
}

static void correct_finish(void *body, const struct request *rq, struct reply *rp)
{
    finish(body, rq, correct_prepare, correct_job, rp);
}

const struct body_ops api_experiment_correct_body = {body_begin, small_json_feed, correct_finish,
                                                     body_free, SMALL_BODY_MAX};

struct removal {
    const char *slug, *regions;
    int32_t today;
};

static bool remove_job(struct store *st, void *ctx, bool *changed, struct fail *f)
{
    const struct removal *d = ctx;
    struct experiment e;

    if (!experiment_find(st->db, d->slug, &e, f))
        return false;
    if (*d->regions && !(e.region[0] && reach_has(d->regions, e.region)))
        return experiment_none(d->slug, f); /* to him */
    if (experiment_has_started(&e, d->today))
        return fixed(&e, f);
    *changed = true;
    return experiment_delete(st->db, e.experiment_id, f);
}

void api_experiment_delete(struct app *app, const struct request *rq, struct reply *rp)
{
    static const char *const known[] = {NULL};
    struct removal d = {rq->segment[0], rq->caller.regions, today_of(app)};
    struct fail f = {0};
    json_t *o;

    if (!params_check(&rq->params, known, false, false, &f) ||
        !writer_run(app->writer, WRITE_FOREGROUND, remove_job, &d, &f)) {
        reply_fail(rp, &f);
        return;
    }
    o = json_object();
    json_put(&o, "changed", json_true());
    json_put(&o, "revision", json_integer(revision_after(app, rq)));
    reply_json(rp, 200, o);
}
