/*
 * The posts of a comparison with one figure of each, read at an age that all have
 * reached: a post of yesterday against one of last year is no comparison. Where too
 * few have readings of one age, the latest lifetime reading of posts of at least a
 * week serves for all alike; the two are never mixed.
 *
 * Posts go by once. Up to MEDIAN_POSTS_MAX each is kept with its value at each age
 * that may be chosen; past it nothing is kept, and only sums of latest readings by
 * stratum and day go on, so memory stays bounded.
 */
#pragma once
#include "analysis/cells.h"
#include "analysis/two_groups.h"
#include "answer/warning.h"
#include "base/fail.h"
#include "store/definitions.h"
#include "store/post_reads.h"

enum {
    AGES = 4,             /* 24, 72, 168, 336 hours */
    AGE_DEFAULT = 2,      /* 168 hours */
    AGE_HOURS_MAX = 8760, /* that may be asked for */
    BLOCK_DAYS = 28,
    BLOCKS = 3001,     /* of the days from 1970 to 2199 */
    PLATFORMS_MAX = 64 /* of one comparison */
};
enum { DEFINITIONS_TOLD = 4 /* of one platform that are told apart */ };
#define AGE_SHARE_MIN 0.80 /* of the posts of each group that must have a reading of the age */
#define SETTLED_HOURS 168  /* age of a latest reading that may serve instead */

/* Figures of a post beyond its metrics. */
enum {
    FIGURE_ENGAGEMENT = POST_METRIC_COUNT,
    FIGURE_CLICK_RATE, /* clicks per 1,000 reached, of the same reading */
    FIGURE_COUNT
};
/* "likes", ..., "engagement", "clicks_per_1000_reach"; -1 when there is none of that name. */
int post_figure(const char *name);
const char *post_figure_name(int figure);
bool post_figure_is_additive(int figure);
/* The scan that reads what the figure needs. */
int post_figure_scan(int figure);
/* NAN when it is absent. *parts: a bit a metric that engagement is made of. */
double post_figure_of(const int64_t metric[POST_METRIC_COUNT], int figure, uint32_t *parts);

/* One post. */
struct sampled {
    int64_t post_id;
    int32_t day;
    uint32_t member;            /* what the caller makes of it: a bit a group */
    unsigned char platform;     /* index into platforms */
    unsigned char result[AGES]; /* enum age_result */
    bool settled;               /* the latest reading is of SETTLED_HOURS at least */
    float at_age_hours;         /* of the latest reading */
    double value[AGES], latest;
};
struct sampling {
    int figure;
    double age_hours[AGES];
    int n_ages;
    struct sampled *post; /* owned */
    size_t n, cap;
    int64_t posts, absent; /* that went by; of these without the figure */
    bool spent;            /* too many to keep: sums alone */
    struct cells sums[2];  /* of latest settled readings, once spent: member bit 0, bit 1 */
    int64_t unsettled[2];
    double log_age[2]; /* sum of ln(1 + age in hours) of these readings */
    char platform[PLATFORMS_MAX][SLUG_MAX + 1];
    int n_platforms;
    uint32_t parts, partly; /* of engagement: over all; that some have and some lack */
    bool falls;             /* readings that went down were held at their maximum */
    int chosen;             /* index of the age; -1: latest readings */
    int64_t summed;         /* posts whose figure is added up from periods or days */
    /* definitions of the figure's metrics, where imports state more than one */
    uint32_t differ; /* a bit a metric that they differ in */
    bool asked;      /* whether they do */
    char definition[PLATFORMS_MAX][DEFINITIONS_TOLD][DEFINITION_TEXT];
    int n_definitions[PLATFORMS_MAX];
};
/*
 * Whether a note says that the figure means one thing for some of the posts and another for others;
 * each such note is warned of. from, to: their days.
 */
bool sampling_is_broken(struct db *db, const struct sampling *s, int32_t from, int32_t to,
                        struct warnings *w, bool *broken, struct fail *f);
/* age_hours: the one age that is chosen whatever comes; 0: the best of the usual four. */
void sampling_init(struct sampling *s, int figure, double age_hours);
void sampling_clear(struct sampling *s);
/* A post goes by; *index its place among the kept (-1: not kept). False with *f. */
bool sampling_add(struct sampling *s, struct db *db, const struct post_view *p, uint32_t member,
                  int64_t *index, struct fail *f);
/* Chooses the age: the default where AGE_SHARE_MIN of each group has it, else the largest that they
 * have, else -1. groups: the bits that each must be looked at; 0: all posts as one. */
void sampling_choose(struct sampling *s, uint32_t groups);
/* The value of a kept post as chosen; false when it has none. */
bool sampling_value(const struct sampling *s, size_t i, double *value);
/* Why a kept post has no value: true when it was too young, false when its readings came too late.
 */
bool sampling_is_young(const struct sampling *s, size_t i);
int32_t sampling_stratum(int platform, int32_t day);
/* Numbers the strata of posts anew, without gaps; returns how many. False when out of memory. */
bool strata_compact(struct group_post *posts, size_t n, int32_t *n_strata);
/* age-unequal, readings-fell, uneven-parts, as they are due. */
void sampling_warn(const struct sampling *s, struct warnings *w);
