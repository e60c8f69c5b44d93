/*
 * A profile's JSON → struct profile. Whatever is not understood is refused by name:
 * a misspelt member that is passed over in silence would cost its author a column.
 */
#include "ingest/profile_parts.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool bad(struct fail *f, const char *member, const char *sentence)
{
    return fail_set(f, FAIL_INTERNAL, "bad-profile", member, "\"%s\" %s.", member, sentence);
}

static void words_free(struct words *w)
{
    for (int i = 0; i < w->n; i++)
        free(w->item[i]);
    free(w->item);
    w->item = NULL;
    w->n = 0;
}

void profile_clear(struct profile *p)
{
    struct words *lists[] = {
        &p->time_formats,    &p->nth_day,       &p->hourly,          &p->no_day,
        &p->types,           &p->type_slugs,    &p->reading_columns, &p->reading_lifetime,
        &p->reading_formats, &p->error_message, &p->totals,          &p->absent,
        &p->skip_columns,    &p->skip_unless,   &p->mark_columns,    &p->file_names,
        &p->value_columns,   &p->whole_columns, &p->whole_words,     &p->private_columns};

    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        words_free(lists[i]);
    for (int i = 0; i < p->n_signature; i++)
        words_free(&p->signature[i]);
    free(p->signature);
    for (int i = 0; i < FIELD_MAX; i++) {
        words_free(&p->columns[i]);
        free(p->constants[i]);
        free(p->when_empty[i]);
        free(p->definition[i]);
        words_free(&p->definition_headings[i]);
        words_free(&p->definition_texts[i]);
    }
    for (int i = 0; i < p->n_extract; i++) {
        words_free(&p->extract[i].from);
        regfree(&p->extract[i].pattern);
    }
    for (int i = 0; i < p->n_titles; i++)
        free(p->title_metric[i].word);
    free(p->name);
    free(p->title);
    free(p->scheme);
    free(p->file);
    free(p->family);
    free(p->empty_type);
    free(p->skip_code);
    free(p->skip_sentence);
    free(p->refuse_code);
    free(p->refuse_sentence);
    zone_close(p->zone);
    memset(p, 0, sizeof *p);
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

enum word_kind { WORDS_AS_THEY_ARE, WORDS_AS_HEADINGS };

/* A list of strings; a member that is not there is an empty list. */
static bool words_load(struct words *w, const json_t *list, enum word_kind kind, const char *member,
                       struct fail *f)
{
    if (!list)
        return true;
    if (!json_is_array(list))
        return bad(f, member, "takes a list of words");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *text = json_string_value(json_array_get(list, i));

        if (!text)
            return bad(f, member, "takes a list of words");
        if (!words_add(w, text, kind == WORDS_AS_HEADINGS))
            return fail_memory(f);
    }
    return true;
}

static bool field_named(const struct profile *p, const char *name, const char *member, int *field,
                        struct fail *f)
{
    *field = name ? record_field(p->kind, name) : -1;
    return *field >= 0 || fail_set(f, FAIL_INTERNAL, "bad-profile", member,
                                   "\"%s\" names a field \"%s\" that there is not in a %s.", member,
                                   name ? name : "?",
                                   p->kind == RECORD_POST ? "post"
                                                          : "row of "
                                                            "traffic");
}

static bool text_member(char **to, const json_t *value, const char *member, struct fail *f)
{
    if (!json_is_string(value))
        return bad(f, member, "takes a text");
    free(*to);
    *to = strdup(json_string_value(value));
    return *to || fail_memory(f);
}

/* Members of an object that are not in the list are refused by name. */
static bool members_known(const json_t *object, const char *const *known, const char *member,
                          struct fail *f)
{
    const char *key;
    json_t *value;

    if (!json_is_object(object))
        return bad(f, member, "takes an object");
    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        int i = 0;

        while (known[i] && strcmp(known[i], key) != 0)
            i++;
        if (!known[i])
            return fail_set(f, FAIL_INTERNAL, "bad-profile", member,
                            "\"%s\" has a member \"%.40s\" that is not known.", member, key);
    }
    return true;
}

/* ---- the members, one function each ---- */

static bool load_columns(struct profile *p, const json_t *o, struct fail *f)
{
    const char *name;
    json_t *value;
    int field;

    if (!json_is_object(o))
        return bad(f, "columns", "takes an object of fields");
    json_object_foreach((json_t *)(uintptr_t)o, name, value)
    {
        if (!field_named(p, name, "columns", &field, f) ||
            !words_load(&p->columns[field], value, WORDS_AS_HEADINGS, name, f))
            return false;
    }
    return true;
}

