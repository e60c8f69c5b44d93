/* Warnings of an answer: a code for programs, a sentence for people. */
#pragma once
#include "base/ceilings.h"

#include <stdbool.h>

struct warning {
    char code[40];
    char detail[400];
    int more; /* of its code, that are not listed */
};
struct warnings {
    struct warning item[WARNINGS_MAX];
    int n;
};

/* A code stands once; a second sentence of it, or one past the ceiling, is dropped. */
void warn(struct warnings *w, const char *code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* The same, but up to WARNINGS_OF_A_CODE sentences of one code stand, and the last of them says how
 * many more there were; false when this was one of those. */
bool warn_also(struct warnings *w, const char *code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
bool warned(const struct warnings *w, const char *code);
