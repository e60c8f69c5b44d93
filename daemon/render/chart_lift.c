/* The daily series, what would have been expected, posts and notes. */
#include "base/day.h"
#include "base/text.h"
#include "render/charts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { PLOT_TOP = 82, PLOT_BOTTOM = 290, TICK_ROW = 18, POINTS_MOST = 400, BELOW = 12 };

static const char *const metric_words[TRAFFIC_METRIC_COUNT] = {"Sessions", "Users",
                                                               "Engaged sessions", "Conversions"};

/* A verdict as a person would say it. */
static const char *const verdict_words[VERDICT_COUNT] = {
    [VERDICT_UP] = "up",
    [VERDICT_DOWN] = "down",
    [VERDICT_WEAK_UP] = "a weak hint of up",
    [VERDICT_WEAK_DOWN] = "a weak hint of down",
    [VERDICT_FLAT] = "flat",
    [VERDICT_CANNOT_TELL] = "cannot be told",
    [VERDICT_INSUFFICIENT_DATA] = "too little to judge by",
};

struct sheet {
    struct buf *b;
    struct lift_answer *a;
    const struct ticks *ticks;
    int32_t from, to;
    struct svg_scale x, y;
};

static double value_of(const struct sheet *s, int32_t day)
{
    int at = day - s->a->first;

    return at >= 0 && at < s->a->n ? s->a->y[at] : NAN;
}

static double place_of(const struct sheet *s, int32_t day)
{
    return svg_at(&s->x, day - s->from);
}

static double highest(const struct sheet *s)
{
    double high = 0;

    for (int32_t d = s->from; d <= s->to; d++) {
        double v = value_of(s, d);

        if (v > high)
            high = v;
    }
    for (int32_t d = s->a->question.start; s->a->expected && d <= s->a->after.to; d++) {
        double v = s->a->expected[d - s->a->question.start].high;

        if (isfinite(v) && v > high && v < 3 * high) /* a band far beyond all days is cut */
            high = v;
    }
    return high > 0 ? high : 1;
}

