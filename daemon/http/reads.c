#include "http/reads.h"
#include "base/clock.h"
#include "render/json.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum { NAMES_LISTED = 40, MINUTE_MS = 60000 };

/* An entry begun: what happened, when, who, from where, on which route. */
static json_t *begin(const char *event, const struct route *route, const struct request *rq)
{
    json_t *o = json_object();
    char what[120];

    json_put(&o, "at", json_moment(clock_now_ms()));
    json_put(&o, "event", json_text(event));
    if (!route)
        return o;
    snprintf(what, sizeof what, "%s %s", http_method_names[route->method], route->path);
    json_put(&o, "token", rq->caller.name[0] ? json_text(rq->caller.name) : json_null());
    json_put(&o, "address", json_text(rq->peer));
    json_put(&o, "route", json_text(what));
    return o;
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

static void put_filter(struct app *app, const struct route *route, const struct request *rq,
                       json_t **o)
{
    json_t *filter = json_object();
    size_t bytes = 0;

    for (int i = 0; i < rq->params.n; i++) {
        const char *name = rq->params.name[i], *value = rq->params.value[i];

        bytes += 2 * (strlen(name) + strlen(value)); /* what is not ASCII is longer in the end */
        if (bytes > CHAIN_LINE_MAX / 4) {
            json_put(&filter, "and_more", json_true());
            break;
        }
        json_put(&filter, name,
                 names_somebody(name, value) ? read_log_hashed(app->read_log, value)
                                             : json_text(value));
    }
    for (int i = 0; i < 2 && rq->segment[i] && rq->segment[i][0]; i++) {
        /* posts are named by platform and id; all else by its own number or name here */
        bool id = i == 1 && strstr(route->path, "/post");

        json_put(&filter, i ? "part_2" : "part_1",
                 id ? read_log_hashed(app->read_log, rq->segment[i]) : json_text(rq->segment[i]));
    }
    json_put(o, "filter", filter);
}

static void put_reach(const struct request *rq, json_t **o)
{
    json_put(o, "regions", json_text("*"));
    json_put(o, "sensitive", json_boolean(rq->caller.scopes & SCOPE_BIT(SCOPE_SENSITIVE)));
}

static bool write_entry(struct app *app, json_t *o, struct fail *f)
{
    return o ? read_log_write(app->read_log, o, f) : fail_memory(f);
}

bool reads_answered(struct app *app, const struct route *route, const struct request *rq,
                    int64_t rows, struct fail *f)
{
    json_t *o;

    if (!read_log_is_on(app->read_log) || !route_is_logged(route, &rq->params))
        return true;
    o = begin("read", route, rq);
    put_filter(app, route, rq, &o);
    put_reach(rq, &o);
    json_put(&o, "rows", rows < 0 ? json_null() : json_integer(rows));
    return write_entry(app, o, f);
}

bool reads_changes(struct app *app, const struct route *route, const struct request *rq,
                   struct fail *f)
{
    json_t *o;

    if (!read_log_is_on(app->read_log) || !route_is_logged(route, &rq->params))
        return true;
    o = begin("change", route, rq);
    put_filter(app, route, rq, &o);
    put_reach(rq, &o);
    return write_entry(app, o, f);
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
    json_t *o;

    if (!read_log_is_on(app->read_log) || (!rq->caller.name[0] && !has_its_entry(&unwritten)))
        return;
    o = begin("refused", route, rq);
    json_put(&o, "status", json_integer(status));
    json_put(&o, "code", json_text(why));
    if (unwritten)
        json_put(&o, "refused_before_without_entry", json_integer(unwritten));
    write_entry(app, o, &f);
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
           a->last == b->last;
}

/* The names in one list that the other lacks or, with `changed`, has otherwise. */
static json_t *names_of(const struct tokens *of, const struct tokens *other, bool changed)
{
    json_t *list = json_array();
    int more = 0;
    char text[32];

    for (int i = 0; i < of->n; i++) {
        const struct token_row *there = named(other, of->row[i].name);

        if (changed ? !there || are_alike(there, &of->row[i]) : there != NULL)
            continue;
        if (json_array_size(list) < NAMES_LISTED)
            json_append(&list, json_text(of->row[i].name));
        else
            more++;
    }
    snprintf(text, sizeof text, "and %d more", more);
    if (more)
        json_append(&list, json_text(text));
    return list;
}

void reads_tokens(void *ctx, const struct tokens *before, const struct tokens *now)
{
    struct app *app = ctx;
    struct fail f = {0};
    json_t *o;

    if (!read_log_is_on(app->read_log))
        return;
    o = begin("tokens", NULL, NULL);
    json_put(&o, "added", names_of(now, before, false));
    json_put(&o, "removed", names_of(before, now, false));
    json_put(&o, "changed", names_of(now, before, true));
    write_entry(app, o, &f);
}
