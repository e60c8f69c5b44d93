#include "store/migrate.h"
#include "base/embedded.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char prefix[] = "sql/";

int migrate_version(void)
{
    int n = 0;

    for (const struct embedded_file *e = embedded_files; e->path; e++)
        if (strncmp(e->path, prefix, sizeof prefix - 1) == 0)
            n++;
    return n;
}

static bool apply(struct db *db, const char *sql, int version, struct fail *f)
{
    char pragma[64];

    snprintf(pragma, sizeof pragma, "PRAGMA user_version=%d", version);
    if (!db_exec(db, "BEGIN IMMEDIATE", f))
        return false;
    if (!db_exec(db, sql, f) || !db_exec(db, pragma, f) || !db_exec(db, "COMMIT", f)) {
        struct fail ignored = {0};

        db_exec(db, "ROLLBACK", &ignored);
        return false;
    }
    return true;
}

bool migrate_check(struct db *db, bool *is_new, int64_t *version, struct fail *f)
{
    int64_t application = 0, tables = 0;

    *version = 0;
    if (!db_query_int(db, "PRAGMA application_id", &application, f) ||
        !db_query_int(db, "PRAGMA user_version", version, f) ||
        !db_query_int(db, "SELECT count(*) FROM sqlite_schema", &tables, f))
        return false;
    *is_new = application == 0;
    if (application != STORE_APPLICATION_ID && (application != 0 || *version != 0 || tables != 0))
        return fail_set(f, FAIL_INTERNAL, "foreign-database", NULL,
                        "This SQLite file was not made by postlift; it is left alone.");
    if (*version > migrate_version())
        return fail_set(f, FAIL_INTERNAL, "newer-database", NULL,
                        "The database was written by a newer postlift (its schema is %" PRId64
                        ", this program knows up to %d); start that one, or restore a backup.",
                        *version, migrate_version());
    return true;
}

bool migrate(struct db *db, struct fail *f)
{
    int64_t version;
    char pragma[64];
    bool is_new;
    int n = 0;

    if (!migrate_check(db, &is_new, &version, f))
        return false;
    snprintf(pragma, sizeof pragma, "PRAGMA application_id=%d", STORE_APPLICATION_ID);
    if (is_new && !db_exec(db, pragma, f))
        return false;
    for (const struct embedded_file *e = embedded_files; e->path; e++) {
        if (strncmp(e->path, prefix, sizeof prefix - 1) != 0)
            continue;
        if (++n > version && !apply(db, e->text, n, f))
            return false;
    }
    return true;
}
