/* Loading: a profile's JSON → struct profile. The interpreter is in plan.c. */
#include "ingest/profile_parts.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct profile_set {
    struct profile *profiles;
    int n;
};

void heading_normalise(const char *text, size_t len, char out[HEADING_MAX])
{
    size_t n = 0;
    bool blank = false;

    for (size_t i = 0; i < len && n + 2 < HEADING_MAX; i++) {
        unsigned char c = (unsigned char)text[i];

        if (c == ' ' || c == '\t' || c == '\n' || c == '\r' ||
            (c == 0xc2 && i + 1 < len && (unsigned char)text[i + 1] == 0xa0)) {
            if (c == 0xc2)
                i++;
            blank = n > 0;
            continue;
        }
        if (blank)
            out[n++] = ' ';
        blank = false;
        out[n++] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
    }
    out[n] = 0;
}

static void words_free(struct words *w)
{
    for (int i = 0; i < w->n; i++)
        free(w->item[i]);
    free(w->item);
}

static void profile_clear(struct profile *p)
{
    free(p->name);
    free(p->title);
    free(p->scheme);
    free(p->empty_type);
    for (int i = 0; i < FIELD_MAX; i++) {
        words_free(&p->columns[i]);
        free(p->constants[i]);
    }
    words_free(&p->time_formats);
    words_free(&p->day_formats);
    words_free(&p->types);
    words_free(&p->type_slugs);
    words_free(&p->reading_columns);
    words_free(&p->reading_lifetime);
    words_free(&p->reading_formats);
    words_free(&p->error_message);
    words_free(&p->totals);
    words_free(&p->absent);
    zone_close(p->zone);
}

void profile_set_free(struct profile_set *s)
{
    if (!s)
        return;
    for (int i = 0; i < s->n; i++)
        profile_clear(&s->profiles[i]);
    free(s->profiles);
    free(s);
}

static bool words_add(struct words *w, const char *text, bool normalise)
{
    char heading[HEADING_MAX];
    char **item = realloc(w->item, (size_t)(w->n + 1) * sizeof *item);

    if (!item)
        return false;
    w->item = item;
    if (normalise) {
        heading_normalise(text, strlen(text), heading);
        text = heading;
    }
    w->item[w->n] = strdup(text);
    return w->item[w->n] && ++w->n;
}

/* A list of strings; a member that is not there is an empty list. */
static bool words_load(struct words *w, const json_t *list, bool normalise, struct fail *f)
{
    if (!list)
        return true;
    if (!json_is_array(list))
        return fail_set(f, FAIL_INTERNAL, "bad-profile", NULL, "a list of words is expected");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *text = json_string_value(json_array_get(list, i));

        if (!text || !words_add(w, text, normalise))
            return fail_set(f, FAIL_INTERNAL, "bad-profile", NULL, "a word is expected");
    }
    return true;
}

static bool field_named(const struct profile *p, const char *name, int *field, struct fail *f)
{
    *field = record_field(p->kind, name);
    return *field >= 0 ||
           fail_set(f, FAIL_INTERNAL, "bad-profile", NULL, "there is no field \"%s\"", name);
}

static bool load_fields(struct profile *p, const json_t *root, struct fail *f)
{
    json_t *columns = json_object_get(root, "columns");
    json_t *constants = json_object_get(root, "constants");
    json_t *required = json_object_get(root, "required");
    const char *name;
    json_t *value;
    int field;

    json_object_foreach(columns, name, value)
    {
        if (!field_named(p, name, &field, f) || !words_load(&p->columns[field], value, true, f))
            return false;
    }
    json_object_foreach(constants, name, value)
    {
        if (!field_named(p, name, &field, f))
            return false;
        p->constants[field] = strdup(json_string_value(value) ? json_string_value(value) : "");
    }
    for (size_t i = 0; i < json_array_size(required); i++) {
        name = json_string_value(json_array_get(required, i));
        if (!name || !field_named(p, name, &field, f))
            return false;
        p->required |= 1u << field;
    }
    return true;
}

