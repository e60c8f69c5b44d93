/* What profile.c (loading) and plan.c (applying) share; nobody else includes it. */
#pragma once
#include "ingest/profile.h"

#define FIELD_MAX 32
#define HEADING_MAX 200

struct words {
    char **item; /* owned */
    int n;
};

struct profile {
    char *name, *title, *scheme;
    int version;
    enum record_kind kind;
    bool refuse_unknown, absent_is_zero, zone_stated;
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
