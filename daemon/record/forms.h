/* The forms that names and times take, wherever they come from. */
#pragma once
#include "base/zone.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Lower case, blanks to "-"; false when what is left is no slug (ASCII letters,
 * digits, "-_.+" and letters beyond ASCII). out holds SLUG_MAX + 1 bytes.
 */
bool slug_make(const char *text, size_t len, char *out);
/* A platform's slug, in the same way; other names of a platform become its one name. */
bool platform_make(const char *text, size_t len, char *out);
/* RFC 3339, or the same without offset (then in the zone), or a bare day (its midnight). */
bool moment_parse(const char *text, size_t len, struct zone *zone, int64_t *at_ms);

/*
 * Whether a region is that of a sample study, "sample-...": such rows are in an answer only when it
 * asks for their region, so that a sample never changes a team's own figures.
 */
bool region_is_sample(const char *region);
/* Whether a slug is a social platform's. */
bool platform_is_social(const char *slug);
