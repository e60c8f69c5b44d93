/* What an export needs beside posts: traffic and coverage as they were stated, and by whom. */
#pragma once
#include "record/record.h"
#include "store/db.h"

struct export_traffic {
    int64_t traffic_id, arrived_at;
    int32_t day;
    const char *source, *region, *campaign, *scheme;
    int64_t metric[TRAFFIC_METRIC_COUNT], import_id; /* who spoke last */
};
typedef bool (*export_traffic_fn)(void *ctx, const struct export_traffic *t);
/* In the order of their numbers, those after `after`. */
bool export_traffic_each(struct db *db, int64_t after, export_traffic_fn fn, void *ctx,
                         struct fail *f);

struct export_coverage {
    const char *scheme, *region;
    int32_t day;
    int64_t arrived_at, import_id;
    uint32_t stated;
};
typedef bool (*export_coverage_fn)(void *ctx, const struct export_coverage *c);
/* In a fixed order, from the n-th on. */
bool export_coverage_each(struct db *db, int64_t from, export_coverage_fn fn, void *ctx,
                          struct fail *f);
/* Rows that are not there because a file that covers the day says that absent means zero: sources
 * of its scheme without a row; from the n-th on. Metrics are 0 where the file has them. */
bool export_zeros_each(struct db *db, int64_t from, export_traffic_fn fn, void *ctx,
                       struct fail *f);
/* The profile of an import whose profile states definitions; "" else. */
bool export_profile(struct db *db, int64_t import_id, char *out, size_t size, struct fail *f);
typedef bool (*export_definition_fn)(void *ctx, const char *profile, const char *metric,
                                     const char *definition);
bool export_definitions_each(struct db *db, export_definition_fn fn, void *ctx, struct fail *f);
