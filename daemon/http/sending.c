/* What goes out: headers, tags, packed bytes, answers kept from before. */
#include "base/ceilings.h"
#include "http/packed.h"
#include "http/reads.h"
#include "http/server_parts.h"
#include "http/stats.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

struct header {
    const char *name, *value;
};
/* What is no page: no script, style, frame or foreign site has business with it. */
static const char policy[] = "default-src 'none'; frame-ancestors 'none'";
static const struct header always[] = {
    {"X-Content-Type-Options", "nosniff"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Cache-Control", "private, no-cache"},
    {"Vary", "Accept, Accept-Encoding, Authorization, Cookie"},
};

void release_response(void *response)
{
    MHD_destroy_response(response);
}

/* Takes the body over. NULL when out of memory. */
static struct MHD_Response *response_of(struct server *s, struct reply *rp, const char *etag)
{
    size_t len = rp->has_file ? (size_t)rp->file_bytes : rp->body.len;
    struct MHD_Response *r =
        rp->has_file ? MHD_create_response_from_fd64((uint64_t)rp->file_bytes, rp->file)
                     : MHD_create_response_from_buffer(len, rp->body.data,
                                                       rp->body.data ? MHD_RESPMEM_MUST_FREE
                                                                     : MHD_RESPMEM_PERSISTENT);
    char number[16];

    if (!r)
        return NULL;
    if (!rp->has_file)
        buf_init(&rp->body, RESPONSE_MAX); /* its bytes are the response's now */
    rp->has_file = false;                  /* so is the file */
    for (size_t i = 0; i < sizeof always / sizeof *always; i++)
        MHD_add_response_header(r, always[i].name, always[i].value);
    MHD_add_response_header(r, "Referrer-Policy", rp->has_form ? "same-origin" : "no-referrer");
    if (rp->cookie[0])
        MHD_add_response_header(r, MHD_HTTP_HEADER_SET_COOKIE, rp->cookie);
    MHD_add_response_header(r, "Content-Security-Policy", rp->policy[0] ? rp->policy : policy);
    if (rp->content_type)
        MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, rp->content_type);
    if (rp->packed)
        MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_ENCODING, "gzip");
    if (etag[0])
        MHD_add_response_header(r, MHD_HTTP_HEADER_ETAG, etag);
    if (rp->location[0])
        MHD_add_response_header(r, MHD_HTTP_HEADER_LOCATION, rp->location);
    if (rp->link)
        MHD_add_response_header(r, "Link", rp->link);
    if (rp->allow[0])
        MHD_add_response_header(r, MHD_HTTP_HEADER_ALLOW, rp->allow);
    if (rp->status == 401)
        MHD_add_response_header(r, MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Bearer realm=\"postlift\"");
    if (rp->retry_after_s) {
        snprintf(number, sizeof number, "%d", rp->retry_after_s);
        MHD_add_response_header(r, MHD_HTTP_HEADER_RETRY_AFTER, number);
    }
    if (rp->close || atomic_load(&s->stopping))
        MHD_add_response_header(r, MHD_HTTP_HEADER_CONNECTION, "close");
    return r;
}

struct connection *connection_of(struct MHD_Connection *c)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

    return info ? info->socket_context : NULL;
}

static void count_reply(const struct exchange *e, unsigned status)
{
    int route = e->route ? (int)(e->route - routes) : STATS_ROUTES_MAX;

    atomic_fetch_add(&http_stats.requests[route][status / 100 % STATS_CLASSES], 1);
}

static mhd_result queue(struct MHD_Connection *c, struct exchange *e, unsigned status,
                        struct MHD_Response *r, int64_t bytes)
{
    e->answered = true;
    count_reply(e, status);
    connection_sends(connection_of(c), bytes);
    return MHD_queue_response(c, status, r);
}

static bool tag_matches(const char *wanted, const char *etag)
{
    const char *at;

    if (!wanted || !etag[0])
        return false;
    if (strcmp(wanted, "*") == 0)
        return true;
    /* a list of tags, weak ones too: for If-None-Match that makes no difference */
    at = strstr(wanted, etag);
    return at != NULL;
}

static void content_tag(struct reply *rp, char *etag, size_t size)
{
    unsigned char hash[16];
    char hex[2 * sizeof hash + 1];

    crypto_generichash(hash, sizeof hash, (const unsigned char *)buf_text(&rp->body), rp->body.len,
                       NULL, 0);
    sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
    snprintf(etag, size, "\"%s\"", hex);
}

/* The tag of an answer that follows from the revision: same question, same tag, same bytes. */
static void revision_tag(struct server *s, const struct exchange *e, int64_t revision, char *etag,
                         size_t size)
{
    const char *bom = params_get(&e->rq.params, "bom");

    snprintf(etag, size, "\"%s-%lld-%s%s-%s\"", s->o.app->database_id, (long long)revision,
             format_names[e->rq.format], bom && *bom == '1' ? "-bom" : "", PACKAGE_VERSION);
}

