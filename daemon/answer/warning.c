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

void warn(struct warnings *w, const char *code, const char *fmt, ...)
{
    va_list args;
    struct warning *item;

    if (w->n >= WARNINGS_MAX || warned(w, code))
        return;
    item = &w->item[w->n++];
    snprintf(item->code, sizeof item->code, "%s", code);
    va_start(args, fmt);
    vsnprintf(item->detail, sizeof item->detail, fmt, args);
    va_end(args);
    utf8_mend(item->detail); /* names may have been cut within a character */
}
