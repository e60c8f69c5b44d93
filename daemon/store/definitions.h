/*
 * What figures count: the definition that the profile of their import states for each metric, such
 * as "meta-views". Figures that came without a profile state none.
 */
#pragma once
#include "record/record.h"
#include "store/db.h"

enum { DEFINITION_TEXT = 64 };

/* Whether imports state more than one definition of a metric ("views"): else there is nothing to
 * tell apart. */
bool definitions_differ(struct db *db, const char *metric, bool *differ, struct fail *f);
/* The definition of a post's latest reading of a metric; "" where none is stated. */
bool post_definition(struct db *db, int64_t post_id, int metric, char out[DEFINITION_TEXT],
                     struct fail *f);
/* The definitions of a source's days by who spoke last of each, with the first and last of them. */
typedef bool (*definition_fn)(void *ctx, const char *definition, int32_t first, int32_t last);
bool traffic_definitions_each(struct db *db, const char *name, int metric, int32_t from, int32_t to,
                              definition_fn fn, void *ctx, struct fail *f);
