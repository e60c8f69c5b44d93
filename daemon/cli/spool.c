/*
 * The order of steps makes it safe to be killed anywhere: the daemon stores a file under its
 * content, so sending it again is harmless; the report is written whole before the file moves;
 * moving is the last step, and atomic.
 */
#include "cli/spool.h"
#include "base/ceilings.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

enum { SETTLED_S = 5 }; /* a file that was written to more recently may not be whole */

struct spool_dir {
    const char *path;
    int fd, lock;
};

static bool is_unfinished_name(const char *name)
{
    static const char *const endings[] = {"~",    ".part",     ".partial",  ".tmp",       ".temp",
                                          ".swp", ".filepart", ".download", ".crdownload"};
    size_t n = strlen(name);

    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t e = strlen(endings[i]);

        if (n > e && strcmp(name + n - e, endings[i]) == 0)
            return true;
    }
    return false;
}

static int is_candidate(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && !is_unfinished_name(entry->d_name);
}

/* Whether nobody writes to it any more, as far as can be told. */
static bool is_settled(int fd, const struct stat *st)
{
    if (time(NULL) - st->st_mtime < SETTLED_S)
        return false;
    if (fcntl(fd, F_SETLEASE, F_RDLCK) == 0) { /* fails while anyone has it open for writing */
        fcntl(fd, F_SETLEASE, F_UNLCK);
        return true;
    }
    return errno != EAGAIN; /* of another owner: its age must do */
}

static bool exists(int dir, const char *name)
{
    struct stat st;

    return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* A name that is free in done/ or failed/: "posts.csv", "posts-2.csv", ... */
static bool free_name(int dir, const char *name, char *out, size_t size)
{
    const char *dot = strrchr(name, '.');
    int stem = dot && dot != name ? (int)(dot - name) : (int)strlen(name);

    snprintf(out, size, "%s", name);
    for (int i = 2; i < 10000; i++) {
        if (!exists(dir, out))
            return true;
        snprintf(out, size, "%.*s-%d%s", stem, name, i, name + stem);
    }
    return false;
}

static FILE *create(int dir, const char *name)
{
    int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);

    return fd >= 0 ? fdopen(fd, "w") : NULL;
}

static bool commit(int dir, FILE *out, const char *part, const char *name)
{
    bool ok = fflush(out) == 0 && fsync(fileno(out)) == 0;

    ok = fclose(out) == 0 && ok;
    return ok && renameat(dir, part, dir, name) == 0;
}

static void report_text(FILE *out, const char *name, const json_t *answer, bool already)
{
    const json_t *list;
    size_t i;
    json_t *item;

    if (already)
        fprintf(out, "%s: the same content as import %" PRId64 "; nothing changed.\n", name,
                answer_count(answer, "id"));
    if (answer_is_refused(answer))
        fprintf(out, "%s: not taken in: %s\n", name, answer_text(answer, "sentence"));
    if (answer_count(answer, "id")) {
        fprintf(out, "%s: ", name);
        answer_counts(out, answer);
    }
    json_array_foreach(json_object_get(answer, "notes"), i, item)
        fprintf(out, "note: %s (%" PRId64 " rows)\n", answer_text(item, "detail"),
                answer_count(item, "rows"));
    list = json_object_get(answer, "skipped_columns");
    json_array_foreach((json_t *)(uintptr_t)list, i, item)
        fprintf(out, "%s%s", i ? ", " : "columns not read: ", json_string_value(item));
    if (json_array_size(list))
        fputc('\n', out);
    answer_rejects(out, name, answer, IMPORT_REJECTS_MAX);
}

/* The report, and the rejected rows where there are any, beside where the file will lie. */
static bool write_reports(const struct importing *im, int dir, const char *name,
                          const json_t *answer, bool already)
{
    char part[300], path[300], target[96];
    struct fail f = {0};
    unsigned status = 0;
    struct buf body;
    FILE *out;
    bool ok;

    snprintf(part, sizeof part, ".%.200s.part", name);
    snprintf(path, sizeof path, "%.200s.report.txt", name);
    out = create(dir, part);
    if (!out)
        return false;
    report_text(out, name, answer, already);
    if (!commit(dir, out, part, path))
        return false;
    if (!answer_count(answer, "rejected") || answer_is_refused(answer))
        return true;
    buf_init(&body, RESPONSE_MAX);
    snprintf(target, sizeof target, "/api/v1/imports/%" PRId64 "/rejected",
             answer_count(answer, "id"));
    ok = true;
    if (client_get(im->client, target, &status, &body, &f) && status == 200) {
        snprintf(path, sizeof path, "%.200s.rejected.%s", name,
                 buf_text(&body)[0] == '{' ? "ndjson" : "csv");
        out = create(dir, part);
        ok = out && fwrite(buf_text(&body), 1, body.len, out) == body.len;
        ok = out && commit(dir, out, part, path) && ok;
    }
    buf_clear(&body);
    return ok;
}

