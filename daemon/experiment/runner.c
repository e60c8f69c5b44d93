#include "experiment/runner.h"
#include "answer/experiment.h"
#include "base/clock.h"
#include "base/day.h"
#include "base/log.h"
#include "ingest/experiment_json.h"
#include "render/json_experiment.h"
#include "store/experiments.h"
#include "store/settings.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LOOK_MS = 500 }; /* between two looks at whether anything has changed */

struct runner {
    struct runner_options o;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stopping;
    int64_t revision; /* of the last look */
    int32_t today;
};

/* ---- one experiment ---- */

/* What was found, for the writer. */
struct keeping {
    struct finding found;
    enum experiment_state state;
    int64_t experiment_id;
    char *text, sentence[SENTENCE_MAX];
    bool has_finding;
};

struct last_finding {
    json_t *value;
};

static bool take_last(void *ctx, const struct finding *found)
{
    struct last_finding *l = ctx;

    json_decref(l->value);
    l->value = json_of_finding(found);
    return l->value != NULL;
}

/* The question of the finding before, with the data of today: NULL where it cannot be asked. */
static bool ask_again(struct runner *r, struct db *db, const struct experiment *e, int n,
                      const json_t *before, struct experiment *old,
                      struct experiment_reading *again, bool *asked, struct fail *f)
{
    struct fail none = {0};
    bool has_seed;

    *old = *e;
    *asked =
        experiment_from_json(json_object_get(before, "experiment"), NULL, old, &has_seed, &none) &&
        experiment_read(db, r->o.zone, old, experiment_until(old, n - 1), false, again, &none);
    return *asked || none.code == FAIL_UNPROCESSABLE ||
           fail_set(f, none.code, none.slug, NULL, "%s", none.sentence);
}

static bool list_event(void *ctx, const struct experiment_event *event)
{
    json_append(ctx, json_of_experiment_event(event));
    return *(json_t **)ctx != NULL;
}

static bool compute(struct runner *r, struct db *db, const struct experiment *e, int n,
                    int64_t revision, struct keeping *k, struct fail *f)
{
    int32_t until = experiment_until(e, n);
    struct experiment_reading *reading = calloc(2, sizeof *reading), *again = reading + 1;
    struct experiment *old = calloc(1, sizeof *old);
    struct last_finding before = {NULL};
    json_t *log = json_array();
    bool asked = false, ok;
    struct buf text;

    buf_init(&text, RESPONSE_MAX);
    ok = (reading && old) || fail_memory(f);
    ok = ok && findings_each(db, e->experiment_id, take_last, &before, f) &&
         experiment_log_each(db, e->experiment_id, list_event, &log, f) &&
         experiment_read(db, r->o.zone, e, until, false, reading, f) &&
         (!before.value || ask_again(r, db, e, n, before.value, old, again, &asked, f));
    if (ok) {
        json_t *o = json_of_reading(reading, log, before.value, asked ? again : NULL, r->o.timezone,
                                    revision);

        ok = (o && json_write(o, &text)) || fail_memory(f);
        json_decref(o);
    }
    if (ok) {
        k->text = strdup(buf_text(&text));
        snprintf(k->sentence, sizeof k->sentence, "%s", buf_text(&reading->sentence));
        k->found = (struct finding){e->experiment_id,
                                    n + 1,
                                    n ? "follow-up" : "end",
                                    n ? e->follow_up[n - 1] : experiment_last_day(e) + 1,
                                    clock_now_ms(),
                                    revision,
                                    NULL,
                                    k->sentence,
                                    k->text};
        k->has_finding = k->text != NULL;
        ok = k->has_finding || fail_memory(f);
    }
    if (reading) {
        experiment_reading_clear(reading);
        if (before.value)
            experiment_reading_clear(again);
    }
    free(reading);
    free(old);
    json_decref(log);
    json_decref(before.value);
    buf_clear(&text);
    return ok;
}

static bool keep_job(struct store *st, void *ctx, bool *changed, struct fail *f)
{
    struct keeping *k = ctx;
    bool kept = false;

    if (k->has_finding && !finding_add(st->db, &k->found, &kept, f))
        return false;
    *changed = true;
    return experiment_set_state(st->db, k->experiment_id, k->state, f);
}

struct listing {
    struct experiment *item; /* owned */
    int n;
};

static bool take_open(void *ctx, const struct experiment *e)
{
    struct listing *l = ctx;
    struct experiment *item;

    if (e->state == EXPERIMENT_CLOSED)
        return true;
    item = realloc(l->item, ((size_t)l->n + 1) * sizeof *item);
    if (!item)
        return false;
    l->item = item;
    item[l->n++] = *e;
    return true;
}

