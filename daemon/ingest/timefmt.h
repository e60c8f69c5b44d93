/*
 * Spellings of dates and times in export files, as data: "MM/DD/YYYY HH:mm",
 * "Www Mon DD YYYY", "YYYY-MM-DD". Tokens: YYYY, YY (2000 to 2069, 1970 to 1999), MM (number),
 * Mon (English name), DD, HH (0-23), hh (1-12, with A), mm, ss, A (am or pm), Www (weekday,
 * not checked), Z (offset). "/" and "-" between numbers stand for one another,
 * as a pass through a spreadsheet exchanges them ("." does not: with it the day always comes
 * first); a part in [] may be missing.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Reads text by a format. *wall_ms: milliseconds since 1970-01-01 00:00 on the
 * clock meant; *offset_ms: the offset stated by Z; *has_offset tells whether.
 */
bool timefmt_parse(const char *format, const char *text, size_t len, int64_t *wall_ms,
                   bool *has_offset, int64_t *offset_ms);

/* Which number comes first: 'y', 'm' or 'd'; 0 where the month has a name. */
char timefmt_order(const char *format);
/* Whether a format says the year. */
bool timefmt_has_year(const char *format);
/* Whether it says more than the day. */
bool timefmt_has_hour(const char *format);
