/*
 * Answers kept ready to send, by question and revision. An entry of an older
 * revision is never used; nothing is ever invalidated by hand. Bounded in
 * entries and bytes; the one used longest ago makes room.
 */
#pragma once
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

struct cache;
/* One that is kept; it stays whole while somebody holds it, also when it has made room. */
struct kept {
    void *response;
    int64_t rows; /* that it has */
    atomic_int holders;
};

/* release: ends what cache_put() was given. NULL when out of memory. */
struct cache *cache_new(void (*release)(void *response));
/* Nobody holds one any more. */
void cache_free(struct cache *c);
/* The answer to this question; NULL when there is none. End with cache_let_go(). */
struct kept *cache_hold(struct cache *c, const char *key, int64_t revision);
void cache_let_go(struct cache *c, struct kept *k); /* NULL: nothing */
/* Takes the response over: keeps it, or releases it at once when it is too large. rows: that it
 * has, for who uses it. */
void cache_put(struct cache *c, const char *key, int64_t revision, void *response, size_t bytes,
               int64_t rows);
