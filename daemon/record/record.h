/*
 * The records that come in: one post or one day of one source, as plain
 * structs, and the rules that each field obeys. One table of fields serves
 * JSON, NDJSON, CSV and the import profiles: past these rules sizes, ranges and
 * UTF-8 are facts.
 *
 * Absent is not zero: a count that is absent or cleared is COUNT_ABSENT, and
 * `stated` tells the two apart (bit set and COUNT_ABSENT: cleared by null).
 */
#pragma once
#include "base/arena.h"
#include "base/fail.h"
#include "record/forms.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COUNT_ABSENT (-1)

enum record_kind { RECORD_POST, RECORD_TRAFFIC, RECORD_KIND_COUNT };

enum post_field {
    POST_PLATFORM,
    POST_ID,
    POST_TYPE,
    POST_POSTED_AT,
    POST_ACCOUNT,
    POST_REGION,
    POST_TAGS,
    POST_TEXT,
    POST_URL,
    POST_CAMPAIGN,
    POST_OBSERVED_AT,
    POST_READING, /* what the counts are of: lifetime, period, day */
    POST_COVERS_FROM,
    POST_COVERS_TO,
    POST_FIRST_METRIC,
    POST_LIKES = POST_FIRST_METRIC,
    POST_COMMENTS,
    POST_SHARES,
    POST_SAVES,
    POST_FOLLOWS,
    POST_REACH,
    POST_IMPRESSIONS,
    POST_VIEWS,
    POST_CLICKS,
    POST_SESSIONS,
    POST_USERS,
    POST_CONVERSIONS,
    POST_FIELD_COUNT
};
enum { POST_METRIC_COUNT = POST_FIELD_COUNT - POST_FIRST_METRIC };

enum traffic_field {
    TRAFFIC_DATE,
    TRAFFIC_SOURCE,
    TRAFFIC_REGION,
    TRAFFIC_CAMPAIGN,
    TRAFFIC_ARRIVED_AT, /* when the figure came, where that was not now */
    TRAFFIC_SCHEME,
    TRAFFIC_FIRST_METRIC,
    TRAFFIC_SESSIONS = TRAFFIC_FIRST_METRIC,
    TRAFFIC_USERS,
    TRAFFIC_ENGAGED_SESSIONS,
    TRAFFIC_CONVERSIONS,
    TRAFFIC_FIELD_COUNT
};
enum { TRAFFIC_METRIC_COUNT = TRAFFIC_FIELD_COUNT - TRAFFIC_FIRST_METRIC };

/* What a reading counts: all since publication, a stated period, or one day's increment. */
enum reading_kind { READING_LIFETIME, READING_PERIOD, READING_DAY, READING_KIND_COUNT };

struct post {
    const char *platform, *id, *type, *account, *region, *tags, *text, *url, *campaign;
    int64_t posted_at_ms, observed_at_ms;
    int64_t metric[POST_METRIC_COUNT];
    enum reading_kind reading;
    int32_t covers_from, covers_to; /* days; DAY_NONE for a lifetime reading */
};

struct traffic {
    const char *source, *region, *campaign;
    const char *scheme; /* by which its source is named; NULL or "": none. Outlives the record */
    int32_t day;
    int64_t arrived_at_ms;
    int64_t metric[TRAFFIC_METRIC_COUNT];
};

/* Where a record stood in what was sent. 0: not known or not meant. */
struct place {
    int64_t line;  /* counted from 1 */
    int64_t index; /* of the record in its list, counted from 0 */
};

struct record {
    enum record_kind kind;
    uint32_t stated;      /* bit i: field i was there, null included */
    int64_t rows;         /* of the file that it is made of */
    bool day_alone;       /* of a post: its day is known and no time of day */
    bool type_by_default; /* of a post: no file names it, so it holds for a new post only */
    struct place at;
    union {
        struct post post;
        struct traffic traffic;
    };
};

/* What the rules need to know of the world. */
struct record_rules {
    struct zone *zone; /* the site's reporting zone; borrowed */
    int64_t now_ms;    /* when the request or file arrived */
};

extern const char *const reading_kind_names[READING_KIND_COUNT];

/* An empty record of a kind: nothing stated, every count absent. */
void record_init(struct record *r, enum record_kind kind);
/* The field of that name, or -1; ignored_field() tells the names that answers have and writes drop.
 */
int record_field(enum record_kind kind, const char *name);
const char *record_field_name(enum record_kind kind, int field);
int record_field_count(enum record_kind kind);
bool record_field_is_count(enum record_kind kind, int field);
bool record_field_is_derived(const char *name);
static inline bool record_states(const struct record *r, int field)
{
    return (r->stated >> field & 1u) != 0;
}

/*
 * Sets a field from text; strings are copied into the arena. False with
 * f->slug, f->sentence when the text breaks the field's rule. Counts are plain
 * digits here: readers of foreign files bring them into that form first.
 */
bool record_put_text(struct record *r, int field, const char *text, size_t len, struct arena *a,
                     const struct record_rules *rules, struct fail *f);
bool record_put_count(struct record *r, int field, int64_t value, struct fail *f);
/* For a time already resolved (imports read times by their profile). */
bool record_put_time(struct record *r, int field, int64_t at_ms, const struct record_rules *rules,
                     struct fail *f);
bool record_put_day(struct record *r, int field, int32_t day, const struct record_rules *rules,
                    struct fail *f);
bool record_put_null(struct record *r, int field, struct fail *f);
/* The rules that bind fields together: keys present. *field: the one that is missing. */
bool record_check(const struct record *r, int *field, struct fail *f);

/* ---- metrics (metrics.c) ---- */

extern const char *const post_metric_names[POST_METRIC_COUNT];
extern const char *const traffic_metric_names[TRAFFIC_METRIC_COUNT];
/* The index of a metric's name, or -1. "engagement" is no stored metric. */
int post_metric(const char *name);
int traffic_metric(const char *name);
/* Reach and users are unique people: never summed. */
bool post_metric_is_additive(int metric);
bool traffic_metric_is_additive(int metric);
/*
 * Likes + comments + shares + saves + clicks over what is present; COUNT_ABSENT
 * when none is. *parts (may be NULL) gets a bit a metric that was present.
 */
int64_t post_engagement(const int64_t metric[POST_METRIC_COUNT], uint32_t *parts);