static bool move_to(const struct importing *im, const struct spool_dir *d, const char *folder,
                    const char *name, const json_t *answer, bool already)
{
    char to[280];
    int dir;
    bool ok;

    if (mkdirat(d->fd, folder, 0750) != 0 && errno != EEXIST)
        return false;
    dir = openat(d->fd, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ok = dir >= 0 && free_name(dir, name, to, sizeof to) &&
         write_reports(im, dir, to, answer, already) && renameat(d->fd, name, dir, to) == 0 &&
         fsync(dir) == 0 && fsync(d->fd) == 0;
    if (dir >= 0)
        close(dir);
    return ok;
}

static void take_back(const struct importing *im, const json_t *answer)
{
    struct fail f = {0};
    unsigned status = 0;
    struct buf body;
    char path[96];

    buf_init(&body, SMALL_BODY_MAX);
    snprintf(path, sizeof path, "/api/v1/imports/%" PRId64, answer_count(answer, "id"));
    client_delete(im->client, path, &status, &body, &f);
    buf_clear(&body);
}

/* One file: its exit code. */
static int take(const struct importing *im, const struct spool_dir *d, const char *name)
{
    int fd = openat(d->fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK), code = EX_OK;
    struct stat st, now;
    bool already, refused;
    json_t *answer;
    FILE *in;

    if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || !is_settled(fd, &st)) {
        bool unreadable = fd < 0 && errno == EACCES;

        if (unreadable)
            fprintf(stderr, "postlift: %s/%s: %s\n", d->path, name, strerror(errno));
        if (fd >= 0)
            close(fd);
        return unreadable ? EX_TEMPFAIL : EX_OK; /* no file, or not yet: left alone */
    }
    in = fdopen(fd, "r");
    if (!in) {
        close(fd);
        return EX_TEMPFAIL;
    }
    answer = importing_send(im, name, in, (int64_t)st.st_size, &already, &code);
    if (answer && (fstat(fd, &now) != 0 || now.st_size != st.st_size ||
                   now.st_mtime != st.st_mtime)) { /* it went on growing: another time */
        if (!already && !answer_is_refused(answer))
            take_back(im, answer);
        json_decref(answer);
        fclose(in);
        return EX_OK;
    }
    fclose(in);
    if (!answer)
        return code == EX_UNAVAILABLE ? EX_UNAVAILABLE : EX_TEMPFAIL;
    refused = answer_is_refused(answer);
    if (refused)
        fprintf(stderr, "postlift: %s/%s: %s\n", d->path, name, answer_text(answer, "sentence"));
    else
        answer_rejects(stderr, name, answer, REJECTS_SHOWN);
    code = refused || answer_count(answer, "rejected") ? EX_DATAERR : EX_OK;
    if (!move_to(im, d, refused ? "failed" : "done", name, answer, already)) {
        fprintf(stderr, "postlift: %s/%s cannot be moved: %s\n", d->path, name, strerror(errno));
        code = EX_TEMPFAIL;
    }
    json_decref(answer);
    return code;
}

int spool_run(struct importing *im, const char *folder)
{
    struct spool_dir d = {folder, open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), -1};
    struct dirent **entry = NULL;
    int worst = EX_OK, n;

    if (d.fd < 0) {
        fprintf(stderr, "postlift: %s: %s\n", folder, strerror(errno));
        return EX_NOINPUT;
    }
    im->rows = IMPORT_REJECTS_MAX;
    d.lock = openat(d.fd, ".postlift.lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (d.lock < 0) {
        fprintf(stderr, "postlift: %s cannot be written: %s\n", folder, strerror(errno));
        close(d.fd);
        return EX_TEMPFAIL;
    }
    n = flock(d.lock, LOCK_EX | LOCK_NB) == 0 ? scandir(folder, &entry, is_candidate, alphasort)
                                              : 0; /* another run is at it */
    for (int i = 0; i < n; i++) {
        int code = worst == EX_UNAVAILABLE ? EX_OK : take(im, &d, entry[i]->d_name);

        if (code == EX_UNAVAILABLE || (code == EX_TEMPFAIL && worst != EX_UNAVAILABLE) ||
            worst == EX_OK)
            worst = code == EX_OK ? worst : code;
        free(entry[i]);
    }
    free(entry);
    close(d.lock);
    close(d.fd);
    return worst == EX_UNAVAILABLE ? EX_TEMPFAIL : worst;
}
