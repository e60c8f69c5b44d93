#include "store/experiments.h"
#include "base/day.h"
#include "base/text.h"
#include "record/record.h"

#include <string.h>

#define FIELDS \
    "slug, name, question, design, posts, metric, source, region, campaign, secondary, day_start," \
    " day_end, baseline_days, control, margin, seed, leave_out, calendar, follow_ups, stated_at," \
    " after_the_fact, state, stopped_day, import_id"
#define VALUES \
    "?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21," \
    " ?22, ?23, ?24, ?25"

enum {
    SQL_EACH,
    SQL_FIND,
    SQL_ADD,
    SQL_CHANGE,
    SQL_STATE,
    SQL_DELETE,
    SQL_COUNT_ALL,
    SQL_LOG_ADD,
    SQL_LOG,
    SQL_FINDING_ADD,
    SQL_FINDINGS,
    SQL_FINDINGS_COUNT,
    SQL_COUNT
};
static const char *const texts[SQL_COUNT] = {
    [SQL_EACH] = "SELECT experiment_id, " FIELDS " FROM experiments ORDER BY experiment_id",
    [SQL_FIND] = "SELECT experiment_id, " FIELDS " FROM experiments WHERE slug = ?1",
    [SQL_ADD] = "INSERT INTO experiments (" FIELDS ") VALUES (" VALUES ")",
    [SQL_CHANGE] = "UPDATE experiments SET (" FIELDS ") = (" VALUES ") WHERE experiment_id = ?1",
    [SQL_STATE] = "UPDATE experiments SET state = ?2 WHERE experiment_id = ?1",
    [SQL_DELETE] = "DELETE FROM experiments WHERE experiment_id = ?1",
    [SQL_COUNT_ALL] = "SELECT count(*) FROM experiments",
    [SQL_LOG_ADD] = "INSERT INTO experiment_log (experiment_id, at, what, reason, detail)"
                    " SELECT ?1, ?2, ?3, ?4, ?5 WHERE NOT EXISTS (SELECT 1 FROM experiment_log"
                    " WHERE experiment_id = ?1 AND at = ?2 AND what = ?3 AND detail = ?5)",
    [SQL_LOG] = "SELECT at, what, reason, detail FROM experiment_log WHERE experiment_id = ?1"
                " ORDER BY log_id",
    [SQL_FINDING_ADD] = "INSERT INTO findings (experiment_id, n, kind, due_day, found_at,"
                        " revision, sentence, finding) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
                        " ON CONFLICT DO NOTHING",
    [SQL_FINDINGS] = "SELECT n, kind, due_day, found_at, revision, sentence, finding,"
                     " coalesce(json_extract(finding, '$.verdict'), 'cannot-tell') FROM findings "
                     "WHERE experiment_id = ?1 ORDER BY n",
    [SQL_FINDINGS_COUNT] = "SELECT count(*), coalesce(max(kind = 'end'), 0) FROM findings"
                           " WHERE experiment_id = ?1",
};
const struct db_sql experiments_sql = {DB_EXPERIMENTS, SQL_COUNT, texts};

static bool read_experiment(struct db_stmt *s, struct experiment *e, struct fail *f)
{
    const char *const text_fields[] = {db_text(s, 1),  db_text(s, 2),  db_text(s, 3),
                                       db_text(s, 4),  db_text(s, 5),  db_text(s, 7),
                                       db_text(s, 8),  db_text(s, 9),  db_text(s, 10),
                                       db_text(s, 14), db_text(s, 17), db_text(s, 18)};

    experiment_init(e);
    e->experiment_id = db_int(s, 0);
    text_copy(e->slug, sizeof e->slug, text_fields[0]);
    text_copy(e->name, sizeof e->name, text_fields[1]);
    text_copy(e->question, sizeof e->question, text_fields[2]);
    text_copy(e->design, sizeof e->design, text_fields[3]);
    text_copy(e->posts, sizeof e->posts, text_fields[4]);
    e->metric = traffic_metric(db_text(s, 6));
    text_copy(e->source, sizeof e->source, text_fields[5]);
    text_copy(e->region, sizeof e->region, text_fields[6]);
    text_copy(e->campaign, sizeof e->campaign, text_fields[7]);
    text_copy(e->secondary, sizeof e->secondary, text_fields[8]);
    e->start = (int32_t)db_int(s, 11);
    e->end = (int32_t)db_int(s, 12);
    e->baseline_days = db_int(s, 13);
    text_copy(e->control, sizeof e->control, text_fields[9]);
    e->margin = db_real(s, 15);
    e->seed = db_int(s, 16);
    text_copy(e->leave_out, sizeof e->leave_out, text_fields[10]);
    text_copy(e->calendar, sizeof e->calendar, text_fields[11]);
    e->stated_at = db_int(s, 20);
    e->after_the_fact = db_int(s, 21) != 0;
    e->state = experiment_state_of(db_text(s, 22));
    e->stopped = db_is_null(s, 23) ? DAY_NONE : (int32_t)db_int(s, 23);
    e->import_id = db_int(s, 24);
    return follow_ups_read(e, db_text(s, 19), f);
}

