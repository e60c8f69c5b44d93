/* Reading the test vectors, which were computed with other software (tests/data/vectors/README). */
#pragma once
#include "unit.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static inline json_t *vectors(const char *name)
{
    const char *src = getenv("SRCDIR");
    char path[512];
    json_t *v;

    snprintf(path, sizeof path, "%s/tests/data/vectors/%s.json", src ? src : ".", name);
    v = json_load_file(path, JSON_DECODE_INT_AS_REAL, NULL);
    ck_assert_msg(v != NULL, "%s cannot be read", path);
    return v;
}

/* A member by a path such as "input.y". */
static inline json_t *member(json_t *o, const char *path)
{
    char part[64];

    while (*path) {
        size_t n = strcspn(path, ".");

        snprintf(part, sizeof part, "%.*s", (int)n, path);
        o = json_object_get(o, part);
        ck_assert_msg(o != NULL, "the vectors have no %s", part);
        path += n + (path[n] == '.');
    }
    return o;
}

static inline double real(json_t *o, const char *path)
{
    json_t *v = member(o, path);

    return json_is_null(v) ? NAN : json_number_value(v);
}

static inline int whole(json_t *o, const char *path)
{
    return (int)real(o, path);
}

/* A list of numbers, null as NAN; the caller frees it. */
static inline double *reals(json_t *o, const char *path, int *n)
{
    json_t *list = member(o, path);
    double *v;

    *n = (int)json_array_size(list);
    v = malloc(((size_t)*n + 1) * sizeof *v);
    ck_assert_ptr_nonnull(v);
    for (int i = 0; i < *n; i++) {
        json_t *item = json_array_get(list, (size_t)i);

        v[i] = json_is_null(item) ? NAN : json_number_value(item);
    }
    return v;
}

#define NEAR_BY(got, want, tolerance) \
    do { \
        double got_ = (got), want_ = (want); \
        ck_assert_msg(fabs(got_ - want_) <= (tolerance), #got " is %.15g, not %.15g", got_, \
                      want_); \
    } while (0)
#define NEAR(got, want) NEAR_BY(got, want, 1e-9)
