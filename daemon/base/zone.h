/*
 * Time zones by their IANA name. The only file that includes glib: libc has no
 * thread-safe conversion with a given zone. A zone is read-only once opened
 * and may be used from any thread.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct zone;

/* NULL when there is no zone of that name ("UTC", "Europe/Berlin"). */
struct zone *zone_open(const char *name);
void zone_close(struct zone *z);
/* The calendar day in the zone at an instant (ms since 1970 UTC). */
int32_t zone_day(struct zone *z, int64_t at_ms);
/* The hour of the zone's clock at an instant, 0..23. */
int zone_hour(struct zone *z, int64_t at_ms);
/* The instant at which a calendar day begins in the zone. */
int64_t zone_day_start_ms(struct zone *z, int32_t day);
/*
 * The instant of a wall-clock time (ms since 1970-01-01 00:00 of that clock).
 * A repeated hour takes its first reading and sets *repeated when given; a
 * skipped hour is read with the offset before the gap.
 */
int64_t zone_instant_ms(struct zone *z, int64_t wall_ms, bool *repeated);
