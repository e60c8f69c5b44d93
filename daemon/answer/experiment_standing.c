/* Where an experiment stands beside its answer: what it waits for, and what should be known of it.
 */
#include "answer/experiment_parts.h"
#include "answer/lift_parts.h"
#include "base/day.h"
#include "base/text.h"
#include "store/experiments.h"
#include "store/post_reads.h"
#include "store/traffic_reads.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

bool experiment_last_known(struct db *db, struct zone *zone, const struct experiment *e,
                           int32_t *last, struct fail *f)
{
    struct series_question sq = {
        e->metric, e->source, e->region[0] ? e->region : NULL, e->campaign[0] ? e->campaign : NULL,
        e->start,  DAY_NONE};
    struct warnings unsaid = {.n = 0};
    struct fail none = {0};
    struct series s;
    int32_t newest;

    *last = DAY_NONE;
    if (!traffic_last_day(db, &newest, f))
        return false;
    if (newest == DAY_NONE || newest < e->start)
        return true;
    sq.to = newest - e->start >= SERIES_DAYS_MAX ? e->start + SERIES_DAYS_MAX - 1 : DAY_NONE;
    if (series_load(db, zone, &sq, &s, &unsaid, &none)) {
        *last = series_last_known(&s);
        series_clear(&s);
    }
    return none.code == FAIL_NONE || none.code == FAIL_UNPROCESSABLE ||
           fail_set(f, none.code, none.slug, NULL, "%s", none.sentence);
}

/* Whether such a post is there on the last day meant for one. */
static bool last_one_is_there(struct db *db, const struct experiment *e, int32_t until, bool *there,
                              struct fail *f)
{
    unsigned char day[1] = {0};
    struct lift_question q;
    struct asking a;
    int32_t last = until < e->end ? until : e->end, any;
    bool ok;

    while (last > e->start && e->calendar[last - e->start] != '1')
        last--;
    lift_question_init(&q);
    ask_lift(&a, e, until);
    ok = lift_question_read(&a.params, &q, f) && posts_days(db, &q.posts, last, last, day, &any, f);
    *there = day[0] != 0;
    lift_question_clear(&q);
    return ok;
}

static bool found_post(void *ctx, const struct post_view *p)
{
    (void)p;
    *(bool *)ctx = true;
    return false;
}

bool experiment_has_posts(struct db *db, const struct experiment *e, bool *has, struct fail *f)
{
    struct lift_question q;
    struct asking a;
    bool ok;

    *has = false;
    lift_question_init(&q);
    ask_lift(&a, e, e->end);
    ok = lift_question_read(&a.params, &q, f) &&
         posts_scan(db, &q.posts, POSTS_DAYS, found_post, has, f);
    lift_question_clear(&q);
    return ok;
}

bool experiment_lacks_control(struct db *db, const struct experiment *e, char *name, size_t size,
                              struct fail *f)
{
    name[0] = 0;
    for (const char *at = e->control; *at;) {
        char one[NAME_MAX_BYTES + 1];
        size_t len = strcspn(at, ",");
        bool as_source, as_name;

        snprintf(one, sizeof one, "%.*s", (int)len, at);
        at += len + (at[len] == ',');
        if (strcmp(one, "last-year") == 0 || strcmp(one, "social") == 0)
            continue;
        if (!traffic_knows(db, one, &as_source, &as_name, f))
            return false;
        if (as_source || as_name)
            continue;
        text_copy(name, size, one);
        return true;
    }
    return true;
}

