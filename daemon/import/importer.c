#include "import/importer.h"
#include "base/text.h"
#include "base/clock.h"
#include "base/day.h"
#include "base/log.h"
#include "base/utf8.h"
#include "import/importer_parts.h"
#include "import/reading.h"
#include "import/spreadsheet.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* ---- uploads ---- */

struct import_upload {
    struct importer *im;
    struct import_request rq;
    struct spool_file *file;
};

struct import_upload *import_upload_begin(struct importer *im, const struct import_request *rq,
                                          struct fail *f)
{
    struct import_upload *u = calloc(1, sizeof *u);
    struct db *db;
    int64_t revision, waiting = 0;
    bool ok;

    if (!u) {
        fail_memory(f);
        return NULL;
    }
    u->im = im;
    u->rq = *rq;
    if (!u->rq.profile[0])
        text_copy(u->rq.profile, sizeof u->rq.profile, "auto");
    db = snapshot_begin(im->o.snapshots, &revision, f);
    ok = db && imports_waiting(db, &waiting, f);
    snapshot_end(db);
    if (ok && waiting >= IMPORT_QUEUE_MAX)
        ok = fail_set(f, FAIL_BUSY, "busy", NULL, "%d imports are waiting; try again later.",
                      IMPORT_QUEUE_MAX);
    if (ok)
        u->file = spool_create(im->spool, f);
    if (u->file)
        return u;
    free(u);
    return NULL;
}

bool import_upload_feed(struct import_upload *u, const void *data, size_t len, struct fail *f)
{
    return spool_write(u->file, data, len, f);
}

struct entering {
    struct import_row row;
    bool already;
};

static bool enter(struct store *st, void *ctx, bool *changed, struct fail *f)
{
    struct entering *e = ctx;
    int64_t id;
    enum db_result r = e->row.dry_run ? DB_DONE : import_same(st->db, &e->row, &id, f);

    (void)changed; /* no answer differs yet */
    e->already = r == DB_ROW;
    if (r == DB_ROW)
        e->row.import_id = id;
    return r == DB_ROW || (r == DB_DONE && import_insert(st->db, &e->row, f));
}

/* A spreadsheet in the spool becomes a CSV there. *fd and name are then the CSV's. */
static bool unfold(struct importer *im, int *fd, char name[64], struct fail *f)
{
    struct spool_file *csv = spool_create(im->spool, f);
    char path[4096], sealed[SPOOL_NAME], hash[HASH_TEXT];
    int64_t bytes;
    bool ok;

    snprintf(path, sizeof path, "%s/%s", im->o.spool_dir, name);
    ok = csv && spreadsheet_to_csv(path, spool_file_fd(csv), f) &&
         spool_seal(csv, sealed, &bytes, hash, f);
    spool_file_free(csv);
    if (!ok)
        return false;
    close(*fd);
    spool_remove(im->spool, name);
    text_copy(name, 64, sealed);
    *fd = spool_read(im->spool, name, f);
    return *fd >= 0;
}

static bool is_auto(const char *profile)
{
    return !profile[0] || strcmp(profile, "auto") == 0 || strcmp(profile, LINES_PROFILE) == 0;
}

bool import_upload_finish(struct import_upload *u, int64_t *import_id, bool *already,
                          struct fail *f)
{
    struct entering e;
    struct reading_options options;
    struct reading *r = NULL;
    const struct profile *p;
    bool ok = false;
    int fd = -1;

    memset(&e, 0, sizeof e);
    if (!spool_seal(u->file, e.row.spool, &e.row.bytes, e.row.content_hash, f))
        return false;
    fd = spool_read(u->im->spool, e.row.spool, f);
    if (fd < 0)
        goto out;
    if (spreadsheet_is(fd) && spreadsheet_can() && !unfold(u->im, &fd, e.row.spool, f))
        goto out;
    e.row.kind = RECORD_POST;
    e.row.profile_version = 1;
    if (is_auto(u->rq.profile) && import_is_lines(fd)) {
        text_copy(e.row.profile, sizeof e.row.profile, LINES_PROFILE);
    } else {
        import_reading_options(&u->rq, &options);
        r = reading_open(fd, &options, u->im->o.profiles, f);
        if (!r)
            goto out;
        p = plan_profile(reading_plan(r));
        e.row.kind = profile_kind(p);
        e.row.profile_version = profile_version(p);
        text_copy(e.row.profile, sizeof e.row.profile, profile_name(p));
    }
    e.row.state = IMPORT_QUEUED;
    e.row.received_at = clock_now_ms();
    text_copy(e.row.file, sizeof e.row.file, u->rq.file);
    e.row.dry_run = u->rq.dry_run;
    e.row.covers_from = e.row.covers_to = DAY_NONE;
    e.row.read_at = COUNT_ABSENT;
    import_options_write(&u->rq, r ? reading_plan(r) : NULL, e.row.options, sizeof e.row.options);
    ok = writer_run(u->im->o.writer, WRITE_FOREGROUND, enter, &e, f);
    if (ok) {
        *import_id = e.row.import_id;
        *already = e.already;
    }
    if (ok && !e.already)
        importer_wake(u->im);
out:
    if (fd >= 0)
        close(fd);
    reading_close(r);
    if (!ok || e.already)
        spool_remove(u->im->spool, e.row.spool);
    return ok;
}

