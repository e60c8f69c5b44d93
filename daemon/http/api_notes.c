/* Notes: dated remarks that analysis respects. */
#include "base/ceilings.h"
#include "base/day.h"
#include "base/text.h"
#include "http/api.h"
#include "http/small_json.h"
#include "render/json.h"
#include "store/notes.h"
#include "store/reach.h"

#include <stdlib.h>
#include <string.h>

struct note_page {
    const struct request *rq;
    json_t *list;
    int64_t limit, skip;
    enum note_kind kind; /* NOTE_KIND_COUNT: all */
    bool more;
};

/* With the number that this reader knows it by. */
static json_t *note_json(const struct request *rq, const struct note *n)
{
    json_t *o = json_of_note(n);

    json_put(&o, "id", json_integer(veil_shown(&rq->veil, n->note_id)));
    return o;
}

static bool list_note(void *ctx, const struct note *n)
{
    struct note_page *p = ctx;

    if (p->kind != NOTE_KIND_COUNT && n->kind != p->kind)
        return true;
    if (p->skip > 0) {
        p->skip--;
        return true;
    }
    p->more = (int64_t)json_array_size(p->list) == p->limit;
    if (p->more)
        return false;
    json_append(&p->list, note_json(p->rq, n));
    return p->list != NULL;
}

void api_notes(struct app *app, const struct request *rq, struct reply *rp)
{
    static const char *const known[] = {"from",   "to",     "kind", "limit",
                                        "cursor", "format", "bom",  NULL};
    static const char *const columns[] = {"id",     "from",     "to",      "kind",   "text",
                                          "source", "platform", "account", "metric", NULL};
    struct note_page page = {rq, NULL, LIST_LIMIT_DEFAULT, 0, NOTE_KIND_COUNT, false};
    const char *kind = params_get(&rq->params, "kind");
    int32_t from = INT32_MIN, to = INT32_MAX;
    struct fail f = {0};
    struct db *db = NULL;
    char next[24];
    json_t *o;

    page.list = json_array();
    if (params_check(&rq->params, known, false, false, &f) &&
        params_day(&rq->params, "from", &from, &f) && params_day(&rq->params, "to", &to, &f) &&
        params_int(&rq->params, "limit", 1, LIST_LIMIT_MAX, &page.limit, &f) &&
        params_int(&rq->params, "cursor", 0, NOTES_MAX, &page.skip, &f) && kind) {
        page.kind = note_kind_of(kind);
        if (page.kind == NOTE_KIND_COUNT)
            fail_set(&f, FAIL_UNPROCESSABLE, "bad-value", "kind",
                     "There is no kind of notes called \"%.40s\".", kind);
    }
    snprintf(next, sizeof next, "%lld", (long long)(page.skip + page.limit));
    if (f.code == FAIL_NONE)
        db = snapshot_begin(app->snapshots, &rp->revision, &f);
    if (!db || !notes_each(db, from, to, list_note, &page, &f)) {
        json_decref(page.list);
        reply_fail(rp, &f);
    } else {
        rp->tag = TAG_REVISION;
        o = json_object();
        json_put(&o, "notes", page.list);
        json_put(&o, "next_cursor", json_text(page.more ? next : NULL));
        if (page.more)
            reply_next(rp, rq, next);
        reply_table(rp, rq, o, json_object_get(o, "notes"), columns);
    }
    snapshot_end(db);
}

/* The number in the path; 0 with *f. */
static int64_t number_of(const struct request *rq, struct fail *f)
{
    static const char *const known[] = {NULL};
    const char *text = rq->segment[0];

    if (!params_check(&rq->params, known, false, false, f))
        return 0;
    if (strspn(text, "0123456789") == strlen(text) && strlen(text) <= 18 &&
        veil_asked(&rq->veil, strtoll(text, NULL, 10)) > 0)
        return veil_asked(&rq->veil, strtoll(text, NULL, 10));
    fail_set(f, FAIL_NOT_FOUND, "no-note", NULL, "There is no note \"%.40s\".", text);
    return 0;
}