static bool load_texts(struct profile *p, char **by_field, const json_t *o, const char *member,
                       struct fail *f)
{
    const char *name;
    json_t *value;
    int field;

    if (!json_is_object(o))
        return bad(f, member, "takes an object of fields");
    json_object_foreach((json_t *)(uintptr_t)o, name, value)
    {
        if (!field_named(p, name, member, &field, f) ||
            !text_member(&by_field[field], value, name, f))
            return false;
    }
    return true;
}

static bool load_constants(struct profile *p, const json_t *o, struct fail *f)
{
    return load_texts(p, p->constants, o, "constants", f);
}

static bool load_when_empty(struct profile *p, const json_t *o, struct fail *f)
{
    return load_texts(p, p->when_empty, o, "when_empty", f);
}

/* A text, or an object of texts where it depends on which heading there is. */
static bool load_definitions(struct profile *p, const json_t *o, struct fail *f)
{
    const char *name, *heading;
    json_t *value, *text;
    int field;

    if (!json_is_object(o))
        return bad(f, "definitions", "takes an object of fields");
    json_object_foreach((json_t *)(uintptr_t)o, name, value)
    {
        if (!field_named(p, name, "definitions", &field, f))
            return false;
        if (!json_is_object(value) && !text_member(&p->definition[field], value, name, f))
            return false;
        json_object_foreach(value, heading, text)
        {
            if (!json_is_string(text))
                return bad(f, name, "takes a text, or texts by heading");
            if (!words_add(&p->definition_headings[field], heading, true) ||
                !words_add(&p->definition_texts[field], json_string_value(text), false))
                return fail_memory(f);
        }
    }
    return true;
}

static bool load_fields(struct profile *p, uint32_t *bits, const json_t *list, const char *member,
                        struct fail *f)
{
    int field;

    if (!json_is_array(list))
        return bad(f, member, "takes a list of fields");
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (!field_named(p, json_string_value(json_array_get(list, i)), member, &field, f))
            return false;
        *bits |= 1u << field;
    }
    return true;
}

static bool load_required(struct profile *p, const json_t *list, struct fail *f)
{
    return load_fields(p, &p->required, list, "required", f);
}

static bool load_negative(struct profile *p, const json_t *list, struct fail *f)
{
    return load_fields(p, &p->may_be_negative, list, "may_be_negative", f);
}

static bool load_signature(struct profile *p, const json_t *list, struct fail *f)
{
    size_t n = json_array_size(list);

    if (!json_is_array(list) || n > FIELD_MAX)
        return bad(f, "signature", "takes a list of lists of headings");
    p->signature = calloc(n + 1, sizeof *p->signature);
    if (!p->signature)
        return fail_memory(f);
    for (size_t i = 0; i < n; i++) {
        p->n_signature = (int)i + 1;
        if (!words_load(&p->signature[i], json_array_get(list, i), WORDS_AS_HEADINGS, "signature",
                        f))
            return false;
    }
    return true;
}

static bool load_extract(struct profile *p, const json_t *o, struct fail *f)
{
    static const char *const known[] = {"from", "pattern", NULL};
    const char *name;
    json_t *value;

    if (!json_is_object(o) || json_object_size(o) > EXTRACTS_MAX)
        return bad(f, "extract", "takes an object of a few fields");
    json_object_foreach((json_t *)(uintptr_t)o, name, value)
    {
        struct extract *e = &p->extract[p->n_extract];
        const char *pattern = json_string_value(json_object_get(value, "pattern"));

        if (!members_known(value, known, name, f) || !field_named(p, name, "extract", &e->field, f))
            return false;
        if (!pattern || regcomp(&e->pattern, pattern, REG_EXTENDED) != 0)
            return bad(f, name, "needs a pattern that is a POSIX extended regular expression");
        p->n_extract++;
        if (e->pattern.re_nsub < 1)
            return bad(f, name, "needs a pattern with a group in parentheses");
        if (!words_load(&e->from, json_object_get(value, "from"), WORDS_AS_HEADINGS, name, f))
            return false;
    }
    return true;
}

static bool formats_readable(const struct words *formats, const char *member, struct fail *f)
{
    if (formats->n > FORMATS_MAX)
        return bad(f, member, "has more formats than a column may have");
    for (int i = 0; i < formats->n; i++) {
        const char *open = strchr(formats->item[i], '[');

        if (!*formats->item[i] || (open && !strchr(open, ']')))
            return bad(f, member, "has a format that is empty or has an open bracket");
    }
    return true;
}

