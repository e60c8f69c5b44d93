#include "store/keeper.h"
#include "base/ceilings.h"
#include "base/log.h"
#include "base/text.h"
#include "store/post_history.h"
#include "store/settings.h"
#include "store/types.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

enum {
    SQL_COPY,
    SQL_INTEGRITY,
    SQL_REFERENCES,
    SQL_SPREAD,
    SQL_POSTS,
    SQL_TRAFFIC,
    SQL_DAYS,
    SQL_COUNT
};
/* A metric of traffic is what the last sender said who spoke of it. */
#define NOT_AS_SAID(metric, bit) \
    " OR t." metric " IS NOT (SELECT c." metric " FROM traffic_claims c" \
    " WHERE c.traffic_id = t.traffic_id AND c.stated >> " bit " & 1" \
    " ORDER BY c.claim_id DESC LIMIT 1)"
static const char *const texts[SQL_COUNT] = {
    [SQL_COPY] = "VACUUM INTO ?1",
    [SQL_INTEGRITY] = "PRAGMA integrity_check(20)",
    [SQL_REFERENCES] = "PRAGMA foreign_key_check",
    [SQL_SPREAD] = "SELECT post_id FROM posts WHERE post_id > ?1 AND spread = 1"
                   " ORDER BY post_id LIMIT 500",
    [SQL_POSTS] = "SELECT count(*) FROM posts",
    [SQL_TRAFFIC] = "SELECT count(*) FROM traffic",
    [SQL_DAYS] =
        "SELECT t.traffic_id, t.source, t.day FROM traffic t WHERE 0" NOT_AS_SAID("sessions", "0")
            NOT_AS_SAID("users", "1") NOT_AS_SAID("engaged_sessions", "2")
                NOT_AS_SAID("conversions", "3") " LIMIT 20",
};
const struct db_sql keeper_sql = {DB_KEEPER, SQL_COUNT, texts};

const char *const keeper_state_names[] = {"idle", "running", "done", "failed"};

struct keeper {
    const struct store *store;
    struct writer *writer;
    struct forgetting forget; /* that is begun, or goes on */
    enum forget_stage stage;  /* where it begins */
    bool goes_on;             /* it was begun in an earlier life */
    keeper_told_fn told;
    void *told_ctx;
    char dir[4096], backup[4200];
    pthread_mutex_t lock;
    pthread_t thread;
    bool started; /* a thread is to be joined */
    enum keeper_job job;
    struct keeper_report report[KEEPER_JOB_COUNT]; /* under the lock */
    _Atomic bool stopping;
};

struct keeper *keeper_start(const struct store *store, struct writer *writer, const char *dir,
                            struct fail *f)
{
    struct keeper *k = calloc(1, sizeof *k);

    if (!k) {
        fail_memory(f);
        return NULL;
    }
    k->store = store;
    k->writer = writer;
    text_copy(k->dir, sizeof k->dir, dir);
    snprintf(k->backup, sizeof k->backup, "%s/backup.db", k->dir);
    if (mkdir(k->dir, 0750) != 0 && errno != EEXIST) {
        fail_set(f, FAIL_INTERNAL, "backup", NULL, "The folder %s cannot be made: %s.", dir,
                 strerror(errno));
        free(k);
        return NULL;
    }
    unlink(k->backup); /* of an earlier life */
    pthread_mutex_init(&k->lock, NULL);
    return k;
}

void keeper_stop(struct keeper *k)
{
    if (!k)
        return;
    atomic_store(&k->stopping, true);
    if (k->started)
        pthread_join(k->thread, NULL);
    forgetting_clear(&k->forget);
    unlink(k->backup);
    pthread_mutex_destroy(&k->lock);
    free(k);
}

/* ---- checking ---- */

static void find(struct keeper_report *r, const char *text)
{
    if (r->n_findings < FINDINGS_MAX)
        text_copy(r->finding[r->n_findings], sizeof r->finding[0], text);
    r->n_findings++;
}

/* Rows of text that should be none, or "ok". */
static bool expect_ok(struct db *db, int sql, struct keeper_report *r, struct fail *f)
{
    struct db_stmt *s = db_get(db, &keeper_sql, sql, f);
    enum db_result step;
    char text[160];

    if (!s)
        return false;
    while ((step = db_step(s, f)) == DB_ROW) {
        const char *row = db_text(s, 0);

        if (sql == SQL_INTEGRITY && row && strcmp(row, "ok") == 0)
            continue;
        if (sql == SQL_INTEGRITY)
            snprintf(text, sizeof text, "%.150s", row ? row : "");
        else if (sql == SQL_REFERENCES)
            snprintf(text, sizeof text, "A row of %.60s names one that is not there.",
                     row ? row : "?");
        else
            snprintf(text, sizeof text,
                     "A day of \"%.60s\" is not what its senders said (row %" PRId64 ").",
                     db_text(s, 1), db_int(s, 0));
        find(r, text);
    }
    db_reset(s);
    return step != DB_ERROR;
}

