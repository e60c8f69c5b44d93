#include "answer/verdict.h"
#include "analysis/sequential.h"

#include <math.h>

const char *const verdict_names[VERDICT_COUNT] = {
    "insufficient-data", "cannot-tell", "flat", "up", "down", "weak-up", "weak-down",
};

enum verdict verdict_of(double p, double effect, double low90, double high90, double margin,
                        bool coarse)
{
    double reach = log1p(margin);

    if (p < PEEK_LINE)
        return effect > 0 ? VERDICT_UP : VERDICT_DOWN;
    if (p < VERDICT_WEAK_P)
        return effect > 0 ? VERDICT_WEAK_UP : VERDICT_WEAK_DOWN;
    if (!coarse && low90 > -reach && high90 < reach)
        return VERDICT_FLAT;
    return VERDICT_CANNOT_TELL;
}
