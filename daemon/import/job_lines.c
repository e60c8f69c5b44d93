/*
 * Files of lines: an export of ours, or plain records as NDJSON or CSV. Lines are stored in slices,
 * in their order. Figures that came by a profile with definitions belong to an import of that
 * profile, made for them below this one, so that comparisons still tell definitions apart.
 */
#include "base/clock.h"
#include "base/day.h"
#include "base/log.h"
#include "base/text.h"
#include "import/batch.h"
#include "import/csv_lines.h"
#include "import/importer_parts.h"
#include "import/source.h"
#include "ingest/experiment_json.h"
#include "ingest/json.h"
#include "store/accounts.h"
#include "store/experiments.h"
#include "store/notes.h"
#include "store/sources.h"
#include "store/traffic.h"
#include "store/types.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHILDREN_MAX = PROFILES_MAX };

struct lines {
    struct importer *im;
    struct import_row *row;
    struct record_rules rules;
    char only[SLUG_MAX + 1]; /* the region that its sender may write; "": all */
    char by[SLUG_MAX + 1];   /* the sender */
    struct batch batch;
    char profile[64]; /* of the batch */
    struct {
        char profile[64];
        int64_t import_id;
    } child[CHILDREN_MAX];
    int n_children;
    struct json_line line;
    int64_t skip, seen, taken; /* lines stored before; that went by; in the batch */
    struct fail fail;
};

struct lines_write {
    struct lines *l;
    struct import_row row;
    const struct json_line *line; /* NULL: the batch */
};

/* ---- writing ---- */

static bool child_of(struct store *st, struct lines *l, const char *profile, int64_t *import_id,
                     struct fail *f)
{
    struct import_row row = {.state = IMPORT_DONE, .kind = l->row->kind, .profile_version = 1};

    *import_id = l->row->import_id;
    if (!profile[0])
        return true;
    for (int i = 0; i < l->n_children; i++)
        if (strcmp(l->child[i].profile, profile) == 0) {
            *import_id = l->child[i].import_id;
            return true;
        }
    if (!import_child(st->db, l->row->import_id, profile, import_id, f))
        return false;
    if (!*import_id) {
        text_copy(row.file, sizeof row.file, l->row->file);
        text_copy(row.profile, sizeof row.profile, profile);
        text_copy(row.content_hash, sizeof row.content_hash, l->row->content_hash);
        snprintf(row.options, sizeof row.options, "part_of=%" PRId64 "%s%s%s%s", l->row->import_id,
                 l->by[0] ? "\nby=" : "", l->by, l->only[0] ? "\nonly=" : "", l->only);
        row.received_at = l->row->received_at;
        row.parent_id = l->row->import_id;
        if (!import_insert(st->db, &row, f))
            return false;
        *import_id = row.import_id;
    }
    if (l->n_children < CHILDREN_MAX) { /* forgotten again when the slice fails: see slice() */
        text_copy(l->child[l->n_children].profile, sizeof l->child[0].profile, profile);
        l->child[l->n_children++].import_id = *import_id;
    }
    return true;
}

static bool put_coverage(struct store *st, const struct json_line *line, struct sender *from,
                         struct zone *zone, struct fail *f)
{
    const char *day = line->text[TEXT_DATE], *at = line->text[TEXT_ARRIVED_AT];
    const char *scheme = line->text[TEXT_SCHEME], *region = line->text[TEXT_REGION];
    int32_t d = day ? day_parse(day, strlen(day)) : DAY_NONE;
    char slug[SLUG_MAX + 1];

    if (d == DAY_NONE || !scheme || !slug_make(scheme, strlen(scheme), slug) || !line->metrics ||
        (region && !slug_make(region, strlen(region), slug)) ||
        (at && !moment_parse(at, strlen(at), zone, &from->now_ms)))
        return fail_set(f, FAIL_UNPROCESSABLE, "bad-coverage", NULL,
                        "Coverage needs scheme, date and metrics.");
    return coverage_put(st, scheme, region ? region : "-", d, line->metrics, from, f);
}

