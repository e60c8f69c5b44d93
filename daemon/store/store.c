#include "store/store.h"
#include "base/ceilings.h"
#include "base/log.h"
#include "store/migrate.h"
#include "store/settings.h"
#include "store/types.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

/* Locks of network file systems are not to be trusted with a database. */
static void warn_network_file_system(const char *path)
{
    static const struct {
        long magic;
        const char *name;
    } remote[] = {
        {0x6969, "NFS"},    {0xff534d42, "CIFS"}, {0xfe534d42, "SMB2"}, {0x517b, "SMB"},
        {0x01021997, "9P"}, {0x65735546, "FUSE"}, {0x5346414f, "AFS"},  {0x00c36400, "CephFS"},
    };
    struct statfs fs;

    if (statfs(path, &fs) != 0)
        return;
    for (size_t i = 0; i < sizeof remote / sizeof *remote; i++)
        if (((unsigned long)fs.f_type & 0xffffffffu) == (unsigned long)remote[i].magic)
            log_line(LOG_LEVEL_WARNING,
                     "warning: the database lies on %s; SQLite is safe on a local disk only",
                     remote[i].name);
}

static bool take_lock(struct store *st, struct fail *f)
{
    size_t size = strlen(st->path) + 6;
    char *lock = malloc(size);
    int error;

    if (!lock)
        return fail_memory(f);
    snprintf(lock, size, "%s.lock", st->path);
    st->lock_fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    error = errno;
    free(lock);
    if (st->lock_fd < 0)
        return fail_set(f, FAIL_INTERNAL, "database", NULL, "The database %s cannot be opened: %s.",
                        st->path, strerror(error));
    if (flock(st->lock_fd, LOCK_EX | LOCK_NB) != 0)
        return fail_set(f, FAIL_INTERNAL, "database-in-use", NULL,
                        "Another postliftd is running with the database %s; one process alone "
                        "owns it.",
                        st->path);
    return true;
}

static bool zone_fits(const char *have, const char *wanted, struct fail *f)
{
    return strcmp(have, wanted) == 0 ||
           fail_set(f, FAIL_INTERNAL, "timezone-fixed", NULL,
                    "The days of this database are days of %s; it cannot be opened with the time "
                    "zone %s.",
                    have, wanted);
}

static bool settle_zone(struct store *st, const char *wanted, struct fail *f)
{
    if (!settings_get(st->db, "timezone", st->timezone, sizeof st->timezone, f))
        return false;
    if (st->timezone[0] && wanted && !zone_fits(st->timezone, wanted, f))
        return false;
    if (!st->timezone[0]) {
        snprintf(st->timezone, sizeof st->timezone, "%s", wanted ? wanted : "UTC");
        st->created = true;
    }
    st->zone = zone_open(st->timezone);
    if (!st->zone)
        return fail_set(f, FAIL_INTERNAL, "unknown-timezone", NULL,
                        "There is no time zone \"%s\"; names look like Europe/Berlin.",
                        st->timezone);
    return !st->created || settings_set(st->db, "timezone", st->timezone, f);
}

/* A setting of so many random bytes in hex, made where there is none yet. */
static bool settle_random(struct store *st, const char *name, size_t bytes, char *hex,
                          struct fail *f)
{
    unsigned char random[VEIL_KEY];

    if (!settings_get(st->db, name, hex, 2 * bytes + 1, f))
        return false;
    if (hex[0])
        return true;
    if (getrandom(random, bytes, 0) != (ssize_t)bytes)
        return fail_set(f, FAIL_INTERNAL, "no-random", NULL, "The system gives no random bytes.");
    for (size_t i = 0; i < bytes; i++)
        snprintf(hex + 2 * i, 3, "%02x", random[i]);
    return settings_set(st->db, name, hex, f);
}

static bool settle_ids(struct store *st, struct fail *f)
{
    char key[2 * VEIL_KEY + 1];

    if (!settle_random(st, "database_id", 8, st->database_id, f) ||
        !settle_random(st, "veil_key", VEIL_KEY, key, f))
        return false;
    return sodium_hex2bin(st->veil_key, sizeof st->veil_key, key, strlen(key), NULL, NULL, NULL) ==
               0 ||
           fail_set(f, FAIL_INTERNAL, "bad-setting", NULL,
                    "The setting veil_key of the database is no %d bytes in hex.", VEIL_KEY);
}

struct store *store_open(const char *path, const char *timezone, struct fail *f)
{
    struct store *st = calloc(1, sizeof *st);

    if (!st)
        goto memory;
    st->lock_fd = -1;
    st->path = realpath(path, NULL); /* whatever names lead to one file lead to one lock */
    if (!st->path)
        st->path = strdup(path);
    st->accounts = account_cache_new();
    st->types = type_book_new();
    if (!st->path || !st->accounts || !st->types)
        goto memory;
    if (!take_lock(st, f))
        goto fail;
    warn_network_file_system(path);
    st->db = db_open(st->path, DB_WRITE, WRITER_CACHE_KIB, f);
    if (!st->db || !migrate(st->db, f) || !settle_zone(st, timezone, f) || !settle_ids(st, f))
        goto fail;
    return st;
memory:
    fail_memory(f);
fail:
    store_close(st);
    return NULL;
}

void store_forget(struct store *st)
{
    account_cache_empty(st->accounts);
    type_book_empty(st->types);
}

void store_close(struct store *st)
{
    if (!st)
        return;
    db_close(st->db);
    zone_close(st->zone);
    account_cache_free(st->accounts);
    type_book_free(st->types);
    if (st->lock_fd >= 0)
        close(st->lock_fd);
    free(st->path);
    free(st);
}

bool store_check(const char *path, const char *timezone, struct fail *f)
{
    struct db *db = db_open(path, DB_READ, READER_CACHE_KIB, f);
    char have[64] = "";
    int64_t version;
    bool is_new, ok;

    ok = db && migrate_check(db, &is_new, &version, f) &&
         (is_new || settings_get(db, "timezone", have, sizeof have, f)) &&
         (!have[0] || !timezone || zone_fits(have, timezone, f));
    db_close(db);
    return ok;
}
