/* The error value: a code for the machine, a slug, a place, a sentence for a person. */
#pragma once
#include <stdbool.h>

enum fail_code {
    FAIL_NONE,
    FAIL_SYNTAX,        /* 400: the request cannot be read */
    FAIL_NOT_FOUND,     /* 404 */
    FAIL_CONFLICT,      /* 409 */
    FAIL_TOO_LARGE,     /* 413 */
    FAIL_MEDIA_TYPE,    /* 415 */
    FAIL_UNPROCESSABLE, /* 422: readable, but cannot be done as asked */
    FAIL_BUSY,          /* 503: try again */
    FAIL_NO_SPACE,      /* 507: the disk is full */
    FAIL_INTERNAL,      /* 500: our fault */
    FAIL_CODE_COUNT
};

struct fail {
    enum fail_code code;
    char slug[48];
    char place[160];
    char sentence[600];
};

/*
 * Sets *f unless it is set already: the first failure stays. place may be NULL.
 * Always returns false, so that a function can end with "return fail_set(...)".
 */
bool fail_set(struct fail *f, enum fail_code code, const char *slug, const char *place,
              const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* Out of memory: try again. Returns false. */
bool fail_memory(struct fail *f);
/* The HTTP status that belongs to a code. */
unsigned fail_status(enum fail_code code);
