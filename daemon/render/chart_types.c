/* Pleases or moves: each type's engagement and traffic side by side. */
#include "base/day.h"
#include "base/text.h"
#include "render/charts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { TYPES_SHOWN = 14, LABEL_WIDTH = 40, EDGE = 12, ROW = 36, HEAD = 104, BELOW = 12 };
enum { NAME_RIGHT = 122, LEFT_FROM = 134, LEFT_TO = 284, RIGHT_FROM = 306, RIGHT_TO = 456 };

/* Half of the widest interval that is drawn whole: four times as much, or a quarter. */
#define REACH_MOST 1.386

static double reach_of(const struct types_answer *a, int column)
{
    double reach = log(1.5);

    for (int i = 0; i < a->n && i < TYPES_SHOWN; i++) {
        const struct beside *b = &a->row[i].beside[column];

        if (b->judged && fabs(b->high) > reach)
            reach = fabs(b->high);
        if (b->judged && fabs(b->low) > reach)
            reach = fabs(b->low);
    }
    return reach < REACH_MOST ? reach : REACH_MOST;
}

static double clipped(double v, double reach)
{
    return v > reach ? reach : v < -reach ? -reach : v;
}

static void percent(double effect, char out[32])
{
    double p = 100 * expm1(effect);

    snprintf(out, 32, fabs(p) < 9.95 ? "%+.1f %%" : "%+.0f %%", p);
}

static void draw_scale(struct buf *b, double reach, int from, int to, double bottom)
{
    static const double marks[] = {0, 1, -.5, .5, -.25, .25, 3, 2, -.75}; /* these first */
    struct svg_scale s = {-reach, reach, from, to, false};
    double taken[9];
    int n = 0;

    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        double at = log1p(marks[i]), x;
        char text[32];
        bool near = false;

        if (fabs(at) > reach)
            continue;
        x = svg_at(&s, at);
        svg_line(b, x, HEAD - 8, x, bottom, marks[i] == 0 ? "axis" : "grid");
        snprintf(text, sizeof text, marks[i] == 0 ? "0" : "%+.0f%%", 100 * marks[i]);
        for (int k = 0; k < n; k++)
            near = near || fabs(x - taken[k]) < LABEL_WIDTH;
        if (near || x < from + EDGE || x > to - EDGE)
            continue;
        svg_text(b, x, HEAD - 14, "s", "middle", text);
        taken[n++] = x;
    }
}

/* Why there is no figure, in the space of a row. */
static const char *why_not(const struct type_row *row, int column)
{
    if (column == COLUMN_ENGAGEMENT)
        return row->judgement[column].outcome == GROUPS_BROKEN ? "figures changed, see note"
                                                               : "too few like it";
    if (row->days_with && !row->days_without)
        return "posted every day";
    return row->days_with && row->days_without < LIFT_AFTER_MIN ? "few days without"
                                                                : "too few days";
}

static void draw_effect(struct buf *b, const struct type_row *row, int column, double reach,
                        int from, int to, double y)
{
    const struct beside *e = &row->beside[column];
    struct svg_scale s = {-reach, reach, from, to, false};
    char words[300], effect[32], low[32], high[32];
    char shape = 'o';

    if (!e->judged) {
        svg_rect(b, from + 2, y - 10, to - from - 4, 20, "paper");
        svg_text(b, (from + to) / 2., y + 4, "s", "middle", why_not(row, column));
        return;
    }
    percent(e->effect, effect);
    percent(e->low, low);
    percent(e->high, high);
    if (e->verdict == VERDICT_UP)
        shape = '^';
    if (e->verdict == VERDICT_DOWN)
        shape = 'v';
    if (e->verdict == VERDICT_FLAT)
        shape = 's';
    snprintf(words, sizeof words, "%.100s, %s: %s (%s to %s), %s", row->name,
             column == COLUMN_ENGAGEMENT ? "engagement" : "traffic", effect, low, high,
             verdict_names[e->verdict]);
    svg_line(b, svg_at(&s, clipped(e->low, reach)), y, svg_at(&s, clipped(e->high, reach)), y,
             column == COLUMN_ENGAGEMENT ? "b w" : "a w");
    svg_mark(b, svg_at(&s, clipped(e->effect, reach)), y, 5.5, shape,
             shape == 'o'                  ? (column == COLUMN_ENGAGEMENT ? "q hollow" : "p hollow")
             : column == COLUMN_ENGAGEMENT ? "q"
                                           : "p",
             words);
}

