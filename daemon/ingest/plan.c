/*
 * Applying a plan to a file's rows: how times are spelled, and each row's way to a
 * record, a rejection or a skip.
 */
#include "ingest/profile_parts.h"
#include "base/buf.h"
#include "base/ceilings.h"
#include "base/day.h"
#include "ingest/timefmt.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void plan_free(struct plan *p)
{
    if (!p)
        return;
    for (int i = 0; i < p->n_columns; i++)
        free(p->headings[i]);
    free(p->headings);
    buf_clear(&p->skipped);
    free(p);
}

const struct profile *plan_profile(const struct plan *p)
{
    return p->profile;
}

char plan_delimiter(const struct plan *p)
{
    return p->delimiter;
}

int64_t plan_heading_line(const struct plan *p)
{
    return p->heading_line;
}

const char *plan_skipped_columns(const struct plan *p)
{
    return buf_text((struct buf *)(uintptr_t)&p->skipped);
}

void plan_locate(const struct plan *p, struct reject *why)
{
    int field = record_field(p->profile->kind, why->heading);

    if (why->column || field < 0 || !p->of_field[field].n)
        return;
    why->column = p->of_field[field].index[0] + 1;
    snprintf(why->heading, sizeof why->heading, "%.63s", p->headings[why->column - 1]);
}

/* ---- cells ---- */

static struct csv_cell trimmed(struct csv_cell c)
{
    while (c.len && (c.text[0] == ' ' || c.text[0] == '\t'))
        c.text++, c.len--;
    while (c.len &&
           (c.text[c.len - 1] == ' ' || c.text[c.len - 1] == '\t' || c.text[c.len - 1] == '\r'))
        c.len--;
    return c;
}

static bool word_is(const struct words *w, struct csv_cell c)
{
    char text[HEADING_MAX];

    if (c.len >= HEADING_MAX || !w->n)
        return false;
    heading_normalise(c.text, c.len, text);
    for (int i = 0; i < w->n; i++)
        if (strcmp(w->item[i], text) == 0)
            return true;
    return false;
}

/* The first of the field's columns that is not empty; *column its index from 0, or -1. */
static struct csv_cell cell_of(const struct column_list *list, const struct csv_row *row,
                               int *column)
{
    struct csv_cell empty = {"", 0};

    *column = list->n ? list->index[0] : -1;
    for (int i = 0; i < list->n; i++) {
        struct csv_cell c;

        if (list->index[i] >= row->n)
            continue; /* missing at the end of a ragged row: absent */
        c = trimmed(row->cells[list->index[i]]);
        if (c.len) {
            *column = list->index[i];
            return c;
        }
    }
    return empty;
}

/* "1938.0" and "1,744" are whole numbers; "3.5" and "-2" are not. */
static bool count_parse(struct csv_cell c, int64_t *value)
{
    int64_t v = 0;
    size_t i = 0, group = 0;
    bool grouped = false;

    for (; i < c.len && c.text[i] != '.'; i++) {
        if (c.text[i] == ',') {
            if (i == 0 || (grouped ? group != 3 : group > 3))
                return false;
            grouped = true;
            group = 0;
            continue;
        }
        if (c.text[i] < '0' || c.text[i] > '9' || v > COUNT_MAX / 10)
            return false;
        v = v * 10 + (c.text[i] - '0');
        group++;
    }
    if (i == 0 || (grouped && group != 3))
        return false;
    if (i < c.len) {
        i++;
        if (i == c.len)
            return false;
        for (; i < c.len; i++)
            if (c.text[i] != '0')
                return false;
    }
    *value = v;
    return true;
}

/* ---- times ---- */

