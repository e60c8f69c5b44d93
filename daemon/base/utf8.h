/* UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* Whether all of it is UTF-8 without control characters but tab, newline and return. */
bool utf8_is_text(const char *text, size_t len);
/* The offset of the first byte that is not valid UTF-8, or len. */
size_t utf8_valid_prefix(const char *text, size_t len);
/* Whether a mark stands there that turns the direction of all that follows: U+202A to U+202E. */
bool utf8_turns(const char *at);
/* Takes out bytes that are no whole character, as where a name was cut. In place. */
void utf8_mend(char *text);
