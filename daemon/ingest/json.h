/*
 * JSON and NDJSON → records. A small splitter finds the records in a document
 * that arrives in chunks ({"posts": [...]}, or one record alone, or one a line);
 * jansson reads each record, so memory is bounded by one record, and one bad
 * record costs no other.
 */
#pragma once
#include "base/arena.h"
#include "base/fail.h"
#include "base/ceilings.h"
#include "record/record.h"

#include <stdbool.h>
#include <stddef.h>

enum json_shape { JSON_SHAPE_DOCUMENT, JSON_SHAPE_LINES };

/* text: one record's JSON. too_large: it passed JSON_RECORD_MAX and text is empty. False stops. */
typedef bool (*json_record_fn)(void *ctx, const char *text, size_t len, struct place at,
                               bool too_large);

struct json_splitter;

/* list_name: "posts" or "traffic". NULL when out of memory. */
struct json_splitter *json_splitter_new(enum json_shape shape, const char *list_name,
                                        json_record_fn fn, void *ctx);
void json_splitter_free(struct json_splitter *s);
/* False with *f when the document as such is broken. */
bool json_splitter_feed(struct json_splitter *s, const char *data, size_t len, struct fail *f);
/* Whether the document is a list of records rather than one record. */
bool json_splitter_is_list(const struct json_splitter *s);
bool json_splitter_finish(struct json_splitter *s, struct fail *f);

/*
 * Reads one record. On failure *pointer_field is the name of the field at fault
 * ("" for the record as a whole), in a buffer of 64 bytes.
 */
bool json_record_read(const char *text, size_t len, enum record_kind kind, struct arena *a,
                      const struct record_rules *rules, struct record *r, char *pointer_field,
                      struct fail *f);

/* Whether a text is a record by the looks of it: an object with a member that tells which. */
bool json_is_record(const char *text, size_t len);

/* One line of an export of ours, or of plain records: what it is, and a record or texts. */
enum line_kind {
    LINE_POST,
    LINE_TRAFFIC,
    LINE_COVERAGE,
    LINE_ACCOUNT,
    LINE_SOURCE,
    LINE_TYPE_RULE,
    LINE_POST_TYPE,
    LINE_DEFINITION,
    LINE_NOTE,
    LINE_EXPERIMENT,
    LINE_EXPERIMENT_EVENT,
    LINE_FINDING,
    LINE_HEAD,
    LINE_KIND_COUNT
};
enum line_text {
    TEXT_PLATFORM,
    TEXT_ACCOUNT,
    TEXT_REGION,
    TEXT_NAME,
    TEXT_SOURCE,
    TEXT_ID,
    TEXT_HASHTAG,
    TEXT_CAMPAIGN,
    TEXT_WORDS,
    TEXT_UTM_CONTENT,
    TEXT_TYPE,
    TEXT_SCHEME,
    TEXT_DATE,
    TEXT_ARRIVED_AT,
    TEXT_METRIC,
    TEXT_DEFINITION,
    TEXT_TIMEZONE,
    TEXT_FROM,
    TEXT_TO,
    TEXT_KIND,
    TEXT_TEXT,
    TEXT_PRIVATE,
    LINE_TEXTS
};
extern const char *const json_line_names[LINE_TEXTS];
struct json_line {
    enum line_kind kind;
    struct record r;              /* of posts and traffic */
    char profile[64];             /* by which its figures came; "": none */
    const char *text[LINE_TEXTS]; /* in the arena; NULL: not there */
    char tags[TAGS_MAX * (SLUG_MAX + 1) + 1];
    uint32_t metrics; /* a bit each */
};
/* As json_record_read(); line->r.at says where it stands. */
bool json_line_read(const char *text, size_t len, struct arena *a, const struct record_rules *rules,
                    struct json_line *line, char *pointer_field, struct fail *f);
