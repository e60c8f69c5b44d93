/* What server.c (requests, from their first line on) and sending.c (what goes out) share. */
#pragma once
#include "http/cache.h"
#include "http/connections.h"
#include "http/routes.h"
#include "http/server.h"

#include <microhttpd.h>

#if MHD_VERSION >= 0x00097002
typedef enum MHD_Result mhd_result;
#else
typedef int mhd_result;
#endif

struct server {
    struct server_options o;
    struct MHD_Daemon *daemon;
    struct connections *connections;
    struct cache *cache;
    char address[256];
    bool handed_over; /* the socket is a service manager's */
    _Atomic bool stopping;
};

/* One request from its first line to its last byte. */
struct exchange {
    char *target; /* as it came; owned */
    bool begun;   /* the head was looked at */
    bool answered, logged;
    const struct route *route;
    char *path; /* decoded and cut into segments; owned */
    char content_type[64];
    struct request rq;
    const char *names[QUERY_PARAMS_MAX], *values[QUERY_PARAMS_MAX];
    bool too_many_params;
    void *body;
    bool body_broken;
    int64_t bytes, began_ms;
    char cache_key[1024]; /* "": not to be cached */
};

/* Of the connection that a request came on; NULL where there was no memory for it. */
struct connection *connection_of(struct MHD_Connection *c);
/* For the cache. */
void release_response(void *response);
/* Whether the reader takes gzip: named, and not with q=0. */
bool takes_gzip(struct MHD_Connection *c);
/* Each sends an answer; the body of a reply is the library's then. */
mhd_result send_reply(struct server *s, struct MHD_Connection *c, struct exchange *e,
                      struct reply *rp);
/* allow: the methods that there are, for a 405; NULL: none. close: the connection ends. */
mhd_result send_fail(struct server *s, struct MHD_Connection *c, struct exchange *e,
                     const struct fail *f, unsigned status, const char *allow, bool close);
/* An answer kept in memory. True when the request is answered by it, or by a failure of the read
 * log. */
bool answer_from_cache(struct server *s, struct MHD_Connection *c, struct exchange *e,
                       mhd_result *result);
