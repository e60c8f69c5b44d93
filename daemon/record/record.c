#include "record/record.h"
#include "base/ceilings.h"
#include "base/day.h"
#include "base/utf8.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

enum field_type {
    FIELD_PLATFORM,
    FIELD_ID,
    FIELD_SLUG,
    FIELD_NAME,
    FIELD_TAGS,
    FIELD_TEXT,
    FIELD_URL,
    FIELD_TIME,
    FIELD_DAY,
    FIELD_READING,
    FIELD_COUNT
};

struct field {
    const char *name;
    enum field_type type;
    size_t offset;
};

#define P(member) offsetof(struct record, post.member)
#define M(name) P(metric[name - POST_FIRST_METRIC])
#define T(member) offsetof(struct record, traffic.member)
#define N(name) T(metric[name - TRAFFIC_FIRST_METRIC])

static const struct field post_fields[POST_FIELD_COUNT] = {
    [POST_PLATFORM] = {"platform", FIELD_PLATFORM, P(platform)},
    [POST_ID] = {"id", FIELD_ID, P(id)},
    [POST_TYPE] = {"type", FIELD_SLUG, P(type)},
    [POST_POSTED_AT] = {"posted_at", FIELD_TIME, P(posted_at_ms)},
    [POST_ACCOUNT] = {"account", FIELD_NAME, P(account)},
    [POST_REGION] = {"region", FIELD_SLUG, P(region)},
    [POST_TAGS] = {"tags", FIELD_TAGS, P(tags)},
    [POST_TEXT] = {"text", FIELD_TEXT, P(text)},
    [POST_URL] = {"url", FIELD_URL, P(url)},
    [POST_CAMPAIGN] = {"campaign", FIELD_NAME, P(campaign)},
    [POST_OBSERVED_AT] = {"observed_at", FIELD_TIME, P(observed_at_ms)},
    [POST_READING] = {"reading", FIELD_READING, P(reading)},
    [POST_COVERS_FROM] = {"covers_from", FIELD_DAY, P(covers_from)},
    [POST_COVERS_TO] = {"covers_to", FIELD_DAY, P(covers_to)},
    [POST_LIKES] = {"likes", FIELD_COUNT, M(POST_LIKES)},
    [POST_COMMENTS] = {"comments", FIELD_COUNT, M(POST_COMMENTS)},
    [POST_SHARES] = {"shares", FIELD_COUNT, M(POST_SHARES)},
    [POST_SAVES] = {"saves", FIELD_COUNT, M(POST_SAVES)},
    [POST_FOLLOWS] = {"follows", FIELD_COUNT, M(POST_FOLLOWS)},
    [POST_REACH] = {"reach", FIELD_COUNT, M(POST_REACH)},
    [POST_IMPRESSIONS] = {"impressions", FIELD_COUNT, M(POST_IMPRESSIONS)},
    [POST_VIEWS] = {"views", FIELD_COUNT, M(POST_VIEWS)},
    [POST_CLICKS] = {"clicks", FIELD_COUNT, M(POST_CLICKS)},
    [POST_SESSIONS] = {"sessions", FIELD_COUNT, M(POST_SESSIONS)},
    [POST_USERS] = {"users", FIELD_COUNT, M(POST_USERS)},
    [POST_CONVERSIONS] = {"conversions", FIELD_COUNT, M(POST_CONVERSIONS)},
};

