/* What profile.c (loading), plan_find.c and plan.c (applying) share; nobody else includes it. */
#pragma once
#include "base/buf.h"
#include "base/ceilings.h"
#include "ingest/profile.h"

#define FIELD_MAX 32

struct words {
    char **item; /* owned */
    int n;
};

struct profile {
    char *name, *title, *scheme;
    int version;
    enum record_kind kind;
    bool escaped, refuse_unknown, absent_is_zero, zone_stated;
    uint32_t required;               /* a bit a field */
    struct words columns[FIELD_MAX]; /* normalised headings, by field */
    char *constants[FIELD_MAX];
    struct words time_formats, day_formats;
    struct zone *zone;
    struct words types, type_slugs; /* side by side */
    char *empty_type;               /* NULL: a row without a type states none */
    struct words reading_columns, reading_lifetime, reading_formats;
    int error_field; /* -1: no error rows */
    struct words error_message;
    int totals_field; /* -1: no totals rows */
    struct words totals;
    struct words absent;
};

/* Lower case (ASCII), blanks trimmed and folded: headings are compared in this form. */
void heading_normalise(const char *text, size_t len, char out[HEADING_MAX]);

struct reading_of_times {
    const struct words *formats;
    int64_t fits[FORMATS_MAX];
    int64_t n;                             /* cells that fit any format */
    bool differ[FORMATS_MAX][FORMATS_MAX]; /* two formats read one cell as different moments */
    int64_t unlike_line[FORMATS_MAX]; /* first line that this format cannot read but another can */
    int chosen;
};

struct column_list {
    int index[SOURCES_MAX];
    int n;
};

struct plan {
    const struct profile *profile;
    char delimiter;
    int64_t heading_line;
    char **headings; /* as they are in the file */
    int n_columns;
    struct column_list of_field[FIELD_MAX];
    struct column_list reading, error_message;
    struct buf skipped;
    struct reading_of_times times, days, covers;
};
