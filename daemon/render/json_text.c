#include "render/json_text.h"
#include "base/ceilings.h"
#include "record/links.h"
#include "base/text.h"
#include "base/day.h"

#include <string.h>

static void comma(struct json_text *t)
{
    if (t->follows)
        buf_putc(t->out, ',');
    t->follows = true;
}

void json_text_open(struct json_text *t, char bracket)
{
    comma(t);
    buf_putc(t->out, bracket);
    t->follows = false;
}

void json_text_close(struct json_text *t, char bracket)
{
    buf_putc(t->out, bracket);
    t->follows = true;
}

/* Runs that need no escape are copied whole. */
static void quoted(struct buf *out, const char *text, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    size_t from = 0;

    buf_putc(out, '"');
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        char escape[7] = "\\u00";

        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        buf_add(out, text + from, i - from);
        from = i + 1;
        if (c >= 0x20) {
            escape[1] = (char)c;
            escape[2] = 0;
        } else if (c == '\n') {
            text_copy(escape, sizeof escape, "\\n");
        } else if (c == '\t') {
            text_copy(escape, sizeof escape, "\\t");
        } else if (c == '\r') {
            text_copy(escape, sizeof escape, "\\r");
        } else {
            escape[4] = digits[c >> 4];
            escape[5] = digits[c & 15];
        }
        buf_puts(out, escape);
    }
    buf_add(out, text + from, len - from);
    buf_putc(out, '"');
}

void json_text_key(struct json_text *t, const char *name)
{
    comma(t);
    buf_putc(t->out, '"');
    buf_puts(t->out, name);
    buf_add(t->out, "\":", 2);
    t->follows = false;
}

void json_text_null(struct json_text *t)
{
    comma(t);
    buf_add(t->out, "null", 4);
}

void json_text_bool(struct json_text *t, bool v)
{
    comma(t);
    buf_puts(t->out, v ? "true" : "false");
}

void json_text_string(struct json_text *t, const char *text)
{
    if (!text) {
        json_text_null(t);
        return;
    }
    comma(t);
    quoted(t->out, text, strlen(text));
}

void json_text_int(struct json_text *t, int64_t v)
{
    char number[24], *at = number + sizeof number;
    uint64_t rest = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

    comma(t);
    do
        *--at = (char)('0' + rest % 10);
    while (rest /= 10);
    if (v < 0)
        *--at = '-';
    buf_add(t->out, at, (size_t)(number + sizeof number - at));
}

static void text_member(struct json_text *t, const char *name, const char *text)
{
    json_text_key(t, name);
    json_text_string(t, text);
}

static void count_member(struct json_text *t, const char *name, int64_t v)
{
    json_text_key(t, name);
    if (v == COUNT_ABSENT)
        json_text_null(t);
    else
        json_text_int(t, v);
}

static void time_member(struct json_text *t, const char *name, int64_t at_ms)
{
    char text[TIME_TEXT];

    text_member(t, name, at_ms < 0 ? NULL : time_format(at_ms, text));
}

static void day_member(struct json_text *t, const char *name, int32_t day)
{
    char text[DAY_TEXT];

    text_member(t, name, day == DAY_NONE ? NULL : day_format(day, text));
}

static void metric_members(struct json_text *t, const int64_t metric[POST_METRIC_COUNT])
{
    for (int m = 0; m < POST_METRIC_COUNT; m++)
        count_member(t, post_metric_names[m], metric[m]);
}

static void tags_member(struct json_text *t, const char *tags)
{
    json_text_key(t, "tags");
    json_text_open(t, '[');
    while (tags && *tags) {
        size_t n = strcspn(tags, " ");

        comma(t);
        quoted(t->out, tags, n);
        tags += n + (tags[n] == ' ');
    }
    json_text_close(t, ']');
}

void json_text_post(struct json_text *t, const struct post_view *p)
{
    uint32_t parts;
    int64_t engagement = post_engagement(p->metric, &parts);

    text_member(t, "platform", p->platform);
    text_member(t, "id", p->id);
    text_member(t, "type", p->type);
    time_member(t, "posted_at", p->posted_at);
    text_member(t, "account", p->account[0] ? p->account : NULL);
    text_member(t, "region", p->region);
    tags_member(t, p->tags);
    text_member(t, "text", p->text);
    text_member(t, "url", p->url);
    text_member(t, "campaign", p->campaign);
    /* of the figures, where there are any: so that a post sent back says nothing new */
    time_member(t, "observed_at",
                p->last_seen_at != COUNT_ABSENT ? p->last_seen_at : p->observed_at);
    metric_members(t, p->metric);
    count_member(t, "engagement", engagement);
    json_text_key(t, "engagement_parts");
    json_text_open(t, '[');
    for (int m = 0; m < POST_METRIC_COUNT; m++)
        if (parts >> m & 1u)
            json_text_string(t, post_metric_names[m]);
    json_text_close(t, ']');
    time_member(t, "first_seen_at", p->first_seen_at);
    time_member(t, "last_seen_at", p->last_seen_at);
}

void json_text_post_alone(struct json_text *t, const struct post_view *p)
{
    static const char *const setters[] = {NULL, "rule", "person"};
    static const char *const names[UTM_COUNT] = {"source", "medium", "campaign", "content"};
    char value[NAME_MAX_BYTES + 1];

    text_member(t, "type_stated", p->type_stated);
    text_member(t, "type_set_by", setters[p->type_set_by]);
    json_text_key(t, "utm");
    json_text_open(t, '{');
    for (int i = 0; i < UTM_COUNT; i++)
        text_member(t, names[i], post_utm(p->url, p->text, (enum utm)i, value) ? value : NULL);
    json_text_close(t, '}');
}

void json_text_observation(struct json_text *t, const struct observation_view *o)
{
    json_text_open(t, '{');
    text_member(t, "kind", reading_kind_names[o->kind]);
    day_member(t, "covers_from", o->covers_from);
    day_member(t, "covers_to", o->covers_to);
    time_member(t, "first_seen_at", o->first_seen_at);
    time_member(t, "last_seen_at", o->last_seen_at);
    metric_members(t, o->metric);
    count_member(t, "import", o->import_id ? o->import_id : COUNT_ABSENT);
    json_text_close(t, '}');
}
