/*
 * Going through a file's rows: which of them are preamble, heading, title, a row of another
 * table, and which are rows of ours; and the first reading, that settles the spelling of dates.
 */
#include "base/day.h"
#include "base/text.h"
#include "ingest/profile_parts.h"
#include "ingest/timefmt.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DIGITS_KEPT = 15, ROUNDED_IDS_MIN = 2 }; /* by a spreadsheet; that cannot be chance */

void plan_free(struct plan *p)
{
    if (!p)
        return;
    table_clear(&p->table);
    kept_row_clear(&p->first_heading);
    buf_clear(&p->skipped);
    free(p);
}

const struct profile *plan_profile(const struct plan *p)
{
    return p->main;
}

char plan_delimiter(const struct plan *p)
{
    return p->delimiter;
}

const char *plan_skipped_columns(const struct plan *p)
{
    return buf_text((struct buf *)(uintptr_t)&p->skipped);
}

int plan_columns(const struct plan *p)
{
    return p->table.heading.n;
}

int64_t plan_heading_line(const struct plan *p)
{
    return p->table.heading.line;
}

const char *plan_heading(const struct plan *p, int column)
{
    return p->table.heading.cell[column];
}

bool plan_column_is_private(const struct plan *p, int column)
{
    struct csv_cell c = {"", 0};

    if (column < p->table.heading.n)
        c = (struct csv_cell){p->table.heading.cell[column], strlen(p->table.heading.cell[column])};
    return cell_is_word(&p->profile->private_columns, c);
}

const char *plan_definition(const struct plan *p, int metric)
{
    int first = p->main->kind == RECORD_POST ? (int)POST_FIRST_METRIC : (int)TRAFFIC_FIRST_METRIC;
    int field = first + metric;
    const struct words *headings = &p->main->definition_headings[field];

    for (int i = 0; i < headings->n; i++) /* in the order in which columns are preferred */
        for (int k = 0; k < p->first_heading.n; k++) {
            struct csv_cell c = {p->first_heading.cell[k], strlen(p->first_heading.cell[k])};
            struct words one = {&headings->item[i], 1};

            if (cell_is_word(&one, c))
                return p->main->definition_texts[field].item[i];
        }
    return p->main->definition[field] ? p->main->definition[field] : "";
}

const char *plan_column_use(const struct plan *p, int column)
{
    int use = p->table.use[column];

    switch (use) {
    case USE_NONE: return NULL;
    case USE_READING: return "what the counts are of";
    case USE_ERROR: return "the platform's message";
    case USE_SKIP: return "which rows count";
    case USE_MARK: return "what counts once";
    case USE_MENDED: return "rows that come again";
    }
    if (use >= USE_EXTRACT)
        return record_field_name(p->profile->kind, p->profile->extract[use - USE_EXTRACT].field);
    return record_field_name(p->profile->kind, use - 1);
}

const char *plan_time_format(const struct plan *p)
{
    return times_format(&p->times);
}

const struct profile *plan_table_profile(const struct plan *p)
{
    return p->profile;
}

bool plan_adds_rows(const struct plan *p)
{
    return p->main->adds || p->saw_hours;
}

void plan_take_notes(struct plan *p, int64_t rows[NOTE_COUNT])
{
    memcpy(rows, p->notes, sizeof p->notes);
    memset(p->notes, 0, sizeof p->notes);
}

void plan_locate(const struct plan *p, struct reject *why)
{
    int field = record_field(p->profile->kind, why->heading);

    if (why->column || field < 0 || !p->table.of_field[field].n)
        return;
    why->column = p->table.of_field[field].index[0] + 1;
    text_copy(why->heading, sizeof why->heading, p->table.heading.cell[why->column - 1]);
}

void plan_range(const struct plan *p, int32_t *from, int32_t *to)
{
    *from = p->start;
    *to = p->end;
    if (*from == DAY_NONE && *to == DAY_NONE) {
        *from = p->options.covers_from;
        *to = p->options.covers_to;
    }
    if (*from == DAY_NONE && *to == DAY_NONE) {
        *from = p->file.from;
        *to = p->file.to;
    }
}

