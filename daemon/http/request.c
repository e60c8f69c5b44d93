#include "http/request.h"
#include "base/ceilings.h"
#include "base/utf8.h"
#include "http/plain.h"
#include "render/csv_out.h"
#include "render/json.h"
#include "render/page.h"
#include "render/svg.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COLUMNS_MAX = 80 }; /* of a table; an export has 45 */

const char *const format_names[FORMAT_COUNT] = {"json", "csv", "ics", "html"};
const char *const http_method_names[HTTP_METHOD_COUNT] = {"GET", "POST", "PUT", "DELETE"};

void reply_init(struct reply *rp)
{
    memset(rp, 0, sizeof *rp);
    rp->status = 500;
    rp->rows = -1;
    buf_init(&rp->body, RESPONSE_MAX);
}

void reply_clear(struct reply *rp)
{
    buf_clear(&rp->body);
    if (rp->has_file)
        close(rp->file);
    rp->has_file = false;
    free(rp->link);
    rp->link = NULL;
}

static const char *title_of(unsigned status)
{
    static const struct {
        unsigned status;
        const char *title;
    } titles[] = {
        {400, "Bad request"},         {401, "Not known"},          {403, "Forbidden"},
        {404, "Not found"},           {405, "Method not allowed"}, {409, "Conflict"},
        {411, "Length required"},     {413, "Content too large"},  {415, "Unsupported media type"},
        {422, "Cannot be processed"}, {429, "Too many requests"},  {503, "Not available now"},
        {507, "Disk full"},           {500, "Internal error"},
    };

    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
        if (titles[i].status == status)
            return titles[i].title;
    return "Error";
}

/* A sentence may quote what was sent: cut where that is no UTF-8. */
static json_t *checked_text(const char *text)
{
    return json_stringn_nocheck(text, utf8_valid_prefix(text, strlen(text)));
}

void reply_problem(struct reply *rp, const struct fail *f, unsigned status, json_t *more)
{
    json_t *o = json_object();

    rp->region_conflict |= strcmp(f->slug, "region-conflict") == 0;
    json_put(&o, "type", json_text("about:blank"));
    json_put(&o, "title", json_text(title_of(status)));
    json_put(&o, "status", json_integer((json_int_t)status));
    json_put(&o, "code", json_text(f->slug));
    json_put(&o, "detail", checked_text(f->sentence));
    if (f->place[0])
        json_put(&o, "place", checked_text(f->place));
    if (o && more)
        json_object_update(o, more);
    json_decref(more);
    buf_reset(&rp->body);
    rp->status = status;
    rp->content_type = "application/problem+json";
    rp->tag = TAG_NONE;
    rp->location[0] = 0;
    free(rp->link);
    rp->link = NULL;
    if (status == 503)
        rp->retry_after_s = 1;
    json_write(o, &rp->body);
    json_decref(o);
}

bool request_sees_rows(const struct request *rq)
{
    const unsigned needs =
        SCOPE_BIT(SCOPE_READ) | SCOPE_BIT(SCOPE_ROWS) | SCOPE_BIT(SCOPE_SENSITIVE);

    return (needs & ~rq->caller.scopes) == 0;
}

void reply_fail(struct reply *rp, const struct fail *f)
{
    reply_problem(rp, f, fail_status(f->code), NULL);
}

static void unfit(struct reply *rp, bool memory)
{
    struct fail f = {0};

    if (memory)
        fail_set(&f, FAIL_BUSY, "out-of-memory", NULL, "Out of memory; try again.");
    else
        fail_set(&f, FAIL_UNPROCESSABLE, "answer-too-large", NULL,
                 "The answer is larger than one answer may be; ask for less at a time.");
    reply_fail(rp, &f);
}

void reply_json(struct reply *rp, unsigned status, json_t *value)
{
    buf_reset(&rp->body);
    rp->status = status;
    rp->content_type = "application/json";
    if (!json_write(value, &rp->body) || !buf_putc(&rp->body, '\n'))
        unfit(rp, !value);
    json_decref(value);
}

/* A last column of a table that has nowhere else to say which regions it covers. */
static const char *const *say_regions_in_rows(const json_t *rows, const char *regions,
                                              const char *const *columns, const char **more)
{
    int n = 0;

    for (; columns[n] && n < COLUMNS_MAX - 2; n++)
        more[n] = columns[n];
    more[n] = "regions";
    more[n + 1] = NULL;
    for (size_t i = 0; i < json_array_size(rows); i++)
        json_object_set_new(json_array_get(rows, i), "regions", json_text(regions));
    return more;
}

