#include "record/filter.h"
#include "base/text.h"
#include "base/day.h"
#include "record/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const filter_key_names[FILTER_KEY_COUNT] = {"platform", "account", "region",
                                                        "type",     "tag",     "campaign"};

void filter_init(struct filter *f)
{
    memset(f, 0, sizeof *f);
    f->from = f->to = DAY_NONE;
}

void filter_clear(struct filter *f)
{
    free(f->values);
    filter_init(f);
}

static int key_of(const char *name)
{
    for (int i = 0; i < FILTER_KEY_COUNT; i++)
        if (strcmp(filter_key_names[i], name) == 0)
            return i;
    return -1;
}

bool filter_knows(const char *name)
{
    return key_of(name) >= 0 || strcmp(name, "from") == 0 || strcmp(name, "to") == 0;
}

static bool push(struct filter *f, const struct filter_value *v, struct fail *fail)
{
    struct filter_value *values;

    if (f->n >= FILTER_VALUES_MAX)
        return fail_set(fail, FAIL_UNPROCESSABLE, "too-many-filters", NULL,
                        "A question takes at most %d filter values.", FILTER_VALUES_MAX);
    values = realloc(f->values, (size_t)(f->n + 1) * sizeof *values);
    if (!values)
        return fail_memory(fail);
    values[f->n] = *v;
    f->values = values;
    f->n++;
    return true;
}

bool filter_add(struct filter *f, const char *name, const char *value, struct fail *fail)
{
    struct filter_value v;
    int key = key_of(name);

    if (key < 0) {
        int32_t day = day_parse(value, strlen(value));

        if (day == DAY_NONE)
            return fail_set(
                fail, FAIL_UNPROCESSABLE, "bad-date", name,
                "\"%s\" takes a day such as 2022-11-28; there is none called \"%.40s\".", name,
                value);
        if ((strcmp(name, "from") == 0 ? f->from : f->to) != DAY_NONE)
            return fail_set(fail, FAIL_UNPROCESSABLE, "repeated-parameter", name,
                            "\"%s\" is given twice.", name);
        if (strcmp(name, "from") == 0)
            f->from = day;
        else
            f->to = day;
        if (f->from != DAY_NONE && f->to != DAY_NONE && f->from > f->to)
            return fail_set(fail, FAIL_UNPROCESSABLE, "empty-range", name,
                            "\"from\" lies after \"to\".");
        return true;
    }
    memset(&v, 0, sizeof v);
    v.key = (enum filter_key)key;
    if (value[0] == '!') {
        v.negated = true;
        value++;
    }
    if (strlen(value) > NAME_MAX_BYTES)
        return fail_set(fail, FAIL_UNPROCESSABLE, "too-long", name,
                        "The value of \"%s\" is longer than %d bytes.", name, NAME_MAX_BYTES);
    snprintf(v.text, sizeof v.text, "%s", value);
    if (v.key == FILTER_PLATFORM || v.key == FILTER_TYPE || v.key == FILTER_TAG ||
        v.key == FILTER_REGION) {
        char slug[SLUG_MAX + 1];

        if (!(v.key == FILTER_PLATFORM ? platform_make : slug_make)(value, strlen(value), slug))
            return fail_set(fail, FAIL_UNPROCESSABLE, "bad-slug", name,
                            "\"%s\" takes a short name of letters, digits and hyphens; this is "
                            "\"%.60s\".",
                            name, value);
        text_copy(v.text, sizeof v.text, slug);
    }
    f->names_region = f->names_region || (v.key == FILTER_REGION && !v.negated);
    return push(f, &v, fail);
}

static bool has_tag(const char *tags, const char *tag)
{
    size_t len = strlen(tag);

    for (const char *t = tags; (t = strstr(t, tag)) != NULL; t++)
        if ((t == tags || t[-1] == ' ') && (t[len] == ' ' || !t[len]))
            return true;
    return false;
}

bool filter_matches(const struct filter *f, const struct filter_subject *s)
{
    unsigned wanted = 0, met = 0;

    if ((f->from != DAY_NONE && s->day < f->from) || (f->to != DAY_NONE && s->day > f->to))
        return false;
    for (int i = 0; i < f->n; i++) {
        const struct filter_value *v = &f->values[i];
        bool hit = v->key == FILTER_TAG ? has_tag(s->value[v->key], v->text)
                                        : strcmp(s->value[v->key], v->text) == 0;

        if (v->negated) {
            if (hit)
                return false;
            continue;
        }
        wanted |= 1u << v->key;
        if (hit)
            met |= 1u << v->key;
    }
    return wanted == met;
}
