#include "http/plain.h"
#include "render/json.h"

#include <stdlib.h>
#include <string.h>

/* What an object is, by a member that it alone has, and what of it is sensitive. */
static const struct {
    const char *sign, *value; /* value NULL: any */
    const char *out[7];
} kinds[] = {
    {"posted_at", NULL, {"text", "url", "campaign", "account", "utm"}},
    {"record", "post", {"text", "url", "campaign", "account"}},
    {"source_group", NULL, {"campaign"}},
    {"record", "traffic", {"campaign"}},
    {"profile_version", NULL, {"file", "options", "sentence"}},
    {"column", NULL, {"value", "sentence"}},
    {"heading", NULL, {"value", "sentence"}},
    {"times_typical", NULL, {"excerpt", "url"}},
    {"newest", NULL, {NULL}},
    {"private", NULL, {"account"}},
    {"stated_at", NULL, {"campaign"}},
};

static bool is_of(const json_t *o, int i)
{
    const json_t *sign = json_object_get(o, kinds[i].sign);
    const char *text = json_string_value(sign);

    return sign && (!kinds[i].value || (text && strcmp(text, kinds[i].value) == 0));
}

/* A finding stands in an export as the text it is kept as. */
static void mend_finding(json_t *v)
{
    json_t *all = json_loads(json_string_value(json_object_get(v, "text")), 0, NULL);
    char *text;

    plain_json(all);
    text = all ? json_dumps(all, JSON_COMPACT) : NULL;
    if (text)
        json_object_set_new(v, "text", json_string(text));
    else
        json_object_del(v, "text");
    free(text);
    json_decref(all);
}

void plain_json(json_t *v)
{
    const char *kind, *text, *key;
    json_t *item;
    size_t i;

    json_array_foreach(v, i, item) plain_json(item);
    if (!json_is_object(v))
        return;
    for (int k = 0; k < (int)(sizeof kinds / sizeof *kinds); k++)
        for (int m = 0; is_of(v, k) && m < 7 && kinds[k].out[m]; m++)
            json_object_del(v, kinds[k].out[m]);
    text = json_string_value(json_object_get(v, "text"));
    kind = json_string_value(json_object_get(v, "record"));
    if (kind && text && strcmp(kind, "finding") == 0)
        mend_finding(v);
    if (json_is_true(json_object_get(v, "private")) ||
        (json_object_get(v, "private") && text && strcmp(text, "(a private note)") == 0))
        json_object_del(v, "text");
    kind = json_string_value(json_object_get(v, "kind"));
    if (json_object_get(v, "newest") && kind && strcmp(kind, "account") == 0) {
        json_object_del(v, "name");
        json_object_del(v, "value");
    }
    json_object_foreach(v, key, item) plain_json(item);
}

/* Lines that are nothing but a name. */
static bool is_name(const json_t *o)
{
    const char *record = json_string_value(json_object_get(o, "record"));

    return record && (strcmp(record, "account") == 0 || strcmp(record, "type-rule") == 0);
}

static bool rewrite(const char *text, size_t len, struct buf *out)
{
    json_t *o = json_loadb(text, len, JSON_DECODE_ANY, NULL);
    bool ok = o != NULL;

    plain_json(o);
    if (o && !is_name(o)) {
        json_write(o, out);
        ok = buf_putc(out, '\n');
    }
    json_decref(o);
    return ok;
}

void reply_plain(struct reply *rp)
{
    const char *type = rp->content_type ? rp->content_type : "";
    bool lines = strcmp(type, "application/x-ndjson") == 0, ok = true;
    struct buf out;

    if (rp->has_file || (!lines && strcmp(type, "application/json") != 0))
        return;
    buf_init(&out, RESPONSE_MAX);
    if (!lines) {
        ok = rewrite(buf_text(&rp->body), rp->body.len, &out);
    } else {
        for (const char *at = buf_text(&rp->body), *end; ok && *at; at = end + (*end == '\n')) {
            end = at + strcspn(at, "\n");
            ok = end == at || rewrite(at, (size_t)(end - at), &out);
        }
    }
    if (ok) {
        buf_clear(&rp->body);
        rp->body = out;
    } else {
        struct fail f = {0};

        buf_clear(&out);
        fail_set(&f, FAIL_BUSY, "out-of-memory", NULL, "Out of memory; try again.");
        reply_fail(rp, &f);
    }
}

/* The same of a member that is JSON in a text. */
static void veil_text(json_t *o, const char *name, const struct veil *veil)
{
    json_t *v = json_loads(json_string_value(json_object_get(o, name)), 0, NULL);
    char *text = NULL;

    if (!v)
        return;
    veil_json(v, veil);
    text = json_dumps(v, JSON_COMPACT);
    if (!text || json_object_set_new(o, name, json_string(text)) != 0)
        json_object_del(o, name);
    free(text);
    json_decref(v);
}

void veil_json(json_t *v, const struct veil *veil)
{
    const json_t *id = json_object_get(v, "id");
    const char *record = json_string_value(json_object_get(v, "record")), *key;
    json_t *item;
    size_t i;

    json_array_foreach(v, i, item) veil_json(item, veil);
    if (!json_is_object(v))
        return;
    if (json_object_get(v, "effect") && json_object_get(v, "private") && json_is_integer(id))
        json_object_set_new(v, "id", json_integer(veil_shown(veil, json_integer_value(id))));
    if (json_is_integer(json_object_get(v, "revision")))
        json_object_set_new(v, "revision", json_integer(0));
    if (record && strcmp(record, "finding") == 0) {
        veil_text(v, "text", veil);
        veil_text(v, "definition", veil);
    }
    json_object_foreach(v, key, item) veil_json(item, veil);
}

/* Whether there is something in it for veil_json(): most answers are rows, and have nothing. */
static bool has_numbers(const char *text)
{
    static const char revision[] = "\"revision\":";

    if (strstr(text, "\"effect\":"))
        return true;
    while ((text = strstr(text, revision)) != NULL) {
        text += sizeof revision - 1;
        if (text[strspn(text, " ")] != '0')
            return true;
    }
    return false;
}

void reply_veiled(struct reply *rp, const struct veil *veil)
{
    json_t *o;

    if (!veil->on || rp->has_file || !rp->content_type ||
        strcmp(rp->content_type, "application/json") != 0 || !has_numbers(buf_text(&rp->body)))
        return;
    o = json_loadb(buf_text(&rp->body), rp->body.len, JSON_DECODE_ANY, NULL);
    veil_json(o, veil);
    reply_json(rp, rp->status, o); /* of NULL: a problem, and not what it was */
}

const char *const *plain_columns(const char *const *columns, const char **out, int most)
{
    static const char *const left_out[] = {"text",  "url",     "campaign", "account",
                                           "file",  "value",   "excerpt",  "utm_content",
                                           "words", "options", "sentence", NULL};
    bool notes = false;
    int n = 0;

    for (int i = 0; columns[i]; i++) /* a note's text is its own; private ones are not in it */
        notes = notes || strcmp(columns[i], "metric") == 0;
    for (int i = 0; columns[i] && n < most - 1; i++) {
        int k = notes && strcmp(columns[i], "text") == 0 ? 1 : 0;

        while (left_out[k] && (strcmp(left_out[k], columns[i]) != 0))
            k++;
        if (!left_out[k])
            out[n++] = columns[i];
    }
    out[n] = NULL;
    return out;
}
