/* A plan as JSON, as a calendar for calendar programs, and as a page that can be printed. */
#pragma once
#include "answer/planning.h"
#include "render/json_answers.h"

json_t *json_of_plan(const struct plan_answer *a, const char *timezone, int64_t revision);
void ical_of_plan(const struct plan_answer *a, struct buf *out);
void page_of_plan(const struct plan_answer *a, struct buf *out);
/* The days of a draw, as rows: date, weekday, post (null: left out). */
json_t *json_of_drawn(int32_t from, int n, const unsigned char *drawn);
