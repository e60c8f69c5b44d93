/* Self-contained HTML: one style, no script, nothing fetched; light, dark and print. */
#pragma once
#include "base/buf.h"

#include <stdint.h>

/* The one style sheet, so that its hash can be allowed by name. */
extern const char page_style[];

void page_begin(struct buf *b, const char *title);
void page_end(struct buf *b);
/* Text with what HTML would take for its own replaced. */
void page_text(struct buf *b, const char *text);
/* "<tag>text</tag>". */
void page_element(struct buf *b, const char *tag, const char *text);
/*
 * Weeks from Monday to Sunday as a table. state: a byte a day from `from`, n of them: 0 none,
 * 1 a day to post, 2 left out; said by word and shape, not by colour alone.
 */
void page_calendar(struct buf *b, int32_t from, int n, const unsigned char *state);