static const struct field traffic_fields[TRAFFIC_FIELD_COUNT] = {
    [TRAFFIC_DATE] = {"date", FIELD_DAY, T(day)},
    [TRAFFIC_SOURCE] = {"source", FIELD_NAME, T(source)},
    [TRAFFIC_REGION] = {"region", FIELD_SLUG, T(region)},
    [TRAFFIC_CAMPAIGN] = {"campaign", FIELD_NAME, T(campaign)},
    [TRAFFIC_ARRIVED_AT] = {"arrived_at", FIELD_TIME, T(arrived_at_ms)},
    [TRAFFIC_SCHEME] = {"scheme", FIELD_SLUG, T(scheme)},
    [TRAFFIC_SESSIONS] = {"sessions", FIELD_COUNT, N(TRAFFIC_SESSIONS)},
    [TRAFFIC_USERS] = {"users", FIELD_COUNT, N(TRAFFIC_USERS)},
    [TRAFFIC_ENGAGED_SESSIONS] = {"engaged_sessions", FIELD_COUNT, N(TRAFFIC_ENGAGED_SESSIONS)},
    [TRAFFIC_CONVERSIONS] = {"conversions", FIELD_COUNT, N(TRAFFIC_CONVERSIONS)},
};

const char *const reading_kind_names[READING_KIND_COUNT] = {"lifetime", "period", "day"};

/* Names that answers carry and a record sent back may still have: derived, so dropped. */
static const char *const derived[] = {
    "engagement",   "engagement_parts", "first_seen_at", "last_seen_at", "observations",
    "source_group", "complete",         "revision",      "type_stated",  "type_set_by",
    "utm"};

void record_init(struct record *r, enum record_kind kind)
{
    memset(r, 0, sizeof *r);
    r->kind = kind;
    r->rows = 1;
    if (kind == RECORD_POST) {
        for (int i = 0; i < POST_METRIC_COUNT; i++)
            r->post.metric[i] = COUNT_ABSENT;
        r->post.covers_from = r->post.covers_to = DAY_NONE;
    } else {
        for (int i = 0; i < TRAFFIC_METRIC_COUNT; i++)
            r->traffic.metric[i] = COUNT_ABSENT;
        r->traffic.day = DAY_NONE;
    }
}

static const struct field *fields_of(enum record_kind kind)
{
    return kind == RECORD_POST ? post_fields : traffic_fields;
}

int record_field_count(enum record_kind kind)
{
    return kind == RECORD_POST ? (int)POST_FIELD_COUNT : (int)TRAFFIC_FIELD_COUNT;
}

int record_field(enum record_kind kind, const char *name)
{
    const struct field *fields = fields_of(kind);

    for (int i = 0; i < record_field_count(kind); i++)
        if (strcmp(fields[i].name, name) == 0)
            return i;
    return -1;
}

const char *record_field_name(enum record_kind kind, int field)
{
    return fields_of(kind)[field].name;
}

bool record_field_is_count(enum record_kind kind, int field)
{
    return fields_of(kind)[field].type == FIELD_COUNT;
}

bool record_field_is_derived(const char *name)
{
    for (size_t i = 0; i < sizeof derived / sizeof *derived; i++)
        if (strcasecmp(derived[i], name) == 0)
            return true;
    return false;
}

static void *slot(struct record *r, const struct field *field)
{
    return (char *)r + field->offset;
}

static bool put_string(struct record *r, const struct field *field, const char *text, size_t len,
                       struct arena *a, struct fail *f)
{
    char *copy = arena_strndup(a, text, len);

    if (!copy)
        return fail_set(f, FAIL_TOO_LARGE, "too-large", NULL,
                        "The records together are larger than one request may be.");
    *(const char **)slot(r, field) = copy;
    return true;
}

static bool put_slug(struct record *r, const struct field *field, const char *text, size_t len,
                     struct arena *a, struct fail *f)
{
    char slug[SLUG_MAX + 1];

    if (!(field->type == FIELD_PLATFORM ? platform_make : slug_make)(text, len, slug))
        return fail_set(f, FAIL_UNPROCESSABLE, "bad-slug", NULL,
                        "\"%s\" takes a short name of letters, digits and hyphens, up to %d bytes; "
                        "this is \"%.*s\".",
                        field->name, SLUG_MAX, (int)(len > 60 ? 60 : len), text);
    return put_string(r, field, slug, strlen(slug), a, f);
}

/* Blanks part tags; each becomes a slug, kept once, in the order given. */
static bool put_tags(struct record *r, const struct field *field, const char *text, size_t len,
                     struct arena *a, struct fail *f)
{
    char joined[TAGS_MAX * (SLUG_MAX + 1) + 1] = "";
    char *end = joined;
    int n = 0;

