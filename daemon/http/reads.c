#include "http/reads.h"
#include "base/clock.h"
#include "base/day.h"
#include "base/utf8.h"
#include "render/json_text.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum { NAMES_LISTED = 40, MINUTE_MS = 60000, FILTER_BYTES = CHAIN_LINE_MAX / 8 };

/* An entry while it is written: the members of an object. */
struct entry {
    struct buf text;
    struct json_text out;
};

/* An entry begun: what happened, when, who, from where, on which route. */
static void begin(struct entry *e, const char *event, const struct route *route,
                  const struct request *rq)
{
    char what[120], at[TIME_TEXT];

    buf_init(&e->text, CHAIN_LINE_MAX);
    buf_reserve(&e->text, 700);
    e->out = (struct json_text){&e->text, false};
    json_text_key(&e->out, "at");
    json_text_string(&e->out, time_format(clock_now_ms(), at));
    json_text_key(&e->out, "event");
    json_text_string(&e->out, event);
    if (!route)
        return;
    stpcpy(stpcpy(stpcpy(what, http_method_names[route->method]), " "), route->path);
    json_text_key(&e->out, "token");
    json_text_string(&e->out, rq->caller.name[0] ? rq->caller.name : NULL);
    json_text_key(&e->out, "address");
    json_text_string(&e->out, rq->peer);
    json_text_key(&e->out, "route");
    json_text_string(&e->out, what);
}

/* Writes it, and ends it. */
static bool end(struct app *app, struct entry *e, struct fail *f)
{
    bool ok = e->text.over ? fail_memory(f) : read_log_write(app->read_log, buf_text(&e->text), f);

    buf_clear(&e->text);
    return ok;
}

/* Whether a parameter names somebody, or something by which somebody is found. */
static bool names_somebody(const char *name, const char *value)
{
    const char *dot = strchr(name, '.');

    name = dot ? dot + 1 : name;
    if (strcmp(name, "exposure") == 0 || strcmp(name, "posts") == 0)
        return strstr(value, "account") || strstr(value, "campaign");
    return strcmp(name, "account") == 0 || strcmp(name, "campaign") == 0 ||
           strcmp(name, "cursor") == 0 || strcmp(name, "id") == 0;
}

/* A text as it is or, where it names somebody or is none, its keyed hash. */
static void put_text(struct app *app, struct entry *e, const char *text, bool hashed)
{
    char said[READ_LOG_HASHED];

    if (hashed || utf8_valid_prefix(text, strlen(text)) < strlen(text))
        text = read_log_hashed(app->read_log, text, said);
    json_text_string(&e->out, text);
}

static void put_filter(struct app *app, struct entry *e, const struct route *route,
                       const struct request *rq)
{
    size_t bytes = 0;

    json_text_key(&e->out, "filter");
    json_text_open(&e->out, '{');
    for (int i = 0; i < rq->params.n; i++) {
        const char *name = rq->params.name[i], *value = rq->params.value[i];

        bytes += strlen(name) + strlen(value);
        if (bytes > FILTER_BYTES || utf8_valid_prefix(name, strlen(name)) < strlen(name)) {
            json_text_key(&e->out, "and more");
            json_text_null(&e->out);
            break;
        }
        json_text_key(&e->out, name);
        put_text(app, e, value, names_somebody(name, value));
    }
    for (int i = 0; i < 2 && rq->segment[i] && rq->segment[i][0]; i++) {
        /* posts are named by platform and id; all else by its own number or name here */
        json_text_key(&e->out, i ? "part_2" : "part_1");
        put_text(app, e, rq->segment[i],
                 (i == 1 && strstr(route->path, "/post")) || strlen(rq->segment[i]) > SLUG_MAX);
    }
    json_text_close(&e->out, '}');
    json_text_key(&e->out, "regions");
    json_text_string(&e->out, rq->caller.regions[0] ? rq->caller.regions : "*");
    json_text_key(&e->out, "sensitive");
    json_text_bool(&e->out, (rq->caller.scopes & SCOPE_BIT(SCOPE_SENSITIVE)) != 0);
}

bool reads_answered(struct app *app, const struct route *route, const struct request *rq,
                    int64_t rows, struct fail *f)
{
    struct entry e;

    if (!read_log_is_on(app->read_log) || !route_is_logged(route, &rq->params))
        return true;
    begin(&e, "read", route, rq);
    put_filter(app, &e, route, rq);
    json_text_key(&e.out, "rows");
    if (rows < 0)
        json_text_null(&e.out);
    else
        json_text_int(&e.out, rows);
    return end(app, &e, f);
}