/* "times" of posts and "days" of traffic. */
static bool load_times(struct profile *p, const json_t *o, struct fail *f)
{
    static const char *const known[] = {"formats", "rewritten", "zone", "nth",
                                        "hourly",  "no_day",    NULL};
    const json_t *zone = json_object_get(o, "zone");

    if (!members_known(o, known, "times", f) ||
        !words_load(&p->time_formats, json_object_get(o, "formats"), WORDS_AS_THEY_ARE, "formats",
                    f))
        return false;
    p->native = p->time_formats.n;
    if (!words_load(&p->time_formats, json_object_get(o, "rewritten"), WORDS_AS_THEY_ARE,
                    "rewritten", f) ||
        !formats_readable(&p->time_formats, "formats", f) ||
        !words_load(&p->nth_day, json_object_get(o, "nth"), WORDS_AS_HEADINGS, "nth", f) ||
        !words_load(&p->hourly, json_object_get(o, "hourly"), WORDS_AS_HEADINGS, "hourly", f) ||
        !words_load(&p->no_day, json_object_get(o, "no_day"), WORDS_AS_HEADINGS, "no_day", f))
        return false;
    if (!zone)
        return true;
    zone_close(p->zone);
    p->zone = json_is_string(zone) ? zone_open(json_string_value(zone)) : NULL;
    p->zone_stated = true;
    return p->zone || bad(f, "zone", "takes the name of a time zone such as Europe/Berlin");
}

static bool load_types(struct profile *p, const json_t *o, struct fail *f)
{
    const char *key;
    json_t *value;
    char slug[SLUG_MAX + 1];

    if (!json_is_object(o))
        return bad(f, "types", "takes an object of spellings");
    json_object_foreach((json_t *)(uintptr_t)o, key, value)
    {
        const char *text = json_string_value(value);

        if (!text || !slug_make(text, strlen(text), slug))
            return bad(f, "types", "takes short names of types");
        if (!words_add(&p->types, key, true) || !words_add(&p->type_slugs, slug, false))
            return fail_memory(f);
    }
    return true;
}

static bool load_empty_type(struct profile *p, const json_t *value, struct fail *f)
{
    return text_member(&p->empty_type, value, "empty_type", f);
}

static bool load_reading(struct profile *p, const json_t *o, struct fail *f)
{
    static const char *const known[] = {"columns", "lifetime", "formats", "counts", NULL};
    const json_t *counts = json_object_get(o, "counts");

    if (!members_known(o, known, "reading", f))
        return false;
    if (counts) {
        const char *text = json_string_value(counts);

        if (!text || (strcmp(text, "period") != 0 && strcmp(text, "lifetime") != 0))
            return bad(f, "counts", "takes period or lifetime");
        p->counts = strcmp(text, "period") == 0 ? COUNTS_PERIOD : COUNTS_LIFETIME;
    }
    return words_load(&p->reading_columns, json_object_get(o, "columns"), WORDS_AS_HEADINGS,
                      "columns", f) &&
           words_load(&p->reading_lifetime, json_object_get(o, "lifetime"), WORDS_AS_HEADINGS,
                      "lifetime", f) &&
           words_load(&p->reading_formats, json_object_get(o, "formats"), WORDS_AS_THEY_ARE,
                      "formats", f) &&
           formats_readable(&p->reading_formats, "formats", f);
}

static bool load_error_row(struct profile *p, const json_t *o, struct fail *f)
{
    static const char *const known[] = {"when_empty", "message", NULL};

    return members_known(o, known, "error_row", f) &&
           field_named(p, json_string_value(json_object_get(o, "when_empty")), "error_row",
                       &p->error_field, f) &&
           words_load(&p->error_message, json_object_get(o, "message"), WORDS_AS_HEADINGS,
                      "message", f);
}

static bool load_totals(struct profile *p, const json_t *o, struct fail *f)
{
    static const char *const known[] = {"field", "words", NULL};

    return members_known(o, known, "totals", f) &&
           field_named(p, json_string_value(json_object_get(o, "field")), "totals",
                       &p->totals_field, f) &&
           words_load(&p->totals, json_object_get(o, "words"), WORDS_AS_HEADINGS, "words", f);
}

static bool load_absent(struct profile *p, const json_t *list, struct fail *f)
{
    return words_load(&p->absent, list, WORDS_AS_HEADINGS, "absent", f);
}

static bool load_skip_rows(struct profile *p, const json_t *o, struct fail *f)
{
    static const char *const known[] = {"columns", "unless", "code", "sentence", NULL};

    return members_known(o, known, "skip_rows", f) &&
           words_load(&p->skip_columns, json_object_get(o, "columns"), WORDS_AS_HEADINGS, "columns",
                      f) &&
           words_load(&p->skip_unless, json_object_get(o, "unless"), WORDS_AS_HEADINGS, "unless",
                      f) &&
           text_member(&p->skip_code, json_object_get(o, "code"), "code", f) &&
           text_member(&p->skip_sentence, json_object_get(o, "sentence"), "sentence", f);
}

