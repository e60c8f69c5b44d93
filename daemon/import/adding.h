/*
 * The rows of one file of traffic put together by day, source, region and campaign. Files that
 * state a day in parts (hours, page views, kinds of links) are added up: counts, and never people.
 * In other files a day that comes again with other figures is parted by something that is
 * not read, and taking either for the whole would be false.
 */
#pragma once
#include "base/arena.h"
#include "base/fail.h"
#include "record/record.h"
#include "record/reject.h"

#include <stddef.h>

struct adding;

/* adds: rows of one key are added up. NULL when out of memory. */
struct adding *adding_new(bool adds);
void adding_free(struct adding *a);
/* What of a sum is not known any more: people that came twice, a figure that a row lacks. */
struct adding_loss {
    bool users, part;
};
enum adding_result { ADDING_TAKEN, ADDING_REJECTED, ADDING_FAILED };
/*
 * Takes a row's record. table: which of the file's tables it is of. mark: rows with the same one
 * count once ("": each counts). *lost: what of the sum this row took away. ADDING_REJECTED: *why
 * has code and sentence. ADDING_FAILED with *f: the file as a whole cannot be taken.
 */
enum adding_result adding_put(struct adding *a, const struct record *r, int64_t table,
                              const char *mark, struct adding_loss *lost, struct reject *why,
                              struct fail *f);
/*
 * A row of this day and source could not be read (DAY_NONE, NULL: of any), so what others of them
 * add up to is no whole. False when out of memory.
 */
bool adding_spoil(struct adding *a, int32_t day, const char *source, int64_t line);
/* Whether anything was spoilt. */
bool adding_is_spoilt(const struct adding *a);
/* Forgets the rows and remembers what was spoilt: they are read once more. */
void adding_again(struct adding *a);
/* The line of the row that spoilt it; 0: it is whole. */
int64_t adding_spoilt_by(const struct adding *a, const struct record *r);
size_t adding_count(const struct adding *a);
/* In order of their first rows; strings are the adding's. */
const struct record *adding_at(const struct adding *a, size_t i);
