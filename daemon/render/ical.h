/* Calendars as RFC 5545 has them: whole days, lines folded, no clock read. */
#pragma once
#include "base/buf.h"

#include <stdint.h>

void ical_begin(struct buf *b, const char *name);
/* An event of the whole days from..to. uid: the same for the same thing, always. */
void ical_event(struct buf *b, const char *uid, int32_t from, int32_t to, const char *summary,
                const char *description);
void ical_end(struct buf *b);
