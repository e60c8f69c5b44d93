/* Finding the heading of a file, and the profile that fits it: which column is which field. */
#include "base/ceilings.h"
#include "ingest/profile_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
        fail_memory(f);
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
