/* The store: its schema, its merge rules, its undo, its one writer. */
#include "base/arena.h"
#include "base/ceilings.h"
#include "base/clock.h"
#include "base/day.h"
#include "store/accounts.h"
#include "store/migrate.h"
#include "store/post_history.h"
#include "store/post_reads.h"
#include "store/posts.h"
#include "store/reach.h"
#include "store/settings.h"
#include "store/snapshot.h"
#include "store/sources.h"
#include "store/traffic.h"
#include "store/undo.h"
#include "store/writer.h"
#include "unit.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char dir[64], path[96];
static struct store *store;
static struct arena arena;

static void setup(void)
{
    struct fail f = {0};

    strcpy(dir, "/tmp/postlift-test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/t.db", dir);
    store = store_open(path, NULL, &f);
    ck_assert_msg(store != NULL, "%s", f.sentence);
    arena_init(&arena, 1 << 24);
}

static void teardown(void)
{
    char command[128];

    store_close(store);
    store = NULL;
    arena_clear(&arena);
    snprintf(command, sizeof command, "rm -rf %s", dir);
    ck_assert_int_eq(system(command), 0);
}

static int64_t query(const char *sql)
{
    struct fail f = {0};
    int64_t v = -999;

    ck_assert_msg(db_query_int(store->db, sql, &v, &f), "%s: %s", sql, f.sentence);
    return v;
}

START_TEST(every_statement_of_every_module_can_be_prepared)
{
    for (int m = 0; m < DB_MODULE_COUNT; m++) {
        ck_assert_ptr_nonnull(db_all_sql[m]);
        ck_assert_int_eq(db_all_sql[m]->module, m);
        for (int i = 0; i < db_all_sql[m]->n; i++) {
            struct fail f = {0};

            ck_assert_msg(db_get(store->db, db_all_sql[m], i, &f) != NULL, "module %d, %d: %s", m,
                          i, f.sentence);
        }
    }
}
END_TEST

START_TEST(the_database_is_set_up_as_it_should_be)
{
    ck_assert_int_eq(query("PRAGMA application_id"), STORE_APPLICATION_ID);
    ck_assert_int_eq(query("PRAGMA user_version"), migrate_version());
    ck_assert_int_eq(query("PRAGMA synchronous"), 2); /* FULL */
    ck_assert_int_eq(query("PRAGMA foreign_keys"), 1);
    ck_assert_int_eq(query("PRAGMA mmap_size"), 0);
    ck_assert_int_eq(query("SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND"
                           " type = 'table' AND name NOT LIKE 'sqlite_%' AND strict = 0"),
                     0);
}
END_TEST

START_TEST(a_newer_a_foreign_and_a_locked_database_are_refused_in_words)
{
    struct fail f = {0};

    ck_assert_ptr_null(store_open(path, NULL, &f)); /* this process holds the lock already */
    ck_assert_str_eq(f.slug, "database-in-use");
    ck_assert(db_exec(store->db, "PRAGMA user_version=99", &f) || true);
    store_close(store);
    memset(&f, 0, sizeof f);
    store = store_open(path, NULL, &f);
    ck_assert_ptr_null(store);
    ck_assert_str_eq(f.slug, "newer-database");
    ck_assert_ptr_nonnull(strstr(f.sentence, "newer postlift"));
    memset(&f, 0, sizeof f);
    snprintf(path, sizeof path, "%s/foreign.db", dir);
    {
        struct db *db = db_open(path, DB_WRITE, 100, &f);

        ck_assert(db_exec(db, "CREATE TABLE t (x)", &f));
        db_close(db);
    }
    ck_assert_ptr_null(store_open(path, NULL, &f));
    ck_assert_str_eq(f.slug, "foreign-database");
}
END_TEST

START_TEST(another_time_zone_than_the_databases_is_refused)
{
    struct fail f = {0};

    store_close(store);
    store = store_open(path, "Europe/Berlin", &f);
    ck_assert_ptr_null(store);
    ck_assert_str_eq(f.slug, "timezone-fixed");
    memset(&f, 0, sizeof f);
    store = store_open(path, "UTC", &f);
    ck_assert_ptr_nonnull(store);
}
END_TEST

/* ---- posts ---- */

