/* What is kept: all of it as text, a copy of the database, a check of it. */
#include "base/ceilings.h"
#include "base/text.h"
#include "cli/importing.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

/* ---- export ---- */

/* A page of CSV has its own heading: only the first one's is wanted. */
static size_t heading_length(const struct buf *page)
{
    const char *end = memchr(page->data, '\n', page->len);

    return end ? (size_t)(end - page->data) + 1 : 0;
}

static int export_pages(struct client *c, const char *target, bool csv, FILE *out)
{
    char next[8192];
    struct buf page;
    bool first = true;
    int code = EX_OK;

    text_copy(next, sizeof next, target);
    buf_init(&page, RESPONSE_MAX);
    while (next[0] && code == EX_OK) {
        struct fail f = {0};
        unsigned status = 0;
        size_t skip;

        if (!client_get(c, next, &status, &page, &f)) {
            code = cli_fail(&f);
        } else if (status != 200) {
            code = cli_refused(NULL, status, &page);
        } else {
            skip = csv && !first && page.len ? heading_length(&page) : 0;
            if (fwrite(buf_text(&page) + skip, 1, page.len - skip, out) != page.len - skip)
                code = EX_IOERR;
            text_copy(next, sizeof next, client_next(c));
            first = false;
        }
    }
    buf_clear(&page);
    return code;
}

int cmd_export(struct client *c, int argc, char **argv)
{
    struct target t;
    bool csv = false;
    int code;

    target_init(&t, "/api/v1/export");
    for (int i = 1; i < argc; i += 2) {
        if (strncmp(argv[i], "--", 2) != 0 || i + 1 >= argc) {
            target_clear(&t);
            return cli_usage("export", "Options are --name value.");
        }
        csv = csv || (strcmp(argv[i], "--format") == 0 && strcmp(argv[i + 1], "csv") == 0);
        if (strcmp(argv[i], "--format") == 0 && strcmp(argv[i + 1], "ndjson") == 0)
            continue;
        target_add(&t, c, argv[i] + 2, argv[i + 1]);
    }
    code = export_pages(c, buf_text(&t.text), csv, stdout);
    target_clear(&t);
    return code;
}

/* ---- backup and check ---- */

/* Begins a job and waits for its end. The answer is the caller's; NULL with *code. */
static json_t *run_job(struct client *c, const char *path, int *code)
{
    struct timespec nap = {.tv_nsec = 20000000};
    struct fail f = {0};
    unsigned status = 0;
    json_t *answer = NULL;
    struct buf body;
    bool begun;

    buf_init(&body, SMALL_BODY_MAX);
    begun = client_post_json(c, path, "", &status, &body, &f);
    *code = EX_OK;
    if (!begun)
        *code = cli_fail(&f);
    else if (status != 202)
        *code = cli_refused(NULL, status, &body);
    while (*code == EX_OK && !answer) {
        if (!client_get(c, path, &status, &body, &f)) {
            *code = cli_fail(&f);
            break;
        }
        if (status != 200) {
            *code = cli_refused(NULL, status, &body);
            break;
        }
        answer = json_loadb(buf_text(&body), body.len, 0, NULL);
        if (strcmp(answer_text(answer, "state"), "running") != 0)
            break;
        json_decref(answer);
        answer = NULL;
        nanosleep(&nap, NULL);
        if (nap.tv_nsec < 500000000)
            nap.tv_nsec = nap.tv_nsec * 3 / 2;
    }
    buf_clear(&body);
    if (*code == EX_OK && strcmp(answer_text(answer, "state"), "done") != 0) {
        fprintf(stderr, "postlift: %s\n", answer_text(answer, "sentence"));
        *code = EX_SOFTWARE;
        json_decref(answer);
        answer = NULL;
    }
    return answer;
}

/* Into a file beside it first, so that a name stands for a whole copy or for none. */
static int fetch(struct client *c, const char *path, int64_t bytes)
{
    char part[4200], folder[4200], *slash;
    struct fail f = {0};
    unsigned status = 0;
    int64_t got = 0;
    struct buf problem;
    int code = EX_OK, dir;
    mode_t mask;
    FILE *out;
    bool ok;

    snprintf(part, sizeof part, "%s.part", path);
    unlink(part);
    mask = umask(077); /* all there is, in one file: for its owner alone */
    out = fopen(part, "we");
    umask(mask);
    if (!out) {
        fprintf(stderr, "postlift: %s: %s\n", path, strerror(errno));
        return EX_CANTCREAT;
    }
    buf_init(&problem, SMALL_BODY_MAX);
    if (!client_get_stream(c, "/api/v1/backup/file", out, &status, &problem, &got, &f))
        code = cli_fail(&f);
    else if (status != 200)
        code = cli_refused(NULL, status, &problem);
    ok = fflush(out) == 0 && fsync(fileno(out)) == 0;
    ok = fclose(out) == 0 && ok;
    if (code == EX_OK && (!ok || got != bytes || rename(part, path) != 0)) {
        fprintf(stderr, "postlift: %s: %s\n", path,
                got != bytes ? "the copy changed while it was fetched; try again"
                             : strerror(errno));
        code = got != bytes ? EX_TEMPFAIL : EX_IOERR;
    }
    if (code != EX_OK)
        unlink(part);
    snprintf(folder, sizeof folder, "%s", path);
    slash = strrchr(folder, '/');
    if (slash)
        *(slash == folder ? slash + 1 : slash) = 0;
    dir = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir >= 0) {
        fsync(dir);
        close(dir);
    }
    buf_clear(&problem);
    return code;
}

int cmd_backup(struct client *c, int argc, char **argv)
{
    json_t *answer;
    int code;

    if (argc != 2 || argv[1][0] == '-')
        return cli_usage("backup", "A file to write to is needed.");
    answer = run_job(c, "/api/v1/backup", &code);
    if (answer)
        code = fetch(c, argv[1], answer_count(answer, "bytes"));
    if (answer && code == EX_OK && isatty(STDERR_FILENO))
        printf("%s: %" PRId64 " bytes, revision %" PRId64 ", verified.\n", argv[1],
               answer_count(answer, "bytes"), answer_count(answer, "revision"));
    json_decref(answer);
    return code;
}

int cmd_check(struct client *c, int argc, char **argv)
{
    bool as_json = argc == 2 && strcmp(argv[1], "--json") == 0;
    json_t *answer, *finding;
    size_t i;
    int code;

    if (argc > 1 && !as_json)
        return cli_usage("check", "That is not understood.");
    answer = run_job(c, "/api/v1/check", &code);
    if (!answer)
        return code;
    code = json_is_true(json_object_get(answer, "sound")) ? EX_OK : EX_DATAERR;
    if (as_json) {
        json_dumpf(answer, stdout, JSON_COMPACT | JSON_REAL_PRECISION(15));
        putchar('\n');
    } else {
        json_array_foreach(json_object_get(answer, "findings"), i, finding)
            fprintf(stderr, "postlift: %s\n", json_string_value(finding));
        printf("%s: %" PRId64 " posts, %" PRId64 " of them with a history, %" PRId64
               " days of traffic.\n",
               code == EX_OK ? "The database is sound" : "The database is damaged",
               answer_count(answer, "posts"), answer_count(answer, "posts_with_history"),
               answer_count(answer, "traffic"));
    }
    json_decref(answer);
    return code;
}
