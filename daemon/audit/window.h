/*
 * Room at the end of a file that is written without a call of the system for each entry: so much is
 * set aside on the disk and mapped. What is put there has the system at once, as with a write(),
 * and outlives the process; behind it the file has NULs until the window is closed.
 */
#pragma once
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct window {
    char *map; /* NULL: closed */
    size_t size;
    atomic_size_t ready; /* of its bytes, from the start: the system has memory for them */
    int64_t from;        /* of the file, where the map begins */
    int fd;
};

/* Opens it behind `end`, where the file must end; it is opened for appending. WINDOW_NONE, and
 * nothing changed, where the disk has no room or cannot set it aside, the file may only be appended
 * to, or another window of this process is open; WINDOW_STUCK when the file has that room and
 * cannot be cut back. */
enum window_state { WINDOW_OPEN, WINDOW_NONE, WINDOW_STUCK };
enum window_state window_open(struct window *w, int fd, int64_t end);
/* Whether so many bytes at this place of the file lie within it. */
bool window_holds(const struct window *w, int64_t at, size_t len);
/* Whether memory for what follows behind this place should be made ready, and doing so: the one of
 * all here that needs no lock around it, since it takes long. The first is made by window_put(). */
bool window_is_short(const struct window *w, int64_t at);
void window_prepare(struct window *w, int64_t at);
/* Puts them there, at least one, the last of them last. False when the file was cut meanwhile: then
 * they are not in it. */
bool window_put(struct window *w, int64_t at, const void *data, size_t len);
/* Closes it and cuts the file at `end`. False when that cannot be done, or the file was cut
 * meanwhile and is left as it is. A closed one stays so. */
bool window_close(struct window *w, int64_t end);
