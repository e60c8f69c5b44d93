/* One import from the spool to its last slice; or one undo. Runs on the importer's thread. */
#include "base/clock.h"
#include "base/day.h"
#include "base/log.h"
#include "base/text.h"
#include "import/job_parts.h"
#include "import/twice.h"
#include "store/accounts.h"
#include "store/reach.h"
#include "store/traffic.h"
#include "store/undo.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TAKEN_BACK "taken-back"

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

    if (w->slice->notes[NOTE_TOTALS_DIFFER])
        return true; /* rows are missing from the file: none of them is zero */
    for (int32_t day = 0; c->scheme && !c->blind && day < COVER_DAYS; day++) {
        uint32_t stated = c->has[day] & ~(uint32_t)c->spoilt[day];

        if (!stated)
            continue;
        if (!coverage_put(st, c->scheme, region[0] ? region : "-", day, stated, &w->job->sender, f))
            return false;
        *changed = true; /* a day without a row of a source is zero from now on */
    }
    return true;
}

/* How far the import is, and the rows it lost. */
static bool write_row(struct store *st, void *ctx, bool *changed, struct fail *f)
{
    struct slice_write *w = ctx;
    struct reject_list *l = &w->slice->batch.rejects;

    (void)changed;
    return import_keep_rows(st->db, w->row.import_id, l->items, l->n, f) &&
           import_update(st->db, &w->row, f);
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
    w->row.rows_done += w->slice->done;
    if (w->slice->last)
        w->row.rows_done = w->row.rows_total;
    import_notes_add(&w->row, w->slice->notes, false);
    if (w->row.dry_run) /* all of it is taken back; write_row() says what came of it */
        return fail_set(f, FAIL_INTERNAL, "dry-run", NULL, "This was a dry run.");
    return write_row(st, w, changed, f);
}

/* Runs a background write until it succeeds, fails for good or the daemon stops. */
bool import_persist(struct importer *im, write_fn fn, void *ctx, struct fail *f)
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
        return fail_set(f, FAIL_CONFLICT, TAKEN_BACK, NULL, "The import was taken back.");
    /* why it was refused tells of its rows, and those may be of anybody */
    return (row->state != IMPORT_REFUSED || import_is_of_one(row->options) ||
            account_brought(st, row->import_id, 0, REGION_UNKNOWN, f)) &&
           import_update(st->db, row, f);
}

/* The import begins: its row, and which definitions its figures follow. */
static bool begin_import(struct store *st, void *ctx, bool *changed, struct fail *f)
{
    struct job *j = ctx;
    bool post = j->row->kind == RECORD_POST;

    if (!update_unless_taken_back(st, j->row, changed, f))
        return false;
    for (int m = 0; m < (post ? (int)POST_METRIC_COUNT : (int)TRAFFIC_METRIC_COUNT); m++) {
        const char *definition = plan_definition(j->plan, m);

        if (*definition &&
            !import_define(st->db, j->row->import_id,
                           post ? post_metric_names[m] : traffic_metric_names[m], definition, f))
            return false;
    }
    return true;
}

