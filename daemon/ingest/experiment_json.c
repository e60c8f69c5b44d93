#include "ingest/experiment_json.h"
#include "base/day.h"
#include "base/text.h"
#include "record/record.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum kind { TEXT, NAME, COMMAS, BLANKS, POSTS, DAY, DAYS, METRIC, FOLLOW_UPS, MARGIN, SEED };

#define AT(member) offsetof(struct experiment, member), sizeof((struct experiment *)0)->member
static const struct field {
    const char *name;
    enum kind kind;
    size_t offset, size;
} fields[] = {
    {"slug", NAME, AT(slug)},
    {"name", TEXT, AT(name)},
    {"question", TEXT, AT(question)},
    {"design", TEXT, AT(design)},
    {"posts", POSTS, AT(posts)},
    {"metric", METRIC, AT(metric)},
    {"source", TEXT, AT(source)},
    {"region", TEXT, AT(region)},
    {"campaign", TEXT, AT(campaign)},
    {"secondary", BLANKS, AT(secondary)},
    {"start", DAY, AT(start)},
    {"end", DAY, AT(end)},
    {"baseline", DAYS, AT(baseline_days)},
    {"control", COMMAS, AT(control)},
    {"margin", MARGIN, AT(margin)},
    {"seed", SEED, AT(seed)},
    {"leave_out", COMMAS, AT(leave_out)},
    {"follow_up", FOLLOW_UPS, 0, 0},
};

static bool wrong(const char *name, const char *takes, struct fail *f)
{
    return fail_set(f, FAIL_UNPROCESSABLE, "wrong-type", name, "\"%s\" takes %s.", name, takes);
}

static bool append(char *out, size_t size, const char *separator, const char *text)
{
    size_t n = strlen(out);

    return (size_t)snprintf(out + n, size - n, "%s%s", n ? separator : "", text) < size - n;
}

/* A text, or a list of them. False when it is neither, or too long. */
static bool joined(const json_t *value, const char *separator, char *out, size_t size)
{
    const json_t *item;
    size_t i;

    out[0] = 0;
    if (json_is_null(value))
        return true;
    if (json_is_string(value))
        return append(out, size, separator, json_string_value(value));
    if (!json_is_array(value))
        return false;
    json_array_foreach(value, i, item)
    {
        const char *text = json_string_value(item);

        if (!text || !*text || strpbrk(text, separator) || !append(out, size, separator, text))
            return false;
    }
    return true;
}

/* "type:meme,platform:x", or {"type": ["meme"], "platform": "x"}. */
static bool read_posts(const json_t *value, char *out, size_t size)
{
    const char *key;
    const json_t *one, *item;
    char pair[NAME_MAX_BYTES + SLUG_MAX + 2];
    size_t i;

    if (!json_is_object(value))
        return joined(value, ",", out, size);
    out[0] = 0;
    json_object_foreach((json_t *)(uintptr_t)value, key, one)
    {
        json_t *list =
            json_is_array(one) ? json_incref((json_t *)(uintptr_t)one) : json_pack("[O]", one);
        bool ok = list != NULL;

        json_array_foreach(list, i, item)
        {
            const char *text = json_string_value(item);

            ok = ok && text && *text && !strchr(text, ',') &&
                 snprintf(pair, sizeof pair, "%s:%s", key, text) < (int)sizeof pair &&
                 append(out, size, ",", pair);
        }
        json_decref(list);
        if (!ok)
            return false;
    }
    return true;
}

static bool read_days(const json_t *value, int64_t *days)
{
    const char *text = json_string_value(value);
    char *end;

    if (json_is_integer(value)) {
        *days = json_integer_value(value);
        return true;
    }
    if (!text || *text < '0' || *text > '9' || strlen(text) > 6)
        return false;
    *days = strtoll(text, &end, 10);
    if (strcmp(end, "w") == 0)
        *days *= 7;
    return !*end || strcmp(end, "d") == 0 || strcmp(end, "w") == 0;
}

