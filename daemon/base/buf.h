/* Bytes that grow up to a ceiling; past it `over` is set and stays, and nothing more is taken. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct buf {
    char *data; /* owned; NUL-terminated when len > 0 or after buf_text() */
    size_t len, cap, max;
    bool over;
};

/* max: the ceiling in bytes. Nothing is allocated yet. */
void buf_init(struct buf *b, size_t max);
void buf_clear(struct buf *b);
/* Empties it and keeps the memory. */
void buf_reset(struct buf *b);
/* Each returns false, with `over` set, when the ceiling or memory is reached. */
bool buf_reserve(struct buf *b, size_t more);
bool buf_add(struct buf *b, const void *data, size_t len);
static inline bool buf_puts(struct buf *b, const char *text)
{
    return buf_add(b, text, strlen(text));
}
static inline bool buf_putc(struct buf *b, char c)
{
    if (b->over || b->len >= b->max || b->len + 2 > b->cap)
        return buf_add(b, &c, 1);
    b->data[b->len++] = c;
    b->data[b->len] = 0;
    return true;
}
bool buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The content as a string; "" when empty. Owned by the buffer. */
const char *buf_text(struct buf *b);
