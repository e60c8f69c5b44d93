/*
 * Memory for many strings that end together (those of a batch of records). Bounded: past max bytes
 * arena_strndup() returns NULL.
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
/* A NUL-terminated copy; NULL past the ceiling or out of memory. */
char *arena_strndup(struct arena *a, const char *text, size_t len);