/* One text as a record's field would have it; NULL stays NULL. */
static bool normal(struct lines *l, int field, const char **text, struct fail *f)
{
    struct record r;

    if (!*text || !**text) {
        *text = NULL;
        return true;
    }
    record_init(&r, RECORD_POST);
    if (!record_put_text(&r, field, *text, strlen(*text), &l->batch.arena, &l->rules, f))
        return false;
    *text = field == POST_PLATFORM ? r.post.platform
            : field == POST_TYPE   ? r.post.type
            : field == POST_TAGS   ? r.post.tags
            : field == POST_ID     ? r.post.id
            : field == POST_REGION ? r.post.region
                                   : r.post.campaign;
    return true;
}

static bool put_rule(struct store *st, struct lines *l, const struct json_line *line,
                     struct fail *f)
{
    const char *tags = line->tags;
    struct type_rule rule = {0,
                             line->text[TEXT_PLATFORM],
                             line->text[TEXT_ACCOUNT],
                             line->text[TEXT_HASHTAG],
                             line->text[TEXT_CAMPAIGN],
                             line->text[TEXT_WORDS],
                             line->text[TEXT_UTM_CONTENT],
                             line->text[TEXT_TYPE],
                             tags};
    static const int field[RULE_TEXTS] = {POST_PLATFORM, POST_CAMPAIGN, POST_CAMPAIGN,
                                          POST_CAMPAIGN, POST_CAMPAIGN, POST_CAMPAIGN,
                                          POST_TYPE,     POST_TAGS};
    int64_t posts;

    for (int i = 0; i < RULE_TEXTS; i++)
        if (!normal(l, field[i], type_rule_text(&rule, i), f))
            return false;
    return type_rule_add_once(st, &rule, &posts, f);
}

static bool put_note(struct store *st, int64_t import_id, const struct json_line *line,
                     bool *changed, struct fail *f)
{
    static const int scope[NOTE_SCOPE_COUNT] = {
        [NOTE_SOURCE] = TEXT_SOURCE,
        [NOTE_PLATFORM] = TEXT_PLATFORM,
        [NOTE_ACCOUNT] = TEXT_ACCOUNT,
        [NOTE_METRIC] = TEXT_METRIC,
    };
    const char *from = line->text[TEXT_FROM], *to = line->text[TEXT_TO];
    const char *kind = line->text[TEXT_KIND], *text = line->text[TEXT_TEXT];
    struct note n = {.import_id = import_id,
                     .from = from ? day_parse(from, strlen(from)) : DAY_NONE,
                     .to = to ? day_parse(to, strlen(to)) : DAY_NONE,
                     .kind = note_kind_of(kind ? kind : "")};

    n.is_private = line->text[TEXT_PRIVATE] && strcmp(line->text[TEXT_PRIVATE], "yes") == 0;
    text_copy(n.text, sizeof n.text, text);
    for (int i = 0; i < NOTE_SCOPE_COUNT; i++)
        if (line->text[scope[i]] &&
            !note_scope_set(&n, (enum note_scope)i, line->text[scope[i]], f))
            return false;
    return note_check(&n, f) && note_put(st->db, &n, changed, f);
}

static bool kept(const char *what, const char *slug, struct fail *f)
{
    return fail_set(
        f, FAIL_CONFLICT, "kept", NULL,
        "The experiment \"%.60s\" is here with another %s; what was stated and found is "
        "kept as it was.",
        slug, what);
}

/* One that is there already stays as it is: what was stated is never rewritten. */
static bool put_experiment(struct store *st, int64_t import_id, const struct json_line *line,
                           bool *changed, struct fail *f)
{
    struct experiment e, there;
    struct fail none = {0};

    if (!experiment_load(line->text[TEXT_DEFINITION], &e, f))
        return false;
    e.after_the_fact = e.after_the_fact || zone_day(st->zone, e.stated_at) > e.start;
    if (experiment_find(st->db, e.slug, &there, &none))
        return experiment_says_same(&e, &there) || kept("question", e.slug, f);
    e.import_id = import_id;
    *changed = true;
    return experiment_put(st->db, &e, f);
}

/* Findings come with their experiment and in their order; one that was written down here finds its
 * own. */
