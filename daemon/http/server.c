#include "http/server_parts.h"
#include "base/ceilings.h"
#include "base/clock.h"
#include "base/log.h"
#include "http/access.h"
#include "http/api.h"
#include "http/guard.h"
#include "http/listen.h"
#include "http/peer.h"
#include "http/plain.h"
#include "http/reads.h"
#include "http/stats.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

/* 0.9.x takes a blank before a header's colon unless it is -1; there 1 is laxer than 0. */
#if MHD_VERSION >= 0x01000000
#define MHD_STRICTNESS 1
#else
#define MHD_STRICTNESS (-1)
#endif

/* ---- the head of a request ---- */

struct head_reading {
    struct guard *guard;
    const char *hosts;
    const char
        *forwarded; /* the last such line: a proxy appends, what came before is the client's */
};

static mhd_result on_header(void *cls, enum MHD_ValueKind kind, const char *name, size_t name_len,
                            const char *value, size_t value_len)
{
    struct head_reading *h = cls;

    (void)kind;
    if (name_len == 15 && strncasecmp(name, "X-Forwarded-For", name_len) == 0)
        h->forwarded = value;
    guard_header(h->guard, name, name_len, value ? value : "", value ? value_len : 0, h->hosts);
    return MHD_YES;
}

static mhd_result on_param(void *cls, enum MHD_ValueKind kind, const char *name, const char *value)
{
    struct exchange *e = cls;

    (void)kind;
    if (e->rq.params.n >= QUERY_PARAMS_MAX - 1) { /* one may be added */
        e->too_many_params = true;
        return MHD_NO;
    }
    e->names[e->rq.params.n] = name;
    e->values[e->rq.params.n] = value ? value : "";
    e->rq.params.n++;
    return MHD_YES;
}

static void content_type_of(struct MHD_Connection *c, char type[64])
{
    const char *text =
        MHD_lookup_connection_value(c, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_TYPE);
    size_t n = 0;

    for (; text && text[n] && text[n] != ';' && text[n] != ' ' && n < 63; n++)
        type[n] = (char)(text[n] >= 'A' && text[n] <= 'Z' ? text[n] + 32 : text[n]);
    type[n] = 0;
}

/* By ?format=, else CSV by Accept, where it is named and JSON is not named before it. */
static enum format format_of(struct MHD_Connection *c, const struct exchange *e, struct fail *f)
{
    const char *format = params_get(&e->rq.params, "format");
    const char *accept = MHD_lookup_connection_value(c, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT);
    bool pages = (e->route->flags & ROUTE_PAGES) != 0;
    int known = pages ? (int)FORMAT_COUNT : (int)FORMAT_CSV + 1, i = 0;
    const char *csv, *json;

    if (format) {
        while (i < known && strcmp(format, format_names[i]) != 0)
            i++;
        if (i == known)
            fail_set(f, FAIL_UNPROCESSABLE, "bad-value", "format",
                     "\"format\" takes %s; this is \"%.40s\".",
                     pages ? "json, csv, ics or html" : "json or csv", format);
        return (enum format)i;
    }
    csv = accept ? strstr(accept, "text/csv") : NULL;
    if (csv && strncmp(csv + 8, ";q=0", 4) == 0 &&
        strspn(csv + 11, "0.") == strcspn(csv + 11, ", "))
        csv = NULL; /* "anything but" */
    json = accept ? strstr(accept, "application/json") : NULL;
    return csv && (!json || csv < json) ? FORMAT_CSV : FORMAT_JSON;
}

/* What the answer is made of: what the caller may see. */
static bool reach(struct server *s, const struct exchange *e, struct fail *f)
{
    return snapshot_reach(s->o.app->snapshots, e->rq.caller.regions, e->rq.depth, f);
}

