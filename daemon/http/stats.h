/* Counts of what the HTTP side has done, for /metrics. Any thread. */
#pragma once
#include <stdatomic.h>
#include <stdint.h>

enum { STATS_ROUTES_MAX = 96, STATS_CLASSES = 6 };

struct http_stats {
    _Atomic int64_t
        requests[STATS_ROUTES_MAX + 1][STATS_CLASSES]; /* by route; the last: no route */
    _Atomic int64_t unknown_callers;                   /* answered 401 */
    _Atomic int64_t guard_refused;                     /* answered 400 by our guard */
    _Atomic int64_t library_errors; /* what the library refused or broke off by itself */
    _Atomic int64_t deadline_cut;   /* slow clients */
    _Atomic int64_t connections;    /* open now */
    _Atomic int64_t cache_hits, cache_misses, not_modified;
};
extern struct http_stats http_stats;
