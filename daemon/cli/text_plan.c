/* Plans for people: the advice, what each design would see, the days to post. */
#include "cli/text.h"

#include <string.h>

/* Weeks from Monday on, a line each: the days to post by their weekday, others as dots. */
void text_calendar(FILE *out, const json_t *days)
{
    static const char *const names[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                        "Friday", "Saturday", "Sunday"};
    int column = 7;
    size_t i;
    json_t *row;

    json_array_foreach(days, i, row)
    {
        const char *weekday = json_string_value(json_object_get(row, "weekday"));
        const char *date = json_string_value(json_object_get(row, "date"));
        json_t *post = json_object_get(row, "post");
        int at = 0;

        if (!weekday || !date)
            continue;
        while (at < 7 && strcmp(names[at], weekday) != 0)
            at++;
        if (column == 7 || at == 0) {
            fprintf(out, "%s  %s  ", i ? "\n" : "", date);
            for (column = 0; column < at; column++)
                fputs("      ", out);
        }
        if (json_is_null(post))
            fputs("  out ", out);
        else
            fprintf(out, "  %-4.3s", json_is_true(post) ? weekday : ".");
        column = at + 1;
    }
    fputc('\n', out);
}

void text_plan(FILE *out, const json_t *a)
{
    static const struct text_column columns[] = {
        {"design", "design", false, false, false},
        {"after.0.minimum_detectable_lift", "seen after 28 days", true, true, false},
        {"after.1.minimum_detectable_lift", "56 days", true, true, false},
        {"after.2.minimum_detectable_lift", "84 days", true, true, false},
        {"days_needed", "days needed", true, false, false},
        {"posts_needed", "posts needed", true, false, false},
        {NULL, NULL, false, false, false},
    };
    const json_t *calendar = json_object_get(a, "calendar");
    const char *design = json_string_value(json_object_get(calendar, "design"));

    text_wrapped(out, json_string_value(json_object_get(a, "sentence")), "");
    if (json_array_size(json_object_get(a, "designs"))) {
        fputc('\n', out);
        text_table(out, json_object_get(a, "designs"), columns);
    }
    fprintf(out, "\nDays to post (%s, seed %" JSON_INTEGER_FORMAT "):\n", design ? design : "",
            json_integer_value(json_object_get(calendar, "seed")));
    text_calendar(out, json_object_get(calendar, "days"));
    text_warnings(out, a);
}
