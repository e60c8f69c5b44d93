/*
 * The answers as pictures: each carries its title, units, source, days and sentence, so that it can
 * be sent on alone. Below 100 kB, whatever is in it: what is too much is thinned out, and said.
 */
#pragma once
#include "answer/cadence.h"
#include "answer/lift.h"
#include "answer/outliers.h"
#include "answer/ticks.h"
#include "answer/types.h"
#include "render/svg.h"

/* The daily series with what would have been expected, the start, posts by type, notes. */
void chart_of_lift(struct lift_answer *a, const struct ticks *ticks, struct svg_look look,
                   struct buf *out);
/* Pleases or moves: each type's engagement beside its traffic, with intervals. */
void chart_of_types(const struct types_question *q, struct types_answer *a, struct svg_look look,
                    struct buf *out);
/* Posts as dots on a log scale, with their median; those that stand out are links. */
void chart_of_posts(const struct outliers_question *q, struct outliers_answer *a,
                    struct svg_look look, struct buf *out);
/* Weekday by hour, and a calendar of days. */
void chart_of_cadence(struct cadence_answer *a, struct svg_look look, struct buf *out);
/* A picture that only says something: why there is none. */
void chart_of_words(const char *title, const char *words, struct svg_look look, struct buf *out);