static bool read_field(const struct field *field, const json_t *value, struct experiment *e,
                       bool *has_seed, struct fail *f)
{
    char *to = (char *)e + field->offset, list[EXPERIMENT_LIST_MAX + 1];
    const char *text = json_is_null(value) ? "" : json_string_value(value);

    switch (field->kind) {
    case NAME:
        return (text && slug_make(text, strlen(text), to)) ||
               wrong(field->name, "a short name of letters, digits and hyphens", f);
    case TEXT:
        if (!text)
            return wrong(field->name, "a text", f);
        if (strlen(text) >= field->size)
            return fail_set(f, FAIL_UNPROCESSABLE, "too-long", field->name,
                            "\"%s\" is longer than %zu bytes.", field->name, field->size - 1);
        text_copy(to, field->size, text);
        return true;
    case BLANKS:
        if (!joined(value, " ", list, sizeof list))
            return wrong(field->name, "a list of names", f);
        to[0] = 0;
        for (char *at = list; *at;) { /* commas part names as well as blanks do */
            size_t n = strcspn(at, ", ");
            char end = at[n];

            at[n] = 0;
            if (n && !append(to, field->size, " ", at))
                return wrong(field->name, "a shorter list", f);
            at += n + (end != 0);
        }
        return true;
    case COMMAS:
        return joined(value, ",", to, field->size) || wrong(field->name, "a list of names", f);
    case POSTS:
        return read_posts(value, to, field->size) ||
               wrong(field->name, "filters of posts, such as type:meme,platform:facebook", f);
    case DAY:
        *(int32_t *)(void *)to = text ? day_parse(text, strlen(text)) : DAY_NONE;
        return *(int32_t *)(void *)to != DAY_NONE ||
               fail_set(f, FAIL_UNPROCESSABLE, "bad-date", field->name,
                        "\"%s\" takes a day such as 2022-11-28.", field->name);
    case DAYS:
        return read_days(value, (int64_t *)(void *)to) ||
               wrong(field->name, "a number of days, such as 90d", f);
    case METRIC:
        *(int *)(void *)to = text ? traffic_metric(text) : -1;
        return *(int *)(void *)to >= 0 ||
               fail_set(f, FAIL_UNPROCESSABLE, "unknown-metric", field->name,
                        "\"metric\" is one of the website: sessions, users, engaged_sessions, "
                        "conversions; others may be secondary.");
    case FOLLOW_UPS:
        return (joined(value, " ", list, sizeof list) || wrong(field->name, "a list of days", f)) &&
               follow_ups_read(e, list, f);
    case MARGIN:
        e->margin = text && *text ? strtod(text, NULL) : json_number_value(value);
        return (e->margin >= .01 && e->margin <= 1) ||
               wrong(field->name, "a number from 0.01 to 1", f);
    case SEED:
        e->seed = text && *text ? strtoll(text, NULL, 10) : json_integer_value(value);
        *has_seed = true;
        return (e->seed >= 0 && (json_is_integer(value) || (text && *text && strlen(text) < 19 &&
                                                            !text[strspn(text, "0123456789")]))) ||
               wrong(field->name, "a whole number from 0", f);
    }
    return false;
}

static bool may(const char *const *names, const char *name)
{
    if (!names)
        return true;
    while (*names && strcmp(*names, name) != 0)
        names++;
    return *names != NULL;
}

bool experiment_from_json(const json_t *object, const char *const *names, struct experiment *e,
                          bool *has_seed, struct fail *f)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        size_t i = 0;

        if (strcmp(key, "reason") == 0 || strcmp(key, "date") == 0)
            continue;
        while (i < sizeof fields / sizeof *fields && strcmp(fields[i].name, key) != 0)
            i++;
        if (i == sizeof fields / sizeof *fields)
            return fail_set(f, FAIL_UNPROCESSABLE, "unknown-field", key,
                            "There is no field \"%.60s\" in an experiment.", key);
        if (!may(names, key))
            return fail_set(f, FAIL_CONFLICT, "fixed", key,
                            "\"%.40s\" was fixed when the experiment started, and no correction "
                            "changes it.",
                            key);
        if (!read_field(&fields[i], value, e, has_seed, f))
            return false;
    }
    return true;
}

void experiment_name_slug(struct experiment *e)
{
    size_t n = 0;

    if (e->slug[0])
        return;
    for (const char *c = e->name; *c && n < SLUG_MAX; c++) {
        char low = (char)(*c >= 'A' && *c <= 'Z' ? *c + 32 : *c);

        if ((low >= 'a' && low <= 'z') || (low >= '0' && low <= '9'))
            e->slug[n++] = low;
        else if (n && e->slug[n - 1] != '-')
            e->slug[n++] = '-';
    }
    while (n && e->slug[n - 1] == '-')
        n--;
    e->slug[n] = 0;
}

/* ---- as exports have them ---- */

static bool no_experiment(const char *what, struct fail *f)
{
    return fail_set(f, FAIL_UNPROCESSABLE, "bad-experiment", what,
                    "This is no experiment as an export has it: \"%s\" is missing or wrong.", what);
}

static int32_t day_of(const json_t *o, const char *name)
{
    const char *text = json_string_value(json_object_get(o, name));

    return text ? day_parse(text, strlen(text)) : DAY_NONE;
}

static bool moment_of(const json_t *o, const char *name, int64_t *at_ms)
{
    const char *text = json_string_value(json_object_get(o, name));

    /* as exports write it: UTC, so that no zone is asked */
    return text && *text && text[strlen(text) - 1] == 'Z' &&
           moment_parse(text, strlen(text), NULL, at_ms);
}

