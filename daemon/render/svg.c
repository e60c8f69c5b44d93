#include "render/svg.h"
#include "base/utf8.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const svg_theme_names[SVG_THEME_COUNT] = {"auto", "light", "dark"};

static const char light[] = "--ink:#1b1f24;--paper:#fff;--soft:#59636f;--line:#d5dbe2;"
                            "--a:#0b5cad;--b:#a34700;--band:#0b5cad26";
static const char dark[] = "--ink:#e8ecf1;--paper:#14181d;--soft:#a7b1bd;--line:#39424c;"
                           "--a:#7cb8f5;--b:#f0a35e;--band:#7cb8f533";
static const char style[] =
    "text{font-family:system-ui,'Segoe UI',Roboto,'Noto Sans',sans-serif;font-size:14px;"
    "fill:var(--ink)}.t{font-size:18px;font-weight:600}.s{fill:var(--soft);font-size:13px}"
    ".saying{font-size:14.5px}.paper{fill:var(--paper)}.grid{stroke:var(--line)}"
    ".axis{stroke:var(--soft)}.a{stroke:var(--a)}.b{stroke:var(--b)}"
    ".l{fill:none;stroke:var(--a);stroke-width:1.6}.e{fill:none;stroke:var(--b);"
    "stroke-width:1.6;stroke-dasharray:5 4}.band{fill:var(--band);stroke:none}"
    ".start{stroke:var(--ink);stroke-width:1.4;stroke-dasharray:2 3}"
    ".p{fill:var(--a);stroke:var(--a)}.q{fill:var(--b);stroke:var(--b)}"
    ".hollow{fill:var(--paper);stroke-width:1.6}.w{stroke-width:2.4}"
    ".named{font-size:12px}a text{fill:var(--a);text-decoration:underline}"
    "[data-v]:hover,[data-v]:focus{stroke:var(--ink);stroke-width:3;outline:none}"
    "@media(forced-colors:active){.p,.q{fill:CanvasText;stroke:CanvasText}"
    ".hollow{fill:Canvas}text{fill:CanvasText}}"
    "@media print{.paper{fill:#fff}}";

void svg_escaped(struct buf *b, const char *text)
{
    size_t whole = text ? utf8_valid_prefix(text, strlen(text)) : 0;

    for (size_t i = 0; i < whole; i++) {
        if (text[i] == '&')
            buf_puts(b, "&amp;");
        else if (text[i] == '<')
            buf_puts(b, "&lt;");
        else if (text[i] == '>')
            buf_puts(b, "&gt;");
        else if (text[i] == '"')
            buf_puts(b, "&quot;");
        else if ((unsigned char)text[i] < ' ')
            buf_putc(b, ' ');
        else if (utf8_turns(text + i))
            i += 2; /* it would turn the words behind a name as well */
        else if (!strncmp(text + i, "\xef\xbf\xbe", 3) || !strncmp(text + i, "\xef\xbf\xbf", 3))
            i += 2; /* no characters of XML */
        else
            buf_putc(b, text[i]);
    }
}

/*
 * About how wide a letter is, in hundredths of the text's size, as in the wider of the fonts that
 * system-ui stands for, so that a line fits in all of them.
 */
static int letter_width(const char *at)
{
    unsigned char c = (unsigned char)*at;

    if (c >= 0xe3) /* the scripts of East Asia, and pictures */
        return 100;
    if (c == '%' || c == 'm' || c == 'w' || c == 'M' || c == 'W' || c == '@')
        return 95;
    if (c == '+' || c == '=' || c == '<' || c == '>')
        return 84;
    if (c == ' ' || strchr("ijlftr.,:;'()-/|!", c))
        return 38;
    return c >= 'A' && c <= 'Z' ? 72 : 63;
}

/* Bytes of the next line of a text, broken at a blank but not before a percent sign; *skip: of the
 * blank after it. */
static size_t line_length(const char *text, size_t *skip)
{
    size_t n = 0, last = 0;
    int width = 0;

    while (text[n] && width + letter_width(text + n) <= SVG_TEXT_WIDTH) {
        if (text[n] == ' ' && text[n + 1] != '%')
            last = n;
        width += letter_width(text + n);
        do
            n++;
        while (((unsigned char)text[n] & 0xc0) == 0x80);
    }
    if (text[n] && text[n] != ' ' && last) /* else the line ends here, within a word if need be */
        n = last;
    *skip = text[n] == ' ';
    return n;
}

int svg_lines(const char *text)
{
    int lines = 0;
    size_t skip;

    while (*text) {
        text += line_length(text, &skip);
        text += skip;
        lines++;
    }
    return lines;
}

void svg_style(enum svg_theme theme, struct buf *b)
{
    buf_printf(b, "svg{%s}", theme == SVG_DARK ? dark : light);
    if (theme == SVG_AUTO)
        buf_printf(b, "@media(prefers-color-scheme:dark){svg{%s}}", dark);
    if (theme != SVG_LIGHT)
        buf_printf(b, "@media print{svg{%s}}", light);
    buf_puts(b, style);
}

void svg_begin(struct buf *b, const char *id, bool links, double height, const char *title,
               const char *description, enum svg_theme theme)
{
    buf_printf(b,
               "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %.0f\" role=\"%s\" "
               "aria-labelledby=\"%s-t %s-d\">\n<title id=\"%s-t\">",
               SVG_WIDTH, height, links ? "group" : "img", id, id, id);
    svg_escaped(b, title);
    buf_printf(b, "</title>\n<desc id=\"%s-d\">", id);
    svg_escaped(b, description);
    buf_puts(b, "</desc>\n<style>");
    svg_style(theme, b);
    buf_printf(b, "</style>\n<rect class=\"paper\" width=\"%d\" height=\"%.0f\"/>\n", SVG_WIDTH,
               height);
    svg_text(b, 16, 28, "t", "start", title);
}

