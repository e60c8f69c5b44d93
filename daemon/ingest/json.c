#include "ingest/json.h"
#include "record/links.h"
#include "base/buf.h"
#include "base/ceilings.h"
#include "base/text.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum phase {
    BEFORE,      /* nothing but blanks yet */
    FIRST_KEY,   /* inside the outer object, up to the colon after its first key */
    WANT_LIST,   /* the first key was the list's name */
    WANT_ITEM,   /* after "[" or "," */
    ITEM,        /* inside an object of the list, or the one record */
    ITEM_SCALAR, /* inside something in the list that is no object */
    AFTER_ITEM,
    AFTER_LIST,
    DONE,
    LINE /* NDJSON */
};

struct json_splitter {
    enum phase phase;
    const char *list_name;
    json_record_fn fn;
    void *ctx;
    bool stopped;
    bool in_string, escaped, too_large, first;
    bool single;     /* the document is one record */
    int depth, mark; /* bytes of a byte order mark seen; 3: past it */
    int64_t line, column, index;
    struct place at;
    struct buf item;
};

struct json_splitter *json_splitter_new(enum json_shape shape, const char *list_name,
                                        json_record_fn fn, void *ctx)
{
    struct json_splitter *s = calloc(1, sizeof *s);

    if (!s)
        return NULL;
    s->phase = shape == JSON_SHAPE_LINES ? LINE : BEFORE;
    s->list_name = list_name;
    s->fn = fn;
    s->ctx = ctx;
    s->line = 1;
    s->at.line = 1;
    buf_init(&s->item, JSON_RECORD_MAX);
    return s;
}

