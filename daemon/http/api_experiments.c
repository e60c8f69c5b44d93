/* Experiments as they are asked for: lists, one, its readings and what was found. */
#include "answer/experiment.h"
#include "base/day.h"
#include "http/api.h"
#include "http/pages.h"
#include "render/experiment_out.h"
#include "render/json_experiment.h"
#include "store/experiments.h"

#include <stdlib.h>
#include <string.h>

/* As an answer has it: with the import that brought it, which no other database knows. */
static json_t *experiment_json(const struct request *rq, const struct experiment *e)
{
    json_t *o = json_of_experiment(e);

    json_put(&o, "import_id",
             e->import_id ? json_integer(veil_shown(&rq->veil, e->import_id)) : json_null());
    return o;
}

/* ---- lists ---- */

struct listing {
    const struct request *rq;
    struct db *db;
    json_t *list;
    struct fail *f;
};

/* What was found as planned, in figures; null where nothing was judged. */
static void put_interval(const struct finding *found, json_t **o)
{
    static const char *const names[] = {"lift", "interval"};
    json_t *all = json_loads(found->text, 0, NULL), *planned = json_object_get(all, "as_planned");

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        json_t *v = json_object_get(planned, names[i]);

        json_put(o, names[i], v ? json_incref(v) : json_null());
    }
    json_decref(all);
}

static bool list_finding(void *ctx, const struct finding *found)
{
    json_t *o = json_of_finding_head(found);

    json_put(&o, "verdict", json_text(found->verdict));
    put_interval(found, &o);
    json_append(ctx, o);
    return *(json_t **)ctx != NULL;
}

static bool list_event(void *ctx, const struct experiment_event *e)
{
    json_append(ctx, json_of_experiment_event(e));
    return *(json_t **)ctx != NULL;
}

static bool list_experiment(void *ctx, const struct experiment *e)
{
    struct listing *l = ctx;
    json_t *o = experiment_json(l->rq, e), *findings = json_array();
    const json_t *last;

    if (!findings_each(l->db, e->experiment_id, list_finding, &findings, l->f)) {
        json_decref(o);
        json_decref(findings);
        return false;
    }
    last = json_array_get(findings, json_array_size(findings) - 1);
    json_object_del(o, "calendar");
    json_put(&o, "findings", json_integer((json_int_t)json_array_size(findings)));
    json_put(&o, "verdict", last ? json_incref(json_object_get(last, "verdict")) : json_null());
    json_put(&o, "sentence", last ? json_incref(json_object_get(last, "sentence")) : json_null());
    json_put(&o, "lift", last ? json_incref(json_object_get(last, "lift")) : json_null());
    json_put(&o, "interval", last ? json_incref(json_object_get(last, "interval")) : json_null());
    json_decref(findings);
    json_append(&l->list, o);
    return l->list != NULL;
}

void api_experiments(struct app *app, const struct request *rq, struct reply *rp)
{
    static const char *const known[] = {"format", "bom", NULL};
    static const char *const columns[] = {"slug",   "name",     "state",    "design",
                                          "metric", "source",   "posts",    "start",
                                          "end",    "findings", "sentence", NULL};
    struct fail f = {0};
    struct db *db = NULL;
    struct listing l = {rq, NULL, json_array(), &f};
    json_t *o;

    if (params_check(&rq->params, known, false, false, &f))
        db = l.db = snapshot_begin(app->snapshots, &rp->revision, &f);
    if (!db || !experiments_each(db, list_experiment, &l, &f) || f.code != FAIL_NONE) {
        json_decref(l.list);
        reply_fail(rp, &f);
    } else {
        rp->tag = TAG_REVISION;
        o = json_object();
        json_put(&o, "experiments", l.list);
        reply_table(rp, rq, o, json_object_get(o, "experiments"), columns);
    }
    snapshot_end(db);
}

/* ---- one ---- */

json_t *api_experiment_whole(struct app *app, const struct request *rq, struct db *db,
                             const struct experiment *e, int64_t revision, struct fail *f)
{
    json_t *o = experiment_json(rq, e), *findings = json_array(), *log = json_array();
    struct warnings warnings = {.n = 0};

    if (experiment_warn(db, app->zone, e, &warnings, f) &&
        findings_each(db, e->experiment_id, list_finding, &findings, f) &&
        experiment_log_each(db, e->experiment_id, list_event, &log, f)) {
        json_put(&o, "findings", findings);
        json_put(&o, "log", log);
        json_put(&o, "warnings", json_of_warnings(&warnings));
        json_put(&o, "revision", json_integer(revision));
        return o ? o : (fail_memory(f), NULL);
    }
    json_decref(o);
    json_decref(findings);
    json_decref(log);
    return NULL;
}

