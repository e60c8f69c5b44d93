/* Hits and duds: the posts of each platform and type as dots. */
#include "base/day.h"
#include "base/text.h"
#include "render/charts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { GROUPS_SHOWN = 12, ROW = 46, HEAD = 92, BELOW = 12, NAME_RIGHT = 122, FROM = 134, TO = 460 };
enum {
    NAMED = 4,
    NAME_WIDTH = 92,
    OUTLIERS_DRAWN = 24,
    DOTS_DRAWN = 560
};                                               /* of a group; px;
                                     of a group; of a picture */
enum { LINK_BYTES = 120, LINKED_BYTES = 75000 }; /* of an address; of a picture with links */

static double highest(const struct outliers_answer *a)
{
    double high = 10;

    for (int g = 0; g < a->n && g < GROUPS_SHOWN; g++) {
        const struct outlier_group *group = &a->group[g];

        for (size_t i = 0; i < group->n_dots; i++)
            high = group->dot[i].value > high ? group->dot[i].value : high;
        for (size_t i = 0; i < group->n_out; i++)
            high = group->out[i].value > high ? group->out[i].value : high;
    }
    return high;
}

static void draw_scale(struct buf *b, const struct svg_scale *s, double bottom)
{
    char text[32];
    double last = -100;

    for (double v = 0; v <= s->high; v = v == 0 ? 1 : v * 10) {
        double x = svg_at(s, v);

        if (v > 0 && x - last < 30)
            continue;
        svg_line(b, x, HEAD - 8, x, bottom, "grid");
        svg_number(v, text);
        svg_text(b, x, HEAD - 12, "s", "middle", text);
        last = x;
    }
    if (TO - last > 46) { /* how far the scale goes */
        svg_number(s->high, text);
        svg_text(b, TO, HEAD - 12, "s", "end", text);
    }
}

static bool is_web_address(const char *url)
{
    return url && (strncmp(url, "https://", 8) == 0 || strncmp(url, "http://", 7) == 0);
}

static void draw_outlier(struct buf *b, const struct svg_scale *s, const struct outlier_group *g,
                         const struct outlier *o, double y, bool named)
{
    char words[400], day[DAY_TEXT], value[32];
    bool link = is_web_address(o->url);

    svg_number(o->value, value);
    snprintf(words, sizeof words, "%s: %s of %s, %s %s, %s", o->distance > 0 ? "hit" : "dud", value,
             day_format(o->posted_day, day), g->platform, g->type,
             o->excerpt[0] ? o->excerpt : o->id);
    if (link) {
        buf_puts(b, "<a href=\"");
        svg_escaped(b, o->url);
        buf_puts(b, "\">");
    }
    svg_mark(b, svg_at(s, o->value), y, 4.5, o->distance > 0 ? '^' : 'v', "q", words);
    if (named) {
        text_begin(words, sizeof words, o->excerpt[0] ? o->excerpt : o->id, 16);
        svg_text(b, svg_at(s, o->value), y - 9, "named",
                 svg_at(s, o->value) > TO - 50 ? "end" : "middle", words);
    }
    if (link)
        buf_puts(b, "</a>\n");
}

/* One post: its figure and its day, and where its address is short, a link to it. */
static void draw_dot(struct buf *b, const struct svg_scale *s, const struct outlier_dot *dot,
                     bool links, double y)
{
    bool link = links && is_web_address(dot->url) && strlen(dot->url) <= LINK_BYTES &&
                b->len < LINKED_BYTES;
    char value[32], day[DAY_TEXT];

    svg_number(dot->value, value);
    if (link) {
        buf_puts(b, "<a href=\"");
        svg_escaped(b, dot->url);
        buf_puts(b, "\">");
    }
    buf_printf(b,
               "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"2.4\" data-v=\"%s\"><title>%s: %s</title>"
               "</circle>%s\n",
               svg_at(s, dot->value), y, link ? "1" : "", day_format(dot->day, day), value,
               link ? "</a>" : "");
}

