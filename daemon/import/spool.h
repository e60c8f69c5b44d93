/*
 * Files waiting to be imported, in a folder beside the database. A file is
 * synced before anybody is told that it was taken.
 */
#pragma once
#include "base/fail.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SPOOL_NAME 40 /* bytes of a spooled file's name with its NUL */
#define HASH_TEXT 65  /* bytes of a content hash (BLAKE2b-256, hex) with its NUL */

struct spool;
struct spool_file;

/* Makes the folder when needed. NULL with *f. */
struct spool *spool_open(const char *dir, struct fail *f);
void spool_close(struct spool *s);
struct spool_file *spool_create(struct spool *s, struct fail *f);
/* FAIL_TOO_LARGE past IMPORT_BODY_MAX; FAIL_NO_SPACE when the disk would be too full. */
bool spool_write(struct spool_file *sf, const void *data, size_t len, struct fail *f);
/* Syncs file and folder, and gives its name, size and content hash; the file stays. */
bool spool_seal(struct spool_file *sf, char name[SPOOL_NAME], int64_t *bytes, char hash[HASH_TEXT],
                struct fail *f);
/* Frees the handle; a file that was not sealed is removed. Accepts NULL. */
void spool_file_free(struct spool_file *sf);
/* The descriptor that a file is written through. */
int spool_file_fd(const struct spool_file *sf);
/* Opens a spooled file for reading: a descriptor, or -1 with *f. */
int spool_read(struct spool *s, const char *name, struct fail *f);
void spool_remove(struct spool *s, const char *name);
/* Removes what wanted() does not claim: leftovers of a crash. */
void spool_sweep(struct spool *s, bool (*wanted)(void *ctx, const char *name), void *ctx);
