/* The tables of experiments, what was done to them, and what was found. */
#pragma once
#include "record/experiment.h"
#include "store/db.h"

typedef bool (*experiment_fn)(void *ctx, const struct experiment *e);
typedef bool (*experiment_event_fn)(void *ctx, const struct experiment_event *e);
typedef bool (*finding_fn)(void *ctx, const struct finding *found);

/* By start and number; fn returning false ends it. */
bool experiments_each(struct db *db, experiment_fn fn, void *ctx, struct fail *f);
/* Says that there is none, FAIL_NOT_FOUND; false. */
bool experiment_none(const char *slug, struct fail *f);
/* FAIL_NOT_FOUND when there is none of that slug. */
bool experiment_find(struct db *db, const char *slug, struct experiment *e, struct fail *f);
/* experiment_id 0: a new one, at most EXPERIMENTS_MAX; FAIL_CONFLICT when its slug is taken. */
bool experiment_put(struct db *db, struct experiment *e, struct fail *f);
bool experiment_set_state(struct db *db, int64_t experiment_id, enum experiment_state state,
                          struct fail *f);
bool experiment_delete(struct db *db, int64_t experiment_id, struct fail *f);

/* The very same entry again is left as it is (*added false). */
bool experiment_log_add(struct db *db, int64_t experiment_id, const struct experiment_event *e,
                        bool *added, struct fail *f);
bool experiment_log_each(struct db *db, int64_t experiment_id, experiment_event_fn fn, void *ctx,
                         struct fail *f);

/* Kept for good; the very same number again is left as it is (*kept false). */
bool finding_add(struct db *db, const struct finding *found, bool *kept, struct fail *f);
/* By number. */
bool findings_each(struct db *db, int64_t experiment_id, finding_fn fn, void *ctx, struct fail *f);
/* How many there are, and whether the one of the end is among them. */
bool findings_count(struct db *db, int64_t experiment_id, int *n, bool *end, struct fail *f);
