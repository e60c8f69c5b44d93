/* Plans: what designs would be able to see, and the calendar that a seed draws. */
#include "base/ceilings.h"
#include "http/api.h"
#include "http/pages.h"
#include "render/plan_out.h"

#include <string.h>

void api_plan(struct app *app, const struct request *rq, struct reply *rp)
{
    static const char *const columns[] = {"date", "weekday", "post", NULL};
    struct plan_question q;
    struct plan_answer a = {0};
    struct fail f = {0};
    struct db *db = NULL;
    json_t *o;

    if (!plan_question_read(&rq->params, &q, &f))
        goto fail;
    db = snapshot_begin(app->snapshots, &rp->revision, &f);
    if (!db || !plan_answer(db, app->zone, &q, &a, &f))
        goto fail;
    rp->tag = TAG_REVISION;
    if (rq->format == FORMAT_ICS) {
        ical_of_plan(&a, &rp->body);
        reply_calendar(rp);
    } else if (rq->format == FORMAT_HTML) {
        page_of_plan(&a, &rp->body);
        reply_page(rp);
    } else {
        o = json_of_plan(&a, app->timezone, rp->revision);
        reply_table(rp, rq, o, json_object_get(json_object_get(o, "calendar"), "days"), columns);
    }
    goto out;
fail:
    reply_fail(rp, &f);
out:
    snapshot_end(db);
    plan_answer_clear(&a);
}
