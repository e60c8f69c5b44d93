/*
 * An export's records: those that POST takes, with what each is ("record") and by which profile
 * its figures came ("profile"), so that the same posts, readings and days follow from them again.
 */
#pragma once
#include "render/json.h"
#include "store/export_reads.h"

/* What a record says of a post: with its attributes, or only one more reading. */
struct export_reading {
    bool attributes, reading; /* what is said */
    int64_t at_ms;
    struct observation_view o; /* with `reading`: its kind, cover and figures */
    const char *profile;       /* "": none */
};
json_t *json_of_export_post(const struct post_view *p, const struct export_reading *r);
json_t *json_of_export_traffic(const struct export_traffic *t, const char *profile);
json_t *json_of_export_coverage(const struct export_coverage *c, const char *profile);
/* For CSV: of all records in one table, and of one kind. */
extern const char *const export_columns[];
extern const char *const export_post_columns[];
extern const char *const export_traffic_columns[];
/* A figure that was taken back (null) becomes the word, as an empty cell says nothing. */
void export_words_for_nulls(json_t *list);