static bool load_add(struct profile *p, const json_t *o, struct fail *f)
{
    static const char *const known[] = {"distinct", NULL};

    p->adds = true;
    if (p->kind != RECORD_TRAFFIC)
        return bad(f, "add_rows", "is for traffic");
    return members_known(o, known, "add_rows", f) &&
           words_load(&p->mark_columns, json_object_get(o, "distinct"), WORDS_AS_HEADINGS,
                      "distinct", f);
}

static bool load_file_names(struct profile *p, const json_t *list, struct fail *f)
{
    return words_load(&p->file_names, list, WORDS_AS_THEY_ARE, "file_names", f);
}

/* The metric of a series that the line above it names. */
static bool load_titles(struct profile *p, const json_t *o, struct fail *f)
{
    static const char *const known[] = {"columns", "metrics", NULL};
    const char *word;
    json_t *value, *metrics = json_object_get(o, "metrics");

    if (!members_known(o, known, "title", f) ||
        !words_load(&p->value_columns, json_object_get(o, "columns"), WORDS_AS_HEADINGS, "columns",
                    f))
        return false;
    if (p->kind != RECORD_TRAFFIC || !json_is_object(metrics) ||
        json_object_size(metrics) > TITLES_MAX)
        return bad(f, "title", "takes the metrics of a few series of traffic");
    json_object_foreach(metrics, word, value)
    {
        struct title_metric *t = &p->title_metric[p->n_titles];

        if (!field_named(p, json_string_value(value), "title", &t->metric, f))
            return false;
        t->word = strdup(word);
        if (!t->word)
            return fail_memory(f);
        p->n_titles++;
    }
    return true;
}

static bool load_refuse(struct profile *p, const json_t *o, struct fail *f)
{
    static const char *const known[] = {"code", "sentence", NULL};

    return members_known(o, known, "refuse", f) &&
           text_member(&p->refuse_code, json_object_get(o, "code"), "code", f) &&
           text_member(&p->refuse_sentence, json_object_get(o, "sentence"), "sentence", f);
}

static bool load_unknown(struct profile *p, const json_t *value, struct fail *f)
{
    const char *text = json_string_value(value);

    if (!text || (strcmp(text, "skip") != 0 && strcmp(text, "refuse") != 0))
        return bad(f, "unknown_columns", "takes skip or refuse");
    p->refuse_unknown = strcmp(text, "refuse") == 0;
    return true;
}

static bool load_decimal(struct profile *p, const json_t *value, struct fail *f)
{
    const char *text = json_string_value(value);

    if (!text || (strcmp(text, ".") != 0 && strcmp(text, ",") != 0))
        return bad(f, "decimal", "takes \".\" or \",\"");
    p->comma_decimal = text[0] == ',';
    return true;
}

/* Column: the words in it that stand for all of it, as a segment of all users. */
static bool load_whole(struct profile *p, const json_t *o, struct fail *f)
{
    const char *heading;
    json_t *list, *word;
    size_t i;

    if (!json_is_object(o))
        return bad(f, "whole", "takes an object of headings");
    json_object_foreach((json_t *)(uintptr_t)o, heading, list)
    {
        if (!json_is_array(list))
            return bad(f, "whole", "takes lists of words");
        json_array_foreach(list, i, word)
        {
            if (!json_is_string(word))
                return bad(f, "whole", "takes lists of words");
            if (!words_add(&p->whole_columns, heading, true) ||
                !words_add(&p->whole_words, json_string_value(word), true))
                return fail_memory(f);
        }
    }
    return true;
}

static bool load_private(struct profile *p, const json_t *list, struct fail *f)
{
    return words_load(&p->private_columns, list, WORDS_AS_HEADINGS, "private", f);
}

static bool load_preamble(struct profile *p, const json_t *value, struct fail *f)
{
    const char *text = json_string_value(value);

    if (!text || (strcmp(text, "start") != 0 && strcmp(text, "range") != 0 &&
                  strcmp(text, "range-needed") != 0))
        return bad(f, "preamble", "takes start, range or range-needed");
    p->preamble = strcmp(text, "start") == 0 ? PREAMBLE_START : PREAMBLE_RANGE;
    p->preamble_needed = strcmp(text, "range-needed") == 0;
    return true;
}

