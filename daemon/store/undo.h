/* Taking an import out again, in slices, so that it can be broken off and gone on with. */
#pragma once
#include "store/imports.h"

/*
 * Undoes up to `limit` rows of an import. *done when nothing of it is left; the
 * accounts that only it named are then gone too.
 */
bool undo_slice(struct store *st, struct import_row *row, int64_t limit, bool *done,
                struct fail *f);
