/* Experiments, what may be read of them, and findings as they are kept. */
#pragma once
#include "answer/experiment.h"
#include "render/json_answers.h"

/* The question as it stands: what is fixed when it starts. */
json_t *json_of_definition(const struct experiment *e);
/* The definition, its state and its calendar. */
json_t *json_of_experiment(const struct experiment *e);
json_t *json_of_experiment_event(const struct experiment_event *e);
/* detail is JSON text. Of a finding only where it stands and its sentence, or all of it. */
json_t *json_of_finding_head(const struct finding *found);
json_t *json_of_finding(const struct finding *found);

/*
 * A reading as a whole. log: what was done to the experiment so far, a list; before: the finding
 * before it as it was kept, or NULL; again: that one's own question, asked with the data of today,
 * which tells late data from corrections and more days (NULL: it cannot be asked).
 */
json_t *json_of_reading(struct experiment_reading *r, json_t *log, const json_t *before,
                        struct experiment_reading *again, const char *timezone, int64_t revision);