/* One step of one experiment: a finding, or another state. False when nothing is to be done. */
static bool advance(struct runner *r, const struct experiment *e, int32_t today)
{
    struct keeping k = {.experiment_id = e->experiment_id, .state = e->state};
    struct fail f = {0};
    int64_t revision;
    struct db *db = NULL;
    enum experiment_wait wait = WAIT_DATE;
    int n = 0;
    bool end = false, ok, moved = false;

    /* what is found is kept for all who may see it: those of its region, without private notes */
    if (snapshot_reach(r->o.snapshots, e->region, REACH_FIGURES, &f))
        db = snapshot_begin(r->o.snapshots, &revision, &f);
    ok =
        db && revision_get(db, &revision, &f) && findings_count(db, e->experiment_id, &n, &end, &f);
    if (ok && n <= e->n_follow_ups)
        ok = experiment_waits(db, r->o.zone, e, n, today, &wait, &f);
    if (ok && wait == WAIT_NOTHING)
        ok = compute(r, db, e, n, revision, &k, &f);
    snapshot_end(db);
    if (ok) {
        n += k.has_finding;
        k.state = experiment_state_on(e, today, n > 0, n > 0 ? n - 1 : 0);
        moved = k.has_finding || k.state != e->state;
        ok = !moved || writer_run(r->o.writer, WRITE_FOREGROUND, keep_job, &k, &f);
    }
    if (!ok && f.code != FAIL_BUSY)
        log_line(LOG_LEVEL_ERROR, "experiment %s: %s", e->slug, f.sentence);
    else if (k.has_finding && ok)
        log_line(LOG_LEVEL_INFO, "experiment %s: %s finding kept", e->slug, k.found.kind);
    free(k.text);
    return ok && moved;
}

/* Until nothing is left to do, or something failed: each step changes a state or adds a finding. */
static void look(struct runner *r, int32_t today)
{
    struct listing l = {NULL, 0};
    struct fail f = {0};
    int64_t revision;
    struct db *db = snapshot_reach(r->o.snapshots, "", REACH_WHOLE, &f)
                        ? snapshot_begin(r->o.snapshots, &revision, &f)
                        : NULL;
    bool ok = db && experiments_each(db, take_open, &l, &f);

    snapshot_end(db);
    for (int i = 0; ok && i < l.n; i++)
        if (advance(r, &l.item[i], today))
            r->revision = -1; /* look once more: the next finding may be due as well */
    free(l.item);
}

/* ---- the thread ---- */

static bool nap(struct runner *r)
{
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += LOOK_MS * 1000000l;
    until.tv_sec += until.tv_nsec / 1000000000l;
    until.tv_nsec %= 1000000000l;
    if (!r->stopping)
        pthread_cond_timedwait(&r->wake, &r->lock, &until);
    return !r->stopping;
}

static void *run(void *arg)
{
    struct runner *r = arg;

    pthread_mutex_lock(&r->lock);
    do {
        int64_t revision = writer_revision(r->o.writer);
        int32_t today = zone_day(r->o.zone, clock_now_ms());

        if (r->stopping || (revision == r->revision && today == r->today))
            continue;
        r->revision = revision;
        r->today = today;
        pthread_mutex_unlock(&r->lock);
        look(r, today);
        pthread_mutex_lock(&r->lock);
    } while (nap(r));
    pthread_mutex_unlock(&r->lock);
    return NULL;
}

struct runner *runner_start(const struct runner_options *o, struct fail *f)
{
    struct runner *r = calloc(1, sizeof *r);

    if (!r) {
        fail_memory(f);
        return NULL;
    }
    r->o = *o;
    r->revision = -1;
    r->today = INT32_MIN;
    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->wake, NULL);
    if (pthread_create(&r->thread, NULL, run, r) == 0)
        return r;
    fail_set(f, FAIL_INTERNAL, "no-thread", NULL, "The system gives no thread.");
    pthread_cond_destroy(&r->wake);
    pthread_mutex_destroy(&r->lock);
    free(r);
    return NULL;
}

void runner_stop(struct runner *r)
{
    if (!r)
        return;
    pthread_mutex_lock(&r->lock);
    r->stopping = true;
    pthread_cond_signal(&r->wake);
    pthread_mutex_unlock(&r->lock);
    pthread_join(r->thread, NULL);
    pthread_cond_destroy(&r->wake);
    pthread_mutex_destroy(&r->lock);
    free(r);
}
