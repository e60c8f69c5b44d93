#include "base/words.h"

static bool goes_on(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static bool joins(unsigned char c)
{
    return c == '-' || c == '.';
}

/* Whether what begins here goes on with a word that ended before it. */
static bool is_more(const char *at, const char *end)
{
    return at < end && (goes_on((unsigned char)*at) || (joins((unsigned char)*at) && at + 1 < end &&
                                                        goes_on((unsigned char)at[1])));
}

/* How many bytes an escape of JSON has. */
static size_t escape_of(const char *at, const char *end)
{
    size_t n = at + 1 < end && at[1] == 'u' ? 6 : 2;

    return n < (size_t)(end - at) ? n : (size_t)(end - at);
}

static bool replace_in(struct buf *out, const char *at, const char *end, const char *name,
                       const char *instead, bool json)
{
    size_t len = strlen(name);
    bool in_word = false, first = goes_on((unsigned char)name[0]),
         last = goes_on((unsigned char)name[len - 1]);

    while (at < end) {
        size_t n = 1;

        if ((size_t)(end - at) >= len && memcmp(at, name, len) == 0 && !(first && in_word) &&
            !(last && is_more(at + len, end))) {
            buf_puts(out, instead);
            at += len;
            in_word = false;
            continue;
        }
        if (json && *at == '\\') {
            n = escape_of(at, end);
            in_word = false;
        } else if (!(in_word && joins((unsigned char)*at))) {
            in_word = goes_on((unsigned char)*at);
        }
        buf_add(out, at, n);
        at += n;
    }
    return !out->over;
}

/* Behind the quote that ends a string, or the end of the text. */
static const char *string_end(const char *at)
{
    while (*at && *at != '"')
        at += *at == '\\' && at[1] ? 2 : 1;
    return at;
}

bool words_replace(struct buf *out, const char *text, const char *name, const char *instead,
                   bool json)
{
    if (!*name)
        return buf_puts(out, text) || !*text;
    if (!json)
        return replace_in(out, text, text + strlen(text), name, instead, false);
    while (*text) {
        const char *start = text + strcspn(text, "\""), *end, *next;

        start += *start == '"';
        buf_add(out, text, (size_t)(start - text));
        end = string_end(start);
        next = *end ? end + 1 : end;
        next += strspn(next, " \t\r\n");
        if (*next == ':')
            buf_add(out, start, (size_t)(end - start));
        else
            replace_in(out, start, end, name, instead, true);
        if (*end)
            buf_putc(out, '"');
        text = *end ? end + 1 : end;
    }
    return !out->over;
}