void api_note(struct app *app, const struct request *rq, struct reply *rp)
{
    struct fail f = {0};
    int64_t id = number_of(rq, &f);
    struct db *db = id ? snapshot_begin(app->snapshots, &rp->revision, &f) : NULL;
    struct note n;

    if (db && note_find(db, id, &n, &f)) {
        rp->tag = TAG_REVISION;
        reply_json(rp, 200, note_json(rq, &n));
    } else {
        reply_fail(rp, &f);
    }
    snapshot_end(db);
}

/* ---- writing ---- */

struct note_body {
    struct small_json in;
    struct note note;
    int64_t id; /* 0: a new one */
    json_t *object;
    const char *regions; /* the writer's: notes of accounts of these alone; "": all */
    bool changed;
};

static void *note_begin(struct app *app, const struct request *rq, struct reply *rp)
{
    return small_json_begin(app, rq, rp, sizeof(struct note_body));
}

static void note_free(void *body)
{
    json_decref(((struct note_body *)body)->object);
    small_json_free(body);
}

static bool note_day(const char *key, const char *text, struct note *n, struct fail *f)
{
    int32_t day = day_parse(text, strlen(text));

    if (day == DAY_NONE)
        return fail_set(f, FAIL_UNPROCESSABLE, "bad-date", key,
                        "\"%s\" takes a day such as 2022-11-28; there is none called \"%.40s\".",
                        key, text);
    if (strcmp(key, "to") != 0)
        n->from = day;
    if (strcmp(key, "from") != 0)
        n->to = day;
    return true;
}

/* One member of the body; texts alone, and null for what is about all. */
static bool note_member(struct note *n, const char *key, const char *text, struct fail *f)
{
    int scope = 0;

    while (scope < NOTE_SCOPE_COUNT && strcmp(note_scope_names[scope], key) != 0)
        scope++;
    if (scope < NOTE_SCOPE_COUNT)
        return note_scope_set(n, (enum note_scope)scope, text ? text : "", f);
    if (!text)
        return fail_set(f, FAIL_UNPROCESSABLE, "wrong-type", key, "\"%.40s\" takes a text.", key);
    if (strcmp(key, "date") == 0 || strcmp(key, "from") == 0 || strcmp(key, "to") == 0)
        return note_day(key, text, n, f);
    if (strcmp(key, "kind") == 0) {
        n->kind = note_kind_of(text);
        return n->kind < NOTE_KIND_COUNT || note_check(n, f);
    }
    if (strcmp(key, "text") != 0)
        return fail_set(f, FAIL_UNPROCESSABLE, "unknown-field", key,
                        "There is no field \"%.60s\" in a note.", key);
    if (strlen(text) > NOTE_TEXT_MAX)
        return fail_set(f, FAIL_UNPROCESSABLE, "too-long", key, "A note has at most %d bytes.",
                        NOTE_TEXT_MAX);
    text_copy(n->text, sizeof n->text, text);
    return true;
}

static bool note_read(const json_t *object, struct note *n, struct fail *f)
{
    bool to = json_object_get(object, "to") || json_object_get(object, "date");
    const char *key;
    json_t *value;

    if (json_object_get(object, "date") &&
        (json_object_get(object, "from") || json_object_get(object, "to")))
        return fail_set(f, FAIL_UNPROCESSABLE, "two-days", "date",
                        "A note takes \"date\", or \"from\" and \"to\", and not both.");
    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        if (strcmp(key, "private") == 0) {
            const char *word = json_string_value(value);

            n->is_private = json_is_true(value) || (word && strcmp(word, "yes") == 0);
            if (!n->is_private && !json_is_false(value) && !(word && strcmp(word, "no") == 0))
                return fail_set(f, FAIL_UNPROCESSABLE, "wrong-type", key,
                                "\"private\" takes true or false.");
            continue;
        }
        if (!json_is_string(value) && !json_is_null(value))
            return fail_set(f, FAIL_UNPROCESSABLE, "wrong-type", key, "\"%.40s\" takes a text.",
                            key);
        if (!note_member(n, key, json_string_value(value), f))
            return false;
    }
    if (!to && (n->to == DAY_NONE || n->to < n->from))
        n->to = n->from;
    return note_check(n, f);
}

