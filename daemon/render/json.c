#include "render/json.h"
#include "base/day.h"
#include "base/utf8.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    DIGITS = 10
}; /* of reals: fewer than a double has, so rounding in the last place never shows */

void json_put(json_t **object, const char *name, json_t *value)
{
    if (!*object) {
        json_decref(value);
        return;
    }
    if (value && json_object_set_new_nocheck(*object, name, value) == 0)
        return;
    json_decref(*object);
    *object = NULL;
}

void json_append(json_t **list, json_t *value)
{
    if (!*list) {
        json_decref(value);
        return;
    }
    if (value && json_array_append_new(*list, value) == 0)
        return;
    json_decref(*list);
    *list = NULL;
}

json_t *json_text(const char *text)
{
    return text ? json_string_nocheck(text) : json_null();
}

json_t *json_day(int32_t day)
{
    char text[DAY_TEXT];

    return day == DAY_NONE ? json_null() : json_string_nocheck(day_format(day, text));
}

json_t *json_moment(int64_t at_ms)
{
    char text[TIME_TEXT];

    return at_ms < 0 ? json_null() : json_string_nocheck(time_format(at_ms, text));
}

static json_t *count(int64_t v)
{
    return v == COUNT_ABSENT ? json_null() : json_integer(v);
}

/* A total is a whole number: printed as one as long as it is exact. */
static json_t *total_of(double v)
{
    return v <= (double)COUNT_MAX ? json_integer((json_int_t)v) : json_real(v);
}

static int to_buf(const char *data, size_t len, void *out)
{
    return buf_add(out, data, len) ? 0 : -1;
}

bool json_write(const json_t *value, struct buf *out)
{
    return value &&
           json_dump_callback(value, to_buf, out, JSON_COMPACT | JSON_REAL_PRECISION(DIGITS)) == 0;
}

static json_t *parts_of(uint32_t parts)
{
    json_t *list = json_array();

    for (int m = 0; list && m < POST_METRIC_COUNT; m++)
        if (parts >> m & 1u)
            json_append(&list, json_string_nocheck(post_metric_names[m]));
    return list;
}

json_t *json_of_traffic(const struct traffic_view *t, bool complete)
{
    json_t *o = json_object();

    json_put(&o, "date", json_day(t->day));
    json_put(&o, "source", json_text(t->name));
    json_put(&o, "source_group", json_text(t->source));
    json_put(&o, "region", json_text(t->region));
    json_put(&o, "campaign", json_text(t->campaign[0] ? t->campaign : NULL));
    for (int m = 0; m < TRAFFIC_METRIC_COUNT; m++)
        json_put(&o, traffic_metric_names[m], count(t->metric[m]));
    json_put(&o, "complete", json_boolean(complete));
    return o;
}

/* "account=...\nregion=..." as it is kept → what the sender had asked for. */
static json_t *options_of(const char *text)
{
    json_t *o = json_object();

    while (*text) {
        size_t n = strcspn(text, "\n"), name = strcspn(text, "=");
        char key[32];

        if (name < n && n - name > 1 && name < sizeof key &&
            strncmp(text, "observed_at=0", n) != 0) {
            snprintf(key, sizeof key, "%.*s", (int)name, text);
            json_put(&o, key,
                     strcmp(key, "observed_at") == 0
                         ? json_moment(strtoll(text + name + 1, NULL, 10))
                         : json_stringn_nocheck(text + name + 1, n - name - 1));
        }
        text += n + (text[n] == '\n');
    }
    return o;
}

/* Lines → a list. */
static json_t *lines_of(const char *text)
{
    json_t *list = json_array();

    while (*text) {
        size_t n = strcspn(text, "\n");

        json_append(&list, json_stringn_nocheck(text, utf8_valid_prefix(text, n)));
        text += n + (text[n] == '\n');
    }
    return list;
}