    for (size_t i = 0; i < len;) {
        char tag[SLUG_MAX + 1];
        size_t start, tag_len;
        bool known = false;

        while (i < len && strchr(" \t\r\n", text[i]))
            i++;
        start = i;
        while (i < len && !strchr(" \t\r\n", text[i]))
            i++;
        if (i == start)
            break;
        if (!slug_make(text + start, i - start, tag))
            return fail_set(f, FAIL_UNPROCESSABLE, "bad-tag", NULL,
                            "A tag takes letters, digits and hyphens, up to %d bytes; this is "
                            "\"%.*s\".",
                            SLUG_MAX, (int)(i - start > 60 ? 60 : i - start), text + start);
        tag_len = strlen(tag);
        for (const char *t = joined; (t = strstr(t, tag)) != NULL; t++)
            if ((t == joined || t[-1] == ' ') && (t[tag_len] == ' ' || !t[tag_len]))
                known = true;
        if (known)
            continue;
        if (++n > TAGS_MAX)
            return fail_set(f, FAIL_UNPROCESSABLE, "too-many-tags", NULL,
                            "A post takes at most %d tags.", TAGS_MAX);
        if (end != joined)
            *end++ = ' ';
        memcpy(end, tag, tag_len + 1);
        end += tag_len;
    }
    return put_string(r, field, joined, (size_t)(end - joined), a, f);
}

static bool too_long(const struct field *field, size_t len, size_t max, struct fail *f)
{
    if (len <= max)
        return false;
    fail_set(f, FAIL_UNPROCESSABLE, "too-long", NULL, "\"%s\" has %zu bytes; %zu are the most.",
             field->name, len, max);
    return true;
}

/* "#NAME?", "#REF!", "########": what a spreadsheet shows in place of a cell. */
static bool is_spreadsheet_error(const char *text, size_t len)
{
    static const char *const errors[] = {"#NAME?", "#REF!",  "#N/A",    "#VALUE!", "#DIV/0!",
                                         "#NUM!",  "#NULL!", "#SPILL!", "#CALC!",  "#BEZUG!",
                                         "#WERT!", "#NV",    "TRUE",    "FALSE"};
    size_t hashes = 0;

    if (!len || (text[0] != '#' && text[0] != 'T' && text[0] != 'F')) /* nearly all are none */
        return false;
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        if (strlen(errors[i]) == len && memcmp(errors[i], text, len) == 0)
            return true;
    while (hashes < len && text[hashes] == '#')
        hashes++;
    return len >= 3 && hashes == len;
}

/* "1.234.567.890.123.450": a number in groups, as it is shown and not as it is. */
static bool is_grouped(const char *text, size_t len)
{
    size_t groups = 0, digits = 0;

    for (size_t i = 0; i < len; i++)
        if (text[i] >= '0' && text[i] <= '9') {
            digits++;
        } else if ((text[i] == '.' || text[i] == ',') && digits &&
                   (groups ? digits == 3 : digits <= 3)) {
            groups++;
            digits = 0;
        } else {
            return false;
        }
    return groups >= 3 && digits == 3;
}

/* ="122", '122, 122.0: what spreadsheets make of numbers, and no platform of its ids. */
static bool is_spreadsheet_form(const char *text, size_t len)
{
    size_t digits = 0, zeros;

    if (text[0] == '=' || text[0] == '\'' || is_spreadsheet_error(text, len) ||
        is_grouped(text, len))
        return true;
    while (digits < len && text[digits] >= '0' && text[digits] <= '9')
        digits++;
    zeros = digits + 1;
    while (zeros < len && text[zeros] == '0')
        zeros++;
    return digits && digits + 1 < len && text[digits] == '.' && zeros == len;
}