static void survey_cell(struct reading_of_times *t, struct csv_cell c, int64_t line)
{
    int64_t wall[FORMATS_MAX], offset;
    bool fits[FORMATS_MAX] = {false}, has_offset, any = false;
    int n = t->formats->n < FORMATS_MAX ? t->formats->n : FORMATS_MAX;

    if (n < 2 || !c.len)
        return;
    for (int i = 0; i < n; i++) {
        fits[i] = timefmt_parse(t->formats->item[i], c.text, c.len, &wall[i], &has_offset, &offset);
        any = any || fits[i];
    }
    if (!any)
        return; /* damage: this row will be rejected, and says nothing of the others */
    t->n++;
    for (int i = 0; i < n; i++) {
        if (!fits[i]) {
            if (!t->unlike_line[i])
                t->unlike_line[i] = line;
            continue;
        }
        t->fits[i]++;
        for (int j = 0; j < i; j++)
            if (fits[j] && wall[i] != wall[j])
                t->differ[i][j] = t->differ[j][i] = true;
    }
}

void plan_survey_row(struct plan *p, const struct csv_row *row)
{
    int column;

    if (row->line <= p->heading_line || row->fault)
        return;
    if (p->profile->kind == RECORD_POST)
        survey_cell(&p->times, cell_of(&p->of_field[POST_POSTED_AT], row, &column), row->line);
    else
        survey_cell(&p->days, cell_of(&p->of_field[TRAFFIC_DATE], row, &column), row->line);
    survey_cell(&p->covers, cell_of(&p->reading, row, &column), row->line);
}

static bool settle(struct reading_of_times *t, struct fail *f)
{
    int n = t->formats->n < FORMATS_MAX ? t->formats->n : FORMATS_MAX;
    int best = -1, most = 0;

    if (n < 2 || !t->n)
        return true;
    for (int i = 0; i < n; i++) {
        if (t->fits[i] > t->fits[most])
            most = i;
        if (t->fits[i] != t->n)
            continue;
        if (best >= 0 && t->differ[i][best])
            return fail_set(f, FAIL_UNPROCESSABLE, "ambiguous-dates", NULL,
                            "The dates can be read as %s and as %s, and both fit every row: the "
                            "file does not tell which is meant.",
                            t->formats->item[best], t->formats->item[i]);
        if (best < 0)
            best = i;
    }
    if (best < 0) {
        char place[40];

        snprintf(place, sizeof place, "line %" PRId64, t->unlike_line[most]);
        return fail_set(f, FAIL_UNPROCESSABLE, "mixed-dates", place,
                        "No one spelling of dates fits all rows: most are %s, but not the one in "
                        "%s; nothing was stored.",
                        t->formats->item[most], place);
    }
    t->chosen = best;
    return true;
}

bool plan_survey_end(struct plan *p, struct fail *f)
{
    return settle(&p->times, f) && settle(&p->days, f) && settle(&p->covers, f);
}

static bool put_time(struct plan *p, struct record *r, int field, struct csv_cell c,
                     const struct record_rules *rules, struct fail *f)
{
    const char *format = p->times.formats->item[p->times.chosen];
    int64_t wall, offset;
    bool has_offset;

    if (!timefmt_parse(format, c.text, c.len, &wall, &has_offset, &offset))
        return fail_set(f, FAIL_UNPROCESSABLE, "bad-time", NULL,
                        "There is no time \"%.*s\"; it should look like %s.",
                        (int)(c.len > 40 ? 40 : c.len), c.text, format);
    if (has_offset)
        wall -= offset;
    else
        wall =
            zone_instant_ms(p->profile->zone_stated ? p->profile->zone : rules->zone, wall, NULL);
    return record_put_time(r, field, wall, rules, f);
}

static bool day_of_cell(const struct reading_of_times *t, struct csv_cell c, int32_t *day,
                        struct fail *f)
{
    const char *format = t->formats->item[t->chosen];
    int64_t wall, offset;
    bool has_offset;

    if (!timefmt_parse(format, c.text, c.len, &wall, &has_offset, &offset))
        return fail_set(f, FAIL_UNPROCESSABLE, "bad-date", NULL,
                        "There is no day \"%.*s\"; it should look like %s.",
                        (int)(c.len > 40 ? 40 : c.len), c.text, format);
    *day = (int32_t)(wall / MS_PER_DAY - (wall % MS_PER_DAY < 0));
    return true;
}