json_t *json_of_import(const struct import_row *r)
{
    json_t *o = json_object();

    json_put(&o, "id", json_integer(r->import_id));
    json_put(&o, "state", json_text(import_state_names[r->state]));
    json_put(&o, "file", json_text(r->file[0] ? r->file : NULL));
    json_put(&o, "profile", json_text(r->profile));
    json_put(&o, "profile_version", json_integer(r->profile_version));
    json_put(&o, "record", json_text(r->kind == RECORD_POST ? "post" : "traffic"));
    json_put(&o, "options", options_of(r->options));
    json_put(&o, "bytes", json_integer(r->bytes));
    json_put(&o, "content_hash", json_text(r->content_hash));
    json_put(&o, "received_at", json_moment(r->received_at));
    json_put(&o, "finished_at", json_moment(r->finished_at));
    json_put(&o, "rows_total", count(r->rows_total));
    json_put(&o, "rows_done", json_integer(r->rows_done));
    json_put(&o, "received", json_integer(r->counts.received));
    json_put(&o, "inserted", json_integer(r->counts.inserted));
    json_put(&o, "updated", json_integer(r->counts.updated));
    json_put(&o, "unchanged", json_integer(r->counts.unchanged));
    json_put(&o, "skipped", json_integer(r->counts.skipped));
    json_put(&o, "rejected", json_integer(r->counts.rejected));
    json_put(&o, "skipped_columns", lines_of(r->skipped_columns));
    json_put(&o, "code", json_text(r->code[0] ? r->code : NULL));
    json_put(&o, "sentence", json_text(r->sentence[0] ? r->sentence : NULL));
    return o;
}

json_t *json_of_import_reject(const struct reject *r)
{
    json_t *o = json_object();

    json_put(&o, "line", json_integer(r->line));
    json_put(&o, "column", r->column ? json_integer(r->column) : json_null());
    json_put(&o, "heading", json_text(r->heading[0] ? r->heading : NULL));
    json_put(&o, "outcome", json_text(r->skipped ? "skipped" : "rejected"));
    json_put(&o, "code", json_text(r->code));
    json_put(&o, "sentence", json_text(r->sentence));
    return o;
}

/* RFC 6901: "~" is "~0" and "/" is "~1". field holds twice the heading's bytes. */
static void pointer_escape(const char *heading, char field[130])
{
    for (; *heading; heading++) {
        if (*heading == '~' || *heading == '/') {
            *field++ = '~';
            *field++ = *heading == '~' ? '0' : '1';
        } else {
            *field++ = *heading;
        }
    }
    *field = 0;
}

json_t *json_of_reject(const struct reject *r, bool is_json, bool is_list, const char *list)
{
    json_t *o = json_object();
    char pointer[256], field[130];

    json_put(&o, "index", json_integer(r->index));
    if (r->line)
        json_put(&o, "line", json_integer(r->line));
    if (is_json) {
        pointer_escape(r->heading, field);
        if (is_list)
            snprintf(pointer, sizeof pointer, "/%s/%" PRId64 "%s%s", list, r->index,
                     r->heading[0] ? "/" : "", field);
        else
            snprintf(pointer, sizeof pointer, "%s%s", r->heading[0] ? "/" : "", field);
        json_put(&o, "pointer", json_text(pointer));
    } else {
        if (r->column)
            json_put(&o, "column", json_integer(r->column));
        if (r->heading[0])
            json_put(&o, "heading", json_text(r->heading));
    }
    json_put(&o, "code", json_text(r->code));
    json_put(&o, "sentence", json_text(r->sentence));
    return o;
}

json_t *json_of_account(const struct account_row *a)
{
    json_t *o = json_object();

    json_put(&o, "platform", json_text(a->platform));
    json_put(&o, "account", json_text(a->handle[0] ? a->handle : NULL));
    json_put(&o, "region", json_text(a->region));
    json_put(&o, "posts", json_integer(a->n_posts));
    return o;
}

json_t *json_of_source(const struct source_row *s)
{
    json_t *o = json_object();

    json_put(&o, "name", json_text(s->name));
    json_put(&o, "source", json_text(s->source));
    json_put(&o, "stated", json_boolean(s->stated));
    return o;
}

json_t *json_of_filter(const struct filter *f)
{
    json_t *o = json_object();

    for (int k = 0; k < FILTER_KEY_COUNT; k++) {
        json_t *list = NULL;

        for (int i = 0; i < f->n; i++) {
            char text[NAME_MAX_BYTES + 2];

            if (f->values[i].key != (enum filter_key)k)
                continue;
            if (!list)
                list = json_array();
            snprintf(text, sizeof text, "%s%s", f->values[i].negated ? "!" : "", f->values[i].text);
            json_append(&list, json_string_nocheck(text));
        }
        if (list)
            json_put(&o, filter_key_names[k], list);
    }
    if (f->from != DAY_NONE)
        json_put(&o, "from", json_day(f->from));
    if (f->to != DAY_NONE)
        json_put(&o, "to", json_day(f->to));
    return o;
}

/* ---- answers ---- */

static json_t *warnings_of(const struct warnings *w)
{
    json_t *list = json_array();

    for (int i = 0; list && i < w->n; i++) {
        json_t *o = json_object();

        json_put(&o, "code", json_text(w->item[i].code));
        json_put(&o, "detail", json_text(w->item[i].detail));
        json_append(&list, o);
    }
    return list;
}

