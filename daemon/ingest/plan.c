/*
 * Applying a profile to one file: which column is which field, how times are
 * spelled, and each row's way to a record, a rejection or a skip.
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

#define SOURCES_MAX 6  /* columns that one field may be read from */
#define FORMATS_MAX 12 /* formats of one column */

struct reading_of_times {
    const struct words *formats;
    int64_t fits[FORMATS_MAX];
    int64_t n;                             /* cells that fit any format */
    bool differ[FORMATS_MAX][FORMATS_MAX]; /* two formats read one cell as different moments */
    int64_t unlike_line[FORMATS_MAX]; /* first line that this format cannot read but another can */
    int chosen;
};

struct column_list {
    int index[SOURCES_MAX];
    int n;
};

struct plan {
    const struct profile *profile;
    char delimiter;
    int64_t heading_line;
    char **headings; /* as they are in the file */
    int n_columns;
    struct column_list of_field[FIELD_MAX];
    struct column_list reading, error_message;
    struct buf skipped;
    struct reading_of_times times, days, covers;
};

/* ---- finding the heading ---- */

struct candidate_row {
    int64_t line;
    char **cell; /* owned */
    int n;
};

struct head {
    struct candidate_row rows[PREAMBLE_LINES_MAX];
    int n;
};

static void head_clear(struct head *h)
{
    for (int i = 0; i < h->n; i++) {
        for (int j = 0; j < h->rows[i].n; j++)
            free(h->rows[i].cell[j]);
        free(h->rows[i].cell);
    }
    h->n = 0;
}

static bool head_row(void *ctx, const struct csv_row *row)
{
    struct head *h = ctx;
    struct candidate_row *c = &h->rows[h->n];

    if (row->cells[0].len && row->cells[0].text[0] == '#')
        return true; /* the preamble of GA4 and Universal Analytics */
    c->line = row->line;
    c->cell = calloc((size_t)row->n, sizeof *c->cell);
    if (!c->cell)
        return false;
    h->n++;
    for (int i = 0; i < row->n; i++) {
        c->cell[i] = strndup(row->cells[i].text, row->cells[i].len);
        if (!c->cell[i])
            return false;
        c->n = i + 1;
    }
    return h->n < PREAMBLE_LINES_MAX;
}

static int column_named(const struct candidate_row *row, const char *normalised)
{
    char heading[HEADING_MAX];

    for (int i = 0; i < row->n; i++) {
        heading_normalise(row->cell[i], strlen(row->cell[i]), heading);
        if (strcmp(heading, normalised) == 0)
            return i; /* the first of two counts */
    }
    return -1;
}

static int any_column(const struct candidate_row *row, const struct words *headings)
{
    for (int i = 0; i < headings->n; i++) {
        int c = column_named(row, headings->item[i]);

        if (c >= 0)
            return c;
    }
    return -1;
}

/* How many fields a profile finds in a row; *missing: required ones that it does not. */
static int score(const struct profile *p, const struct candidate_row *row, int *missing)
{
    int found = 0;

    *missing = 0;
    for (int f = 0; f < FIELD_MAX; f++) {
        if (any_column(row, &p->columns[f]) >= 0)
            found++;
        else if (p->required >> f & 1u)
            ++*missing;
    }
    found += any_column(row, &p->reading_columns) >= 0;
    found += any_column(row, &p->error_message) >= 0;
    return found;
}

static bool profile_wanted(const struct profile *p, const char *wanted, int kind_wanted)
{
    if (kind_wanted >= 0 && (int)p->kind != kind_wanted)
        return false;
    return strcmp(wanted, "auto") == 0 || strcmp(wanted, p->name) == 0;
}

/* Skips a first line "sep=;" and tells its delimiter. */
static bool sep_line(const char *head, size_t len, char *delimiter, size_t *after)
{
    const char *end = memchr(head, '\n', len);
    size_t n = end ? (size_t)(end - head) : len;

    if (n && head[n - 1] == '\r')
        n--;
    if (n == 7 && head[0] == '"' && head[6] == '"') { /* "sep=," */
        head++;
        n = 5;
    }
    if (n != 5 || strncmp(head, "sep=", 4) != 0)
        return false;
    *delimiter = head[4];
    *after = end ? (size_t)(end - head) + 1 : len;
    return true;
}

