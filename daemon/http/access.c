#include "http/access.h"
#include "http/stats.h"
#include "record/record.h"
#include "store/reach.h"

#include <string.h>

/* Whether something in it looks like a token, whole or in good part. */
static bool holds_token(const char *text)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    while ((text = strstr(text, TOKEN_PREFIX)) != NULL) {
        text += sizeof TOKEN_PREFIX - 1;
        if (strspn(text, letters) >= TOKEN_LENGTH / 2)
            return true;
    }
    return false;
}

/* A token in an address is in histories and logs by now. */
static bool has_token_in_address(const struct request *rq)
{
    const struct params *p = &rq->params;

    if (holds_token(rq->path))
        return true;
    for (int i = 0; i < p->n; i++)
        if (holds_token(p->value[i]) || holds_token(p->name[i]) ||
            strncmp(p->value[i], TOKEN_PREFIX, sizeof TOKEN_PREFIX - 1) == 0 ||
            strcmp(p->name[i], "token") == 0 || strcmp(p->name[i], "access_token") == 0)
            return true;
    return false;
}

unsigned access_address(const struct request *rq, struct fail *f)
{
    if (!has_token_in_address(rq))
        return 0;
    fail_set(f, FAIL_SYNTAX, "token-in-address", NULL,
             "A token does not belong in an address, where it is written down on the way: send "
             "it as \"Authorization: Bearer plt_...\", and revoke the one that was sent so.");
    return 400;
}

/* "type:meme,region:us": whether each region in it is one that the caller sees. */
static bool lists_own_regions(const struct request *rq, const char *list)
{
    static const char key[] = "region:";

    for (const char *at = list; (at = strstr(at, key)) != NULL;) {
        char slug[SLUG_MAX + 1];
        size_t n;

        at += sizeof key - 1;
        at += *at == '!';
        n = strcspn(at, ",");
        if (!slug_make(at, n, slug) || !reach_has(rq->caller.regions, slug))
            return false;
    }
    return true;
}

/* "region", "a.region": what it may be is what the caller sees. NULL: none is asked for amiss. */
static const char *region_beyond(const struct request *rq)
{
    for (int i = 0; i < rq->params.n; i++) {
        const char *name = rq->params.name[i], *value = rq->params.value[i];
        const char *dot = strchr(name, '.');
        char slug[SLUG_MAX + 1];

        if (strcmp(name, "exposure") == 0 || strcmp(name, "posts") == 0) {
            if (!lists_own_regions(rq, value))
                return value;
            continue;
        }
        if (strcmp(dot ? dot + 1 : name, "region") != 0)
            continue;
        value += *value == '!';
        if (!slug_make(value, strlen(value), slug) || !reach_has(rq->caller.regions, slug))
            return rq->params.value[i];
    }
    return NULL;
}

/* What a caller of some regions may not ask at all, or not so. */
static unsigned check_regions(const struct route *route, const struct request *rq, struct fail *f)
{
    const char *beyond;

    if (!rq->caller.regions[0])
        return 0;
    if (!route_is_of_regions(route)) {
        fail_set(f, FAIL_SYNTAX, "not-allowed", NULL,
                 "The token \"%s\" is for the regions \"%.150s\", and this takes one for all.",
                 rq->caller.name, rq->caller.regions);
        return 403;
    }
    beyond = region_beyond(rq);
    if (beyond) {
        fail_set(f, FAIL_SYNTAX, "not-allowed", "region",
                 "The token \"%s\" is for the regions \"%.150s\" and for no \"%.60s\".",
                 rq->caller.name, rq->caller.regions, beyond);
        return 403;
    }
    return 0;
}

bool access_names_region(const struct route *route, const struct request *rq)
{
    return rq->caller.regions[0] && !strchr(rq->caller.regions, ' ') &&
           (route->flags & ROUTE_SAYS_REGION) && !params_get(&rq->params, "region");
}

unsigned access_check(struct auth *auth, const struct route *route, struct request *rq,
                      struct fail *f)
{
    enum auth_result known = AUTH_UNKNOWN;
    struct fail unknown = {0};
    char needed[80];

    if (access_address(rq, f))
        return 400;
    if (route->needs || rq->asking.authorization || rq->asking.session)
        known = auth_caller(auth, &rq->asking, &rq->caller, &unknown);
    if (route->needs == 0)
        return 0;
    if (known != AUTH_KNOWN) {
        *f = unknown;
        atomic_fetch_add(&http_stats.unknown_callers, 1);
        return known == AUTH_TOO_MANY ? 429 : 401;
    }
    if (!route_allows(route, &rq->params, rq->caller.scopes)) {
        fail_set(f, FAIL_SYNTAX, "not-allowed", NULL,
                 "The token \"%s\" may not do this: it takes %s.", rq->caller.name,
                 scopes_format(route->or_needs ? route->or_needs : route_needs(route, &rq->params),
                               needed, sizeof needed));
        return 403;
    }
    if (rq->caller.by_session && route->method != HTTP_GET && !rq->has_origin) {
        /* browsers say so: a cookie alone may be sent by a page elsewhere */
        fail_set(f, FAIL_SYNTAX, "no-origin", "Origin",
                 "What changes something by the page's cookie needs the Origin of the page.");
        return 403;
    }
    return check_regions(route, rq, f);
}
