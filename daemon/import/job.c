/* One import from the spool to its last slice; or one undo. Runs on the importer's thread. */
#include "base/clock.h"
#include "base/log.h"
#include "import/batch.h"
#include "import/importer_parts.h"
#include "import/reading.h"
#include "store/traffic.h"
#include "store/undo.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SLICES = 2 }; /* one is stored while the other is read */

/*
 * Days that a file covers, for schemes where absent means zero. A day on which a
 * row was rejected or lacks a figure is not covered: the row's source had
 * something there. A row whose day cannot be told spoils all days.
 */
enum { COVER_DAYS = 84006 }; /* 1970 to 2199 */
struct cover {
    unsigned char *has, *spoilt; /* owned; a bit a metric, by day since 1970 */
    bool blind;                  /* a row's day could not be told */
};

struct slice {
    struct batch batch;
    int64_t rows; /* of the file, whatever became of them */
    bool last;
};

struct job {
    struct importer *im;
    struct import_row *row;
    struct import_request rq;
    struct reading *reading;
    struct plan *plan;
    struct record_rules rules;
    struct plan_defaults defaults;
    struct sender sender;

    /* the reading thread */
    struct slice *filling;
    int64_t skip;       /* rows stored before a restart */
    struct cover cover; /* read by the writer with the last slice */
    int64_t survey_rows;
    struct fail fail;

    /* between the reading thread and the importer's */
    pthread_mutex_t lock;
    pthread_cond_t moved;
    struct slice *full, *empty[SLICES];
    int n_empty;
    bool ended, cancelled;
};

/* ---- the importer's thread: writing ---- */

struct slice_write {
    struct job *job;
    struct slice *slice;
    struct import_row row; /* becomes the job's when it is committed */
};

static int reject_by_line(const void *a, const void *b)
{
    const struct reject *x = a, *y = b;

    return x->line < y->line ? -1 : x->line > y->line;
}

static bool write_coverage(struct store *st, const struct slice_write *w, bool *changed,
                           struct fail *f)
{
    const struct cover *c = &w->job->cover;
    const char *region = w->job->rq.region;

    for (int32_t day = 0; c->has && !c->blind && day < COVER_DAYS; day++) {
        uint32_t stated = c->has[day] & ~(uint32_t)c->spoilt[day];

        if (!stated)
            continue;
        if (!coverage_put(st, w->job->sender.scheme, region[0] ? region : "-", day, stated,
                          &w->job->sender, f))
            return false;
        *changed = true; /* a day without a row of a source is zero from now on */
    }
    return true;
}

static bool write_slice(struct store *st, void *ctx, bool *changed, struct fail *f)
{
    struct slice_write *w = ctx;
    struct batch *b = &w->slice->batch;
    int64_t inserted = w->row.counts.inserted, first = 0;
    struct import_counts *c = &w->row.counts;

    if (w->row.kind == RECORD_POST &&
        !db_query_int(st->db, "SELECT coalesce(max(post_id), 0) + 1 FROM posts", &first, f))
        return false;
    if (!batch_store(st, b, &w->job->sender, false, c, changed, f) ||
        (w->slice->last && !write_coverage(st, w, changed, f)))
        return false;
    if (w->row.kind == RECORD_POST && c->inserted > inserted) {
        int64_t last = 0;

        if (!db_query_int(st->db, "SELECT max(post_id) FROM posts", &last, f))
            return false;
        if (w->row.post_min == COUNT_ABSENT || first < w->row.post_min)
            w->row.post_min = first;
        if (last > w->row.post_max)
            w->row.post_max = last;
    }
    for (size_t i = 0; i < b->rejects.n; i++)
        plan_locate(w->job->plan, &b->rejects.items[i]);
    if (b->rejects.n)
        qsort(b->rejects.items, b->rejects.n, sizeof *b->rejects.items, reject_by_line);
    c->received += w->slice->rows;
    c->rejected += b->rejects.n_rejected;
    c->skipped += b->rejects.n_skipped;
    w->row.rows_done += w->slice->rows;
    if (w->slice->last) {
        w->row.state = IMPORT_DONE;
        w->row.finished_at = clock_now_ms();
        w->row.spool[0] = 0;
    }
    return import_keep_rows(st->db, w->row.import_id, b->rejects.items, b->rejects.n, f) &&
           import_update(st->db, &w->row, f);
}

