/* How the daemon is: alive, ready, in figures; and the description of its API. */
#include "base/clock.h"
#include "base/embedded.h"
#include "http/api.h"
#include "http/stats.h"
#include "render/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct http_stats http_stats;

void api_healthz(struct app *app, const struct request *rq, struct reply *rp)
{
    json_t *o = json_object();

    (void)app;
    (void)rq;
    rp->tag = TAG_CONTENT;
    json_put(&o, "status", json_text("ok"));
    json_put(&o, "version", json_text(PACKAGE_VERSION));
    reply_json(rp, 200, o);
}

void api_readyz(struct app *app, const struct request *rq, struct reply *rp)
{
    struct fail f = {0};
    int64_t revision;
    struct db *db;
    json_t *o;

    if (!atomic_load(&app->ready)) {
        fail_set(&f, FAIL_BUSY, "not-ready", NULL, "The daemon is starting or stopping.");
        reply_fail(rp, &f);
        return;
    }
    db = snapshot_begin(app->snapshots, &revision, &f);
    snapshot_end(db);
    if (!db) {
        reply_problem(rp, &f, 503, NULL);
        return;
    }
    rp->tag = TAG_CONTENT;
    o = json_object();
    json_put(&o, "status", json_text("ready"));
    /* how often others write is nobody's who has no token */
    json_put(&o, "revision",
             json_integer(auth_is_on(app->auth) && !rq->caller.name[0] ? 0 : revision));
    json_put(&o, "timezone", json_text(app->timezone));
    reply_json(rp, 200, o);
}

static void reply_document(struct reply *rp, const char *name)
{
    const char *text = embedded_text(name);

    rp->tag = TAG_CONTENT;
    rp->status = 200;
    rp->content_type = "application/json";
    buf_puts(&rp->body, text ? text : "{}");
}

void api_openapi(struct app *app, const struct request *rq, struct reply *rp)
{
    (void)app;
    (void)rq;
    reply_document(rp, "openapi.json");
}

void api_method(struct app *app, const struct request *rq, struct reply *rp)
{
    (void)app;
    (void)rq;
    reply_document(rp, "method.json");
}

static int64_t resident_bytes(void)
{
    FILE *statm = fopen("/proc/self/statm", "re");
    long long pages = 0;

    if (statm) {
        if (fscanf(statm, "%*d %lld", &pages) != 1)
            pages = 0;
        fclose(statm);
    }
    return pages * sysconf(_SC_PAGESIZE);
}

static void metric(struct buf *b, const char *name, const char *type, const char *help, int64_t v)
{
    buf_printf(b, "# HELP postlift_%s %s\n# TYPE postlift_%s %s\npostlift_%s %" PRId64 "\n", name,
               help, name, type, name, v);
}

static void metric_requests(struct buf *b)
{
    buf_puts(b, "# HELP postlift_http_requests_total Requests answered, by route and class of "
                "status.\n# TYPE postlift_http_requests_total counter\n");
    for (int r = 0; r <= n_routes; r++)
        for (int c = 0; c < STATS_CLASSES; c++) {
            int64_t v = atomic_load(&http_stats.requests[r == n_routes ? STATS_ROUTES_MAX : r][c]);

            if (v)
                buf_printf(
                    b,
                    "postlift_http_requests_total{route=\"%s\",method=\"%s\",status=\"%dxx\"}"
                    " %" PRId64 "\n",
                    r == n_routes ? "none" : routes[r].name,
                    r == n_routes ? "" : http_method_names[routes[r].method], c, v);
        }
}

void api_metrics(struct app *app, const struct request *rq, struct reply *rp)
{
    struct buf *b = &rp->body;
    struct writer_stats w;
    int64_t waiting = 0, revision;
    struct fail f = {0};
    struct db *db = snapshot_begin(app->snapshots, &revision, &f);

    (void)rq;
    if (db)
        imports_waiting(db, &waiting, &f);
    snapshot_end(db);
    writer_stats(app->writer, &w);
    rp->tag = TAG_CONTENT;
    rp->status = 200;
    rp->content_type = "text/plain; version=0.0.4; charset=utf-8";
    buf_printf(b,
               "# HELP postlift_build_info The version that runs.\n"
               "# TYPE postlift_build_info gauge\npostlift_build_info{version=\"%s\"} 1\n",
               PACKAGE_VERSION);
    metric_requests(b);
    metric(b, "http_connections", "gauge", "Connections open now.",
           atomic_load(&http_stats.connections));
    metric(b, "http_guard_refused_total", "counter", "Malformed requests refused by the guard.",
           atomic_load(&http_stats.guard_refused));
    metric(b, "http_unknown_callers_total", "counter", "Requests without a token that is good.",
           atomic_load(&http_stats.unknown_callers));
    metric(b, "http_library_errors_total", "counter",
           "Requests or connections that the HTTP library itself refused or broke off.",
           atomic_load(&http_stats.library_errors));
    metric(b, "http_deadline_cut_total", "counter", "Connections ended because they were too slow.",
           atomic_load(&http_stats.deadline_cut));
    metric(b, "answer_cache_hits_total", "counter", "Answers given from memory.",
           atomic_load(&http_stats.cache_hits));
    metric(b, "answer_cache_misses_total", "counter", "Answers that had to be worked out.",
           atomic_load(&http_stats.cache_misses));
    metric(b, "http_not_modified_total", "counter", "Answers 304.",
           atomic_load(&http_stats.not_modified));
    metric(b, "writes_total", "counter", "Writes handed to the writer.", w.writes);
    metric(b, "writes_background_total", "counter", "Of these, slices of imports.", w.background);
    metric(b, "writes_failed_total", "counter", "Of these, failed.", w.failed);
    metric(b, "write_commits_total", "counter", "Transactions they were committed in.", w.commits);
    metric(b, "writes_waiting", "gauge", "Writes waiting for the writer.", w.waiting);
    metric(b, "imports_waiting", "gauge", "Imports waiting or running.", waiting);
    metric(b, "body_bytes_in_flight", "gauge", "Bytes of request bodies being taken in.",
           atomic_load(&app->in_flight));
    if (read_log_is_on(app->read_log))
        metric(b, "read_log_writable", "gauge",
               "Whether reads can be written down; rows are answered with 503 while not.",
               read_log_is_well(app->read_log));
    metric(b, "revision", "gauge", "Revision of the data.", writer_revision(app->writer));
    metric(b, "resident_bytes", "gauge", "Resident memory of the process.", resident_bytes());
}