static mhd_result answer(struct server *s, struct MHD_Connection *c, struct exchange *e)
{
    struct fail f = {0};
    struct reply rp;
    mhd_result result;

    e->rq.format = format_of(c, e, &f);
    e->rq.csv = e->rq.format == FORMAT_CSV;
    if (f.code != FAIL_NONE)
        return send_fail(s, c, e, &f, 422, NULL, false);
    if (!reach(s, e, &f))
        return send_fail(s, c, e, &f, fail_status(f.code), NULL, false);
    /* what is kept is what is seen by who sees everything */
    if ((e->route->flags & ROUTE_CACHED) && !e->rq.caller.regions[0] &&
        e->rq.depth == REACH_WHOLE && answer_from_cache(s, c, e, &result))
        return result;
    if (e->route->method != HTTP_GET && !reads_changes(s->o.app, e->route, &e->rq, &f))
        return send_fail(s, c, e, &f, fail_status(f.code), NULL, false);
    reply_init(&rp);
    e->route->answer(s->o.app, &e->rq, &rp);
    if (e->rq.depth != REACH_WHOLE && rp.status == 200)
        reply_plain(&rp);
    if (rp.status == 200)
        reply_veiled(&rp, &e->rq.veil);
    if (e->rq.caller.regions[0] && rp.status == 200)
        reply_say_regions(&rp, e->rq.caller.regions);
    if (e->route->method == HTTP_GET && rp.status == 200 && !e->logged &&
        !reads_answered(s->o.app, e->route, &e->rq, rp.rows, &f)) {
        reply_clear(&rp);
        return send_fail(s, c, e, &f, fail_status(f.code), NULL, false);
    }
    result = send_reply(s, c, e, &rp);
    reply_clear(&rp);
    return result;
}

static mhd_result send_options(struct server *s, struct MHD_Connection *c, struct exchange *e,
                               const char *allow)
{
    struct reply rp;
    mhd_result result;

    reply_init(&rp);
    rp.status = 204;
    snprintf(rp.allow, sizeof rp.allow, "%s", allow);
    result = send_reply(s, c, e, &rp);
    reply_clear(&rp);
    return result;
}

static bool method_of(const char *text, enum http_method *method)
{
    if (strcmp(text, "HEAD") == 0)
        text = "GET";
    for (int m = 0; m < HTTP_METHOD_COUNT; m++)
        if (strcmp(http_method_names[m], text) == 0) {
            *method = (enum http_method)m;
            return true;
        }
    return false;
}

static mhd_result refuse_by_guard(struct server *s, struct MHD_Connection *c, struct exchange *e,
                                  const char *reason)
{
    struct fail f = {0};

    atomic_fetch_add(&http_stats.guard_refused, 1);
    reads_refused(s->o.app, NULL, &e->rq, 400, "bad-request");
    fail_set(&f, FAIL_SYNTAX, "bad-request", NULL, "%s", reason);
    return send_fail(s, c, e, &f, 400, NULL, true);
}

static uint64_t peer_of(const struct server *s, struct MHD_Connection *c, const char *forwarded,
                        char name[PEER_TEXT])
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *address = info ? info->client_addr : NULL;

    peer_name(address, forwarded, s->o.proxies, name);
    return peer_number(address, forwarded, s->o.proxies);
}

/* Whether a person in front of a browser waits for a page. */
static bool wants_page(struct MHD_Connection *c, const struct exchange *e)
{
    const char *accept = MHD_lookup_connection_value(c, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT);

    return e->route->method == HTTP_GET && accept && strstr(accept, "text/html");
}

/* What may not be asked: in words, to a person with the form by which to sign in. */
static mhd_result refuse(struct server *s, struct MHD_Connection *c, struct exchange *e,
                         const struct fail *f, unsigned status)
{
    struct reply rp;
    mhd_result result;

    reads_refused(s->o.app, e->route, &e->rq, status, f->slug);
    reply_init(&rp);
    if (wants_page(c, e))
        sign_in_page(status, strcmp(f->slug, "no-token") == 0 ? NULL : f->sentence, &rp);
    else
        reply_problem(&rp, f, status, NULL);
    rp.close = e->route->method != HTTP_GET; /* its body is not read */
    if (status == 429)
        rp.retry_after_s = 60;
    result = send_reply(s, c, e, &rp);
    reply_clear(&rp);
    return result;
}