/* Runs a background write until it succeeds, fails for good or the daemon stops. */
static bool persist(struct importer *im, write_fn fn, void *ctx, struct fail *f)
{
    for (;;) {
        struct fail one = {0};

        if (writer_run(im->o.writer, WRITE_BACKGROUND, fn, ctx, &one))
            return true;
        if (one.code != FAIL_NO_SPACE && one.code != FAIL_BUSY) {
            *f = one;
            return false;
        }
        log_line(LOG_LEVEL_WARNING, "an import waits: %s", one.sentence);
        if (!importer_pause(im, IMPORT_RETRY_MS)) {
            *f = one;
            return false;
        }
    }
}

/* Writes the row as it is now (it begins, or is refused), unless it was taken back meanwhile. */
static bool update_unless_taken_back(struct store *st, void *ctx, bool *changed, struct fail *f)
{
    struct import_row *row = ctx, now;
    enum db_result r = import_load(st->db, row->import_id, &now, f);

    (void)changed;
    if (r != DB_ROW)
        return r == DB_DONE && fail_set(f, FAIL_INTERNAL, "no-import", NULL, "The import is gone.");
    if (now.state != IMPORT_QUEUED && now.state != IMPORT_RUNNING)
        return fail_set(f, FAIL_CONFLICT, "taken-back", NULL, "The import was taken back.");
    return import_update(st->db, row, f);
}

static bool store_slice(struct job *j, struct slice *s, struct fail *f)
{
    struct slice_write w = {.job = j, .slice = s};

    for (;;) {
        struct fail one = {0};

        w.row = *j->row;
        if (writer_run(j->im->o.writer, WRITE_BACKGROUND, write_slice, &w, &one)) {
            *j->row = w.row;
            return true;
        }
        if (one.code != FAIL_NO_SPACE && one.code != FAIL_BUSY) {
            *f = one;
            return false;
        }
        /* Rejects that the store added would stand twice at the next try: read the slice anew
         * at the next start instead of guessing which they were. */
        if (one.code == FAIL_BUSY || s->batch.rejects.n_rejected) {
            *f = one;
            return false;
        }
        log_line(LOG_LEVEL_WARNING, "import %" PRId64 " waits: %s", j->row->import_id,
                 one.sentence);
        if (!importer_pause(j->im, IMPORT_RETRY_MS)) {
            *f = one;
            return false;
        }
    }
}

/* ---- the reading thread ---- */

/* What a row says of the days that the file covers; outcome: what became of it. */
static void note_cover(struct cover *c, const struct record *r, enum plan_outcome outcome)
{
    const uint32_t all = (1u << TRAFFIC_METRIC_COUNT) - 1;
    int32_t day = r->traffic.day;

    if (!c->has || outcome == PLAN_SKIPPED)
        return;
    if (!record_states(r, TRAFFIC_DATE) || day < 0 || day >= COVER_DAYS) {
        c->blind = true;
        return;
    }
    for (int m = 0; m < TRAFFIC_METRIC_COUNT; m++)
        if (record_states(r, TRAFFIC_FIRST_METRIC + m) && r->traffic.metric[m] != COUNT_ABSENT)
            c->has[day] |= (unsigned char)(1u << m);
        else
            c->spoilt[day] |= (unsigned char)(1u << m);
    if (outcome == PLAN_REJECTED)
        c->spoilt[day] = (unsigned char)all;
}

/* Hands the full slice over and waits for an empty one; NULL when there is no need. */
static struct slice *exchange(struct job *j, struct slice *full)
{
    struct slice *s = NULL;

    pthread_mutex_lock(&j->lock);
    while (j->full && !j->cancelled)
        pthread_cond_wait(&j->moved, &j->lock);
    if (!j->cancelled) {
        j->full = full;
        pthread_cond_broadcast(&j->moved);
        while (!full->last && !j->n_empty && !j->cancelled)
            pthread_cond_wait(&j->moved, &j->lock);
        if (!full->last && !j->cancelled)
            s = j->empty[--j->n_empty];
    }
    pthread_mutex_unlock(&j->lock);
    return s;
}

static bool slice_is_full(const struct slice *s)
{
    return s->rows >= IMPORT_SLICE_ROWS || s->batch.arena.used >= IMPORT_SLICE_BYTES / 2;
}