void api_experiment(struct app *app, const struct request *rq, struct reply *rp)
{
    static const char *const known[] = {"format", "bom", NULL};
    static const char *const columns[] = {"date", "weekday", "post", NULL};
    struct experiment e;
    struct fail f = {0};
    struct db *db = NULL;
    json_t *o = NULL;

    if (params_check(&rq->params, known, false, false, &f))
        db = snapshot_begin(app->snapshots, &rp->revision, &f);
    if (db && experiment_find(db, rq->segment[0], &e, &f))
        o = api_experiment_whole(app, rq, db, &e, rp->revision, &f);
    if (!o) {
        reply_fail(rp, &f);
    } else {
        rp->tag = TAG_REVISION;
        if (rq->format == FORMAT_ICS) {
            ical_of_experiment(&e, &rp->body);
            reply_calendar(rp);
            json_decref(o);
        } else if (rq->format == FORMAT_HTML) {
            page_of_calendar(&e, &rp->body);
            reply_page(rp);
            json_decref(o);
        } else {
            reply_table(rp, rq, o, json_object_get(o, "calendar"), columns);
        }
    }
    snapshot_end(db);
}

/* ---- readings and findings ---- */

/* What may be read so far; NULL with *f. */
static json_t *reading_so_far(struct app *app, struct db *db, const struct experiment *e,
                              int64_t revision, struct fail *f)
{
    struct experiment_reading *r;
    int32_t last, until = experiment_last_day(e);
    json_t *o = NULL, *log = json_array();

    if (!experiment_log_each(db, e->experiment_id, list_event, &log, f) ||
        !experiment_last_known(db, app->zone, e, &last, f)) {
        json_decref(log);
        return NULL;
    }
    if (last == DAY_NONE) {
        json_decref(log);
        fail_set(f, FAIL_UNPROCESSABLE, "no-data", NULL,
                 "There is nothing to read yet: no complete day of \"%.100s\" from its start on.",
                 e->source);
        return NULL;
    }
    r = calloc(1, sizeof *r);
    if (!r) {
        json_decref(log);
        fail_memory(f);
        return NULL;
    }
    if (experiment_read(db, app->zone, e, last < until ? last : until, last < until, r, f))
        o = json_of_reading(r, log, NULL, NULL, app->timezone, revision);
    experiment_reading_clear(r);
    json_decref(log);
    free(r);
    return o;
}

void api_experiment_reading(struct app *app, const struct request *rq, struct reply *rp)
{
    static const char *const known[] = {"format", NULL};
    struct experiment e;
    struct fail f = {0};
    struct db *db = NULL;
    json_t *o = NULL;

    if (params_check(&rq->params, known, false, false, &f))
        db = snapshot_begin(app->snapshots, &rp->revision, &f);
    if (db && experiment_find(db, rq->segment[0], &e, &f))
        o = reading_so_far(app, db, &e, rp->revision, &f);
    if (o) {
        rp->tag = TAG_REVISION;
        reply_json(rp, 200, o);
    } else {
        reply_fail(rp, &f);
    }
    snapshot_end(db);
}

static bool list_whole_finding(void *ctx, const struct finding *found)
{
    json_append(ctx, json_of_finding(found));
    return *(json_t **)ctx != NULL;
}

void api_finding(struct app *app, const struct request *rq, struct reply *rp)
{
    static const char *const known[] = {"format", NULL};
    const char *text = rq->segment[1];
    json_t *all = json_array(), *o = NULL;
    struct experiment e;
    struct fail f = {0};
    struct db *db = NULL;

    if (params_check(&rq->params, known, false, false, &f))
        db = snapshot_begin(app->snapshots, &rp->revision, &f);
    if (db && experiment_find(db, rq->segment[0], &e, &f) &&
        findings_each(db, e.experiment_id, list_whole_finding, &all, &f)) {
        if (strspn(text, "0123456789") == strlen(text) && strlen(text) < 6 && text[0] != '0')
            o = json_array_get(all, strtoul(text, NULL, 10) - 1);
        if (!o)
            fail_set(&f, FAIL_NOT_FOUND, "no-finding", NULL,
                     "The experiment \"%.60s\" has no finding \"%.20s\" yet.", e.slug, text);
    }
    if (o) {
        rp->tag = TAG_CONTENT;
        reply_json(rp, 200, json_incref(o));
    } else {
        reply_fail(rp, &f);
    }
    json_decref(all);
    snapshot_end(db);
}

void api_experiment_report(struct app *app, const struct request *rq, struct reply *rp)
{
    static const char *const known[] = {NULL};
    json_t *all = json_array(), *o = NULL, *now = NULL;
    struct experiment e;
    struct fail f = {0}, none = {0};
    struct db *db = NULL;

    if (params_check(&rq->params, known, false, false, &f))
        db = snapshot_begin(app->snapshots, &rp->revision, &f);
    if (db && experiment_find(db, rq->segment[0], &e, &f) &&
        findings_each(db, e.experiment_id, list_whole_finding, &all, &f))
        o = api_experiment_whole(app, rq, db, &e, rp->revision, &f);
    if (o) {
        if (!json_array_size(all))
            now = reading_so_far(app, db, &e, rp->revision, &none);
        page_of_experiment(&e, o, all, now, &rp->body);
        rp->tag = TAG_REVISION;
        reply_page(rp);
    } else {
        reply_fail(rp, &f);
    }
    json_decref(now);
    json_decref(o);
    json_decref(all);
    snapshot_end(db);
}