void plan_covers(const struct plan *p, int32_t *from, int32_t *to)
{
    plan_range(p, from, to);
}

int64_t plan_end_ms(const struct plan *p, struct zone *site)
{
    int32_t from, to;

    plan_range(p, &from, &to);
    if (to == DAY_NONE)
        return 0;
    return zone_day_start_ms(p->profile->zone_stated ? p->profile->zone : site, to + 1) - 1;
}

/* ---- rows that go by ---- */

void plan_skip(const struct csv_row *row, const char *code, const char *sentence,
               struct reject *why)
{
    memset(why, 0, sizeof *why);
    why->line = row->line;
    why->skipped = true;
    text_copy(why->code, sizeof why->code, code);
    text_copy(why->sentence, sizeof why->sentence, sentence);
}

/* The first heading again, as at the start of the file. */
static bool bind_first(struct plan *p)
{
    struct kept_row copy = {0};
    struct csv_cell *cells = calloc((size_t)p->first_heading.n + 1, sizeof *cells);
    struct csv_row row = {.line = p->first_heading.line, .n = p->first_heading.n, .cells = cells};
    bool ok = cells != NULL;

    for (int i = 0; ok && i < p->first_heading.n; i++)
        cells[i] = (struct csv_cell){p->first_heading.cell[i], strlen(p->first_heading.cell[i])};
    ok = ok && kept_row_copy(&copy, &row) &&
         table_bind(&p->table, p->profile, &copy, p->first_title);
    free(cells);
    kept_row_clear(&copy);
    return ok;
}

void plan_restart(struct plan *p)
{
    p->state = TABLE_BEFORE;
    p->profile = p->main;
    p->after_break = p->described = false;
    p->title[0] = p->other_why[0] = 0;
    p->start = p->end = DAY_NONE;
    p->rows = p->other_rows = 0;
    p->total_sessions = COUNT_ABSENT;
    p->sum_sessions = 0;
    p->failed = !bind_first(p);
}

static int32_t day_of_digits(const char *t)
{
    int v[8];

    for (int i = 0; i < 8; i++) {
        if (t[i] < '0' || t[i] > '9')
            return DAY_NONE;
        v[i] = t[i] - '0';
    }
    return day_from_civil(v[0] * 1000 + v[1] * 100 + v[2] * 10 + v[3], v[4] * 10 + v[5],
                          v[6] * 10 + v[7]);
}

/* "# Start date: 20230708", "# End date: 20240304", "# 20110101-20220430". */
static void read_comment(struct plan *p, const struct csv_row *row)
{
    struct csv_cell c = cell_trim(row->cells[0]);
    int32_t days[2] = {DAY_NONE, DAY_NONE};
    char text[HEADING_MAX];
    int n = 0;

    if (c.len >= sizeof text)
        return;
    heading_normalise(c.text, c.len, text);
    for (size_t i = 0; text[i] && n < 2;) {
        size_t digits = strspn(text + i, "0123456789");

        if (digits == 8) {
            days[n] = day_of_digits(text + i);
            n += days[n] != DAY_NONE;
        }
        i += digits ? digits : 1;
    }
    if (n == 2) {
        p->start = days[0];
        p->end = days[1];
    } else if (n == 1 && strstr(text, "start date")) {
        p->start = days[0];
        p->end = DAY_NONE;
    } else if (n == 1 && strstr(text, "end date")) {
        p->end = days[0];
    }
}

/* A table ends: whether its own total is what its rows add up to. */
static void close_table(struct plan *p)
{
    if (p->total_sessions != COUNT_ABSENT &&
        (double)p->sum_sessions < 0.98 * (double)p->total_sessions)
        p->notes[NOTE_TOTALS_DIFFER]++;
    p->total_sessions = COUNT_ABSENT;
    p->sum_sessions = 0;
}

void plan_end(struct plan *p)
{
    close_table(p);
}

