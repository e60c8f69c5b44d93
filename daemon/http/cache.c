#include "http/cache.h"
#include "base/ceilings.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { SHARDS = 8, SHARD_ENTRIES = ANSWER_CACHE_ENTRIES / SHARDS };

struct entry {
    char *key; /* NULL: free */
    uint64_t hash;
    int64_t revision, used;
    struct kept *kept;
    size_t bytes;
};

struct shard {
    pthread_mutex_t lock;
    struct entry entry[SHARD_ENTRIES];
    size_t bytes;
    int64_t clock;
};

struct cache {
    void (*release)(void *response);
    struct shard shard[SHARDS];
};

/* FNV-1a. */
static uint64_t hash_of(const char *key)
{
    uint64_t h = 14695981039346656037ull;

    for (; *key; key++)
        h = (h ^ (unsigned char)*key) * 1099511628211ull;
    return h;
}

struct cache *cache_new(void (*release)(void *response))
{
    struct cache *c = calloc(1, sizeof *c);

    if (!c)
        return NULL;
    c->release = release;
    for (int i = 0; i < SHARDS; i++)
        pthread_mutex_init(&c->shard[i].lock, NULL);
    return c;
}

void cache_let_go(struct cache *c, struct kept *k)
{
    if (!k || atomic_fetch_sub(&k->holders, 1) > 1)
        return;
    c->release(k->response);
    free(k);
}

static void drop(struct cache *c, struct shard *s, struct entry *e)
{
    if (!e->key)
        return;
    s->bytes -= e->bytes;
    cache_let_go(c, e->kept);
    free(e->key);
    memset(e, 0, sizeof *e);
}

void cache_free(struct cache *c)
{
    if (!c)
        return;
    for (int i = 0; i < SHARDS; i++) {
        for (int k = 0; k < SHARD_ENTRIES; k++)
            drop(c, &c->shard[i], &c->shard[i].entry[k]);
        pthread_mutex_destroy(&c->shard[i].lock);
    }
    free(c);
}

static struct entry *find(struct shard *s, const char *key, uint64_t hash)
{
    for (int k = 0; k < SHARD_ENTRIES; k++)
        if (s->entry[k].key && s->entry[k].hash == hash && strcmp(s->entry[k].key, key) == 0)
            return &s->entry[k];
    return NULL;
}

struct kept *cache_hold(struct cache *c, const char *key, int64_t revision)
{
    uint64_t hash = hash_of(key);
    struct shard *s = &c->shard[hash % SHARDS];
    struct kept *kept = NULL;
    struct entry *e;

    pthread_mutex_lock(&s->lock);
    e = find(s, key, hash);
    if (e && e->revision == revision) {
        e->used = ++s->clock;
        kept = e->kept;
        atomic_fetch_add(&kept->holders, 1);
    }
    pthread_mutex_unlock(&s->lock);
    return kept;
}

static struct entry *oldest(struct shard *s)
{
    struct entry *old = &s->entry[0];

    for (int k = 0; k < SHARD_ENTRIES; k++) {
        if (!s->entry[k].key)
            return &s->entry[k];
        if (s->entry[k].used < old->used)
            old = &s->entry[k];
    }
    return old;
}

/* The entry in use longest ago, or NULL when the shard is empty. */
static struct entry *oldest_used(struct shard *s)
{
    struct entry *old = NULL;

    for (int k = 0; k < SHARD_ENTRIES; k++)
        if (s->entry[k].key && (!old || s->entry[k].used < old->used))
            old = &s->entry[k];
    return old;
}

void cache_put(struct cache *c, const char *key, int64_t revision, void *response, size_t bytes,
               int64_t rows)
{
    uint64_t hash = hash_of(key);
    struct shard *s = &c->shard[hash % SHARDS];
    char *copy = strdup(key);
    struct kept *kept = malloc(sizeof *kept);
    struct entry *e;

    bytes += strlen(key) + sizeof *e + sizeof *kept;
    if (!copy || !kept || bytes > ANSWER_CACHE_BYTES / SHARDS) {
        free(copy);
        free(kept);
        c->release(response);
        return;
    }
    kept->response = response;
    kept->rows = rows;
    atomic_init(&kept->holders, 1);
    pthread_mutex_lock(&s->lock);
    e = find(s, key, hash);
    if (e)
        drop(c, s, e);
    while (s->bytes + bytes > ANSWER_CACHE_BYTES / SHARDS && (e = oldest_used(s)) != NULL)
        drop(c, s, e);
    e = oldest(s);
    drop(c, s, e);
    *e = (struct entry){copy, hash, revision, ++s->clock, kept, bytes};
    s->bytes += bytes;
    pthread_mutex_unlock(&s->lock);
}