bool takes_gzip(struct MHD_Connection *c)
{
    const char *accept =
        MHD_lookup_connection_value(c, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT_ENCODING);
    const char *gzip = accept ? strstr(accept, "gzip") : NULL;

    return gzip && strncmp(gzip + 4, ";q=0", 4) != 0;
}

/* Packs what is worth it; its tag differs then, for its bytes do. */
static void pack(struct MHD_Connection *c, struct reply *rp, char *etag, size_t size)
{
    size_t n = strlen(etag);

    rp->packed = rp->packs && !rp->has_file && takes_gzip(c) && packed(&rp->body);
    if (rp->packed && n > 1 && n + 4 < size)
        snprintf(etag + n - 1, size - n + 1, "-gz\"");
}

mhd_result send_reply(struct server *s, struct MHD_Connection *c, struct exchange *e,
                      struct reply *rp)
{
    const char *none_match =
        MHD_lookup_connection_value(c, MHD_HEADER_KIND, MHD_HTTP_HEADER_IF_NONE_MATCH);
    struct MHD_Response *r;
    char etag[96] = "";
    size_t bytes = rp->body.len;
    mhd_result result;

    if (rp->status == 200 && rp->tag == TAG_REVISION && !e->rq.caller.regions[0] &&
        e->rq.depth == REACH_WHOLE)
        revision_tag(s, e, rp->revision, etag, sizeof etag);
    else if (rp->status == 200 && rp->tag != TAG_NONE) /* of who sees less: by what that is */
        content_tag(rp, etag, sizeof etag);
    pack(c, rp, etag, sizeof etag);
    bytes = rp->body.len;
    if (tag_matches(none_match, etag)) {
        atomic_fetch_add(&http_stats.not_modified, 1);
        buf_clear(&rp->body);
        rp->status = 304;
        rp->content_type = NULL;
        e->cache_key[0] = 0;
    }
    r = response_of(s, rp, etag);
    if (!r)
        return MHD_NO;
    result = queue(c, e, rp->status, r, (int64_t)bytes);
    if (e->cache_key[0] && rp->status == 200 && rp->tag == TAG_REVISION &&
        !atomic_load(&s->stopping))
        cache_put(s->cache, e->cache_key, rp->revision, r, bytes + 1024, rp->rows);
    else
        MHD_destroy_response(r);
    return result;
}

mhd_result send_fail(struct server *s, struct MHD_Connection *c, struct exchange *e,
                     const struct fail *f, unsigned status, const char *allow, bool close)
{
    struct reply rp;
    mhd_result result;

    reply_init(&rp);
    reply_problem(&rp, f, status, NULL);
    rp.close = close;
    if (allow)
        snprintf(rp.allow, sizeof rp.allow, "%s", allow);
    result = send_reply(s, c, e, &rp);
    reply_clear(&rp);
    return result;
}

/* ---- answers kept in memory ---- */

/* Whether the caller has it already: that is left to the ordinary way, which answers 304. */
static bool is_known_there(struct MHD_Connection *c, struct MHD_Response *r)
{
    const char *none_match =
        MHD_lookup_connection_value(c, MHD_HEADER_KIND, MHD_HTTP_HEADER_IF_NONE_MATCH);
    const char *etag = none_match ? MHD_get_response_header(r, MHD_HTTP_HEADER_ETAG) : NULL;

    return etag && tag_matches(none_match, etag);
}

bool answer_from_cache(struct server *s, struct MHD_Connection *c, struct exchange *e,
                       mhd_result *result)
{
    struct fail f = {0};
    struct kept *kept;
    bool may_go = true;
    int n = snprintf(e->cache_key, sizeof e->cache_key, "%s%c", e->target,
                     (e->route->flags & ROUTE_PACKED) && takes_gzip(c) ? 'z'
                     : e->rq.csv                                       ? 'c'
                                                                       : 'j');

    if (n >= (int)sizeof e->cache_key || atomic_load(&s->stopping)) {
        e->cache_key[0] = 0;
        return false;
    }
    kept = cache_hold(s->cache, e->cache_key, writer_revision(s->o.app->writer));
    if (kept && read_log_is_on(s->o.app->read_log) && route_is_logged(e->route, &e->rq.params))
        e->logged = may_go = reads_answered(s->o.app, e->route, &e->rq, kept->rows, &f);
    if (!may_go)
        *result = send_fail(s, c, e, &f, fail_status(f.code), NULL, false);
    else if (kept && !is_known_there(c, kept->response))
        *result = queue(c, e, 200, kept->response, ANSWER_CACHE_BYTES);
    if (may_go)
        atomic_fetch_add(e->answered ? &http_stats.cache_hits : &http_stats.cache_misses, 1);
    cache_let_go(s->cache, kept);
    return e->answered || !may_go;
}