static bool is_heading_again(const struct plan *p, const struct csv_row *row)
{
    const struct kept_row *h = &p->table.heading;

    if (row->n != h->n || row->n < 2)
        return false;
    for (int i = 0; i < row->n; i++)
        if (strlen(h->cell[i]) != row->cells[i].len ||
            memcmp(h->cell[i], row->cells[i].text, row->cells[i].len) != 0)
            return false;
    return true;
}

static bool is_empty(const struct csv_row *row)
{
    for (int i = 0; i < row->n; i++)
        if (cell_trim(row->cells[i]).len)
            return false;
    return true;
}

static bool is_series(const struct plan *p)
{
    return !p->profile->n_titles || p->table.title_metric >= 0;
}

static void other_table(struct plan *p, const struct kept_row *row)
{
    p->state = TABLE_OTHER;
    snprintf(p->other_why, sizeof p->other_why, "%s",
             table_lacks_days(p->main, row)
                 ? "This row is of a table that has no column of days."
                 : "This row is of another table of the file, which is no daily series of ours.");
}

static void other_series(struct plan *p)
{
    p->state = TABLE_OTHER;
    snprintf(p->other_why, sizeof p->other_why,
             "This row is of the series \"%.60s\", which is none that postlift keeps.",
             p->table.source[0] ? p->table.source : "without a name");
}

static enum row_class enter_table(struct plan *p)
{
    p->state = TABLE_IN;
    p->described = false;
    if (p->table.days == DAYS_HOUR && p->profile->kind == RECORD_TRAFFIC)
        p->saw_hours = true;
    if (!is_series(p))
        other_series(p);
    return ROW_OUTSIDE;
}

/* Below a break another table may begin. True when the row is its title or heading. */
static bool begins_table(struct plan *p, const struct csv_row *row, struct reject *why)
{
    struct kept_row kept = {0};
    const struct profile *profile;
    bool begins = true, values = false;

    for (int i = 0; i < row->n; i++)
        values = values || (cell_is_value(row->cells[i]) && row->cells[i].len);
    if (values || !kept_row_copy(&kept, row))
        return false;
    profile = family_member(p->set, p->main, &kept);
    if (profile) {
        close_table(p);
        p->profile = profile;
        p->failed = !table_bind(&p->table, profile, &kept, p->title) || p->failed;
        enter_table(p);
        p->after_break = false;
        plan_skip(row, "heading", "The heading of another table is no row.", why);
    } else if (row->n == 1) {
        text_copy(p->title, sizeof p->title, kept.cell[0]);
        p->after_break = true;
        plan_skip(row, "title", "The title of another table is no row.", why);
    } else if (p->after_break) {
        close_table(p);
        other_table(p, &kept);
        p->after_break = false;
        plan_skip(row, "heading", "The heading of another table is no row.", why);
    } else {
        begins = false;
    }
    kept_row_clear(&kept);
    return begins;
}

static enum row_class before_rows(struct plan *p, const struct csv_row *row)
{
    if (p->profile->stacked && plan_is_comment(row))
        read_comment(p, row);
    if (row->line < p->first_line)
        return ROW_OUTSIDE;
    p->after_break = false;
    if (p->first_line == p->heading_line)
        return enter_table(p);
    snprintf(p->other_why, sizeof p->other_why,
             "This row is of another table of the file, which is no daily series of ours.");
    p->state = TABLE_OTHER;
    return ROW_OUTSIDE;
}

enum row_class plan_classify(struct plan *p, const struct csv_row *row, struct reject *why)
{
    if (p->state == TABLE_BEFORE)
        return before_rows(p, row);
    if (row->fault)
        return ROW_OF_TABLE;
    if (p->profile->stacked) {
        if (plan_is_comment(row)) {
            read_comment(p, row);
            p->after_break = true;
            plan_skip(row, "comment", "A comment between tables is no row.", why);
            return ROW_SKIPPED;
        }
        p->after_break = p->after_break || row->after_blank;
        if (row->line == p->heading_line && p->first_line != p->heading_line)
            p->after_break = true;
        if ((p->after_break || row->n == 1) && begins_table(p, row, why))
            return ROW_SKIPPED;
        p->after_break = false;
    }
    if (is_empty(row)) {
        plan_skip(row, "empty-row", "All cells of the row are empty.", why);
        return ROW_SKIPPED;
    }
    if (is_heading_again(p, row)) {
        plan_skip(row, "heading", "The heading stands there once more.", why);
        return ROW_SKIPPED;
    }
    if (p->state == TABLE_OTHER) {
        p->other_rows++;
        plan_skip(row, "other-table", p->other_why, why);
        return ROW_SKIPPED;
    }
    if (p->profile->descriptions && !p->described) {
        p->described = true;
        if (table_describe(&p->table, p->profile, row)) {
            plan_skip(row, "descriptions", "The row describes the columns.", why);
            return ROW_SKIPPED;
        }
    }
    p->rows++;
    return ROW_OF_TABLE;
}

