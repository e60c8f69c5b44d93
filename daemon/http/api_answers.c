/* The questions: lift, compare, types, hits and duds, cadence. */
#include "http/api.h"
#include "render/json_answers.h"

#define FINDING "change", "lift", "low", "high", "p", "verdict", "sentence"

/* The finding of an answer beside a row of its table. */
static void add_finding(const json_t *answer, json_t **row)
{
    static const char *const names[] = {"change", "lift", "p", "verdict", "sentence"};
    const json_t *interval = json_object_get(answer, "interval");

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        json_t *v = json_object_get(answer, names[i]);

        if (v)
            json_put(row, names[i], json_incref(v));
    }
    if (interval) {
        json_put(row, "low", json_incref(json_array_get(interval, 0)));
        json_put(row, "high", json_incref(json_array_get(interval, 1)));
    }
}

void api_lift(struct app *app, const struct request *rq, struct reply *rp)
{
    static const char *const periods[] = {
        "period",          "from",  "to",         "days",  "days_used", "days_missing",
        "days_unfinished", "total", "daily_mean", FINDING, NULL};
    static const char *const days[] = {"date",     "value",        "period",        "state",
                                       "expected", "expected_low", "expected_high", NULL};
    struct lift_question q;
    struct lift_answer a = {0};
    struct fail f = {0};
    struct db *db = NULL;
    json_t *o;

    lift_question_init(&q);
    if (!lift_question_read(&rq->params, &q, &f))
        goto fail;
    db = snapshot_begin(app->snapshots, &rp->revision, &f);
    if (!db || !lift_answer(db, app->zone, &q, &a, &f))
        goto fail;
    rp->tag = TAG_REVISION;
    o = json_of_lift(&a, app->timezone, rp->revision);
    if (rq->csv && !q.series) {
        const char *first = q.exposure ? "without" : "baseline",
                   *second = q.exposure ? "with" : "after";
        json_t *rows = json_array(), *before = json_deep_copy(json_object_get(o, first));
        json_t *after = json_deep_copy(json_object_get(o, second));

        json_put(&before, "period", json_text(first));
        json_put(&after, "period", json_text(second));
        add_finding(o, &after);
        json_append(&rows, before);
        json_append(&rows, after);
        json_put(&o, "rows", rows);
        reply_table(rp, rq, o, json_object_get(o, "rows"), periods);
    } else {
        reply_table(rp, rq, o, json_object_get(o, "series"), days);
    }
    goto out;
fail:
    reply_fail(rp, &f);
out:
    snapshot_end(db);
    lift_answer_clear(&a);
    lift_question_clear(&q);
}

void api_compare(struct app *app, const struct request *rq, struct reply *rp)
{
    static const char *const columns[] = {
        "group",         "posts", "posts_used", "posts_without", "too_young", "first_read_late",
        "posts_dropped", "total", "mean",       "median",        "largest",   "top_post_share",
        FINDING,         NULL};
    struct compare_question q;
    struct compare_answer a = {0};
    struct fail f = {0};
    struct db *db = NULL;
    json_t *o;

    compare_question_init(&q);
    if (!compare_question_read(&rq->params, &q, &f))
        goto fail;
    db = snapshot_begin(app->snapshots, &rp->revision, &f);
    if (!db || !compare_answer(db, &q, &a, &f))
        goto fail;
    rp->tag = TAG_REVISION;
    o = json_of_compare(&q, &a, app->timezone, rp->revision);
    if (rq->csv) {
        json_t *rows = json_array(), *in_a = json_deep_copy(json_object_get(o, "a"));
        json_t *in_b = json_deep_copy(json_object_get(o, "b"));

        json_put(&in_a, "group", json_text("a"));
        add_finding(o, &in_a);
        json_put(&in_b, "group", json_text("b"));
        json_append(&rows, in_a);
        json_append(&rows, in_b);
        json_put(&o, "rows", rows);
    }
    reply_table(rp, rq, o, json_object_get(o, "rows"), columns);
    goto out;
fail:
    reply_fail(rp, &f);
out:
    snapshot_end(db);
    compare_answer_clear(&a);
    compare_question_clear(&q);
}

