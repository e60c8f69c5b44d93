/* Every module's statements, so that a test can prepare each against a fresh database. */
#include "store/db.h"

extern const struct db_sql settings_sql, accounts_sql, posts_sql, claims_sql, observations_sql,
    post_reads_sql, traffic_sql, traffic_reads_sql, sources_sql, imports_sql, undo_sql,
    definitions_sql, types_sql, export_sql, keeper_sql, notes_sql, experiments_sql, forget_sql,
    reach_sql;

const struct db_sql *const db_all_sql[DB_MODULE_COUNT] = {
    [DB_SETTINGS] = &settings_sql,
    [DB_ACCOUNTS] = &accounts_sql,
    [DB_POSTS] = &posts_sql,
    [DB_CLAIMS] = &claims_sql,
    [DB_OBSERVATIONS] = &observations_sql,
    [DB_POST_READS] = &post_reads_sql,
    [DB_TRAFFIC] = &traffic_sql,
    [DB_TRAFFIC_READS] = &traffic_reads_sql,
    [DB_SOURCES] = &sources_sql,
    [DB_IMPORTS] = &imports_sql,
    [DB_UNDO] = &undo_sql,
    [DB_DEFINITIONS] = &definitions_sql,
    [DB_TYPES] = &types_sql,
    [DB_EXPORT] = &export_sql,
    [DB_KEEPER] = &keeper_sql,
    [DB_NOTES] = &notes_sql,
    [DB_EXPERIMENTS] = &experiments_sql,
    [DB_FORGET] = &forget_sql,
    [DB_REACH] = &reach_sql,
};