void reply_table(struct reply *rp, const struct request *rq, json_t *value, const json_t *rows,
                 const char *const *columns)
{
    const char *bom = params_get(&rq->params, "bom");
    const char *plain[COLUMNS_MAX], *more[COLUMNS_MAX];

    if (rows)
        rp->rows = (int64_t)json_array_size(rows);
    if (rq->depth != REACH_WHOLE)
        plain_json(value);
    if (rq->depth == REACH_PLAIN)
        columns = plain_columns(columns, plain, COLUMNS_MAX);
    if (!rq->csv) {
        reply_json(rp, 200, value);
        return;
    }
    if (rq->caller.regions[0] && json_object_get(value, "warnings")) /* as in JSON */
        columns = say_regions_in_rows(rows, rq->caller.regions, columns, more);
    buf_reset(&rp->body);
    rp->status = 200;
    rp->content_type = "text/csv; charset=utf-8; header=present";
    if (!value || !csv_out(&rp->body, rows, columns, bom && strcmp(bom, "1") == 0))
        unfit(rp, !value);
    json_decref(value);
}

void reply_text(struct reply *rp, const struct request *rq, const char *rows,
                const char *const *columns)
{
    json_t *value;

    rp->status = 200;
    rp->content_type = "application/json";
    if (rp->body.over || !buf_putc(&rp->body, '\n')) {
        unfit(rp, false);
    } else if (rq->csv) {
        value = json_loadb(buf_text(&rp->body), rp->body.len, 0, NULL);
        reply_table(rp, rq, value, json_object_get(value, rows), columns);
    }
}

static bool is_of_type(const struct reply *rp, const char *type)
{
    return rp->content_type && strncmp(rp->content_type, type, strlen(type)) == 0;
}

/* Among the warnings of an answer that has some. A table has it in a column. */
static void warn_of_regions(struct reply *rp, const char *detail)
{
    json_t *o = json_loadb(buf_text(&rp->body), rp->body.len, 0, NULL), *w;
    json_t *list = json_object_get(o, "warnings");

    if (json_is_array(list)) {
        w = json_object();
        json_put(&w, "code", json_text("regions"));
        json_put(&w, "detail", json_text(detail));
        json_array_append_new(list, w);
        buf_reset(&rp->body);
        json_write(o, &rp->body);
        buf_putc(&rp->body, '\n');
    }
    json_decref(o);
}

/* Below the heading of a page. */
static void head_with_regions(struct reply *rp, const char *detail)
{
    static const char heading[] = "</h1>";
    const char *at = strstr(buf_text(&rp->body), heading);
    struct buf out;

    if (!at)
        return;
    at += sizeof heading - 1;
    buf_init(&out, rp->body.max);
    buf_add(&out, rp->body.data, (size_t)(at - rp->body.data));
    page_element(&out, "p class=\"soft\"", detail);
    buf_puts(&out, at);
    buf_clear(&rp->body);
    rp->body = out;
}

void reply_say_regions(struct reply *rp, const char *regions)
{
    bool several = strchr(regions, ' ') != NULL;
    char detail[400];

    snprintf(
        detail, sizeof detail,
        "It covers the %s of your token alone (%s); what belongs to others, or to none, is not "
        "in it.",
        several ? "regions" : "region", regions);
    if (rp->has_file)
        return;
    if (is_of_type(rp, "application/json"))
        warn_of_regions(rp, detail);
    else if (is_of_type(rp, "text/html"))
        head_with_regions(rp, detail);
    else if (is_of_type(rp, "image/svg+xml") && several) /* of one it is drawn in */
        svg_footnote(&rp->body, detail);
}

void reply_next(struct reply *rp, const struct request *rq, const char *cursor)
{
    const char *at = rq->target;
    size_t n = strcspn(at, "?");
    char separator = '?';
    struct buf link;

    buf_init(&link, HTTP_CONNECTION_MEMORY);
    buf_putc(&link, '<');
    buf_add(&link, at, n);
    at += n;
    while (*at) { /* every parameter but the cursor that led here */
        n = strcspn(++at, "&");
        if (strncmp(at, "cursor=", 7) != 0 && n) {
            buf_putc(&link, separator);
            buf_add(&link, at, n);
            separator = '&';
        }
        at += n;
    }
    buf_printf(&link, "%ccursor=%s>; rel=\"next\"", separator, cursor);
    free(rp->link);
    rp->link = link.over ? NULL : strdup(buf_text(&link));
    buf_clear(&link);
}
