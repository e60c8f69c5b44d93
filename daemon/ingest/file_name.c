/*
 * What a file's name says: "tweet_activity_metrics_{account}_{from YYYYMMDD}_{to YYYYMMDD}_{*}".
 * {*} is anything, a format takes the letters and digits that it needs; a browser's " (1)",
 * ".gz" and the ending do not matter.
 */
#include "base/day.h"
#include "ingest/profile_parts.h"
#include "ingest/timefmt.h"

#include <stdio.h>
#include <string.h>

enum { NAME_STEPS_MAX = 20000 }; /* of trying, for patterns with several {*} */

struct matching {
    struct file_facts *facts;
    int steps;
};

static bool day_of(const char *format, const char *text, size_t len, int32_t *day)
{
    int64_t wall, offset;
    bool has_offset;

    if (!timefmt_parse(format, text, len, &wall, &has_offset, &offset))
        return false;
    *day = (int32_t)(wall / MS_PER_DAY - (wall % MS_PER_DAY < 0));
    return true;
}

/* The token "{...}" of n bytes against the first `len` bytes of text. */
static bool token_takes(struct matching *m, const char *token, size_t n, const char *text,
                        size_t len)
{
    char format[40];
    int32_t *day = NULL;
    size_t skip;

    if (n == 3 && token[1] == '*')
        return true;
    if (n == 9 && strncmp(token, "{account}", 9) == 0) {
        if (!len || len > NAME_MAX_BYTES)
            return false;
        snprintf(m->facts->account, sizeof m->facts->account, "%.*s", (int)len, text);
        return true;
    }
    if (strncmp(token, "{from ", 6) == 0)
        day = &m->facts->from;
    else if (strncmp(token, "{to ", 4) == 0)
        day = &m->facts->to;
    if (!day)
        return false;
    skip = day == &m->facts->from ? 6 : 4;
    if (n - skip - 1 >= sizeof format)
        return false;
    snprintf(format, sizeof format, "%.*s", (int)(n - skip - 1), token + skip);
    return day_of(format, text, len, day);
}

static bool matches(struct matching *m, const char *pattern, const char *text)
{
    size_t n;

    if (++m->steps > NAME_STEPS_MAX)
        return false;
    if (!*pattern)
        return !*text;
    if (*pattern != '{')
        return *pattern == *text && matches(m, pattern + 1, text + 1);
    n = strcspn(pattern, "}") + 1;
    for (size_t len = 0; len <= strlen(text); len++)
        if (token_takes(m, pattern, n, text, len) && matches(m, pattern + n, text + len))
            return true;
    return false;
}

/* Without folder, ".gz", ending and " (1)". */
static void bare_name(const char *name, char *out, size_t size)
{
    const char *slash = strrchr(name, '/');
    char *dot, *open;
    size_t n;

    snprintf(out, size, "%s", slash ? slash + 1 : name);
    n = strlen(out);
    if (n > 3 && strcmp(out + n - 3, ".gz") == 0)
        out[n - 3] = 0;
    dot = strrchr(out, '.');
    if (dot && dot != out)
        *dot = 0;
    open = strrchr(out, '(');
    n = strlen(out);
    if (open && n && out[n - 1] == ')' &&
        strspn(open + 1, "0123456789") == n - (size_t)(open - out) - 2) {
        *open = 0;
        n = strlen(out);
        while (n && out[n - 1] == ' ')
            out[--n] = 0;
    }
}

bool file_name_read(const struct words *patterns, const char *name, struct file_facts *facts)
{
    char bare[256];

    *facts = (struct file_facts){"", DAY_NONE, DAY_NONE};
    if (!name || !*name)
        return false;
    bare_name(name, bare, sizeof bare);
    for (int i = 0; i < patterns->n; i++) {
        struct matching m = {facts, 0};

        if (matches(&m, patterns->item[i], bare) &&
            (facts->from == DAY_NONE || facts->to == DAY_NONE || facts->from <= facts->to))
            return true;
        *facts = (struct file_facts){"", DAY_NONE, DAY_NONE};
    }
    return false;
}
