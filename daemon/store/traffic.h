/*
 * Writing daily traffic: an upsert that merges, with what each sender claimed
 * kept beside it, so that an import can be taken out again.
 */
#pragma once
#include "store/store.h"

/* Stores one record; as post_put(). */
bool traffic_put(struct store *st, const struct record *r, const struct sender *from,
                 enum put_result *result, bool *changed, struct fail *f);
/* Notes that a file of a scheme covers a day: sources without a row on it had zero. */
bool coverage_put(struct store *st, const char *scheme, const char *region, int32_t day,
                  uint32_t stated, const struct sender *from, struct fail *f);
/* Takes one import's part out of a row of traffic. */
bool traffic_unclaim(struct store *st, int64_t traffic_id, int64_t import_id, struct fail *f);