static bool not_its_own(const struct experiment *e, struct fail *f)
{
    return fail_set(f, FAIL_CONFLICT, "not-its-own", NULL,
                    "This finding is not the next of the experiment \"%.60s\" as it is here.",
                    e->slug);
}

struct sought_finding {
    int n;
    const char *text;
    bool same;
};

static bool compare_finding(void *ctx, const struct finding *found)
{
    struct sought_finding *s = ctx;

    if (found->n == s->n)
        s->same = strcmp(found->text, s->text) == 0;
    return true;
}

static bool put_of_experiment(struct store *st, const struct json_line *line, bool *changed,
                              struct fail *f)
{
    const char *at = line->text[TEXT_ARRIVED_AT], *what = line->text[TEXT_KIND];
    const char *text = line->text[TEXT_TEXT];
    struct experiment_event event = {0, what, text, line->text[TEXT_DEFINITION]};
    struct experiment e;
    struct finding found;
    json_t *o;
    bool ok, end;
    int n;

    if (!experiment_find(st->db, line->text[TEXT_NAME], &e, f))
        return false;
    if (line->kind == LINE_EXPERIMENT_EVENT) {
        if (!experiment_event_check(what, event.detail, f))
            return false;
        return ((at && what && moment_parse(at, strlen(at), st->zone, &event.at)) ||
                fail_set(f, FAIL_UNPROCESSABLE, "missing-field", NULL,
                         "The line lacks something.")) &&
               experiment_log_add(st->db, e.experiment_id, &event, changed, f);
    }
    o = finding_load(line->text[TEXT_DEFINITION], &found, f);
    found.experiment_id = e.experiment_id;
    found.text = text;
    ok = o && findings_count(st->db, e.experiment_id, &n, &end, f) &&
         (found.n <= n || (e.import_id && found.n == n + 1) || not_its_own(&e, f)) &&
         finding_add(st->db, &found, changed, f);
    if (ok && !*changed) {
        struct sought_finding sought = {found.n, text, false};

        ok = findings_each(st->db, e.experiment_id, compare_finding, &sought, f) &&
             (sought.same || kept("finding", e.slug, f));
    }
    json_decref(o);
    return ok;
}

static bool put_names(struct store *st, struct lines *l, const struct json_line *line,
                      bool *changed, struct fail *f)
{
    const char *platform = line->text[TEXT_PLATFORM], *tags = line->tags;
    const char *id = line->text[TEXT_ID], *type = line->text[TEXT_TYPE];
    const char *region = line->text[TEXT_REGION], *source = line->text[TEXT_SOURCE];
    const char *handle = line->text[TEXT_ACCOUNT] ? line->text[TEXT_ACCOUNT] : "";
    struct sender from = {.now_ms = l->row->received_at};
    bool region_set = false, is_set = false;
    char slug[SLUG_MAX + 1];
    int64_t account_id;

    if (!child_of(st, l, line->profile, &from.import_id, f))
        return false;
    switch (line->kind) {
    case LINE_COVERAGE: *changed = true; return put_coverage(st, line, &from, l->rules.zone, f);
    case LINE_ACCOUNT:
        if (!normal(l, POST_PLATFORM, &platform, f) || !normal(l, POST_REGION, &region, f))
            return false;
        if (!platform || !region)
            break;
        *changed = true;
        return account_resolve(st, platform, handle, region, from.import_id, &account_id,
                               &region_set, f);
    case LINE_SOURCE:
        if (!line->text[TEXT_NAME] || !source || !slug_make(source, strlen(source), slug))
            break;
        return source_state(st->db, line->text[TEXT_NAME], slug, changed, f);
    case LINE_TYPE_RULE: *changed = true; return put_rule(st, l, line, f);
    case LINE_POST_TYPE:
        if (!normal(l, POST_PLATFORM, &platform, f) || !normal(l, POST_ID, &id, f) ||
            !normal(l, POST_TYPE, &type, f) || !normal(l, POST_TAGS, &tags, f))
            return false;
        if (!platform || !id)
            break;
        *changed = true;
        return post_type_set(st, &(struct set_type){platform, id, type, tags}, &is_set, f);
    case LINE_NOTE: return put_note(st, from.import_id, line, changed, f);
    case LINE_EXPERIMENT:
        if (!line->text[TEXT_DEFINITION])
            break;
        return put_experiment(st, from.import_id, line, changed, f);
    case LINE_EXPERIMENT_EVENT:
    case LINE_FINDING:
        if (!line->text[TEXT_NAME] || !line->text[TEXT_DEFINITION] || !line->text[TEXT_TEXT])
            break;
        return put_of_experiment(st, line, changed, f);
    case LINE_DEFINITION:
        if (!line->text[TEXT_METRIC] || !line->text[TEXT_DEFINITION] || !line->profile[0])
            break;
        return import_define(st->db, from.import_id, line->text[TEXT_METRIC],
                             line->text[TEXT_DEFINITION], f);
    case LINE_HEAD:
        if (line->text[TEXT_TIMEZONE] && strcmp(line->text[TEXT_TIMEZONE], st->timezone) != 0)
            return fail_set(f, FAIL_CONFLICT, "other-timezone", NULL,
                            "The export is of days of %.60s, this database of days of %s.",
                            line->text[TEXT_TIMEZONE], st->timezone);
        return true;
    case LINE_POST:
    case LINE_TRAFFIC:
    case LINE_KIND_COUNT: break;
    }
    return fail_set(f, FAIL_UNPROCESSABLE, "missing-field", NULL, "The line lacks something.");
}