static void list_headings(const struct candidate_row *row, struct buf *out)
{
    for (int i = 0; i < row->n && out->len < 300; i++)
        buf_printf(out, "%s\"%.60s\"", i ? ", " : "", row->cell[i]);
    if (out->len >= 300)
        buf_puts(out, ", ...");
}

static bool add_sources(struct column_list *list, const struct words *headings,
                        const struct candidate_row *row, bool *used)
{
    for (int i = 0; i < headings->n && list->n < SOURCES_MAX; i++) {
        int c = column_named(row, headings->item[i]);

        if (c >= 0) {
            list->index[list->n++] = c;
            used[c] = true;
        }
    }
    return list->n > 0;
}

static void formats_init(struct reading_of_times *t, const struct words *formats)
{
    memset(t, 0, sizeof *t);
    t->formats = formats;
}

static bool is_known_heading(const struct profile *p, const char *heading)
{
    char normal[HEADING_MAX];

    heading_normalise(heading, strlen(heading), normal);
    for (int i = 0; i < FIELD_MAX; i++)
        for (int k = 0; k < p->columns[i].n; k++)
            if (strcmp(p->columns[i].item[k], normal) == 0)
                return true;
    return false;
}

static struct plan *plan_bind(const struct profile *p, struct candidate_row *row, char delimiter,
                              struct fail *f)
{
    struct plan *plan = calloc(1, sizeof *plan);
    bool *used = calloc((size_t)row->n + 1, sizeof *used);

    if (!plan || !used) {
        free(plan);
        free(used);
        fail_set(f, FAIL_BUSY, "out-of-memory", NULL, "Out of memory; try again.");
        return NULL;
    }
    plan->profile = p;
    plan->delimiter = delimiter;
    plan->heading_line = row->line;
    buf_init(&plan->skipped, 8192);
    for (int i = 0; i < FIELD_MAX; i++)
        add_sources(&plan->of_field[i], &p->columns[i], row, used);
    add_sources(&plan->reading, &p->reading_columns, row, used);
    add_sources(&plan->error_message, &p->error_message, row, used);
    formats_init(&plan->times, &p->time_formats);
    formats_init(&plan->days, &p->day_formats);
    formats_init(&plan->covers, &p->reading_formats);
    plan->headings = row->cell; /* taken over */
    plan->n_columns = row->n;
    row->cell = NULL;
    row->n = 0;
    for (int i = 0; i < plan->n_columns; i++) {
        const char *h = plan->headings[i];

        if (used[i] || (p->refuse_unknown && record_field_is_derived(h)))
            continue;
        if (p->refuse_unknown) {
            char place[64];

            snprintf(place, sizeof place, "line %" PRId64 ", column %d", plan->heading_line, i + 1);
            if (is_known_heading(p, h))
                fail_set(f, FAIL_UNPROCESSABLE, "repeated-column", place,
                         "The heading \"%.60s\" stands there twice (%s); nothing was stored.", h,
                         place);
            fail_set(f, FAIL_UNPROCESSABLE, "unknown-column", place,
                     "There is no field \"%.60s\" in a %s (%s); nothing was stored.", h,
                     p->kind == RECORD_POST ? "post" : "row of traffic", place);
            free(used);
            plan_free(plan);
            return NULL;
        }
        if (buf_reserve(&plan->skipped, strlen(h) + 1)) {
            if (plan->skipped.len)
                buf_putc(&plan->skipped, '\n');
            for (const char *c = h; *c; c++)
                buf_putc(&plan->skipped, *c == '\n' ? ' ' : *c);
        }
    }
    free(used);
    return plan;
}

/* The row with the most cells is the likeliest heading of a file that nobody knows. */
static struct plan *refuse(const struct profile_set *s, const char *wanted, int kind_wanted,
                           struct head *best, struct fail *f)
{
    const struct candidate_row *row = NULL;
    const struct profile *nearest = NULL;
    int most = 0;
    struct buf list;

