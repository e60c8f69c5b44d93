/* What the files of the table of types share. */
#pragma once
#include "answer/types.h"

enum { DAY_BITS = 84006 }; /* days from 1970 to 2199 */

/* q-values and shrunken estimates over the rows, the check of both columns, the order. */
bool types_weigh(struct types_answer *a, struct fail *f);
void types_warn(const struct types_question *q, struct types_answer *a);
void types_say(const struct types_question *q, struct types_answer *a);
