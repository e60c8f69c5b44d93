#include "base/fail.h"
#include "base/utf8.h"

#include <stdarg.h>
#include <stdio.h>

bool fail_set(struct fail *f, enum fail_code code, const char *slug, const char *place,
              const char *fmt, ...)
{
    va_list args;

    if (!f || f->code != FAIL_NONE)
        return false;
    f->code = code;
    snprintf(f->slug, sizeof f->slug, "%s", slug);
    snprintf(f->place, sizeof f->place, "%s", place ? place : "");
    va_start(args, fmt);
    vsnprintf(f->sentence, sizeof f->sentence, fmt, args);
    va_end(args);
    utf8_mend(f->sentence); /* names may have been cut within a character */
    utf8_mend(f->place);
    return false;
}

bool fail_memory(struct fail *f)
{
    return fail_set(f, FAIL_BUSY, "out-of-memory", NULL, "Out of memory; try again.");
}

unsigned fail_status(enum fail_code code)
{
    static const unsigned status[FAIL_CODE_COUNT] = {
        [FAIL_NONE] = 200,          [FAIL_SYNTAX] = 400,    [FAIL_NOT_FOUND] = 404,
        [FAIL_CONFLICT] = 409,      [FAIL_TOO_LARGE] = 413, [FAIL_MEDIA_TYPE] = 415,
        [FAIL_UNPROCESSABLE] = 422, [FAIL_BUSY] = 503,      [FAIL_NO_SPACE] = 507,
        [FAIL_INTERNAL] = 500,
    };
    return status[code];
}