static bool load_scheme(struct profile *p, const json_t *value, struct fail *f)
{
    return text_member(&p->scheme, value, "scheme", f);
}

static bool load_family(struct profile *p, const json_t *value, struct fail *f)
{
    return text_member(&p->family, value, "family", f);
}

#define FLAG(name, member) \
    static bool load_##name(struct profile *p, const json_t *value, struct fail *f) \
    { \
        p->name = json_is_true(value); \
        return json_is_boolean(value) || bad(f, member, "takes true or false"); \
    }
FLAG(escaped, "escaped")
FLAG(absent_is_zero, "absent_is_zero")
FLAG(descriptions, "descriptions")
FLAG(entities, "entities")
FLAG(stacked, "stacked")
FLAG(only_by_name, "only_by_name")
#undef FLAG

static const struct {
    const char *name;
    bool (*load)(struct profile *p, const json_t *value, struct fail *f);
} members[] = {
    {"columns", load_columns},
    {"constants", load_constants},
    {"when_empty", load_when_empty},
    {"definitions", load_definitions},
    {"required", load_required},
    {"may_be_negative", load_negative},
    {"signature", load_signature},
    {"extract", load_extract},
    {"times", load_times},
    {"days", load_times},
    {"types", load_types},
    {"empty_type", load_empty_type},
    {"reading", load_reading},
    {"error_row", load_error_row},
    {"totals", load_totals},
    {"absent", load_absent},
    {"skip_rows", load_skip_rows},
    {"add_rows", load_add},
    {"file_names", load_file_names},
    {"title_above", load_titles},
    {"refuse", load_refuse},
    {"unknown_columns", load_unknown},
    {"decimal", load_decimal},
    {"scheme", load_scheme},
    {"whole", load_whole},
    {"private", load_private},
    {"preamble", load_preamble},
    {"family", load_family},
    {"escaped", load_escaped},
    {"absent_is_zero", load_absent_is_zero},
    {"descriptions", load_descriptions},
    {"entities", load_entities},
    {"stacked", load_stacked},
    {"only_by_name", load_only_by_name},
};

static bool load_head(struct profile *p, const json_t *root, struct fail *f)
{
    const char *record = json_string_value(json_object_get(root, "record"));
    const json_t *version = json_object_get(root, "version");
    char slug[SLUG_MAX + 1];

    if (!json_is_object(root) || !json_is_string(json_object_get(root, "name")) ||
        !json_is_string(json_object_get(root, "title")) || !json_is_integer(version) || !record)
        return fail_set(f, FAIL_INTERNAL, "bad-profile", NULL,
                        "name, title, version (a number) and record are needed.");
    p->name = strdup(json_string_value(json_object_get(root, "name")));
    p->title = strdup(json_string_value(json_object_get(root, "title")));
    p->scheme = strdup("");
    if (!p->name || !p->title || !p->scheme)
        return fail_memory(f);
    if (!slug_make(p->name, strlen(p->name), slug) || strcmp(slug, p->name) != 0 ||
        strcmp(slug, "auto") == 0)
        return bad(f, "name", "takes small letters, digits and hyphens, and is not auto");
    p->version = (int)json_integer_value(version);
    if (strcmp(record, "post") != 0 && strcmp(record, "traffic") != 0)
        return bad(f, "record", "takes post or traffic");
    p->kind = strcmp(record, "post") == 0 ? RECORD_POST : RECORD_TRAFFIC;
    p->totals_field = p->error_field = -1;
    p->zone = zone_open("UTC");
    return p->zone || fail_memory(f);
}

bool profile_load(struct profile *p, const char *text, struct fail *f)
{
    static const char *const head[] = {"name", "title", "version", "record"};
    json_error_t error;
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &error), *value;
    const char *key;
    bool ok;

    if (!root)
        return fail_set(f, FAIL_INTERNAL, "bad-profile", NULL, "it is no JSON: %s (line %d).",
                        error.text, error.line);
    ok = load_head(p, root, f);
    json_object_foreach(root, key, value)
    {
        size_t i = 0;

        if (!ok)
            break;
        while (i < sizeof members / sizeof *members && strcmp(members[i].name, key) != 0)
            i++;
        if (i < sizeof members / sizeof *members) {
            ok = members[i].load(p, value, f);
            continue;
        }
        for (i = 0; i < sizeof head / sizeof *head && strcmp(head[i], key) != 0; i++)
            ;
        if (i == sizeof head / sizeof *head)
            ok = fail_set(f, FAIL_INTERNAL, "bad-profile", key, "there is no member \"%.40s\".",
                          key);
    }
    json_decref(root);
    return ok;
}
