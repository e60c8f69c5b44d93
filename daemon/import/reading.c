#include "import/reading.h"
#include "base/ceilings.h"
#include "ingest/charset.h"
#include "ingest/csv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct reading {
    int fd;
    char charset[32];
    struct plan *plan;
    /* while the rows go by */
    csv_row_fn fn;
    void *ctx;
    bool stopped;
};

static bool fill(int fd, char *chunk, size_t size, size_t *len, struct fail *f)
{
    *len = 0;
    while (*len < size) {
        ssize_t n = read(fd, chunk + *len, size - *len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail_set(f, FAIL_INTERNAL, "spool", NULL, "A spooled file cannot be read: %s.",
                            strerror(errno));
        if (n == 0)
            break;
        *len += (size_t)n;
    }
    return true;
}

static struct plan *plan_of_head(int fd, const char *charset, const char *wanted,
                                 const struct profile_set *profiles, struct fail *f)
{
    char *head = malloc(HEAD_MAX);
    struct charset *c = charset_open(charset, f);
    struct plan *plan = NULL;
    const char *text;
    size_t len, text_len;

    if (!head) {
        fail_memory(f);
        goto out;
    }
    if (!c || lseek(fd, 0, SEEK_SET) != 0 || !fill(fd, head, HEAD_MAX, &len, f) ||
        !charset_feed(c, head, len, &text, &text_len, f))
        goto out;
    if (!text_len && !charset_finish(c, &text, &text_len, f))
        goto out;
    plan = plan_make(profiles, wanted, -1, text, text_len, f);
out:
    charset_close(c);
    free(head);
    return plan;
}

struct reading *reading_open(int fd, const char *charset, const char *wanted,
                             const struct profile_set *profiles, struct fail *f)
{
    struct reading *r = calloc(1, sizeof *r);

    if (!r) {
        fail_memory(f);
        return NULL;
    }
    r->fd = fd;
    strncpy(r->charset, charset ? charset : "", sizeof r->charset - 1);
    r->plan = plan_of_head(fd, charset, wanted, profiles, f);
    if (r->plan)
        return r;
    free(r);
    return NULL;
}

void reading_close(struct reading *r)
{
    if (!r)
        return;
    plan_free(r->plan);
    free(r);
}

struct plan *reading_plan(struct reading *r)
{
    return r->plan;
}

static bool on_row(void *ctx, const struct csv_row *row)
{
    struct reading *r = ctx;

    if (row->line <= plan_heading_line(r->plan))
        return true;
    if (r->fn(r->ctx, row))
        return true;
    r->stopped = true;
    return false;
}

bool reading_each(struct reading *r, csv_row_fn fn, void *ctx, struct fail *f)
{
    char *chunk = malloc(IMPORT_CHUNK);
    struct charset *c = charset_open(r->charset, f);
    struct csv *csv = csv_open(plan_delimiter(r->plan), 1, on_row, r);
    const char *text;
    size_t len, text_len;
    bool ok = false;

    r->fn = fn;
    r->ctx = ctx;
    r->stopped = false;
    if (!chunk || !csv) {
        fail_memory(f);
        goto out;
    }
    if (!c)
        goto out;
    if (lseek(r->fd, 0, SEEK_SET) != 0) {
        fail_set(f, FAIL_INTERNAL, "spool", NULL, "A spooled file cannot be read: %s.",
                 strerror(errno));
        goto out;
    }
    do {
        if (!fill(r->fd, chunk, IMPORT_CHUNK, &len, f))
            goto out;
        if (!(len ? charset_feed(c, chunk, len, &text, &text_len, f)
                  : charset_finish(c, &text, &text_len, f)))
            goto out;
        csv_feed(csv, text, text_len);
    } while (len && !r->stopped);
    ok = r->stopped || csv_finish(csv, f);
out:
    csv_close(csv);
    charset_close(c);
    free(chunk);
    return ok;
}
