#include "base/escapes.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* A character as UTF-8; where it ends. */
static char *put_letter(char *to, uint32_t c)
{
    if (c < 0x80) {
        *to++ = (char)c;
    } else if (c < 0x800) {
        *to++ = (char)(0xc0 | c >> 6);
        *to++ = (char)(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        *to++ = (char)(0xe0 | c >> 12);
        *to++ = (char)(0x80 | (c >> 6 & 0x3f));
        *to++ = (char)(0x80 | (c & 0x3f));
    } else {
        *to++ = (char)(0xf0 | c >> 18);
        *to++ = (char)(0x80 | (c >> 12 & 0x3f));
        *to++ = (char)(0x80 | (c >> 6 & 0x3f));
        *to++ = (char)(0x80 | (c & 0x3f));
    }
    return to;
}

/* Four hexadecimal digits behind "\u"; false for what is none. */
static bool letter_at(const char *text, uint32_t *c)
{
    char digits[5] = "", *end;

    if (text[0] != '\\' || text[1] != 'u' || strnlen(text, 6) < 6)
        return false;
    memcpy(digits, text + 2, 4);
    *c = (uint32_t)strtoul(digits, &end, 16);
    return end == digits + 4 && digits[0] != '-' && digits[0] != '+' && digits[0] != ' ';
}

void escapes_take_off(char *text)
{
    char *to = text;

    for (const char *at = text; *at;) {
        uint32_t c, low;

        if (letter_at(at, &c) && c) {
            at += 6;
            if (c >= 0xd800 && c < 0xdc00 && letter_at(at, &low) && low >= 0xdc00 && low < 0xe000) {
                c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
                at += 6;
            }
            to = put_letter(to, c);
        } else {
            at += at[0] == '\\' && at[1] != 0;
            *to++ = *at++;
        }
    }
    *to = 0;
}