static bool take_row(void *ctx, const struct csv_row *row)
{
    struct job *j = ctx;
    struct slice *s = j->filling;
    enum plan_outcome outcome;
    struct record r;
    struct reject why;

    if (j->skip > 0) { /* stored already; but what it says of the days covered counts */
        j->skip--;
        if (j->cover.has) {
            outcome = plan_row(j->plan, row, &j->defaults, &j->rules, &s->batch.arena, &r, &why);
            note_cover(&j->cover, &r, outcome);
            arena_reset(&s->batch.arena);
        }
        return true;
    }
    s->rows++;
    outcome = plan_row(j->plan, row, &j->defaults, &j->rules, &s->batch.arena, &r, &why);
    note_cover(&j->cover, &r, outcome);
    switch (outcome) {
    case PLAN_RECORD:
        if (!batch_add(&s->batch, &r, &j->fail))
            return false;
        break;
    case PLAN_REJECTED:
    case PLAN_SKIPPED: reject_list_add(&s->batch.rejects, &why); break;
    }
    if (!slice_is_full(s))
        return true;
    batch_sort(&s->batch);
    j->filling = exchange(j, s);
    return j->filling != NULL;
}

static void *read_main(void *arg)
{
    struct job *j = arg;
    bool ok = reading_each(j->reading, take_row, j, &j->fail);

    if (ok && j->filling && j->fail.code == FAIL_NONE) {
        j->filling->last = true;
        batch_sort(&j->filling->batch);
        exchange(j, j->filling);
    }
    pthread_mutex_lock(&j->lock);
    j->ended = true;
    pthread_cond_broadcast(&j->moved);
    pthread_mutex_unlock(&j->lock);
    return NULL;
}

static void slice_reset(struct slice *s)
{
    batch_reset(&s->batch);
    s->rows = 0;
    s->last = false;
}

/* Stores slices as they come. True when the last one is stored. */
static bool pump(struct job *j, struct fail *f)
{
    bool done = false, ok = true;

    pthread_mutex_lock(&j->lock);
    while (ok && !done) {
        struct slice *s;

        while (!j->full && !j->ended)
            pthread_cond_wait(&j->moved, &j->lock);
        s = j->full;
        if (!s)
            break;
        j->full = NULL;
        pthread_cond_broadcast(&j->moved);
        pthread_mutex_unlock(&j->lock);
        ok = store_slice(j, s, f);
        done = ok && s->last;
        slice_reset(s);
        pthread_mutex_lock(&j->lock);
        j->empty[j->n_empty++] = s;
        pthread_cond_broadcast(&j->moved);
        if (importer_is_stopping(j->im) && !done)
            ok = false;
    }
    j->cancelled = true;
    pthread_cond_broadcast(&j->moved);
    pthread_mutex_unlock(&j->lock);
    return done;
}

static bool survey_row(void *ctx, const struct csv_row *row)
{
    struct job *j = ctx;

    j->survey_rows++;
    plan_survey_row(j->plan, row);
    return (j->survey_rows & 0xfff) || !importer_is_stopping(j->im);
}

/* Refuses an import for good. */
static void refuse(struct job *j, const struct fail *f)
{
    struct fail failed = {0};

    j->row->state = IMPORT_REFUSED;
    j->row->finished_at = clock_now_ms();
    snprintf(j->row->code, sizeof j->row->code, "%s", f->slug);
    snprintf(j->row->sentence, sizeof j->row->sentence, "%s", f->sentence);
    if (persist(j->im, update_unless_taken_back, j->row, &failed))
        spool_remove(j->im->spool, j->row->spool);
    else if (failed.code != FAIL_CONFLICT)
        log_line(LOG_LEVEL_ERROR, "import %" PRId64 ": %s", j->row->import_id, failed.sentence);
}

/* As many names as there is room for, none cut in its middle. */
static void skipped_columns(struct job *j)
{
    const char *all = plan_skipped_columns(j->plan);
    size_t n = strlen(all);

    if (n >= sizeof j->row->skipped_columns) {
        n = sizeof j->row->skipped_columns - 1;
        while (n && all[n] != '\n')
            n--;
    }
    snprintf(j->row->skipped_columns, sizeof j->row->skipped_columns, "%.*s", (int)n, all);
}

static bool survey(struct job *j, struct fail *f)
{
    if (!reading_each(j->reading, survey_row, j, f) || importer_is_stopping(j->im) ||
        !plan_survey_end(j->plan, f))
        return false;
    j->row->state = IMPORT_RUNNING;
    j->row->rows_total = j->survey_rows;
    skipped_columns(j);
    return persist(j->im, update_unless_taken_back, j->row, f);
}

