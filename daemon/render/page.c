#include "render/page.h"
#include "base/day.h"
#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

const char page_style[] =
    ":root{color-scheme:light dark;--ink:#1b1f24;--paper:#fff;--soft:#5a6470;--line:#c9d0d8;"
    "--on:#0b5cad;--on-ink:#fff}"
    "@media(prefers-color-scheme:dark){:root{--ink:#e8ecf1;--paper:#14181d;--soft:#a7b1bd;"
    "--line:#3a434d;--on:#7cb8f5;--on-ink:#10151b}}"
    "body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);"
    "max-width:60rem;margin:0 auto;padding:1rem;overflow-wrap:anywhere}"
    "h1{font-size:1.5rem;line-height:1.25}h2{font-size:1.15rem;margin-top:2rem}"
    ".say,.sentence{font-size:1.2rem}.verdict{font-size:1.5rem;font-weight:650;margin:.5rem "
    "0}.soft{color:var(--soft)}"
    "input,button{font:inherit;padding:.4rem .7rem;max-width:100%;box-sizing:border-box}"
    "table{border-collapse:collapse;width:100%}"
    ".wide{overflow-x:auto}svg{display:block;width:100%;height:auto;margin:1rem 0}"
    "th,td{border-bottom:1px solid var(--line);padding:.35rem .5rem;text-align:left;"
    "vertical-align:top;overflow-wrap:break-word;max-width:24rem}td.n,th.n{text-align:right}"
    ".cal{table-layout:fixed;font-size:.9rem}.cal td,.cal th{border:1px solid var(--line);"
    "padding:.25rem .35rem}.cal td{height:3rem}.cal b{display:inline-block;"
    "background:var(--on);color:var(--on-ink);border-radius:.2rem;padding:0 .35rem}"
    ".cal .out{color:var(--soft);text-decoration:line-through}"
    "@media(max-width:30rem){.cal{font-size:.7rem}.cal td,.cal th{padding:.15rem}"
    ".cal b{padding:0 .1rem}}"
    "@media print{body{max-width:none;padding:0}.cal b{border:1px solid;background:none;"
    "color:inherit}h2{break-after:avoid}tr{break-inside:avoid}}";

void page_text(struct buf *b, const char *text)
{
    static const struct {
        char c;
        const char *entity;
    } own[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}};

    for (; text && *text; text++) {
        size_t i = 0;

        while (i < sizeof own / sizeof *own && own[i].c != *text)
            i++;
        if (i < sizeof own / sizeof *own)
            buf_puts(b, own[i].entity);
        else if (utf8_turns(text))
            text += 2; /* it would turn the words behind a name as well */
        else if ((unsigned char)*text >= ' ' || *text == '\n' || *text == '\t')
            buf_putc(b, *text); /* other control characters have no place in a page */
    }
}

void page_element(struct buf *b, const char *tag, const char *text)
{
    buf_printf(b, "<%s>", tag);
    page_text(b, text);
    buf_printf(b, "</%.*s>\n", (int)strcspn(tag, " "), tag);
}

void page_begin(struct buf *b, const char *title)
{
    buf_puts(b, "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
                "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    page_element(b, "title", title);
    buf_printf(b, "<style>%s</style>\n<main>\n", page_style);
    page_element(b, "h1", title);
}

void page_end(struct buf *b)
{
    buf_puts(b, "</main>\n</html>\n");
}

static void cell(struct buf *b, int32_t day, int state)
{
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    int y, m, d;

    day_to_civil(day, &y, &m, &d);
    buf_puts(b, state == 2 ? "<td class=\"out\">" : "<td>");
    buf_printf(b, d == 1 ? "%d&nbsp;%s" : "%d", d, months[m - 1]);
    buf_puts(b, state == 1 ? "<br><b>post</b></td>" : state == 2 ? "<br>left out</td>" : "</td>");
}

void page_calendar(struct buf *b, int32_t from, int n, const unsigned char *state)
{
    static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    int32_t monday = from - day_weekday(from);
    int y, m, d;

    buf_puts(b, "<table class=\"cal\">\n<tr><th scope=\"col\">Week of</th>");
    for (int i = 0; i < 7; i++)
        buf_printf(b, "<th scope=\"col\">%s</th>", days[i]);
    buf_puts(b, "</tr>\n");
    for (; monday < from + n; monday += 7) {
        day_to_civil(monday, &y, &m, &d);
        buf_printf(b, "<tr><th scope=\"row\">%04d-%02d-%02d</th>", y, m, d);
        for (int i = 0; i < 7; i++)
            if (monday + i < from || monday + i >= from + n)
                buf_puts(b, "<td></td>");
            else
                cell(b, monday + i, state[monday + i - from]);
        buf_puts(b, "</tr>\n");
    }
    buf_puts(b, "</table>\n");
}
