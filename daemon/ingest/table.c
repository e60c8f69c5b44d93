/* One table of a file: which of its columns is which field. */
#include "ingest/profile_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int column_named(const struct kept_row *row, const char *normalised)
{
    char heading[HEADING_MAX];

    for (int i = 0; i < row->n; i++) {
        heading_normalise(row->cell[i], strlen(row->cell[i]), heading);
        if (strcmp(heading, normalised) == 0)
            return i; /* the first of two counts */
    }
    return -1;
}

static int any_column(const struct kept_row *row, const struct words *headings)
{
    for (int i = 0; i < headings->n; i++) {
        int c = column_named(row, headings->item[i]);

        if (c >= 0)
            return c;
    }
    return -1;
}

static bool has_days(const struct profile *p, const struct kept_row *row)
{
    return any_column(row, &p->columns[TRAFFIC_DATE]) >= 0 || any_column(row, &p->nth_day) >= 0 ||
           any_column(row, &p->hourly) >= 0;
}

static bool signed_by(const struct profile *p, const struct kept_row *row)
{
    for (int i = 0; i < p->n_signature; i++)
        if (any_column(row, &p->signature[i]) < 0)
            return false;
    return true;
}

/* A field whose value a row can give without a column of its own. */
static bool given_otherwise(const struct profile *p, const struct kept_row *row, int field)
{
    if (p->constants[field] || p->when_empty[field])
        return true;
    for (int i = 0; i < p->n_extract; i++)
        if (p->extract[i].field == field && any_column(row, &p->extract[i].from) >= 0)
            return true;
    return false;
}

int table_score(const struct profile *p, const struct kept_row *row, int *missing)
{
    int found = 0, metrics = 0;
    int first = p->kind == RECORD_POST ? (int)POST_FIRST_METRIC : (int)TRAFFIC_FIRST_METRIC;

    *missing = signed_by(p, row) ? 0 : 1;
    for (int f = 0; f < FIELD_MAX; f++) {
        bool there = any_column(row, &p->columns[f]) >= 0;

        if (p->kind == RECORD_TRAFFIC && f == TRAFFIC_DATE)
            there = has_days(p, row);
        metrics += f >= first && (there || p->constants[f]);
        if (there) {
            found++;
        } else if ((p->required >> f & 1u) && !given_otherwise(p, row, f)) {
            ++*missing;
        }
    }
    if (p->n_titles && any_column(row, &p->value_columns) >= 0) {
        found++;
        metrics++;
    }
    /* A table without any figure of ours is none of ours; our own CSV may set a type alone. */
    if (!metrics && !p->refuse_unknown && !p->refuse_code)
        ++*missing;
    found += any_column(row, &p->reading_columns) >= 0;
    found += any_column(row, &p->error_message) >= 0;
    return found + 2 * p->n_signature;
}

const struct profile *family_member(const struct profile_set *s, const struct profile *p,
                                    const struct kept_row *row)
{
    const struct profile *best = NULL;
    int best_score = 0, missing;

    for (int i = 0; i < profile_set_count(s); i++) {
        const struct profile *q = profile_set_at(s, i);
        int found;

        if (q != p && (!p->family || !q->family || strcmp(p->family, q->family) != 0))
            continue;
        found = table_score(q, row, &missing);
        if (!missing && (found > best_score || (found == best_score && q == p))) {
            best = q;
            best_score = found;
        }
    }
    return best;
}

bool table_lacks_days(const struct profile *p, const struct kept_row *row)
{
    int missing;

    if (p->kind != RECORD_TRAFFIC || has_days(p, row) || p->refuse_unknown || p->refuse_code ||
        !p->n_signature)
        return false;
    table_score(p, row, &missing);
    return missing == 1 && signed_by(p, row);
}

/* Whether another column has the very heading of this one: which is meant cannot be told. */
static bool stands_twice(const struct table *t, int column)
{
    char heading[HEADING_MAX], other[HEADING_MAX];

    heading_normalise(t->heading.cell[column], strlen(t->heading.cell[column]), heading);
    for (int i = 0; i < t->heading.n; i++) {
        heading_normalise(t->heading.cell[i], strlen(t->heading.cell[i]), other);
        if (i != column && strcmp(heading, other) == 0)
            return true;
    }
    return false;
}

static void bind(struct table *t, struct column_list *list, const struct words *headings, int use)
{
    list->n = 0;
    for (int i = 0; i < headings->n && list->n < SOURCES_MAX; i++) {
        int c = column_named(&t->heading, headings->item[i]);

        if (c < 0)
            continue;
        list->index[list->n++] = c;
        if (!t->doubled[0] && stands_twice(t, c))
            snprintf(t->doubled, sizeof t->doubled, "%.60s", t->heading.cell[c]);
        if (!t->use[c])
            t->use[c] = (unsigned char)use;
    }
}

/* The series' metric by the words of its title. */
static int metric_of_title(const struct profile *p, const char *title)
{
    char normal[HEADING_MAX];

    heading_normalise(title, strlen(title), normal);
    for (int i = 0; i < p->n_titles; i++)
        if (strstr(normal, p->title_metric[i].word))
            return p->title_metric[i].metric;
    return -1;
}