static bool put_id(struct record *r, const struct field *field, const char *text, size_t len,
                   struct arena *a, struct fail *f)
{
    if (len == 0)
        return fail_set(f, FAIL_UNPROCESSABLE, "missing-id", NULL, "The id is empty.");
    if (too_long(field, len, ID_MAX, f))
        return false;
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] <= 0x20 || text[i] == 0x7f)
            return fail_set(f, FAIL_UNPROCESSABLE, "bad-id", NULL,
                            "The id has a blank or a control character in it.");
    if (is_spreadsheet_form(text, len))
        return fail_set(f, FAIL_UNPROCESSABLE, "damaged-id", NULL,
                        "The id \"%.*s\" is as a spreadsheet spells one; export the file again and "
                        "import it without opening it there.",
                        (int)len, text);
    /* 1.17E+17: a spreadsheet has rounded the number away; the true id is lost. */
    if (len >= 4 && text[0] >= '0' && text[0] <= '9') {
        bool part = text[1] == '.' || text[1] == ',', sign;
        size_t i = part ? 2 : 1, digits_at;

        while (part && i < len && text[i] >= '0' && text[i] <= '9')
            i++;
        sign = i + 1 < len && text[i + 1] == '+';
        digits_at = i + 1 + sign;
        for (size_t k = digits_at; k < len && digits_at; k++)
            if (text[k] < '0' || text[k] > '9')
                digits_at = 0;
        if (i < len && (text[i] == 'E' || text[i] == 'e') && (part || sign) && digits_at &&
            digits_at < len)
            return fail_set(f, FAIL_UNPROCESSABLE, "damaged-id", NULL,
                            "The id \"%.*s\" was damaged by a spreadsheet, which rounded it; "
                            "export the file again and import it without opening it there.",
                            (int)len, text);
    }
    return put_string(r, field, text, len, a, f);
}

bool record_put_text(struct record *r, int index, const char *text, size_t len, struct arena *a,
                     const struct record_rules *rules, struct fail *f)
{
    const struct field *field = &fields_of(r->kind)[index];
    int64_t at_ms, count;
    int32_t day;
    bool ok = false;

    if (memchr(text, 0, len))
        return fail_set(f, FAIL_UNPROCESSABLE, "nul-byte", NULL, "\"%s\" has a NUL byte in it.",
                        field->name);
    if (utf8_valid_prefix(text, len) != len)
        return fail_set(f, FAIL_UNPROCESSABLE, "bad-utf8", NULL,
                        "\"%s\" is not valid UTF-8 (byte %zu of it).", field->name,
                        utf8_valid_prefix(text, len) + 1);
    switch (field->type) {
    case FIELD_PLATFORM:
    case FIELD_SLUG: ok = put_slug(r, field, text, len, a, f); break;
    case FIELD_ID: ok = put_id(r, field, text, len, a, f); break;
    case FIELD_TAGS: ok = put_tags(r, field, text, len, a, f); break;
    case FIELD_NAME:
        if (!utf8_is_text(text, len) || memchr(text, '\n', len) || memchr(text, '\r', len) ||
            memchr(text, '\t', len))
            fail_set(f, FAIL_UNPROCESSABLE, "bad-name", NULL,
                     "\"%s\" has a control character or a line break in it.", field->name);
        else if (is_spreadsheet_error(text, len) && text[0] == '#')
            fail_set(f, FAIL_UNPROCESSABLE, "damaged-cell", NULL,
                     "\"%s\" is \"%.*s\", which a spreadsheet shows in place of what stood there.",
                     field->name, (int)(len > 40 ? 40 : len), text);
        else if (!too_long(field, len, NAME_MAX_BYTES, f))
            ok = put_string(r, field, text, len, a, f);
        break;
    case FIELD_TEXT:
        ok = !too_long(field, len, TEXT_MAX, f) && put_string(r, field, text, len, a, f);
        break;
    case FIELD_URL:
        ok = !too_long(field, len, URL_MAX, f) && put_string(r, field, text, len, a, f);
        break;
    case FIELD_TIME:
        if (!moment_parse(text, len, rules->zone, &at_ms))
            fail_set(f, FAIL_UNPROCESSABLE, "bad-time", NULL,
                     "\"%s\" takes a time such as 2022-11-28T10:00:00Z; there is none called "
                     "\"%.*s\".",
                     field->name, (int)(len > 40 ? 40 : len), text);
        else
            ok = record_put_time(r, index, at_ms, rules, f);
        break;
    case FIELD_DAY:
        day = day_parse(text, len);
        if (day == DAY_NONE)
            fail_set(f, FAIL_UNPROCESSABLE, "bad-date", NULL,
                     "\"%s\" takes a day such as 2022-11-28; there is none called \"%.*s\".",
                     field->name, (int)(len > 40 ? 40 : len), text);
        else
            ok = record_put_day(r, index, day, rules, f);
        break;
    case FIELD_READING:
        for (int i = 0; i < READING_KIND_COUNT; i++)
            if (strlen(reading_kind_names[i]) == len &&
                strncmp(reading_kind_names[i], text, len) == 0) {
                *(enum reading_kind *)slot(r, field) = (enum reading_kind)i;
                ok = true;
            }
        if (!ok)
            fail_set(f, FAIL_UNPROCESSABLE, "bad-reading", NULL,
                     "\"%s\" takes lifetime, period or day; this is \"%.*s\".", field->name,
                     (int)(len > 40 ? 40 : len), text);
        break;
    case FIELD_COUNT:
        count = 0;
        for (size_t i = 0; i < len; i++) {
            if (text[i] < '0' || text[i] > '9' || count > COUNT_MAX) {
                count = -1;
                break;
            }
            count = count * 10 + (text[i] - '0');
        }
        if (len == 0 || count < 0)
            fail_set(f, FAIL_UNPROCESSABLE, "bad-count", NULL,
                     "\"%s\" takes a whole number from 0; this is \"%.*s\".", field->name,
                     (int)(len > 40 ? 40 : len), text);
        else
            ok = record_put_count(r, index, count, f);
        break;
    }
    if (ok)
        r->stated |= 1u << index;
    return ok;
}

