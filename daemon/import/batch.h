/*
 * Records on their way into the store together: those of one request, or one
 * slice of an import. What cannot be taken is kept beside them with its place.
 */
#pragma once
#include "base/arena.h"
#include "record/reject.h"
#include "store/imports.h"

struct batch {
    struct arena arena; /* the records' strings */
    struct record *records;
    size_t n, cap, max;
    struct reject_list rejects;
};

/* bytes_max: of the strings; records_max; rejects_max: those listed, all are counted. */
void batch_init(struct batch *b, size_t bytes_max, size_t records_max, size_t rejects_max);
void batch_clear(struct batch *b);
/* Forgets the content and keeps memory for the next. */
void batch_reset(struct batch *b);
/* Appends a copy; its strings must be in the arena. FAIL_TOO_LARGE past the ceiling. */
bool batch_add(struct batch *b, const struct record *r, struct fail *f);
/* Bytes held. */
size_t batch_memory(const struct batch *b);
/*
 * Orders posts by platform and id, so that a batch walks the index once from
 * end to end; equal keys keep their order, since the later one wins.
 */
void batch_sort(struct batch *b);
/* The types and tags of the records as what a person set, of posts of these regions (NULL: of all,
 * also of posts to come); counts: updated and unchanged. The rest is as for batch_store(). */
bool batch_set_types(struct store *st, struct batch *b, const char *only, bool strict,
                     struct import_counts *counts, bool *changed, struct fail *f);
/*
 * Stores all records, inside the writer's transaction. A record that breaks a
 * rule of the store joins the rejects; any other failure is the batch's. strict:
 * the first reject fails the whole (FAIL_UNPROCESSABLE "strict").
 * counts: inserted, updated and unchanged are added to.
 */
bool batch_store(struct store *st, struct batch *b, const struct sender *from, bool strict,
                 struct import_counts *counts, bool *changed, struct fail *f);
