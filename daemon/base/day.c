#include "base/day.h"

#include <stdio.h>

int32_t day_from_civil(int y, int m, int d)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    int era, yoe, doy, doe;

    if (y < 1900 || y > 2199 || m < 1 || m > 12 || d < 1 ||
        d > lengths[m - 1] + (m == 2 && leap ? 1 : 0))
        return DAY_NONE;
    y -= m <= 2;
    era = y / 400;
    yoe = y - era * 400;
    doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + doe - 719468;
}

void day_to_civil(int32_t day, int *year, int *month, int *dom)
{
    int z = day + 719468;
    int era = (z >= 0 ? z : z - 146096) / 146097;
    int doe = z - era * 146097;
    int yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int mp = (5 * doy + 2) / 153;

    *dom = doy - (153 * mp + 2) / 5 + 1;
    *month = mp + (mp < 10 ? 3 : -9);
    *year = yoe + era * 400 + (*month <= 2);
}

int32_t day_parse(const char *t, size_t len)
{
    static const char shape[] = "dddd-dd-dd";
    int n[10];

    if (len != 10)
        return DAY_NONE;
    for (int i = 0; i < 10; i++) {
        if (shape[i] == '-' ? t[i] != '-' : (t[i] < '0' || t[i] > '9'))
            return DAY_NONE;
        n[i] = t[i] - '0';
    }
    return day_from_civil(n[0] * 1000 + n[1] * 100 + n[2] * 10 + n[3], n[5] * 10 + n[6],
                          n[8] * 10 + n[9]);
}

/* So many digits of v, zeros before them, and a byte after them; by hand, since each row of an
 * answer and each entry of a log has some. Returns where that byte ends. */
static char *digits(char *out, unsigned v, int n, char then)
{
    for (int i = n; i-- > 0; v /= 10)
        out[i] = (char)('0' + v % 10);
    out[n] = then;
    return out + n + 1;
}

char *day_format(int32_t day, char text[DAY_TEXT])
{
    int y, m, d;

    day_to_civil(day, &y, &m, &d);
    digits(digits(digits(text, (unsigned)y, 4, '-'), (unsigned)m, 2, '-'), (unsigned)d, 2, 0);
    return text;
}

int day_weekday(int32_t day)
{
    int w = (day + 3) % 7; /* 1970-01-01 was a Thursday */

    return w < 0 ? w + 7 : w;
}

char *time_format(int64_t at_ms, char text[TIME_TEXT])
{
    int64_t day = at_ms / MS_PER_DAY;
    int64_t ms = at_ms % MS_PER_DAY;
    unsigned s, rest;
    char *at = text + DAY_TEXT;

    if (ms < 0) {
        ms += MS_PER_DAY;
        day--;
    }
    day_format((int32_t)day, text);
    at[-1] = 'T';
    s = (unsigned)(ms / 1000);
    rest = (unsigned)(ms % 1000);
    at = digits(at, s / 3600, 2, ':');
    at = digits(at, s / 60 % 60, 2, ':');
    at = digits(at, s % 60, 2, rest ? '.' : 'Z');
    if (rest)
        at = digits(at, rest, 3, 'Z');
    *at = 0;
    return text;
}