void json_splitter_free(struct json_splitter *s)
{
    if (!s)
        return;
    buf_clear(&s->item);
    free(s);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void keep(struct json_splitter *s, char c)
{
    if (!s->too_large && !buf_putc(&s->item, c))
        s->too_large = true;
}

static void begin(struct json_splitter *s)
{
    buf_reset(&s->item);
    s->too_large = false;
    s->in_string = s->escaped = false;
    s->depth = 0;
    s->at.line = s->line;
    s->at.index = s->index;
}

static void emit(struct json_splitter *s)
{
    if (!s->fn(s->ctx, s->too_large ? "" : buf_text(&s->item), s->too_large ? 0 : s->item.len,
               s->at, s->too_large))
        s->stopped = true;
    s->index++;
    buf_reset(&s->item);
    s->too_large = false;
}

static bool broken(struct json_splitter *s, struct fail *f, const char *what)
{
    char place[64];

    snprintf(place, sizeof place, "line %" PRId64 ", column %" PRId64, s->line, s->column);
    return fail_set(f, FAIL_SYNTAX, "bad-json", place, "The JSON breaks off at %s: %s.", place,
                    what);
}

/* Follows strings and nesting; true when the value that began has just ended. */
static bool follow(struct json_splitter *s, char c)
{
    if (s->in_string) {
        if (s->escaped)
            s->escaped = false;
        else if (c == '\\')
            s->escaped = true;
        else if (c == '"')
            s->in_string = false;
        return false;
    }
    if (c == '"')
        s->in_string = true;
    else if (c == '{' || c == '[')
        s->depth++;
    else if (c == '}' || c == ']')
        return --s->depth == 0;
    return false;
}

/* In FIRST_KEY the text so far is `{ "name" :`; says whether name is the list's. */
static bool key_is_list(const char *text, const char *name)
{
    const char *quote = strchr(text, '"');
    size_t len = strlen(name);

    return quote && strncmp(quote + 1, name, len) == 0 && quote[1 + len] == '"';
}

static bool document_byte(struct json_splitter *s, char c, struct fail *f)
{
    switch (s->phase) {
    case BEFORE:
        if (is_blank(c))
            return true;
        if (c != '{')
            return broken(s, f, "an object is expected, as in {\"posts\": [...]}");
        begin(s);
        s->depth = 1;
        keep(s, c);
        s->phase = FIRST_KEY;
        return true;
    case FIRST_KEY:
        keep(s, c);
        if (!s->in_string && c == ':') {
            if (key_is_list(buf_text(&s->item), s->list_name)) {
                s->phase = WANT_LIST;
            } else {
                s->phase = ITEM;
                s->single = true;
            }
            return true;
        }
        if (follow(s, c)) { /* "{}" */
            s->single = true;
            emit(s);
            s->phase = DONE;
        }
        return true;
    case WANT_LIST:
        if (is_blank(c))
            return true;
        if (c != '[')
            return broken(s, f, "a list of records is expected here");
        s->phase = WANT_ITEM;
        s->first = true;
        return true;
    case WANT_ITEM:
        if (is_blank(c))
            return true;
        if (c == ']' && s->first) {
            s->phase = AFTER_LIST;
            return true;
        }
        if (c == ',' || c == ']' || c == '}' || c == ':')
            return broken(s, f, "a record is expected here");
        begin(s);
        keep(s, c);
        follow(s, c);
        s->phase = s->depth ? ITEM : ITEM_SCALAR;
        s->first = false;
        return true;
    case ITEM:
        keep(s, c);
        if (s->depth > JSON_DEPTH_MAX)
            return broken(s, f, "it is nested too deep");
        if (follow(s, c)) {
            emit(s);
            s->phase = s->single ? DONE : AFTER_ITEM;
        }
        return true;
    case ITEM_SCALAR:
        if (!s->in_string && (c == ',' || c == ']' || is_blank(c))) {
            emit(s);
            s->phase = AFTER_ITEM;
            return document_byte(s, c, f);
        }
        keep(s, c);
        follow(s, c);
        if (s->depth)
            return broken(s, f, "this is no JSON value");
        return true;
    case AFTER_ITEM:
        if (is_blank(c))
            return true;
        if (c == ',')
            s->phase = WANT_ITEM;
        else if (c == ']')
            s->phase = AFTER_LIST;
        else
            return broken(s, f, "a comma or the end of the list is expected here");
        return true;
    case AFTER_LIST:
        if (is_blank(c))
            return true;
        if (c != '}')
            return broken(s, f, "the end of the object is expected after the list");
        s->phase = DONE;
        return true;
    case DONE:
        if (is_blank(c))
            return true;
        return broken(s, f,
                      "something follows the end of the document; many records go into "
                      "{\"posts\": [...]} or into lines of application/x-ndjson");
    case LINE: break;
    }
    return true;
}

static void line_byte(struct json_splitter *s, char c)
{
    if (c == '\n') {
        bool blank = true;

        for (size_t i = 0; i < s->item.len && blank; i++)
            blank = is_blank(s->item.data[i]);
        if (!blank || s->too_large)
            emit(s);
        buf_reset(&s->item);
        s->too_large = false;
        s->at.line = s->line + 1;
        s->at.index = s->index;
        return;
    }
    keep(s, c);
}

bool json_splitter_feed(struct json_splitter *s, const char *data, size_t len, struct fail *f)
{
    static const unsigned char mark[3] = {0xef, 0xbb, 0xbf};

    for (size_t i = 0; i < len && !s->stopped; i++) {
        if (s->mark < 3) { /* a byte order mark in front is no part of the text */
            if ((unsigned char)data[i] == mark[s->mark]) {
                s->mark++;
                continue;
            }
            s->mark = 3;
        }
        s->column++;
        if (s->phase == LINE)
            line_byte(s, data[i]);
        else if (!document_byte(s, data[i], f))
            return false;
        if (data[i] == '\n') {
            s->line++;
            s->column = 0;
        }
    }
    return true;
}

bool json_splitter_is_list(const struct json_splitter *s)
{
    return !s->single && s->phase != LINE;
}

bool json_splitter_finish(struct json_splitter *s, struct fail *f)
{
    if (s->stopped)
        return true;
    if (s->phase == LINE) {
        line_byte(s, '\n');
        return true;
    }
    if (s->phase == BEFORE)
        return fail_set(f, FAIL_SYNTAX, "empty-body", NULL, "The request has no body.");
    if (s->phase != DONE)
        return broken(s, f, "the body ends before the document does");
    return true;
}

static bool put_value(struct record *r, int field, const char *name, json_t *value, struct arena *a,
                      const struct record_rules *rules, struct fail *f)
{
    char number[32];

    switch (json_typeof(value)) {
    case JSON_NULL: return record_put_null(r, field, f);
    case JSON_STRING:
        if (record_field_is_count(r->kind, field))
            return fail_set(f, FAIL_UNPROCESSABLE, "wrong-type", NULL,
                            "\"%s\" takes a number, not text.", name);
        return record_put_text(r, field, json_string_value(value), json_string_length(value), a,
                               rules, f);
    case JSON_INTEGER:
        if (r->kind == RECORD_POST && field == POST_ID) { /* jansson keeps 64 bits exactly */
            snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
            return record_put_text(r, field, number, strlen(number), a, rules, f);
        }
        return record_put_count(r, field, json_integer_value(value), f);
    case JSON_REAL:
        if (record_field_is_count(r->kind, field)) {
            double v = json_real_value(value);

            if (v >= 0 && v <= (double)COUNT_MAX && v == (double)(int64_t)v)
                return record_put_count(r, field, (int64_t)v, f);
            return fail_set(f, FAIL_UNPROCESSABLE, "bad-count", NULL,
                            "\"%s\" takes a whole number from 0; this is %g.", name, v);
        }
        break;
    case JSON_ARRAY:
        if (r->kind == RECORD_POST && field == POST_TAGS) {
            struct buf joined;
            bool ok = true;

            buf_init(&joined, TAGS_MAX * (SLUG_MAX + 1) * 4);
            for (size_t i = 0; ok && i < json_array_size(value); i++) {
                const char *tag = json_string_value(json_array_get(value, i));

                if (!tag || !*tag || strpbrk(tag, " \t\r\n"))
                    ok = fail_set(f, FAIL_UNPROCESSABLE, "bad-tag", NULL,
                                  "\"tags\" takes a list of words without blanks.");
                else if (!buf_puts(&joined, tag) || !buf_putc(&joined, ' '))
                    ok = fail_set(f, FAIL_UNPROCESSABLE, "too-many-tags", NULL,
                                  "A post takes at most %d tags.", TAGS_MAX);
            }
            if (ok)
                ok = record_put_text(r, field, buf_text(&joined), joined.len, a, rules, f);
            buf_clear(&joined);
            return ok;
        }
        break;
    case JSON_OBJECT:
    case JSON_TRUE:
    case JSON_FALSE: break;
    }
    return fail_set(f, FAIL_UNPROCESSABLE, "wrong-type", NULL, "\"%s\" does not take %s.", name,
                    json_is_array(value)    ? "a list"
                    : json_is_object(value) ? "an object"
                    : json_is_number(value) ? "a number"
                                            : "true or false");
}

/* The object's members → the record. */
static bool read_members(json_t *object, struct arena *a, const struct record_rules *rules,
                         struct record *r, char *pointer_field, struct fail *f)
{
    int missing = -1;
    const char *key;
    json_t *value;

    json_object_foreach(object, key, value)
    {
        int field = record_field(r->kind, key);

        if (field < 0 && record_field_is_derived(key))
            continue;
        snprintf(pointer_field, 64, "%.63s", key);
        if (field < 0)
            return fail_set(f, FAIL_UNPROCESSABLE, "unknown-field", NULL,
                            "There is no field \"%.60s\" in a %s; it was not stored.", key,
                            r->kind == RECORD_POST ? "post" : "row of traffic");
        if (!put_value(r, field, key, value, a, rules, f))
            return false;
    }
    pointer_field[0] = 0;
    if (!record_read_links(r, a, rules, f))
        return false;
    if (record_check(r, &missing, f))
        return true;
    snprintf(pointer_field, 64, "%s", record_field_name(r->kind, missing));
    return false;
}

static json_t *read_object(const char *text, size_t len, struct fail *f)
{
    json_error_t error;
    json_t *object = json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);

    if (!object)
        fail_set(f, FAIL_UNPROCESSABLE, "bad-json", NULL,
                 "This record is no JSON: %s (its line %d, column %d).", error.text, error.line,
                 error.column);
    else if (!json_is_object(object))
        fail_set(f, FAIL_UNPROCESSABLE, "wrong-type", NULL, "A record is a JSON object.");
    if (json_is_object(object))
        return object;
    json_decref(object);
    return NULL;
}

