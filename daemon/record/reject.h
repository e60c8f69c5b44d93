/* What was not taken, with its place and the reason in words. */
#pragma once
#include "base/fail.h"
#include "record/record.h"

#define REJECT_VALUE_MAX 60 /* bytes of the value at fault that are kept */

struct reject {
    int64_t line;     /* 0 when not known */
    int64_t index;    /* of the record, from 0 */
    int column;       /* counted from 1; 0 when it is the whole record */
    bool skipped;     /* no fault: a totals row or the like */
    char heading[64]; /* of the column, or the field's name */
    char code[48];
    char sentence[240];
    char value[REJECT_VALUE_MAX + 4]; /* what stood there, shortened; "" for the whole row */
};
/* Keeps the beginning of the value at fault. */
void reject_value(struct reject *r, const char *text, size_t len);

/* Keeps the first `max` in full and counts all. */
struct reject_list {
    struct reject *items; /* owned */
    size_t n, cap, max;
    int64_t n_rejected, n_skipped;
};

void reject_list_init(struct reject_list *l, size_t max);
void reject_list_clear(struct reject_list *l);
void reject_list_reset(struct reject_list *l);
void reject_list_add(struct reject_list *l, const struct reject *r);
/* A rejection made of a failure; heading may be NULL. */
void reject_list_fail(struct reject_list *l, struct place at, int column, const char *heading,
                      const struct fail *f);
