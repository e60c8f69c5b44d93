/*
 * Pictures: self-contained SVG, drawn on a sheet SVG_WIDTH wide, so that its letters can be read at
 * 400 px and at 1,600 px: it grows and shrinks with its place. Colours are classes; light and dark
 * follow the reader unless a theme is asked for. Nothing is said by colour alone.
 */
#pragma once
#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

enum { SVG_WIDTH = 480, SVG_LEFT = 100, SVG_RIGHT = 466, SVG_TEXT_LINE = 20 };

/* A line of running text in hundredths of its size, 14.5: all but the margins of 16. */
enum { SVG_TEXT_WIDTH = 3080 };
enum svg_theme { SVG_AUTO, SVG_LIGHT, SVG_DARK, SVG_THEME_COUNT };
extern const char *const svg_theme_names[SVG_THEME_COUNT];
/* caption: whether the sentence stands below, as it must where a picture goes about alone. */
struct svg_look {
    enum svg_theme theme;
    bool caption;
    bool links; /* of each dot, and not only of those that stand out */
};

/* The style sheet of a picture, so that its hash can be allowed by name where it stands in a page.
 */
void svg_style(enum svg_theme theme, struct buf *b);
/* How many lines a text takes, each at most SVG_TEXT_WIDTH wide. */
int svg_lines(const char *text);
/* Title and description are for whoever cannot see the picture; the title is drawn, too. */
/* id: a word of its own, as several pictures may stand in one page. links: there are some in it. */
void svg_begin(struct buf *b, const char *id, bool links, double height, const char *title,
               const char *description, enum svg_theme theme);
void svg_end(struct buf *b);
/* Words below a picture that is drawn already: its sheet grows by their lines. */
void svg_footnote(struct buf *svg, const char *words);
/* anchor: "start", "middle", "end". */
void svg_text(struct buf *b, double x, double y, const char *css, const char *anchor,
              const char *text);
/* A text in lines from y on; returns the y below it. */
double svg_wrapped(struct buf *b, double x, double y, const char *css, const char *text);
void svg_line(struct buf *b, double x1, double y1, double x2, double y2, const char *css);
void svg_rect(struct buf *b, double x, double y, double width, double height, const char *css);
/* A mark that tells itself: shape 'o' circle, '^' up, 'v' down, 'd' diamond, 's' square; css "p" is
 * filled, "p hollow" is not. words: what it stands for, on hover and focus. */
void svg_mark(struct buf *b, double x, double y, double size, char shape, const char *css,
              const char *words);
/* Text for between tags and in attributes, up to the first bytes that are no whole character. */
void svg_escaped(struct buf *b, const char *text);

/* A scale from values to the sheet. */
struct svg_scale {
    double low, high, from, to; /* values; places */
    bool log;                   /* of 1 + value */
};
double svg_at(const struct svg_scale *s, double value);
/* A round step that parts 0..high into some four. */
double svg_step(double high);
/* "1,234", "12", "0.5", "1.2M": short, for axes. */
void svg_number(double v, char out[32]);
