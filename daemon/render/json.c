#include "render/json.h"
#include "base/day.h"
#include "base/utf8.h"
#include "record/file_notes.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of reals: as many as are stable whatever compiled the program. */
enum { DIGITS = 6 };

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

static int to_buf(const char *data, size_t len, void *out)
{
    return buf_add(out, data, len) ? 0 : -1;
}

bool json_write(const json_t *value, struct buf *out)
{
    return value &&
           json_dump_callback(value, to_buf, out, JSON_COMPACT | JSON_REAL_PRECISION(DIGITS)) == 0;
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

/* "code rows" a line → [{code, rows, detail}]. */
static json_t *notes_of(const char *text)
{
    json_t *list = json_array();

    for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n')
        for (int i = 0; i < NOTE_COUNT; i++) {
            size_t n = strlen(note_codes[i]);
            json_t *o;

            if (strncmp(line, note_codes[i], n) != 0 || line[n] != ' ')
                continue;
            o = json_object();
            json_put(&o, "code", json_text(note_codes[i]));
            json_put(&o, "rows", json_integer(strtoll(line + n + 1, NULL, 10)));
            json_put(&o, "detail", json_text(note_details[i]));
            json_append(&list, o);
        }
    return list;
}

/* "heading TAB use" a line → [{column, heading, read_as}]. */
static json_t *columns_of(const char *text)
{
    json_t *list = json_array();
    int column = 0;

    for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
        size_t n = strcspn(line, "\t"), end = strcspn(line, "\n");
        json_t *o = json_object();

        if (n > end)
            n = end;
        json_put(&o, "column", json_integer(++column));
        json_put(&o, "heading", json_stringn_nocheck(line, utf8_valid_prefix(line, n)));
        json_put(&o, "read_as",
                 end > n + 1 ? json_stringn_nocheck(line + n + 1, end - n - 1) : json_null());
        json_append(&list, o);
    }
    return list;
}

json_t *json_of_import(const struct import_row *r)
{
    char from[DAY_TEXT], to[DAY_TEXT];
    json_t *o = json_object();

    json_put(&o, "id", json_integer(r->import_id));
    json_put(&o, "state", json_text(import_state_names[r->state]));
    json_put(&o, "file", json_text(r->file[0] ? r->file : NULL));
    json_put(&o, "profile", json_text(r->profile));
    json_put(&o, "profile_version", json_integer(r->profile_version));
    json_put(&o, "record", json_text(r->kind == RECORD_POST ? "post" : "traffic"));
    json_put(&o, "options", options_of(r->options));
    json_put(&o, "dry_run", json_boolean(r->dry_run));
    json_put(&o, "part_of", r->parent_id ? json_integer(r->parent_id) : json_null());
    json_put(&o, "charset", json_text(r->charset[0] ? r->charset : NULL));
    json_put(&o, "covers_from",
             json_text(r->covers_from == DAY_NONE ? NULL : day_format(r->covers_from, from)));
    json_put(&o, "covers_to",
             json_text(r->covers_to == DAY_NONE ? NULL : day_format(r->covers_to, to)));
    json_put(&o, "observed_at", json_moment(r->read_at));
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
    json_put(&o, "columns", columns_of(r->columns));
    json_put(&o, "skipped_columns", lines_of(r->skipped_columns));
    json_put(&o, "notes", notes_of(r->notes));
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
    json_put(&o, "value", json_text(r->value[0] ? r->value : NULL));
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

json_t *json_words(const char *text)
{
    json_t *list = json_array();

    while (text && *text) {
        size_t n = strcspn(text, " ");

        if (n)
            json_append(&list, json_stringn_nocheck(text, n));
        text += n + (text[n] == ' ');
    }
    return list;
}

json_t *json_of_type_rule(const struct type_rule *rule)
{
    struct type_rule r = *rule;
    json_t *o = json_object();

    json_put(&o, "id", json_integer(r.rule_id));
    for (int i = 0; i < RULE_TEXTS; i++) {
        const char *text = *type_rule_text(&r, i);

        json_put(&o, type_rule_names[i],
                 strcmp(type_rule_names[i], "tags") == 0 ? json_words(text) : json_text(text));
    }
    return o;
}

json_t *json_of_set_type(const struct set_type *t)
{
    json_t *o = json_object();

    json_put(&o, "platform", json_text(t->platform));
    json_put(&o, "id", json_text(t->id));
    json_put(&o, "type", json_text(t->type));
    json_put(&o, "tags", json_words(t->tags));
    return o;
}

json_t *json_of_note(const struct note *n)
{
    json_t *o = json_object();

    json_put(&o, "id", json_integer(n->note_id));
    json_put(&o, "from", json_day(n->from));
    json_put(&o, "to", json_day(n->to));
    json_put(&o, "kind", json_text(note_kind_names[n->kind]));
    json_put(&o, "text", json_text(n->text));
    for (int i = 0; i < NOTE_SCOPE_COUNT; i++)
        json_put(&o, note_scope_names[i], json_text(n->scope[i][0] ? n->scope[i] : NULL));
    json_put(&o, "private", json_boolean(n->is_private));
    return o;
}