bool experiment_waits(struct db *db, struct zone *zone, const struct experiment *e, int n,
                      int32_t today, enum experiment_wait *wait, struct fail *f)
{
    int32_t due = n ? e->follow_up[n - 1] : experiment_last_day(e) + 1;
    int32_t until = experiment_until(e, n), last;
    char control[NAME_MAX_BYTES + 1];
    bool there, later;

    *wait = WAIT_DATE;
    if (today < due)
        return true;
    if (!experiment_last_known(db, zone, e, &last, f) ||
        !experiment_lacks_control(db, e, control, sizeof control, f))
        return false;
    *wait = last == DAY_NONE || last < until ? WAIT_TRAFFIC
            : control[0]                     ? WAIT_CONTROL
                                             : WAIT_NOTHING;
    if (*wait != WAIT_NOTHING || today >= due + EXPERIMENT_POSTS_WAIT)
        return true;
    if (!last_one_is_there(db, e, until, &there, f))
        return false;
    if (!there && !posts_known_after(db, zone_day_start_ms(zone, until + 1), &later, f))
        return false;
    *wait = there || later ? WAIT_NOTHING : WAIT_POSTS;
    return true;
}

/* ---- what should be known of it ---- */

struct overlapping {
    const struct experiment *e;
    struct warnings *w;
};

static bool is_one_question(const struct experiment *a, const struct experiment *b)
{
    bool social = (strcmp(a->source, "social") == 0 && platform_is_social(b->source)) ||
                  (strcmp(b->source, "social") == 0 && platform_is_social(a->source));

    return a->metric == b->metric && (social || strcmp(a->source, b->source) == 0) &&
           strcmp(a->region, b->region) == 0;
}

static bool find_overlap(void *ctx, const struct experiment *other)
{
    struct overlapping *v = ctx;
    const struct experiment *e = v->e;
    char from[DAY_TEXT], to[DAY_TEXT];

    if (other->experiment_id != e->experiment_id && is_one_question(e, other) &&
        other->start <= experiment_last_day(e) && experiment_last_day(other) >= e->start)
        warn_also(
            v->w, "overlapping-experiments",
            "The experiment \"%.100s\" (%s to %s) asks about the same figures on some of these "
            "days: what one of them moves is in the other's answer.",
            other->name, day_format(other->start, from),
            day_format(experiment_last_day(other), to));
    return true;
}

bool experiment_warn(struct db *db, struct zone *zone, const struct experiment *e,
                     struct warnings *w, struct fail *f)
{
    struct overlapping v = {e, w};
    bool has_posts, as_source = strcmp(e->source, "social") == 0, as_name = false;
    char day[DAY_TEXT], control[NAME_MAX_BYTES + 1];
    int32_t last;

    if (e->after_the_fact)
        warn(w, "after-the-fact",
             "It was written down after its first day, %s: what was known by then may have shaped "
             "the question%s.",
             day_format(e->start, day),
             strcmp(e->design, "step") == 0
                 ? ""
                 : ", and days that had passed when they were drawn play no part");
    if (e->import_id)
        warn(w, "brought-in",
             "A file brought it: when it was written down, and what was found until then, is what "
             "that file says.");
    if (!experiments_each(db, find_overlap, &v, f) || f->code != FAIL_NONE ||
        !experiment_last_known(db, zone, e, &last, f) ||
        !experiment_has_posts(db, e, &has_posts, f) ||
        (!as_source && !traffic_knows(db, e->source, &as_source, &as_name, f)) ||
        !experiment_lacks_control(db, e, control, sizeof control, f))
        return false;
    if (!as_source && !as_name)
        warn(w, "unknown-source",
             "No traffic is stored of a source \"%.200s\"; /api/v1/sources lists them.", e->source);
    if (control[0])
        warn(
            w, "unknown-control",
            "No traffic is stored of \"%.200s\", its control; /api/v1/sources lists what there is. "
            "Without it no finding can come.",
            control);
    if (!has_posts)
        warn(
            w, "no-posts",
            "No post of \"%.200s\" is stored so far. If none of this kind was made yet, that is as "
            "it should be; else see how its type is spelled.",
            e->posts);
    if (last == DAY_NONE && e->state != EXPERIMENT_PLANNED)
        warn(w, "no-data", "There is no complete day of \"%.100s\" from its start on yet.",
             e->source);
    return true;
}