static void draw_group(struct buf *b, const struct svg_scale *s, const struct outlier_group *g,
                       double y, size_t every, bool links)
{
    char text[80], platform[64], words[240];
    double x, names_at[NAMED];
    int n_named = 0;

    text_begin(text, sizeof text, g->type, 14);
    svg_text(b, NAME_RIGHT, y - 2, "", "end", text);
    text_begin(platform, sizeof platform, g->platform, 10);
    if ((int64_t)g->n < g->posts)
        snprintf(text, sizeof text, "%.40s, %zu of %lld", platform, g->n, (long long)g->posts);
    else
        snprintf(text, sizeof text, "%.40s, %lld", platform, (long long)g->posts);
    svg_text(b, NAME_RIGHT, y + 13, "s", "end", text);
    buf_puts(b, "<g class=\"p\" opacity=\".45\">\n");
    for (size_t i = 0; i < g->n_dots; i += every) /* up and down, so that none hides another */
        draw_dot(b, s, &g->dot[i], links, y + (double)(i * 7 % 5) * 2.6 - 5);
    buf_puts(b, "</g>\n");
    if (g->n >= OUTLIER_POSTS_MIN) {
        x = svg_at(s, g->spread.median);
        svg_line(b, x, y - 13, x, y + 13, "start");
        svg_number(g->spread.median, text);
        svg_text(b, x, y + 25, "s", "middle", text);
        snprintf(words, sizeof words, "%s %s: median %s of %zu posts", g->platform, g->type, text,
                 g->n);
        svg_mark(b, x, y + 13, 3, 'd', "q", words);
    }
    for (size_t i = 0; i < g->n_out && i < OUTLIERS_DRAWN; i++) {
        double at = svg_at(s, g->out[i].value);
        bool named = n_named < NAMED && at - NAME_WIDTH / 2. >= FROM;

        for (int k = 0; k < n_named; k++) /* no name over another */
            named = named && fabs(at - names_at[k]) >= NAME_WIDTH;
        if (named)
            names_at[n_named++] = at;
        draw_outlier(b, s, g, &g->out[i], y, named);
    }
}

/* Whether some posts of a kind have no figure of the age in question, or none at all. */
static bool is_in_part(const struct outliers_answer *a, int shown)
{
    for (int g = 0; g < shown; g++)
        if ((int64_t)a->group[g].n < a->group[g].posts)
            return true;
    return false;
}

void chart_of_posts(const struct outliers_question *q, struct outliers_answer *a,
                    struct svg_look look, struct buf *out)
{
    const char *sentence = buf_text(&a->sentence);
    const char *caption = look.caption ? sentence : "";
    int shown = a->n < GROUPS_SHOWN ? a->n : GROUPS_SHOWN;
    double bottom = HEAD + shown * ROW;
    double below = is_in_part(a, shown) ? 16 : 0;
    double height = bottom + 66 + below + svg_lines(caption) * SVG_TEXT_LINE + BELOW;
    struct svg_scale s = {0, highest(a), FROM, TO, true};
    size_t dots = 0, every;
    char text[200];

    for (int g = 0; g < shown; g++)
        dots += a->group[g].n_dots;
    every = dots ? (dots - 1) / DOTS_DRAWN + 1 : 1;
    if (!a->n) {
        chart_of_words("Hits and duds", sentence, look, out);
        return;
    }
    svg_begin(out, "posts", true, height, "Hits and duds", sentence, look.theme);
    if (a->age_hours > 0)
        snprintf(text, sizeof text, "%s of each post at %.3g days, scale of log(1 + n)",
                 post_figure_name(q->figure), a->age_hours / 24);
    else
        snprintf(text, sizeof text, "%s of each post, latest, scale of log(1 + n)",
                 post_figure_name(q->figure));
    svg_text(out, 16, 46, "s", "start", text);
    draw_scale(out, &s, bottom);
    for (int g = 0; g < shown; g++)
        draw_group(out, &s, &a->group[g], HEAD + ROW / 2. + g * ROW, every, look.links);
    text[0] = 0;
    if (a->n > shown)
        snprintf(text, sizeof text, "and %d more kinds; ", a->n - shown);
    snprintf(text + strlen(text), sizeof text - strlen(text),
             "dots: posts%s; dashed: median; triangles: stand out", every > 1 ? ", thinned" : "");
    svg_text(out, 16, bottom + 26, "s", "start", text);
    if (below > 0)
        svg_text(out, 16, bottom + 44, "s", "start",
                 "where it says \"of\", the other posts have no such figure of this age");
    svg_wrapped(out, 16, bottom + 56 + below, "saying", caption);
    svg_end(out);
}
