/* A spooled file → its rows, by the profile that its headings call for. */
#pragma once
#include "ingest/profile.h"

struct reading;

/* What decides how a file is read; strings are borrowed. */
struct reading_options {
    const char *charset; /* "" to tell by its bytes */
    const char *profile; /* a name, or "auto" */
    struct plan_options plan;
};

/*
 * Looks at the head of the file and settles encoding, delimiter, heading and
 * profile. fd stays the caller's. NULL with *f when it is no text, no profile fits or the
 * encoding is unknown.
 */
struct reading *reading_open(int fd, const struct reading_options *options,
                             const struct profile_set *profiles, struct fail *f);
void reading_close(struct reading *r);
struct plan *reading_plan(struct reading *r);
/* The encoding that it is read as. */
const char *reading_charset(const struct reading *r);
/*
 * Calls fn for every row of the file, from its start, and plan_restart() before. fn
 * returning false ends it early without a failure. False with *f when the file
 * cannot be read to its end (bytes of another encoding, a quote left open).
 */
bool reading_each(struct reading *r, csv_row_fn fn, void *ctx, struct fail *f);
/* After a whole reading: the encoding that its bytes speak for, if it is another; else NULL. */
const char *reading_other_charset(const struct reading *r);
