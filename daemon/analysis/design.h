/*
 * Designs of an experiment: on which days something is posted. A step can hardly be told from ebb
 * and flow; days drawn by coin can, because the days between are their own comparison.
 *
 *   step            every day from the start on
 *   coin-weeks      whole weeks from the start, half of every eight of them by lot
 *   pairs-of-weeks  of every two weeks one, by coin
 *   coin-days       half of the days by coin: of every two Mondays one, of every two Tuesdays one,
 *                   and so on, so that the weekdays are balanced
 *
 * The same seed draws the same days. Days that are left out are no part of the draw. Pure.
 */
#pragma once
#include <stdint.h>

enum design { DESIGN_STEP, DESIGN_COIN_WEEKS, DESIGN_PAIRS, DESIGN_COIN_DAYS, DESIGN_COUNT };
extern const char *const design_names[DESIGN_COUNT];
/* The design of that name, or DESIGN_COUNT. */
enum design design_of(const char *name);

/*
 * The least days with posts, and the least without, that a draw is judged by: of days a week of
 * each, of weeks two of each, because a single week on is a step like any other.
 */
int design_days_min(enum design design);

enum { DRAWN_OFF, DRAWN_ON, DRAWN_OUT };

/*
 * days: n of them, the first of weekday0 (0: Monday); DRAWN_OUT where a day is left out, and
 * whatever else before. Fills in DRAWN_ON and DRAWN_OFF.
 */
void design_draw(enum design design, uint64_t seed, int weekday0, int n, unsigned char *days);
