#include "cli/text.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

static const json_t *at_path(const json_t *row, const char *path)
{
    while (row && *path) {
        char name[64];
        size_t n = strcspn(path, ".");

        snprintf(name, sizeof name, "%.*s", (int)n, path);
        row = json_object_get(row, name);
        path += n + (path[n] == '.');
    }
    return row;
}

static const char *string_at(const json_t *row, const char *path)
{
    const char *text = json_string_value(at_path(row, path));

    return text ? text : "";
}

static double number_at(const json_t *row, const char *path)
{
    return json_number_value(at_path(row, path));
}

void text_percent(double change, char out[32])
{
    double p = change * 100;

    snprintf(out, 32, fabs(p) < 9.95 ? "%+.1f %%" : "%+.0f %%", p);
}

void text_number(double v, char out[32])
{
    snprintf(out, 32, v >= 100 || v == floor(v) ? "%.0f" : v >= 10 ? "%.1f" : "%.2f", v);
}

static void cell_text(const json_t *value, const struct text_column *c, char *out, size_t size)
{
    out[0] = 0;
    if (json_is_string(value)) {
        snprintf(out, size, "%s", json_string_value(value));
    } else if (json_is_number(value) && c->percent) {
        char percent[32];

        text_percent(json_number_value(value), percent);
        snprintf(out, size, "%s", percent);
    } else if (json_is_integer(value)) {
        snprintf(out, size, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    } else if (json_is_real(value)) {
        char number[32];

        text_number(json_real_value(value), number);
        snprintf(out, size, "%s", number);
    } else if (json_is_boolean(value)) {
        snprintf(out, size, "%s", json_is_true(value) ? "yes" : "no");
    } else if (json_is_array(value)) {
        size_t i, n = 0;
        json_t *item;

        json_array_foreach(value, i, item)
        {
            if (json_is_string(item) && n + json_string_length(item) + 2 < size)
                n += (size_t)snprintf(out + n, size - n, "%s%s", i ? " " : "",
                                      json_string_value(item));
        }
    }
    for (char *t = out; *t; t++)
        if ((unsigned char)*t < 0x20 || *t == 0x7f)
            *t = '?';
}

/* Characters, not bytes: continuation bytes take no room. */
static int width_of(const char *text)
{
    int n = 0;

    for (; *text; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

enum { COLUMNS_MAX = 24, CELL_MAX = 512 };

void text_table(FILE *out, const json_t *rows, const struct text_column *columns)
{
    int width[COLUMNS_MAX], n = 0;
    char cell[CELL_MAX];
    size_t i;
    json_t *row;

    for (; columns[n].path && n < COLUMNS_MAX; n++)
        width[n] = width_of(columns[n].heading);
    json_array_foreach(rows, i, row)
    {
        for (int c = 0; c < n; c++) {
            cell_text(at_path(row, columns[c].path), &columns[c], cell, sizeof cell);
            if (width_of(cell) > width[c])
                width[c] = width_of(cell);
        }
    }
    for (size_t r = 0; r <= json_array_size(rows); r++) {
        for (int c = 0; c < n; c++) {
            int pad;

            if (r == 0)
                snprintf(cell, sizeof cell, "%s", columns[c].heading);
            else
                cell_text(at_path(json_array_get(rows, r - 1), columns[c].path), &columns[c], cell,
                          sizeof cell);
            pad = width[c] - width_of(cell);
            if (columns[c].right)
                fprintf(out, "%s%*s%s", c ? "  " : "", pad, "", cell);
            else if (c == n - 1)
                fprintf(out, "%s%s", c ? "  " : "", cell);
            else
                fprintf(out, "%s%s%*s", c ? "  " : "", cell, pad, "");
        }
        fputc('\n', out);
    }
}

void text_warnings(FILE *out, const json_t *answer)
{
    size_t i;
    json_t *w;

    json_array_foreach(json_object_get(answer, "warnings"), i, w)
    {
        fprintf(out, "Note (%s): %s\n", string_at(w, "code"), string_at(w, "detail"));
    }
}

const char *text_problem(const json_t *problem, const char *fallback)
{
    const char *detail = json_string_value(json_object_get(problem, "detail"));

    return detail ? detail : fallback;
}

static void print_period(FILE *out, const json_t *p, const char *label)
{
    char mean[32];

    if (!json_is_number(json_object_get(p, "daily_mean"))) {
        fprintf(out, "  %-9s %s to %s: no figures\n", label, string_at(p, "from"),
                string_at(p, "to"));
        return;
    }
    text_number(number_at(p, "daily_mean"), mean);
    fprintf(out, "  %-9s %s to %s: %s a day, over %.0f of %.0f days\n", label, string_at(p, "from"),
            string_at(p, "to"), mean, number_at(p, "days_used"), number_at(p, "days"));
}

void text_lift(FILE *out, const json_t *a)
{
    const json_t *change = json_object_get(a, "change");
    const char *metric = string_at(a, "question.metric");
    char percent[32] = "no percentage";

    if (json_is_number(change))
        text_percent(json_number_value(change), percent);
    fprintf(out, "%c%s from %s: %s\n", metric[0] >= 'a' ? metric[0] - 32 : '?',
            metric[0] ? metric + 1 : "", string_at(a, "question.source"), percent);
    print_period(out, json_object_get(a, "baseline"), "before:");
    print_period(out, json_object_get(a, "after"), "after:");
    if (json_object_get(a, "control")) {
        const json_t *c = at_path(a, "control.change");

        if (json_is_number(c))
            text_percent(json_number_value(c), percent);
        fprintf(out, "  control:  %s in the same days\n",
                json_is_number(c) ? percent : "no change");
    }
    fputs("This is what happened; whether the posts did it is not judged here.\n", out);
    text_warnings(out, a);
}

static void print_group(FILE *out, const json_t *g, const char *label, const char *metric)
{
    char mean[32], median[32];

    if (!json_is_number(json_object_get(g, "mean"))) {
        fprintf(out, "  %s no post with %s (of %.0f posts)\n", label, metric,
                number_at(g, "posts"));
        return;
    }
    text_number(number_at(g, "mean"), mean);
    text_number(number_at(g, "median"), median);
    fprintf(out, "  %s %s a post on average, median %s, over %.0f posts\n", label, mean,
            json_object_get(g, "median") ? median : "not given", number_at(g, "posts_used"));
}

/* {"type":["meme","!poll"],"from":"2022-11-01"} → "type meme, not poll; from 2022-11-01". */
static void words_of_filter(const json_t *filter, char *out, size_t size)
{
    const char *key;
    json_t *value;
    size_t n = 0;

    snprintf(out, size, "%s", json_is_string(filter) ? json_string_value(filter) : "");
    json_object_foreach((json_t *)(uintptr_t)filter, key, value)
    {
        size_t i;
        json_t *item;

        if (n < size)
            n += (size_t)snprintf(out + n, size - n, "%s%s ", n ? "; " : "", key);
        if (json_is_string(value) && n < size)
            n += (size_t)snprintf(out + n, size - n, "%s", json_string_value(value));
        json_array_foreach(value, i, item)
        {
            const char *text = json_string_value(item);

            if (n < size)
                n += (size_t)snprintf(out + n, size - n, "%s%s%s", i ? ", " : "",
                                      *text == '!' ? "not " : "", text + (*text == '!'));
        }
    }
}

void text_compare(FILE *out, const json_t *a)
{
    const json_t *change = json_object_get(a, "change");
    const char *metric = string_at(a, "question.metric");
    char first[600], second[600], both[600], percent[32];

    words_of_filter(at_path(a, "question.a"), first, sizeof first);
    words_of_filter(at_path(a, "question.b"), second, sizeof second);
    words_of_filter(at_path(a, "question.both"), both, sizeof both);
    if (json_is_number(change)) {
        text_percent(json_number_value(change), percent);
        fprintf(out, "%s: posts of the first group have %s against the second, on average\n",
                metric, percent);
    } else {
        fprintf(out, "%s: the two groups cannot be set against each other\n", metric);
    }
    fprintf(out, "  first: %s; second: %s%s%s\n", first, second, both[0] ? "; both: " : "", both);
    print_group(out, json_object_get(a, "a"), "first: ", metric);
    print_group(out, json_object_get(a, "b"), "second:", metric);
    fputs("This is what the posts collected; whether the difference is more than chance is not "
          "judged here.\n",
          out);
    text_warnings(out, a);
}

void text_types(FILE *out, const json_t *a)
{
    const char *by = string_at(a, "question.by");
    struct text_column columns[] = {
        {by, by, false, false},
        {"posts", "posts", true, false},
        {"engagement.mean", "engagement", true, false},
        {"engagement.median", "median", true, false},
        {"metrics.likes.mean", "likes", true, false},
        {"traffic.days_with", "days with", true, false},
        {"traffic.mean_with", "mean", true, false},
        {"traffic.days_without", "days without", true, false},
        {"traffic.mean_without", "mean", true, false},
        {"traffic.change", "difference", true, true},
        {NULL, NULL, false, false},
    };

    if (!json_array_size(json_object_get(a, "types"))) {
        fputs("There are no posts to show.\n", out);
        text_warnings(out, a);
        return;
    }
    text_table(out, json_object_get(a, "types"), columns);
    fprintf(out,
            "Engagement and likes are means a post; days with and without such a post are set side "
            "by side\nfor %s from %s, %s to %s.\n",
            string_at(a, "question.metric"), string_at(a, "question.source"),
            string_at(a, "question.from"), string_at(a, "question.to"));
    text_warnings(out, a);
}