/* ---- rows ---- */

static bool put_reading(struct plan *p, struct record *r, struct csv_cell c, struct fail *f)
{
    if (!c.len || word_is(&p->profile->reading_lifetime, c)) {
        r->post.reading = READING_LIFETIME;
        return true;
    }
    if (!p->covers.formats->n)
        return fail_set(f, FAIL_UNPROCESSABLE, "bad-reading", NULL, "\"%.*s\" is not known here.",
                        (int)(c.len > 40 ? 40 : c.len), c.text);
    if (!day_of_cell(&p->covers, c, &r->post.covers_from, f))
        return false;
    r->post.covers_to = r->post.covers_from;
    r->post.reading = READING_DAY;
    return true;
}

static bool put_type(struct plan *p, struct record *r, struct csv_cell c, struct arena *a,
                     const struct record_rules *rules, struct fail *f)
{
    char normal[HEADING_MAX];

    if (!c.len) {
        if (!p->profile->empty_type)
            return true;
        return record_put_text(r, POST_TYPE, p->profile->empty_type, strlen(p->profile->empty_type),
                               a, rules, f);
    }
    if (p->profile->types.n && c.len < HEADING_MAX) {
        heading_normalise(c.text, c.len, normal);
        for (int i = 0; i < p->profile->types.n; i++)
            if (strcmp(p->profile->types.item[i], normal) == 0) {
                const char *slug = p->profile->type_slugs.item[i];

                return record_put_text(r, POST_TYPE, slug, strlen(slug), a, rules, f);
            }
    }
    return record_put_text(r, POST_TYPE, c.text, c.len, a, rules, f);
}

static bool put_field(struct plan *p, struct record *r, int field, struct csv_cell c,
                      struct arena *a, const struct record_rules *rules, struct fail *f)
{
    const struct profile *profile = p->profile;
    int64_t count;
    int32_t day;

    if (r->kind == RECORD_POST && field == POST_TYPE)
        return put_type(p, r, c, a, rules, f);
    if (!c.len || word_is(&profile->absent, c))
        return true; /* absent: never zero */
    if (record_field_is_count(r->kind, field)) {
        if (!count_parse(c, &count))
            return fail_set(f, FAIL_UNPROCESSABLE, "bad-count", NULL,
                            "\"%s\" takes a whole number from 0; this is \"%.*s\".",
                            record_field_name(r->kind, field), (int)(c.len > 40 ? 40 : c.len),
                            c.text);
        return record_put_count(r, field, count, f);
    }
    if (r->kind == RECORD_POST && (field == POST_POSTED_AT || field == POST_OBSERVED_AT) &&
        profile->time_formats.n)
        return put_time(p, r, field, c, rules, f);
    if (r->kind == RECORD_TRAFFIC && field == TRAFFIC_DATE && profile->day_formats.n)
        return day_of_cell(&p->days, c, &day, f) && record_put_day(r, field, day, rules, f);
    if (profile->escaped && c.len > 1 && c.text[0] == '\'' && c.text[1] &&
        strchr("'=+-@\t\r", c.text[1])) {
        c.text++;
        c.len--;
    }
    return record_put_text(r, field, c.text, c.len, a, rules, f);
}

static enum plan_outcome rejected(struct plan *p, const struct csv_row *row, int column,
                                  const struct fail *f, struct reject *why)
{
    memset(why, 0, sizeof *why);
    why->line = row->line;
    why->column = column + 1;
    if (column >= 0 && column < p->n_columns)
        snprintf(why->heading, sizeof why->heading, "%.63s", p->headings[column]);
    snprintf(why->code, sizeof why->code, "%s", f->slug);
    snprintf(why->sentence, sizeof why->sentence, "%.*s", (int)sizeof why->sentence - 1,
             f->sentence);
    return PLAN_REJECTED;
}

