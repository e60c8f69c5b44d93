#include "cli/text.h"
#include "base/buf.h"
#include "base/ceilings.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const json_t *at_path(const json_t *row, const char *path)
{
    while (row && *path) {
        char name[64];
        size_t n = strcspn(path, ".");

        snprintf(name, sizeof name, "%.*s", (int)n, path);
        row = json_is_array(row) ? json_array_get(row, strtoul(name, NULL, 10))
                                 : json_object_get(row, name);
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
    } else if (json_is_number(value) && c->share) {
        snprintf(out, size, "%.0f %%", 100 * json_number_value(value));
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

const char *text_problem(const json_t *problem, const char *fallback)
{
    const char *detail = json_string_value(json_object_get(problem, "detail"));

    return detail ? detail : fallback;
}

void text_wrapped(FILE *out, const char *text, const char *indent)
{
    while (text && *text) {
        size_t n = 0, last = 0;
        int width = 0;

        for (; text[n] && (width < 90 || !last); n++) {
            width += ((unsigned char)text[n] & 0xc0) != 0x80;
            if (text[n] == ' ' && text[n + 1] != '%')
                last = n;
        }
        if (text[n] && last)
            n = last;
        fputs(indent, out);
        for (size_t i = 0; i < n; i++)
            fputc((unsigned char)text[i] < 0x20 || text[i] == 0x7f ? '?' : text[i], out);
        fputc('\n', out);
        text += n + (text[n] == ' ');
    }
}

void text_warnings(FILE *out, const json_t *answer)
{
    size_t i;
    json_t *w;

    json_array_foreach(json_object_get(answer, "warnings"), i, w)
    {
        struct buf b;

        buf_init(&b, RESPONSE_MAX);
        buf_printf(&b, "Note (%s): %s", string_at(w, "code"), string_at(w, "detail"));
        text_wrapped(out, buf_text(&b), "");
        buf_clear(&b);
    }
}

static void print_period(FILE *out, const json_t *p, const char *label)
{
    char mean[32];

    if (!json_is_number(json_object_get(p, "daily_mean"))) {
        fprintf(out, "  %-16s no figures\n", label);
        return;
    }
    text_number(number_at(p, "daily_mean"), mean);
    fprintf(out, "  %-16s %s a day, %.0f of %.0f days, %s to %s\n", label, mean,
            number_at(p, "days_used"), number_at(p, "days"), string_at(p, "from"),
            string_at(p, "to"));
}

/* "+7 % (95 % interval -11 % to +25 %), p 0.38"; nothing without a finding. */
static void print_finding(FILE *out, const json_t *o, double level, const char *label)
{
    char lift[32], low[32], high[32];

    if (!json_is_number(json_object_get(o, "lift")))
        return;
    text_percent(number_at(o, "lift"), lift);
    text_percent(number_at(o, "interval.0"), low);
    text_percent(number_at(o, "interval.1"), high);
    fprintf(out, "  %-16s %s (%g %% interval %s to %s), p %.2g\n", label, lift, 100 * level, low,
            high, number_at(o, "p"));
}

static void print_plan(FILE *out, const json_t *a)
{
    size_t i;
    json_t *need;
    char percent[32];

    if (!at_path(a, "plan.minimum_detectable_lift"))
        return;
    text_percent(number_at(a, "plan.minimum_detectable_lift"), percent);
    fprintf(out, "  %-16s %s with 80 %% power; days needed:", "smallest seen:", percent);
    json_array_foreach(at_path(a, "plan.days_needed"), i, need)
    {
        snprintf(percent, sizeof percent, "+%.0f %%", 100 * number_at(need, "lift"));
        if (json_is_number(json_object_get(need, "days")))
            fprintf(out, "%s %s in %.0f days", i ? "," : "", percent, number_at(need, "days"));
        else
            fprintf(out, "%s %s not with this design", i ? "," : "", percent);
    }
    fputc('\n', out);
}

static void print_past(FILE *out, const json_t *a)
{
    if (at_path(a, "ebb.share_at_least"))
        fprintf(out, "  %-16s moved as much by itself in %.0f %% of %.0f such comparisons\n",
                "the past:", 100 * number_at(a, "ebb.share_at_least"),
                number_at(a, "ebb.comparisons"));
    if (number_at(a, "self_check.runs") > 0)
        fprintf(out, "  %-16s %.0f of %.0f earlier dates, with nothing done, had p below .05\n",
                "self-check:", number_at(a, "self_check.false_alarms"),
                number_at(a, "self_check.runs"));
}

void text_lift(FILE *out, const json_t *a)
{
    bool exposure = json_object_get(a, "with") != NULL;
    char percent[32];

    text_wrapped(out, string_at(a, "sentence"), "");
    fprintf(out, "\n  %-16s %s\n", "verdict:", string_at(a, "verdict"));
    if (exposure) {
        print_period(out, json_object_get(a, "without"), "days without:");
        print_period(out, json_object_get(a, "with"), "days with:");
    } else {
        print_period(out, json_object_get(a, "baseline"), "before:");
        print_period(out, json_object_get(a, "after"), "after:");
    }
    if (json_is_number(json_object_get(a, "change"))) {
        text_percent(number_at(a, "change"), percent);
        fprintf(out, "  %-16s %s\n", "change:", percent);
    }
    print_finding(out, a, number_at(a, "level"), exposure ? "difference:" : "step:");
    if (json_object_get(a, "control")) {
        text_percent(number_at(a, "control.change"), percent);
        fprintf(out, "  %-16s %s in the same days\n", "control:",
                json_is_number(at_path(a, "control.change")) ? percent : "no change known");
    }
    print_past(out, a);
    print_plan(out, a);
    if (json_object_get(a, "accounting"))
        fprintf(out,
                "  %-16s %.0f posts brought %.0f by their own links; the excess over the days "
                "before is %.0f\n",
                "accounting:", number_at(a, "accounting.posts"), number_at(a, "accounting.tracked"),
                number_at(a, "accounting.excess"));
    text_warnings(out, a);
}

static void print_group(FILE *out, const json_t *g, const char *label, const char *metric)
{
    char mean[32], median[32];

    if (!json_is_number(json_object_get(g, "mean"))) {
        fprintf(out, "  %-16s no post with %s (of %.0f posts)\n", label, metric,
                number_at(g, "posts"));
        return;
    }
    text_number(number_at(g, "mean"), mean);
    text_number(number_at(g, "median"), median);
    fprintf(out, "  %-16s %s a post on average, median %s, over %.0f of %.0f posts\n", label, mean,
            json_object_get(g, "median") ? median : "not given", number_at(g, "posts_used"),
            number_at(g, "posts"));
}

void text_compare(FILE *out, const json_t *a)
{
    const char *metric = string_at(a, "question.metric");
    char percent[32];

    text_wrapped(out, string_at(a, "sentence"), "");
    fprintf(out, "\n  %-16s %s\n", "verdict:", string_at(a, "verdict"));
    print_group(out, json_object_get(a, "a"), "first group:", metric);
    print_group(out, json_object_get(a, "b"), "second group:", metric);
    if (json_is_number(json_object_get(a, "change"))) {
        text_percent(number_at(a, "change"), percent);
        fprintf(out, "  %-16s %s\n", "means differ:", percent);
    }
    print_finding(out, a, number_at(a, "level"), "typically:");
    if (at_path(a, "superiority.probability"))
        fprintf(out, "  %-16s a post of the first group beats one of the second in %.0f %%\n",
                "superiority:", 100 * number_at(a, "superiority.probability"));
    fprintf(out, "  %-16s %s\n", "readings:", string_at(a, "question.readings"));
    text_warnings(out, a);
}

void text_types(FILE *out, const json_t *a)
{
    const char *by = string_at(a, "question.by");
    const struct text_column columns[] = {
        {by, by, false, false, false},
        {"posts", "posts", true, false, false},
        {"pleases", "pleases", false, false, false},
        {"engagement.lift", "engagement", true, true, false},
        {"engagement.interval.0", "from", true, true, false},
        {"engagement.interval.1", "to", true, true, false},
        {"moves", "moves", false, false, false},
        {"traffic.days_with", "days with", true, false, false},
        {"traffic.lift", "traffic", true, true, false},
        {"traffic.interval.0", "from", true, true, false},
        {"traffic.interval.1", "to", true, true, false},
        {NULL, NULL, false, false, false},
    };

    text_wrapped(out, string_at(a, "sentence"), "");
    if (json_array_size(json_object_get(a, "types"))) {
        fputc('\n', out);
        text_table(out, json_object_get(a, "types"), columns);
        fprintf(
            out,
            "Engagement: a typical post against all others, with its interval. Traffic: %s from "
            "%s on days\nwith such a post against days without.\n",
            string_at(a, "question.metric"), string_at(a, "question.source"));
    }
    text_warnings(out, a);
}

void text_outliers(FILE *out, const json_t *a)
{
    static const struct text_column columns[] = {
        {"kind", "kind", false, false, false},
        {"platform", "platform", false, false, false},
        {"type", "type", false, false, false},
        {"id", "id", false, false, false},
        {"day", "of", false, false, false},
        {"value", "value", true, false, false},
        {"times_typical", "times typical", true, false, false},
        {"share", "of its group", true, false, true},
        {"excerpt", "begins", false, false, false},
        {NULL, NULL, false, false, false},
    };

    text_wrapped(out, string_at(a, "sentence"), "");
    if (json_array_size(json_object_get(a, "outliers"))) {
        fputc('\n', out);
        text_table(out, json_object_get(a, "outliers"), columns);
    }
    text_warnings(out, a);
}

void text_cadence(FILE *out, const json_t *a)
{
    static const struct text_column columns[] = {
        {"platform", "platform", false, false, false},
        {"type", "type", false, false, false},
        {"posts", "posts", true, false, false},
        {"first", "first", false, false, false},
        {"last", "last", false, false, false},
        {"days_with", "days with", true, false, false},
        {"per_week", "a week", true, false, false},
        {"missed_days", "missed", true, false, false},
        {"longest_gap_days", "longest gap", true, false, false},
        {NULL, NULL, false, false, false},
    };

    text_wrapped(out, string_at(a, "sentence"), "");
    if (json_array_size(json_object_get(a, "groups"))) {
        fputc('\n', out);
        text_table(out, json_object_get(a, "groups"), columns);
    }
    text_warnings(out, a);
}
