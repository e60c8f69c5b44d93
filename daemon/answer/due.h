/*
 * What is due today: experiments that ended, follow-ups, sources without fresh data, imports with
 * rejected rows. The one answer that depends on the day it is asked.
 */
#pragma once
#include "base/fail.h"
#include "base/zone.h"
#include "store/db.h"

#include <stdint.h>

enum due_kind { DUE_FINDING, DUE_FOLLOW_UP, DUE_STALE_SOURCE, DUE_REJECTED_ROWS, DUE_KIND_COUNT };
extern const char *const due_kind_names[DUE_KIND_COUNT];

enum {
    DUE_LISTED_MAX = 200,
    DUE_STALE_DAYS = 3,    /* without data, unless asked otherwise */
    DUE_REGULAR_DAYS = 14, /* with rows, that a source is waited for */
    DUE_ENDED_DAYS = 60,   /* a source silent for longer has ended */
    DUE_IMPORT_DAYS = 14,  /* that rejected rows are told of */
    DUE_FOUND_DAYS = 3     /* that a finding is told of after it was kept */
};

struct due_item {
    enum due_kind kind;
    int32_t since; /* the day */
    char experiment[48];
    int64_t import_id;   /* 0: none */
    char sentence[1200]; /* with an import it goes on with where that is to be seen */
};
struct due {
    int32_t today;
    int stale_days;
    struct due_item *item; /* owned; by kind */
    int n, more;
};

/* now_ms: the moment; days are the site's. The caller clears *d, also after a failure. */
bool due_answer(struct db *db, struct zone *zone, int64_t now_ms, int stale_days, struct due *d,
                struct fail *f);
void due_clear(struct due *d);
