#include "record/record.h"

#include <string.h>

const char *const post_metric_names[POST_METRIC_COUNT] = {
    "likes",       "comments", "shares", "saves",    "follows", "reach",
    "impressions", "views",    "clicks", "sessions", "users",   "conversions",
};
const char *const traffic_metric_names[TRAFFIC_METRIC_COUNT] = {"sessions", "users",
                                                                "engaged_sessions", "conversions"};

static int name_index(const char *const *names, int n, const char *name)
{
    for (int i = 0; i < n; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return -1;
}

int post_metric(const char *name)
{
    return name_index(post_metric_names, POST_METRIC_COUNT, name);
}

int traffic_metric(const char *name)
{
    return name_index(traffic_metric_names, TRAFFIC_METRIC_COUNT, name);
}

bool post_metric_is_additive(int metric)
{
    return metric != POST_REACH - POST_FIRST_METRIC && metric != POST_USERS - POST_FIRST_METRIC;
}

bool traffic_metric_is_additive(int metric)
{
    return metric != TRAFFIC_USERS - TRAFFIC_FIRST_METRIC;
}

int64_t post_engagement(const int64_t metric[POST_METRIC_COUNT], uint32_t *parts)
{
    static const int of[] = {POST_LIKES, POST_COMMENTS, POST_SHARES, POST_SAVES, POST_CLICKS};
    int64_t sum = COUNT_ABSENT;
    uint32_t seen = 0;

    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        int m = of[i] - POST_FIRST_METRIC;

        if (metric[m] == COUNT_ABSENT)
            continue;
        sum = (sum == COUNT_ABSENT ? 0 : sum) + metric[m];
        seen |= 1u << m;
    }
    if (parts)
        *parts = seen;
    return sum;
}