/* A line that is no post and no traffic: what cannot be taken joins the rejects. */
static bool put_line(struct store *st, struct lines *l, const struct json_line *line, bool *changed,
                     struct fail *f)
{
    struct fail one = {0};

    if (l->only[0] && line->kind != LINE_HEAD)
        fail_set(&one, FAIL_CONFLICT, "region-conflict", NULL,
                 "This line holds for all regions, and its sender's token is for \"%s\".", l->only);
    else if (put_names(st, l, line, changed, &one))
        return true;
    if (line->kind == LINE_HEAD) { /* days of another zone are other days */
        *f = one;
        return false;
    }
    if (one.code != FAIL_UNPROCESSABLE && one.code != FAIL_CONFLICT && one.code != FAIL_NOT_FOUND) {
        *f = one;
        return fail_set(f, FAIL_INTERNAL, "failed", NULL, "The write failed.");
    }
    reject_list_fail(&l->batch.rejects, line->r.at, 0, NULL, &one);
    return true;
}

/* The batch, and which posts it made: undo looks among their numbers. */
static bool store_batch(struct store *st, struct lines_write *w, const struct sender *from,
                        bool *changed, struct fail *f)
{
    int64_t first = 0, last = 0;

    if (!db_query_int(st->db, "SELECT coalesce(max(post_id), 0) FROM posts", &first, f) ||
        !batch_store(st, &w->l->batch, from, false, &w->row.counts, changed, f) ||
        !db_query_int(st->db, "SELECT coalesce(max(post_id), 0) FROM posts", &last, f))
        return false;
    if (last <= first)
        return true;
    if (from->import_id != w->row.import_id)
        return import_span(st->db, from->import_id, first + 1, last, f);
    if (w->row.post_min == COUNT_ABSENT || first + 1 < w->row.post_min)
        w->row.post_min = first + 1;
    if (last > w->row.post_max)
        w->row.post_max = last;
    return true;
}

