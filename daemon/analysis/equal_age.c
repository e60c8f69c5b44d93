#include "analysis/equal_age.h"

#include <math.h>

enum age_result equal_age(const struct age_reading *r, size_t n, double age_hours, double *value,
                          bool *falls)
{
    double last_age = 0, last = 0;

    for (size_t i = 0; i < n; i++) {
        double now = r[i].value, at, before;

        if (i && now < last) {
            *falls = true;
            now = last;
        }
        if (r[i].age_hours < age_hours) {
            last = now;
            last_age = r[i].age_hours;
            continue;
        }
        if (r[i].age_hours <= age_hours) {
            *value = now;
            return AGE_READ;
        }
        if (i) {
            at = log1p(age_hours);
            before = log1p(last_age);
            *value = last + (now - last) * (at - before) / (log1p(r[i].age_hours) - before);
            return AGE_READ;
        }
        if (r[i].age_hours > AGE_LATE_MAX * age_hours)
            return AGE_TOO_LATE;
        *value = now * log1p(age_hours) / log1p(r[i].age_hours);
        return AGE_EXTRAPOLATED;
    }
    return AGE_TOO_YOUNG;
}