void api_types(struct app *app, const struct request *rq, struct reply *rp)
{
    static const char *const figures[] = {
        "posts",
        "pleases",
        "moves",
        "check",
        "engagement.posts_used",
        "engagement.mean",
        "engagement.median",
        "engagement.lift",
        "engagement.interval.0=engagement.low",
        "engagement.interval.1=engagement.high",
        "engagement.p",
        "engagement.q",
        "engagement.shrunk",
        "engagement.verdict",
        "metrics.sessions.mean",
        "sessions.lift",
        "sessions.q",
        "sessions.verdict",
        "traffic.days_with",
        "traffic.days_without",
        "traffic.mean_with",
        "traffic.mean_without",
        "traffic.change",
        "traffic.lift",
        "traffic.interval.0=traffic.low",
        "traffic.interval.1=traffic.high",
        "traffic.p",
        "traffic.q",
        "traffic.shrunk",
        "traffic.verdict",
        "sentence",
    };
    enum { N_FIGURES = sizeof figures / sizeof *figures };
    const char *columns[N_FIGURES + 3] = {NULL};
    int n = 0;
    struct types_question q;
    struct types_answer a = {0};
    struct fail f = {0};
    struct db *db = NULL;
    json_t *o;

    types_question_init(&q);
    if (!types_question_read(&rq->params, &q, &f))
        goto fail;
    db = snapshot_begin(app->snapshots, &rp->revision, &f);
    if (!db || !types_answer(db, app->zone, &q, &a, &f))
        goto fail;
    rp->tag = TAG_REVISION;
    o = json_of_types(&q, &a, app->timezone, rp->revision);
    if (q.by == BY_ACCOUNT)
        columns[n++] = "platform";
    columns[n++] = types_by_names[q.by];
    for (int i = 0; i < N_FIGURES; i++)
        columns[n++] = figures[i];
    reply_table(rp, rq, o, json_object_get(o, "types"), columns);
    goto out;
fail:
    reply_fail(rp, &f);
out:
    snapshot_end(db);
    types_answer_clear(&a);
    types_question_clear(&q);
}

void api_outliers(struct app *app, const struct request *rq, struct reply *rp)
{
    static const char *const columns[] = {
        "platform",      "id",    "type", "posted_at", "kind", "value", "distance",
        "times_typical", "share", "day",  "excerpt",   "url",  NULL};
    struct outliers_question q;
    struct outliers_answer a = {0};
    struct fail f = {0};
    struct db *db = NULL;
    json_t *o;

    outliers_question_init(&q);
    if (!outliers_question_read(&rq->params, &q, &f))
        goto fail;
    db = snapshot_begin(app->snapshots, &rp->revision, &f);
    if (!db || !outliers_answer(db, &q, &a, &f))
        goto fail;
    rp->tag = TAG_REVISION;
    o = json_of_outliers(&q, &a, app->timezone, rp->revision);
    reply_table(rp, rq, o, json_object_get(o, "outliers"), columns);
    goto out;
fail:
    reply_fail(rp, &f);
out:
    snapshot_end(db);
    outliers_answer_clear(&a);
    outliers_question_clear(&q);
}

void api_cadence(struct app *app, const struct request *rq, struct reply *rp)
{
    static const char *const columns[] = {"date", "posts", "missed", NULL};
    struct cadence_question q;
    struct cadence_answer a = {0};
    struct fail f = {0};
    struct db *db = NULL;
    json_t *o;

    cadence_question_init(&q);
    if (!cadence_question_read(&rq->params, &q, &f))
        goto fail;
    db = snapshot_begin(app->snapshots, &rp->revision, &f);
    if (!db || !cadence_answer(db, app->zone, &q, &a, &f))
        goto fail;
    rp->tag = TAG_REVISION;
    o = json_of_cadence(&q, &a, app->timezone, rp->revision);
    reply_table(rp, rq, o, json_object_get(o, "days"), columns);
    goto out;
fail:
    reply_fail(rp, &f);
out:
    snapshot_end(db);
    cadence_answer_clear(&a);
    cadence_question_clear(&q);
}
