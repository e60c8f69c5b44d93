/* Settings kept in the database, and the revision. */
#pragma once
#include "store/db.h"

#include <stddef.h>

/* "" when it is not set. */
bool settings_get(struct db *db, const char *name, char *value, size_t size, struct fail *f);
bool settings_set(struct db *db, const char *name, const char *value, struct fail *f);
bool revision_get(struct db *db, int64_t *revision, struct fail *f);
/*
 * Reads the revision and keeps its statement open, which keeps the read
 * transaction open: all that this handle reads until revision_release() is of
 * that one revision. Cheaper than BEGIN and COMMIT around each read.
 */
bool revision_hold(struct db *db, int64_t *revision, struct fail *f);
void revision_release(struct db *db);
bool revision_bump(struct db *db, struct fail *f);
