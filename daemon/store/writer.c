#include "store/writer.h"
#include "base/ceilings.h"
#include "base/clock.h"
#include "base/log.h"
#include "store/settings.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#define OPTIMIZE_EVERY_MS (24 * 3600 * 1000ll)

struct job {
    write_fn fn;
    void *ctx;
    struct fail *f;
    struct job *next;
    pthread_cond_t finished;
    bool alone, done, ok, changed;
};

struct queue {
    struct job *first, **end;
    int n;
};

struct writer {
    struct store *store;
    pthread_t thread;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t work;
    struct queue front, back;
    bool stopping;
    struct writer_stats stats;
    /* the writer's thread only */
    int64_t optimized_ms;
    _Atomic int64_t revision;
};

static void queue_init(struct queue *q)
{
    q->first = NULL;
    q->end = &q->first;
    q->n = 0;
}

static void queue_push(struct queue *q, struct job *j)
{
    j->next = NULL;
    *q->end = j;
    q->end = &j->next;
    q->n++;
}

/* Takes up to max jobs off the queue, as a list. */
static struct job *queue_take(struct queue *q, int max)
{
    struct job *first = q->first, **cut = &q->first;

    while (*cut && max-- > 0) {
        cut = &(*cut)->next;
        q->n--;
    }
    if (cut == &q->first)
        return NULL;
    q->first = *cut;
    *cut = NULL;
    if (!q->first)
        q->end = &q->first;
    return first;
}

/* Runs one job inside the open transaction; a failure leaves nothing of it behind. */
static bool run_job(struct writer *w, struct job *j, struct fail *broken)
{
    struct db *db = w->store->db;

    if (!db_exec(db, "SAVEPOINT job", j->f))
        return false;
    j->ok = j->fn(w->store, j->ctx, &j->changed, j->f);
    if (!j->ok) {
        store_forget(w->store);
        fail_set(j->f, FAIL_INTERNAL, "failed", NULL, "The write failed without a reason.");
        if (!db_exec(db, "ROLLBACK TO job", broken))
            return false;
        j->changed = false;
    }
    return db_exec(db, "RELEASE job", j->ok ? j->f : broken);
}

/* All of a list in one transaction; each job learns what became of it. */
static void commit(struct writer *w, struct job *jobs)
{
    struct db *db = w->store->db;
    struct fail f = {0}, ignored = {0};
    bool changed = false, ok = db_exec(db, "BEGIN IMMEDIATE", &f);
    int64_t revision = 0;

    for (struct job *j = jobs; ok && j; j = j->next) {
        ok = run_job(w, j, &f);
        changed = changed || j->changed;
    }
    ok = ok && (!changed || revision_bump(db, &f)) && revision_get(db, &revision, &f) &&
         db_exec(db, "COMMIT", &f);
    if (ok) {
        atomic_store(&w->revision, revision);
        return;
    }
    db_exec(db, "ROLLBACK", &ignored);
    store_forget(w->store);
    for (struct job *j = jobs; j; j = j->next) {
        if (f.code == FAIL_NONE && j->f->code != FAIL_NONE)
            f = *j->f; /* the savepoint itself failed in this job */
    }
    fail_set(&f, FAIL_INTERNAL, "failed", NULL, "The commit failed without a reason.");
    log_line(LOG_LEVEL_ERROR, "a commit failed: %s", f.sentence);
    for (struct job *j = jobs; j; j = j->next)
        if (j->ok || j->f->code == FAIL_NONE) {
            j->ok = false;
            fail_set(j->f, f.code, f.slug, f.place, "%s", f.sentence);
        }
}

static void finish(struct writer *w, struct job *jobs, bool background)
{
    pthread_mutex_lock(&w->lock);
    w->stats.commits++;
    for (struct job *j = jobs, *next; j; j = next) {
        next = j->next; /* the job is its caller's again once it is done */
        w->stats.writes++;
        w->stats.failed += !j->ok;
        w->stats.background += background;
        j->done = true;
        pthread_cond_signal(&j->finished);
    }
    pthread_mutex_unlock(&w->lock);
}