/* Stores a post given as "field=value field=value"; the outcome's letter, or the slug. */
static const char *put(const char *words, int64_t import_id, int64_t now_ms)
{
    static char outcome[64];
    static const char *const names[] = {"inserted", "updated", "unchanged"};
    struct record_rules rules = {store->zone, INT64_MAX / 2};
    struct sender from = {.import_id = import_id, .now_ms = now_ms};
    enum put_result result = PUT_UNCHANGED;
    bool changed = false, complete = false;
    char copy[512], *save = NULL;
    struct record r;
    struct fail f = {0};

    record_init(&r, RECORD_POST);
    snprintf(copy, sizeof copy, "platform=facebook %s", words);
    for (char *w = strtok_r(copy, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
        char *eq = strchr(w, '=');

        *eq = 0;
        if (strcmp(w, "day") == 0) { /* an increment of a day */
            r.post.reading = READING_DAY;
            r.post.covers_from = r.post.covers_to = day_parse(eq + 1, strlen(eq + 1));
            continue;
        }
        if (strcmp(eq + 1, "null") == 0)
            ck_assert(record_put_null(&r, record_field(RECORD_POST, w), &f));
        else
            ck_assert_msg(record_put_text(&r, record_field(RECORD_POST, w), eq + 1, strlen(eq + 1),
                                          &arena, &rules, &f),
                          "%s: %s", w, f.sentence);
        complete = true;
    }
    ck_assert(complete);
    ck_assert(db_exec(store->db, "SAVEPOINT s", &f));
    if (!post_put(store, &r, &from, &result, &changed, &f)) {
        struct fail ignored = {0};

        snprintf(outcome, sizeof outcome, "%s", f.slug);
        db_exec(store->db, "ROLLBACK TO s", &ignored);
        db_exec(store->db, "RELEASE s", &ignored);
        return outcome;
    }
    ck_assert(db_exec(store->db, "RELEASE s", &f));
    snprintf(outcome, sizeof outcome, "%s%s", names[result], changed ? "" : ",quiet");
    return outcome;
}

#define NEW "type=meme posted_at=2022-11-28T10:00:00Z "
#define T0 1700000000000

START_TEST(the_same_record_again_changes_nothing_and_says_so)
{
    ck_assert_str_eq(put("id=1 " NEW "likes=5 observed_at=2022-12-01", 0, T0), "inserted");
    ck_assert_str_eq(put("id=1 " NEW "likes=5 observed_at=2022-12-01", 0, T0 + 1),
                     "unchanged,quiet");
    ck_assert_str_eq(put("id=2 " NEW "likes=5", 0, T0), "inserted");
    ck_assert_str_eq(put("id=2 " NEW "likes=5", 0, T0 + 99), "unchanged,quiet");
    ck_assert_int_eq(query("SELECT last_seen_at FROM posts WHERE id = '2'"), T0);
}
END_TEST

START_TEST(a_missing_key_keeps_and_null_clears)
{
    put("id=1 " NEW "likes=5 text=hello campaign=c1", 0, T0);
    ck_assert_str_eq(put("id=1 shares=2", 0, T0 + 1), "updated");
    ck_assert_int_eq(query("SELECT likes FROM posts"), 5);
    ck_assert_int_eq(query("SELECT shares FROM posts"), 2);
    ck_assert_int_eq(query("SELECT text = 'hello' FROM posts"), 1);
    ck_assert_str_eq(put("id=1 likes=null text=null", 0, T0 + 2), "updated");
    ck_assert_int_eq(query("SELECT likes IS NULL AND text IS NULL AND shares = 2 FROM posts"), 1);
    ck_assert_int_eq(query("SELECT campaign = 'c1' FROM posts"), 1);
}
END_TEST

START_TEST(zero_and_absent_stay_apart)
{
    put("id=1 " NEW "likes=0", 0, T0);
    ck_assert_int_eq(query("SELECT likes = 0 AND comments IS NULL FROM posts"), 1);
    ck_assert_str_eq(put("id=1 comments=0", 0, T0 + 1), "updated");
    ck_assert_int_eq(query("SELECT comments = 0 FROM posts"), 1);
}
END_TEST

START_TEST(an_older_observation_adds_history_and_changes_nothing_else)
{
    put("id=1 " NEW "likes=50 text=new observed_at=2022-12-10", 0, T0);
    ck_assert_str_eq(put("id=1 likes=10 text=old type=poll observed_at=2022-12-01", 0, T0),
                     "updated");
    ck_assert_int_eq(query("SELECT likes = 50 AND text = 'new' AND type = 'meme' FROM posts"), 1);
    ck_assert_int_eq(query("SELECT count(*) FROM observations"), 2);
    ck_assert_int_eq(query("SELECT likes FROM observations ORDER BY observed_at LIMIT 1"), 10);
}
END_TEST

START_TEST(an_equal_reading_at_a_later_stated_moment_moves_last_seen_and_counts_as_unchanged)
{
    int64_t later = day_from_civil(2022, 12, 20) * MS_PER_DAY;

    put("id=1 " NEW "likes=5 observed_at=2022-12-01", 0, T0);
    ck_assert_str_eq(put("id=1 likes=5 observed_at=2022-12-20", 0, T0), "unchanged");
    ck_assert_int_eq(query("SELECT last_seen_at FROM posts"), later);
    ck_assert_int_eq(query("SELECT first_seen_at FROM posts"),
                     day_from_civil(2022, 12, 1) * MS_PER_DAY);
    ck_assert_str_eq(put("id=1 likes=5 observed_at=2022-12-20", 0, T0 + 5), "unchanged,quiet");
    ck_assert_str_eq(put("id=1 likes=5", 9, T0 + MS_PER_DAY), "unchanged"); /* a later file */
    ck_assert_int_eq(query("SELECT last_seen_at FROM posts"), T0 + MS_PER_DAY);
}
END_TEST

START_TEST(day_increments_are_kept_apart_from_lifetime_readings)
{
    ck_assert_str_eq(put("id=1 " NEW "likes=3 day=2022-11-29", 1, T0), "inserted");
    ck_assert_int_eq(query("SELECT likes IS NULL AND first_seen_at IS NULL FROM posts"), 1);
    ck_assert_str_eq(put("id=1 likes=4 day=2022-11-30", 1, T0), "updated");
    ck_assert_str_eq(put("id=1 likes=90", 1, T0 + 1), "updated");
    ck_assert_int_eq(query("SELECT likes FROM posts"), 90);
    ck_assert_int_eq(query("SELECT count(*) FROM observations WHERE kind = 2"), 2);
    ck_assert_int_eq(query("SELECT count(*) FROM observations WHERE kind = 0"), 1);
    ck_assert_str_eq(put("id=1 likes=4 day=2022-11-30", 1, T0), "unchanged,quiet");
}
END_TEST

START_TEST(a_new_post_needs_type_and_time_and_leaves_nothing_behind_without_them)
{
    ck_assert_str_eq(put("id=1 likes=5 account=new", 0, T0), "missing-field");
    ck_assert_str_eq(put("id=1 type=meme account=new", 0, T0), "missing-field");
    ck_assert_int_eq(query("SELECT count(*) FROM posts"), 0);
    ck_assert_int_eq(query("SELECT count(*) FROM accounts"), 0);
}
END_TEST

START_TEST(a_region_is_set_once_and_a_record_that_says_otherwise_is_rejected)
{
    struct fail f = {0};
    bool changed;

    ck_assert_str_eq(put("id=1 " NEW "account=page", 0, T0), "inserted");
    ck_assert_int_eq(query("SELECT region = '-' FROM accounts"), 1);
    ck_assert_str_eq(put("id=2 " NEW "account=page region=eu", 0, T0), "inserted");
    ck_assert_str_eq(put("id=3 " NEW "account=page region=us", 0, T0), "region-conflict");
    ck_assert_str_eq(put("id=1 region=us", 0, T0), "region-conflict");
    ck_assert_str_eq(put("id=1 likes=1 region=eu", 0, T0), "updated");
    ck_assert_int_eq(query("SELECT count(*) FROM posts"), 2);
    ck_assert_int_eq(query("SELECT count(*) FROM accounts"), 1);
    ck_assert(account_set_region(store, "facebook", "page", "us", &changed, &f));
    ck_assert(changed);
    ck_assert_str_eq(put("id=3 " NEW "account=page region=us", 0, T0), "inserted");
    ck_assert(!account_set_region(store, "facebook", "nobody", "us", &changed, &f));
    ck_assert_str_eq(f.slug, "no-account");
}
END_TEST

/* ---- undo ---- */

static void undo(int64_t import_id)
{
    struct import_row row = {.import_id = import_id, .state = IMPORT_UNDOING};
    struct fail f = {0};
    bool done = false;
    int slices = 0;

    row.post_min = 1;
    row.post_max = 1 << 30;
    while (!done) {
        ck_assert_msg(undo_slice(store, &row, 3, &done, &f), "%s", f.sentence);
        ck_assert_int_lt(++slices, 100);
    }
}

/* All that answers can show of posts, as one string. */
static bool dump_post(void *ctx, const struct post_view *p)
{
    size_t n = strlen(ctx);

    snprintf((char *)ctx + n, 8192 - n, "%s %s %s %lld %s|%s|%s %lld-%lld", p->id, p->account,
             p->type, (long long)p->posted_at, p->tags ? p->tags : "-", p->text ? p->text : "-",
             p->campaign ? p->campaign : "-", (long long)p->first_seen_at,
             (long long)p->last_seen_at);
    for (int m = 0; m < POST_METRIC_COUNT; m++) {
        n = strlen(ctx);
        snprintf((char *)ctx + n, 8192 - n, ",%lld", (long long)p->metric[m]);
    }
    strcat(ctx, "\n");
    return true;
}

static void dump(char *out)
{
    struct filter all;
    struct fail f = {0};

    out[0] = 0;
    filter_init(&all);
    ck_assert(posts_each(store->db, &all, NULL, dump_post, out, &f));
}

START_TEST(undo_leaves_what_the_others_said_as_if_the_import_had_never_been)
{
    static const char *const steps[][3] = {
        {"1", "0", "id=1 " NEW "likes=5 account=page"},
        {"1", "0", "id=2 " NEW "likes=7 text=api"},
        {"2", "7", "id=2 likes=9 text=file tags=t1"},
        {"2", "7", "id=3 " NEW "likes=1 account=other"},
        {"3", "7", "id=1 likes=6 shares=2"},
        {"4", "0", "id=1 campaign=c2"},
        {"5", "0", "id=3 comments=4"},
    };
    char without[8192], with[8192];
    struct fail f = {0};

    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (strcmp(steps[i][1], "0") == 0 && strncmp(steps[i][2], "id=3", 4) != 0)
            put(steps[i][2], 0, T0 + atoi(steps[i][0]) * 1000);
    dump(without);
    teardown();
    setup();
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        put(steps[i][2], atoi(steps[i][1]), T0 + atoi(steps[i][0]) * 1000);
    undo(7);
    /* post 3 lives on, since the API spoke of it too */
    ck_assert_int_eq(query("SELECT likes IS NULL AND comments = 4 FROM posts WHERE id = '3'"), 1);
    ck_assert(db_exec(store->db, "DELETE FROM posts WHERE id = '3'", &f));
    dump(with);
    ck_assert_str_eq(with, without);
    ck_assert_int_eq(query("SELECT count(*) FROM post_claims WHERE import_id = 7"), 0);
    ck_assert_int_eq(query("SELECT count(*) FROM observations WHERE import_id = 7"), 0);
}
END_TEST

START_TEST(undo_of_what_one_import_alone_brought_leaves_an_empty_store)
{
    for (int i = 0; i < 20; i++) {
        char words[128];

        snprintf(words, sizeof words, "id=%d " NEW "likes=%d account=page%d", i, i, i % 3);
        put(words, 4, T0);
        snprintf(words, sizeof words, "id=%d likes=%d", i, i + 5);
        put(words, 4, T0 + 1000);
    }
    undo(4);
    ck_assert_int_eq(query("SELECT count(*) FROM posts"), 0);
    ck_assert_int_eq(query("SELECT count(*) FROM observations"), 0);
    ck_assert_int_eq(query("SELECT count(*) FROM post_claims"), 0);
    ck_assert_int_eq(query("SELECT count(*) FROM accounts"), 0);
}
END_TEST

/*
 * Random records of one post from the API (0) and three imports. Whatever was sent, row and
 * observations are as the fold of all records gives; and with imports taken out, in any order,
 * the post is as if they had never come.
 */
struct said {
    int sender;
    char words[160];
    int64_t now;
};

static int make_story(unsigned *seed, struct said *said)
{
    int n = 3 + (int)(rand_r(seed) % 10);

    for (int i = 0; i < n; i++) {
        struct said *s = &said[i];
        int day = 1 + (int)(rand_r(seed) % 20);

        s->sender = i == 0 ? 0 : (int)(rand_r(seed) % 4);
        s->now = T0 + i * 1000;
        strcpy(s->words, i == 0 ? "id=1 " NEW : "id=1 ");
        if (rand_r(seed) % 3 == 0)
            sprintf(s->words + strlen(s->words), "text=t%u ", rand_r(seed) % 3);
        if (rand_r(seed) % 5 == 0)
            strcat(s->words, "campaign=null ");
        if (rand_r(seed) % 5 == 0)
            sprintf(s->words + strlen(s->words), "account=a%u ", rand_r(seed) % 2);
        if (rand_r(seed) % 4)
            sprintf(s->words + strlen(s->words), "likes=%u ", rand_r(seed) % 3);
        if (rand_r(seed) % 3 == 0)
            sprintf(s->words + strlen(s->words), "shares=%s ", rand_r(seed) % 3 ? "4" : "null");
        if (rand_r(seed) % 2 || (s->sender && rand_r(seed) % 2))
            sprintf(s->words + strlen(s->words), "observed_at=2022-12-%02d", day);
        if (s->sender && rand_r(seed) % 6 == 0)
            sprintf(s->words + strlen(s->words), " likes=%u day=2022-12-0%u", rand_r(seed) % 4,
                    1 + rand_r(seed) % 2);
        if (i && strcmp(s->words, "id=1 ") == 0)
            strcat(s->words, "likes=1");
    }
    return n;
}

static bool dump_observation(void *ctx, const struct observation_view *o)
{
    size_t n = strlen(ctx);

    snprintf((char *)ctx + n, 16384 - n, "  %d %lld-%lld %x", (int)o->kind,
             (long long)o->first_seen_at, (long long)o->last_seen_at, o->stated);
    for (int m = 0; m < POST_METRIC_COUNT; m++) {
        n = strlen(ctx);
        snprintf((char *)ctx + n, 16384 - n, ",%lld", (long long)o->metric[m]);
    }
    strcat(ctx, "\n");
    return true;
}

/* All that can be seen of post 1, its history written out even when it lives in its row alone. */
static void dump_history(char *out)
{
    struct fail f = {0};
    struct post_row p = {0};

    dump(out);
    if (post_row_find(store, "facebook", "1", &p, &f) == DB_ROW) {
        size_t n = strlen(out);

        snprintf(out + n, 16384 - n, "observed %lld\n", (long long)p.observed_at);
        if (p.spread) {
            ck_assert(post_observations_each(store->db, p.post_id, dump_observation, out, &f));
        } else if (p.first_seen_at != COUNT_ABSENT) {
            struct observation_view o = {.first_seen_at = p.first_seen_at,
                                         .last_seen_at = p.last_seen_at};

            for (int m = 0; m < POST_METRIC_COUNT; m++) {
                o.metric[m] = p.metric[m];
                o.stated |= p.metric[m] != COUNT_ABSENT ? 1u << m : 0;
            }
            dump_observation(out, &o);
        }
    }
    post_row_clear(&p);
}

START_TEST(any_history_is_its_fold_and_any_import_can_be_taken_out_of_it)
{
    static char with[16384], without[16384];
    unsigned seed = (unsigned)_i * 7919 + 1;

    for (int round = 0; round < 25; round++) {
        struct said said[16];
        int n = make_story(&seed, said);
        unsigned out = rand_r(&seed) % 8; /* bit i: import i + 1 is taken out */
        struct fail f = {0};
        bool sound;

        for (int i = 0; i < n; i++) {
            put(said[i].words, said[i].sender, said[i].now);
            ck_assert(history_is_sound(store, query("SELECT post_id FROM posts"), &sound, &f));
            for (int k = 0; !sound && k <= i; k++)
                fprintf(stderr, "%d: %s\n", said[k].sender, said[k].words);
            ck_assert_msg(sound, "round %d, after record %d: %s", round, i, said[i].words);
            ck_assert_msg(strstr(put(said[i].words, said[i].sender, said[i].now), "quiet"),
                          "round %d: sent again, record %d moved something: %s", round, i,
                          said[i].words);
        }
        for (int k = 3; k >= 1; k--)
            if (out >> (k - 1) & 1u)
                undo(k);
        dump_history(with);
        ck_assert(db_exec(store->db,
                          "DELETE FROM posts; DELETE FROM account_regions; DELETE FROM accounts;",
                          &f));
        account_cache_empty(store->accounts);
        for (int i = 0; i < n; i++)
            if (!said[i].sender || !(out >> (said[i].sender - 1) & 1u))
                put(said[i].words, said[i].sender, said[i].now);
        dump_history(without);
        if (strcmp(with, without) != 0)
            for (int i = 0; i < n; i++)
                fprintf(stderr, "%d%s: %s\n", said[i].sender,
                        said[i].sender && out >> (said[i].sender - 1) & 1u ? " (out)" : "",
                        said[i].words);
        ck_assert_str_eq(with, without);
        ck_assert(db_exec(store->db,
                          "DELETE FROM posts; DELETE FROM account_regions; DELETE FROM accounts;",
                          &f));
        account_cache_empty(store->accounts);
    }
}
END_TEST

START_TEST(undo_gives_back_regions_and_accounts)
{
    put("id=1 " NEW "likes=1", 0, T0);
    put("id=2 " NEW "region=eu", 5, T0);
    ck_assert_int_eq(query("SELECT region = 'eu' FROM accounts"), 1);
    put("id=1 account=other", 5, T0 + 1);
    undo(5);
    ck_assert_int_eq(query("SELECT count(*) FROM accounts WHERE region = '-'"), 1);
    ck_assert_str_eq(put("id=1 region=us", 0, T0 + 2), "updated");
    ck_assert_int_eq(query("SELECT count(*) FROM posts"), 1);
}
END_TEST

START_TEST(moments_and_remarks_that_are_older_change_nothing_else)
{
    put("id=1 " NEW "likes=10 comments=5 observed_at=2022-12-01", 0, T0);
    ck_assert_str_eq(put("id=1 likes=10 observed_at=2022-12-10", 0, T0), "unchanged");
    ck_assert_str_eq(put("id=1 likes=7 text=b observed_at=2022-12-04", 0, T0), "updated");
    ck_assert_int_eq(query("SELECT likes = 10 AND comments = 5 AND text IS NULL FROM posts"), 1);
    put("id=2 " NEW "text=a observed_at=2022-12-02", 0, T0);
    put("id=2 text=a observed_at=2022-12-10", 0, T0);
    put("id=2 text=b observed_at=2022-12-05", 0, T0);
    ck_assert_int_eq(query("SELECT text = 'a' FROM posts WHERE id = '2'"), 1);
    ck_assert_str_eq(put("id=1 likes=3 observed_at=2022-01-01", 0, T0), "observed-before-posted");
    put("id=3 " NEW "likes=1 observed_at=2033-01-01", 0, T0);
    ck_assert_str_eq(put("id=3 likes=2 text=now", 0, T0), "updated");
    ck_assert_int_eq(query("SELECT likes = 2 AND text = 'now' FROM posts WHERE id = '3'"), 1);
}
END_TEST

/* ---- traffic ---- */

static const char *put_traffic(const char *source, const char *day, int sessions, int64_t import_id,
                               int64_t now_ms)
{
    static char outcome[64];
    static const char *const names[] = {"inserted", "updated", "unchanged"};
    struct sender from = {.import_id = import_id, .now_ms = now_ms};
    enum put_result result;
    bool changed = false;
    struct record r;
    struct fail f = {0};

    record_init(&r, RECORD_TRAFFIC);
    r.traffic.source = source;
    r.traffic.day = day_parse(day, 10);
    r.stated = 1u << TRAFFIC_SOURCE | 1u << TRAFFIC_DATE;
    if (sessions >= 0) {
        r.traffic.metric[0] = sessions;
        r.stated |= 1u << TRAFFIC_SESSIONS;
    }
    if (!traffic_put(store, &r, &from, &result, &changed, &f))
        return strcpy(outcome, f.slug);
    snprintf(outcome, sizeof outcome, "%s%s", names[result], changed ? "" : ",quiet");
    return outcome;
}

START_TEST(traffic_merges_completes_days_and_is_undone)
{
    int64_t noon = day_from_civil(2022, 11, 28) * MS_PER_DAY + MS_PER_DAY / 2;

    ck_assert_str_eq(put_traffic("social", "2022-11-28", 10, 0, noon), "inserted");
    ck_assert_str_eq(put_traffic("social", "2022-11-28", 10, 0, noon + 1), "unchanged,quiet");
    /* the same figure after the day has ended makes the day complete */
    ck_assert_str_eq(put_traffic("social", "2022-11-28", 10, 0, noon + MS_PER_DAY), "unchanged");
    ck_assert_str_eq(put_traffic("social", "2022-11-28", 20, 3, noon + MS_PER_DAY), "updated");
    ck_assert_str_eq(put_traffic("social", "2022-11-29", 7, 3, noon + MS_PER_DAY), "inserted");
    ck_assert_str_eq(put_traffic("social", "2022-11-29", -1, 0, noon), "missing-field");
    undo(3);
    ck_assert_int_eq(query("SELECT count(*) FROM traffic"), 1);
    ck_assert_int_eq(query("SELECT sessions FROM traffic"), 10);
    ck_assert_int_eq(query("SELECT arrived_at FROM traffic"), noon + MS_PER_DAY);
}
END_TEST

START_TEST(names_of_sources_are_read_as_people_mean_them)
{
    static const char *const cases[][2] = {
        {"google / organic", "organic"},
        {"(direct) / (none)", "direct"},
        {"m.facebook.com / referral", "facebook"},
        {"l.facebook.com / referral", "facebook"},
        {"t.co / referral", "x"},
        {"lnkd.in / referral", "linkedin"},
        {"facebook / social", "facebook"},
        {"Twitter / social", "x"},
        {"Organic Social", "social"},
        {"Direct", "direct"},
        {"Organic Search", "organic"},
        {"notfacebook.com / referral", "referral"},
        {"newsletter / email", "email"},
        {"twitter", "x"},
        {"social", "social"},
        {"my-own-source", "my-own-source"},
        {"bing / cpc", "paid-search"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char source[SLUG_MAX + 1];

        source_guess(cases[i][0], source);
        ck_assert_msg(strcmp(source, cases[i][1]) == 0, "%s became %s", cases[i][0], source);
    }
}
END_TEST

/* ---- the writer ---- */

static bool set_number(struct store *st, void *ctx, bool *changed, struct fail *f)
{
    char value[32];

    snprintf(value, sizeof value, "%d", *(int *)ctx);
    *changed = true;
    if (!settings_set(st->db, value, "there", f))
        return false;
    return *(int *)ctx % 7 != 3 || fail_set(f, FAIL_UNPROCESSABLE, "seven", NULL, "No.");
}

struct client {
    struct writer *writer;
    int first, n_ok, n_failed;
};

static void *write_some(void *arg)
{
    struct client *c = arg;

    for (int i = c->first; i < c->first + 50; i++) {
        struct fail f = {0};

        if (writer_run(c->writer, i % 5 ? WRITE_FOREGROUND : WRITE_BACKGROUND, set_number, &i, &f))
            c->n_ok++;
        else
            c->n_failed++;
    }
    return NULL;
}

START_TEST(concurrent_writes_share_commits_and_a_failed_one_is_undone_alone)
{
    enum { CLIENTS = 8 };
    struct client client[CLIENTS];
    pthread_t thread[CLIENTS];
    struct writer_stats stats;
    struct fail f = {0};
    struct writer *w = writer_start(store, &f);
    int n_ok = 0, n_failed = 0;

    for (int i = 0; i < CLIENTS; i++) {
        client[i] = (struct client){w, i * 50, 0, 0};
        ck_assert_int_eq(pthread_create(&thread[i], NULL, write_some, &client[i]), 0);
    }
    for (int i = 0; i < CLIENTS; i++) {
        pthread_join(thread[i], NULL);
        n_ok += client[i].n_ok;
        n_failed += client[i].n_failed;
    }
    writer_stats(w, &stats);
    ck_assert_int_eq(n_ok + n_failed, 400);
    ck_assert_int_eq(n_failed, 57); /* numbers below 400 that leave 3 when divided by 7 */
    ck_assert_int_eq(stats.writes, 400);
    ck_assert_int_le(stats.commits, 400);
    writer_stop(w);
    ck_assert_int_eq(query("SELECT count(*) FROM settings WHERE value = 'there'"), n_ok);
    ck_assert_int_eq(query("SELECT count(*) FROM settings WHERE value = 'there'"
                           " AND name % 7 = 3"),
                     0);
}
END_TEST

START_TEST(the_revision_counts_up_only_when_something_changed)
{
    struct fail f = {0};
    struct writer *w = writer_start(store, &f);
    int one = 1, three = 3;
    int64_t before = writer_revision(w);

    ck_assert(writer_run(w, WRITE_FOREGROUND, set_number, &one, &f));
    ck_assert_int_eq(writer_revision(w), before + 1);
    ck_assert(!writer_run(w, WRITE_FOREGROUND, set_number, &three, &f));
    ck_assert_str_eq(f.slug, "seven");
    ck_assert_int_eq(writer_revision(w), before + 1);
    writer_stop(w);
    ck_assert_int_eq(query("SELECT revision FROM revision"), before + 1);
}
END_TEST

START_TEST(a_disk_that_is_full_at_any_statement_stores_nothing_and_says_so)
{
    int survived = 0;

    for (int n = 1; n < 12; n++) {
        struct fail f = {0}, again = {0};
        struct writer *w = writer_start(store, &f);
        int number = 100 + n * 7;
        bool ok;

        ck_assert_ptr_nonnull(w);
        db_fail_after(store->db, n);
        ok = writer_run(w, WRITE_FOREGROUND, set_number, &number, &f);
        db_fail_after(store->db, 0);
        if (ok) {
            survived++;
        } else {
            ck_assert_str_eq(f.slug, "no-space");
            ck_assert_int_eq(fail_status(f.code), 507);
        }
        number += 2; /* not one of those that the function itself refuses */
        ck_assert_msg(writer_run(w, WRITE_FOREGROUND, set_number, &number, &again), "%d: %s", n,
                      again.sentence);
        writer_stop(w);
        {
            char sql[128];

            snprintf(sql, sizeof sql, "SELECT count(*) FROM settings WHERE name = '%d'",
                     100 + n * 7);
            ck_assert_int_eq(query(sql), ok);
        }
    }
    ck_assert_int_ge(survived, 1);
    ck_assert_int_lt(survived, 11);
}
END_TEST

START_TEST(a_snapshot_stays_at_its_revision_while_the_writer_goes_on)
{
    struct fail f = {0};
    struct writer *w = writer_start(store, &f);
    struct snapshots *snapshots = snapshots_open(path, &f);
    int64_t revision = -1, later = -1, n = -1;
    int one = 1, two = 2;
    struct db *db;

    ck_assert(writer_run(w, WRITE_FOREGROUND, set_number, &one, &f));
    db = snapshot_begin(snapshots, &revision, &f);
    ck_assert_ptr_nonnull(db);
    ck_assert(writer_run(w, WRITE_FOREGROUND, set_number, &two, &f));
    ck_assert(db_query_int(db, "SELECT count(*) FROM settings WHERE value = 'there'", &n, &f));
    ck_assert_int_eq(n, 1);
    ck_assert(!db_exec(db, "DELETE FROM settings", &f)); /* readers cannot write */
    snapshot_end(db);
    memset(&f, 0, sizeof f);
    db = snapshot_begin(snapshots, &later, &f);
    ck_assert_int_eq(later, revision + 1);
    ck_assert(db_query_int(db, "SELECT count(*) FROM settings WHERE value = 'there'", &n, &f));
    ck_assert_int_eq(n, 2);
    snapshot_end(db);
    snapshots_close(snapshots);
    writer_stop(w);
}
END_TEST

START_TEST(every_table_is_seen_by_region_or_said_to_tell_of_none)
{
    /* the last: names of definitions of metrics, by the number of an import */
    static const char sql[] =
        "SELECT count(*) FROM main.sqlite_schema m WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        " AND name NOT IN ('settings', 'revision', 'import_definitions') AND NOT EXISTS"
        " (SELECT 1 FROM temp.sqlite_schema v WHERE v.type = 'view' AND v.name = m.name)";
    /* and a view has the columns of its table, no fewer and no others */
    static const char columns[] =
        "SELECT count(*) FROM temp.sqlite_schema v WHERE v.type = 'view' AND"
        " (SELECT group_concat(name) FROM (SELECT name FROM pragma_table_info(v.name, 'temp')"
        " ORDER BY name)) IS NOT (SELECT group_concat(name) FROM"
        " (SELECT name FROM pragma_table_info(v.name, 'main') ORDER BY name))";
    struct fail f = {0};
    struct db *db = db_open(path, DB_READ, 512, &f);
    int64_t n = -1;

    ck_assert_ptr_nonnull(db);
    ck_assert_msg(reach_narrow(db, "apac eu", REACH_WHOLE, &f), "%s", f.sentence);
    ck_assert(db_query_int(db, sql, &n, &f));
    ck_assert_int_eq(n, 0);
    db_close(db);
    for (int some = 0; some < 2; some++)
        for (int depth = 0; depth < REACH_DEPTH_COUNT; depth++) {
            db = db_open(path, DB_READ, 512, &f);
            ck_assert_msg(reach_narrow(db, some ? "apac eu" : "", (enum reach_depth)depth, &f),
                          "%s", f.sentence);
            ck_assert_msg(db_query_int(db, columns, &n, &f), "%s", f.sentence);
            ck_assert_int_eq(n, 0);
            for (int m = 0; m < DB_MODULE_COUNT; m++)
                for (int i = 0; i < db_all_sql[m]->n; i++)
                    if (strncmp(db_all_sql[m]->text[i], "SELECT", 6) == 0)
                        ck_assert_msg(db_get(db, db_all_sql[m], i, &f) != NULL, "module %d, %d: %s",
                                      m, i, f.sentence);
            db_close(db);
        }
    db = db_open(path, DB_READ, 512, &f);
    ck_assert(!reach_narrow(db, "eu'; DROP", REACH_WHOLE, &f));
    db_close(db);
    ck_assert(reach_has("apac eu", "eu") && reach_has("", "eu") && !reach_has("apac eu", "e") &&
              !reach_has("apac eu", "apac eu") && !reach_has("eu", "-"));
}
END_TEST

START_TEST(a_question_that_takes_too_long_is_broken_off_with_503)
{
    static const char endless[] = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
                                  " SELECT max(i) FROM n";
    struct fail f = {0};
    int64_t v = 0;

    db_deadline(store->db, 50);
    ck_assert(!db_query_int(store->db, endless, &v, &f));
    db_deadline(store->db, 0);
    ck_assert_str_eq(f.slug, "too-slow");
    ck_assert_uint_eq(fail_status(f.code), 503);
    ck_assert_int_eq(query("SELECT 7"), 7);
}
END_TEST

START_TEST(lists_come_from_an_index_in_their_order_without_sorting)
{
    static const enum db_module modules[] = {DB_POST_READS, DB_IMPORTS};
    int ordered = 0;

    for (size_t m = 0; m < sizeof modules / sizeof *modules; m++)
        for (int i = 0; i < db_all_sql[modules[m]]->n; i++) {
            const char *sql = db_all_sql[modules[m]]->text[i];

            if (!strstr(sql, "ORDER BY") || strstr(sql, "state <> 'undoing'") ||
                strstr(sql, "content_hash = "))
                continue; /* the queue of imports and one file's history are short */
            ordered++;
            ck_assert_msg(!db_needs_sorting(store->db, sql), "%s", sql);
        }
    ck_assert_int_ge(ordered, 4);
    ck_assert(db_needs_sorting(store->db, "SELECT text FROM posts ORDER BY text"));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("store");
    TCase *t = tcase_create("store");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 120);
    UNIT(t, every_statement_of_every_module_can_be_prepared);
    UNIT(t, the_database_is_set_up_as_it_should_be);
    UNIT(t, a_newer_a_foreign_and_a_locked_database_are_refused_in_words);
    UNIT(t, another_time_zone_than_the_databases_is_refused);
    UNIT(t, the_same_record_again_changes_nothing_and_says_so);
    UNIT(t, a_missing_key_keeps_and_null_clears);
    UNIT(t, zero_and_absent_stay_apart);
    UNIT(t, an_older_observation_adds_history_and_changes_nothing_else);
    UNIT(t, an_equal_reading_at_a_later_stated_moment_moves_last_seen_and_counts_as_unchanged);
    UNIT(t, day_increments_are_kept_apart_from_lifetime_readings);
    UNIT(t, a_new_post_needs_type_and_time_and_leaves_nothing_behind_without_them);
    UNIT(t, a_region_is_set_once_and_a_record_that_says_otherwise_is_rejected);
    UNIT(t, undo_leaves_what_the_others_said_as_if_the_import_had_never_been);
    UNIT(t, undo_of_what_one_import_alone_brought_leaves_an_empty_store);
    tcase_add_loop_test(t, any_history_is_its_fold_and_any_import_can_be_taken_out_of_it, 0, 30);
    UNIT(t, undo_gives_back_regions_and_accounts);
    UNIT(t, moments_and_remarks_that_are_older_change_nothing_else);
    UNIT(t, traffic_merges_completes_days_and_is_undone);
    UNIT(t, names_of_sources_are_read_as_people_mean_them);
    UNIT(t, concurrent_writes_share_commits_and_a_failed_one_is_undone_alone);
    UNIT(t, the_revision_counts_up_only_when_something_changed);
    UNIT(t, a_disk_that_is_full_at_any_statement_stores_nothing_and_says_so);
    UNIT(t, a_snapshot_stays_at_its_revision_while_the_writer_goes_on);
    UNIT(t, every_table_is_seen_by_region_or_said_to_tell_of_none);
    UNIT(t, a_question_that_takes_too_long_is_broken_off_with_503);
    UNIT(t, lists_come_from_an_index_in_their_order_without_sorting);
    suite_add_tcase(s, t);
    return unit_run(s);
}