static void put_ending(json_t **o, const struct warnings *w, int64_t revision)
{
    json_t *method = json_object();

    json_put(&method, "name", json_text("plain-figures"));
    json_put(&method, "version", json_integer(1));
    json_put(o, "warnings", warnings_of(w));
    json_put(o, "method", method);
    json_put(o, "revision", json_integer(revision));
}

static json_t *period_json(const struct lift_period *p, bool additive)
{
    json_t *o = json_object(), *missing = json_array();

    for (int i = 0; missing && i < p->n_missing; i++)
        json_append(&missing, json_day(p->missing[i]));
    json_put(&o, "from", json_day(p->from));
    json_put(&o, "to", json_day(p->to));
    json_put(&o, "days", json_integer(p->days));
    json_put(&o, "days_used", json_integer(p->days_used));
    json_put(&o, "days_missing", json_integer(p->days_missing));
    json_put(&o, "days_unfinished", json_integer(p->days_unfinished));
    json_put(&o, "left_out", missing);
    if (additive && p->days_used)
        json_put(&o, "total", total_of(p->total));
    if (p->days_used)
        json_put(&o, "daily_mean", json_real(p->daily_mean));
    return o;
}

static json_t *lift_question_json(const struct lift_answer *a, const char *timezone)
{
    const struct lift_question *q = &a->question;
    json_t *o = json_object(), *names = json_array(), *control = json_array();

    for (int i = 0; names && i < a->series.n_names; i++)
        json_append(&names, json_text(a->series.name[i]));
    for (int i = 0; control && i < q->n_controls; i++)
        json_append(&control, json_text(q->control[i]));
    json_put(&o, "kind", json_text("lift"));
    json_put(&o, "metric", json_text(traffic_metric_names[q->metric]));
    json_put(&o, "source", json_text(q->source));
    json_put(&o, "source_kind", json_text(series_kind_names[a->series.kind]));
    json_put(&o, "source_names", names);
    json_put(&o, "region", json_text(q->region[0] ? q->region : NULL));
    json_put(&o, "campaign", json_text(q->campaign[0] ? q->campaign : NULL));
    json_put(&o, "start", json_day(q->start));
    json_put(&o, "end", json_day(q->end));
    json_put(&o, "baseline_from", json_day(q->baseline_from));
    json_put(&o, "baseline_to", json_day(q->baseline_to));
    json_put(&o, "control", control);
    json_put(&o, "level", json_real(q->level));
    json_put(&o, "timezone", json_text(timezone));
    return o;
}

static json_t *series_json(const struct lift_answer *a)
{
    const struct lift_question *q = &a->question;
    json_t *list = json_array();

    for (int i = 0; list && i < a->series.n; i++) {
        int32_t day = a->series.from + i;
        json_t *o = json_object();
        bool before = day >= q->baseline_from && day <= q->baseline_to;
        bool after = day >= q->start && day <= q->end;
        bool known = a->series.state[i] == DAY_KNOWN;

        json_put(&o, "date", json_day(day));
        json_put(&o, "value", known ? total_of(a->series.value[i]) : json_null());
        json_put(&o, "period", json_text(before ? "baseline" : after ? "after" : "neither"));
        json_put(&o, "state",
                 json_text(known                                  ? "known"
                           : a->series.state[i] == DAY_UNFINISHED ? "unfinished"
                                                                  : "missing"));
        json_append(&list, o);
    }
    return list;
}

json_t *json_of_lift(const struct lift_answer *a, const char *timezone, int64_t revision)
{
    json_t *o = json_object();
    const char *metric = traffic_metric_names[a->question.metric];
    char unit[96];

    snprintf(unit, sizeof unit,
             a->additive ? "%s a day" : "%s a day (a daily mean: people are not added up)", metric);
    json_put(&o, "question", lift_question_json(a, timezone));
    json_put(&o, "unit", json_text(unit));
    json_put(&o, "baseline", period_json(&a->baseline, a->additive));
    json_put(&o, "after", period_json(&a->after, a->additive));
    if (a->has_change)
        json_put(&o, "change", json_real(a->change));
    if (a->has_control) {
        json_t *c = json_object();

        json_put(&c, "baseline", period_json(&a->control_baseline, a->additive));
        json_put(&c, "after", period_json(&a->control_after, a->additive));
        if (a->control_has_change)
            json_put(&c, "change", json_real(a->control_change));
        json_put(&o, "control", c);
    }
    if (a->question.series)
        json_put(&o, "series", series_json(a));
    put_ending(&o, &a->warnings, revision);
    return o;
}