/* Whether who writes may: of some regions notes about their own accounts. */
static bool is_his(struct store *st, const char *regions, const struct note *n, struct fail *f)
{
    return reach_take_account(st, regions, n->scope[NOTE_PLATFORM], n->scope[NOTE_ACCOUNT], f);
}

/* A note of another region is none; one about all regions is seen, and not his to change. */
static bool find_his(struct store *st, const char *regions, int64_t id, struct note *n,
                     struct fail *f)
{
    if (!note_find(st->db, id, n, f) || is_his(st, regions, n, f))
        return f->code == FAIL_NONE;
    if (f->code == FAIL_CONFLICT && n->scope[NOTE_ACCOUNT][0]) {
        *f = (struct fail){0};
        fail_set(f, FAIL_NOT_FOUND, "no-note", NULL, "There is no such note.");
    }
    return false;
}

static bool note_job(struct store *st, void *ctx, bool *changed, struct fail *f)
{
    struct note_body *b = ctx;

    b->note = (struct note){.from = DAY_NONE, .to = DAY_NONE, .kind = NOTE_KIND_COUNT};
    if (b->id && !find_his(st, b->regions, b->id, &b->note, f))
        return false;
    if (!note_read(b->object, &b->note, f) || !is_his(st, b->regions, &b->note, f) ||
        !note_put(st->db, &b->note, &b->changed, f))
        return false;
    *changed = b->changed;
    return true;
}

static void note_finish(void *body, const struct request *rq, struct reply *rp)
{
    struct note_body *b = body;
    bool replaces = rq->segment[0][0] != 0;
    struct fail f = {0};
    json_t *o;

    b->regions = rq->caller.regions;
    b->id = replaces ? number_of(rq, &f) : 0;
    b->object = f.code == FAIL_NONE ? small_json_read(&b->in, &f) : NULL;
    if (!b->object || !writer_run(b->in.app->writer, WRITE_FOREGROUND, note_job, b, &f)) {
        reply_fail(rp, &f);
        return;
    }
    o = note_json(rq, &b->note);
    if (!request_sees_rows(rq)) { /* a change is no way to read */
        json_t *id = json_incref(json_object_get(o, "id"));

        json_object_clear(o);
        json_put(&o, "id", id);
    }
    json_put(&o, "changed", json_boolean(b->changed));
    json_put(&o, "revision", json_integer(revision_after(b->in.app, rq)));
    snprintf(rp->location, sizeof rp->location, "/api/v1/notes/%lld",
             (long long)veil_shown(&rq->veil, b->note.note_id));
    reply_json(rp, replaces || !b->changed ? 200 : 201, o);
}

const struct body_ops api_notes_body = {note_begin, small_json_feed, note_finish, note_free,
                                        SMALL_BODY_MAX};

struct deletion {
    int64_t id;
    const char *regions;
};

static bool delete_job(struct store *st, void *ctx, bool *changed, struct fail *f)
{
    const struct deletion *d = ctx;
    struct note n;

    *changed = true;
    return find_his(st, d->regions, d->id, &n, f) && note_delete(st->db, d->id, f);
}

void api_note_delete(struct app *app, const struct request *rq, struct reply *rp)
{
    struct fail f = {0};
    struct deletion d = {number_of(rq, &f), rq->caller.regions};
    json_t *o;

    if (!d.id || !writer_run(app->writer, WRITE_FOREGROUND, delete_job, &d, &f)) {
        reply_fail(rp, &f);
        return;
    }
    o = json_object();
    json_put(&o, "changed", json_true());
    json_put(&o, "revision", json_integer(revision_after(app, rq)));
    reply_json(rp, 200, o);
}
