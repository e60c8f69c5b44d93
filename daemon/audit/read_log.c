#include "audit/read_log.h"
#include "audit/window.h"
#include "base/ceilings.h"
#include "base/clock.h"
#include "base/day.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { KEY = 32, SHORT_HASH = 16, SPINS = 50, SPIN = 200 };

struct read_log {
    char *path; /* NULL: there is no log */
    char *
        begun; /* owned; the word of a start for which there was no room yet; NULL: it is written */
    int fd;
    unsigned char key[KEY];
    pthread_mutex_t lock;
    pthread_cond_t unsynced;
    pthread_t syncer;
    struct chain head; /* as written */
    int64_t bytes;     /* of the file, whole lines */
    struct buf line;   /* that is being written */
    struct window window;
    int64_t now_ms;              /* steady; of the entry that is being written */
    int64_t counted_from_ms;     /* steady; READ_LOG_BUSY_MS later counting begins anew */
    int64_t counted, since_sync; /* entries */
    int64_t looked_ms;           /* steady; at whether the file is still in its place */
    bool dirty, broken, stopping, has_syncer;
    bool told; /* that it cannot be written */
};

static bool unusable(const char *path, const char *why, struct fail *f)
{
    return fail_set(f, FAIL_INTERNAL, "read-log", NULL, "The read log %.300s %s.", path, why);
}

/* ---- opening ---- */

/* Whether only the owner, and perhaps a group, can read it, and it is a file at all. */
static bool is_closed(int fd, const char *path, struct fail *f)
{
    struct stat st;

    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        return unusable(path, "is no file", f);
    return !(st.st_mode & S_IRWXO) ||
           unusable(path, "is open to everyone on this machine; chmod o-rwx mends that", f);
}

/* Made whole or not at all: beside it first. */
static bool make_key(struct read_log *l, const char *path)
{
    char part[4200];
    int fd;
    bool ok;

    snprintf(part, sizeof part, "%s.part", path);
    unlink(part);
    randombytes_buf(l->key, sizeof l->key);
    fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    ok = fd >= 0 && write(fd, l->key, sizeof l->key) == (ssize_t)sizeof l->key && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    ok = ok && rename(part, path) == 0;
    if (!ok)
        unlink(part);
    return ok;
}

static bool open_key(struct read_log *l, struct fail *f)
{
    char path[4100];
    int fd;
    bool ok;

    snprintf(path, sizeof path, "%s.key", l->path);
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT)
        return make_key(l, path) || unusable(path, "cannot be made, which is its key", f);
    ok = fd >= 0 && is_closed(fd, path, f) &&
         read(fd, l->key, sizeof l->key) == (ssize_t)sizeof l->key;
    if (ok && lseek(l->fd, 0, SEEK_END) == 0)
        log_line(LOG_LEVEL_WARNING,
                 "the read log %s is empty, and its key is older: another log begins, and what was "
                 "in the one before is not in it",
                 l->path);
    if (fd >= 0)
        close(fd);
    return ok || unusable(path, "cannot be read, which is its key", f);
}

/* The number that an entry has, or -1. */
static int64_t number_of(const char *line, size_t len)
{
    const char *json = chain_json(line, len);
    json_t *o = json ? json_loadb(json, len - (size_t)(json - line), 0, NULL) : NULL;
    const json_t *n = json_object_get(o, "n");
    int64_t number = json_is_integer(n) ? json_integer_value(n) : -1;

    json_decref(o);
    return number;
}

/* The start of the line that ends before `end`. */
static const char *line_before(const char *text, const char *end)
{
    while (end > text && end[-1] != '\n')
        end--;
    return end;
}

/* The size without the NULs at its end: the room of a window that nothing closed, or what a power
 * failure leaves where data were to be. */
