/* Types and tags that people give: the rules, and what was set post by post. */
#include "base/ceilings.h"
#include "base/text.h"
#include "base/utf8.h"
#include "http/api.h"
#include "http/small_json.h"
#include "render/json.h"
#include "store/types.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- rules ---- */

struct rule_list {
    const struct request *rq;
    json_t *rules;
};

static bool list_rule(void *ctx, const struct type_rule *r)
{
    struct rule_list *l = ctx;
    json_t *o = json_of_type_rule(r);

    json_put(&o, "id", json_integer(veil_shown(&l->rq->veil, r->rule_id)));
    json_append(&l->rules, o);
    return l->rules != NULL;
}

void api_type_rules(struct app *app, const struct request *rq, struct reply *rp)
{
    static const char *const known[] = {"format", "bom", NULL};
    static const char *const columns[] = {"id",    "platform",    "account", "hashtag", "campaign",
                                          "words", "utm_content", "type",    "tags",    NULL};
    struct rule_list list = {rq, json_array()};
    struct fail f = {0};
    struct db *db = NULL;
    json_t *o;

    if (params_check(&rq->params, known, false, false, &f))
        db = snapshot_begin(app->snapshots, &rp->revision, &f);
    if (!db || !type_rules_each(db, list_rule, &list, &f)) {
        json_decref(list.rules);
        reply_fail(rp, &f);
    } else {
        rp->tag = TAG_CONTENT;
        o = json_object();
        json_put(&o, "rules", list.rules);
        reply_table(rp, rq, o, json_object_get(o, "rules"), columns);
    }
    snapshot_end(db);
}

struct rule_body {
    struct small_json in;
    struct record r; /* normalises type and tags as those of a post are */
    struct arena arena;
    struct type_rule rule;
    char folded[2][NAME_MAX_BYTES + 1]; /* hashtag and words in small letters */
    int64_t rule_id, posts;
};

static void *rule_begin(struct app *app, const struct request *rq, struct reply *rp)
{
    struct rule_body *b = small_json_begin(app, rq, rp, sizeof *b);

    if (b)
        arena_init(&b->arena, SMALL_BODY_MAX);
    return b;
}

static void rule_free(void *body)
{
    struct rule_body *b = body;

    arena_clear(&b->arena);
    small_json_free(b);
}

/* One text of a rule, by the rules of the field that it is held against. */
static bool rule_text(struct rule_body *b, const char *name, const char *text, const char **to,
                      struct fail *f)
{
    struct record_rules rules = {b->in.app->zone, 0};
    int field = strcmp(name, "platform") == 0 ? (int)POST_PLATFORM
                : strcmp(name, "type") == 0   ? (int)POST_TYPE
                : strcmp(name, "tags") == 0   ? (int)POST_TAGS
                                              : (int)POST_CAMPAIGN;
    bool folds = strcmp(name, "hashtag") == 0 || strcmp(name, "words") == 0;
    char *folded = b->folded[strcmp(name, "words") == 0];

    if (strcmp(name, "hashtag") == 0 && text[0] == '#')
        text++;
    if (!*text)
        return fail_set(f, FAIL_UNPROCESSABLE, "bad-value", name, "\"%s\" is empty.", name);
    if (!record_put_text(&b->r, field, text, strlen(text), &b->arena, &rules, f)) {
        text_copy(f->place, sizeof f->place, name);
        return false;
    }
    *to = field == POST_PLATFORM ? b->r.post.platform
          : field == POST_TYPE   ? b->r.post.type
          : field == POST_TAGS   ? b->r.post.tags
                                 : b->r.post.campaign;
    if (!folds)
        return true;
    text_copy(folded, NAME_MAX_BYTES + 1, text);
    for (char *c = folded; *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c + 32);
    *to = folded;
    return true;
}

