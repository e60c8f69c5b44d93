#include "render/json_export.h"
#include "base/day.h"
#include "record/links.h"

#include <string.h>

const char *const export_post_columns[] = {
    "platform", "id",       "type",     "posted_at",   "account",     "region",      "tags",
    "text",     "url",      "campaign", "observed_at", "reading",     "covers_from", "covers_to",
    "likes",    "comments", "shares",   "saves",       "follows",     "reach",       "impressions",
    "views",    "clicks",   "sessions", "users",       "conversions", NULL};
const char *const export_traffic_columns[] = {
    "date",     "source", "region",           "campaign",    "arrived_at", "scheme",
    "sessions", "users",  "engaged_sessions", "conversions", NULL};

const char *const export_columns[] = {
    "record",      "profile",     "version",     "timezone",
    "platform",    "id",          "type",        "posted_at",
    "account",     "region",      "tags",        "text",
    "url",         "campaign",    "date",        "source",
    "name",        "arrived_at",  "scheme",      "observed_at",
    "reading",     "covers_from", "covers_to",   "hashtag",
    "words",       "utm_content", "from",        "to",
    "kind",        "metric",      "definition",  "metrics",
    "likes",       "comments",    "shares",      "saves",
    "follows",     "reach",       "impressions", "views",
    "clicks",      "sessions",    "users",       "engaged_sessions",
    "conversions", "private",     NULL};

void export_words_for_nulls(json_t *list)
{
    const char *name;
    json_t *line, *value;
    void *next;
    size_t i;

    json_array_foreach(list, i, line) json_object_foreach_safe(line, next, name, value)
    {
        const char *record = json_string_value(json_object_get(line, "record"));
        bool post = strcmp(record, "post") == 0 &&
                    (post_metric(name) >= 0 || strcmp(name, "campaign") == 0);
        bool traffic = strcmp(record, "traffic") == 0 && traffic_metric(name) >= 0;

        if (json_is_null(value) && (post || traffic))
            json_object_set_new(line, name, json_string("null"));
    }
}

static void put_text(json_t **o, const char *name, const char *text)
{
    if (text && *text)
        json_put(o, name, json_string_nocheck(text));
}

json_t *json_of_export_post(const struct post_view *p, const struct export_reading *r)
{
    json_t *o = json_object();

    json_put(&o, "record", json_text("post"));
    put_text(&o, "profile", r->profile);
    json_put(&o, "platform", json_text(p->platform));
    json_put(&o, "id", json_text(p->id));
    if (r->attributes) {
        json_put(&o, "type", json_text(p->type_stated));
        json_put(&o, "posted_at", json_moment(p->posted_at));
        put_text(&o, "account", p->account);
        if (strcmp(p->region, "-") != 0)
            json_put(&o, "region", json_text(p->region));
        if (p->tags_stated)
            json_put(&o, "tags", json_words(p->tags_stated));
        put_text(&o, "text", p->text);
        put_text(&o, "url", p->url);
        put_text(&o, "campaign", p->campaign);
        if (!p->campaign || !*p->campaign) { /* taken back: the link is not to name it again */
            char named[NAME_MAX_BYTES + 1];

            if (post_utm(p->url, p->text, UTM_CAMPAIGN, named))
                json_put(&o, "campaign", json_null());
        }
    }
    json_put(&o, "observed_at", json_moment(r->at_ms));
    if (r->reading && r->o.kind != READING_LIFETIME) {
        json_put(&o, "reading", json_text(reading_kind_names[r->o.kind]));
        if (r->o.covers_from != DAY_NONE) {
            json_put(&o, "covers_from", json_day(r->o.covers_from));
            json_put(&o, "covers_to", json_day(r->o.covers_to));
        }
    }
    for (int m = 0; r->reading && m < POST_METRIC_COUNT; m++)
        if (r->o.stated >> m & 1u)
            json_put(&o, post_metric_names[m],
                     r->o.metric[m] == COUNT_ABSENT ? json_null() : json_integer(r->o.metric[m]));
    return o;
}

json_t *json_of_export_traffic(const struct export_traffic *t, const char *profile)
{
    json_t *o = json_object();
    bool any = false;

    json_put(&o, "record", json_text("traffic"));
    put_text(&o, "profile", profile);
    json_put(&o, "date", json_day(t->day));
    json_put(&o, "source", json_text(t->source));
    if (strcmp(t->region, "-") != 0)
        json_put(&o, "region", json_text(t->region));
    put_text(&o, "campaign", t->campaign);
    json_put(&o, "arrived_at", json_moment(t->arrived_at));
    put_text(&o, "scheme", t->scheme);
    for (int m = 0; m < TRAFFIC_METRIC_COUNT; m++)
        if (t->metric[m] != COUNT_ABSENT) {
            json_put(&o, traffic_metric_names[m], json_integer(t->metric[m]));
            any = true;
        }
    if (!any) /* a day of which no figure is known; without its row it would count as nothing */
        json_put(&o, traffic_metric_names[0], json_null());
    return o;
}

json_t *json_of_export_coverage(const struct export_coverage *c, const char *profile)
{
    json_t *o = json_object(), *metrics = json_array();

    json_put(&o, "record", json_text("coverage"));
    put_text(&o, "profile", profile);
    json_put(&o, "scheme", json_text(c->scheme));
    json_put(&o, "region", json_text(c->region));
    json_put(&o, "date", json_day(c->day));
    json_put(&o, "arrived_at", json_moment(c->arrived_at));
    for (int m = 0; m < TRAFFIC_METRIC_COUNT; m++)
        if (c->stated >> m & 1u)
            json_append(&metrics, json_text(traffic_metric_names[m]));
    json_put(&o, "metrics", metrics);
    return o;
}
