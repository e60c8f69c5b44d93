#include "base/text.h"

#include <stdbool.h>
#include <string.h>

void text_copy(char *to, size_t size, const char *from)
{
    size_t n = from ? strlen(from) : 0;

    if (n >= size)
        n = size - 1;
    if (n)
        memcpy(to, from, n);
    to[n] = 0;
}

void text_begin(char *to, size_t size, const char *from, int letters)
{
    static const char more[] = "\xe2\x80\xa6";
    size_t n = 0, room = size - sizeof more, whole = 0; /* whole: bytes that fit before "more" */
    bool blank = false;

    for (const char *at = from ? from : ""; *at;) {
        size_t len = 1;

        if ((unsigned char)*at <= ' ') {
            blank = n > 0;
            at++;
            continue;
        }
        while (((unsigned char)at[len] & 0xc0) == 0x80)
            len++;
        if (letters < 1 + blank || n + blank + len > room) {
            n = whole;
            memcpy(to + n, more, sizeof more - 1);
            n += sizeof more - 1;
            break;
        }
        if (blank)
            to[n++] = ' ';
        letters -= 1 + blank;
        blank = false;
        memcpy(to + n, at, len);
        n += len;
        at += len;
        if (letters > 0) /* the last letter makes place for the sign */
            whole = n;
    }
    to[n] = 0;
}
