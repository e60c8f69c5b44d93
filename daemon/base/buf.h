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
bool buf_add_growing(struct buf *b, const void *data, size_t len);
static inline bool buf_add(struct buf *b, const void *data, size_t len)
{
    size_t end = b->len + len;

    /* where there is room already; end < len: it is more than there are numbers for */
    if (b->over || !len || end < len || end > b->max || end >= b->cap)
        return buf_add_growing(b, data, len);
    memcpy(b->data + b->len, data, len);
    b->len = end;
    b->data[end] = 0;
    return true;
}
static inline bool buf_puts(struct buf *b, const char *text)
{
    return buf_add(b, text, strlen(text));
}
static inline bool buf_putc(struct buf *b, char c)
{
    return buf_add(b, &c, 1);
}
bool buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The content as a string; "" when empty. Owned by the buffer. */
const char *buf_text(struct buf *b);
