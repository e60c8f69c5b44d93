/* When was posted: weekday by hour, and a calendar of days with missed ones. */
#include "base/day.h"
#include "render/charts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { CELL = 16, HOURS_LEFT = 62, HOURS_TOP = 84, CAL_TOP = 252, WEEKS_SHOWN = 26, BELOW = 12 };

static void draw_hours(struct buf *b, const struct rhythm *r)
{
    static const char *const names[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    int64_t most = 1;
    char words[120];

    for (int d = 0; d < 7; d++)
        for (int h = 0; h < 24; h++)
            most = r->hour[d][h] > most ? r->hour[d][h] : most;
    for (int h = 0; h < 24; h += 3) {
        snprintf(words, sizeof words, "%02d", h);
        svg_text(b, HOURS_LEFT + (h + .5) * CELL, HOURS_TOP - 10, "s", "middle", words);
    }
    for (int d = 0; d < 7; d++) {
        double y = HOURS_TOP + (d + .5) * CELL;

        svg_text(b, HOURS_LEFT - 14, y + 4, "s", "end", names[d]);
        svg_line(b, HOURS_LEFT, y, HOURS_LEFT + 24 * CELL, y, "grid");
        for (int h = 0; h < 24; h++) {
            if (!r->hour[d][h])
                continue;
            snprintf(words, sizeof words, "%s, %02d to %02d h: %lld post%s", names[d], h, h + 1,
                     (long long)r->hour[d][h], r->hour[d][h] == 1 ? "" : "s");
            svg_mark(b, HOURS_LEFT + (h + .5) * CELL, y,
                     1.5 + 6 * sqrt((double)r->hour[d][h] / (double)most), 'o', "p", words);
        }
    }
}

static void draw_day(struct buf *b, const struct cadence_answer *a, int32_t day, double x, double y)
{
    uint32_t n = day >= a->from && day <= a->to ? a->all.count[day - a->from] : 0;
    bool missed = day >= a->all.first && day <= a->all.last && rhythm_missed(&a->all, a->from, day);
    char words[120], text[DAY_TEXT];

    if (day < a->from || day > a->to)
        return;
    if (n)
        snprintf(words, sizeof words, "%s: %u post%s", day_format(day, text), n, n == 1 ? "" : "s");
    else
        snprintf(words, sizeof words, "%s: %s", day_format(day, text),
                 missed ? "missed, a usual day without a post" : "no post");
    if (n)
        svg_mark(b, x, y, n > 9 ? 7 : 2.5 + n * .5, 's', "p", words);
    else if (missed)
        svg_mark(b, x, y, 5, 'd', "q hollow", words);
    else
        svg_mark(b, x, y, 1.2, 'o', "p", words);
}

static void draw_calendar(struct buf *b, const struct cadence_answer *a)
{
    static const char *const names[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    int32_t last = a->to - day_weekday(a->to), first = last - 7 * (WEEKS_SHOWN - 1);
    int32_t from = a->from - day_weekday(a->from);

    if (from > first)
        first = from;
    for (int d = 0; d < 7; d++)
        svg_text(b, HOURS_LEFT - 14, CAL_TOP + (d + .5) * CELL + 4, "s", "end", names[d]);
    for (int32_t monday = first; monday <= last; monday += 7) {
        double x = HOURS_LEFT + ((monday - first) / 7 + .5) * CELL * 24 / WEEKS_SHOWN * 1.05;
        int y, m, dom;
        char text[16];

        day_to_civil(monday, &y, &m, &dom);
        if (dom <= 7) {
            static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

            snprintf(text, sizeof text, m == 1 ? "%s %d" : "%s", months[m - 1], y);
            svg_text(b, x, CAL_TOP - 8, "s", "start", text);
        }
        for (int d = 0; d < 7; d++)
            draw_day(b, a, monday + d, x, CAL_TOP + (d + .5) * CELL);
    }
}

void chart_of_cadence(struct cadence_answer *a, struct svg_look look, struct buf *out)
{
    const char *sentence = buf_text(&a->sentence);
    const char *caption = look.caption ? sentence : "";
    double bottom = CAL_TOP + 7 * CELL;
    double height = bottom + 62 + svg_lines(caption) * SVG_TEXT_LINE + BELOW;
    char text[200], from[DAY_TEXT], to[DAY_TEXT];

    if (a->from == DAY_NONE) {
        chart_of_words("When was posted", sentence, look, out);
        return;
    }
    svg_begin(out, "cadence", false, height, "When was posted", sentence, look.theme);
    snprintf(text, sizeof text, "all platforms together, %s to %s", day_format(a->from, from),
             day_format(a->to, to));
    svg_text(out, 16, 46, "s", "start", text);
    draw_hours(out, &a->all);
    svg_text(out, 16, CAL_TOP - 28, "s", "start",
             a->to - a->from >= 7 * WEEKS_SHOWN ? "the last 26 weeks, a column each"
                                                : "weeks, a column each");
    draw_calendar(out, a);
    svg_text(out, 16, bottom + 24, "s", "start",
             "squares: days with posts; diamonds: usual days missed");
    svg_wrapped(out, 16, bottom + 52, "saying", caption);
    svg_end(out);
}
