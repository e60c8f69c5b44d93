#include "render/csv_out.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const json_t *at_path(const json_t *row, const char *path)
{
    while (row && *path && *path != '=') {
        char name[64];
        size_t n = strcspn(path, ".=");

        snprintf(name, sizeof name, "%.*s", (int)n, path);
        row = json_is_array(row) ? json_array_get(row, (size_t)strtoul(name, NULL, 10))
                                 : json_object_get(row, name);
        path += n + (path[n] == '.');
    }
    return row;
}

static bool is_number(const char *text)
{
    size_t n = strspn(text + (*text == '-' || *text == '+'), "0123456789.");

    return n > 0 && text[n + (*text == '-' || *text == '+')] == 0;
}

/* Text; "=1+1" becomes "'=1+1": a spreadsheet must not run what somebody posted. */
static bool text_cell(struct buf *out, const char *text)
{
    bool escaped = *text == '\'' && text[1] && strchr("'=+-@\t\r", text[1]); /* looks like ours */
    bool risky = escaped ||
                 (*text && strchr("=+-@\t\r", *text) && !is_number(text) && strcmp(text, "-") != 0);
    bool quoted = strpbrk(text, ",\"\r\n") != NULL;

    if (quoted)
        buf_putc(out, '"');
    if (risky)
        buf_putc(out, '\'');
    for (; *text; text++) {
        if (*text == '"')
            buf_putc(out, '"');
        buf_putc(out, *text);
    }
    return quoted ? buf_putc(out, '"') : !out->over;
}

static bool list_cell(struct buf *out, const json_t *list)
{
    struct buf joined;
    size_t i;
    json_t *item;
    bool ok;

    buf_init(&joined, out->max);
    json_array_foreach(list, i, item)
    {
        if (i)
            buf_putc(&joined, ' ');
        buf_puts(&joined, json_string_value(item) ? json_string_value(item) : "");
    }
    ok = text_cell(out, buf_text(&joined)) && !joined.over;
    buf_clear(&joined);
    return ok;
}

static bool cell(struct buf *out, const json_t *value)
{
    if (!value)
        return true;
    switch (json_typeof(value)) {
    case JSON_STRING: return text_cell(out, json_string_value(value));
    case JSON_INTEGER: return buf_printf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    case JSON_REAL: return buf_printf(out, "%.6g", json_real_value(value));
    case JSON_TRUE: return buf_puts(out, "true");
    case JSON_FALSE: return buf_puts(out, "false");
    case JSON_ARRAY: return list_cell(out, value);
    case JSON_OBJECT:
    case JSON_NULL: return true;
    }
    return true;
}

bool csv_out(struct buf *out, const json_t *rows, const char *const *columns, bool bom)
{
    size_t i;
    json_t *row;

    if (bom)
        buf_puts(out, "\xef\xbb\xbf");
    for (int c = 0; columns[c]; c++) {
        const char *heading = strchr(columns[c], '=');

        buf_printf(out, "%s%s", c ? "," : "", heading ? heading + 1 : columns[c]);
    }
    buf_puts(out, "\r\n");
    json_array_foreach(rows, i, row)
    {
        for (int c = 0; columns[c]; c++) {
            if (c)
                buf_putc(out, ',');
            cell(out, at_path(row, columns[c]));
        }
        if (!buf_puts(out, "\r\n"))
            return false;
    }
    return !out->over;
}
