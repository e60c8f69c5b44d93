/* What the writing side of the store works with: one handle, in the writer's thread only. */
#pragma once
#include "base/veil.h"
#include "base/zone.h"
#include "record/record.h"
#include "store/db.h"

struct account_cache;
struct type_book;

struct store {
    struct db *db;
    struct zone *zone;                /* owned; the site's reporting zone */
    struct account_cache *accounts;   /* emptied whenever something is rolled back */
    struct type_book *types;          /* the same */
    char *path;                       /* owned; the file itself, not a link to it */
    char timezone[64];                /* the zone's name */
    unsigned char veil_key[VEIL_KEY]; /* random; see base/veil.h */
    char database_id[17];             /* random, hex; tells one database's ETags from another's */
    int lock_fd;                      /* holds the flock beside the database */
    bool created;                     /* the database was new */
};

/*
 * Opens the database for writing: takes the lock beside it (one process owns
 * the file), brings the schema up to date, settles the reporting zone.
 * timezone: NULL for what the database says (UTC when it is new); another than
 * the database's is refused. NULL with *f on failure.
 */
struct store *store_open(const char *path, const char *timezone, struct fail *f);
void store_close(struct store *st);
/* Something was rolled back: what is known of the database may be wrong. */
void store_forget(struct store *st);
/* Whether store_open() would accept a database that is there, as far as reading can tell. */
bool store_check(const char *path, const char *timezone, struct fail *f);

/* The columns of a post's metrics, in the order of the metrics, wherever a table has them. */
#define POST_METRIC_COLUMNS \
    "likes, comments, shares, saves, follows, reach, impressions, views, clicks, sessions, users," \
    " conversions"

/* What became of a record. */
enum put_result { PUT_INSERTED, PUT_UPDATED, PUT_UNCHANGED };

/* Who a record comes from and when it came. */
struct sender {
    int64_t import_id;      /* 0: the API */
    int64_t now_ms;         /* arrival of the request or file */
    int64_t observed_at_ms; /* for records that state none; 0: arrival */
    const char *only;  /* the regions that it may write, as store/reach.h has them; NULL: all */
    bool told_by_file; /* observed_at_ms is the end of the days that a file is about */
};

/* Opens what posts and accounts need; NULL when out of memory. */
struct account_cache *account_cache_new(void);
void account_cache_empty(struct account_cache *c);
void account_cache_free(struct account_cache *c);
