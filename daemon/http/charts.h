/* What the page and the report take over from the pictures. */
#pragma once
#include "answer/default_question.h"
#include "answer/lift.h"
#include "base/buf.h"
#include "base/ceilings.h"
#include "base/day.h"
#include "http/app.h"
#include "http/request.h"
#include "render/charts.h"

enum { CHART_PARAMS = QUERY_PARAMS_MAX + 4 };

/* The parameters without the theme, and with those of the default question where none is asked. */
struct chart_question {
    const char *name[CHART_PARAMS], *value[CHART_PARAMS];
    struct params params;
    struct svg_look look;
    char start[DAY_TEXT], region[SLUG_MAX + 1];
    struct default_question other;
};

bool chart_question_read(const struct params *p, struct chart_question *q, struct fail *f);
/* A picture of posts is of a sample where nothing else is stored. */
bool chart_question_region(struct db *db, struct chart_question *q, struct fail *f);

/* A lift in words. plan: what could be seen when; "": nothing to say of it. */
struct told {
    enum verdict verdict;
    char sentence[SENTENCE_MAX], plan[600];
    char why[DEFAULT_WHY_MAX]; /* it was asked, where the question is not the reader's */
};

/* The picture of a lift, by its parameters or the default question; what it tells, and its figures
 * as HTML (both NULL: not wanted). */
bool chart_lift_draw(struct app *app, struct db *db, const struct params *params, struct buf *out,
                     struct told *told, struct buf *table, struct fail *f);
/* Verdict, sentence and plan as HTML. */
void put_told(const struct told *told, struct buf *out);
/* The latest finding of an experiment, which counts for more than a comparison, as HTML; nothing
 * where there is none. */
bool put_tested(struct db *db, struct buf *out, struct fail *f);
/* The ranges of a lift and its figures, as HTML. */
void put_lift_figures(const struct lift_answer *a, struct buf *out);