static enum plan_outcome skipped(const struct csv_row *row, const char *code, const char *sentence,
                                 struct reject *why)
{
    memset(why, 0, sizeof *why);
    why->line = row->line;
    why->skipped = true;
    snprintf(why->code, sizeof why->code, "%s", code);
    snprintf(why->sentence, sizeof why->sentence, "%s", sentence);
    return PLAN_SKIPPED;
}

/* Text that the rules take by default; errors in it are the caller's, found when it was given. */
static bool put_default(struct record *r, int field, const char *text, struct arena *a,
                        const struct record_rules *rules, struct fail *f)
{
    if (!text || !*text || record_states(r, field))
        return true;
    return record_put_text(r, field, text, strlen(text), a, rules, f);
}

enum plan_outcome plan_row(struct plan *p, const struct csv_row *row,
                           const struct plan_defaults *defaults, const struct record_rules *rules,
                           struct arena *a, struct record *r, struct reject *why)
{
    const struct profile *profile = p->profile;
    int n_fields = record_field_count(profile->kind);
    struct fail f = {0};
    int column, missing = -1;
    struct csv_cell c;

    record_init(r, profile->kind);
    r->at.line = row->line;
    if (row->fault) {
        fail_set(&f, FAIL_UNPROCESSABLE, row->fault, NULL, "%s", row->sentence);
        return rejected(p, row, row->fault_column - 1, &f, why);
    }
    for (int i = p->n_columns; i < row->n; i++)
        if (row->cells[i].len) {
            fail_set(&f, FAIL_UNPROCESSABLE, "too-many-cells", NULL,
                     "The row has %d cells, the heading %d.", row->n, p->n_columns);
            return rejected(p, row, p->n_columns, &f, why);
        }
    if (profile->error_field >= 0 && p->error_message.n) {
        struct csv_cell key = cell_of(&p->of_field[profile->error_field], row, &column);

        c = cell_of(&p->error_message, row, &column);
        if (!key.len && c.len) {
            fail_set(&f, FAIL_UNPROCESSABLE, "platform-error", NULL,
                     "The platform says of this row: %.*s", (int)(c.len > 180 ? 180 : c.len),
                     c.text);
            return rejected(p, row, column, &f, why);
        }
    }
    if (profile->totals_field >= 0) {
        c = cell_of(&p->of_field[profile->totals_field], row, &column);
        if (word_is(&profile->totals, c))
            return skipped(row, "totals-row", "A row of totals is no record.", why);
    }
    for (int field = 0; field < n_fields; field++) {
        const char *constant = profile->constants[field];

        if (constant) {
            if (!record_put_text(r, field, constant, strlen(constant), a, rules, &f))
                return rejected(p, row, -1, &f, why);
            continue;
        }
        if (!p->of_field[field].n)
            continue;
        c = cell_of(&p->of_field[field], row, &column);
        if (!put_field(p, r, field, c, a, rules, &f))
            return rejected(p, row, column, &f, why);
    }
    if (profile->kind == RECORD_POST && p->reading.n) {
        c = cell_of(&p->reading, row, &column);
        if (!put_reading(p, r, c, &f))
            return rejected(p, row, column, &f, why);
    }
    if (profile->kind == RECORD_POST && !record_states(r, POST_TYPE) && profile->empty_type &&
        !put_type(p, r, (struct csv_cell){"", 0}, a, rules, &f))
        return rejected(p, row, -1, &f, why);
    if (!put_default(r, profile->kind == RECORD_POST ? (int)POST_REGION : (int)TRAFFIC_REGION,
                     defaults->region, a, rules, &f) ||
        (profile->kind == RECORD_POST &&
         !put_default(r, POST_ACCOUNT, defaults->account, a, rules, &f)) ||
        !record_check(r, &missing, &f)) {
        column = missing >= 0 && p->of_field[missing].n ? p->of_field[missing].index[0] : -1;
        return rejected(p, row, column, &f, why);
    }
    return PLAN_RECORD;
}
