/* An experiment as the question that it stands for. */
#pragma once
#include "answer/experiment.h"
#include "base/day.h"

enum { PARAMS_MOST = 48 };

/* The parameters of /lift and /compare that it stands for. */
struct asking {
    const char *name[PARAMS_MOST], *value[PARAMS_MOST];
    struct params params;
    char start[DAY_TEXT], end[DAY_TEXT], baseline[24], margin[32];
    char posts[EXPERIMENT_LIST_MAX + 1], group[EXPERIMENT_LIST_MAX * 2 + 1];
};

/* The lift, over days up to `until`; *a holds the texts. */
void ask_lift(struct asking *a, const struct experiment *e, int32_t until);