static bool number(struct db *db, int sql, int64_t *n, struct fail *f)
{
    struct db_stmt *s = db_get(db, &keeper_sql, sql, f);
    enum db_result r = s ? db_step(s, f) : DB_ERROR;

    if (r == DB_ROW)
        *n = db_int(s, 0);
    if (s)
        db_reset(s);
    return r == DB_ROW;
}

/* Every post that several records spoke of is what they make of it. */
static bool check_posts(struct keeper *k, struct db *db, struct keeper_report *r, struct fail *f)
{
    struct store view = {.db = db, .zone = k->store->zone, .lock_fd = -1};
    int64_t id[500], after = 0;
    bool ok = true, sound;
    int n = 1;
    char text[160];

    view.accounts = account_cache_new();
    view.types = type_book_new();
    if (!view.accounts || !view.types)
        ok = fail_memory(f);
    while (ok && n && !atomic_load(&k->stopping)) {
        struct db_stmt *s = db_get(db, &keeper_sql, SQL_SPREAD, f);
        enum db_result step = DB_ERROR;

        n = 0;
        if (s)
            db_bind_int(s, 1, after);
        while (s && n < 500 && (step = db_step(s, f)) == DB_ROW)
            id[n++] = db_int(s, 0);
        if (s)
            db_reset(s);
        ok = step != DB_ERROR;
        for (int i = 0; ok && i < n; i++) {
            after = id[i];
            r->spread++;
            ok = history_is_sound(&view, id[i], &sound, f);
            if (ok && !sound) {
                snprintf(text, sizeof text, "Post %" PRId64 " is not what its records make of it.",
                         id[i]);
                find(r, text);
            }
        }
    }
    account_cache_free(view.accounts);
    type_book_free(view.types);
    return ok;
}

static bool check(struct keeper *k, struct keeper_report *r, struct fail *f)
{
    struct db *db = db_open(k->store->path, DB_READ, READER_CACHE_KIB * 4, f);
    bool ok = db && expect_ok(db, SQL_INTEGRITY, r, f) && expect_ok(db, SQL_REFERENCES, r, f) &&
              number(db, SQL_POSTS, &r->posts, f) && number(db, SQL_TRAFFIC, &r->traffic, f) &&
              expect_ok(db, SQL_DAYS, r, f) && check_posts(k, db, r, f);

    db_close(db);
    return ok;
}

/* ---- copying ---- */

static bool has_space(const struct keeper *k, struct fail *f)
{
    struct statvfs fs;
    struct stat st;

    if (stat(k->store->path, &st) != 0 || statvfs(k->dir, &fs) != 0)
        return true; /* the copy itself will tell */
    return (int64_t)fs.f_bavail * (int64_t)fs.f_frsize > (int64_t)st.st_size + SPOOL_FREE_MIN ||
           fail_set(f, FAIL_NO_SPACE, "no-space", NULL,
                    "The disk has no room for a copy of the database.");
}

static bool copy_into(struct keeper *k, const char *part, struct keeper_report *r, struct fail *f)
{
    struct db *db = db_open(k->store->path, DB_READ, READER_CACHE_KIB * 4, f);
    struct db_stmt *s = db ? db_get(db, &keeper_sql, SQL_COPY, f) : NULL;
    bool ok = s != NULL;

    if (ok) {
        db_bind_text(s, 1, part);
        ok = db_run(s, f);
    }
    db_close(db);
    if (!ok)
        return false;
    db = db_open(part, DB_READ, READER_CACHE_KIB * 4, f);
    ok = db && revision_get(db, &r->revision, f) && expect_ok(db, SQL_INTEGRITY, r, f);
    db_close(db);
    return ok && (!r->n_findings || fail_set(f, FAIL_INTERNAL, "backup", NULL,
                                             "The copy is not sound: %s", r->finding[0]));
}

static bool sync_path(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0;

    if (fd >= 0)
        close(fd);
    return ok;
}

static bool back_up(struct keeper *k, struct keeper_report *r, struct fail *f)
{
    char part[4250], extra[4300];
    struct stat st;
    bool ok;

    snprintf(part, sizeof part, "%s.part", k->backup);
    unlink(part);
    ok = has_space(k, f) && copy_into(k, part, r, f) &&
         ((sync_path(part) && stat(part, &st) == 0 && rename(part, k->backup) == 0 &&
           sync_path(k->dir)) ||
          fail_set(f, FAIL_INTERNAL, "backup", NULL, "The copy cannot be written: %s.",
                   strerror(errno)));
    if (ok)
        r->bytes = (int64_t)st.st_size;
    unlink(part);
    for (int i = 0; i < 2; i++) { /* what reading a copy may leave beside it */
        snprintf(extra, sizeof extra, "%s%s", part, i ? "-wal" : "-shm");
        unlink(extra);
    }
    return ok;
}

