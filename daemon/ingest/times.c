/* Which of several spellings a column of dates has: all rows are read under one that fits all. */
#include "base/day.h"
#include "ingest/profile_parts.h"
#include "ingest/timefmt.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void times_init(struct reading_of_times *t, const struct words *formats, int native,
                const struct plan_options *o)
{
    memset(t, 0, sizeof *t);
    t->formats = formats;
    t->native = native;
    t->order = o->order;
    t->year = o->year;
    for (int i = 0; i < FORMATS_MAX; i++)
        t->first[i] = t->last[i] = DAY_NONE;
}

const char *times_format(const struct reading_of_times *t)
{
    return t->formats->n ? t->formats->item[t->chosen] : "";
}

static bool parse(const struct reading_of_times *t, int i, struct csv_cell c, int64_t *wall,
                  bool *has_offset, int64_t *offset)
{
    const char *format = t->formats->item[i];
    char with_year[80], format_with_year[80];
    int n;

    if (timefmt_has_year(format))
        return timefmt_parse(format, c.text, c.len, wall, has_offset, offset);
    if (c.len > 40)
        return false;
    n = snprintf(with_year, sizeof with_year, "%.*s %04d", (int)c.len, c.text,
                 t->year ? t->year : 2000);
    snprintf(format_with_year, sizeof format_with_year, "%.60s YYYY", format);
    return timefmt_parse(format_with_year, with_year, (size_t)n, wall, has_offset, offset);
}

static bool admitted(const struct reading_of_times *t, int i)
{
    char order = timefmt_order(t->formats->item[i]);

    return t->order == ORDER_UNSAID || !order || order == day_order_names[t->order][0];
}

bool times_read(const struct reading_of_times *t, struct csv_cell c, int64_t *wall_ms,
                bool *has_offset, int64_t *offset_ms)
{
    return parse(t, t->chosen, c, wall_ms, has_offset, offset_ms);
}

/* "3/4/2025", "03-04-2025": platforms write two digits and their own sign, spreadsheets others. */
static bool is_respelled(struct csv_cell c, const char *native)
{
    size_t first = 0, second = 0;

    while (first < c.len && c.text[first] >= '0' && c.text[first] <= '9')
        first++;
    if (first < 1 || first > 2 || first >= c.len || !strchr("/-", c.text[first]))
        return false;
    while (first + 1 + second < c.len && c.text[first + 1 + second] >= '0' &&
           c.text[first + 1 + second] <= '9')
        second++;
    return first == 1 || second == 1 || (c.text[first] == '-' && !strchr(native, '-'));
}

void times_survey(struct reading_of_times *t, struct csv_cell c, int64_t line)
{
    int64_t wall[FORMATS_MAX], offset;
    bool fits[FORMATS_MAX] = {false}, has_offset, any = false;
    int n = t->formats->n;

    if (!c.len)
        return;
    for (int i = 0; i < n; i++) {
        fits[i] = admitted(t, i) && parse(t, i, c, &wall[i], &has_offset, &offset);
        any = any || fits[i];
    }
    if (!any)
        return; /* damage: this row will be rejected, and says nothing of the others */
    t->n++;
    t->respelled = t->respelled || is_respelled(c, t->formats->item[0]);
    for (int i = 0; i < n; i++) {
        int32_t day;

        if (!fits[i]) {
            if (t->n_unlike[i] < UNLIKE_MAX)
                t->unlike[i][t->n_unlike[i]] = line;
            t->n_unlike[i]++;
            continue;
        }
        t->fits[i]++;
        day = (int32_t)(wall[i] / MS_PER_DAY - (wall[i] % MS_PER_DAY < 0));
        if (t->first[i] == DAY_NONE || day < t->first[i])
            t->first[i] = day;
        if (t->last[i] == DAY_NONE || day > t->last[i])
            t->last[i] = day;
        for (int j = 0; j < i; j++)
            if (fits[j] && wall[i] != wall[j])
                t->differ[i][j] = t->differ[j][i] = true;
    }
}

/* Another column of the same file has settled which comes first, the day or the month. */
static bool in_order(const struct reading_of_times *t, int i)
{
    char order = timefmt_order(t->formats->item[i]);

    return !t->only || !order || order == 'y' || order == t->only;
}

