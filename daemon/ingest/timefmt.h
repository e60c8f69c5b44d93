/*
 * Spellings of dates and times in export files, as data: "MM/DD/YYYY HH:mm",
 * "Www Mon D YYYY", "YYYY-MM-DD". Tokens: YYYY, MM (number), Mon (English
 * name), DD, HH (0-23), hh (1-12, with A), mm, ss, A (am or pm), Www (weekday,
 * not checked), Z (offset). "/" "-" "." between numbers stand for one another,
 * as a pass through a spreadsheet exchanges them; a part in [] may be missing.
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
