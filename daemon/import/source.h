/* The bytes of a spooled file, unpacked where it is gzip. */
#pragma once
#include "base/fail.h"

#include <stdbool.h>
#include <stddef.h>

struct source;

/* fd stays the caller's; it is read from its start. NULL with *f. */
struct source *source_open(int fd, struct fail *f);
void source_close(struct source *s);
/*
 * Fills as much of `size` as there is; *len 0: the end. False with *f when it cannot be read, a
 * packed file is broken or cut off, or it is larger unpacked than IMPORT_BODY_MAX.
 */
bool source_read(struct source *s, char *data, size_t size, size_t *len, struct fail *f);
