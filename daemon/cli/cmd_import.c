/*
 * postlift import: files go up, their progress is watched, what was lost is
 * said. On a terminal with a bar; under cron in silence when all went well.
 */
#include "base/ceilings.h"
#include "cli/commands.h"
#include "cli/text.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

enum { REJECTS_SHOWN = 20, BAR = 30 };

/* Options that are the API's parameters. */
static const char *const parameters[] = {"profile",    "account",     "region",
                                         "charset",    "observed_at", "year",
                                         "date_order", "covers",      "dry_run"};
enum { PARAMETERS = sizeof parameters / sizeof *parameters, DRY_RUN = PARAMETERS - 1 };

struct importing {
    struct client *client;
    const char *parameter[PARAMETERS]; /* of the API; NULL: not given */
    bool terminal, json;
    json_t *results; /* with --json */
};

static void bar(const char *what, int64_t done, int64_t total)
{
    int filled = total > 0 ? (int)(done * BAR / total) : 0;

    fprintf(stderr, "\r\033[K%.20s [", what);
    for (int i = 0; i < BAR; i++)
        fputc(i < filled ? '#' : '.', stderr);
    if (total > 0)
        fprintf(stderr, "] %3d %%", (int)(done * 100 / total));
    else if (done > 0)
        fprintf(stderr, "] %" PRId64 " bytes", done);
    else
        fputs("]", stderr);
    fflush(stderr);
}

static void bar_end(bool terminal)
{
    if (terminal)
        fputs("\r\033[K", stderr);
}

static void on_sent(void *ctx, int64_t sent, int64_t total)
{
    const struct importing *im = ctx;

    if (im->terminal)
        bar("sending", sent, total);
}

/* Asks until the import has come to its end. The answer is the caller's; NULL with *code. */
static json_t *wait_for(struct importing *im, int64_t id, int *code)
{
    struct timespec nap = {.tv_nsec = 20000000};
    char path[96];
    struct buf body;

    buf_init(&body, RESPONSE_MAX);
    snprintf(path, sizeof path, "/api/v1/imports/%" PRId64 "?outcome=rejected&limit=%d", id,
             REJECTS_SHOWN + 1);
    for (;;) {
        struct fail f = {0};
        unsigned status = 0;
        const char *state;
        json_t *answer;

        if (!client_get(im->client, path, &status, &body, &f)) {
            *code = cli_fail(&f);
            break;
        }
        if (status != 200) {
            *code = cli_refused(NULL, status, &body);
            break;
        }
        answer = json_loadb(buf_text(&body), body.len, 0, NULL);
        state = json_string_value(json_object_get(answer, "state"));
        if (!state) {
            json_decref(answer);
            fputs("postlift: the daemon's answer is not understood.\n", stderr);
            *code = EX_PROTOCOL;
            break;
        }
        if (strcmp(state, "done") == 0 || strcmp(state, "refused") == 0 ||
            strcmp(state, "undone") == 0) {
            bar_end(im->terminal);
            buf_clear(&body);
            return answer;
        }
        if (im->terminal)
            bar(state, json_integer_value(json_object_get(answer, "rows_done")),
                json_integer_value(json_object_get(answer, "rows_total")));
        json_decref(answer);
        nanosleep(&nap, NULL);
        if (nap.tv_nsec < 500000000)
            nap.tv_nsec = nap.tv_nsec * 3 / 2;
    }
    bar_end(im->terminal);
    buf_clear(&body);
    return NULL;
}

static int64_t count_of(const json_t *answer, const char *name)
{
    return json_integer_value(json_object_get(answer, name));
}

static void show_rejects(const char *name, const json_t *answer)
{
    int64_t total = count_of(answer, "rejected"), shown = 0;
    size_t i;
    json_t *row;

    json_array_foreach(json_object_get(answer, "rows"), i, row)
    {
        const char *heading = json_string_value(json_object_get(row, "heading"));
        int64_t column = count_of(row, "column");
        char place[128] = "";

        if (shown++ == REJECTS_SHOWN)
            break;
        if (column)
            snprintf(place, sizeof place, ", column %" PRId64 "%s%.60s%s", column,
                     heading ? " (" : "", heading ? heading : "", heading ? ")" : "");
        fprintf(stderr, "%s: line %" PRId64 "%s: %s\n", name, count_of(row, "line"), place,
                json_string_value(json_object_get(row, "sentence")));
    }
    if (total > REJECTS_SHOWN)
        fprintf(stderr,
                "%s: ... %" PRId64 " rejected in all; GET /api/v1/imports/%" PRId64
                "?format=csv lists them\n",
                name, total, count_of(answer, "id"));
}

/* What came of one file, in words where there is someone to read them, and its exit code. */
static int report(struct importing *im, const char *name, const json_t *answer, bool already)
{
    bool refused = strcmp(json_string_value(json_object_get(answer, "state")), "refused") == 0;

    if (im->json)
        json_array_append(im->results, (json_t *)(uintptr_t)answer);
    if (refused) {
        fprintf(stderr, "postlift: %s: %s\n", name,
                json_string_value(json_object_get(answer, "sentence")));
        return EX_DATAERR;
    }
    if (im->terminal && !im->json) {
        if (already)
            printf("%s: the same as import %" PRId64 "; nothing changed.\n", name,
                   count_of(answer, "id"));
        else
            printf("%s: import %" PRId64 ", read as %s: %" PRId64 " rows: %" PRId64 " new, %" PRId64
                   " changed, %" PRId64 " as before, %" PRId64 " skipped, %" PRId64 " rejected\n",
                   name, count_of(answer, "id"),
                   json_string_value(json_object_get(answer, "profile")),
                   count_of(answer, "received"), count_of(answer, "inserted"),
                   count_of(answer, "updated"), count_of(answer, "unchanged"),
                   count_of(answer, "skipped"), count_of(answer, "rejected"));
    }
    if (!count_of(answer, "rejected"))
        return EX_OK;
    show_rejects(name, answer);
    return EX_DATAERR;
}

