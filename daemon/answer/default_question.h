/*
 * What is asked when nobody says what: sessions from social, before and after the newest kind of
 * post began. A place to begin, and always written out.
 */
#pragma once
#include "base/ceilings.h"
#include "base/fail.h"
#include "record/filter.h"
#include "record/record.h"
#include "store/db.h"

enum { DEFAULT_WHY_MAX = 400 };

struct default_question {
    char source[NAME_MAX_BYTES + 1]; /* "social", or another that has data; "": there is none */
    char type[SLUG_MAX + 1];         /* that began last, of those posted on some days; "": none */
    char region[SLUG_MAX + 1];       /* a sample's, where nothing else is stored; "": all */
    int32_t start; /* its first day; else four weeks before the last known one; or DAY_NONE */
    char why[DEFAULT_WHY_MAX]; /* this start, in words; "" without one */
};
/* The region of the first sample where nothing but samples is stored; else "". */
bool default_region(struct db *db, char region[SLUG_MAX + 1], struct fail *f);
/* posts: which are asked about, by type, platform, account, tag, region; NULL: all. What began is
 * looked for among them alone, three weeks or more after the first post of any kind. */
bool default_question(struct db *db, const struct filter *posts, struct default_question *d,
                      struct fail *f);
