/*
 * Posts that stand in one file more than once. A post has one time of publication: two of them
 * under one id are two posts whose ids a spreadsheet has rounded to the same. Of the same post and
 * days the last row counts, and that is noted.
 */
#pragma once
#include "base/fail.h"
#include "record/record.h"

#include <stdbool.h>

struct twice;

struct twice *twice_new(void);
void twice_free(struct twice *t);
enum twice_result { TWICE_NEW, TWICE_AGAIN, TWICE_OTHER, TWICE_FAILED };
/*
 * Looks for the record among those before and enters it; up to TWICE_MAX of them are watched.
 * TWICE_OTHER: the id stands in *line with another time. TWICE_FAILED: out of memory.
 */
enum twice_result twice_look(struct twice *t, const struct record *r, int64_t *line);
