/*
 * Bytes of any known encoding → UTF-8, streamed. A byte order mark decides
 * between UTF-8 and UTF-16; other encodings must be named. UTF-8 itself passes
 * as it is: its validity is checked cell by cell, so that one broken cell costs
 * one row.
 */
#pragma once
#include "base/buf.h"
#include "base/fail.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct charset;

/* name: NULL or "" for UTF-8 unless a mark says otherwise. NULL with *f for an unknown name. */
struct charset *charset_open(const char *name, struct fail *f);
void charset_close(struct charset *c);
/*
 * Converts a chunk; *out, *out_len is the result, valid until the next call.
 * False with *f when bytes cannot be converted.
 */
bool charset_feed(struct charset *c, const char *data, size_t len, const char **out,
                  size_t *out_len, struct fail *f);
/* The end: whatever was held back to look for a mark. False when half a character is left. */
bool charset_finish(struct charset *c, const char **out, size_t *out_len, struct fail *f);

/*
 * Whether bytes are UTF-8, as they go by. 8-bit text is told from damaged UTF-8 by this: its
 * letters beyond ASCII stand alone, where UTF-8 has them in runs that begin and go on by rule.
 */
struct charset_survey {
    int64_t valid, broken, stray; /* characters; runs begun by rule and broken off; other bytes */
    int need, have;               /* of the run under way */
    bool odd;                     /* a byte that windows-1252 has no letter for */
    unsigned char last;
};
void charset_survey_feed(struct charset_survey *s, const char *data, size_t len);
/* "windows-1252" where all says so, else NULL: UTF-8, damaged or not. */
const char *charset_survey_name(const struct charset_survey *s);