/* A list of tags → one text. */
static bool joined(json_t *value, char *out, size_t size)
{
    size_t n = 0;

    out[0] = 0;
    for (size_t i = 0; i < json_array_size(value); i++) {
        const char *tag = json_string_value(json_array_get(value, i));

        if (!tag || !*tag || strchr(tag, ' ') || n + strlen(tag) + 2 > size)
            return false;
        if (n)
            out[n++] = ' ';
        text_copy(out + n, size - n, tag);
        n += strlen(tag);
    }
    return true;
}

static bool rule_read(struct rule_body *b, struct fail *f)
{
    json_t *o = small_json_read(&b->in, f), *value;
    char tags[TAGS_MAX * (SLUG_MAX + 1) + 1];
    const char *key;
    bool ok = o != NULL;

    record_init(&b->r, RECORD_POST);
    json_object_foreach(o, key, value)
    {
        const char *text = json_string_value(value);
        int k = 0;

        if (!ok)
            break;
        while (k < RULE_TEXTS && strcmp(type_rule_names[k], key) != 0)
            k++;
        if (k == RULE_TEXTS) {
            ok = fail_set(f, FAIL_UNPROCESSABLE, "unknown-field", key,
                          "There is no field \"%.60s\" in a rule.", key);
        } else if (json_is_null(value)) {
            continue;
        } else {
            if (json_is_array(value) && strcmp(key, "tags") == 0 &&
                joined(value, tags, sizeof tags))
                text = tags;
            ok = text ? rule_text(b, key, text, type_rule_text(&b->rule, k), f)
                      : fail_set(f, FAIL_UNPROCESSABLE, "wrong-type", key,
                                 "\"%.40s\" takes a text.", key);
        }
    }
    json_decref(o);
    return ok;
}

static bool rule_job(struct store *st, void *ctx, bool *changed, struct fail *f)
{
    struct rule_body *b = ctx;

    *changed = true;
    return type_rule_add(st, &b->rule, &b->posts, f);
}

static void rule_finish(void *body, const struct request *rq, struct reply *rp)
{
    struct rule_body *b = body;
    struct fail f = {0};
    json_t *o;

    (void)rq;
    if (!rule_read(b, &f) || !writer_run(b->in.app->writer, WRITE_FOREGROUND, rule_job, b, &f)) {
        reply_fail(rp, &f);
        return;
    }
    o = json_of_type_rule(&b->rule);
    json_put(&o, "posts_changed", json_integer(b->posts));
    json_put(&o, "revision", json_integer(writer_revision(b->in.app->writer)));
    reply_json(rp, 201, o);
}

const struct body_ops api_type_rules_body = {rule_begin, small_json_feed, rule_finish, rule_free,
                                             SMALL_BODY_MAX};

struct rule_removal {
    int64_t rule_id, posts;
};

static bool remove_job(struct store *st, void *ctx, bool *changed, struct fail *f)
{
    struct rule_removal *d = ctx;

    *changed = true;
    return type_rule_delete(st, d->rule_id, &d->posts, f);
}

void api_type_rule_delete(struct app *app, const struct request *rq, struct reply *rp)
{
    static const char *const known[] = {NULL};
    const char *text = rq->segment[0];
    struct rule_removal d = {0};
    struct fail f = {0};
    json_t *o;

    if (params_check(&rq->params, known, false, false, &f) &&
        (strspn(text, "0123456789") != strlen(text) || strlen(text) > 18))
        fail_set(&f, FAIL_NOT_FOUND, "no-rule", NULL, "There is no rule \"%.40s\".", text);
    d.rule_id = strtoll(text, NULL, 10);
    if (f.code != FAIL_NONE || !writer_run(app->writer, WRITE_FOREGROUND, remove_job, &d, &f)) {
        reply_fail(rp, &f);
        return;
    }
    o = json_object();
    json_put(&o, "posts_changed", json_integer(d.posts));
    json_put(&o, "revision", json_integer(writer_revision(app->writer)));
    reply_json(rp, 200, o);
}

/* ---- post by post ---- */

