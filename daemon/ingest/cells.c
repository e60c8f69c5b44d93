/* Single cells: blanks around them, whole numbers in the spellings of exports, entities. */
#include "ingest/profile_parts.h"

#include <stdlib.h>
#include <string.h>

/* The bytes of a blank at t: plain, or one of the unbroken ones; 0 when there is none. */
static size_t blank_at(const char *t, size_t len)
{
    if (len && (t[0] == ' ' || t[0] == '\t' || t[0] == '\r' || t[0] == '\n'))
        return 1;
    if (len >= 2 && memcmp(t, "\xc2\xa0", 2) == 0)
        return 2;
    if (len >= 3 && memcmp(t, "\xe2\x80\xaf", 3) == 0)
        return 3;
    return 0;
}

struct csv_cell cell_trim(struct csv_cell c)
{
    size_t n;

    while ((n = blank_at(c.text, c.len)) > 0) {
        c.text += n;
        c.len -= n;
    }
    for (;;) {
        if (c.len && blank_at(c.text + c.len - 1, 1))
            c.len--;
        else if (c.len >= 2 && blank_at(c.text + c.len - 2, 2) == 2)
            c.len -= 2;
        else if (c.len >= 3 && blank_at(c.text + c.len - 3, 3) == 3)
            c.len -= 3;
        else
            return c;
    }
}

bool cell_is_word(const struct words *w, struct csv_cell c)
{
    char text[HEADING_MAX];

    if (c.len >= HEADING_MAX || !w->n)
        return false;
    heading_normalise(c.text, c.len, text);
    for (int i = 0; i < w->n; i++)
        if (strcmp(w->item[i], text) == 0)
            return true;
    return false;
}

/* Digits in groups: "1744", "1,744", "1 744"; how many bytes of t they take, 0 for none. */
static size_t grouped_digits(const char *t, size_t len, char separator, int64_t *value)
{
    size_t i = 0, group = 0;
    bool grouped = false;
    int64_t v = 0;

    while (i < len) {
        size_t blank;

        if (t[i] >= '0' && t[i] <= '9') {
            if (v > COUNT_MAX / 10)
                return 0;
            v = v * 10 + (t[i] - '0');
            group++;
            i++;
            continue;
        }
        blank = blank_at(t + i, len - i);
        if ((t[i] != separator && !blank) || !group || (grouped ? group != 3 : group > 3) ||
            i + (blank ? blank : 1) >= len)
            break;
        grouped = true;
        group = 0;
        i += blank ? blank : 1;
    }
    if (!i || (grouped && group != 3))
        return 0;
    *value = v;
    return i;
}

/* Only zeros after the decimal sign. */
static bool zeros(const char *t, size_t len)
{
    if (!len)
        return false;
    for (size_t i = 0; i < len; i++)
        if (t[i] != '0')
            return false;
    return true;
}

bool cell_is_two_counts(struct csv_cell c)
{
    size_t used = 0;

    while (used < c.len && c.text[used] >= '0' && c.text[used] <= '9')
        used++;
    return used >= 1 && used <= 3 && c.len == used + 4 && strchr(".,", c.text[used]) &&
           zeros(c.text + used + 1, 3);
}

bool cell_count(struct csv_cell c, bool comma_decimal, int64_t *value, bool *negative)
{
    char decimal = comma_decimal ? ',' : '.', separator = comma_decimal ? '.' : ',';
    size_t used, comma;

    *negative = false;
    if (c.len && c.text[0] == '-') {
        *negative = true;
        c.text++;
        c.len--;
    }
    used = grouped_digits(c.text, c.len, separator, value);
    if (used == c.len && used)
        return true;
    if (used && c.text[used] == decimal) /* but "1.000" may be one or a thousand */
        return zeros(c.text + used + 1, c.len - used - 1) &&
               !(used <= 3 && c.len - used - 1 == 3 && *value);
    /* "1938,0" from a spreadsheet with decimal commas: no group of thousands has one or two
     * digits, so it can be read in one way only */
    comma = 0;
    while (comma < c.len && c.text[comma] >= '0' && c.text[comma] <= '9')
        comma++;
    return !comma_decimal && comma && comma < c.len && c.text[comma] == ',' &&
           c.len - comma - 1 <= 2 && zeros(c.text + comma + 1, c.len - comma - 1) &&
           grouped_digits(c.text, comma, separator, value) == comma;
}

bool cell_is_value(struct csv_cell c)
{
    bool digit = false;

    c = cell_trim(c);
    for (size_t i = 0; i < c.len; i++) {
        if (c.text[i] >= '0' && c.text[i] <= '9')
            digit = true;
        else if (!strchr("+-.,:/% $TZ", c.text[i]) && (unsigned char)c.text[i] < 0x80)
            return false;
    }
    return digit || !c.len;
}

static size_t put_utf8(char *out, unsigned long c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3f));
        out[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3f));
    out[2] = (char)(0x80 | (c >> 6 & 0x3f));
    out[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

/* The character that "&name;" of n bytes stands for; 0 for none that is known. */
static unsigned long entity(const char *t, size_t n)
{
    static const struct {
        const char *name;
        unsigned long c;
    } known[] = {
        {"&amp;", '&'},  {"&lt;", '<'},    {"&gt;", '>'},
        {"&quot;", '"'}, {"&apos;", '\''}, {"&nbsp;", 0xa0},
    };
    unsigned long c = 0;
    bool hex;

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strlen(known[i].name) == n && memcmp(known[i].name, t, n) == 0)
            return known[i].c;
    if (n < 4 || t[1] != '#')
        return 0;
    hex = t[2] == 'x' || t[2] == 'X';
    for (size_t i = hex ? 3 : 2; i + 1 < n; i++) {
        int digit = t[i] >= '0' && t[i] <= '9'          ? t[i] - '0'
                    : hex && t[i] >= 'a' && t[i] <= 'f' ? t[i] - 'a' + 10
                    : hex && t[i] >= 'A' && t[i] <= 'F' ? t[i] - 'A' + 10
                                                        : -1;

        if (digit < 0 || c > 0x10ffff)
            return 0;
        c = c * (hex ? 16 : 10) + (unsigned long)digit;
    }
    if (c < 0x20 ? c != '\n' && c != '\t' : c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        return 0;
    return c;
}

size_t cell_decode_entities(char *text, size_t len)
{
    size_t out = 0;

    for (size_t i = 0; i < len;) {
        const char *end =
            text[i] == '&' ? memchr(text + i, ';', len - i < 12 ? len - i : 12) : NULL;
        size_t n = end ? (size_t)(end - (text + i)) + 1 : 0;
        unsigned long c = n ? entity(text + i, n) : 0;

        if (c) { /* never longer than what it stood as */
            out += put_utf8(text + out, c);
            i += n;
        } else {
            text[out++] = text[i++];
        }
    }
    return out;
}

bool kept_row_copy(struct kept_row *k, const struct csv_row *row)
{
    k->line = row->line;
    k->n = 0;
    k->cell = calloc((size_t)row->n + 1, sizeof *k->cell);
    for (int i = 0; k->cell && i < row->n; i++) {
        k->cell[i] = strndup(row->cells[i].text, row->cells[i].len);
        if (!k->cell[i])
            break;
        k->n = i + 1;
    }
    if (k->cell && k->n == row->n)
        return true;
    kept_row_clear(k);
    return false;
}

void kept_row_clear(struct kept_row *k)
{
    for (int i = 0; i < k->n; i++)
        free(k->cell[i]);
    free(k->cell);
    k->cell = NULL;
    k->n = 0;
}
