/* A spooled file → its rows, by the profile that its headings call for. */
#pragma once
#include "ingest/profile.h"

struct reading;

/*
 * Looks at the head of the file and settles encoding, delimiter, heading and
 * profile. fd stays the caller's. wanted: a profile's name or "auto". NULL with
 * *f when no profile fits or the encoding is unknown.
 */
struct reading *reading_open(int fd, const char *charset, const char *wanted,
                             const struct profile_set *profiles, struct fail *f);
void reading_close(struct reading *r);
struct plan *reading_plan(struct reading *r);
/*
 * Calls fn for every row behind the heading, from the start of the file. fn
 * returning false ends it early without a failure. False with *f when the file
 * cannot be read to its end (bytes of another encoding, a quote left open).
 */
bool reading_each(struct reading *r, csv_row_fn fn, void *ctx, struct fail *f);
