#include "store/snapshot.h"
#include "base/ceilings.h"
#include "store/settings.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct snapshots {
    pthread_key_t key;
    char *path;
};

static void close_db(void *db)
{
    db_close(db);
}

struct snapshots *snapshots_open(const char *path, struct fail *f)
{
    struct snapshots *s = calloc(1, sizeof *s);

    if (s && (s->path = strdup(path)) && pthread_key_create(&s->key, close_db) == 0)
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
    db_close(pthread_getspecific(s->key));
    pthread_key_delete(s->key);
    free(s->path);
    free(s);
}

struct db *snapshot_begin(struct snapshots *s, int64_t *revision, struct fail *f)
{
    struct db *db = pthread_getspecific(s->key);

    if (!db) {
        db = db_open(s->path, DB_READ, READER_CACHE_KIB, f);
        if (!db)
            return NULL;
        if (pthread_setspecific(s->key, db) != 0) {
            db_close(db);
            fail_memory(f);
            return NULL;
        }
    }
    db_deadline(db, QUERY_DEADLINE_MS);
    if (!revision_hold(db, revision, f)) {
        db_deadline(db, 0);
        return NULL;
    }
    return db;
}

void snapshot_end(struct db *db)
{
    if (!db)
        return;
    revision_release(db);
    db_deadline(db, 0);
}
