/* Reading posts: one, a page of them, or all that a question is about. */
#pragma once
#include "record/filter.h"
#include "record/record.h"
#include "store/db.h"

/* A post with its account. Strings are borrowed until the callback returns; NULL: none. */
struct post_view {
    int64_t post_id, posted_at;
    int32_t posted_day;
    const char *platform, *id, *account, *region, *type, *tags, *text, *url, *campaign;
    int64_t observed_at;
    int64_t first_seen_at, last_seen_at;   /* COUNT_ABSENT without a lifetime reading */
    int64_t metric[POST_METRIC_COUNT];     /* COUNT_ABSENT: absent */
    int64_t import_id;                     /* who brought it first; 0: the API */
    int type_set_by;                       /* 0: its records; 1: a rule, 2: a person */
    const char *type_stated, *tags_stated; /* what its records say */
    bool spread;                           /* it has observations of its own beside its row */
};
/* What filters look at. */
struct filter_subject post_view_subject(const struct post_view *p);
/* False stops. */
typedef bool (*post_view_fn)(void *ctx, const struct post_view *p);

/* DB_DONE when there is none; else fn is called once. */
enum db_result post_view_find(struct db *db, const char *platform, const char *id, post_view_fn fn,
                              void *ctx, struct fail *f);

/* The same by its number in the database. */
enum db_result post_view_numbered(struct db *db, int64_t post_id, post_view_fn fn, void *ctx,
                                  struct fail *f);

/* A place in the list: newest first, later stored first among equals. */
struct post_cursor {
    int64_t posted_at, post_id;
};
/* Posts that match, newest first, those after the cursor (NULL: from the newest), until fn stops.
 */
bool posts_each(struct db *db, const struct filter *filter, const struct post_cursor *after,
                post_view_fn fn, void *ctx, struct fail *f);
/* The same in the order of their numbers in the database, those after `after`. fn may read
 * observations meanwhile. */
bool posts_by_number(struct db *db, const struct filter *filter, int64_t after, post_view_fn fn,
                     void *ctx, struct fail *f);
/*
 * What a scan is to read. A lean one costs half of a full one: it reads platform, type, days and
 * times of reading beside the metrics named, and more only where the filter asks for more.
 */
enum post_scan {
    POSTS_DAYS,       /* lean: no metric */
    POSTS_ALL,        /* account, region, tags, campaign and all metrics */
    POSTS_ENGAGEMENT, /* lean: the metrics that engagement is made of */
    POSTS_ONE         /* + m: lean, with one metric */
};
/* Whether a post is stored from that moment or later, or an import of posts came then. */
bool posts_known_after(struct db *db, int64_t at_ms, bool *known, struct fail *f);
/* Whether a filter looks at nothing but what a lean scan reads. */
bool post_filter_is_lean(const struct filter *filter);
/*
 * The posts that match, without text, url, id and observed_at, in no stated order: for figures.
 * What the scan does not read is NULL or absent. fn may read observations meanwhile.
 */
bool posts_scan(struct db *db, const struct filter *filter, int scan, post_view_fn fn, void *ctx,
                struct fail *f);

struct observation_view {
    enum reading_kind kind;
    int32_t covers_from, covers_to; /* days; DAY_NONE for a lifetime reading */
    int64_t first_seen_at, last_seen_at;
    uint32_t stated; /* a bit a metric */
    int64_t metric[POST_METRIC_COUNT];
    int64_t import_id;
};
typedef bool (*observation_view_fn)(void *ctx, const struct observation_view *o);
/* All observations of a spread post, by kind, cover and time; none for a post read once. */
bool post_observations_each(struct db *db, int64_t post_id, observation_view_fn fn, void *ctx,
                            struct fail *f);
