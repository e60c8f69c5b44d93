/*
 * Answers kept ready to send, by question and revision. An entry of an older
 * revision is never used; nothing is ever invalidated by hand. Bounded in
 * entries and bytes; the one used longest ago makes room.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cache;

/* release: ends what cache_put() was given. NULL when out of memory. */
struct cache *cache_new(void (*release)(void *response));
void cache_free(struct cache *c);
/*
 * Finds an answer and calls use() with it, under a lock: it must be short. False when there is
 * none.
 */
bool cache_use(struct cache *c, const char *key, int64_t revision,
               void (*use)(void *ctx, void *response, int64_t rows), void *ctx);
/* Takes the response over: keeps it, or releases it at once when it is too large. rows: that it
 * has, for who uses it. */
void cache_put(struct cache *c, const char *key, int64_t revision, void *response, size_t bytes,
               int64_t rows);