/* ---- erasing ---- */

struct erasing {
    struct forgetting g;
    bool done;
};

static bool erase_some(struct store *st, void *ctx, bool *changed, struct fail *f)
{
    struct erasing *e = ctx;
    struct forgetting before = e->g; /* undone with the write, but for what was touched */
    bool ok = forget_slice(st, &e->g, FORGET_SLICE_POSTS, &e->done, f) &&
              forgetting_keep(st, e->done ? FORGET_BYTES : FORGET_ROWS, &e->g, f);

    *changed = true;
    if (!ok) {
        e->g.posts = before.posts;
        e->g.n_of = before.n_of;
        memcpy(e->g.of, before.of, sizeof before.of);
    }
    return ok;
}

static bool rewrite(struct store *st, void *ctx, bool *changed, struct fail *f)
{
    (void)ctx;
    *changed = false;
    return forget_bytes(st, f);
}

/* Readers come and go: the WAL can be emptied between them. */
static bool erase_bytes(struct keeper *k, struct fail *f)
{
    struct timespec nap = {.tv_nsec = 200000000};
    bool ok = false;

    for (int tries = 0; !ok && tries < FORGET_TRIES && !atomic_load(&k->stopping); tries++) {
        struct fail now = {0};

        ok = writer_run_alone(k->writer, rewrite, NULL, &now);
        if (ok)
            break;
        *f = now;
        if (now.code != FAIL_BUSY)
            return false;
        nanosleep(&nap, NULL);
    }
    if (ok)
        *f = (struct fail){0};
    return ok;
}

static bool has_ended(struct store *st, void *ctx, bool *changed, struct fail *f)
{
    (void)ctx;
    *changed = false;
    return forgetting_keep(st, FORGET_NONE, NULL, f);
}

/* Slice by slice; one of an earlier life waits for files that wait to be imported. */
static bool erase_rows(struct keeper *k, struct erasing *e, struct fail *f)
{
    struct timespec nap = {.tv_nsec = 200000000};
    bool ok = true;

    while (ok && !e->done && !atomic_load(&k->stopping)) {
        struct fail now = {0};

        ok = writer_run(k->writer, WRITE_BACKGROUND, erase_some, e, &now);
        if (!ok && k->goes_on && now.code == FAIL_BUSY) {
            nanosleep(&nap, NULL);
            ok = true;
        } else if (!ok) {
            *f = now;
        }
    }
    return ok && (e->done || fail_set(f, FAIL_BUSY, "stopping", NULL,
                                      "The daemon stops; it goes on when it is started again."));
}

static bool forget(struct keeper *k, struct keeper_report *r, struct fail *f)
{
    struct erasing e = {.g = k->forget, .done = k->stage == FORGET_BYTES};
    struct fail of_bytes = {0}, ignored = {0};
    bool ok;

    k->forget.touched = NULL; /* the job's now */
    k->forget.n_touched = 0;
    ok = erase_rows(k, &e, f);
    r->posts = e.g.posts;
    r->days = e.g.days;
    r->notes = e.g.notes;
    r->imports = e.g.imports;
    r->experiments = e.g.experiments;
    forgetting_clear(&e.g);
    unlink(k->backup); /* a copy of what was */
    if (ok && !erase_bytes(k, &of_bytes))
        ok = fail_set(f, of_bytes.code, "bytes-left", NULL,
                      "The rows are gone, but bytes of them may be left in the file: %s Ask again.",
                      of_bytes.sentence);
    if (!atomic_load(&k->stopping)) /* done, or somebody was told that it is not */
        writer_run(k->writer, WRITE_BACKGROUND, has_ended, NULL, &ignored);
    return ok;
}

/* ---- the thread ---- */

static const char *const job_names[] = {"backup", "check", "erasing"};

static void *keeper_main(void *arg)
{
    struct keeper *k = arg;
    struct keeper_report *r = calloc(1, sizeof *r);
    struct fail f = {0};
    bool ok = r && (k->job == KEEPER_BACKUP  ? back_up(k, r, &f)
                    : k->job == KEEPER_CHECK ? check(k, r, &f)
                                             : forget(k, r, &f));

    if (r && k->job == KEEPER_FORGET && k->told) {
        r->state = ok ? KEEPER_DONE : KEEPER_FAILED;
        k->told(k->told_ctx, &k->forget.rq, r);
    }

    pthread_mutex_lock(&k->lock);
    if (r)
        k->report[k->job] = *r;
    k->report[k->job].state = ok ? KEEPER_DONE : KEEPER_FAILED;
    text_copy(k->report[k->job].sentence, sizeof k->report[0].sentence,
              r ? f.sentence : "Out of memory; try again.");
    pthread_mutex_unlock(&k->lock);
    if (!ok)
        log_line(LOG_LEVEL_ERROR, "%s: %s", job_names[k->job], f.sentence);
    free(r);
    return NULL;
}

