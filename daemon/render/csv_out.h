/*
 * A list of JSON objects → CSV by RFC 4180: CRLF, a heading, cells that a
 * spreadsheet would run as formulas made harmless.
 */
#pragma once
#include "base/buf.h"

#include <jansson.h>
#include <stdbool.h>

/*
 * columns: NULL-ended paths into each object, members parted by dots
 * ("engagement.mean"), items of a list by number; the path is the heading, unless
 * one follows after "=" ("interval.0=low"). Lists are joined by blanks, null
 * and what is not there become empty cells. bom: a mark for Excel in front.
 * False past the buffer's ceiling.
 */
bool csv_out(struct buf *out, const json_t *rows, const char *const *columns, bool bom);
