#include "base/utf8.h"

#include <stdint.h>
#include <string.h>

/* Bytes of the sequence at t, or 0 when it is broken. */
static size_t sequence(const unsigned char *t, size_t left)
{
    unsigned char c = t[0];
    size_t n;
    unsigned low = 0x80, high = 0xbf;

    if (c < 0x80)
        return 1;
    if (c >= 0xc2 && c <= 0xdf)
        n = 2;
    else if (c >= 0xe0 && c <= 0xef)
        n = 3;
    else if (c >= 0xf0 && c <= 0xf4)
        n = 4;
    else
        return 0;
    if (left < n)
        return 0;
    if (c == 0xe0)
        low = 0xa0;
    if (c == 0xed)
        high = 0x9f;
    if (c == 0xf0)
        low = 0x90;
    if (c == 0xf4)
        high = 0x8f;
    if (t[1] < low || t[1] > high)
        return 0;
    for (size_t i = 2; i < n; i++)
        if ((t[i] & 0xc0) != 0x80)
            return 0;
    return n;
}

size_t utf8_valid_prefix(const char *text, size_t len)
{
    const unsigned char *t = (const unsigned char *)text;
    size_t i = 0;

    while (i < len) {
        size_t n;

        if (i + 8 <= len) {
            uint64_t word;

            memcpy(&word, t + i, 8);
            if (!(word & 0x8080808080808080ull)) {
                i += 8;
                continue;
            }
        }
        n = sequence(t + i, len - i);
        if (!n)
            return i;
        i += n;
    }
    return len;
}

bool utf8_is_text(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];

        if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f)
            return false;
    }
    return utf8_valid_prefix(text, len) == len;
}

void utf8_mend(char *text)
{
    size_t len = strlen(text), at = utf8_valid_prefix(text, len), to = at;

    while (at < len) {
        size_t good;

        at++; /* past the byte that is none */
        good = utf8_valid_prefix(text + at, len - at);
        memmove(text + to, text + at, good);
        to += good;
        at += good;
    }
    text[to] = 0;
}

bool utf8_turns(const char *at)
{
    return at[0] == '\xe2' && at[1] == '\x80' && at[2] >= '\xaa' && at[2] <= '\xae';
}