void svg_end(struct buf *b)
{
    buf_puts(b, "</svg>\n");
}

void svg_footnote(struct buf *svg, const char *words)
{
    static const char box[] = "viewBox=\"0 0 480 ",
                      paper[] = "class=\"paper\" width=\"480\" height=\"";
    static const char tail[] = "</svg>\n";
    const char *text = buf_text(svg), *from = strstr(text, box), *sheet = strstr(text, paper);
    double height, grown;
    struct buf out;

    _Static_assert(SVG_WIDTH == 480, "the sheet's width stands in what is looked for");
    if (!from || !sheet || svg->len < sizeof tail - 1)
        return;
    height = strtod(from + sizeof box - 1, NULL);
    grown = height + svg_lines(words) * SVG_TEXT_LINE;
    buf_init(&out, svg->max);
    for (int i = 0; i < 2; i++) {
        const char *number = i ? sheet + sizeof paper - 1 : from + sizeof box - 1;

        buf_add(&out, text, (size_t)(number - text));
        buf_printf(&out, "%.0f", grown);
        text = number + strspn(number, "0123456789");
    }
    buf_add(&out, text, svg->len - (sizeof tail - 1) - (size_t)(text - svg->data));
    svg_wrapped(&out, 16, height - 2, "s", words);
    svg_end(&out);
    buf_clear(svg);
    *svg = out;
}

void svg_text(struct buf *b, double x, double y, const char *css, const char *anchor,
              const char *text)
{
    buf_printf(b, "<text x=\"%.1f\" y=\"%.1f\"", x, y);
    if (*css)
        buf_printf(b, " class=\"%s\"", css);
    if (strcmp(anchor, "start") != 0)
        buf_printf(b, " text-anchor=\"%s\"", anchor);
    buf_putc(b, '>');
    svg_escaped(b, text);
    buf_puts(b, "</text>\n");
}

double svg_wrapped(struct buf *b, double x, double y, const char *css, const char *text)
{
    size_t n, skip;

    while (*text) {
        char line[SVG_TEXT_WIDTH / 38 * 4 + 4];

        n = line_length(text, &skip);
        snprintf(line, sizeof line, "%.*s", (int)(n < sizeof line ? n : sizeof line - 1), text);
        svg_text(b, x, y, css, "start", line);
        text += n + skip;
        y += SVG_TEXT_LINE;
    }
    return y;
}

void svg_line(struct buf *b, double x1, double y1, double x2, double y2, const char *css)
{
    buf_printf(b, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" class=\"%s\"/>\n", x1, y1,
               x2, y2, css);
}

void svg_rect(struct buf *b, double x, double y, double width, double height, const char *css)
{
    buf_printf(b, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" class=\"%s\"/>\n", x,
               y, width, height, css);
}

void svg_mark(struct buf *b, double x, double y, double size, char shape, const char *css,
              const char *words)
{
    if (shape == 'o')
        buf_printf(b, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"", x, y, size);
    else if (shape == 's')
        buf_printf(b, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"", x - size,
                   y - size, 2 * size, 2 * size);
    else if (shape == 'd')
        buf_printf(b, "<path d=\"M%.1f %.1fl%.1f %.1fl%.1f %.1fl%.1f %.1fz\"", x, y - size, size,
                   size, -size, size, -size, -size);
    else
        buf_printf(b, "<path d=\"M%.1f %.1fl%.1f %.1fh%.1fz\"", x,
                   shape == '^' ? y - size : y + size, size, shape == '^' ? 2 * size : -2 * size,
                   -2 * size);
    buf_printf(b, " class=\"%s\" data-v=\"\"><title>", css);
    svg_escaped(b, words);
    buf_printf(b, "</title></%s>\n", shape == 'o' ? "circle" : shape == 's' ? "rect" : "path");
}

double svg_at(const struct svg_scale *s, double value)
{
    double low = s->log ? log1p(s->low) : s->low, high = s->log ? log1p(s->high) : s->high;
    double v = s->log ? log1p(value) : value;

    if (!(high > low))
        return (s->from + s->to) / 2;
    v = (v - low) / (high - low);
    v = v < 0 ? 0 : v > 1 ? 1 : v;
    return s->from + v * (s->to - s->from);
}

double svg_step(double high)
{
    double unit, rest;

    if (!(high > 0) || !isfinite(high))
        return 1;
    unit = pow(10, floor(log10(high / 4)));
    rest = high / 4 / unit;
    return unit * (rest <= 1 ? 1 : rest <= 2 ? 2 : rest <= 5 ? 5 : 10);
}

void svg_number(double v, char out[32])
{
    static const struct {
        double unit;
        const char *sign;
    } units[] = {{1e12, "T"}, {1e9, "G"}, {1e6, "M"}};

    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (v >= units[i].unit) {
            snprintf(out, 32, "%.3g%s", v / units[i].unit, units[i].sign);
            return;
        }
    if (v >= 1000)
        snprintf(out, 32, "%d,%03d", (int)(v / 1000), (int)v % 1000);
    else
        snprintf(out, 32, "%.3g", v);
}