struct set_page {
    json_t *list;
    int64_t limit;
    char platform[SLUG_MAX + 1], id[ID_MAX + 1]; /* the last listed */
    bool more;
};

static bool list_set(void *ctx, const struct set_type *t)
{
    struct set_page *p = ctx;

    if ((int64_t)json_array_size(p->list) == p->limit) {
        p->more = true;
        return false;
    }
    json_append(&p->list, json_of_set_type(t));
    text_copy(p->platform, sizeof p->platform, t->platform);
    text_copy(p->id, sizeof p->id, t->id);
    return p->list != NULL;
}

void api_post_types(struct app *app, const struct request *rq, struct reply *rp)
{
    static const char *const known[] = {"limit", "cursor", "format", "bom", NULL};
    static const char *const columns[] = {"platform", "id", "type", "tags", NULL};
    struct set_page page = {.list = json_array(), .limit = LIST_LIMIT_DEFAULT};
    const char *cursor = params_get(&rq->params, "cursor");
    char platform[SLUG_MAX + 1] = "", next[SLUG_MAX + ID_MAX + 3];
    const char *slash = cursor ? strchr(cursor, '/') : NULL;
    struct fail f = {0};
    struct db *db = NULL;
    json_t *o;

    if (params_check(&rq->params, known, false, false, &f) &&
        params_int(&rq->params, "limit", 1, LIST_LIMIT_MAX, &page.limit, &f) && cursor &&
        (!slash || slash - cursor > SLUG_MAX))
        fail_set(&f, FAIL_UNPROCESSABLE, "bad-value", "cursor", "There is no such cursor.");
    if (slash && f.code == FAIL_NONE)
        snprintf(platform, sizeof platform, "%.*s", (int)(slash - cursor), cursor);
    if (f.code == FAIL_NONE)
        db = snapshot_begin(app->snapshots, &rp->revision, &f);
    if (!db || !post_types_each(db, platform, slash ? slash + 1 : "", page.limit + 1, list_set,
                                &page, &f)) {
        json_decref(page.list);
        reply_fail(rp, &f);
    } else {
        snprintf(next, sizeof next, "%s/%s", page.platform, page.id);
        rp->tag = TAG_CONTENT;
        o = json_object();
        json_put(&o, "types", page.list);
        json_put(&o, "next_cursor", json_text(page.more ? next : NULL));
        if (page.more)
            reply_next(rp, rq, next);
        reply_table(rp, rq, o, json_object_get(o, "types"), columns);
    }
    snapshot_end(db);
}

struct set_removal {
    struct set_type t;
    char platform[SLUG_MAX + 1];
    const char *regions;
    bool changed;
};

static bool unset_job(struct store *st, void *ctx, bool *changed, struct fail *f)
{
    struct set_removal *d = ctx;

    if ((*d->regions && !reach_take_post(st, d->regions, d->platform, d->t.id, f)) ||
        !post_type_set(st, &d->t, &d->changed, f))
        return false;
    *changed = d->changed;
    return true;
}

void api_post_type_delete(struct app *app, const struct request *rq, struct reply *rp)
{
    static const char *const known[] = {NULL};
    struct set_removal d = {.t = {d.platform, rq->segment[1], NULL, NULL},
                            .regions = rq->caller.regions};
    struct fail f = {0};
    json_t *o;

    if (params_check(&rq->params, known, false, false, &f) &&
        !platform_make(rq->segment[0], strlen(rq->segment[0]), d.platform))
        fail_set(&f, FAIL_NOT_FOUND, "no-post", NULL, "There is no platform \"%.40s\".",
                 rq->segment[0]);
    if (f.code != FAIL_NONE || !writer_run(app->writer, WRITE_FOREGROUND, unset_job, &d, &f)) {
        reply_fail(rp, &f);
        return;
    }
    o = json_object();
    json_put(&o, "changed", json_boolean(d.changed));
    json_put(&o, "revision", json_integer(revision_after(app, rq)));
    reply_json(rp, 200, o);
}