void import_upload_free(struct import_upload *u)
{
    if (!u)
        return;
    spool_file_free(u->file);
    free(u);
}

void import_reading_options(const struct import_request *rq, struct reading_options *o)
{
    memset(o, 0, sizeof *o);
    o->charset = rq->charset;
    o->profile = rq->profile[0] ? rq->profile : "auto";
    o->plan.account = rq->account;
    o->plan.region = rq->region;
    o->plan.file = rq->file;
    o->plan.year = rq->year;
    o->plan.order = rq->order;
    o->plan.covers_from = rq->covers_from;
    o->plan.covers_to = rq->covers_to;
}

/* Options are kept as one string of lines; values hold no line breaks. */
void import_options_write(const struct import_request *rq, const struct plan *plan, char *text,
                          size_t size)
{
    char from[DAY_TEXT], to[DAY_TEXT];
    int32_t first, last;
    size_t n;

    n = (size_t)snprintf(text, size, "account=%s\nregion=%s\ncharset=%s\nobserved_at=%" PRId64,
                         rq->account, rq->region, rq->charset, rq->observed_at_ms);
    if (rq->year && n < size)
        n += (size_t)snprintf(text + n, size - n, "\nyear=%d", rq->year);
    if (rq->order && n < size)
        n += (size_t)snprintf(text + n, size - n, "\ndate_order=%s", day_order_names[rq->order]);
    if (rq->covers_from != DAY_NONE && n < size)
        n += (size_t)snprintf(text + n, size - n, "\ncovers=%s..%s",
                              day_format(rq->covers_from, from), day_format(rq->covers_to, to));
    if (plan)
        plan_covers(plan, &first, &last);
    if (plan && last != DAY_NONE && n < size)
        n += (size_t)snprintf(text + n, size - n, "\nfile_covers=%s..%s",
                              first == DAY_NONE ? "" : day_format(first, from),
                              day_format(last, to));
    if (rq->by[0] && n < size)
        n += (size_t)snprintf(text + n, size - n, "\nby=%s", rq->by);
    if (rq->only[0] && n < size) /* in a line of its own: store/reach.c looks for it */
        snprintf(text + n, size - n, "\nonly=%s", rq->only);
}

static void option_read(const char *text, const char *name, char *value, size_t size)
{
    const char *at = strstr(text, name);
    size_t n;

    value[0] = 0;
    if (!at)
        return;
    at += strlen(name);
    n = strcspn(at, "\n");
    if (n < size) {
        memcpy(value, at, n);
        value[n] = 0;
    }
}

bool import_was_sent_by(const char *options, const char *name)
{
    char by[SLUG_MAX + 1];

    option_read(options, "\nby=", by, sizeof by);
    return name[0] && strcmp(by, name) == 0;
}

bool import_is_of_one(const char *options)
{
    char only[SLUG_MAX + 1];

    option_read(options, "\nonly=", only, sizeof only);
    return only[0] != 0;
}

void import_options_read(const char *text, struct import_request *rq)
{
    char word[32];

    option_read(text, "account=", rq->account, sizeof rq->account);
    option_read(text, "\nregion=", rq->region, sizeof rq->region);
    option_read(text, "\nonly=", rq->only, sizeof rq->only);
    option_read(text, "\nby=", rq->by, sizeof rq->by);
    option_read(text, "\ncharset=", rq->charset, sizeof rq->charset);
    option_read(text, "\nobserved_at=", word, sizeof word);
    rq->observed_at_ms = strtoll(word, NULL, 10);
    option_read(text, "\nyear=", word, sizeof word);
    rq->year = (int)strtol(word, NULL, 10);
    option_read(text, "\ndate_order=", word, sizeof word);
    for (int i = 0; i < ORDER_COUNT; i++)
        if (strcmp(word, day_order_names[i]) == 0)
            rq->order = (enum day_order)i;
    option_read(text, "\ncovers=", word, sizeof word);
    rq->covers_from = strlen(word) == 22 ? day_parse(word, 10) : DAY_NONE;
    rq->covers_to = strlen(word) == 22 ? day_parse(word + 12, 10) : DAY_NONE;
}

/* ---- undo ---- */

struct undoing {
    int64_t import_id;
    bool changed;
};

