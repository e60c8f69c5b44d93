/*
 * CSV as RFC 4180 has it, streamed: bytes in at any chunk size, rows out, each
 * with the line it began on. Bounded: a row or cell past its ceiling is
 * reported as faulty and its bytes are dropped.
 *
 * Own code rather than libcsv, which has no line numbers, no ceilings and
 * swallows the rest of a file after an open quote without a word.
 */
#pragma once
#include "base/fail.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct csv_cell {
    const char *text; /* not terminated; valid during the callback */
    size_t len;
};

struct csv_row {
    int64_t line; /* on which the row began, from 1 */
    int n;
    bool after_blank; /* blank lines stood before it */
    bool cut_off;     /* the file ends behind it, without the end of its line */
    const struct csv_cell *cells;
    const char *fault;    /* slug of what is wrong with the row as such, or NULL */
    const char *sentence; /* the same in words */
    int fault_column;     /* from 1 */
};

/* Takes off the apostrophe that our own CSV puts before what a spreadsheet would run. */
struct csv_cell csv_unescape(struct csv_cell c);

/* Called for every row but blank lines; false stops the reading. */
typedef bool (*csv_row_fn)(void *ctx, const struct csv_row *row);

struct csv;

/* first_line: the number of the first line fed. NULL when out of memory. */
struct csv *csv_open(char delimiter, int64_t first_line, csv_row_fn row, void *ctx);
void csv_close(struct csv *c);
/* False once the callback has stopped the reading. */
bool csv_feed(struct csv *c, const char *data, size_t len);
/* The end of the file. False with the place when a quote is still open. */
bool csv_finish(struct csv *c, struct fail *f);