static void draw_axes(struct sheet *s)
{
    double step = svg_step(s->y.high);
    char text[40];
    int y, m, d, months = (s->to - s->from) / 30 + 1, every = months > 8 ? months / 6 : 1, n = 0;

    for (double v = 0; v <= s->y.high * 1.0001; v += step) {
        svg_line(s->b, SVG_LEFT, svg_at(&s->y, v), SVG_RIGHT, svg_at(&s->y, v), "grid");
        svg_number(v, text);
        svg_text(s->b, SVG_LEFT - 6, svg_at(&s->y, v) + 4, "s", "end", text);
    }
    for (int32_t day = s->from; day <= s->to; day++) {
        static const char *const names[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

        day_to_civil(day, &y, &m, &d);
        if (d != 1 || n++ % every)
            continue;
        svg_line(s->b, place_of(s, day), PLOT_BOTTOM, place_of(s, day), PLOT_BOTTOM + 4, "axis");
        snprintf(text, sizeof text, m == 1 ? "%s %d" : "%s", names[m - 1], y);
        if (place_of(s, day) < SVG_RIGHT - 16)
            svg_text(s->b, place_of(s, day), PLOT_BOTTOM + 18, "s", "middle", text);
    }
    svg_line(s->b, SVG_LEFT, PLOT_BOTTOM, SVG_RIGHT, PLOT_BOTTOM, "axis");
}

static bool expected_at(const struct sheet *s, int32_t day, struct expected_day *e)
{
    if (!s->a->expected || day < s->a->question.start || day > s->a->after.to)
        return false;
    *e = s->a->expected[day - s->a->question.start];
    return isfinite(e->low) && isfinite(e->high) && isfinite(e->expected);
}

static void draw_expected(struct sheet *s)
{
    struct expected_day e;
    bool any = false;

    for (int32_t d = s->from; d <= s->to; d++)
        if (expected_at(s, d, &e)) {
            buf_printf(s->b, "%s%.1f %.1f", any ? "L" : "<path class=\"band\" d=\"M",
                       place_of(s, d), svg_at(&s->y, e.high));
            any = true;
        }
    for (int32_t d = s->to; any && d >= s->from; d--)
        if (expected_at(s, d, &e))
            buf_printf(s->b, "L%.1f %.1f", place_of(s, d), svg_at(&s->y, e.low));
    if (!any)
        return;
    buf_puts(s->b, "z\"/>\n<path class=\"e\" d=\"");
    any = false;
    for (int32_t d = s->from; d <= s->to; d++)
        if (expected_at(s, d, &e)) {
            buf_printf(s->b, "%s%.1f %.1f", any ? "L" : "M", place_of(s, d),
                       svg_at(&s->y, e.expected));
            any = true;
        }
    buf_puts(s->b, "\"/>\n");
}

/* "; posts: meme 2, link 1" */
static void posts_of(const struct sheet *s, int32_t day, char *out, size_t size)
{
    const struct ticks *t = s->ticks;
    size_t n = 0;

    out[0] = 0;
    if (day < t->from || day - t->from >= t->n_days)
        return;
    for (int i = 0; i < t->n && i < TICK_TYPES && n < size; i++)
        if (t->type[i].count[day - t->from])
            n += (size_t)snprintf(out + n, size - n, "%s%s %u",
                                  n ? ", " : "; posts: ", t->type[i].type,
                                  t->type[i].count[day - t->from]);
}

/* Days without a figure are gaps. */
static void draw_series(struct sheet *s)
{
    int every = (s->to - s->from) / POINTS_MOST + 1;
    bool pen = false, any = false;
    char words[300], day[DAY_TEXT];
    struct expected_day e;

    for (int32_t d = s->from; d <= s->to; d++) {
        double v = value_of(s, d);

        if (isnan(v)) {
            pen = false;
            continue;
        }
        if (!any)
            buf_puts(s->b, "<path class=\"l\" d=\"");
        buf_printf(s->b, "%s%.1f %.1f", pen ? "L" : "M", place_of(s, d), svg_at(&s->y, v));
        pen = any = true;
    }
    if (any)
        buf_puts(s->b, "\"/>\n");
    for (int32_t d = s->from; d <= s->to; d += every) {
        double v = value_of(s, d);

        if (isnan(v))
            continue;
        snprintf(words, sizeof words, "%s: %.0f", day_format(d, day), v);
        if (expected_at(s, d, &e))
            snprintf(words + strlen(words), sizeof words - strlen(words),
                     " (expected %.0f, %.0f to %.0f)", e.expected, e.low, e.high);
        posts_of(s, d, words + strlen(words), sizeof words - strlen(words));
        svg_mark(s->b, place_of(s, d), svg_at(&s->y, v), 2, 'o', "p", words);
    }
}

static void draw_start(struct sheet *s)
{
    const struct lift_question *q = &s->a->question;
    char text[64], day[DAY_TEXT];
    double x;

    if (q->exposure || q->start < s->from || q->start > s->to)
        return;
    x = place_of(s, q->start);
    svg_line(s->b, x, PLOT_TOP - 6, x, PLOT_BOTTOM, "start");
    snprintf(text, sizeof text, "start %s", day_format(q->start, day));
    svg_text(s->b, x > SVG_RIGHT - 120 ? x - 5 : x + 5, PLOT_TOP + 2, "s",
             x > SVG_RIGHT - 120 ? "end" : "start", text);
}

/* Whether there are any. */
static bool draw_notes(struct sheet *s)
{
    bool any = false;

    for (int i = 0; i < s->a->notes.n; i++) {
        const struct note *n = &s->a->notes.item[i].note;
        char words[300], day[DAY_TEXT];

        if (n->from > s->to || n->to < s->from)
            continue;
        snprintf(words, sizeof words, "Note, %s, %s: %.200s", day_format(n->from, day),
                 note_kind_names[n->kind], n->text);
        svg_mark(s->b, place_of(s, n->from < s->from ? s->from : n->from), PLOT_TOP - 14, 5, 'v',
                 "q", words);
        any = true;
    }
    return any;
}

/* A row a type: a mark on each day with such posts. Returns the y below. */
static double draw_ticks(struct sheet *s, const struct ticks *t)
{
    double y = PLOT_BOTTOM + 42;
    int shown = t->n < TICK_TYPES ? t->n : TICK_TYPES;

    for (int i = 0; i < shown; i++, y += TICK_ROW) {
        char name[80];

        text_begin(name, sizeof name, t->type[i].type, 11);
        svg_text(s->b, SVG_LEFT - 6, y + 4, "s", "end", name);
        buf_puts(s->b, "<path class=\"a\" d=\"");
        for (int d = 0; d < t->n_days; d++)
            if (t->type[i].count[d])
                buf_printf(s->b, "M%.1f %.1fv%d", place_of(s, t->from + d), y - 5,
                           t->type[i].count[d] > 1 ? 12 : 8);
        buf_puts(s->b, "\"/>\n");
    }
    if (t->n > shown) {
        char text[80];

        snprintf(text, sizeof text, "and %s%d other types of posts", t->unnamed ? "more than " : "",
                 t->n - shown);
        svg_text(s->b, SVG_LEFT, y + 4, "s", "start", text);
        y += TICK_ROW;
    }
    return y;
}

static void subtitle(const struct sheet *s, char *out, size_t size)
{
    char from[DAY_TEXT], to[DAY_TEXT];

    char source[120];

    text_begin(source, sizeof source, s->a->question.source, 16);
    snprintf(out, size, "%s a day, source %s, %s to %s", metric_words[s->a->question.metric],
             source, day_format(s->from, from), day_format(s->to, to));
}

void chart_of_lift(struct lift_answer *a, const struct ticks *ticks, struct svg_look look,
                   struct buf *out)
{
    const struct lift_question *q = &a->question;
    const char *sentence = buf_text(&a->sentence);
    const char *caption = look.caption ? sentence : "";
    struct sheet s = {
        .b = out, .a = a, .ticks = ticks, .from = q->baseline_from, .to = a->after.to};
    int types = ticks->n < TICK_TYPES ? ticks->n : TICK_TYPES;
    double height = PLOT_BOTTOM + 42 + types * TICK_ROW + (ticks->n > types) * TICK_ROW + 48 +
                    svg_lines(caption) * SVG_TEXT_LINE + BELOW;
    char title[280], words[200];
    bool notes;
    double y;

    if (q->start < s.from)
        s.from = q->start;
    text_begin(words, sizeof words, strcmp(q->source, "all") == 0 ? "the whole site" : q->source,
               18);
    snprintf(title, sizeof title, "%s from %s: %s", metric_words[q->metric], words,
             verdict_words[a->judged.verdict]);
    s.x = (struct svg_scale){0, s.to - s.from, SVG_LEFT, SVG_RIGHT - 4, false};
    s.y = (struct svg_scale){0, highest(&s) * 1.05, PLOT_BOTTOM, PLOT_TOP, false};
    svg_begin(out, "lift", false, height, title, sentence, look.theme);
    subtitle(&s, words, sizeof words);
    svg_text(out, 16, 46, "s", "start", words);
    draw_axes(&s);
    draw_expected(&s);
    notes = draw_notes(&s);
    draw_series(&s);
    draw_start(&s);
    y = draw_ticks(&s, ticks) + 8;
    svg_line(out, 16, y - 4, 44, y - 4, "l");
    svg_text(out, 50, y, "s", "start", "as it was");
    if (a->expected) {
        svg_line(out, 130, y - 4, 158, y - 4, "e");
        svg_text(out, 164, y, "s", "start", "expected without a step, with its band");
    }
    y += 18;
    svg_text(out, 16, y, "s", "start",
             notes ? "gaps: days without a figure; flags above: notes"
                   : "gaps: days without a figure");
    svg_wrapped(out, 16, y + 28, "saying", caption);
    svg_end(out);
}

void chart_of_words(const char *title, const char *words, struct svg_look look, struct buf *out)
{
    svg_begin(out, "words", false, 60 + svg_lines(words) * SVG_TEXT_LINE + BELOW, title, words,
              look.theme);
    svg_wrapped(out, 16, 62, "saying", words);
    svg_end(out);
}