/* The column that postlift adds to rejected rows, so that they are known when they come again. */
static void find_mended(struct table *t)
{
    static const char mark[] = MENDED_HEADING;

    t->mended = 0;
    for (int i = 0; i < t->heading.n; i++)
        if (strncmp(t->heading.cell[i], mark, sizeof mark - 1) == 0) {
            t->mended = strtoll(t->heading.cell[i] + sizeof mark - 1, NULL, 10);
            t->use[i] = USE_MENDED;
        }
}

static void bind_all(struct table *t, const struct profile *p)
{
    memset(t->use, 0, (size_t)t->heading.n);
    t->doubled[0] = 0;
    find_mended(t);
    for (int f = 0; f < FIELD_MAX; f++)
        bind(t, &t->of_field[f], &p->columns[f], 1 + f);
    for (int i = 0; i < p->n_extract; i++)
        bind(t, &t->extract[i], &p->extract[i].from, USE_EXTRACT + i);
    bind(t, &t->reading, &p->reading_columns, USE_READING);
    bind(t, &t->error_message, &p->error_message, USE_ERROR);
    bind(t, &t->skip, &p->skip_columns, USE_SKIP);
    bind(t, &t->mark, &p->mark_columns, USE_MARK);
    if (p->kind != RECORD_TRAFFIC)
        return;
    t->days = DAYS_DATE;
    if (!t->of_field[TRAFFIC_DATE].n) {
        bind(t, &t->of_field[TRAFFIC_DATE], &p->hourly, 1 + TRAFFIC_DATE);
        t->days = DAYS_HOUR;
    }
    if (!t->of_field[TRAFFIC_DATE].n) {
        bind(t, &t->of_field[TRAFFIC_DATE], &p->nth_day, 1 + TRAFFIC_DATE);
        t->days = DAYS_NTH;
    }
    if (t->title_metric >= 0)
        bind(t, &t->of_field[t->title_metric], &p->value_columns, 1 + t->title_metric);
}

void table_clear(struct table *t)
{
    kept_row_clear(&t->heading);
    free(t->use);
    memset(t, 0, sizeof *t);
    t->title_metric = -1;
}

bool table_bind(struct table *t, const struct profile *p, struct kept_row *row, const char *title)
{
    table_clear(t);
    t->heading = *row;
    row->cell = NULL;
    row->n = 0;
    t->use = calloc((size_t)t->heading.n + 1, 1);
    if (!t->use)
        return false;
    t->title_metric = p->n_titles ? metric_of_title(p, title) : -1;
    if (p->n_titles)
        snprintf(t->source, sizeof t->source, "%s", title);
    bind_all(t, p);
    return true;
}

/* "Lifetime: ... (Unique Users)" → " (Unique Users)". */
static bool description_mark(struct csv_cell c, char mark[64])
{
    size_t open;

    c = cell_trim(c);
    if (c.len < 3 || c.text[c.len - 1] != ')')
        return false;
    open = c.len - 1;
    while (open && c.text[open] != '(')
        open--;
    if (c.text[open] != '(' || c.len - open > 60)
        return false;
    snprintf(mark, 64, " %.*s", (int)(c.len - open), c.text + open);
    return true;
}

/* Descriptions have no figures where figures are due, and some text there. */
static bool is_description(const struct table *t, const struct profile *p,
                           const struct csv_row *row)
{
    int first = p->kind == RECORD_POST ? (int)POST_FIRST_METRIC : (int)TRAFFIC_FIRST_METRIC;
    bool text = false;

    for (int f = first; f < FIELD_MAX; f++)
        for (int i = 0; i < t->of_field[f].n; i++) {
            int c = t->of_field[f].index[i];
            struct csv_cell cell = {"", 0};

            if (c < row->n)
                cell = cell_trim(row->cells[c]);
            if (cell.len && cell_is_value(cell))
                return false;
            text = text || cell.len > 3;
        }
    return text;
}

bool table_describe(struct table *t, const struct profile *p, const struct csv_row *row)
{
    bool *twice;
    char mark[64];

    if (!is_description(t, p, row))
        return false;
    twice = calloc((size_t)t->heading.n + 1, sizeof *twice);
    for (int i = 0; twice && i < t->heading.n; i++)
        for (int k = 0; k < i; k++)
            if (strcmp(t->heading.cell[k], t->heading.cell[i]) == 0)
                twice[i] = twice[k] = true;
    for (int i = 0; twice && i < t->heading.n && i < row->n; i++) {
        char *longer;
        size_t size;

        if (!twice[i] || !description_mark(row->cells[i], mark))
            continue;
        size = strlen(t->heading.cell[i]) + strlen(mark) + 1;
        longer = malloc(size);
        if (!longer)
            continue;
        snprintf(longer, size, "%s%s", t->heading.cell[i], mark);
        free(t->heading.cell[i]);
        t->heading.cell[i] = longer;
    }
    free(twice);
    bind_all(t, p);
    return true;
}
