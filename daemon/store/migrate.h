/* schema/sql/NNNN_*.sql, embedded: each applied once, in one transaction, counted by user_version.
 */
#pragma once
#include "store/db.h"

/* "post" on a page of its own: tells our files from other SQLite databases. */
#define STORE_APPLICATION_ID 0x706f7374

/* Brings the database to this program's schema; refuses a newer or a foreign one in words. */
bool migrate(struct db *db, struct fail *f);
/* Whether this program may use the database as it is; changes nothing. *is_new: nothing in it yet.
 */
bool migrate_check(struct db *db, bool *is_new, int64_t *version, struct fail *f);
/* The schema version this program writes. */
int migrate_version(void);
