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

bool warn_also(struct warnings *w, const char *code, const char *fmt, ...)
{
    va_list args;
    int same = 0;

    for (int i = 0; i < w->n; i++)
        same += strcmp(w->item[i].code, code) == 0;
    if (same == WARNINGS_OF_A_CODE)
        return false;
    va_start(args, fmt);
    add(w, code, fmt, args);
    va_end(args);
    return true;
}