/* ---- the first reading ---- */

struct csv_cell plan_cell(const struct column_list *list, const struct csv_row *row, int *column)
{
    struct csv_cell empty = {"", 0};

    *column = list->n ? list->index[0] : -1;
    for (int i = 0; i < list->n; i++) {
        struct csv_cell c;

        if (list->index[i] >= row->n)
            continue; /* missing at the end of a ragged row: absent */
        c = cell_trim(row->cells[list->index[i]]);
        if (c.len) {
            *column = list->index[i];
            return c;
        }
    }
    return empty;
}

/* Whether a cell is a word alone, and none that stands for all. */
static bool parts(const struct plan *p, int column, struct csv_cell c)
{
    const struct profile *profile = p->profile;
    char heading[HEADING_MAX], word[HEADING_MAX];

    c = cell_trim(c);
    if (!c.len || c.len >= HEADING_MAX || cell_is_word(&profile->absent, c))
        return false;
    for (size_t i = 0; i < c.len; i++)
        if (c.text[i] >= '0' && c.text[i] <= '9')
            return false; /* a duration, an amount */
    heading_normalise(p->table.heading.cell[column], strlen(p->table.heading.cell[column]),
                      heading);
    heading_normalise(c.text, c.len, word);
    for (int i = 0; i < profile->whole_columns.n; i++)
        if (strcmp(profile->whole_columns.item[i], heading) == 0 &&
            (strcmp(profile->whole_words.item[i], word) == 0 ||
             strcmp(profile->whole_words.item[i], "*") == 0))
            return false;
    return true;
}

/* A column of words that is not read parts the days, as a device or a page does: what stands in
 * such a row is a part, and would be taken for the whole. */
static void look_for_parts(struct plan *p, const struct csv_row *row)
{
    if (p->profile->kind != RECORD_TRAFFIC || p->profile->refuse_unknown || p->profile->adds ||
        p->parted_line || plan_is_totals_row(p, row))
        return;
    for (int i = 0; i < row->n && i < p->table.heading.n; i++) {
        if (p->table.use[i] || !parts(p, i, row->cells[i]))
            continue;
        p->parted_line = row->line;
        snprintf(p->parted_heading, sizeof p->parted_heading, "%.60s", p->table.heading.cell[i]);
        snprintf(p->parted_word, sizeof p->parted_word, "%.*s",
                 (int)(row->cells[i].len > 60 ? 60 : row->cells[i].len), row->cells[i].text);
        return;
    }
}

/* Long numbers that all end in zeros behind their 15th digit: a spreadsheet has rounded them. */
static void look_at_ids(struct plan *p, const struct csv_row *row)
{
    struct csv_cell c;
    int column;
    size_t i;

    if (p->profile->kind != RECORD_POST)
        return;
    c = plan_cell(&p->table.of_field[POST_ID], row, &column);
    if (c.len <= DIGITS_KEPT + 1 || c.len > 25)
        return;
    for (i = 0; i < c.len && c.text[i] >= '0' && c.text[i] <= '9';)
        i++;
    if (i < c.len)
        return;
    p->long_ids++;
    for (i = DIGITS_KEPT; i < c.len && c.text[i] == '0';)
        i++;
    p->rounded_ids += i == c.len;
}