void chart_of_types(const struct types_question *q, struct types_answer *a, struct svg_look look,
                    struct buf *out)
{
    const char *sentence = buf_text(&a->sentence);
    const char *caption = look.caption ? sentence : "";
    int shown = a->n < TYPES_SHOWN ? a->n : TYPES_SHOWN;
    double bottom = HEAD + shown * ROW, y = HEAD + ROW / 2., reach[2];
    double height = bottom + 78 + svg_lines(caption) * SVG_TEXT_LINE + BELOW;
    char text[200], name[120], from[DAY_TEXT], to[DAY_TEXT];

    if (!a->n) {
        chart_of_words("Pleases or moves", sentence, look, out);
        return;
    }
    svg_begin(out, "types", false, height, "Pleases or moves", sentence, look.theme);
    snprintf(text, sizeof text, "each %s against the others, %s to %s", types_by_names[q->by],
             a->from == DAY_NONE ? "no day" : day_format(a->from, from),
             a->to == DAY_NONE ? "no day" : day_format(a->to, to));
    svg_text(out, 16, 46, "s", "start", text);
    svg_text(out, (LEFT_FROM + LEFT_TO) / 2., 66, "", "middle", "pleases: engagement");
    snprintf(text, sizeof text, "moves: %s", traffic_metric_names[q->metric]);
    svg_text(out, (RIGHT_FROM + RIGHT_TO) / 2., 66, "", "middle", text);
    reach[0] = reach_of(a, COLUMN_ENGAGEMENT);
    reach[1] = reach_of(a, COLUMN_TRAFFIC);
    draw_scale(out, reach[0], LEFT_FROM, LEFT_TO, bottom);
    draw_scale(out, reach[1], RIGHT_FROM, RIGHT_TO, bottom);
    for (int i = 0; i < shown; i++, y += ROW) {
        text_begin(text, sizeof text, a->row[i].name[0] ? a->row[i].name : "(none)", 14);
        svg_text(out, NAME_RIGHT, y - 2, "", "end", text);
        snprintf(text, sizeof text, "%lld post%s%s", (long long)a->row[i].posts,
                 a->row[i].posts == 1 ? "" : "s", a->row[i].posts < GROUP_SMALL ? ", few" : "");
        svg_text(out, NAME_RIGHT, y + 13, "s", "end", text);
        draw_effect(out, &a->row[i], COLUMN_ENGAGEMENT, reach[0], LEFT_FROM, LEFT_TO, y);
        draw_effect(out, &a->row[i], COLUMN_TRAFFIC, reach[1], RIGHT_FROM, RIGHT_TO, y);
    }
    text[0] = 0;
    if (a->n > shown)
        snprintf(text, sizeof text, "and %d more; ", a->n - shown);
    snprintf(text + strlen(text), sizeof text - strlen(text),
             "triangle: shown; square: alike; circle: cannot be told");
    svg_text(out, 16, bottom + 22, "s", "start", text);
    text_begin(name, sizeof name, q->source, 24);
    snprintf(text, sizeof text, "moves: %s from %s, days with one against days without",
             traffic_metric_names[q->metric], name);
    svg_text(out, 16, bottom + 40, "s", "start", text);
    svg_wrapped(out, 16, bottom + 70, "saying", caption);
    svg_end(out);
}
