/*
 * What a post had at a given age, so that old and young posts can be compared: the
 * running maximum of its readings, linear in value against ln(1 + age) between the
 * two that enclose the age. Pure.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* A first reading that came late serves up to this many times the age, pro rata. */
#define AGE_LATE_MAX 1.25

struct age_reading {
    double age_hours, value; /* age from 0 */
};
enum age_result {
    AGE_READ,
    AGE_EXTRAPOLATED, /* from a first reading after the age, by at most a quarter of it */
    AGE_TOO_YOUNG,    /* the last reading came before the age */
    AGE_TOO_LATE,     /* the first reading came too long after it */
};
/* r: n >= 1 readings by rising age. *falls: a later reading was lower than an earlier one. */
enum age_result equal_age(const struct age_reading *r, size_t n, double age_hours, double *value,
                          bool *falls);
