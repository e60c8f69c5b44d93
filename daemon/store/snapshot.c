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

/* What a thread reads by. The first is of all regions, the others of some, the last used first. */
struct readers {
    int in_use;
    struct {
        char regions[REACH_TEXT];
        struct db *db; /* NULL: not opened yet */
    } of[READER_REACHES];
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

bool snapshot_reach(struct snapshots *s, const char *regions, struct fail *f)
{
    struct readers *r = readers_of(s, f);
    int i = 0;

    if (!r)
        return false;
    if (strlen(regions) >= REACH_TEXT)
        return fail_set(f, FAIL_INTERNAL, "bad-region", NULL, "There are too many regions.");
    while (i < READER_REACHES - 1 && strcmp(r->of[i].regions, regions) != 0)
        i++;
    if (strcmp(r->of[i].regions, regions) != 0) { /* the last one makes room */
        db_close(r->of[i].db);
        r->of[i].db = NULL;
        text_copy(r->of[i].regions, REACH_TEXT, regions);
    }
    while (*regions && i > 1) { /* to the front of those of some regions */
        char between[REACH_TEXT];
        struct db *db = r->of[i].db;

        text_copy(between, sizeof between, r->of[i].regions);
        text_copy(r->of[i].regions, REACH_TEXT, r->of[i - 1].regions);
        r->of[i].db = r->of[i - 1].db;
        text_copy(r->of[i - 1].regions, REACH_TEXT, between);
        r->of[--i].db = db;
    }
    r->in_use = i;
    return true;
}

struct db *snapshot_begin(struct snapshots *s, int64_t *revision, struct fail *f)
{
    struct readers *r = readers_of(s, f);
    const char *regions;
    struct db *db;

    if (!r)
        return NULL;
    regions = r->of[r->in_use].regions;
    db = r->of[r->in_use].db;
    if (!db) {
        db = db_open(s->path, DB_READ, READER_CACHE_KIB, f);
        if (!db)
            return NULL;
        if (*regions && !reach_narrow(db, regions, f)) {
            db_close(db);
            return NULL;
        }
        r->of[r->in_use].db = db;
    }
    db_deadline(db, QUERY_DEADLINE_MS);
    if (!revision_hold(db, revision, f)) {
        db_deadline(db, 0);
        return NULL;
    }
    if (*regions)
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