bool experiments_each(struct db *db, experiment_fn fn, void *ctx, struct fail *f)
{
    struct db_stmt *s = db_get(db, &experiments_sql, SQL_EACH, f);
    enum db_result r;

    if (!s)
        return false;
    while ((r = db_step(s, f)) == DB_ROW) {
        struct experiment e;

        if (!read_experiment(s, &e, f)) {
            r = DB_ERROR;
            break;
        }
        if (!fn(ctx, &e))
            break;
    }
    db_reset(s);
    return r != DB_ERROR;
}

bool experiment_none(const char *slug, struct fail *f)
{
    return fail_set(f, FAIL_NOT_FOUND, "no-experiment", NULL, "There is no experiment \"%.60s\".",
                    slug);
}

bool experiment_find(struct db *db, const char *slug, struct experiment *e, struct fail *f)
{
    struct db_stmt *s = db_get(db, &experiments_sql, SQL_FIND, f);
    enum db_result r;
    bool ok;

    if (!s)
        return false;
    db_bind_text(s, 1, slug);
    r = db_step(s, f);
    ok = r == DB_ROW && read_experiment(s, e, f);
    db_reset(s);
    return r == DB_DONE ? experiment_none(slug, f) : ok;
}

static bool is_free(struct db *db, const struct experiment *e, struct fail *f)
{
    struct experiment other;
    struct fail none = {0};
    int64_t n;

    if (experiment_find(db, e->slug, &other, &none) && other.experiment_id != e->experiment_id)
        return fail_set(f, FAIL_CONFLICT, "slug-taken", "slug",
                        "There is an experiment \"%.60s\" already.", e->slug);
    if (!db_query_int(db, texts[SQL_COUNT_ALL], &n, f))
        return false;
    return e->experiment_id || n < EXPERIMENTS_MAX ||
           fail_set(f, FAIL_UNPROCESSABLE, "too-many-experiments", NULL,
                    "There are %d experiments already.", EXPERIMENTS_MAX);
}

bool experiment_put(struct db *db, struct experiment *e, struct fail *f)
{
    char follow_ups[FOLLOW_UPS_MAX * DAY_TEXT + 1];
    struct db_stmt *s;

    if (!is_free(db, e, f))
        return false;
    s = db_get(db, &experiments_sql, e->experiment_id ? SQL_CHANGE : SQL_ADD, f);
    if (!s)
        return false;
    follow_ups_write(e, follow_ups, sizeof follow_ups);
    if (e->experiment_id)
        db_bind_int(s, 1, e->experiment_id);
    db_bind_text(s, 2, e->slug);
    db_bind_text(s, 3, e->name);
    db_bind_text(s, 4, e->question);
    db_bind_text(s, 5, e->design);
    db_bind_text(s, 6, e->posts);
    db_bind_text(s, 7, traffic_metric_names[e->metric]);
    db_bind_text(s, 8, e->source);
    db_bind_text(s, 9, e->region);
    db_bind_text(s, 10, e->campaign);
    db_bind_text(s, 11, e->secondary);
    db_bind_int(s, 12, e->start);
    db_bind_int(s, 13, e->end);
    db_bind_int(s, 14, e->baseline_days);
    db_bind_text(s, 15, e->control);
    db_bind_real(s, 16, e->margin);
    db_bind_int(s, 17, e->seed);
    db_bind_text(s, 18, e->leave_out);
    db_bind_text(s, 19, e->calendar);
    db_bind_text(s, 20, follow_ups);
    db_bind_int(s, 21, e->stated_at);
    db_bind_int(s, 22, e->after_the_fact);
    db_bind_text(s, 23, experiment_state_names[e->state]);
    if (e->stopped == DAY_NONE)
        db_bind_null(s, 24);
    else
        db_bind_int(s, 24, e->stopped);
    if (e->import_id)
        db_bind_int(s, 25, e->import_id);
    else
        db_bind_null(s, 25);
    if (!db_run(s, f))
        return false;
    if (!e->experiment_id)
        e->experiment_id = db_last_rowid(db);
    return true;
}

