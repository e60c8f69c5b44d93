/* schema/sql/NNNN_*.sql, embedded: each applied once, in one transaction, counted by user_version.
 */
#pragma once
#include "store/db.h"

/* "post" on a page of its own: tells our files from other SQLite databases. */
#define STORE_APPLICATION_ID 0x706f7374

/* Brings the database to this program's schema; refuses a newer or a foreign one in words. */
bool migrate(struct db *db, struct fail *f);
/* The schema version this program writes. */
int migrate_version(void);