static void tidy(struct writer *w, bool importing)
{
    struct db *db = w->store->db;
    struct fail ignored = {0};

    if (db_wal_pages(db) > (importing ? WAL_IMPORT_PAGES : WAL_CHECKPOINT_PAGES))
        db_checkpoint(db);
    if (!importing && clock_steady_ms() - w->optimized_ms > OPTIMIZE_EVERY_MS) {
        db_exec(db, "PRAGMA optimize", &ignored);
        w->optimized_ms = clock_steady_ms();
    }
}

static void *writer_main(void *arg)
{
    struct writer *w = arg;
    struct job *front, *back;

    pthread_mutex_lock(&w->lock);
    for (;;) {
        while (!w->front.first && !w->back.first && !w->stopping)
            pthread_cond_wait(&w->work, &w->lock);
        if (!w->front.first && !w->back.first && w->stopping)
            break;
        front = queue_take(&w->front, WRITER_BATCH_MAX);
        back = queue_take(&w->back, 1);
        pthread_mutex_unlock(&w->lock);
        if (front) {
            commit(w, front);
            finish(w, front, false);
        }
        if (back) {
            if (back->alone)
                back->ok = back->fn(w->store, back->ctx, &back->changed, back->f);
            else
                commit(w, back);
            finish(w, back, true);
        }
        tidy(w, back != NULL);
        pthread_mutex_lock(&w->lock);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

struct writer *writer_start(struct store *st, struct fail *f)
{
    struct writer *w = calloc(1, sizeof *w);
    int64_t revision = 0;

    if (!w) {
        fail_memory(f);
        return NULL;
    }
    if (!revision_get(st->db, &revision, f)) {
        free(w);
        return NULL;
    }
    w->store = st;
    atomic_store(&w->revision, revision);
    w->optimized_ms = clock_steady_ms();
    queue_init(&w->front);
    queue_init(&w->back);
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->work, NULL);
    if (pthread_create(&w->thread, NULL, writer_main, w) != 0) {
        fail_set(f, FAIL_INTERNAL, "no-thread", NULL, "The system gives no thread.");
        pthread_mutex_destroy(&w->lock);
        pthread_cond_destroy(&w->work);
        free(w);
        return NULL;
    }
    return w;
}

void writer_stop(struct writer *w)
{
    struct fail ignored = {0};

    if (!w)
        return;
    pthread_mutex_lock(&w->lock);
    w->stopping = true;
    pthread_cond_signal(&w->work);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    db_exec(w->store->db, "PRAGMA optimize", &ignored);
    db_checkpoint(w->store->db);
    pthread_mutex_destroy(&w->lock);
    pthread_cond_destroy(&w->work);
    free(w);
}

static bool wait_for(struct writer *w, enum write_rank rank, bool alone, write_fn fn, void *ctx,
                     struct fail *f)
{
    struct job j = {.fn = fn, .ctx = ctx, .f = f, .alone = alone};
    struct queue *q = rank == WRITE_FOREGROUND ? &w->front : &w->back;
    bool taken;

    pthread_cond_init(&j.finished, NULL);
    pthread_mutex_lock(&w->lock);
    taken = !w->stopping && q->n < WRITER_QUEUE_MAX;
    if (taken) {
        queue_push(q, &j);
        pthread_cond_signal(&w->work);
        while (!j.done)
            pthread_cond_wait(&j.finished, &w->lock);
    }
    pthread_mutex_unlock(&w->lock);
    pthread_cond_destroy(&j.finished);
    if (!taken)
        return fail_set(f, FAIL_BUSY, "busy", NULL,
                        "There are too many writes waiting, or the daemon is stopping; try again.");
    return j.ok;
}

bool writer_run(struct writer *w, enum write_rank rank, write_fn fn, void *ctx, struct fail *f)
{
    return wait_for(w, rank, false, fn, ctx, f);
}

bool writer_run_alone(struct writer *w, write_fn fn, void *ctx, struct fail *f)
{
    return wait_for(w, WRITE_BACKGROUND, true, fn, ctx, f);
}

int64_t writer_revision(const struct writer *w)
{
    return atomic_load(&w->revision);
}

void writer_stats(struct writer *w, struct writer_stats *s)
{
    pthread_mutex_lock(&w->lock);
    *s = w->stats;
    s->waiting = w->front.n + w->back.n;
    pthread_mutex_unlock(&w->lock);
}
