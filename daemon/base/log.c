#include "base/log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static bool to_journal;

void log_init(void)
{
    to_journal = getenv("JOURNAL_STREAM") != NULL;
}

void log_line(enum log_level level, const char *fmt, ...)
{
    char line[1024];
    va_list args;

    va_start(args, fmt);
    vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    for (char *c = line; *c; c++) /* one line a call, whatever a client sent */
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = ' ';
    if (to_journal)
        fprintf(stderr, "<%d>%s\n", (int)level, line);
    else
        fprintf(stderr, "postliftd: %s%s\n", level == LOG_LEVEL_ERROR ? "error: " : "", line);
}
