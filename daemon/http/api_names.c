/* Accounts with their regions, and what the names of sources count as. */
#include "base/ceilings.h"
#include "base/text.h"
#include "base/utf8.h"
#include "http/api.h"
#include "http/small_json.h"
#include "render/json.h"

#include <stdlib.h>
#include <string.h>

static bool list_account(void *ctx, const struct account_row *a)
{
    json_append(ctx, json_of_account(a));
    return *(json_t **)ctx != NULL;
}

static bool list_source(void *ctx, const struct source_row *s)
{
    json_append(ctx, json_of_source(s));
    return *(json_t **)ctx != NULL;
}

static void reply_list(struct app *app, const struct request *rq, struct reply *rp,
                       const char *name, bool accounts, const char *const *columns)
{
    static const char *const known[] = {"format", "bom", NULL};
    json_t *list = json_array(), *o;
    struct fail f = {0};
    struct db *db = NULL;

    if (!params_check(&rq->params, known, false, false, &f))
        goto fail;
    db = snapshot_begin(app->snapshots, &rp->revision, &f);
    if (!db || !(accounts ? accounts_each(db, list_account, &list, &f)
                          : sources_each(db, list_source, &list, &f)))
        goto fail;
    rp->tag = TAG_REVISION;
    o = json_object();
    json_put(&o, name, list);
    json_put(&o, "revision", json_integer(rp->revision));
    reply_table(rp, rq, o, json_object_get(o, name), columns);
    goto out;
fail:
    json_decref(list);
    reply_fail(rp, &f);
out:
    snapshot_end(db);
}

void api_accounts(struct app *app, const struct request *rq, struct reply *rp)
{
    static const char *const columns[] = {"platform", "account", "region", "posts", NULL};

    reply_list(app, rq, rp, "accounts", true, columns);
}

void api_sources(struct app *app, const struct request *rq, struct reply *rp)
{
    static const char *const columns[] = {"name", "source", "stated", NULL};

    reply_list(app, rq, rp, "sources", false, columns);
}

/* ---- changing one: a small JSON object of texts ---- */

struct small_body {
    struct small_json in;
    bool source; /* else an account */
    char platform[SLUG_MAX + 1], name[NAME_MAX_BYTES + 1], to[SLUG_MAX + 1];
    bool changed;
};

static void *small_begin(struct app *app, const struct request *rq, struct reply *rp, bool source)
{
    struct small_body *b = small_json_begin(app, rq, rp, sizeof *b);

    if (b)
        b->source = source;
    return b;
}

static void *account_begin(struct app *app, const struct request *rq, struct reply *rp)
{
    return small_begin(app, rq, rp, false);
}

static void *source_begin(struct app *app, const struct request *rq, struct reply *rp)
{
    return small_begin(app, rq, rp, true);
}

static bool member(json_t *o, const char *name, bool slug, char *out, size_t size, struct fail *f)
{
    const char *text = json_string_value(json_object_get(o, name));

    if (!text)
        return fail_set(f, FAIL_UNPROCESSABLE, "missing-field", name,
                        "\"%s\" is missing, or no text.", name);
    if (slug ? !(strcmp(name, "platform") == 0 ? platform_make : slug_make)(text, strlen(text), out)
             : strlen(text) >= size || !utf8_is_text(text, strlen(text)) || strchr(text, '\n'))
        return fail_set(f, FAIL_UNPROCESSABLE, slug ? "bad-slug" : "bad-name", name,
                        "\"%s\" takes a short %s; this is \"%.60s\".", name,
                        slug ? "name of letters, digits and hyphens" : "text without line breaks",
                        text);
    if (!slug)
        text_copy(out, size, text);
    return true;
}

static bool small_read(struct small_body *b, struct fail *f)
{
    static const char *const names[2][4] = {{"platform", "account", "region", NULL},
                                            {"name", "source", NULL}};
    json_t *o = small_json_read(&b->in, f);
    const char *key;
    json_t *value;
    bool ok = false;

    if (!o)
        return false;
    json_object_foreach(o, key, value)
    {
        const char *const *n = names[b->source];

        while (*n && strcmp(*n, key) != 0)
            n++;
        if (!*n) {
            fail_set(f, FAIL_UNPROCESSABLE, "unknown-field", key, "There is no field \"%.60s\".",
                     key);
            goto out;
        }
    }
    if (b->source)
        ok = member(o, "name", false, b->name, sizeof b->name, f) &&
             member(o, "source", true, b->to, sizeof b->to, f);
    else
        ok = member(o, "platform", true, b->platform, sizeof b->platform, f) &&
             (!json_object_get(o, "account") || json_is_null(json_object_get(o, "account")) ||
              member(o, "account", false, b->name, sizeof b->name, f)) &&
             member(o, "region", true, b->to, sizeof b->to, f);
out:
    json_decref(o);
    return ok;
}

static bool small_job(struct store *st, void *ctx, bool *changed, struct fail *f)
{
    struct small_body *b = ctx;

    if (b->source ? !source_state(st->db, b->name, b->to, &b->changed, f)
                  : !account_set_region(st, b->platform, b->name, b->to, &b->changed, f))
        return false;
    *changed = b->changed;
    return true;
}

static void small_finish(void *body, const struct request *rq, struct reply *rp)
{
    struct small_body *b = body;
    struct fail f = {0};
    json_t *o;

    (void)rq;
    if (!small_read(b, &f) || !writer_run(b->in.app->writer, WRITE_FOREGROUND, small_job, b, &f)) {
        reply_fail(rp, &f);
        return;
    }
    o = json_object();
    json_put(&o, "changed", json_boolean(b->changed));
    json_put(&o, "revision", json_integer(writer_revision(b->in.app->writer)));
    reply_json(rp, 200, o);
}

const struct body_ops api_accounts_body = {account_begin, small_json_feed, small_finish,
                                           small_json_free, SMALL_BODY_MAX};
const struct body_ops api_sources_body = {source_begin, small_json_feed, small_finish,
                                          small_json_free, SMALL_BODY_MAX};