static int import_stream(struct importing *im, const char *name, FILE *in, int64_t size)
{
    const char *slash = strrchr(name, '/');
    struct fail f = {0};
    struct target t;
    struct buf body;
    unsigned status = 0;
    int code = EX_OK;

    target_init(&t, "/api/v1/imports");
    buf_init(&body, RESPONSE_MAX);
    target_add(&t, im->client, "file", slash ? slash + 1 : name);
    for (int i = 0; i < PARAMETERS; i++)
        if (im->parameter[i])
            target_add(&t, im->client, parameters[i], im->parameter[i]);
    if (!client_post_stream(im->client, buf_text(&t.text), "application/octet-stream", in, size,
                            on_sent, im, &status, &body, &f)) {
        bar_end(im->terminal);
        code = cli_fail(&f);
    } else if (status != 200 && status != 202) {
        bar_end(im->terminal);
        code = cli_refused(name, status, &body);
    } else {
        json_t *taken = json_loadb(buf_text(&body), body.len, 0, NULL);
        bool already = json_is_true(json_object_get(taken, "already_imported"));
        json_t *answer = wait_for(im, count_of(taken, "id"), &code);

        if (answer)
            code = report(im, name, answer, already);
        json_decref(answer);
        json_decref(taken);
    }
    buf_clear(&body);
    target_clear(&t);
    return code;
}

static int import_file(struct importing *im, const char *path)
{
    struct stat st;
    FILE *in;
    int code;

    if (strcmp(path, "-") == 0)
        return import_stream(im, "standard input", stdin, -1);
    in = fopen(path, "re");
    if (!in || fstat(fileno(in), &st) != 0 || S_ISDIR(st.st_mode)) {
        fprintf(stderr, "postlift: %s: %s\n", path,
                in && S_ISDIR(st.st_mode) ? "this is a folder, not a file" : strerror(errno));
        if (in)
            fclose(in);
        return EX_NOINPUT;
    }
    code = import_stream(im, path, in, S_ISREG(st.st_mode) ? (int64_t)st.st_size : -1);
    fclose(in);
    return code;
}

static int undo(struct importing *im, const char *id)
{
    struct fail f = {0};
    struct buf body;
    unsigned status = 0;
    char path[96];
    int code = EX_OK;

    if (strspn(id, "0123456789") != strlen(id) || !*id || strlen(id) > 18)
        return cli_usage("import", "--undo takes the number of an import.");
    snprintf(path, sizeof path, "/api/v1/imports/%s", id);
    buf_init(&body, RESPONSE_MAX);
    if (!client_delete(im->client, path, &status, &body, &f)) {
        code = cli_fail(&f);
    } else if (status != 200 && status != 202) {
        code = cli_refused(NULL, status, &body);
    } else {
        json_t *answer = wait_for(im, strtoll(id, NULL, 10), &code);

        if (answer && im->json)
            json_array_append(im->results, answer);
        else if (answer && im->terminal)
            printf("Import %s was taken out%s.\n", id, status == 200 ? " before" : "");
        json_decref(answer);
    }
    buf_clear(&body);
    return code;
}

int cmd_import(struct client *c, int argc, char **argv)
{
    static const struct option longs[] = {
        {"profile", required_argument, NULL, 0},
        {"account", required_argument, NULL, 1},
        {"region", required_argument, NULL, 2},
        {"charset", required_argument, NULL, 3},
        {"observed_at", required_argument, NULL, 4},
        {"observed-at", required_argument, NULL, 4},
        {"year", required_argument, NULL, 5},
        {"date_order", required_argument, NULL, 6},
        {"date-order", required_argument, NULL, 6},
        {"covers", required_argument, NULL, 7},
        {"dry_run", no_argument, NULL, DRY_RUN},
        {"dry-run", no_argument, NULL, DRY_RUN},
        {"undo", required_argument, NULL, 'u'},
        {"json", no_argument, NULL, 'j'},
        {NULL, 0, NULL, 0},
    };
    struct importing im = {.client = c, .terminal = isatty(STDERR_FILENO)};
    const char *undo_id = NULL;
    int worst = EX_OK, o;

    optind = 1;
    opterr = 0; /* what is wrong is said once, in our words */
    while ((o = getopt_long(argc, argv, "", longs, NULL)) != -1)
        if (o == 'u')
            undo_id = optarg;
        else if (o == 'j')
            im.json = true;
        else if (o >= 0 && o < PARAMETERS)
            im.parameter[o] = o == DRY_RUN ? "1" : optarg;
        else
            return cli_usage("import", "An option is not understood, or lacks its value.");
    if (undo_id ? optind < argc : optind == argc)
        return cli_usage("import", undo_id ? "--undo takes no files." : "Which files?");
    if (im.json)
        im.results = json_array();
    if (undo_id)
        worst = undo(&im, undo_id);
    for (int i = optind; i < argc; i++) {
        int code = import_file(&im, argv[i]);

        if (code == EX_UNAVAILABLE) { /* nobody there: the other files would fare no better */
            worst = code;
            break;
        }
        if (code != EX_OK && (worst == EX_OK || code == EX_TEMPFAIL))
            worst = code;
    }
    if (im.json) {
        json_dumpf(im.results, stdout, JSON_COMPACT);
        putchar('\n');
        json_decref(im.results);
    }
    return worst;
}
