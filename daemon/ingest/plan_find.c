/* Finding the heading of a file, and the profile that fits it. */
#include "base/day.h"
#include "base/text.h"
#include "ingest/profile_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct candidate {
    struct kept_row row;
    bool after_break; /* a blank line or a comment stood before it */
};

/* The rows of a file's head that may be headings. */
struct head {
    struct candidate at[CANDIDATES_MAX];
    int n, seen;
    bool after_break;
    enum preamble preamble; /* what its lines with "#" look like */
};

enum { PREAMBLE_SCORE = 3 }; /* as much as three headings */

static void head_clear(struct head *h)
{
    for (int i = 0; i < h->n; i++)
        kept_row_clear(&h->at[i].row);
    h->n = h->seen = 0;
    h->after_break = false;
    h->preamble = PREAMBLE_ANY;
}

bool plan_is_comment(const struct csv_row *row)
{
    return row->n && row->cells[0].len && row->cells[0].text[0] == '#';
}

/* "# Start date: 20230708" or "# 20110101-20220430". */
static enum preamble preamble_of(struct csv_cell c)
{
    char text[HEADING_MAX];
    size_t at;

    heading_normalise(c.text, c.len, text);
    if (strstr(text, "start date"))
        return PREAMBLE_START;
    at = strcspn(text, "0123456789");
    if (strspn(text + at, "0123456789") == 8 && text[at + 8] == '-' &&
        strspn(text + at + 9, "0123456789") == 8)
        return PREAMBLE_RANGE;
    return PREAMBLE_ANY;
}

static bool head_row(void *ctx, const struct csv_row *row)
{
    struct head *h = ctx;
    struct candidate *c = &h->at[h->n];
    bool before_broke = h->n && h->at[h->n - 1].after_break && h->at[h->n - 1].row.n == 1;

    if (plan_is_comment(row)) { /* the preamble of GA4 and Universal Analytics */
        if (h->preamble == PREAMBLE_ANY)
            h->preamble = preamble_of(row->cells[0]);
        h->after_break = true;
        return true;
    }
    h->after_break = h->after_break || row->after_blank;
    h->seen++;
    /* far down only what follows a break, or the title that did, can be a heading */
    if (h->seen > PREAMBLE_LINES_MAX && !h->after_break && !before_broke)
        return true;
    if (!kept_row_copy(&c->row, row))
        return false;
    c->after_break = h->after_break;
    h->after_break = false;
    h->n++;
    return h->n < CANDIDATES_MAX;
}

static bool profile_wanted(const struct profile *p, const char *wanted, int kind_wanted)
{
    if (kind_wanted >= 0 && (int)p->kind != kind_wanted)
        return false;
    return (strcmp(wanted, "auto") == 0 && !p->only_by_name) || strcmp(wanted, p->name) == 0;
}

/* Skips a first line "sep=;" and tells its delimiter. */
static bool sep_line(const char *head, size_t len, char *delimiter, size_t *after)
{
    const char *end = memchr(head, '\n', len), *start = head;
    size_t n = end ? (size_t)(end - head) : len;

    if (n && head[n - 1] == '\r')
        n--;
    if (n == 7 && head[0] == '"' && head[6] == '"') { /* "sep=," */
        start++;
        n = 5;
    }
    if (n != 5 || strncmp(start, "sep=", 4) != 0)
        return false;
    *delimiter = start[4];
    *after = end ? (size_t)(end - head) + 1 : len;
    return true;
}

