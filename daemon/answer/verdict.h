/* The verdicts: a small fixed set of words. */
#pragma once
#include <stdbool.h>

enum verdict {
    VERDICT_INSUFFICIENT_DATA,
    VERDICT_CANNOT_TELL,
    VERDICT_FLAT,
    VERDICT_UP,
    VERDICT_DOWN,
    VERDICT_WEAK_UP,
    VERDICT_WEAK_DOWN,
    VERDICT_COUNT
};
extern const char *const verdict_names[VERDICT_COUNT];

#define VERDICT_WEAK_P 0.05
#define MARGIN_DEFAULT 0.20

/*
 * p below PEEK_LINE: up or down by the sign of the effect. Below VERDICT_WEAK_P: weakly so, it
 * would count if this were the only look. Else flat when the 90 % interval lies within the margin
 * either way; else it cannot be told: a large p is no proof of "no effect". effect, low90, high90:
 * on the log scale. margin: relative, such as .20.
 */
/* coarse: counts so low that the log scale flattens differences; then nothing is called flat. */
enum verdict verdict_of(double p, double effect, double low90, double high90, double margin,
                        bool coarse);
