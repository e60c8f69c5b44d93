/*
 * A request and its reply, as the handlers see them: nothing here knows the
 * library that speaks HTTP.
 */
#pragma once
#include "base/veil.h"
#include "answer/question.h"
#include "base/buf.h"
#include "base/fail.h"
#include "http/auth.h"
#include "http/peer.h"
#include "store/reach.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum http_method { HTTP_GET, HTTP_POST, HTTP_PUT, HTTP_DELETE, HTTP_METHOD_COUNT };
extern const char *const http_method_names[HTTP_METHOD_COUNT];

enum format { FORMAT_JSON, FORMAT_CSV, FORMAT_ICS, FORMAT_HTML, FORMAT_COUNT };
extern const char *const format_names[FORMAT_COUNT];

struct request {
    const char *path;         /* decoded */
    const char *target;       /* raw: path and query as they came */
    const char *segment[2];   /* what stands for the {} of the route, the last to the path's end */
    const char *content_type; /* "" when not given; lower case up to ";" */
    struct params params;
    bool csv;               /* CSV is wanted, by Accept or ?format= */
    enum format format;     /* by ?format=; the last two where the route has them */
    int64_t content_length; /* -1: not known beforehand */
    struct caller caller;   /* where the route takes scopes, or may */
    struct asking asking;   /* how it was asked for */
    char peer[PEER_TEXT];   /* the address it comes from, in words */
    struct veil veil;       /* over our own numbers, for a caller of some regions */
    enum reach_depth depth; /* what of it is seen: what is sensitive is left out of the answer */
    bool region_added;      /* to params, for a caller of one region who named none */
    bool has_origin;        /* an Origin of ours was sent, as browsers do with what changes */
};

enum reply_tag {
    TAG_NONE,     /* answers to writes, and failures */
    TAG_REVISION, /* the answer follows from the data's revision alone */
    TAG_CONTENT   /* else: a hash of its bytes */
};

struct reply {
    unsigned status;
    const char *content_type; /* static; NULL: no content */
    struct buf body;
    bool has_file; /* instead: an open file, which is the reply's */
    int file;
    int64_t file_bytes; /* its length */
    int64_t rows;       /* of posts, days, imports that it tells; -1: not counted */
    enum reply_tag tag;
    int64_t revision;     /* with TAG_REVISION */
    char location[64];    /* "": none */
    char allow[64];       /* "": none */
    char cookie[200];     /* Set-Cookie; "": none */
    bool has_form;        /* it tells us, and no others, where it was sent from */
    char policy[320];     /* the content security policy of a page; "": the usual one */
    char *link;           /* owned; the Link header; NULL: none */
    int retry_after_s;    /* 0: none */
    bool packs;           /* worth packing, where the reader takes that */
    bool packed;          /* it is */
    bool close;           /* the connection ends with this reply */
    bool region_conflict; /* something was refused that is of another region */
};

void reply_init(struct reply *rp);
void reply_clear(struct reply *rp);
/* Whether the caller may see the rows that a write touched; else the answer names them alone. */
bool request_sees_rows(const struct request *rq);
/* An RFC 9457 problem; *f decides the status. */
void reply_fail(struct reply *rp, const struct fail *f);
/* A problem with members of its own beside the usual ones; takes over `more` (may be NULL). */
void reply_problem(struct reply *rp, const struct fail *f, unsigned status, json_t *more);
/* JSON; takes over the value. NULL, or an answer past RESPONSE_MAX, becomes a problem. */
void reply_json(struct reply *rp, unsigned status, json_t *value);
/* The rows as CSV where the request wants that, else the value as JSON; takes over the value. */
void reply_table(struct reply *rp, const struct request *rq, json_t *value, const json_t *rows,
                 const char *const *columns);
/*
 * The same for JSON that stands in rp->body already, written there straight: sends it,
 * or reads it back for CSV. rows: the name of its list of rows.
 */
void reply_text(struct reply *rp, const struct request *rq, const char *rows,
                const char *const *columns);
/* Among the warnings of a JSON answer, where it has some: that it covers these regions alone. */
void reply_say_regions(struct reply *rp, const char *regions);
/* There is more behind this cursor: a Link header says where, for CSV as well. */
void reply_next(struct reply *rp, const struct request *rq, const char *cursor);
