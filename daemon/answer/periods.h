/*
 * Counts of stated periods (Twitter's exports) and of single days (Meta's daily breakdown), added
 * up to what a post had collected by the end of each: from the day of its publication on, without a
 * gap, and never of two that overlap. What people are counted in is not added up.
 */
#pragma once
#include "store/post_reads.h"

enum { PERIODS_MAX = 800 }; /* periods of one post that are looked at */

/* What a post had by the end of a day. */
struct sum_reading {
    int64_t end_ms;
    int64_t metric[POST_METRIC_COUNT];
};
struct period_sums {
    struct observation_view at[PERIODS_MAX]; /* as they come; of one cover the latest */
    int n;
};
/* Takes a reading; those of a whole life are passed over. */
void period_take(struct period_sums *p, const struct observation_view *o);
/* Adds up; at most `max` into out. Returns how many: 0 where the counts do not begin with the post.
 */
int period_add_up(struct period_sums *p, int32_t posted_day, struct sum_reading *out, int max);
