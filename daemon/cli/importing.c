#include "cli/importing.h"
#include "base/ceilings.h"
#include "base/text.h"
#include "base/utf8.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <time.h>

enum { BAR = 30 };

static const char *const parameters[IMPORT_PARAMETERS] = {
    "profile", "account",    "region", "charset", "observed_at",
    "year",    "date_order", "covers", "dry_run",
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
json_t *importing_wait(const struct importing *im, int64_t id, int *code)
{
    struct timespec nap = {.tv_nsec = 20000000};
    char path[96];
    struct buf body;

    buf_init(&body, RESPONSE_MAX);
    snprintf(path, sizeof path, "/api/v1/imports/%" PRId64 "?outcome=rejected&limit=%d", id,
             im->rows);
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

int64_t answer_count(const json_t *answer, const char *name)
{
    return json_integer_value(json_object_get(answer, name));
}

const char *answer_text(const json_t *answer, const char *name)
{
    const char *text = json_string_value(json_object_get(answer, name));

    return text ? text : "";
}

bool answer_is_refused(const json_t *answer)
{
    return strcmp(answer_text(answer, "state"), "refused") == 0;
}

void answer_counts(FILE *out, const json_t *answer)
{
    fprintf(out,
            "import %" PRId64 ", read as %s: %" PRId64 " rows: %" PRId64 " new, %" PRId64
            " changed, %" PRId64 " as before, %" PRId64 " skipped, %" PRId64 " rejected\n",
            answer_count(answer, "id"), answer_text(answer, "profile"),
            answer_count(answer, "received"), answer_count(answer, "inserted"),
            answer_count(answer, "updated"), answer_count(answer, "unchanged"),
            answer_count(answer, "skipped"), answer_count(answer, "rejected"));
}

void answer_rejects(FILE *out, const char *name, const json_t *answer, int64_t most)
{
    int64_t shown = 0;
    size_t i;
    json_t *row;

    json_array_foreach(json_object_get(answer, "rows"), i, row)
    {
        const char *heading = json_string_value(json_object_get(row, "heading"));
        int64_t column = answer_count(row, "column");
        char place[128] = "";

        if (strcmp(answer_text(row, "outcome"), "rejected") != 0)
            continue;
        if (shown++ == most)
            break;
        if (column)
            snprintf(place, sizeof place, ", column %" PRId64 "%s%.60s%s", column,
                     heading ? " (" : "", heading ? heading : "", heading ? ")" : "");
        fprintf(out, "%s: line %" PRId64 "%s: %s\n", name, answer_count(row, "line"), place,
                answer_text(row, "sentence"));
    }
}

/* A file that was refused at once, in the words that an import has. */
static json_t *refusal(struct buf *body)
{
    json_t *problem = json_loadb(buf_text(body), body->len, 0, NULL);
    json_t *answer =
        json_pack("{s:s, s:s, s:s}", "state", "refused", "code", answer_text(problem, "code"),
                  "sentence", answer_text(problem, "detail"));

    json_decref(problem);
    return answer;
}

json_t *importing_send(const struct importing *im, const char *name, FILE *in, int64_t size,
                       bool *already, int *code)
{
    const char *slash = strrchr(name, '/');
    char shown[256]; /* the name in letters that a request can carry */
    json_t *answer = NULL, *taken;
    struct fail f = {0};
    struct target t;
    struct buf body;
    unsigned status = 0;

    *already = false;
    *code = EX_OK;
    target_init(&t, "/api/v1/imports");
    buf_init(&body, RESPONSE_MAX);
    text_copy(shown, sizeof shown, slash ? slash + 1 : name);
    for (char *c = shown; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = '?';
    for (size_t good; (good = utf8_valid_prefix(shown, strlen(shown))) < strlen(shown);)
        shown[good] = '?';
    target_add(&t, im->client, "file", shown);
    for (int i = 0; i < IMPORT_PARAMETERS; i++)
        if (im->parameter[i])
            target_add(&t, im->client, parameters[i], im->parameter[i]);
    if (!client_post_stream(im->client, buf_text(&t.text), "application/octet-stream", in, size,
                            on_sent, (void *)(uintptr_t)im, &status, &body, &f)) {
        bar_end(im->terminal);
        *code = cli_fail(&f);
    } else if (status == 422 || status == 413) {
        bar_end(im->terminal);
        answer = refusal(&body);
    } else if (status != 200 && status != 202) {
        bar_end(im->terminal);
        *code = cli_refused(name, status, &body);
    } else {
        taken = json_loadb(buf_text(&body), body.len, 0, NULL);
        *already = json_is_true(json_object_get(taken, "already_imported"));
        answer = importing_wait(im, answer_count(taken, "id"), code);
        json_decref(taken);
    }
    buf_clear(&body);
    target_clear(&t);
    return answer;
}

FILE *importing_open(const char *path, int64_t *size)
{
    FILE *in = fopen(path, "re");
    struct stat st;

    if (!in || fstat(fileno(in), &st) != 0 || S_ISDIR(st.st_mode)) {
        fprintf(stderr, "postlift: %s: %s\n", path,
                in && S_ISDIR(st.st_mode) ? "this is a folder, not a file" : strerror(errno));
        if (in)
            fclose(in);
        return NULL;
    }
    *size = S_ISREG(st.st_mode) ? (int64_t)st.st_size : -1;
    return in;
}
