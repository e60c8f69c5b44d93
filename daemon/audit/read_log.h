/*
 * The read log: who was answered with rows, what was deleted, corrected and refused, in a file of
 * its own that shows tampering (base/chain.h). An entry is written before its answer goes out, and
 * synced within READ_LOG_SYNC_MS. One write takes the entries of all requests that wait for it.
 *
 * Names that a filter asks for, and ids, stand in it as keyed hashes; the key lies beside the
 * file, PATH.key.
 */
#pragma once
#include "base/chain.h"
#include "base/fail.h"

#include <jansson.h>

struct read_log;

/* path NULL or "": there is none, and all is taken and dropped. NULL with *f when the file cannot
 * be used: another has it, its end does not follow from what is before, no disk. */
struct read_log *read_log_open(const char *path, struct fail *f);
void read_log_close(struct read_log *l);
bool read_log_is_on(const struct read_log *l);
/*
 * Takes the entry over and writes it, with its number in front; waits until it is written. False
 * with *f, FAIL_BUSY, when it cannot be: then what it is about must not go out. Any thread.
 */
bool read_log_write(struct read_log *l, json_t *entry, struct fail *f);
/* What stands for a name or an id in an entry, as a string. */
json_t *read_log_hashed(const struct read_log *l, const char *text);
/* Its head as it is written, and how many entries that are. */
void read_log_head(struct read_log *l, struct chain *head);
/* A descriptor of the file, the caller's to close, and the bytes of it that are whole; -1 with *f.
 */
int read_log_reader(struct read_log *l, int64_t *bytes, struct fail *f);
