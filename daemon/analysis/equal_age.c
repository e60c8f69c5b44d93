#include "analysis/equal_age.h"

#include <math.h>

enum age_result equal_age(const struct age_reading *r, size_t n, double age_hours, double *value,
                          bool *falls)
{
    double last_age = 0, last = 0, at = log1p(age_hours);

    for (size_t i = 0; i < n; i++) {
        double now = r[i].value;

        if (i && now < last) {
            *falls = true;
            now = last;
        }
        if (r[i].age_hours >= age_hours) {
            double here = log1p(r[i].age_hours), before = log1p(last_age);

            if (r[i].age_hours <= age_hours) {
                *value = now;
                return AGE_READ;
            }
            if (i) {
                *value = last + (now - last) * (at - before) / (here - before);
                return AGE_READ;
            }
            if (r[i].age_hours > AGE_LATE_MAX * age_hours)
                return AGE_TOO_LATE;
            *value = now * at / here;
            return AGE_EXTRAPOLATED;
        }
        last = now;
        last_age = r[i].age_hours;
    }
    return AGE_TOO_YOUNG;
}
