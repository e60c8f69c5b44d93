/*
 * The parameters of a question, read once: names and values of the address in,
 * typed values out. An unknown name, a name given twice or a value out of range
 * is a failure in words: a misspelt parameter must not answer another question.
 */
#pragma once
#include "base/fail.h"
#include "record/filter.h"

#include <stdbool.h>
#include <stdint.h>

/* The parameters as they came, decoded. Borrowed. */
struct params {
    int n;
    const char *const *name, *const *value;
};

/* The value of a parameter, or NULL. */
const char *params_get(const struct params *p, const char *name);
/* FAIL_UNPROCESSABLE unless every name is in `known` (NULL-ended), or is a filter's when filters is
 * set
 * ("a." and "b." before it too when groups is set), and only filters repeat. */
bool params_check(const struct params *p, const char *const *known, bool filters, bool groups,
                  struct fail *f);
/* Each leaves *value alone when the parameter is not there. */
bool params_day(const struct params *p, const char *name, int32_t *value, struct fail *f);
bool params_int(const struct params *p, const char *name, int64_t min, int64_t max, int64_t *value,
                struct fail *f);
bool params_flag(const struct params *p, const char *name, bool *value, struct fail *f);
/* A number of days: "90", "90d" or "13w". */
bool params_days(const struct params *p, const char *name, int64_t min, int64_t max, int64_t *value,
                 struct fail *f);
bool params_real(const struct params *p, const char *name, double min, double max, double *value,
                 struct fail *f);
/* "metric" of the website's traffic; sessions unless given. */
bool params_traffic_metric(const struct params *p, int *metric, struct fail *f);
/* Adds all filters whose name begins with prefix ("", "a.", "b."). */
bool params_filter(const struct params *p, const char *prefix, struct filter *filter,
                   struct fail *f);
/* Whether any filter with this prefix is given. */
bool params_has_filter(const struct params *p, const char *prefix);
