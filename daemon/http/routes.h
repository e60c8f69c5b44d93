/*
 * The table of routes: every path, method and handler in one place. A path that
 * is known under another method is 405 and not 404.
 */
#pragma once
#include "base/tokens.h"
#include "http/app.h"
#include "http/request.h"

/* Answers a request without a body. */
typedef void (*answer_fn)(struct app *app, const struct request *rq, struct reply *rp);

/* Takes a body in as it arrives. */
struct body_ops {
    /* The state of the body; NULL with the reply filled in when it will not be taken. */
    void *(*begin)(struct app *app, const struct request *rq, struct reply *rp);
    /* False once the body is beyond help: the rest is read and dropped, finish() tells why. */
    bool (*feed)(void *body, const char *data, size_t len);
    void (*finish)(void *body, const struct request *rq, struct reply *rp);
    void (*free)(void *body);
    int64_t max; /* bytes; more is refused before it is read where the length is stated */
};

enum {
    ROUTE_CACHED = 1,       /* the same question at the same revision has the same answer */
    ROUTE_PACKED = 4,       /* packed where the reader takes that */
    ROUTE_WHOLE = 8,        /* of all regions at once: for tokens of all of them alone */
    ROUTE_SAYS_REGION = 16, /* takes region=, and its answer says which */
    ROUTE_ADMIN = 32,       /* "admin" is enough, too */
    ROUTE_PAGES = 2         /* has calendars and pages too: format=ics, format=html */
};

struct route {
    enum http_method method;
    const char *path; /* "{}" stands for one segment, at the end for all that is left */
    unsigned flags;
    answer_fn answer;
    const struct body_ops *body;
    const char *name;  /* for metrics */
    unsigned needs;    /* scopes, all of which the caller must have; 0: open to all */
    unsigned or_needs; /* others that are enough as well; 0: none */
};

extern const struct route routes[];
extern const int n_routes;

/*
 * Finds the route. NULL: *known tells whether the path is known, allow (64
 * bytes) gets the methods it takes. `copy` holds the path and is cut into segments.
 */
const struct route *route_find(enum http_method method, char *copy, const char *segment[2],
                               bool *known, char *allow);
/*
 * Whether a caller with these scopes may use it. To ask by account or campaign takes what seeing
 * their names takes: otherwise they could be guessed.
 */
bool route_allows(const struct route *r, const struct params *params, unsigned scopes);
/*
 * Whether a token of some regions may use it: what reads, unless it is of all regions at once, and
 * sending posts, their types, traffic, files, notes and experiments of these regions.
 */
bool route_is_of_regions(const struct route *r);
/* How much of a row a caller sees on it: plain on what shows rows, without the scope for more. */
enum reach_depth route_depth(const struct route *r, const struct caller *caller);
/* Whether the read log has what is answered: rows, names, deletions and corrections. */
bool route_is_logged(const struct route *r, const struct params *params);
/* The scopes that it takes, for a sentence. */
unsigned route_needs(const struct route *r, const struct params *params);
