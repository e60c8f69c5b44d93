/*
 * The read log: who was answered with rows, what was deleted, corrected and refused, in a file of
 * its own that shows tampering (base/chain.h). An entry is written before its answer goes out, and
 * synced within READ_LOG_SYNC_MS, many with one sync.
 *
 * Names that a filter asks for, and ids, stand in it as keyed hashes; the key lies beside the
 * file, PATH.key.
 */
#pragma once
#include "base/chain.h"
#include "base/fail.h"

struct read_log;

/* path NULL or "": there is none, and all is taken and dropped. NULL with *f when the file cannot
 * be used: another has it, its end does not follow from what is before. One whose disk is full can:
 * its entries wait for room. */
struct read_log *read_log_open(const char *path, struct fail *f);
void read_log_close(struct read_log *l);
bool read_log_is_on(const struct read_log *l);
/*
 * Writes an entry: the members of a JSON object, without its brackets; its number goes in front.
 * When this returns the system has it, and only the system's own end could lose it. False with *f,
 * FAIL_BUSY, when it cannot be written: then what it is about must not go out. Any thread.
 */
bool read_log_write(struct read_log *l, const char *members, struct fail *f);
/* What stands for a name or an id in an entry. */
enum { READ_LOG_HASHED = 40 };
const char *read_log_hashed(const struct read_log *l, const char *text, char said[READ_LOG_HASHED]);
/* Whether the last entry could be written, and the next can as far as is known. */
bool read_log_is_well(struct read_log *l);
/* Its head, which is synced by then, and how many entries that are. False with *f. */
bool read_log_head(struct read_log *l, struct chain *head, struct fail *f);
/* A descriptor of the file, the caller's to close, and the bytes of it that are whole; -1 with *f.
 */
int read_log_reader(struct read_log *l, int64_t *bytes, struct fail *f);
