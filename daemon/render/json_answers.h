/* Answers → JSON (see render/json.h). Figures that were not concluded are left out, never null or
 * 0. */
#pragma once
#include "answer/cadence.h"
#include "answer/groups.h"
#include "answer/lift.h"
#include "answer/outliers.h"
#include "answer/types.h"
#include "render/json.h"

json_t *json_of_lift(struct lift_answer *a, const char *timezone, int64_t revision);
json_t *json_of_compare(const struct compare_question *q, struct compare_answer *a,
                        const char *timezone, int64_t revision);
json_t *json_of_types(const struct types_question *q, struct types_answer *a, const char *timezone,
                      int64_t revision);
json_t *json_of_outliers(const struct outliers_question *q, struct outliers_answer *a,
                         const char *timezone, int64_t revision);
json_t *json_of_cadence(const struct cadence_question *q, struct cadence_answer *a,
                        const char *timezone, int64_t revision);
/* The notes of an answer, each with its effect. */
json_t *json_of_dated(const struct dated *d);
/* A list of {code, detail}. */
json_t *json_of_warnings(const struct warnings *w);
/* What all answers end with: warnings, method, revision. */
void json_put_ending(json_t **o, const struct warnings *w, const char *method, int64_t revision);
/* Whole as far as it is one and exact. */
json_t *json_total(double v);
/* A real; nothing at all when it is no number. */
void json_put_real(json_t **o, const char *name, double v);