static bool write_lines(struct store *st, void *ctx, bool *changed, struct fail *f)
{
    struct lines_write *w = ctx;
    struct lines *l = w->l;
    struct import_counts *c = &w->row.counts;
    struct sender from = {.now_ms = l->row->received_at, .only = l->only[0] ? l->only : NULL};
    size_t n = l->batch.rejects.n;
    int64_t rejected = l->batch.rejects.n_rejected;
    bool ok;

    if (w->line) /* names, rules, notes: of all regions */
        ok = (l->only[0] || w->line->kind == LINE_HEAD ||
              account_brought(st, w->row.import_id, 0, REGION_UNKNOWN, f)) &&
             put_line(st, l, w->line, changed, f);
    else
        ok = child_of(st, l, l->profile, &from.import_id, f) &&
             store_batch(st, w, &from, changed, f);
    if (ok && w->line && l->batch.rejects.n_rejected == rejected)
        (*changed ? &c->inserted : &c->unchanged)[0]++;
    c->received += l->taken;
    c->rejected += l->batch.rejects.n_rejected;
    w->row.rows_done += l->taken;
    ok =
        ok &&
        import_keep_rows(st->db, w->row.import_id, l->batch.rejects.items, l->batch.rejects.n, f) &&
        import_update(st->db, &w->row, f);
    l->batch.rejects.n = n; /* what the store added is added again when the slice is tried anew */
    l->batch.rejects.n_rejected = rejected;
    if (ok && w->row.dry_run)
        return fail_set(f, FAIL_INTERNAL, "dry-run", NULL, "This was a dry run.");
    return ok;
}

static bool write_counts(struct store *st, void *ctx, bool *changed, struct fail *f)
{
    struct lines_write *w = ctx;

    (void)changed;
    return import_keep_rows(st->db, w->row.import_id, w->l->batch.rejects.items,
                            w->l->batch.rejects.n, f) &&
           import_update(st->db, &w->row, f);
}

/* Stores the batch, or one line of names. */
static bool slice(struct lines *l, const struct json_line *line)
{
    struct lines_write w = {.l = l, .line = line};
    int children = l->n_children;

    if (!l->taken)
        return true;
    for (;;) {
        struct fail one = {0};

        w.row = *l->row;
        if (writer_run(l->im->o.writer, WRITE_BACKGROUND, write_lines, &w, &one))
            break;
        l->n_children = children;
        if (strcmp(one.slug, "dry-run") == 0) {
            if (!import_persist(l->im, write_counts, &w, &l->fail))
                return false;
            break;
        }
        if ((one.code != FAIL_NO_SPACE && one.code != FAIL_BUSY) ||
            !importer_pause(l->im, IMPORT_RETRY_MS)) {
            l->fail = one;
            return false;
        }
    }
    *l->row = w.row;
    batch_reset(&l->batch);
    l->taken = 0;
    return !importer_is_stopping(l->im);
}

/* ---- reading ---- */

static bool take_line(void *ctx, const char *text, size_t len, struct place at, bool too_large)
{
    struct lines *l = ctx;
    struct json_line *line = &l->line;
    char field[64] = "";
    struct fail f = {0};

    if (l->seen++ < l->skip)
        return true;
    line->r.at = at;
    if (too_large)
        fail_set(&f, FAIL_UNPROCESSABLE, "record-too-large", NULL,
                 "This record is longer than the %d bytes a record may have.", JSON_RECORD_MAX);
    else if (json_line_read(text, len, &l->batch.arena, &l->rules, line, field, &f)) {
        bool names = line->kind > LINE_TRAFFIC;

        /* kinds and profiles are stored apart, in their order */
        if (l->taken && (names || strcmp(line->profile, l->profile) != 0 ||
                         (l->batch.n && l->batch.records[0].kind != line->r.kind))) {
            l->seen--; /* the arena goes with the slice: read the line once more */
            return slice(l, NULL) && take_line(ctx, text, len, at, false);
        }
        l->taken++;
        if (names)
            return slice(l, line);
        text_copy(l->profile, sizeof l->profile, line->profile);
        if (!batch_add(&l->batch, &line->r, &l->fail))
            return false;
        return (l->batch.n < IMPORT_SLICE_ROWS && l->batch.arena.used < IMPORT_SLICE_BYTES / 2) ||
               slice(l, NULL);
    }
    if (f.code != FAIL_UNPROCESSABLE) {
        l->fail = f;
        return false;
    }
    l->taken++;
    reject_list_fail(&l->batch.rejects, at, 0, field, &f);
    return true;
}

static bool take_bad(void *ctx, struct place at, int column, const char *heading,
                     const struct fail *why)
{
    struct lines *l = ctx;

    if (l->seen++ < l->skip)
        return true;
    l->taken++;
    reject_list_fail(&l->batch.rejects, at, column, heading, why);
    return true;
}

