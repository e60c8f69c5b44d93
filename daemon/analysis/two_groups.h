/*
 * Two groups of posts on one figure: y = ln(1 + value), compared within strata
 * (platform by 28-day block), so that neither a platform nor a season passes for an
 * effect of the type. Two errors are computed, one for posts that stand alone
 * (HC2 with Bell & McCaffrey's degrees of freedom), one for posts of a day that
 * go up and down together (clusters by day); the larger p is reported. Where the
 * smaller group has fewer than 8 posts a permutation within strata decides.
 *
 * Sources: Bell & McCaffrey 2002, Imbens & Kolesar 2016; Chung & Romano 2013 for
 * the studentized permutation; Brunner & Munzel 2000. Pure and deterministic.
 */
#pragma once
#include "analysis/cells.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    GROUP_MIN = 3,                /* posts of a group; below, nothing is concluded */
    GROUP_SMALL = 8,              /* below, permutation decides */
    PERMUTATION_POSTS_MAX = 2000, /* of low counts, past which the t distributions serve */
    ARRANGEMENTS_ALL_MAX = 20000, /* all are gone through up to here; else a sample of */
    ARRANGEMENTS_DRAWN = 4999,
};
/* Of both groups together; below, ln(1 + value) flattens differences. */
#define LOW_COUNT_MEDIAN 5

struct group_post {
    double value;    /* from 0 */
    int32_t stratum; /* 0 .. n_strata - 1 */
    int32_t day;
    bool in_a;
};

enum groups_outcome {
    GROUPS_JUDGED,
    GROUPS_TOO_FEW,  /* fewer than GROUP_MIN in one of them */
    GROUPS_UNMIXED,  /* no stratum, or too few posts in strata, that both groups share */
    GROUPS_CONSTANT, /* no spread within the groups: nothing to judge by */
    GROUPS_ZERO,     /* one of them has nothing at all: there is no ratio */
    GROUPS_BROKEN,   /* the figure changed its meaning among the posts, as the caller knows */
    GROUPS_MEMORY,
};
enum groups_method { METHOD_HC2_BM, METHOD_CLUSTER_DAY, METHOD_PERMUTATION, METHOD_COUNT };
extern const char *const groups_method_names[METHOD_COUNT];

struct groups_finding {
    size_t n_a, n_b;       /* given */
    size_t used_a, used_b; /* in strata that both groups share */
    int strata_used, days_used;
    /* of ln(1 + value): a minus b; for GROUPS_JUDGED */
    double beta;
    double se_hc2, df_bm, p_hc2;
    double se_day, df_day, p_day; /* 0, 0, 1 where the days do not allow it */
    double error, df;             /* of the larger p */
    double low, high;             /* at the level asked, by error and df */
    double low90, high90;
    double p;
    enum groups_method method;
    double arrangements; /* that there are; 0 unless permuted */
    double p_floor;      /* the least p that so few posts can have; 0 unless permuted */
    bool low_counts;
    double ratio_of_means;         /* Mantel-Haenszel; NAN when b is all zero */
    bool has_superiority;          /* its probability; */
    bool has_superiority_interval; /* not where the groups are wholly apart */
    double superiority, superiority_low, superiority_high; /* P(a > b) + P(equal) / 2 */
    double superiority_df, superiority_p;
};
/*
 * a, b: the groups, added up. posts: the same posts one by one, n of them, with their order of
 * value (see group_posts_sort), or NULL where there are too many to keep: then there is no
 * permutation and no superiority. Strata are 0..n_strata-1.
 */
enum groups_outcome groups_judge(const struct cells *a, const struct cells *b, int32_t n_strata,
                                 const struct group_post *posts, const uint32_t *order, size_t n,
                                 double level, struct groups_finding *g);
/* Adds the posts up and judges them. */
enum groups_outcome groups_judge_posts(const struct group_post *posts, size_t n, int32_t n_strata,
                                       double level, struct groups_finding *g);

/* Posts in order of value, by their bits: stable and linear. False when out of memory. */
bool group_posts_sort(const struct group_post *posts, size_t n, uint32_t *order);
