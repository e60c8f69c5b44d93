#include "answer/warning.h"
#include "base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool warned(const struct warnings *w, const char *code)
{
    for (int i = 0; i < w->n; i++)
        if (strcmp(w->item[i].code, code) == 0)
            return true;
    return false;
}

__attribute__((format(printf, 3, 0))) static void add(struct warnings *w, const char *code,
                                                      const char *fmt, va_list args)
{
    struct warning *item;

    if (w->n >= WARNINGS_MAX)
        return;
    item = &w->item[w->n++];
    item->more = 0;
    snprintf(item->code, sizeof item->code, "%s", code);
    vsnprintf(item->detail, sizeof item->detail, fmt, args);
    utf8_mend(item->detail); /* names may have been cut within a character */
}

void warn(struct warnings *w, const char *code, const char *fmt, ...)
{
    va_list args;

    if (warned(w, code))
        return;
    va_start(args, fmt);
    add(w, code, fmt, args);
    va_end(args);
}

/* " And 5 more.", in the place of what was said of more before. */
static void say_more(struct warning *last)
{
    char said[32], now[32];
    size_t n = strlen(last->detail), k = 0;

    if (last->more)
        k = (size_t)snprintf(said, sizeof said, " And %d more.", last->more);
    snprintf(now, sizeof now, " And %d more.", ++last->more);
    n -= k;
    if (n > sizeof last->detail - sizeof now)
        n = sizeof last->detail - sizeof now;
    snprintf(last->detail + n, sizeof last->detail - n, "%s", now);
    utf8_mend(last->detail);
}

bool warn_also(struct warnings *w, const char *code, const char *fmt, ...)
{
    struct warning *last = NULL;
    va_list args;
    int same = 0;

    for (int i = 0; i < w->n; i++)
        if (strcmp(w->item[i].code, code) == 0) {
            same++;
            last = &w->item[i];
        }
    if (same == WARNINGS_OF_A_CODE) {
        say_more(last);
        return false;
    }
    va_start(args, fmt);
    add(w, code, fmt, args);
    va_end(args);
    return true;
}
