/*
 * Reading: one read-only connection a thread and reach, opened when the thread first
 * reads so and closed when it ends. What is read between begin and end is one
 * state of the database, at one revision.
 */
#pragma once
#include "store/reach.h"

struct snapshots;

/*
 * From now on the calling thread reads what these regions may see (store/reach.h; "": all), so
 * deep. A snapshot of some regions has the revision 0: how often others write is not told.
 */
bool snapshot_reach(struct snapshots *s, const char *regions, enum reach_depth depth,
                    struct fail *f);
/* path: the database file, already migrated. NULL with *f when out of memory. */
struct snapshots *snapshots_open(const char *path, struct fail *f);
/* Closes the calling thread's connection too; other threads' must have ended. */
void snapshots_close(struct snapshots *s);
/*
 * The calling thread's connection, in a read transaction under the query
 * deadline; NULL with *f. It must be given back with snapshot_end() before the
 * next begin of this thread.
 */
struct db *snapshot_begin(struct snapshots *s, int64_t *revision, struct fail *f);
void snapshot_end(struct db *db);