    for (int i = 0; i < best->n; i++)
        if (!row || best->rows[i].n > row->n)
            row = &best->rows[i];
    if (!row) {
        fail_set(f, FAIL_UNPROCESSABLE, "empty-file", NULL, "The file is empty.");
        return NULL;
    }
    for (int i = 0; i < profile_set_count(s); i++) {
        const struct profile *p = profile_set_at(s, i);
        int missing, found;

        if (!profile_wanted(p, wanted, kind_wanted))
            continue;
        found = score(p, row, &missing);
        if (!nearest || found > most) {
            nearest = p;
            most = found;
        }
    }
    buf_init(&list, 1024);
    list_headings(row, &list);
    if (row->n == 1 && strchr(row->cell[0], ',') && strchr(row->cell[0], '"')) {
        fail_set(f, FAIL_UNPROCESSABLE, "wrapped-lines", "line 1",
                 "Each line of the file is wrapped in quotes, which makes it one column: a "
                 "spreadsheet does that. Export it again and import it without opening it there.");
    } else if (nearest) {
        char lacking[200] = "";

        for (int field = 0; field < FIELD_MAX; field++)
            if ((nearest->required >> field & 1u) &&
                any_column(row, &nearest->columns[field]) < 0 && nearest->columns[field].n) {
                size_t n = strlen(lacking);

                snprintf(lacking + n, sizeof lacking - n, "%s\"%.40s\"", n ? " and " : "",
                         nearest->columns[field].item[0]);
            }
        fail_set(f, FAIL_UNPROCESSABLE, "unknown-headings", "line 1",
                 "No profile knows these headings: %.300s. The nearest, %s (%s), also needs %s.",
                 buf_text(&list), nearest->name, nearest->title, lacking);
    } else {
        fail_set(f, FAIL_UNPROCESSABLE, "unknown-headings", "line 1",
                 "No profile knows these headings: %.300s.", buf_text(&list));
    }
    buf_clear(&list);
    return NULL;
}

struct plan *plan_make(const struct profile_set *s, const char *wanted, int kind_wanted,
                       const char *head, size_t len, struct fail *f)
{
    static const char candidates[] = {',', ';', '\t'};
    struct head rows = {.n = 0}, widest = {.n = 0};
    struct plan *plan = NULL;
    char sep = 0;
    size_t after = 0;
    bool has_sep;

    if (strcmp(wanted, "auto") != 0 && !profile_by_name(s, wanted)) {
        fail_set(f, FAIL_UNPROCESSABLE, "unknown-profile", "profile",
                 "There is no profile \"%.40s\".", wanted);
        return NULL;
    }
    has_sep = sep_line(head, len, &sep, &after);
    for (size_t d = 0; d < (has_sep ? 1 : sizeof candidates); d++) {
        char delimiter = has_sep ? sep : candidates[d];
        struct csv *csv = csv_open(delimiter, has_sep ? 2 : 1, head_row, &rows);
        struct fail ignored = {0};
        const struct profile *best = NULL;
        int best_row = 0, best_score = 0;

        if (!csv)
            break;
        if (csv_feed(csv, head + after, len - after) && len < HEAD_MAX)
            csv_finish(csv, &ignored);
        csv_close(csv);
        for (int r = 0; r < rows.n && !best; r++)
            for (int i = 0; i < profile_set_count(s); i++) {
                const struct profile *p = profile_set_at(s, i);
                int missing, found;

                if (!profile_wanted(p, wanted, kind_wanted))
                    continue;
                found = score(p, &rows.rows[r], &missing);
                if (!missing && found > best_score) {
                    best = p;
                    best_score = found;
                    best_row = r;
                }
            }
        if (best) {
            plan = plan_bind(best, &rows.rows[best_row], delimiter, f);
            head_clear(&rows);
            head_clear(&widest);
            return plan;
        }
        /* Keep the delimiter that parts the most, for the message. */
        if (d == 0 || (rows.n && widest.n && rows.rows[0].n > widest.rows[0].n)) {
            head_clear(&widest);
            widest = rows;
            rows.n = 0;
        }
        head_clear(&rows);
    }
    plan = refuse(s, wanted, kind_wanted, &widest, f);
    head_clear(&widest);
    return plan;
}

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