static int64_t without_nuls(int fd, int64_t size)
{
    char text[4096];

    while (size > 0) {
        int64_t from = size > (int64_t)sizeof text ? size - (int64_t)sizeof text : 0;

        if (pread(fd, text, (size_t)(size - from), from) != size - from)
            return size;
        while (size > from && !text[size - from - 1])
            size--;
        if (size > from)
            break;
    }
    return size;
}

/*
 * Takes up where the file ends: a line that a crash cut is taken off, the last whole one must
 * follow from the one before it. All of it is checked by who verifies it, not at each start.
 */
static bool take_up(struct read_log *l, int64_t *torn, struct fail *f)
{
    int64_t end_of_file = lseek(l->fd, 0, SEEK_END), size = without_nuls(l->fd, end_of_file);
    int64_t from, whole;
    char *text = malloc(3 * CHAIN_LINE_MAX + 1);
    const char *last, *before, *end;
    size_t got;
    bool ok = false;

    *torn = 0;
    chain_begin(&l->head);
    if (!text || size < 0) {
        free(text);
        return text ? unusable(l->path, "cannot be read", f) : fail_memory(f);
    }
    from = size > 3 * CHAIN_LINE_MAX ? size - 3 * CHAIN_LINE_MAX : 0;
    got = (size_t)(size - from);
    if (pread(l->fd, text, got, from) != (ssize_t)got) {
        free(text);
        return unusable(l->path, "cannot be read", f);
    }
    end = line_before(text, text + got);
    whole = from + (end - text);
    *torn = size - whole;
    if (end == text) { /* nothing, or the one line that was cut */
        ok = from == 0 || unusable(l->path, "has a line longer than any of its own", f);
    } else {
        last = line_before(text, end - 1);
        before = last > text ? line_before(text, last - 1) : NULL;
        if (before && (before > text || from == 0))
            memcpy(l->head.head, before, (size_t)(last - before) > CHAIN_HASH ? CHAIN_HASH : 0);
        ok = (before ? before > text || from == 0 : from == 0) &&
             chain_follow(&l->head, last, (size_t)(end - 1 - last));
        l->head.n = number_of(last, (size_t)(end - 1 - last));
        if (!ok || l->head.n < 1)
            ok =
                unusable(l->path,
                         "does not fit together at its end (\"postlift audit verify --file\" tells "
                         "where); move it away to begin another",
                         f);
    }
    free(text);
    if (ok && whole < end_of_file && ftruncate(l->fd, whole) != 0)
        return unusable(l->path, "cannot be cut back to its last whole line", f);
    l->bytes = whole;
    return ok;
}

static void *sync_now_and_then(void *arg);