static bool load_one(struct profile *p, const json_t *root, struct fail *f)
{
    const char *name = json_string_value(json_object_get(root, "name"));
    const char *title = json_string_value(json_object_get(root, "title"));
    const char *record = json_string_value(json_object_get(root, "record"));
    const char *unknown = json_string_value(json_object_get(root, "unknown_columns"));
    const char *scheme = json_string_value(json_object_get(root, "scheme"));
    const char *empty_type = json_string_value(json_object_get(root, "empty_type"));
    json_t *times = json_object_get(root, "times"), *days = json_object_get(root, "days");
    json_t *reading = json_object_get(root, "reading");
    json_t *error_row = json_object_get(root, "error_row");
    json_t *totals = json_object_get(root, "totals");
    const char *zone = json_string_value(json_object_get(times, "zone"));
    const char *key;
    json_t *value;

    if (!name || !title || !record || !json_object_get(root, "version"))
        return fail_set(f, FAIL_INTERNAL, "bad-profile", NULL,
                        "name, title, version and record are needed");
    p->name = strdup(name);
    p->title = strdup(title);
    p->scheme = strdup(scheme ? scheme : "");
    p->version = (int)json_integer_value(json_object_get(root, "version"));
    if (strcmp(record, "post") != 0 && strcmp(record, "traffic") != 0)
        return fail_set(f, FAIL_INTERNAL, "bad-profile", NULL, "record is post or traffic");
    p->kind = strcmp(record, "post") == 0 ? RECORD_POST : RECORD_TRAFFIC;
    p->refuse_unknown = unknown && strcmp(unknown, "refuse") == 0;
    p->escaped = json_is_true(json_object_get(root, "escaped"));
    p->absent_is_zero = json_is_true(json_object_get(root, "absent_is_zero"));
    p->empty_type = empty_type ? strdup(empty_type) : NULL;
    p->zone = zone_open(zone ? zone : "UTC");
    p->zone_stated = zone != NULL;
    if (!p->zone)
        return fail_set(f, FAIL_INTERNAL, "bad-profile", NULL, "there is no zone \"%s\"", zone);
    p->totals_field = p->error_field = -1;
    if (!load_fields(p, root, f))
        return false;
    json_object_foreach(json_object_get(root, "types"), key, value)
    {
        if (!words_add(&p->types, key, true) || !json_is_string(value) ||
            !words_add(&p->type_slugs, json_string_value(value), false))
            return fail_set(f, FAIL_INTERNAL, "bad-profile", NULL, "types: words are expected");
    }
    if (error_row && !field_named(p, json_string_value(json_object_get(error_row, "when_empty")),
                                  &p->error_field, f))
        return false;
    if (totals &&
        !field_named(p, json_string_value(json_object_get(totals, "field")), &p->totals_field, f))
        return false;
    return words_load(&p->time_formats, json_object_get(times, "formats"), false, f) &&
           words_load(&p->day_formats, json_object_get(days, "formats"), false, f) &&
           words_load(&p->reading_columns, json_object_get(reading, "columns"), true, f) &&
           words_load(&p->reading_lifetime, json_object_get(reading, "lifetime"), true, f) &&
           words_load(&p->reading_formats, json_object_get(reading, "formats"), false, f) &&
           words_load(&p->error_message, json_object_get(error_row, "message"), true, f) &&
           words_load(&p->totals, json_object_get(totals, "words"), true, f) &&
           words_load(&p->absent, json_object_get(root, "absent"), true, f);
}

struct profile_set *profile_set_load(const char *const *texts, int n, struct fail *f)
{
    struct profile_set *s = calloc(1, sizeof *s);

    if (!s)
        goto memory;
    s->profiles = calloc((size_t)n + 1, sizeof *s->profiles);
    if (!s->profiles)
        goto memory;
    for (int i = 0; i < n; i++) {
        struct fail inner = {0};
        json_error_t error;
        json_t *root = json_loads(texts[i], JSON_REJECT_DUPLICATES, &error);
        bool ok = root && load_one(&s->profiles[i], root, &inner);

        s->n = i + 1;
        if (!ok) {
            const char *name = json_string_value(json_object_get(root, "name"));

            fail_set(f, FAIL_INTERNAL, "bad-profile", name, "Profile %s: %s.",
                     name ? name : "without a name", root ? inner.sentence : error.text);
            json_decref(root);
            profile_set_free(s);
            return NULL;
        }
        json_decref(root);
    }
    return s;
memory:
    fail_memory(f);
    profile_set_free(s);
    return NULL;
}

int profile_set_count(const struct profile_set *s)
{
    return s->n;
}

const struct profile *profile_set_at(const struct profile_set *s, int i)
{
    return &s->profiles[i];
}

const struct profile *profile_by_name(const struct profile_set *s, const char *name)
{
    for (int i = 0; i < s->n; i++)
        if (strcmp(s->profiles[i].name, name) == 0)
            return &s->profiles[i];
    return NULL;
}

const char *profile_name(const struct profile *p)
{
    return p->name;
}

int profile_version(const struct profile *p)
{
    return p->version;
}

enum record_kind profile_kind(const struct profile *p)
{
    return p->kind;
}

const char *profile_scheme(const struct profile *p)
{
    return p->scheme;
}

bool profile_absent_is_zero(const struct profile *p)
{
    return p->absent_is_zero;
}
