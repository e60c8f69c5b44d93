#include "store/settings.h"

#include <stdio.h>

enum { SQL_GET, SQL_SET, SQL_REVISION, SQL_HOLD, SQL_BUMP, SQL_COUNT };
static const char *const texts[SQL_COUNT] = {
    [SQL_GET] = "SELECT value FROM settings WHERE name = ?1",
    [SQL_SET] = "INSERT INTO settings (name, value) VALUES (?1, ?2)"
                " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    [SQL_REVISION] = "SELECT revision FROM revision",
    [SQL_HOLD] = "SELECT revision FROM revision",
    [SQL_BUMP] = "UPDATE revision SET revision = revision + 1",
};
const struct db_sql settings_sql = {DB_SETTINGS, SQL_COUNT, texts};

bool settings_get(struct db *db, const char *name, char *value, size_t size, struct fail *f)
{
    struct db_stmt *s = db_get(db, &settings_sql, SQL_GET, f);
    enum db_result r;

    if (!s)
        return false;
    db_bind_text(s, 1, name);
    r = db_step(s, f);
    snprintf(value, size, "%s", r == DB_ROW ? db_text(s, 0) : "");
    db_reset(s);
    return r != DB_ERROR;
}

bool settings_set(struct db *db, const char *name, const char *value, struct fail *f)
{
    struct db_stmt *s = db_get(db, &settings_sql, SQL_SET, f);

    if (!s)
        return false;
    db_bind_text(s, 1, name);
    db_bind_text(s, 2, value);
    return db_run(s, f);
}

bool revision_get(struct db *db, int64_t *revision, struct fail *f)
{
    struct db_stmt *s = db_get(db, &settings_sql, SQL_REVISION, f);
    enum db_result r;

    if (!s)
        return false;
    r = db_step(s, f);
    if (r == DB_ROW)
        *revision = db_int(s, 0);
    db_reset(s);
    return r == DB_ROW ||
           fail_set(f, FAIL_INTERNAL, "no-revision", NULL, "The database has no revision.");
}

bool revision_hold(struct db *db, int64_t *revision, struct fail *f)
{
    struct db_stmt *s = db_get(db, &settings_sql, SQL_HOLD, f);
    enum db_result r;

    if (!s)
        return false;
    r = db_step(s, f);
    if (r == DB_ROW)
        *revision = db_int(s, 0);
    return r == DB_ROW ||
           fail_set(f, FAIL_INTERNAL, "no-revision", NULL, "The database has no revision.");
}

void revision_release(struct db *db)
{
    struct fail ignored = {0};
    struct db_stmt *s = db_get(db, &settings_sql, SQL_HOLD, &ignored);

    if (s)
        db_reset(s);
}

bool revision_bump(struct db *db, struct fail *f)
{
    struct db_stmt *s = db_get(db, &settings_sql, SQL_BUMP, f);

    return s && db_run(s, f);
}
