#include "analysis/design.h"
#include "analysis/random.h"

#include <string.h>

enum { WEEK = 7, BLOCK_WEEKS = 8 };

const char *const design_names[DESIGN_COUNT] = {"step", "coin-weeks", "pairs-of-weeks",
                                                "coin-days"};

int design_days_min(enum design design)
{
    return design == DESIGN_COIN_WEEKS || design == DESIGN_PAIRS ? 14 : 7;
}

enum design design_of(const char *name)
{
    int i = 0;

    while (i < DESIGN_COUNT && strcmp(design_names[i], name) != 0)
        i++;
    return (enum design)i;
}

static void set(unsigned char *day, int on)
{
    if (*day != DRAWN_OUT)
        *day = on ? DRAWN_ON : DRAWN_OFF;
}

static void set_week(int week, int n, unsigned char *days, int on)
{
    for (int t = week * WEEK; t < n && t < (week + 1) * WEEK; t++)
        set(&days[t], on);
}

/* Of each block of weeks half, by lot; of an odd one a coin decides on the half. */
static void draw_weeks(uint64_t *state, int block, int n, unsigned char *days)
{
    int weeks = (n + WEEK - 1) / WEEK;

    for (int first = 0; first < weeks; first += block) {
        int size = weeks - first < block ? weeks - first : block, order[BLOCK_WEEKS], half;

        half = size / 2 + (size % 2 ? (int)random_below(state, 2) : 0);
        for (int i = 0; i < size; i++)
            order[i] = i;
        for (int i = 0; i < half; i++) {
            int other = i + (int)random_below(state, (uint32_t)(size - i)), w = order[other];

            order[other] = order[i];
            order[i] = w;
        }
        for (int i = 0; i < size; i++)
            set_week(first + order[i], n, days, i < half);
    }
}

/* The coins are thrown in the order of the days, so that more days change none before. */
static void draw_days(uint64_t *state, int weekday0, int n, unsigned char *days)
{
    int pending[WEEK] = {0}; /* 1: the second of a pair is off; 2: it is on */

    for (int t = 0; t < n; t++) {
        int *p = &pending[(weekday0 + t) % WEEK];

        if (days[t] == DRAWN_OUT)
            continue;
        if (*p) {
            set(&days[t], *p == 2);
            *p = 0;
        } else {
            set(&days[t], random_next(state) >> 63 != 0);
            *p = days[t] == DRAWN_ON ? 1 : 2;
        }
    }
}

void design_draw(enum design design, uint64_t seed, int weekday0, int n, unsigned char *days)
{
    uint64_t state = seed;

    switch (design) {
    case DESIGN_STEP:
        for (int t = 0; t < n; t++)
            set(&days[t], 1);
        break;
    case DESIGN_COIN_WEEKS: draw_weeks(&state, BLOCK_WEEKS, n, days); break;
    case DESIGN_PAIRS: draw_weeks(&state, 2, n, days); break;
    case DESIGN_COIN_DAYS: draw_days(&state, weekday0, n, days); break;
    case DESIGN_COUNT: break;
    }
}