static void list_headings(const struct kept_row *row, struct buf *out)
{
    for (int i = 0; i < row->n && out->len < 300; i++)
        buf_printf(out, "%s\"%.60s\"", i ? ", " : "", row->cell[i]);
    for (size_t i = 0; i < out->len; i++) /* a wrong file may hold anything */
        if ((unsigned char)out->data[i] < 0x20 || out->data[i] == 0x7f)
            out->data[i] = '?';
    if (out->len >= 300)
        buf_puts(out, ", ...");
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

/* A file of our own format says nothing that we do not know. */
static bool nothing_unknown(const struct plan *plan, struct fail *f)
{
    const struct profile *p = plan->profile;

    for (int i = 0; p->refuse_unknown && i < plan->table.heading.n; i++) {
        const char *h = plan->table.heading.cell[i];
        char place[64];

        if (plan->table.use[i] || record_field_is_derived(h))
            continue;
        snprintf(place, sizeof place, "line %" PRId64 ", column %d", plan->heading_line, i + 1);
        if (is_known_heading(p, h))
            return fail_set(f, FAIL_UNPROCESSABLE, "repeated-column", place,
                            "The heading \"%.60s\" stands there twice (%s); nothing was stored.", h,
                            place);
        return fail_set(f, FAIL_UNPROCESSABLE, "unknown-column", place,
                        "There is no field \"%.60s\" in a %s (%s); nothing was stored.", h,
                        p->kind == RECORD_POST ? "post" : "row of traffic", place);
    }
    return true;
}

static void list_skipped(struct plan *plan)
{
    for (int i = 0; i < plan->table.heading.n && !plan->profile->refuse_unknown; i++) {
        const char *h = plan->table.heading.cell[i];

        if (plan->table.use[i] || !buf_reserve(&plan->skipped, strlen(h) + 1))
            continue;
        if (plan->skipped.len)
            buf_putc(&plan->skipped, '\n');
        for (const char *c = h; *c; c++)
            buf_putc(&plan->skipped, *c == '\n' ? ' ' : *c);
    }
}

void plan_options_init(struct plan_options *o)
{
    *o = (struct plan_options){.covers_from = DAY_NONE, .covers_to = DAY_NONE};
}

/* The heading of the first table of a file in which tables stand one below another. */
static int first_of_stack(const struct head *h, int found)
{
    int first = found;

    for (int i = found; i >= 0; i--)
        if (h->at[i].after_break)
            for (int k = 0; k < i; k++)
                if (h->at[k].row.n > 1 && k < first)
                    first = k;
    return first;
}

/* A plan whose table is the candidate's. */
static struct plan *plan_bind(const struct profile_set *s, const struct profile *p, struct head *h,
                              int found, char delimiter, const struct plan_options *options,
                              struct fail *f)
{
    struct plan *plan = calloc(1, sizeof *plan);
    struct csv_row row = {0};
    struct csv_cell *cells = NULL;
    struct kept_row heading = {0};
    int first;

    if (!plan)
        goto memory;
    plan->table.title_metric = -1;
    buf_init(&plan->skipped, 8192);
    plan->set = s;
    plan->main = plan->profile = p;
    plan->delimiter = delimiter;
    plan->options = *options;
    file_name_read(&p->file_names, options->file, &plan->file);
    times_init(&plan->times, &p->time_formats, p->native, options);
    times_init(&plan->covers, &p->reading_formats, 1, options);
    first = p->stacked ? first_of_stack(h, found) : found;
    plan->heading_line = h->at[found].row.line;
    plan->first_line = h->at[first].row.line;
    if (found && h->at[found - 1].row.n == 1)
        text_copy(plan->first_title, sizeof plan->first_title, h->at[found - 1].row.cell[0]);
    cells = calloc((size_t)h->at[found].row.n + 1, sizeof *cells);
    if (!cells)
        goto memory;
    for (int i = 0; i < h->at[found].row.n; i++)
        cells[i] = (struct csv_cell){h->at[found].row.cell[i], strlen(h->at[found].row.cell[i])};
    row.line = plan->heading_line;
    row.n = h->at[found].row.n;
    row.cells = cells;
    if (!kept_row_copy(&plan->first_heading, &row) || !kept_row_copy(&heading, &row) ||
        !table_bind(&plan->table, p, &heading, plan->first_title))
        goto memory;
    free(cells);
    list_skipped(plan);
    plan_restart(plan);
    if (nothing_unknown(plan, f))
        return plan;
    plan_free(plan);
    return NULL;
memory:
    free(cells);
    kept_row_clear(&heading);
    plan_free(plan);
    fail_memory(f);
    return NULL;
}

/* The best profile for a row that lacks nothing, or (dayless) nothing but days; those of the team's
 * own come first among equals. */
static const struct profile *best_for(const struct profile_set *s, const struct head *h,
                                      const struct kept_row *row, bool dayless, const char *wanted,
                                      int kind_wanted)
{
    const struct profile *best = NULL;
    int best_score = 0;

    for (int i = 0; i < profile_set_count(s); i++) {
        const struct profile *p = profile_set_at(s, i);
        bool fits = !p->preamble_needed || p->preamble == h->preamble;
        int missing, found;

        if (!profile_wanted(p, wanted, kind_wanted) || !fits)
            continue;
        found = table_score(p, row, &missing);
        if (h->preamble != PREAMBLE_ANY && p->preamble == h->preamble)
            found += PREAMBLE_SCORE;
        if ((dayless ? table_lacks_days(p, row) : !missing) &&
            (found > best_score || (best && found == best_score && *p->file))) {
            best = p;
            best_score = found;
        }
    }
    return best;
}

/* What a table without days has instead of them, in words. */
static void no_days(struct plan *plan)
{
    const struct profile *p = plan->profile;
    const struct kept_row *row = &plan->table.heading;

    snprintf(plan->refuse_code, sizeof plan->refuse_code, "no-date");
    for (int i = 0; i < row->n; i++) {
        struct csv_cell c = {row->cell[i], strlen(row->cell[i])};

        if (cell_is_word(&p->no_day, c)) {
            snprintf(plan->refuse_sentence, sizeof plan->refuse_sentence,
                     "\"%.60s\" is no day: a daily series needs a row a day. Export the same "
                     "report by day.",
                     row->cell[i]);
            return;
        }
    }
    snprintf(plan->refuse_sentence, sizeof plan->refuse_sentence,
             "This table (%.60s) has no column of days, so it cannot feed a daily series. Export "
             "the same report by day.",
             p->title);
}

static const struct profile *nearest(const struct profile_set *s, const struct kept_row *row,
                                     const char *wanted, int kind_wanted)
{
    const struct profile *best = NULL;
    int most = 0;

    for (int i = 0; i < profile_set_count(s); i++) {
        const struct profile *p = profile_set_at(s, i);
        int missing, found;

        if (!profile_wanted(p, wanted, kind_wanted) || p->refuse_code)
            continue;
        found = table_score(p, row, &missing) - 2 * p->n_signature - missing;
        if (!best || found > most) {
            best = p;
            most = found;
        }
    }
    return best;
}

static void name_lack(char *text, size_t size, const char *heading)
{
    size_t n = strlen(text);
    char quoted[44];

    snprintf(quoted, sizeof quoted, "\"%.40s\"", heading);
    if (!strstr(text, quoted))
        snprintf(text + n, size - n, "%s%s", n ? " and " : "", quoted);
}

/* The headings that a profile would need beside those that are there. */
static void lacking(const struct profile *p, const struct kept_row *row, char *text, size_t size)
{
    text[0] = 0;
    for (int k = 0; k < p->n_signature; k++) {
        struct words *any = &p->signature[k];
        bool there = false;

        for (int i = 0; i < row->n; i++) {
            struct csv_cell c = {row->cell[i], strlen(row->cell[i])};

            there = there || cell_is_word(any, c);
        }
        if (!there && any->n)
            name_lack(text, size, any->item[0]);
    }
    for (int field = 0; field < FIELD_MAX; field++) {
        bool there = false;

        for (int i = 0; i < row->n; i++) {
            struct csv_cell c = {row->cell[i], strlen(row->cell[i])};

            there = there || cell_is_word(&p->columns[field], c);
        }
        if ((p->required >> field & 1u) && !there && p->columns[field].n)
            name_lack(text, size, p->columns[field].item[0]);
    }
    if (!*text)
        snprintf(text, size, "a figure that it knows");
}

/* The row with the most cells is the likeliest heading of a file that nobody knows. */
static struct plan *refuse(const struct profile_set *s, const char *wanted, int kind_wanted,
                           struct head *best, const char *head, bool whole, struct fail *f)
{
    const struct kept_row *row = NULL;
    const struct profile *near;
    char place[40], lacks[200];
    struct buf list;

    for (int i = 0; i < best->n; i++)
        if (!row || best->at[i].row.n > row->n)
            row = &best->at[i].row;
    if (!row) {
        if (whole)
            fail_set(f, FAIL_UNPROCESSABLE, "empty-file", NULL, "The file is empty.");
        else
            fail_set(f, FAIL_UNPROCESSABLE, "no-heading", "line 1",
                     "The first line is longer than the %d bytes in which a heading is looked for.",
                     IMPORT_HEAD_MAX);
        return NULL;
    }
    snprintf(place, sizeof place, "line %" PRId64, row->line);
    if (row->n == 1 && head[0] == '"' && strpbrk(row->cell[0], ",;\t")) {
        fail_set(f, FAIL_UNPROCESSABLE, "wrapped-lines", place,
                 "Each line of the file is wrapped in quotes, which makes it one column: a "
                 "spreadsheet does that. Export it again and import it without opening it there.");
        return NULL;
    }
    buf_init(&list, 1024);
    list_headings(row, &list);
    near = nearest(s, row, wanted, kind_wanted);
    if (near) {
        lacking(near, row, lacks, sizeof lacks);
        fail_set(f, FAIL_UNPROCESSABLE, "unknown-headings", place,
                 "No profile knows these headings: %.300s. The nearest, %s (%s), also needs %s.",
                 buf_text(&list), near->name, near->title, lacks);
    } else {
        fail_set(f, FAIL_UNPROCESSABLE, "unknown-headings", place,
                 "No profile knows these headings: %.300s.", buf_text(&list));
    }
    buf_clear(&list);
    return NULL;
}

/* The head's rows by one delimiter. */
static bool read_head(struct head *rows, const char *head, size_t len, size_t after, bool whole,
                      char delimiter)
{
    struct csv *csv = csv_open(delimiter, after ? 2 : 1, head_row, rows);
    struct fail ignored = {0};

    if (!csv)
        return false;
    if (csv_feed(csv, head + after, len - after) && whole)
        csv_finish(csv, &ignored);
    csv_close(csv);
    return true;
}

/* The plan for the first row that any profile fits; NULL, with *f untouched, where none does. */
static struct plan *try_rows(const struct profile_set *s, const char *wanted, int kind_wanted,
                             struct head *rows, char delimiter, bool dayless,
                             const struct plan_options *options, bool *broken, struct fail *f)
{
    for (int r = 0; r < rows->n; r++) {
        const struct profile *p = best_for(s, rows, &rows->at[r].row, dayless, wanted, kind_wanted);
        struct plan *plan;

        if (!p)
            continue;
        plan = plan_bind(s, p, rows, r, delimiter, options, f);
        if (!plan)
            *broken = true;
        else if (dayless)
            no_days(plan);
        else if (p->refuse_code) {
            text_copy(plan->refuse_code, sizeof plan->refuse_code, p->refuse_code);
            text_copy(plan->refuse_sentence, sizeof plan->refuse_sentence, p->refuse_sentence);
        }
        return plan;
    }
    return NULL;
}

struct plan *plan_make(const struct profile_set *s, const char *wanted, int kind_wanted,
                       const char *head, size_t len, bool whole, const struct plan_options *options,
                       struct fail *f)
{
    static const char candidates[] = {',', ';', '\t'};
    struct head *rows = calloc(1, sizeof *rows), *widest = calloc(1, sizeof *widest), *swap;
    struct plan_options none;
    struct plan *plan = NULL;
    bool broken = false, has_sep;
    size_t after = 0;
    char sep = 0;

    plan_options_init(&none);
    options = options ? options : &none;
    if (!rows || !widest) {
        fail_memory(f);
        goto out;
    }
    if (strcmp(wanted, "auto") != 0 && !profile_by_name(s, wanted)) {
        fail_set(f, FAIL_UNPROCESSABLE, "unknown-profile", "profile",
                 "There is no profile \"%.40s\".", wanted);
        goto out;
    }
    has_sep = sep_line(head, len, &sep, &after);
    for (int dayless = 0; dayless < 2; dayless++)
        for (size_t d = 0; d < (has_sep ? 1 : sizeof candidates); d++) {
            char delimiter = has_sep ? sep : candidates[d];

            head_clear(rows);
            if (!read_head(rows, head, len, after, whole, delimiter)) {
                fail_memory(f);
                goto out;
            }
            plan = try_rows(s, wanted, kind_wanted, rows, delimiter, dayless, options, &broken, f);
            if (plan || broken)
                goto out;
            /* Keep the delimiter that parts the most, for the message. */
            if (!widest->n || (rows->n && rows->at[0].row.n > widest->at[0].row.n)) {
                swap = widest;
                widest = rows;
                rows = swap;
            }
        }
    refuse(s, wanted, kind_wanted, widest, head + after, whole, f);
out:
    if (rows)
        head_clear(rows);
    if (widest)
        head_clear(widest);
    free(rows);
    free(widest);
    return plan;
}