static bool has_begun(struct store *st, void *ctx, bool *changed, struct fail *f)
{
    *changed = false;
    return forgetting_keep(st, FORGET_ROWS, ctx, f);
}

/* Keeps in the database what is to be erased, before anybody is told that it is. */
static bool keep_request(struct keeper *k, const struct forget_request *rq, struct fail *f)
{
    forgetting_clear(&k->forget);
    forgetting_init(&k->forget, rq);
    k->stage = FORGET_ROWS;
    k->goes_on = false;
    return writer_run(k->writer, WRITE_FOREGROUND, has_begun, &k->forget, f);
}

static bool begin(struct keeper *k, enum keeper_job job, const struct forget_request *rq,
                  struct fail *f)
{
    bool ok = true, running = false;

    pthread_mutex_lock(&k->lock);
    for (int i = 0; i < KEEPER_JOB_COUNT; i++)
        if (k->report[i].state == KEEPER_RUNNING) {
            running = true;
            ok =
                (i == (int)job && !rq) || fail_set(f, FAIL_BUSY, "busy", NULL,
                                                   "%s %s is running; try again when it has ended.",
                                                   i == KEEPER_FORGET ? "An" : "A", job_names[i]);
        }
    if (ok && !running && rq)
        ok = keep_request(k, rq, f);
    if (ok && !running) {
        if (k->started)
            pthread_join(k->thread, NULL); /* it has ended */
        k->job = job;
        memset(&k->report[job], 0, sizeof k->report[job]);
        k->report[job].state = KEEPER_RUNNING;
        k->started = pthread_create(&k->thread, NULL, keeper_main, k) == 0;
        if (!k->started) {
            k->report[job].state = KEEPER_FAILED;
            ok = fail_set(f, FAIL_BUSY, "no-thread", NULL, "The system gives no thread.");
        }
    }
    pthread_mutex_unlock(&k->lock);
    return ok;
}

bool keeper_begin(struct keeper *k, enum keeper_job job, struct fail *f)
{
    return begin(k, job, NULL, f);
}

bool keeper_forget(struct keeper *k, const struct forget_request *rq, keeper_told_fn told,
                   void *ctx, struct fail *f)
{
    k->told = told; /* the same for all */
    k->told_ctx = ctx;
    return begin(k, KEEPER_FORGET, rq, f);
}

static bool take_up(struct store *st, void *ctx, bool *changed, struct fail *f)
{
    struct keeper *k = ctx;

    *changed = false;
    forgetting_clear(&k->forget);
    return forgetting_kept(st, &k->stage, &k->forget, f);
}

bool keeper_go_on(struct keeper *k, keeper_told_fn told, void *ctx, struct fail *f)
{
    k->told = told;
    k->told_ctx = ctx;
    if (!writer_run(k->writer, WRITE_FOREGROUND, take_up, k, f))
        return false;
    if (k->stage == FORGET_NONE)
        return true;
    k->goes_on = true;
    log_line(LOG_LEVEL_INFO, "the erasing that was under way when the daemon ended goes on");
    return begin(k, KEEPER_FORGET, NULL, f);
}

void keeper_report(struct keeper *k, enum keeper_job job, struct keeper_report *out)
{
    pthread_mutex_lock(&k->lock);
    *out = k->report[job];
    pthread_mutex_unlock(&k->lock);
}

void keeper_erased(const struct keeper_report *r, struct erased_count counts[ERASED_COUNTS])
{
    counts[0] = (struct erased_count){"posts", r->posts};
    counts[1] = (struct erased_count){"traffic_days", r->days};
    counts[2] = (struct erased_count){"notes", r->notes};
    counts[3] = (struct erased_count){"imports_wiped", r->imports};
    counts[4] = (struct erased_count){"experiments_marked", r->experiments};
}

int keeper_open_backup(struct keeper *k, int64_t *bytes, struct fail *f)
{
    struct stat st;
    int fd;

    pthread_mutex_lock(&k->lock);
    fd = k->report[KEEPER_BACKUP].state == KEEPER_DONE ? open(k->backup, O_RDONLY | O_CLOEXEC) : -1;
    pthread_mutex_unlock(&k->lock);
    if (fd >= 0 && fstat(fd, &st) == 0) {
        *bytes = (int64_t)st.st_size;
        return fd;
    }
    if (fd >= 0)
        close(fd);
    fail_set(f, FAIL_NOT_FOUND, "no-backup", NULL,
             "There is no backup yet; POST /api/v1/backup makes one.");
    return -1;
}