bool experiment_set_state(struct db *db, int64_t experiment_id, enum experiment_state state,
                          struct fail *f)
{
    struct db_stmt *s = db_get(db, &experiments_sql, SQL_STATE, f);

    if (!s)
        return false;
    db_bind_int(s, 1, experiment_id);
    db_bind_text(s, 2, experiment_state_names[state]);
    return db_run(s, f);
}

bool experiment_delete(struct db *db, int64_t experiment_id, struct fail *f)
{
    struct db_stmt *s = db_get(db, &experiments_sql, SQL_DELETE, f);

    if (!s)
        return false;
    db_bind_int(s, 1, experiment_id);
    return db_run(s, f);
}

bool experiment_log_add(struct db *db, int64_t experiment_id, const struct experiment_event *e,
                        bool *added, struct fail *f)
{
    struct db_stmt *s = db_get(db, &experiments_sql, SQL_LOG_ADD, f);

    if (!s)
        return false;
    db_bind_int(s, 1, experiment_id);
    db_bind_int(s, 2, e->at);
    db_bind_text(s, 3, e->what);
    db_bind_text(s, 4, e->reason);
    db_bind_text(s, 5, e->detail);
    if (!db_run(s, f))
        return false;
    *added = db_changes(db) > 0;
    return true;
}

bool experiment_log_each(struct db *db, int64_t experiment_id, experiment_event_fn fn, void *ctx,
                         struct fail *f)
{
    struct db_stmt *s = db_get(db, &experiments_sql, SQL_LOG, f);
    enum db_result r;

    if (!s)
        return false;
    db_bind_int(s, 1, experiment_id);
    while ((r = db_step(s, f)) == DB_ROW)
        if (!fn(ctx, &(struct experiment_event){db_int(s, 0), db_text(s, 1), db_text(s, 2),
                                                db_text(s, 3)}))
            break;
    db_reset(s);
    return r != DB_ERROR;
}

bool finding_add(struct db *db, const struct finding *found, bool *kept, struct fail *f)
{
    struct db_stmt *s = db_get(db, &experiments_sql, SQL_FINDING_ADD, f);

    if (!s)
        return false;
    db_bind_int(s, 1, found->experiment_id);
    db_bind_int(s, 2, found->n);
    db_bind_text(s, 3, found->kind);
    db_bind_int(s, 4, found->due);
    db_bind_int(s, 5, found->found_at);
    db_bind_int(s, 6, found->revision);
    db_bind_text(s, 7, found->sentence);
    db_bind_text(s, 8, found->text);
    if (!db_run(s, f))
        return false;
    *kept = db_changes(db) > 0;
    return true;
}

bool findings_each(struct db *db, int64_t experiment_id, finding_fn fn, void *ctx, struct fail *f)
{
    struct db_stmt *s = db_get(db, &experiments_sql, SQL_FINDINGS, f);
    enum db_result r;

    if (!s)
        return false;
    db_bind_int(s, 1, experiment_id);
    while ((r = db_step(s, f)) == DB_ROW)
        if (!fn(ctx, &(struct finding){experiment_id, (int)db_int(s, 0), db_text(s, 1),
                                       (int32_t)db_int(s, 2), db_int(s, 3), db_int(s, 4),
                                       db_text(s, 7), db_text(s, 5), db_text(s, 6)}))
            break;
    db_reset(s);
    return r != DB_ERROR;
}

bool findings_count(struct db *db, int64_t experiment_id, int *n, bool *end, struct fail *f)
{
    struct db_stmt *s = db_get(db, &experiments_sql, SQL_FINDINGS_COUNT, f);
    enum db_result r;

    if (!s)
        return false;
    db_bind_int(s, 1, experiment_id);
    r = db_step(s, f);
    if (r == DB_ROW) {
        *n = (int)db_int(s, 0);
        *end = db_int(s, 1) != 0;
    }
    db_reset(s);
    return r == DB_ROW;
}