bool record_put_count(struct record *r, int index, int64_t value, struct fail *f)
{
    const struct field *field = &fields_of(r->kind)[index];

    if (field->type != FIELD_COUNT)
        return fail_set(f, FAIL_UNPROCESSABLE, "wrong-type", NULL,
                        "\"%s\" takes text, not a number.", field->name);
    if (value < 0 || value > COUNT_MAX)
        return fail_set(f, FAIL_UNPROCESSABLE, "bad-count", NULL,
                        "\"%s\" takes a whole number from 0 to 2^53 - 1; this is %" PRId64 ".",
                        field->name, value);
    *(int64_t *)slot(r, field) = value;
    r->stated |= 1u << index;
    return true;
}

bool record_put_time(struct record *r, int index, int64_t at_ms, const struct record_rules *rules,
                     struct fail *f)
{
    const struct field *field = &fields_of(r->kind)[index];

    if (at_ms < 0)
        return fail_set(f, FAIL_UNPROCESSABLE, "bad-time", NULL,
                        "\"%s\" lies before 1970, before there was anything to post on.",
                        field->name);
    /* A day of grace: clocks and zones differ. */
    if (at_ms > rules->now_ms + MS_PER_DAY) {
        char text[TIME_TEXT];

        return fail_set(f, FAIL_UNPROCESSABLE, "in-the-future", NULL,
                        "\"%s\" is %s, which has not come yet.", field->name,
                        time_format(at_ms, text));
    }
    *(int64_t *)slot(r, field) = at_ms;
    r->stated |= 1u << index;
    return true;
}

bool record_put_day(struct record *r, int index, int32_t day, const struct record_rules *rules,
                    struct fail *f)
{
    const struct field *field = &fields_of(r->kind)[index];

