/*
 * postlift import: files go up, their progress is watched, what was lost is
 * said. On a terminal with a bar; under cron in silence when all went well.
 */
#include "base/ceilings.h"
#include "cli/importing.h"
#include "cli/spool.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

struct run {
    struct importing im;
    bool json;
    json_t *results; /* with --json */
};

static void show_notes(const char *name, const json_t *answer)
{
    size_t i;
    json_t *note;

    json_array_foreach(json_object_get(answer, "notes"), i, note)
        printf("%s: note: %s (%" PRId64 " rows)\n", name, answer_text(note, "detail"),
               answer_count(note, "rows"));
}

/* What came of one file, in words where there is someone to read them, and its exit code. */
static int report(struct run *r, const char *name, const json_t *answer, bool already)
{
    int64_t rejected = answer_count(answer, "rejected"), left;

    if (r->json)
        json_array_append(r->results, (json_t *)(uintptr_t)answer);
    if (answer_is_refused(answer)) {
        fprintf(stderr, "postlift: %s: %s\n", name, answer_text(answer, "sentence"));
        return EX_DATAERR;
    }
    if (!r->json && (r->im.terminal || r->im.parameter[IMPORT_DRY_RUN])) {
        if (already) {
            printf("%s: the same as import %" PRId64 "; nothing changed.\n", name,
                   answer_count(answer, "id"));
        } else {
            printf("%s: %s", name, r->im.parameter[IMPORT_DRY_RUN] ? "nothing was stored; " : "");
            answer_counts(stdout, answer);
            show_notes(name, answer);
        }
    }
    if (!rejected)
        return EX_OK;
    answer_rejects(stderr, name, answer, REJECTS_SHOWN);
    left = answer_count(answer, "rows_not_kept");
    fprintf(stderr,
            "%s: %" PRId64 " rejected in all; GET /api/v1/imports/%" PRId64
            "/rejected gives %s as a file to be mended and imported again\n",
            name, rejected, answer_count(answer, "id"),
            left > 0 ? "the first of them, not all," : "them");
    return EX_DATAERR;
}

static int import_file(struct run *r, const char *path)
{
    bool stdin_meant = strcmp(path, "-") == 0, already;
    int64_t size = -1;
    FILE *in = stdin_meant ? stdin : importing_open(path, &size);
    json_t *answer;
    int code;

    if (!in)
        return EX_NOINPUT;
    answer =
        importing_send(&r->im, stdin_meant ? "standard input" : path, in, size, &already, &code);
    if (answer)
        code = report(r, stdin_meant ? "standard input" : path, answer, already);
    json_decref(answer);
    if (!stdin_meant)
        fclose(in);
    return code;
}

static int undo(struct run *r, const char *id)
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
    if (!client_delete(r->im.client, path, &status, &body, &f)) {
        code = cli_fail(&f);
    } else if (status != 200 && status != 202) {
        code = cli_refused(NULL, status, &body);
    } else {
        json_t *answer = importing_wait(&r->im, strtoll(id, NULL, 10), &code);

        if (answer && r->json)
            json_array_append(r->results, answer);
        else if (answer && r->im.terminal)
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
        {"dry_run", no_argument, NULL, IMPORT_DRY_RUN},
        {"dry-run", no_argument, NULL, IMPORT_DRY_RUN},
        {"undo", required_argument, NULL, 'u'},
        {"spool", required_argument, NULL, 's'},
        {"json", no_argument, NULL, 'j'},
        {NULL, 0, NULL, 0},
    };
    struct run r = {
        .im = {.client = c, .rows = REJECTS_SHOWN + 1, .terminal = isatty(STDERR_FILENO)}};
    const char *spool = NULL;
    const char *undo_id = NULL;
    int worst = EX_OK, o;

    optind = 1;
    opterr = 0; /* what is wrong is said once, in our words */
    while ((o = getopt_long(argc, argv, "", longs, NULL)) != -1)
        if (o == 'u')
            undo_id = optarg;
        else if (o == 's')
            spool = optarg;
        else if (o == 'j')
            r.json = true;
        else if (o >= 0 && o < IMPORT_PARAMETERS)
            r.im.parameter[o] = o == IMPORT_DRY_RUN ? "1" : optarg;
        else
            return cli_bad_option("import", argv[optind - 1]);
    if (undo_id || spool ? optind < argc || (undo_id && spool) : optind == argc)
        return cli_usage("import",
                         undo_id || spool ? "--undo and --spool take no files." : "Which files?");
    if (spool)
        return spool_run(&r.im, spool);
    if (r.json)
        r.results = json_array();
    if (undo_id)
        worst = undo(&r, undo_id);
    for (int i = optind; i < argc; i++) {
        int code = import_file(&r, argv[i]);

        if (code == EX_UNAVAILABLE) { /* nobody there: the other files would fare no better */
            worst = code;
            break;
        }
        if (code != EX_OK && (worst == EX_OK || code == EX_TEMPFAIL))
            worst = code;
    }
    if (r.json) {
        json_dumpf(r.results, stdout, JSON_COMPACT | JSON_REAL_PRECISION(15));
        putchar('\n');
        json_decref(r.results);
    }
    return worst;
}
