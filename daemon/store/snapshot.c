#include "store/snapshot.h"
#include "base/ceilings.h"
#include "base/text.h"
#include "store/reach.h"
#include "store/settings.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct snapshots {
    pthread_key_t key;
    char *path;
};

/* One way to read; the connection is NULL until it is used. */
struct reader {
    char regions[REACH_TEXT];
    enum reach_depth depth;
    struct db *db;
};
/* What a thread reads by. The first sees everything, the others less, the last used first. */
struct readers {
    int in_use;
    struct reader of[READER_REACHES];
};

static void close_readers(void *arg)
{
    struct readers *r = arg;

    for (int i = 0; r && i < READER_REACHES; i++)
        db_close(r->of[i].db);
    free(r);
}

struct snapshots *snapshots_open(const char *path, struct fail *f)
{
    struct snapshots *s = calloc(1, sizeof *s);

    if (s && (s->path = strdup(path)) && pthread_key_create(&s->key, close_readers) == 0)
        return s;
    if (s)
        free(s->path);
    free(s);
    fail_memory(f);
    return NULL;
}

void snapshots_close(struct snapshots *s)
{
    if (!s)
        return;
    close_readers(pthread_getspecific(s->key));
    pthread_key_delete(s->key);
    free(s->path);
    free(s);
}

static struct readers *readers_of(struct snapshots *s, struct fail *f)
{
    struct readers *r = pthread_getspecific(s->key);

    if (r)
        return r;
    r = calloc(1, sizeof *r);
    if (r && pthread_setspecific(s->key, r) == 0)
        return r;
    free(r);
    fail_memory(f);
    return NULL;
}

static bool is_so(const struct reader *r, const char *regions, enum reach_depth depth)
{
    return r->depth == depth && strcmp(r->regions, regions) == 0;
}

bool snapshot_reach(struct snapshots *s, const char *regions, enum reach_depth depth,
                    struct fail *f)
{
    struct readers *r = readers_of(s, f);
    struct reader found;
    int i = 0;

    if (!r)
        return false;
    if (strlen(regions) >= REACH_TEXT)
        return fail_set(f, FAIL_INTERNAL, "bad-region", NULL, "There are too many regions.");
    while (i < READER_REACHES - 1 && !is_so(&r->of[i], regions, depth))
        i++;
    if (!is_so(&r->of[i], regions, depth)) { /* the last one makes room */
        db_close(r->of[i].db);
        r->of[i].db = NULL;
        r->of[i].depth = depth;
        text_copy(r->of[i].regions, REACH_TEXT, regions);
    }
    if (i > 1) { /* to the front of those that see less */
        found = r->of[i];
        memmove(&r->of[2], &r->of[1], (size_t)(i - 1) * sizeof found);
        r->of[i = 1] = found;
    }
    r->in_use = i;
    return true;
}

struct db *snapshot_begin(struct snapshots *s, int64_t *revision, struct fail *f)
{
    struct readers *r = readers_of(s, f);
    struct reader *now;
    struct db *db;

    if (!r)
        return NULL;
    now = &r->of[r->in_use];
    db = now->db;
    if (!db) {
        db = db_open(s->path, DB_READ, READER_CACHE_KIB, f);
        if (!db)
            return NULL;
        if ((now->regions[0] || now->depth != REACH_WHOLE) &&
            !reach_narrow(db, now->regions, now->depth, f)) {
            db_close(db);
            return NULL;
        }
        now->db = db;
    }
    db_deadline(db, QUERY_DEADLINE_MS);
    if (!revision_hold(db, revision, f)) {
        db_deadline(db, 0);
        return NULL;
    }
    if (now->regions[0])
        *revision = 0;
    return db;
}

void snapshot_end(struct db *db)
{
    if (!db)
        return;
    revision_release(db);
    db_deadline(db, 0);
}