void plan_survey_row(struct plan *p, const struct csv_row *row)
{
    int column;

    if (row->fault)
        return;
    look_for_parts(p, row);
    look_at_ids(p, row);
    if (p->profile->descriptions && p->table.doubled[0] && !p->doubled[0])
        text_copy(p->doubled, sizeof p->doubled, p->table.doubled);
    if (p->profile->kind == RECORD_POST)
        times_survey(&p->times, plan_cell(&p->table.of_field[POST_POSTED_AT], row, &column),
                     row->line);
    else if (p->table.days != DAYS_NTH)
        times_survey(&p->times, plan_cell(&p->table.of_field[TRAFFIC_DATE], row, &column),
                     row->line);
    times_survey(&p->covers, plan_cell(&p->table.reading, row, &column), row->line);
}

bool plan_survey_end(struct plan *p, struct fail *f)
{
    int32_t from = DAY_NONE, to = DAY_NONE;

    if (p->failed)
        return fail_memory(f);
    if (p->refuse_code[0])
        return fail_set(f, FAIL_UNPROCESSABLE, p->refuse_code, NULL, "%s", p->refuse_sentence);
    if (!p->rows && p->other_rows)
        return fail_set(f, FAIL_UNPROCESSABLE, "no-series", NULL,
                        "There is no row in the file that postlift keeps. %s", p->other_why);
    if (!p->rows)
        return fail_set(f, FAIL_UNPROCESSABLE, "no-rows", NULL,
                        "The file has headings but no rows below them.");
    if (p->parted_line)
        return fail_set(f, FAIL_UNPROCESSABLE, "parted", p->parted_heading,
                        "The column \"%s\" parts the days by something that is not read (\"%s\" in "
                        "line %" PRId64
                        "), so no row is the whole of a day. Export it by day, or by "
                        "day and source, alone.",
                        p->parted_heading, p->parted_word, p->parted_line);
    if (p->doubled[0])
        return fail_set(
            f, FAIL_UNPROCESSABLE, "doubled-heading", p->doubled,
            "The heading \"%s\" stands twice, and nothing tells which of the two columns "
            "is meant (in an export of Insights the second row does: do not remove it). "
            "Delete one of them, or export the file anew.",
            p->doubled);
    if (p->rounded_ids >= ROUNDED_IDS_MIN && p->rounded_ids == p->long_ids)
        return fail_set(f, FAIL_UNPROCESSABLE, "damaged-id", NULL,
                        "All %d long ids of this file end in zeros behind their 15th digit: a "
                        "spreadsheet has rounded them, and the true ones are lost. Import the file "
                        "as it was downloaded.",
                        p->rounded_ids);
    p->times.respelled = p->times.respelled || p->delimiter == ';';
    plan_range(p, &from, &to);
    p->times.only = times_only_order(&p->covers);
    if (!times_settle(&p->times, from, to, f))
        return false;
    p->covers.only = p->times.n ? timefmt_order(times_format(&p->times)) : 0;
    if (p->covers.only == 'y')
        p->covers.only = 0;
    if (!times_settle(&p->covers, DAY_NONE, DAY_NONE, f))
        return false;
    if (p->profile->kind == RECORD_TRAFFIC && p->table.days == DAYS_NTH && from == DAY_NONE)
        return fail_set(f, FAIL_UNPROCESSABLE, "missing-start", "covers",
                        "The days of this file are counted from a start date, which is not in "
                        "it; say it with covers=FROM..TO (--covers 2023-07-08..2024-03-04).");
    if (p->times.rewritten)
        p->notes[NOTE_REWRITTEN] = p->rows;
    return true;
}

char column_order(const char *columns)
{
    static const char *const uses[] = {"\tposted_at (", "\tdate ("};

    for (int i = 0; i < 2; i++) {
        const char *at = strstr(columns, uses[i]);
        char format[80];

        if (!at)
            continue;
        at += strlen(uses[i]);
        snprintf(format, sizeof format, "%.*s",
                 (int)(strcspn(at, ")\n") < 79 ? strcspn(at, ")\n") : 79), at);
        return timefmt_order(format);
    }
    return 0;
}
