#include "ingest/timefmt.h"
#include "base/day.h"

#include <string.h>
#include <strings.h>

static bool number(const char **t, const char *end, int max_digits, int *value)
{
    int n = 0, v = 0;

    while (*t < end && n < max_digits && **t >= '0' && **t <= '9') {
        v = v * 10 + (**t - '0');
        (*t)++;
        n++;
    }
    *value = v;
    return n > 0;
}

static bool is_separator(char c)
{
    return c == '/' || c == '-';
}

static bool month_name(const char **t, const char *end, int *month)
{
    static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";
    const char *start = *t;

    while (*t < end && ((**t >= 'a' && **t <= 'z') || (**t >= 'A' && **t <= 'Z')))
        (*t)++;
    if (*t - start < 3)
        return false;
    for (int i = 0; i < 12; i++)
        if (strncasecmp(start, names + i * 3, 3) == 0) {
            *month = i + 1;
            return true;
        }
    return false;
}

/* False for a word that begins like no weekday. */
static bool weekday_name(const char *t, int *weekday)
{
    static const char names[] = "montuewedthufrisatsun";

    for (int i = 0; i < 7; i++)
        if (strncasecmp(t, names + i * 3, 3) == 0) {
            *weekday = i;
            return true;
        }
    return false;
}

struct parts {
    int year, month, day, hour, minute, second;
    int pm; /* -1: no am or pm */
    bool has_offset;
    int offset_minutes;
    int weekday; /* 0: Monday; -1: none said */
};

/* One token of the format at *f against the text at *t. */
static bool token(const char **f, const char **t, const char *end, struct parts *p)
{
    const char *start = *t;

    if (strncmp(*f, "YYYY", 4) == 0) {
        *f += 4;
        return number(t, end, 4, &p->year) && *t - start == 4;
    }
    if (strncmp(*f, "YY", 2) == 0) {
        *f += 2;
        if (!number(t, end, 2, &p->year) || *t - start != 2)
            return false;
        p->year += p->year < 70 ? 2000 : 1900;
        return true;
    }
    if (strncmp(*f, "Mon", 3) == 0) {
        *f += 3;
        return month_name(t, end, &p->month);
    }
    if (strncmp(*f, "Www", 3) == 0) {
        *f += 3;
        while (*t < end && ((**t >= 'a' && **t <= 'z') || (**t >= 'A' && **t <= 'Z')))
            (*t)++;
        return *t - start >= 3 && weekday_name(start, &p->weekday);
    }
    if (strncmp(*f, "MM", 2) == 0)
        return *f += 2, number(t, end, 2, &p->month);
    if (strncmp(*f, "DD", 2) == 0)
        return *f += 2, number(t, end, 2, &p->day);
    if (strncmp(*f, "HH", 2) == 0)
        return *f += 2, number(t, end, 2, &p->hour) && p->hour < 24;
    if (strncmp(*f, "hh", 2) == 0)
        return *f += 2, number(t, end, 2, &p->hour) && p->hour >= 1 && p->hour <= 12;
    if (strncmp(*f, "mm", 2) == 0)
        return *f += 2, number(t, end, 2, &p->minute) && *t - start == 2 && p->minute < 60;
    if (strncmp(*f, "ss", 2) == 0)
        return *f += 2, number(t, end, 2, &p->second) && *t - start == 2 && p->second < 61;
    if (**f == 'A') {
        (*f)++;
        if (end - *t < 2 || ((*t)[1] != 'm' && (*t)[1] != 'M'))
            return false;
        p->pm = **t == 'p' || **t == 'P';
        if (!p->pm && **t != 'a' && **t != 'A')
            return false;
        *t += 2;
        return true;
    }
    if (**f == 'Z') {
        int sign, hours, minutes;

        (*f)++;
        p->has_offset = true;
        if (*t < end && (**t == 'Z' || **t == 'z')) {
            (*t)++;
            return true;
        }
        if (end - *t < 5 || (**t != '+' && **t != '-'))
            return false;
        sign = **t == '+' ? 1 : -1;
        (*t)++;
        if (!number(t, end, 2, &hours))
            return false;
        if (*t < end && **t == ':')
            (*t)++;
        if (!number(t, end, 2, &minutes))
            return false;
        p->offset_minutes = sign * (hours * 60 + minutes);
        return true;
    }
    if (**f == ' ') {
        (*f)++;
        while (*t < end && **t == ' ')
            (*t)++;
        return *t > start;
    }
    if (*t >= end)
        return false;
    if (**f == **t || (is_separator(**f) && is_separator(**t))) {
        (*f)++;
        (*t)++;
        return true;
    }
    return false;
}

bool timefmt_parse(const char *format, const char *text, size_t len, int64_t *wall_ms,
                   bool *has_offset, int64_t *offset_ms)
{
    struct parts p = {.day = 1, .month = 1, .pm = -1, .weekday = -1};
    const char *t = text, *end = text + len, *f = format;
    int32_t day;

    while (*f) {
        if (*f == '[') { /* all of the bracket, or none of it */
            const char *close = strchr(f, ']');
            const char *mark = t;
            bool fits = true;

            f++;
            while (fits && f < close)
                fits = token(&f, &t, end, &p);
            if (!fits)
                t = mark;
            f = close + 1;
            continue;
        }
        if (!token(&f, &t, end, &p))
            return false;
    }
    if (t != end)
        return false;
    if (p.pm >= 0)
        p.hour = p.hour % 12 + (p.pm ? 12 : 0);
    day = day_from_civil(p.year, p.month, p.day);
    if (day == DAY_NONE || (p.weekday >= 0 && p.weekday != day_weekday(day)))
        return false; /* a weekday that is not the date's: one of the two is damaged */
    *wall_ms = day * MS_PER_DAY +
               ((p.hour * 60 + p.minute) * 60 + (p.second > 59 ? 59 : p.second)) * 1000ll;
    *has_offset = p.has_offset;
    *offset_ms = p.offset_minutes * 60000ll;
    return true;
}

char timefmt_order(const char *format)
{
    const char *day = strstr(format, "DD"), *month = strstr(format, "MM");
    const char *year = strstr(format, "YY");

    if (!month || !day)
        return 0;
    if (year && year < month && year < day)
        return 'y';
    return day < month ? 'd' : 'm';
}

bool timefmt_has_year(const char *format)
{
    return strstr(format, "YY") != NULL;
}

bool timefmt_has_hour(const char *format)
{
    return strstr(format, "HH") != NULL || strstr(format, "hh") != NULL;
}