static bool store_all(struct job *j, struct fail *f)
{
    struct slice slices[SLICES];
    pthread_t reader;
    bool done = false;

    for (int i = 0; i < SLICES; i++) {
        memset(&slices[i], 0, sizeof slices[i]);
        batch_init(&slices[i].batch, IMPORT_SLICE_BYTES, IMPORT_SLICE_ROWS, IMPORT_SLICE_ROWS);
        j->empty[i] = &slices[i];
    }
    j->n_empty = SLICES - 1;
    j->filling = j->empty[SLICES - 1];
    j->skip = j->row->rows_done;
    if (profile_absent_is_zero(plan_profile(j->plan))) {
        j->cover.has = calloc(COVER_DAYS, 1);
        j->cover.spoilt = calloc(COVER_DAYS, 1);
        if (!j->cover.has || !j->cover.spoilt) {
            fail_memory(f);
            goto out;
        }
    }
    pthread_mutex_init(&j->lock, NULL);
    pthread_cond_init(&j->moved, NULL);
    if (pthread_create(&reader, NULL, read_main, j) == 0) {
        done = pump(j, f);
        pthread_join(reader, NULL);
        if (!done && j->fail.code != FAIL_NONE && f->code == FAIL_NONE)
            *f = j->fail;
    } else {
        fail_set(f, FAIL_BUSY, "no-thread", NULL, "The system gives no thread.");
    }
    pthread_cond_destroy(&j->moved);
    pthread_mutex_destroy(&j->lock);
out:
    free(j->cover.has);
    free(j->cover.spoilt);
    j->cover = (struct cover){NULL, NULL, false};
    for (int i = 0; i < SLICES; i++) {
        batch_clear(&slices[i].batch);
    }
    return done;
}

static void run_import(struct importer *im, struct import_row *row)
{
    struct job j = {.im = im, .row = row};
    char spool[sizeof row->spool];
    struct fail f = {0};
    int fd = spool_read(im->spool, row->spool, &f);
    int64_t began = clock_steady_ms();
    bool done = false;

    snprintf(spool, sizeof spool, "%s", row->spool);
    import_options_read(row->options, &j.rq);
    j.rules = (struct record_rules){im->o.zone, row->received_at};
    j.defaults = (struct plan_defaults){j.rq.account, j.rq.region};
    if (fd >= 0)
        j.reading = reading_open(fd, j.rq.charset, row->profile, im->o.profiles, &f);
    if (j.reading) {
        j.plan = reading_plan(j.reading);
        j.sender = (struct sender){.import_id = row->import_id,
                                   .now_ms = row->received_at,
                                   .observed_at_ms = j.rq.observed_at_ms,
                                   .scheme = profile_scheme(plan_profile(j.plan))};
        done = survey(&j, &f) && store_all(&j, &f);
    }
    if (done) {
        spool_remove(im->spool, spool);
        log_line(LOG_LEVEL_INFO,
                 "import %" PRId64 " is done: %" PRId64 " rows in %.1f s (%" PRId64
                 " rejected, %" PRId64 " skipped)",
                 row->import_id, row->rows_done, (double)(clock_steady_ms() - began) / 1000.0,
                 row->counts.rejected, row->counts.skipped);
    } else if (f.code == FAIL_BUSY || f.code == FAIL_NO_SPACE) {
        log_line(LOG_LEVEL_WARNING, "import %" PRId64 " will be tried again: %s", row->import_id,
                 f.sentence);
        importer_pause(im, IMPORT_RETRY_MS);
    } else if (f.code != FAIL_NONE && f.code != FAIL_CONFLICT) {
        refuse(&j, &f);
    } /* else: stopping; it goes on at the next start */
    reading_close(j.reading);
    if (fd >= 0)
        close(fd);
}

struct undo_write {
    struct import_row row;
    bool done;
};

static bool write_undo(struct store *st, void *ctx, bool *changed, struct fail *f)
{
    struct undo_write *u = ctx;
    struct import_row row = u->row;

    if (!undo_slice(st, &row, IMPORT_SLICE_ROWS, &u->done, f))
        return false;
    if (u->done) {
        row.state = IMPORT_UNDONE;
        row.finished_at = clock_now_ms();
        row.spool[0] = 0;
    }
    *changed = true;
    if (!import_update(st->db, &row, f))
        return false;
    u->row = row;
    return true;
}

static void run_undo(struct importer *im, struct import_row *row)
{
    struct undo_write u = {.row = *row};
    struct fail f = {0};

    while (!u.done && !importer_is_stopping(im))
        if (!persist(im, write_undo, &u, &f)) {
            log_line(LOG_LEVEL_ERROR, "undo of import %" PRId64 ": %s", row->import_id, f.sentence);
            importer_pause(im, IMPORT_RETRY_MS);
            return;
        }
    if (u.done)
        spool_remove(im->spool, row->spool);
}

void import_job_run(struct importer *im, struct import_row *row)
{
    if (row->state == IMPORT_UNDOING)
        run_undo(im, row);
    else
        run_import(im, row);
}
