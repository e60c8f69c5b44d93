/*
 * Memory for many small things that end together (the strings of a batch of
 * records). Bounded: past max bytes arena_take() returns NULL.
 */
#pragma once
#include <stddef.h>

struct arena_block;
struct arena {
    struct arena_block *blocks;
    size_t used, max;
};

void arena_init(struct arena *a, size_t max);
void arena_clear(struct arena *a);
/* Forgets all content; keeps one block, so that a reused arena stops allocating. */
void arena_reset(struct arena *a);
/* len bytes aligned for any type, zeroed; NULL past the ceiling or out of memory. */
void *arena_take(struct arena *a, size_t len);
/* A NUL-terminated copy; NULL as above. */
char *arena_strndup(struct arena *a, const char *text, size_t len);
