/* The questions: lift, compare, types. */
#include "http/api.h"
#include "render/json.h"

void api_lift(struct app *app, const struct request *rq, struct reply *rp)
{
    static const char *const periods[] = {
        "period",          "from",  "to",         "days",   "days_used", "days_missing",
        "days_unfinished", "total", "daily_mean", "change", NULL};
    static const char *const days[] = {"date", "value", "period", "state", NULL};
    struct lift_question q;
    struct lift_answer a = {0};
    struct fail f = {0};
    struct db *db = NULL;
    json_t *o;

    if (!lift_question_read(&rq->params, &q, &f))
        goto fail;
    db = snapshot_begin(app->snapshots, &rp->revision, &f);
    if (!db || !lift_answer(db, app->zone, &q, &a, &f))
        goto fail;
    rp->tag = TAG_REVISION;
    o = json_of_lift(&a, app->timezone, rp->revision);
    if (rq->csv && !q.series) {
        json_t *rows = json_array(), *before = json_deep_copy(json_object_get(o, "baseline"));
        json_t *after = json_deep_copy(json_object_get(o, "after"));

        json_put(&before, "period", json_text("baseline"));
        json_put(&after, "period", json_text("after"));
        if (a.has_change)
            json_put(&after, "change", json_real(a.change));
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
}

void api_compare(struct app *app, const struct request *rq, struct reply *rp)
{
    static const char *const columns[] = {"group",          "posts",  "posts_used", "posts_without",
                                          "total",          "mean",   "median",     "largest",
                                          "top_post_share", "change", NULL};
    struct compare_question q;
    struct compare_answer a;
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
        if (a.has_change)
            json_put(&in_a, "change", json_real(a.change));
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
    compare_question_clear(&q);
}

void api_types(struct app *app, const struct request *rq, struct reply *rp)
{
    static const char *const figures[] = {
        "posts",
        "engagement.posts_used",
        "engagement.mean",
        "engagement.median",
        "metrics.sessions.mean",
        "traffic.days_with",
        "traffic.days_without",
        "traffic.mean_with",
        "traffic.mean_without",
        "traffic.change",
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