static json_t *group_json(const struct group_figures *g, bool additive, bool engagement)
{
    json_t *o = json_object();

    json_put(&o, "posts", json_integer(g->posts));
    json_put(&o, "posts_used", json_integer((json_int_t)g->n));
    json_put(&o, "posts_without", json_integer(g->absent));
    if (engagement)
        json_put(&o, "engagement_parts", parts_of(g->parts));
    if (!g->n)
        return o;
    if (additive)
        json_put(&o, "total", total_of(g->total));
    json_put(&o, "mean", json_real(g->mean));
    if (g->has_median)
        json_put(&o, "median", json_real(g->median));
    json_put(&o, "largest", total_of(g->largest));
    if (additive && g->total > 0)
        json_put(&o, "top_post_share", json_real(g->largest / g->total));
    return o;
}

json_t *json_of_compare(const struct compare_question *q, const struct compare_answer *a,
                        const char *timezone, int64_t revision)
{
    json_t *o = json_object(), *question = json_object();
    bool engagement = q->figure == METRIC_ENGAGEMENT;

    json_put(&question, "kind", json_text("compare"));
    json_put(&question, "metric", json_text(post_figure_name(q->figure)));
    json_put(&question, "a", json_of_filter(&q->a));
    json_put(&question, "b", q->rest ? json_text("all other posts") : json_of_filter(&q->b));
    json_put(&question, "both", json_of_filter(&q->both));
    json_put(&question, "readings", json_text("latest lifetime reading of each post"));
    json_put(&question, "level", json_real(q->level));
    json_put(&question, "timezone", json_text(timezone));
    json_put(&o, "question", question);
    json_put(&o, "unit",
             json_text(a->additive ? "per post" : "per post (people are not added up)"));
    json_put(&o, "a", group_json(&a->a, a->additive, engagement));
    json_put(&o, "b", group_json(&a->b, a->additive, engagement));
    json_put(&o, "posts_in_both", json_integer(a->in_both));
    if (a->has_change)
        json_put(&o, "change", json_real(a->change));
    put_ending(&o, &a->warnings, revision);
    return o;
}

static json_t *type_json(const struct types_question *q, const struct types_answer *a,
                         const struct type_row *row)
{
    json_t *o = json_object(), *metrics = json_object(), *t;

    json_put(&o, types_by_names[q->by], json_text(row->name));
    if (q->by == BY_ACCOUNT)
        json_put(&o, "platform", json_text(row->platform));
    json_put(&o, "posts", json_integer(row->posts));
    json_put(&o, "engagement", group_json(&row->engagement, true, true));
    for (int m = 0; m < POST_METRIC_COUNT; m++)
        if (row->metric[m].n)
            json_put(&metrics, post_metric_names[m],
                     group_json(&row->metric[m], post_metric_is_additive(m), false));
    json_put(&o, "metrics", metrics);
    if (!a->has_traffic)
        return o;
    t = json_object();
    json_put(&t, "days_with", json_integer(row->days_with));
    json_put(&t, "days_without", json_integer(row->days_without));
    if (row->days_with)
        json_put(&t, "mean_with", json_real(row->mean_with));
    if (row->days_without)
        json_put(&t, "mean_without", json_real(row->mean_without));
    if (row->has_change)
        json_put(&t, "change", json_real(row->change));
    json_put(&o, "traffic", t);
    return o;
}

json_t *json_of_types(const struct types_question *q, const struct types_answer *a,
                      const char *timezone, int64_t revision)
{
    json_t *o = json_object(), *question = json_object(), *list = json_array();

    json_put(&question, "kind", json_text("types"));
    json_put(&question, "by", json_text(types_by_names[q->by]));
    json_put(&question, "posts", json_of_filter(&q->filter));
    json_put(&question, "metric", json_text(traffic_metric_names[q->metric]));
    json_put(&question, "source", json_text(q->source));
    json_put(&question, "source_kind",
             json_text(a->has_traffic ? series_kind_names[a->kind] : NULL));
    json_put(&question, "region", json_text(a->region));
    json_put(&question, "from", json_day(a->from));
    json_put(&question, "to", json_day(a->to));
    json_put(&question, "readings", json_text("latest lifetime reading of each post"));
    json_put(&question, "timezone", json_text(timezone));
    json_put(&o, "question", question);
    json_put(&o, "posts", json_integer(a->posts));
    json_put(&o, "days", json_integer(a->days));
    json_put(&o, "days_missing", json_integer(a->has_traffic ? a->days_missing : a->days));
    for (int i = 0; list && i < a->n; i++)
        json_append(&list, type_json(q, a, &a->row[i]));
    json_put(&o, "types", list);
    put_ending(&o, &a->warnings, revision);
    return o;
}
