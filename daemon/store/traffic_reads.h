/* Reading the website's daily traffic, each row with the source that its name counts as. */
#pragma once
#include "base/ceilings.h"
#include "record/record.h"
#include "store/db.h"

/* Strings are borrowed until the callback returns. */
struct traffic_view {
    int32_t day;
    const char *name;   /* as the sender named the source */
    const char *source; /* what the name counts as */
    const char *region, *campaign;
    int64_t arrived_at;
    int64_t metric[TRAFFIC_METRIC_COUNT];
};
typedef bool (*traffic_view_fn)(void *ctx, const struct traffic_view *t);

/* A place in the list, which goes by day, name, region and campaign. */
struct traffic_cursor {
    int32_t day;
    char name[NAME_MAX_BYTES + 1], region[SLUG_MAX + 1], campaign[NAME_MAX_BYTES + 1];
};
/* Rows of days from..to, both included, those after the cursor (NULL: all), until fn stops. */
bool traffic_each(struct db *db, int32_t from, int32_t to, const struct traffic_cursor *after,
                  traffic_view_fn fn, void *ctx, struct fail *f);

/* The website's visits by campaign and source as named: what links with utm_campaign brought. */
struct campaign_view {
    const char *campaign, *name;
    int days; /* on which there were figures */
    int64_t sessions;
};
typedef bool (*campaign_fn)(void *ctx, const struct campaign_view *c);
/* region: NULL for all. By campaign and name. */
bool traffic_campaigns_each(struct db *db, const char *region, campaign_fn fn, void *ctx,
                            struct fail *f);

/* The last day of which anything is stored; DAY_NONE without any. */
bool traffic_last_day(struct db *db, int32_t *day, struct fail *f);

/* Whether any name counts as this source; and whether a name is stored that is spelled so. */
bool traffic_knows(struct db *db, const char *source, bool *as_source, bool *as_name,
                   struct fail *f);

/* Every name of a source, and what it counts as. */
typedef bool (*traffic_name_fn)(void *ctx, const char *name, const char *source);
bool traffic_names_each(struct db *db, traffic_name_fn fn, void *ctx, struct fail *f);

/* The first and the last day, of all that is stored, on which a name has a metric. */
struct traffic_span {
    const char *region;
    int32_t first, last;
};
typedef bool (*traffic_span_fn)(void *ctx, const struct traffic_span *span);
/* campaign: NULL for all. */
bool traffic_span_each(struct db *db, const char *name, const char *campaign, int metric,
                       traffic_span_fn fn, void *ctx, struct fail *f);
/* The naming schemes that senders of a name's rows have, by region. */
typedef bool (*traffic_scheme_fn)(void *ctx, const char *region, const char *scheme);
bool traffic_schemes_each(struct db *db, const char *name, traffic_scheme_fn fn, void *ctx,
                          struct fail *f);
/* From the first to the last day that files of each scheme cover, of all that is stored. */
typedef bool (*coverage_span_fn)(void *ctx, const char *scheme, const struct traffic_span *span);
bool coverage_spans_each(struct db *db, int metric, coverage_span_fn fn, void *ctx, struct fail *f);

struct coverage_view {
    const char *scheme, *region;
    int32_t day;
    int64_t arrived_at;
    uint32_t stated; /* a bit a metric that a file of the scheme has for the day */
};
typedef bool (*coverage_fn)(void *ctx, const struct coverage_view *c);
/* Days of from..to that files of naming schemes cover, each file by itself, the latest first. */
bool coverage_each(struct db *db, int32_t from, int32_t to, coverage_fn fn, void *ctx,
                   struct fail *f);

/* The newest day of each source and region that had rows on at least so many days from one on. */
typedef bool (*traffic_newest_fn)(void *ctx, const char *source, const char *region, int32_t day);
bool traffic_newest_each(struct db *db, int32_t from, int days, traffic_newest_fn fn, void *ctx,
                         struct fail *f);
