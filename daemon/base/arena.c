#include "base/arena.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK = 64 * 1024 };

struct arena_block {
    struct arena_block *next;
    size_t used, cap;
    max_align_t data[];
};

void arena_init(struct arena *a, size_t max)
{
    a->blocks = NULL;
    a->used = 0;
    a->max = max;
}

void arena_clear(struct arena *a)
{
    while (a->blocks) {
        struct arena_block *next = a->blocks->next;

        free(a->blocks);
        a->blocks = next;
    }
    a->used = 0;
}

void arena_reset(struct arena *a)
{
    while (a->blocks && a->blocks->next) {
        struct arena_block *next = a->blocks->next;

        free(a->blocks);
        a->blocks = next;
    }
    if (a->blocks)
        a->blocks->used = 0;
    a->used = 0;
}

static void *take(struct arena *a, size_t len)
{
    struct arena_block *b = a->blocks;
    size_t at = b ? b->used : 0;

    if (len > a->max || a->used > a->max - len)
        return NULL;
    if (!b || at + len > b->cap) {
        size_t cap = len > BLOCK ? len : BLOCK;

        b = malloc(sizeof *b + cap);
        if (!b)
            return NULL;
        b->next = a->blocks;
        b->used = 0;
        b->cap = cap;
        a->blocks = b;
        at = 0;
    }
    b->used = at + len;
    a->used += len;
    return (char *)b->data + at;
}

char *arena_strndup(struct arena *a, const char *text, size_t len)
{
    char *copy = take(a, len + 1);

    if (copy) {
        memcpy(copy, text, len);
        copy[len] = 0;
    }
    return copy;
}