static bool load_calendar(const json_t *list, struct experiment *e)
{
    size_t n = json_array_size(list), i;
    const json_t *day;

    if (!n || n > EXPERIMENT_DAYS_MAX)
        return false;
    json_array_foreach(list, i, day)
    {
        const json_t *post = json_object_get(day, "post");

        e->calendar[i] = json_is_true(post) ? '1' : json_is_false(post) ? '0' : 'x';
    }
    e->calendar[n] = 0;
    return true;
}

bool experiment_load(const char *text, struct experiment *e, struct fail *f)
{
    static const char *const beside[] = {"state", "stated_at", "after_the_fact", "stopped",
                                         "calendar"};
    json_t *o = json_loads(text, 0, NULL);
    const json_t *calendar = json_object_get(o, "calendar");
    const char *state = json_string_value(json_object_get(o, "state"));
    bool has_seed, ok;

    experiment_init(e);
    e->after_the_fact = json_is_true(json_object_get(o, "after_the_fact"));
    e->stopped = day_of(o, "stopped");
    e->state = state ? experiment_state_of(state) : EXPERIMENT_STATE_COUNT;
    ok = (o || no_experiment("definition", f)) &&
         (e->state < EXPERIMENT_STATE_COUNT || no_experiment("state", f)) &&
         (load_calendar(calendar, e) || no_experiment("calendar", f)) &&
         (moment_of(o, "stated_at", &e->stated_at) || no_experiment("stated_at", f));
    for (size_t i = 0; ok && i < sizeof beside / sizeof *beside; i++)
        json_object_del(o, beside[i]);
    ok = ok && experiment_from_json(o, NULL, e, &has_seed, f) &&
         ((e->slug[0] && e->name[0]) || no_experiment("name", f)) &&
         ((e->posts[0] && e->source[0]) || no_experiment("posts", f)) &&
         (experiment_design_is_known(e->design) || no_experiment("design", f)) &&
         ((e->start != DAY_NONE && e->end >= e->start && e->n_follow_ups) ||
          no_experiment("start", f)) &&
         ((int)strlen(e->calendar) == e->end - e->start + 1 || no_experiment("calendar", f));
    json_decref(o);
    return ok;
}

static bool field_is_same(const struct field *field, const struct experiment *a,
                          const struct experiment *b)
{
    const char *x = (const char *)a + field->offset, *y = (const char *)b + field->offset;

    switch (field->kind) {
    case NAME:
    case TEXT:
    case COMMAS:
    case BLANKS:
    case POSTS: return strcmp(x, y) == 0;
    case DAY:
    case DAYS:
    case METRIC: return memcmp(x, y, field->size) == 0;
    case MARGIN: return fabs(a->margin - b->margin) < 1e-5; /* exports round */
    case SEED: return a->seed == b->seed;
    case FOLLOW_UPS:
        return a->n_follow_ups == b->n_follow_ups &&
               memcmp(a->follow_up, b->follow_up, (size_t)a->n_follow_ups * sizeof *a->follow_up) ==
                   0;
    }
    return false;
}

bool experiment_says_same(const struct experiment *a, const struct experiment *b)
{
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (!field_is_same(&fields[i], a, b))
            return false;
    return strcmp(a->calendar, b->calendar) == 0 && a->after_the_fact == b->after_the_fact &&
           a->stopped == b->stopped && llabs(a->stated_at - b->stated_at) < 1000;
}

bool experiment_event_check(const char *what, const char *detail, struct fail *f)
{
    json_t *o = json_loads(detail, 0, NULL);
    bool ok = what && experiment_event_is_known(what) && json_is_object(o);

    json_decref(o);
    return ok || fail_set(f, FAIL_UNPROCESSABLE, "bad-event", NULL,
                          "This is no entry of an experiment's log as an export has it.");
}

json_t *finding_load(const char *text, struct finding *found, struct fail *f)
{
    json_t *o = json_loads(text, 0, NULL);

    memset(found, 0, sizeof *found);
    found->n = (int)json_integer_value(json_object_get(o, "n"));
    found->kind = json_string_value(json_object_get(o, "kind"));
    found->due = day_of(o, "due");
    found->revision = json_integer_value(json_object_get(o, "revision"));
    found->sentence = json_string_value(json_object_get(o, "sentence"));
    if (o && found->n > 0 && found->n <= FOLLOW_UPS_MAX + 1 && found->kind && found->sentence &&
        found->due != DAY_NONE && moment_of(o, "found_at", &found->found_at))
        return o;
    json_decref(o);
    fail_set(f, FAIL_UNPROCESSABLE, "bad-finding", NULL, "This is no finding as an export has it.");
    return NULL;
}