bool reads_changes(struct app *app, const struct route *route, const struct request *rq,
                   struct fail *f)
{
    struct entry e;

    if (!read_log_is_on(app->read_log) || !route_is_logged(route, &rq->params))
        return true;
    begin(&e, "change", route, rq);
    put_filter(app, &e, route, rq);
    return end(app, &e, f);
}

/* Whether one more refusal of somebody unknown has its entry; how many had none before it. */
static bool has_its_entry(int64_t *unwritten)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static int64_t since, written, dropped;
    int64_t now = clock_steady_ms();
    bool has;

    pthread_mutex_lock(&lock);
    if (now - since >= MINUTE_MS) {
        since = now;
        written = 0;
    }
    has = written < READ_LOG_REFUSED;
    *unwritten = has ? dropped : 0;
    written += has;
    dropped = has ? 0 : dropped + 1;
    pthread_mutex_unlock(&lock);
    return has;
}

void reads_refused(struct app *app, const struct route *route, const struct request *rq,
                   unsigned status, const char *why)
{
    int64_t unwritten = 0;
    struct fail f = {0};
    struct entry e;

    if (!read_log_is_on(app->read_log) || (!rq->caller.name[0] && !has_its_entry(&unwritten)))
        return;
    begin(&e, "refused", route, rq);
    json_text_key(&e.out, "status");
    json_text_int(&e.out, status);
    json_text_key(&e.out, "code");
    json_text_string(&e.out, why);
    if (unwritten) {
        json_text_key(&e.out, "refused_before_without_entry");
        json_text_int(&e.out, unwritten);
    }
    end(app, &e, &f);
}

static const struct token_row *named(const struct tokens *t, const char *name)
{
    for (int i = 0; i < t->n; i++)
        if (strcmp(t->row[i].name, name) == 0)
            return &t->row[i];
    return NULL;
}

static bool are_alike(const struct token_row *a, const struct token_row *b)
{
    return memcmp(a->hash, b->hash, TOKEN_HASH) == 0 && a->scopes == b->scopes &&
           a->last == b->last && strcmp(a->regions, b->regions) == 0;
}

/* The names in one list that the other lacks or, with `changed`, has otherwise. */
static void put_names(struct entry *e, const char *key, const struct tokens *of,
                      const struct tokens *other, bool changed)
{
    int listed = 0, more = 0;
    char text[32];

    json_text_key(&e->out, key);
    json_text_open(&e->out, '[');
    for (int i = 0; i < of->n; i++) {
        const struct token_row *there = named(other, of->row[i].name);

        if (changed ? !there || are_alike(there, &of->row[i]) : there != NULL)
            continue;
        if (listed++ < NAMES_LISTED)
            json_text_string(&e->out, of->row[i].name);
        else
            more++;
    }
    snprintf(text, sizeof text, "and %d more", more);
    if (more)
        json_text_string(&e->out, text);
    json_text_close(&e->out, ']');
}

void reads_tokens(void *ctx, const struct tokens *before, const struct tokens *now)
{
    struct app *app = ctx;
    struct fail f = {0};
    struct entry e;

    if (!read_log_is_on(app->read_log))
        return;
    begin(&e, "tokens", NULL, NULL);
    put_names(&e, "added", now, before, false);
    put_names(&e, "removed", before, now, false);
    put_names(&e, "changed", now, before, true);
    end(app, &e, &f);
}

void reads_erased(void *ctx, const struct forget_request *rq, const struct keeper_report *r)
{
    static const char *const what[] = {"post", "account", "before"};
    const struct {
        const char *name;
        int64_t value;
    } counts[] = {{"posts", r->posts},
                  {"traffic_days", r->days},
                  {"notes", r->notes},
                  {"imports_wiped", r->imports},
                  {"experiments_marked", r->experiments}};
    struct app *app = ctx;
    char day[DAY_TEXT];
    struct fail f = {0};
    struct entry e;

    if (!read_log_is_on(app->read_log))
        return;
    begin(&e, "erased", NULL, NULL);
    json_text_key(&e.out, what[rq->what]);
    put_text(app, &e, rq->what == FORGET_BEFORE ? day_format(rq->before, day) : rq->name,
             rq->what != FORGET_BEFORE);
    json_text_key(&e.out, "state");
    json_text_string(&e.out, keeper_state_names[r->state]);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        json_text_key(&e.out, counts[i].name);
        json_text_int(&e.out, counts[i].value);
    }
    end(app, &e, &f);
}
