/*
 * The one thread that writes and checkpoints. Callers hand it a function and
 * sleep until what the function did is committed and synced. All foreground
 * writes that wait are committed together (group commit: one fsync for many);
 * between two such batches at most one background write, a slice of an import,
 * gets its turn, in a transaction of its own.
 *
 * A function that fails is undone alone: its neighbours in the batch stand.
 */
#pragma once
#include "store/store.h"

struct writer;

/*
 * Does the work inside a transaction. *changed: set when an answer may differ
 * from now on. False with *f: everything it did is rolled back.
 */
typedef bool (*write_fn)(struct store *st, void *ctx, bool *changed, struct fail *f);

enum write_rank { WRITE_FOREGROUND, WRITE_BACKGROUND };

/* The store stays the caller's, but belongs to the writer's thread until writer_stop(). */
struct writer *writer_start(struct store *st, struct fail *f);
/* Commits what is queued, ends the thread. Accepts NULL. */
void writer_stop(struct writer *w);
/*
 * Runs fn and returns when it is committed and synced, or has failed. Past
 * WRITER_QUEUE_MAX waiting writes, or while stopping: FAIL_BUSY.
 */
bool writer_run(struct writer *w, enum write_rank rank, write_fn fn, void *ctx, struct fail *f);
/* The same outside of a transaction and with no other write beside it: for what rewrites the file.
 */
bool writer_run_alone(struct writer *w, write_fn fn, void *ctx, struct fail *f);
/* The revision of the last commit; any thread. */
int64_t writer_revision(const struct writer *w);

struct writer_stats {
    int64_t writes, failed, commits, background;
    int waiting;
};
void writer_stats(struct writer *w, struct writer_stats *s);
