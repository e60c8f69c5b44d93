/*
 * Structs → JSON, built with jansson; rows of posts are written by render/json_text.h. Every
 * function returns a new reference, or NULL when out of memory; texts are UTF-8 already. Members
 * stand in a fixed order, so the same data give the same bytes.
 */
#pragma once
#include "base/buf.h"
#include "base/fail.h"
#include "record/note.h"
#include "record/reject.h"
#include "store/accounts.h"
#include "store/imports.h"
#include "store/post_reads.h"
#include "store/sources.h"
#include "store/traffic_reads.h"
#include "store/types.h"

#include <jansson.h>

/* Sets a member and takes over the value; a NULL value makes *object NULL (and frees it). */
void json_put(json_t **object, const char *name, json_t *value);
/* The same for an item of a list. */
void json_append(json_t **list, json_t *value);
json_t *json_day(int32_t day);        /* null for DAY_NONE */
json_t *json_moment(int64_t at_ms);   /* null below 0 */
json_t *json_text(const char *text);  /* null for NULL */
json_t *json_words(const char *text); /* words parted by blanks → a list */

/* Writes it without blanks, reals to six significant digits. False past the buffer's ceiling. */
bool json_write(const json_t *value, struct buf *out);

json_t *json_of_traffic(const struct traffic_view *t, bool complete);
json_t *json_of_import(const struct import_row *row);
json_t *json_of_import_reject(const struct reject *r);
/* A rejection of a request: index and pointer for JSON (list: its name, NULL for one record). */
json_t *json_of_reject(const struct reject *r, bool is_json, bool is_list, const char *list);
json_t *json_of_account(const struct account_row *a);
json_t *json_of_source(const struct source_row *s);
json_t *json_of_type_rule(const struct type_rule *r);
json_t *json_of_set_type(const struct set_type *t);
json_t *json_of_note(const struct note *n);
json_t *json_of_filter(const struct filter *f);