/* Among formats from..to-1 those that read every cell; -1: none, -2: several that differ. */
static int one_that_fits(const struct reading_of_times *t, int from, int to, int32_t start,
                         int32_t end, int *other)
{
    bool inside[FORMATS_MAX] = {false}, begins[FORMATS_MAX] = {false};
    bool any_inside = false, any_begins = false;
    int best = -1;

    for (int i = from; i < to; i++) {
        if (t->fits[i] != t->n || !in_order(t, i))
            continue;
        inside[i] =
            (start == DAY_NONE || t->first[i] >= start) && (end == DAY_NONE || t->last[i] <= end);
        begins[i] = inside[i] && start != DAY_NONE && t->first[i] == start;
        any_inside = any_inside || inside[i];
        any_begins = any_begins || begins[i];
    }
    for (int i = from; i < to; i++) {
        if (t->fits[i] != t->n || !in_order(t, i) || (any_inside && !inside[i]) ||
            (any_begins && !begins[i]))
            continue;
        if (best >= 0 && t->differ[i][best]) {
            *other = best;
            return -2 - i;
        }
        if (best < 0)
            best = i;
    }
    return best;
}

char times_only_order(const struct reading_of_times *t)
{
    bool fits[2] = {false, false};

    for (int i = 0; t->n && i < t->formats->n; i++) {
        char order = timefmt_order(t->formats->item[i]);

        if (t->fits[i] == t->n && (order == 'm' || order == 'd'))
            fits[order == 'd'] = true;
        else if (t->fits[i] == t->n)
            return 0;
    }
    return fits[0] == fits[1] ? 0 : fits[1] ? 'd' : 'm';
}

static bool outside(const struct reading_of_times *t, int i, int32_t from, int32_t to)
{
    return (from != DAY_NONE && t->first[i] < from - 1) || (to != DAY_NONE && t->last[i] > to + 1);
}

/* The lines that the likeliest format cannot read, for people. */
static void list_lines(const struct reading_of_times *t, int i, char *text, size_t size)
{
    size_t n = 0;
    int listed = t->n_unlike[i] < UNLIKE_MAX ? t->n_unlike[i] : UNLIKE_MAX;

    text[0] = 0;
    for (int k = 0; k < listed && n < size; k++)
        n += (size_t)snprintf(text + n, size - n, "%s%" PRId64, k ? ", " : "", t->unlike[i][k]);
    if (t->n_unlike[i] > listed && n < size)
        snprintf(text + n, size - n, " and %d more", t->n_unlike[i] - listed);
}

bool times_settle(struct reading_of_times *t, int32_t from, int32_t to, struct fail *f)
{
    int other = 0, found, most = 0, native = t->native < t->formats->n ? t->native : t->formats->n;
    char lines[120];

    if (!t->n)
        return true;
    if (t->respelled) /* as a spreadsheet left it: the platform's own spelling has no precedence */
        native = t->formats->n;
    found = one_that_fits(t, 0, native, from, to, &other);
    if (found == -1) {
        found = one_that_fits(t, native, t->formats->n, from, to, &other);
        t->rewritten = found >= 0;
    }
    if (found <= -2)
        return fail_set(f, FAIL_UNPROCESSABLE, "ambiguous-dates", "date_order",
                        "The dates can be read as %s and as %s, and both fit every row: the file "
                        "does not tell which is meant. Say so with date_order=mdy or "
                        "date_order=dmy (--date-order).",
                        t->formats->item[other], t->formats->item[-2 - found]);
    if (found == -1) {
        for (int i = 0; i < t->formats->n; i++)
            if (t->fits[i] > t->fits[most])
                most = i;
        list_lines(t, most, lines, sizeof lines);
        return fail_set(f, FAIL_UNPROCESSABLE, "mixed-dates", lines,
                        "No one spelling of dates fits all rows: most are %s, but not those in "
                        "lines %s; nothing was stored.",
                        t->formats->item[most], lines);
    }
    /* the file's own days speak against the platform's spelling, and for another */
    if (!t->rewritten && t->order == ORDER_UNSAID && outside(t, found, from, to) &&
        (other = one_that_fits(t, native, t->formats->n, from, to, &most)) >= 0 &&
        !outside(t, other, from, to))
        return fail_set(f, FAIL_UNPROCESSABLE, "ambiguous-dates", "date_order",
                        "The dates can be read as %s, but then they lie outside the days that the "
                        "file is about; read as %s they lie within. Say which is meant with "
                        "date_order=mdy or date_order=dmy (--date-order).",
                        t->formats->item[found], t->formats->item[other]);
    t->rewritten = t->rewritten || found >= t->native;
    t->chosen = found;
    if (!timefmt_has_year(t->formats->item[found]) && !t->year)
        return fail_set(f, FAIL_UNPROCESSABLE, "missing-year", "year",
                        "The dates of this file have no year; say which is meant with year=2025 "
                        "(--year 2025).");
    return true;
}
