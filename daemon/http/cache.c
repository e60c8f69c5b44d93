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
    void *response;
    size_t bytes;
    int64_t rows;
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

static void drop(struct cache *c, struct shard *s, struct entry *e)
{
    if (!e->key)
        return;
    s->bytes -= e->bytes;
    c->release(e->response);
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

bool cache_use(struct cache *c, const char *key, int64_t revision,
               void (*use)(void *ctx, void *response, int64_t rows), void *ctx)
{
    uint64_t hash = hash_of(key);
    struct shard *s = &c->shard[hash % SHARDS];
    struct entry *e;
    bool hit;

    pthread_mutex_lock(&s->lock);
    e = find(s, key, hash);
    hit = e && e->revision == revision;
    if (hit) {
        e->used = ++s->clock;
        use(ctx, e->response, e->rows);
    }
    pthread_mutex_unlock(&s->lock);
    return hit;
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
    struct entry *e;

    bytes += strlen(key) + sizeof *e;
    if (!copy || bytes > ANSWER_CACHE_BYTES / SHARDS) {
        free(copy);
        c->release(response);
        return;
    }
    pthread_mutex_lock(&s->lock);
    e = find(s, key, hash);
    if (e)
        drop(c, s, e);
    while (s->bytes + bytes > ANSWER_CACHE_BYTES / SHARDS && (e = oldest_used(s)) != NULL)
        drop(c, s, e);
    e = oldest(s);
    drop(c, s, e);
    *e = (struct entry){copy, hash, revision, ++s->clock, response, bytes, rows};
    s->bytes += bytes;
    pthread_mutex_unlock(&s->lock);
}
