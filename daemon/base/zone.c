#include "base/zone.h"
#include "base/day.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

struct zone {
    GTimeZone *tz; /* NULL for UTC, which needs no table */
};

struct zone *zone_open(const char *name)
{
    struct zone *z = calloc(1, sizeof *z);

    if (!z)
        return NULL;
    if (strcmp(name, "UTC") == 0)
        return z;
    /* g_time_zone_new_identifier() takes "+05" and POSIX rules too: names only. */
    if (name[0] == 0 ||
        strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                     "0123456789_+-/") != strlen(name) ||
        !g_ascii_isalpha(name[0]) || strstr(name, "//"))
        goto fail;
    z->tz = g_time_zone_new_identifier(name);
    if (!z->tz)
        goto fail;
    return z;
fail:
    free(z);
    return NULL;
}

void zone_close(struct zone *z)
{
    if (!z)
        return;
    if (z->tz)
        g_time_zone_unref(z->tz);
    free(z);
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static int64_t offset_ms(struct zone *z, int64_t at_ms)
{
    int i;

    if (!z->tz)
        return 0;
    i = g_time_zone_find_interval(z->tz, G_TIME_TYPE_UNIVERSAL, floor_div(at_ms, 1000));
    return (int64_t)g_time_zone_get_offset(z->tz, i) * 1000;
}

int32_t zone_day(struct zone *z, int64_t at_ms)
{
    return (int32_t)floor_div(at_ms + offset_ms(z, at_ms), MS_PER_DAY);
}

int zone_hour(struct zone *z, int64_t at_ms)
{
    int64_t wall = at_ms + offset_ms(z, at_ms);

    return (int)((wall - floor_div(wall, MS_PER_DAY) * MS_PER_DAY) / 3600000);
}

int64_t zone_instant_ms(struct zone *z, int64_t wall_ms, bool *repeated)
{
    int64_t early, late;

    if (repeated)
        *repeated = false;
    if (!z->tz)
        return wall_ms;
    /* The offsets a day before and after bracket any one change between them. */
    early = wall_ms - offset_ms(z, wall_ms - MS_PER_DAY);
    late = wall_ms - offset_ms(z, wall_ms + MS_PER_DAY);
    if (early != late) {
        bool early_fits = early + offset_ms(z, early) == wall_ms;
        bool late_fits = late + offset_ms(z, late) == wall_ms;

        if (early_fits && late_fits) {
            if (repeated)
                *repeated = true;
            return early < late ? early : late;
        }
        return late_fits ? late : early;
    }
    return early;
}

int64_t zone_day_start_ms(struct zone *z, int32_t day)
{
    return zone_instant_ms(z, (int64_t)day * MS_PER_DAY, NULL);
}