bool json_record_read(const char *text, size_t len, enum record_kind kind, struct arena *a,
                      const struct record_rules *rules, struct record *r, char *pointer_field,
                      struct fail *f)
{
    struct place at = r->at;
    json_t *object;
    bool ok;

    pointer_field[0] = 0;
    record_init(r, kind);
    r->at = at;
    object = read_object(text, len, f);
    ok = object && read_members(object, a, rules, r, pointer_field, f);
    json_decref(object);
    return ok;
}

/* Moves a text member out of the object; "" where it is not there. */
static void take_member(json_t *object, const char *name, char *out, size_t size)
{
    text_copy(out, size, json_string_value(json_object_get(object, name)));
    json_object_del(object, name);
}

static const char *const line_kinds[LINE_KIND_COUNT] = {
    "post",           "traffic",    "coverage", "account",    "source",           "type-rule",
    "post-type",      "definition", "note",     "experiment", "experiment-event", "finding",
    "postlift-export"};

bool json_line_read(const char *text, size_t len, struct arena *a, const struct record_rules *rules,
                    struct json_line *line, char *pointer_field, struct fail *f)
{
    struct place at = line->r.at;
    json_t *object = read_object(text, len, f), *tags;
    char kind[24];
    bool ok = object != NULL;

    pointer_field[0] = 0;
    record_init(&line->r, RECORD_POST);
    if (!ok)
        goto out;
    take_member(object, "record", kind, sizeof kind);
    take_member(object, "profile", line->profile, sizeof line->profile);
    if (!kind[0]) /* plain records: by the field that each must have */
        text_copy(kind, sizeof kind, json_object_get(object, "date") ? "traffic" : "post");
    line->kind = LINE_POST;
    while (line->kind < LINE_KIND_COUNT && strcmp(line_kinds[line->kind], kind) != 0)
        line->kind++;
    if (line->kind == LINE_KIND_COUNT) {
        ok = fail_set(f, FAIL_UNPROCESSABLE, "unknown-record", NULL,
                      "There are no records called \"%.20s\".", kind);
        goto out;
    }
    if (line->kind <= LINE_TRAFFIC) {
        record_init(&line->r, line->kind == LINE_POST ? RECORD_POST : RECORD_TRAFFIC);
        line->r.at = at;
        ok = read_members(object, a, rules, &line->r, pointer_field, f);
        goto out;
    }
    for (int i = 0; i < LINE_TEXTS; i++) {
        const char *value = json_string_value(json_object_get(object, json_line_names[i]));

        line->text[i] = value ? arena_strndup(a, value, strlen(value)) : NULL;
        if (value && !line->text[i])
            ok = fail_set(f, FAIL_TOO_LARGE, "too-large", NULL, "The line is too long.");
    }
    tags = json_object_get(object, "tags");
    line->tags[0] = 0;
    for (size_t i = 0; i < json_array_size(tags); i++) {
        size_t n = strlen(line->tags);

        snprintf(line->tags + n, sizeof line->tags - n, "%s%s", n ? " " : "",
                 json_string_value(json_array_get(tags, i))
                     ? json_string_value(json_array_get(tags, i))
                     : "");
    }
    line->metrics = 0;
    tags = json_object_get(object, "metrics");
    for (size_t i = 0; i < json_array_size(tags); i++) {
        const char *name = json_string_value(json_array_get(tags, i));

        if (name && traffic_metric(name) >= 0)
            line->metrics |= 1u << traffic_metric(name);
    }
out:
    line->r.at = at;
    json_decref(object);
    return ok;
}

const char *const json_line_names[LINE_TEXTS] = {
    "platform", "account",     "region", "name",   "source", "id",         "hashtag", "campaign",
    "words",    "utm_content", "type",   "scheme", "date",   "arrived_at", "metric",  "definition",
    "timezone", "from",        "to",     "kind",   "text",   "private"};

bool json_is_record(const char *text, size_t len)
{
    json_t *object = json_loadb(text, len, 0, NULL);
    bool is = json_object_get(object, "record") || json_object_get(object, "platform") ||
              json_object_get(object, "date");

    json_decref(object);
    return is;
}