static bool open_file(struct read_log *l, struct fail *f)
{
    char started[200], cut[40] = "", at[TIME_TEXT], id[2 * SHORT_HASH + 1];
    unsigned char random[SHORT_HASH];
    struct fail full = {0};
    int64_t torn;

    l->fd = open(l->path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (l->fd < 0)
        return fail_set(f, FAIL_INTERNAL, "read-log", NULL,
                        "The read log %.300s cannot be written: %s.", l->path, strerror(errno));
    if (flock(l->fd, LOCK_EX | LOCK_NB) != 0)
        return unusable(l->path, "is in use by another daemon", f);
    if (!is_closed(l->fd, l->path, f) || !open_key(l, f) || !take_up(l, &torn, f))
        return false;
    if (pthread_create(&l->syncer, NULL, sync_now_and_then, l) != 0)
        return fail_set(f, FAIL_INTERNAL, "no-thread", NULL, "The system gives no thread.");
    l->has_syncer = true;
    if (torn) {
        snprintf(cut, sizeof cut, ",\"cut_bytes\":%" PRId64, torn);
        log_line(LOG_LEVEL_WARNING, "the last line of the read log was not whole and is taken off");
    }
    randombytes_buf(random, sizeof random); /* so that no two logs have the same heads */
    sodium_bin2hex(id, sizeof id, random, sizeof random);
    snprintf(started, sizeof started, "\"at\":\"%s\",\"event\":\"start\",\"id\":\"%s\"%s",
             time_format(clock_now_ms(), at), id, cut);
    if (read_log_write(l, started, &full))
        return true;
    l->begun = strdup(started); /* it comes first when there is room, and rows wait for it */
    return l->begun || fail_memory(f);
}

struct read_log *read_log_open(const char *path, struct fail *f)
{
    struct read_log *l = calloc(1, sizeof *l);

    if (!l) {
        fail_memory(f);
        return NULL;
    }
    l->fd = -1;
    pthread_mutex_init(&l->lock, NULL);
    pthread_cond_init(&l->unsynced, NULL);
    buf_init(&l->line, CHAIN_LINE_MAX);
    chain_begin(&l->head);
    if (!path || !*path)
        return l;
    l->path = strdup(path);
    if (l->path ? sodium_init() >= 0 && open_file(l, f) : fail_memory(f))
        return l;
    l->broken = true; /* no word of the end in a log that did not begin */
    read_log_close(l);
    return NULL;
}

bool read_log_is_on(const struct read_log *l)
{
    return l->path != NULL;
}

void read_log_close(struct read_log *l)
{
    char stopped[80], at[TIME_TEXT];
    struct fail f = {0};

    if (!l)
        return;
    if (l->has_syncer && !l->broken) {
        snprintf(stopped, sizeof stopped, "\"at\":\"%s\",\"event\":\"stop\"",
                 time_format(clock_now_ms(), at));
        read_log_write(l, stopped, &f);
    }
    if (l->has_syncer) {
        pthread_mutex_lock(&l->lock);
        l->stopping = true;
        pthread_cond_signal(&l->unsynced);
        pthread_mutex_unlock(&l->lock);
        pthread_join(l->syncer, NULL);
    }
    if (l->fd >= 0) {
        window_close(&l->window, l->bytes);
        close(l->fd);
    }
    buf_clear(&l->line);
    pthread_cond_destroy(&l->unsynced);
    pthread_mutex_destroy(&l->lock);
    free(l->path);
    free(l->begun);
    free(l);
}

/* ---- writing ---- */

/* Ends a window; false when the file cannot be cut at its last entry: nothing may follow then. */
static bool end_window(struct read_log *l)
{
    if (!window_close(&l->window, l->bytes))
        l->broken = true;
    return !l->broken;
}

/* Whether many entries come at once, so that setting room aside for them is worth it. */
static bool is_busy(struct read_log *l)
{
    if (l->now_ms - l->counted_from_ms >= READ_LOG_BUSY_MS) {
        l->counted_from_ms = l->now_ms;
        l->counted = 0;
    }
    return ++l->counted >= READ_LOG_BUSY;
}

/* All bytes of the line at the end of the file, or the file as it was. */
static bool append(struct read_log *l)
{
    size_t done = 0;

    while (done < l->line.len) {
        ssize_t n = write(l->fd, l->line.data + done, l->line.len - done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        done += (size_t)n;
    }
    if (done == l->line.len)
        return true;
    if (done && ftruncate(l->fd, l->bytes) != 0)
        l->broken = true; /* half a line that cannot be taken off: nothing may follow it */
    return false;
}

/* By a call of the system each or, while many come, into a window of the file. */
static bool write_whole(struct read_log *l)
{
    if (l->window.map && !window_holds(&l->window, l->bytes, l->line.len) && !end_window(l))
        return false;
    if (!l->window.map && is_busy(l) && window_open(&l->window, l->fd, l->bytes) == WINDOW_STUCK)
        l->broken = true;
    if (l->broken)
        return false;
    if (!l->window.map)
        return append(l);
    if (window_put(&l->window, l->bytes, l->line.data, l->line.len))
        return true;
    l->broken = true;
    errno = ESTALE; /* somebody cut it */
    return false;
}

static void tell(struct read_log *l)
{
    if (!l->told)
        log_line(LOG_LEVEL_ERROR,
                 "the read log %s cannot be written (%s): answers with rows stop until it can",
                 l->path,
                 l->bytes + CHAIN_LINE_MAX > READ_LOG_MAX ? "it is full" : strerror(errno));
    l->told = true;
}

/* A number from 0 in decimal; returns its end. */
static char *digits(char *out, int64_t v)
{
    char turned[20];
    int n = 0;

    do
        turned[n++] = (char)('0' + v % 10);
    while ((v /= 10) > 0);
    while (n)
        *out++ = turned[--n];
    return out;
}

/* Whether the file is still the one under that name, and as long as it was written. */
static bool is_in_place(struct read_log *l)
{
    struct stat by_name, by_fd;

    return lstat(l->path, &by_name) == 0 && fstat(l->fd, &by_fd) == 0 &&
           by_name.st_ino == by_fd.st_ino && by_name.st_dev == by_fd.st_dev &&
           by_fd.st_size >= l->bytes;
}

/* Now and then, so that few entries go into a file that nobody has any more. Under the lock. */
static void look_at_place(struct read_log *l)
{
    if (l->broken || l->now_ms - l->looked_ms < READ_LOG_LOOK_MS)
        return;
    l->looked_ms = l->now_ms;
    if (is_in_place(l))
        return;
    l->broken = l->told = true;
    log_line(LOG_LEVEL_ERROR,
             "the read log %s was taken away, replaced or cut while in use: no rows until the "
             "daemon is started again",
             l->path);
}

/*
 * Each writes its own line, in turn: handing many lines to one writer was measured, too, and waking
 * those who wait costs far more than their writes.
 */
static bool write_entry(struct read_log *l, const char *members)
{
    char json[CHAIN_LINE_MAX - CHAIN_HASH - 2], *at = json;
    size_t len = strlen(members);
    struct chain next = l->head;
    bool ok = false;

    buf_reset(&l->line);
    if (len + 32 < sizeof json) { /* by hand: it is done for each answer */
        at = stpcpy(json, "{\"n\":");
        at = digits(at, next.n + 1);
        *at++ = ',';
        memcpy(at, members, len);
        memcpy(at + len, "}", 2);
    }
    if (!l->broken && at > json && l->bytes + CHAIN_LINE_MAX <= READ_LOG_MAX &&
        chain_add(&next, json, &l->line))
        ok = write_whole(l);
    if (!ok) {
        tell(l);
        return false;
    }
    l->head = next;
    l->bytes += (int64_t)l->line.len;
    l->told = false;
    l->since_sync++;
    if (!l->dirty)
        pthread_cond_signal(&l->unsynced);
    l->dirty = true;
    return true;
}

/* Who has the lock is done within microseconds: to be put to sleep and woken costs more. */
static void take(struct read_log *l)
{
    for (int i = 0; i < SPINS; i++) {
        if (pthread_mutex_trylock(&l->lock) == 0)
            return;
        for (volatile int k = 0; k < SPIN; k++)
            ;
    }
    pthread_mutex_lock(&l->lock);
}

bool read_log_write(struct read_log *l, const char *members, struct fail *f)
{
    bool ok, broken, is_short;
    int64_t now_ms, end;

    if (!l->path)
        return true;
    now_ms = clock_tick_ms();
    take(l);
    l->now_ms = now_ms;
    look_at_place(l);
    ok = !l->begun || write_entry(l, l->begun);
    if (ok && l->begun) {
        free(l->begun);
        l->begun = NULL;
    }
    ok = ok && write_entry(l, members);
    broken = l->broken;
    end = l->bytes;
    is_short = window_is_short(&l->window, end);
    pthread_mutex_unlock(&l->lock);
    if (is_short)
        window_prepare(&l->window, end);
    return ok || fail_set(f, FAIL_BUSY, "no-read-log", NULL,
                          "What is read is written down, and that cannot be done at the moment: "
                          "the read log%s. Figures go on.",
                          broken ? " was taken away, replaced or cut, or its disk fails, until the "
                                   "daemon is started again"
                                 : "'s disk is full");
}

static void *sync_now_and_then(void *arg)
{
    struct read_log *l = arg;
    struct timespec nap = {0, READ_LOG_SYNC_MS * 1000000l};
    bool last;

    pthread_mutex_lock(&l->lock);
    while (!l->stopping || l->dirty) {
        if (!l->dirty && !l->window.map) {
            pthread_cond_wait(&l->unsynced, &l->lock);
            continue;
        }
        l->dirty = false;
        l->since_sync = 0;
        last = l->stopping;
        pthread_mutex_unlock(&l->lock);
        if (!last)
            nanosleep(&nap, NULL); /* so many entries go with one sync */
        pthread_mutex_lock(&l->lock);
        l->looked_ms = 0;
        l->now_ms = clock_tick_ms();
        look_at_place(l);
        if (last || l->since_sync < READ_LOG_BUSY) /* the many are over */
            end_window(l);
        pthread_mutex_unlock(&l->lock);
        if (fdatasync(l->fd) != 0 && errno != EINVAL) {
            log_line(LOG_LEVEL_ERROR, "the read log %s cannot be synced (%s): no rows any more",
                     l->path, strerror(errno));
            pthread_mutex_lock(&l->lock);
            l->broken = true; /* what a failed sync lost is not told, so nothing may build on it */
            pthread_mutex_unlock(&l->lock);
        }
        pthread_mutex_lock(&l->lock);
    }
    pthread_mutex_unlock(&l->lock);
    return NULL;
}

/* ---- reading ---- */

const char *read_log_hashed(const struct read_log *l, const char *text, char said[READ_LOG_HASHED])
{
    unsigned char hash[crypto_shorthash_siphashx24_BYTES];

    _Static_assert(crypto_shorthash_siphashx24_KEYBYTES <= KEY, "its key is long enough");
    crypto_shorthash_siphashx24(hash, (const unsigned char *)text, strlen(text), l->key);
    sodium_bin2hex(stpcpy(said, "keyed:"), 2 * sizeof hash + 1, hash, sizeof hash);
    return said;
}

bool read_log_is_well(struct read_log *l)
{
    bool well;

    pthread_mutex_lock(&l->lock);
    well = !l->broken && !l->told && !l->begun;
    pthread_mutex_unlock(&l->lock);
    return well;
}

bool read_log_head(struct read_log *l, struct chain *head, struct fail *f)
{
    pthread_mutex_lock(&l->lock);
    *head = l->head;
    pthread_mutex_unlock(&l->lock);
    /* a head that somebody keeps must not be of entries that a power failure may take */
    return fdatasync(l->fd) == 0 || errno == EINVAL ||
           fail_set(f, FAIL_BUSY, "no-read-log", NULL, "The read log cannot be synced: %s.",
                    strerror(errno));
}

int read_log_reader(struct read_log *l, int64_t *bytes, struct fail *f)
{
    int fd;

    if (!l->path) {
        fail_set(f, FAIL_NOT_FOUND, "no-read-log", NULL,
                 "There is no read log here: postliftd --read-log names its file, and with a file "
                 "of tokens there is one without it.");
        return -1;
    }
    /* the file itself, and not what may stand under its name by now */
    fd = fcntl(l->fd, F_DUPFD_CLOEXEC, 0);
    if (fd < 0) {
        fail_set(f, FAIL_BUSY, "read-log", NULL, "The read log cannot be opened: %s.",
                 strerror(errno));
        return -1;
    }
    pthread_mutex_lock(&l->lock);
    *bytes = l->bytes;
    pthread_mutex_unlock(&l->lock);
    return fd;
}
