/*
 * An export of ours as CSV: rows of all kinds in one table, told apart by the column "record". Each
 * row becomes the line of JSON that it would be in the other form.
 */
#pragma once
#include "ingest/json.h"

/* Whether a file begins as such a table does; packed or not. */
bool csv_lines_is(int fd);

/* A row that is no line: its place, the column from 1 (0: the row), its heading, and why. */
typedef bool (*csv_lines_bad_fn)(void *ctx, struct place at, int column, const char *heading,
                                 const struct fail *why);
/*
 * Calls fn or bad for every row, in order; either ends it by false. fd stays the caller's. False
 * with *f when the file cannot be read to its end or its heading is not one of ours.
 */
bool csv_lines_each(int fd, json_record_fn fn, csv_lines_bad_fn bad, void *ctx, struct fail *f);