/* Lines, and whether the first is an object at all. */
struct counting {
    int64_t n;
    bool objects;
};

static bool count_line(void *ctx, const char *text, size_t len, struct place at, bool too_large)
{
    struct counting *c = ctx;

    (void)at;
    if (!c->n++ && !c->objects)
        c->objects = !too_large && json_is_record(text, len);
    return true;
}

static bool count_bad(void *ctx, struct place at, int column, const char *heading,
                      const struct fail *why)
{
    struct counting *c = ctx;

    (void)at, (void)column, (void)heading, (void)why;
    c->n++;
    return true;
}

static bool each_json_line(int fd, json_record_fn fn, void *ctx, struct fail *f)
{
    struct json_splitter *s = json_splitter_new(JSON_SHAPE_LINES, "", fn, ctx);
    struct source *in = source_open(fd, f);
    char *chunk = malloc(IMPORT_CHUNK);
    bool ok = s && in && chunk;
    size_t len = 1;

    if (!ok && f->code == FAIL_NONE)
        fail_memory(f);
    while (ok && len)
        ok = source_read(in, chunk, IMPORT_CHUNK, &len, f) && json_splitter_feed(s, chunk, len, f);
    ok = ok && json_splitter_finish(s, f);
    json_splitter_free(s);
    source_close(in);
    free(chunk);
    return ok;
}

bool import_each_line(int fd, json_record_fn fn, csv_lines_bad_fn bad, void *ctx, struct fail *f)
{
    if (csv_lines_is(fd))
        return csv_lines_each(fd, fn, bad, ctx, f);
    return each_json_line(fd, fn, ctx, f);
}

static bool write_row(struct store *st, void *ctx, bool *changed, struct fail *f)
{
    (void)changed;
    return import_update(st->db, ctx, f);
}

bool import_is_lines(int fd)
{
    struct fail f = {0};
    struct source *in = source_open(fd, &f);
    char head[256];
    size_t len = 0, i = 0;
    bool is = in && source_read(in, head, sizeof head, &len, &f);

    if (is && len >= 3 && memcmp(head, "\xef\xbb\xbf", 3) == 0)
        i = 3;
    while (is && i < len && strchr(" \t\r\n", head[i]))
        i++;
    source_close(in);
    return (is && i < len && head[i] == '{') || csv_lines_is(fd);
}

bool import_lines(struct importer *im, struct import_row *row, int fd, struct fail *f)
{
    struct lines *l = calloc(1, sizeof *l);
    struct counting c = {0, csv_lines_is(fd)};
    struct import_request rq;
    bool ok;

    if (!l)
        return fail_memory(f);
    l->im = im;
    l->row = row;
    l->rules = (struct record_rules){im->o.zone, row->received_at};
    l->skip = row->rows_done;
    import_options_read(row->options, &rq);
    text_copy(l->only, sizeof l->only, rq.only);
    text_copy(l->by, sizeof l->by, rq.by);
    batch_init(&l->batch, IMPORT_SLICE_BYTES, IMPORT_SLICE_ROWS, IMPORT_REJECTS_MAX);
    ok = import_each_line(fd, count_line, count_bad, &c, f);
    if (ok && !c.objects)
        ok = fail_set(f, FAIL_UNPROCESSABLE, "not-lines", "line 1",
                      "The file begins like JSON, but its first line is no record by itself: an "
                      "export of postlift's, or records one a line, are taken.");
    if (ok) {
        row->state = IMPORT_RUNNING;
        row->rows_total = c.n;
        text_copy(row->charset, sizeof row->charset, "UTF-8");
        ok = import_persist(im, write_row, row, f);
    }
    ok = ok && import_each_line(fd, take_line, take_bad, l, f) && l->fail.code == FAIL_NONE &&
         slice(l, NULL);
    if (!ok && f->code == FAIL_NONE)
        *f = l->fail;
    ok = ok && row->rows_done == row->rows_total && !importer_is_stopping(im);
    ok = ok && import_finish_lines(im, fd, row, f);
    batch_clear(&l->batch);
    free(l);
    return ok;
}
