#include "render/ical.h"
#include "base/day.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { LINE_OCTETS = 75 };

/* A content line: folded before it passes 75 octets, never inside a character. */
static void line(struct buf *b, const char *name, const char *value)
{
    size_t at = strlen(name);

    buf_puts(b, name);
    for (const char *c = value; *c;) {
        char escaped[8];
        size_t n = 1;

        if (*c == '\n') {
            snprintf(escaped, sizeof escaped, "\\n");
        } else if (strchr("\\;,", *c)) {
            snprintf(escaped, sizeof escaped, "\\%c", *c);
        } else if ((unsigned char)*c < ' ') {
            escaped[0] = 0;
        } else {
            while (((unsigned char)c[n] & 0xc0) == 0x80 && n < 4)
                n++;
            snprintf(escaped, sizeof escaped, "%.*s", (int)n, c);
        }
        if (at + strlen(escaped) > LINE_OCTETS) {
            buf_puts(b, "\r\n ");
            at = 1;
        }
        buf_puts(b, escaped);
        at += strlen(escaped);
        c += n;
    }
    buf_puts(b, "\r\n");
}

static void date(struct buf *b, const char *name, int32_t day)
{
    int y, m, d;

    day_to_civil(day, &y, &m, &d);
    buf_printf(b, "%s%04d%02d%02d\r\n", name, y, m, d);
}

void ical_begin(struct buf *b, const char *name)
{
    buf_puts(b, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//postlift//postlift//EN\r\n"
                "CALSCALE:GREGORIAN\r\n");
    line(b, "X-WR-CALNAME:", name);
}

void ical_event(struct buf *b, const char *uid, int32_t from, int32_t to, const char *summary,
                const char *description)
{
    int y, m, d;

    day_to_civil(from, &y, &m, &d);
    buf_puts(b, "BEGIN:VEVENT\r\n");
    line(b, "UID:", uid);
    buf_printf(b, "DTSTAMP:%04d%02d%02dT000000Z\r\n", y, m, d);
    date(b, "DTSTART;VALUE=DATE:", from);
    date(b, "DTEND;VALUE=DATE:", to + 1);
    line(b, "SUMMARY:", summary);
    if (description && *description)
        line(b, "DESCRIPTION:", description);
    buf_puts(b, "TRANSP:TRANSPARENT\r\nEND:VEVENT\r\n");
}

void ical_end(struct buf *b)
{
    buf_puts(b, "END:VCALENDAR\r\n");
}
