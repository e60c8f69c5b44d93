/*
 * JSON and NDJSON → records. A small splitter finds the records in a document
 * that arrives in chunks ({"posts": [...]}, or one record alone, or one a line);
 * jansson reads each record, so memory is bounded by one record, and one bad
 * record costs no other.
 */
#pragma once
#include "base/arena.h"
#include "base/fail.h"
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
