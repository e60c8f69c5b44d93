#include "base/clock.h"
#include "base/day.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *clock_file; /* set before any other thread starts */
static _Atomic int64_t last_read;

static bool read_file(int64_t *at_ms)
{
    char text[64] = "", *end;
    FILE *in = fopen(clock_file, "re");
    int h = 0, m = 0, s = 0;
    int32_t day;

    if (!in)
        return false;
    if (!fgets(text, sizeof text, in))
        text[0] = 0;
    fclose(in);
    text[strcspn(text, "\r\n")] = 0;
    *at_ms = strtoll(text, &end, 10);
    if (text[0] && !*end)
        return *at_ms > 0;
    day = day_parse(text, strlen(text) < 10 ? strlen(text) : 10);
    if (day == DAY_NONE || (text[10] && sscanf(text + 10, "T%2d:%2d:%2dZ", &h, &m, &s) != 3))
        return false;
    *at_ms = day * MS_PER_DAY + ((h * 60ll + m) * 60 + s) * 1000;
    return true;
}

bool clock_use_file(const char *path)
{
    int64_t at_ms;

    clock_file = path;
    if (!read_file(&at_ms))
        return false;
    atomic_store(&last_read, at_ms);
    return true;
}

static int64_t ms_of(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t clock_now_ms(void)
{
    int64_t at_ms;

    if (clock_file) {
        if (read_file(&at_ms))
            atomic_store(&last_read, at_ms);
        return atomic_load(&last_read);
    }
    return ms_of(CLOCK_REALTIME);
}

int64_t clock_steady_ms(void)
{
    return ms_of(CLOCK_MONOTONIC);
}

int64_t clock_tick_ms(void)
{
    return ms_of(CLOCK_MONOTONIC_COARSE);
}