static mhd_result begin_body(struct server *s, struct MHD_Connection *c, struct exchange *e)
{
    const struct body_ops *ops = e->route->body;
    const char *coding =
        MHD_lookup_connection_value(c, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_ENCODING);
    struct fail f = {0};
    struct reply rp;
    mhd_result result;

    if (coding && strcasecmp(coding, "identity") != 0)
        fail_set(&f, FAIL_MEDIA_TYPE, "unsupported-coding", "Content-Encoding",
                 "The body is said to be coded as \"%.40s\"; send it as it is.", coding);
    else if (e->rq.content_length > ops->max)
        fail_set(&f, FAIL_TOO_LARGE, "too-large", "Content-Length",
                 "The body would have %lld bytes; %lld are the most here.%s",
                 (long long)e->rq.content_length, (long long)ops->max,
                 ops->max == BODY_MAX ? " Larger files go to /api/v1/imports." : "");
    if (f.code == FAIL_NONE && reach(s, e, &f))
        reads_changes(s->o.app, e->route, &e->rq, &f);
    if (f.code != FAIL_NONE)
        return send_fail(s, c, e, &f, fail_status(f.code), NULL, true);
    reply_init(&rp);
    e->body = ops->begin(s->o.app, &e->rq, &rp);
    if (e->body) {
        reply_clear(&rp);
        connection_receives(connection_of(c), e->began_ms, 0);
        return MHD_YES;
    }
    rp.close = e->rq.content_length != 0; /* its body is not read */
    result = send_reply(s, c, e, &rp);
    reply_clear(&rp);
    return result;
}

static mhd_result begin(struct server *s, struct MHD_Connection *c, struct exchange *e,
                        const char *url, const char *method_text, const char *version)
{
    enum http_method method = HTTP_GET;
    bool options = strcmp(method_text, "OPTIONS") == 0;
    bool known_method = method_of(method_text, &method);
    bool writes = known_method && method != HTTP_GET, known;
    struct guard guard;
    struct head_reading h = {&guard, s->o.hosts, NULL};
    struct fail f = {0};
    char allow[64];
    unsigned status;
    uint64_t peer;

    e->begun = true;
    e->began_ms = clock_steady_ms();
    connection_works(connection_of(c));
    guard_init(&guard);
    guard_target(&guard, e->target);
    MHD_get_connection_values_n(c, MHD_HEADER_KIND, on_header, &h);
    peer = peer_of(s, c, h.forwarded, e->rq.peer);
    guard_finish(&guard, strcmp(version, "HTTP/1.1") == 0, writes || !(known_method || options),
                 s->o.public);
    if (guard.reason)
        return refuse_by_guard(s, c, e, guard.reason);
    e->path = strdup(url);
    if (!e->path)
        return MHD_NO;
    e->rq.content_length = guard.chunked ? -1 : guard.content_length < 0 ? 0 : guard.content_length;
    e->rq.has_origin = guard.has_origin;
    e->rq.target = e->target;
    e->rq.path = url;
    e->rq.content_type = e->content_type;
    e->rq.params.name = e->names;
    e->rq.params.value = e->values;
    content_type_of(c, e->content_type);
    MHD_get_connection_values(c, MHD_GET_ARGUMENT_KIND, on_param, e);
    e->route = route_find(known_method ? method : HTTP_METHOD_COUNT, e->path, e->rq.segment, &known,
                          allow);
    if (!e->route && (status = access_address(&e->rq, &f)) != 0) {
        reads_refused(s->o.app, NULL, &e->rq, status, f.slug);
        return send_fail(s, c, e, &f, status, NULL, true);
    }
    if (!known) {
        fail_set(&f, FAIL_NOT_FOUND, "no-such-path", NULL,
                 "There is nothing at %.200s; /api/v1/openapi.json describes what there is.", url);
        return send_fail(s, c, e, &f, 404, NULL, writes);
    }
    if (options)
        return send_options(s, c, e, allow);
    if (!e->route) {
        fail_set(&f, FAIL_SYNTAX, "method-not-allowed", NULL, "%.20s is not for this path; %s are.",
                 method_text, allow);
        return send_fail(s, c, e, &f, 405, allow, true);
    }
    if (e->too_many_params) {
        fail_set(&f, FAIL_UNPROCESSABLE, "too-many-parameters", NULL,
                 "An address takes at most %d parameters.", QUERY_PARAMS_MAX);
        return send_fail(s, c, e, &f, 422, NULL, writes);
    }
    e->rq.asking = (struct asking){
        MHD_lookup_connection_value(c, MHD_HEADER_KIND, MHD_HTTP_HEADER_AUTHORIZATION),
        MHD_lookup_connection_value(c, MHD_COOKIE_KIND, session_cookie(s->o.app)), peer,
        clock_now_ms(), connection_known(connection_of(c))};
    status = access_check(s->o.app->auth, e->route, &e->rq, &f);
    if (status)
        return refuse(s, c, e, &f, status);
    if (e->rq.caller.regions[0])
        e->rq.veil = s->o.app->veil;
    e->rq.depth = route_depth(e->route, &e->rq.caller);
    if (access_names_region(e->route, &e->rq)) { /* so that each answer says what it covers */
        e->names[e->rq.params.n] = "region";
        e->values[e->rq.params.n++] = e->rq.caller.regions;
        e->rq.region_added = true;
    }
    if (e->route->body)
        return begin_body(s, c, e);
    if (writes && e->rq.content_length)
        return refuse_by_guard(s, c, e, "This method takes no body.");
    return MHD_YES; /* answered at the next call, when the request is complete */
}