    if (day < 0)
        return fail_set(f, FAIL_UNPROCESSABLE, "bad-date", NULL, "\"%s\" lies before 1970.",
                        field->name);
    if (day > zone_day(rules->zone, rules->now_ms) + 1) {
        char text[DAY_TEXT];

        return fail_set(f, FAIL_UNPROCESSABLE, "in-the-future", NULL,
                        "\"%s\" is %s, which has not come yet.", field->name,
                        day_format(day, text));
    }
    *(int32_t *)slot(r, field) = day;
    r->stated |= 1u << index;
    return true;
}

bool record_put_null(struct record *r, int index, struct fail *f)
{
    const struct field *field = &fields_of(r->kind)[index];

    switch (field->type) {
    case FIELD_PLATFORM:
    case FIELD_ID:
    case FIELD_TIME:
    case FIELD_DAY:
    case FIELD_READING:
        return fail_set(f, FAIL_UNPROCESSABLE, "null-not-allowed", NULL,
                        "\"%s\" cannot be cleared.", field->name);
    case FIELD_SLUG:
    case FIELD_NAME:
        if (index == POST_TYPE || (r->kind == RECORD_TRAFFIC && index == TRAFFIC_SOURCE) ||
            (r->kind == RECORD_POST && (index == POST_REGION || index == POST_ACCOUNT)))
            return fail_set(f, FAIL_UNPROCESSABLE, "null-not-allowed", NULL,
                            "\"%s\" cannot be cleared.", field->name);
        *(const char **)slot(r, field) = NULL;
        break;
    case FIELD_TAGS:
    case FIELD_TEXT:
    case FIELD_URL: *(const char **)slot(r, field) = NULL; break;
    case FIELD_COUNT: *(int64_t *)slot(r, field) = COUNT_ABSENT; break;
    }
    r->stated |= 1u << index;
    return true;
}

/* A period has two ends or none that anybody knows, a day has one, a life has none. */
static bool covers_well(const struct record *r, int *field, struct fail *f)
{
    const struct post *p = &r->post;
    bool from = p->covers_from != DAY_NONE, to = p->covers_to != DAY_NONE;
    bool ok = p->reading == READING_LIFETIME ? !from && !to
              : p->reading == READING_DAY    ? from && (!to || p->covers_to == p->covers_from)
                                             : from == to && p->covers_from <= p->covers_to;

    *field = POST_COVERS_FROM;
    return ok || fail_set(f, FAIL_UNPROCESSABLE, "bad-cover", NULL,
                          "\"covers_from\" and \"covers_to\" are the ends of a period, or the one "
                          "day; figures of a lifetime have neither.");
}

bool record_check(const struct record *r, int *field, struct fail *f)
{
    static const int post_keys[] = {POST_PLATFORM, POST_ID, -1};
    static const int traffic_keys[] = {TRAFFIC_DATE, TRAFFIC_SOURCE, -1};
    const int *keys = r->kind == RECORD_POST ? post_keys : traffic_keys;

    for (; *keys >= 0; keys++)
        if (!record_states(r, *keys)) {
            *field = *keys;
            return fail_set(f, FAIL_UNPROCESSABLE, "missing-field", NULL,
                            "\"%s\" is missing; every %s needs it.",
                            record_field_name(r->kind, *keys),
                            r->kind == RECORD_POST ? "post" : "row of traffic");
        }
    if (r->kind == RECORD_TRAFFIC && r->traffic.source[0] == 0) {
        *field = TRAFFIC_SOURCE;
        return fail_set(f, FAIL_UNPROCESSABLE, "missing-field", NULL, "\"source\" is empty.");
    }
    if (r->kind == RECORD_POST && !covers_well(r, field, f))
        return false;
    if (r->kind == RECORD_POST && record_states(r, POST_OBSERVED_AT) &&
        record_states(r, POST_POSTED_AT) && r->post.observed_at_ms < r->post.posted_at_ms) {
        *field = POST_OBSERVED_AT;
        return fail_set(f, FAIL_UNPROCESSABLE, "observed-before-posted", NULL,
                        "\"observed_at\" lies before \"posted_at\": a post cannot be read before "
                        "it is published.");
    }
    return true;
}