static bool mark_undoing(struct store *st, void *ctx, bool *changed, struct fail *f)
{
    struct undoing *u = ctx;
    struct import_row row;
    enum db_result r = import_load(st->db, u->import_id, &row, f);

    (void)changed;
    if (r == DB_ERROR)
        return false;
    if (r == DB_DONE)
        return fail_set(f, FAIL_NOT_FOUND, "no-import", NULL, "There is no import %" PRId64 ".",
                        u->import_id);
    if (row.state == IMPORT_UNDOING || row.state == IMPORT_UNDONE)
        return true;
    if (row.state == IMPORT_RUNNING)
        return fail_set(f, FAIL_CONFLICT, "import-running", NULL,
                        "Import %" PRId64 " is still being taken in; undo it when it is done.",
                        u->import_id);
    u->changed = true;
    row.state = IMPORT_UNDOING;
    row.finished_at = COUNT_ABSENT;
    return import_update(st->db, &row, f) && import_undo_children(st->db, row.import_id, f);
}

bool importer_undo(struct importer *im, int64_t import_id, bool *changed, struct fail *f)
{
    struct undoing u = {.import_id = import_id};

    if (!writer_run(im->o.writer, WRITE_FOREGROUND, mark_undoing, &u, f))
        return false;
    *changed = u.changed;
    if (u.changed)
        importer_wake(im);
    return true;
}

/* ---- the thread ---- */

void importer_wake(struct importer *im)
{
    pthread_mutex_lock(&im->lock);
    im->woken = true;
    pthread_cond_signal(&im->wake);
    pthread_mutex_unlock(&im->lock);
}

bool importer_is_stopping(struct importer *im)
{
    return atomic_load(&im->stopping);
}

bool importer_pause(struct importer *im, int64_t ms)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += ms % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&im->lock);
    while (!importer_is_stopping(im) &&
           pthread_cond_timedwait(&im->wake, &im->lock, &until) != ETIMEDOUT)
        ;
    pthread_mutex_unlock(&im->lock);
    return !importer_is_stopping(im);
}

static enum db_result next_import(struct importer *im, struct import_row *row, struct fail *f)
{
    int64_t revision;
    struct db *db = snapshot_begin(im->o.snapshots, &revision, f);
    enum db_result r = db ? import_next(db, row, f) : DB_ERROR;

    snapshot_end(db);
    return r;
}

static void *importer_main(void *arg)
{
    struct importer *im = arg;

    while (!importer_is_stopping(im)) {
        struct import_row row;
        struct fail f = {0};
        enum db_result r = next_import(im, &row, &f);

        if (r == DB_ROW) {
            import_job_run(im, &row);
            continue;
        }
        if (r == DB_ERROR) {
            log_line(LOG_LEVEL_ERROR, "imports cannot be looked up: %s", f.sentence);
            importer_pause(im, IMPORT_RETRY_MS);
            continue;
        }
        pthread_mutex_lock(&im->lock);
        while (!im->woken && !importer_is_stopping(im))
            pthread_cond_wait(&im->wake, &im->lock);
        im->woken = false;
        pthread_mutex_unlock(&im->lock);
    }
    return NULL;
}

static bool spool_is_wanted(void *ctx, const char *name)
{
    struct importer *im = ctx;
    struct fail f = {0};
    int64_t revision;
    struct db *db = snapshot_begin(im->o.snapshots, &revision, &f);
    bool wanted = true;

    if (db && !import_spool_is_wanted(db, name, &wanted, &f))
        wanted = true;
    snapshot_end(db);
    return wanted;
}

struct importer *importer_start(const struct importer_options *options, struct fail *f)
{
    struct importer *im = calloc(1, sizeof *im);
    pthread_condattr_t attr;

    if (!im) {
        fail_memory(f);
        return NULL;
    }
    im->o = *options;
    im->spool = spool_open(options->spool_dir, f);
    if (!im->spool)
        goto fail;
    spool_sweep(im->spool, spool_is_wanted, im);
    pthread_mutex_init(&im->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&im->wake, &attr);
    pthread_condattr_destroy(&attr);
    if (pthread_create(&im->thread, NULL, importer_main, im) == 0)
        return im;
    fail_set(f, FAIL_INTERNAL, "no-thread", NULL, "The system gives no thread.");
    pthread_cond_destroy(&im->wake);
    pthread_mutex_destroy(&im->lock);
fail:
    spool_close(im->spool);
    free(im);
    return NULL;
}

void importer_stop(struct importer *im)
{
    if (!im)
        return;
    atomic_store(&im->stopping, true);
    importer_wake(im);
    pthread_join(im->thread, NULL);
    pthread_cond_destroy(&im->wake);
    pthread_mutex_destroy(&im->lock);
    spool_close(im->spool);
    free(im);
}