static mhd_result receive(struct server *s, struct MHD_Connection *c, struct exchange *e,
                          const char *data, size_t *len)
{
    (void)s;
    if (!e->body)
        return MHD_NO;
    e->bytes += (int64_t)*len;
    if (e->bytes > e->route->body->max)
        return MHD_NO; /* cut off midway: the library takes no reply here */
    if (!e->body_broken && !e->route->body->feed(e->body, data, *len))
        e->body_broken = true; /* the rest is dropped, finish() says why */
    connection_receives(connection_of(c), e->began_ms, e->bytes);
    *len = 0;
    return MHD_YES;
}

/* A body may take long, and its token be taken away meanwhile, or may less than when it began. */
static bool is_still_known(struct server *s, struct exchange *e, unsigned *status, struct fail *f)
{
    struct caller before = e->rq.caller;

    e->rq.asking.now_ms = clock_now_ms();
    *status = access_check(s->o.app->auth, e->route, &e->rq, f);
    if (*status)
        return false;
    if (strcmp(before.name, e->rq.caller.name) == 0 && before.scopes == e->rq.caller.scopes &&
        strcmp(before.regions, e->rq.caller.regions) == 0)
        return true;
    *status = 401;
    return fail_set(f, FAIL_SYNTAX, "token-changed", "Authorization",
                    "The token was changed while this was sent; send it again.");
}

static mhd_result finish_body(struct server *s, struct MHD_Connection *c, struct exchange *e)
{
    struct reply rp;
    mhd_result result;
    struct fail f = {0};
    unsigned status;

    connection_works(connection_of(c));
    if (!is_still_known(s, e, &status, &f))
        return refuse(s, c, e, &f, status);
    if (!reach(s, e, &f))
        return send_fail(s, c, e, &f, fail_status(f.code), NULL, true);
    reply_init(&rp);
    e->route->body->finish(e->body, &e->rq, &rp);
    if (rp.status == 200 || rp.status == 201)
        reply_veiled(&rp, &e->rq.veil);
    e->route->body->free(e->body);
    e->body = NULL;
    if (e->route->body == &api_session_body && (rp.status == 401 || rp.status == 429))
        reads_refused(s->o.app, e->route, &e->rq, rp.status,
                      rp.status == 429 ? "too-many-attempts" : "bad-token");
    if (rp.region_conflict)
        reads_refused(s->o.app, e->route, &e->rq, rp.status, "region-conflict");
    result = send_reply(s, c, e, &rp);
    reply_clear(&rp);
    return result;
}

static mhd_result on_request(void *cls, struct MHD_Connection *c, const char *url,
                             const char *method, const char *version, const char *data,
                             size_t *data_len, void **con_cls)
{
    struct server *s = cls;
    struct exchange *e = *con_cls;

    if (!e || !e->target)
        return MHD_NO; /* there was no memory for it */
    if (!e->begun)
        return begin(s, c, e, url, method, version);
    if (*data_len)
        return receive(s, c, e, data, data_len);
    if (e->answered)
        return MHD_YES;
    return e->body ? finish_body(s, c, e) : answer(s, c, e);
}

/* The first the library says of a request: the target as it came. */
static void *on_target(void *cls, const char *target, struct MHD_Connection *c)
{
    struct exchange *e = calloc(1, sizeof *e);

    (void)cls;
    (void)c;
    if (e)
        e->target = strdup(target);
    return e;
}