static bool store_slice(struct job *j, struct slice *s, struct fail *f)
{
    struct slice_write w = {.job = j, .slice = s};

    for (;;) {
        struct fail one = {0};

        w.row = *j->row;
        if (writer_run(j->im->o.writer, WRITE_BACKGROUND, write_slice, &w, &one) ||
            (strcmp(one.slug, "dry-run") == 0 && import_persist(j->im, write_row, &w, f))) {
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

static void slice_reset(struct slice *s)
{
    batch_reset(&s->batch);
    s->rows = s->done = 0;
    memset(s->notes, 0, sizeof s->notes);
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
    struct reject why;

    switch (plan_classify(j->plan, row, &why)) {
    case ROW_OUTSIDE: return true;
    case ROW_OF_TABLE:
        plan_survey_row(j->plan, row);
        j->table_rows++;
        break;
    case ROW_SKIPPED: break;
    }
    j->survey_rows++;
    return (j->survey_rows & 0xfff) || !importer_is_stopping(j->im);
}

/* Refuses an import for good: each of its rows is rejected with it. */
static void refuse(struct job *j, const struct fail *f)
{
    struct fail failed = {0};
    char spool[sizeof j->row->spool];

    snprintf(spool, sizeof spool, "%s", j->row->spool);
    j->row->state = IMPORT_REFUSED;
    j->row->finished_at = clock_now_ms();
    if (!j->row->rows_done) {
        j->row->rows_total = j->row->rows_done = j->survey_rows;
        j->row->counts =
            (struct import_counts){.received = j->survey_rows, .rejected = j->survey_rows};
    }
    snprintf(j->row->code, sizeof j->row->code, "%s", f->slug);
    snprintf(j->row->sentence, sizeof j->row->sentence, "%s", f->sentence);
    if (import_persist(j->im, update_unless_taken_back, j->row, &failed))
        spool_remove(j->im->spool, spool);
    else if (strcmp(failed.slug, TAKEN_BACK) != 0)
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

/* What was known of the rows when they first came, and is not said again. */
static void remember(struct job *j)
{
    struct import_request had;
    char order = column_order(j->first->columns);

    memset(&had, 0, sizeof had);
    import_options_read(j->first->options, &had);
    if (!j->rq.account[0])
        text_copy(j->rq.account, sizeof j->rq.account, had.account);
    if (!j->rq.region[0])
        text_copy(j->rq.region, sizeof j->rq.region, had.region);
    if (!j->rq.year)
        j->rq.year = had.year;
    if (j->rq.covers_from == DAY_NONE) {
        j->rq.covers_from = had.covers_from;
        j->rq.covers_to = had.covers_to;
    }
    for (int i = 0; order && j->rq.order == ORDER_UNSAID && i < ORDER_COUNT; i++)
        if (i != ORDER_UNSAID && day_order_names[i][0] == order)
            j->rq.order = (enum day_order)i;
    if (!j->rq.observed_at_ms)
        j->rq.observed_at_ms =
            j->first->read_at == COUNT_ABSENT ? j->first->received_at : j->first->read_at;
}

/* An import by the number that its rejected rows have, as far as the sender sees it. */
static enum db_result load_seen(struct job *j, int64_t number, struct import_row *row,
                                struct fail *f)
{
    const char *only = j->rq.only;
    int64_t veiled = veil_asked(&j->im->o.veil, number), revision;
    struct db *db = snapshot_reach(j->im->o.snapshots, only, REACH_WHOLE, f)
                        ? snapshot_begin(j->im->o.snapshots, &revision, f)
                        : NULL;
    enum db_result r = db ? DB_DONE : DB_ERROR;

    if (db && !*only)
        r = import_load(db, number, row, f);
    if (r == DB_DONE && veiled > 0) /* as those of some regions know it */
        r = import_load(db, veiled, row, f);
    snapshot_end(db);
    return snapshot_reach(j->im->o.snapshots, "", REACH_WHOLE, f) ? r : DB_ERROR;
}

/* The import whose rejected rows come again; NULL where it is not here. False with *f. */
static bool find_first(struct job *j, struct fail *f)
{
    struct import_row *row = calloc(1, sizeof *row);
    enum db_result r = row ? load_seen(j, plan_mended(j->plan), row, f) : DB_ERROR;

    if (r == DB_ROW && row->import_id < j->row->import_id) {
        j->first = row;
        remember(j);
        return true;
    }
    free(row);
    return r != DB_ERROR || (f->code != FAIL_NONE ? false : fail_memory(f));
}

/* Parts of days are added up only when all of them are there. */
static bool all_came_again(struct job *j, struct fail *f)
{
    int64_t number = plan_mended(j->plan);

    if (!number || !plan_adds_rows(j->plan) || j->row->kind != RECORD_TRAFFIC)
        return true;
    if (!j->first)
        return fail_set(f, FAIL_UNPROCESSABLE, "incomplete-rows", NULL,
                        "These rows are of an import %" PRId64
                        " that is not here; rows of a day are added up, so bring in the whole "
                        "file.",
                        number);
    if (j->table_rows >= j->first->counts.rejected)
        return true;
    return fail_set(f, FAIL_UNPROCESSABLE, "incomplete-rows", NULL,
                    "Import %" PRId64 " held %" PRId64 " rows back, and these are %" PRId64
                    " of them: rows of a day are added up here, and a part is not stored for the "
                    "whole. Send all of them together, or mend the file itself and bring it in "
                    "again.",
                    number, j->first->counts.rejected, j->table_rows);
}

static bool open_reading(struct job *j, int fd, const char *charset, struct fail *f)
{
    struct reading_options o;

    import_reading_options(&j->rq, &o);
    o.profile = j->row->profile;
    o.plan.file = j->first ? j->first->file : j->row->file;
    if (charset)
        o.charset = charset;
    reading_close(j->reading);
    j->reading = reading_open(fd, &o, j->im->o.profiles, f);
    j->plan = j->reading ? reading_plan(j->reading) : NULL;
    if (j->plan && plan_mended(j->plan) && !j->first) {
        if (!find_first(j, f))
            return false;
        if (j->first)
            return open_reading(j, fd, charset, f);
    }
    return j->reading != NULL;
}

/* The whole file once: its rows, the spelling of its dates, its encoding. */
static bool look_through(struct job *j, int fd, struct fail *f)
{
    const char *other;

    if (!open_reading(j, fd, NULL, f) || !reading_each(j->reading, survey_row, j, f))
        return false;
    other = reading_other_charset(j->reading);
    if (!other)
        return true;
    j->survey_rows = j->table_rows = 0;
    return open_reading(j, fd, other, f) && reading_each(j->reading, survey_row, j, f);
}

/* When the figures were read: the end of the days that the file is about, if it has come. */
static void settle_time(struct job *j)
{
    int64_t end = plan_end_ms(j->plan, j->im->o.zone);

    plan_covers(j->plan, &j->row->covers_from, &j->row->covers_to);
    if (j->rq.observed_at_ms) {
        j->sender.observed_at_ms = j->rq.observed_at_ms;
    } else if (end && end < j->row->received_at) {
        j->sender.observed_at_ms = end;
        j->sender.told_by_file = true;
    }
    j->row->read_at = j->sender.observed_at_ms ? j->sender.observed_at_ms : COUNT_ABSENT;
}

static bool survey(struct job *j, int fd, struct fail *f)
{
    int64_t notes[NOTE_COUNT];

    if (!look_through(j, fd, f) || importer_is_stopping(j->im) || !plan_survey_end(j->plan, f) ||
        !all_came_again(j, f))
        return false;
    plan_take_notes(j->plan, notes);
    if (!j->rq.charset[0] && strcmp(reading_charset(j->reading), "windows-1252") == 0)
        notes[NOTE_CHARSET] = j->survey_rows;
    import_notes_add(j->row, notes, true);
    settle_time(j);
    j->row->state = IMPORT_RUNNING;
    j->row->rows_total = j->survey_rows;
    snprintf(j->row->charset, sizeof j->row->charset, "%s", reading_charset(j->reading));
    import_columns(j->plan, j->row->columns, sizeof j->row->columns);
    skipped_columns(j);
    if (j->row->kind == RECORD_TRAFFIC && !profile_is_own(plan_profile(j->plan))) {
        j->adding = adding_new(plan_adds_rows(j->plan));
        if (!j->adding)
            return fail_memory(f);
    }
    if (j->row->kind == RECORD_POST && !profile_is_own(plan_profile(j->plan))) {
        j->twice = twice_new();
        if (!j->twice)
            return fail_memory(f);
    }
    return import_persist(j->im, begin_import, j, f);
}

static bool store_all(struct job *j, struct fail *f)
{
    struct slice slices[SLICES];
    pthread_t reader;
    bool done = false;

    for (int i = 0; i < SLICES; i++) {
        memset(&slices[i], 0, sizeof slices[i]);
        batch_init(&slices[i].batch, IMPORT_SLICE_BYTES, IMPORT_SLICE_ROWS, IMPORT_REJECTS_MAX);
        j->empty[i] = &slices[i];
    }
    j->n_empty = SLICES - 1;
    j->filling = j->empty[SLICES - 1];
    j->skip = j->row->rows_done;
    reject_list_init(&j->rejects, IMPORT_REJECTS_MAX);
    if (j->row->kind == RECORD_TRAFFIC && !profile_is_own(plan_profile(j->plan))) {
        j->cover.has = calloc(COVER_DAYS, 1);
        j->cover.spoilt = calloc(COVER_DAYS, 1);
        if (!j->cover.has || !j->cover.spoilt) {
            fail_memory(f);
            goto out;
        }
    }
    pthread_mutex_init(&j->lock, NULL);
    pthread_cond_init(&j->moved, NULL);
    if (pthread_create(&reader, NULL, job_read, j) == 0) {
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
    j->cover = (struct cover){NULL, NULL, false, NULL};
    for (int i = 0; i < SLICES; i++)
        batch_clear(&slices[i].batch);
    reject_list_clear(&j->rejects);
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
    j.sender = (struct sender){.import_id = row->import_id,
                               .now_ms = row->received_at,
                               .only = j.rq.only[0] ? j.rq.only : NULL};
    if (fd >= 0 && strcmp(row->profile, LINES_PROFILE) == 0) {
        done = import_lines(im, row, fd, &f);
    } else if (fd >= 0 && survey(&j, fd, &f)) {
        done = row->rows_done == row->rows_total && row->counts.received ? true : store_all(&j, &f);
        done = done && import_finish(im, j.reading, row, &f);
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
    } else if (f.code != FAIL_NONE && strcmp(f.slug, TAKEN_BACK) != 0) {
        refuse(&j, &f);
    } else if (f.code == FAIL_NONE) {
        importer_pause(im, IMPORT_RETRY_MS); /* stopping: it goes on at the next start */
    }
    adding_free(j.adding);
    twice_free(j.twice);
    free(j.first);
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
        if (!import_persist(im, write_undo, &u, &f)) {
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