static void on_completed(void *cls, struct MHD_Connection *c, void **con_cls,
                         enum MHD_RequestTerminationCode toe)
{
    struct exchange *e = *con_cls;

    (void)cls;
    (void)toe;
    *con_cls = NULL;
    if (!e)
        return;
    if (e->body)
        e->route->body->free(e->body);
    free(e->path);
    free(e->target);
    free(e);
    connection_rests(connection_of(c));
}

static void on_connection(void *cls, struct MHD_Connection *c, void **socket_context,
                          enum MHD_ConnectionNotificationCode toe)
{
    struct server *s = cls;
    const union MHD_ConnectionInfo *info;

    if (toe == MHD_CONNECTION_NOTIFY_CLOSED) {
        connections_remove(s->connections, *socket_context);
        *socket_context = NULL;
        return;
    }
    info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
    *socket_context = info ? connections_add(s->connections, info->connect_fd) : NULL;
}

static void on_library_message(void *cls, const char *fmt, va_list args)
{
    (void)cls;
    (void)fmt;
    (void)args;
    atomic_fetch_add(&http_stats.library_errors, 1);
}

/* ---- life ---- */

struct server *server_start(const struct server_options *options, struct fail *f)
{
    struct server *s = calloc(1, sizeof *s);
    bool beyond;
    int fd = -1;

    if (!s) {
        fail_set(f, FAIL_BUSY, "out-of-memory", NULL, "Out of memory.");
        return NULL;
    }
    s->o = *options;
    beyond = auth_is_on(options->app->auth);
    fd = listen_activated(beyond, s->address, sizeof s->address, f);
    s->handed_over = fd != LISTEN_NONE;
    if (!s->handed_over)
        fd = listen_open(options->listen, beyond, s->address, sizeof s->address, f);
    if (fd < 0)
        goto fail;
    s->cache = cache_new(release_response);
    s->connections = connections_new();
    if (!s->cache || !s->connections) {
        fail_set(f, FAIL_BUSY, "out-of-memory", NULL, "Out of memory.");
        goto fail;
    }
    s->daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ERROR_LOG | MHD_USE_ITC, 0, NULL, NULL, on_request,
        s, MHD_OPTION_EXTERNAL_LOGGER, on_library_message, NULL, MHD_OPTION_LISTEN_SOCKET, fd,
        MHD_OPTION_THREAD_POOL_SIZE, (unsigned)HTTP_WORKERS, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)HTTP_CONNECTIONS_MAX, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)HTTP_CONNECTION_MEMORY, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)HTTP_SILENCE_S,
        MHD_OPTION_STRICT_FOR_CLIENT, MHD_STRICTNESS, MHD_OPTION_URI_LOG_CALLBACK, on_target, s,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, s, MHD_OPTION_NOTIFY_CONNECTION, on_connection,
        s, MHD_OPTION_END);
    if (s->daemon)
        return s;
    fail_set(f, FAIL_INTERNAL, "cannot-serve", NULL, "The HTTP library cannot be started.");
fail:
    if (fd >= 0) {
        if (!s->handed_over)
            listen_remove(s->address);
        close(fd);
    }
    connections_free(s->connections);
    cache_free(s->cache);
    free(s);
    return NULL;
}

const char *server_address(const struct server *s)
{
    return s->address;
}

void server_stop(struct server *s)
{
    int64_t deadline = clock_steady_ms() + HTTP_DRAIN_S * 1000;
    struct timespec nap = {.tv_nsec = 20000000};
    MHD_socket fd;

    if (!s)
        return;
    atomic_store(&s->stopping, true);
    fd = MHD_quiesce_daemon(s->daemon);
    nanosleep(&nap, NULL); /* what was on its way gets here before idle connections end */
    while (connections_end_idle(s->connections) && clock_steady_ms() < deadline)
        nanosleep(&nap, NULL);
    MHD_stop_daemon(s->daemon);
    if (fd != MHD_INVALID_SOCKET)
        close(fd);
    if (!s->handed_over)
        listen_remove(s->address);
    connections_free(s->connections);
    cache_free(s->cache);
    free(s);
}
