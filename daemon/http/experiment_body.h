/* The JSON of an experiment → its struct: what is given replaces what was. */
#pragma once
#include "record/experiment.h"

#include <jansson.h>

/*
 * names: the members that may be there (NULL: all of an experiment's, "slug" too); "reason" and
 * "date" are passed over. *has_seed is set when a seed is given. False with *f.
 */
bool experiment_from_json(const json_t *object, const char *const *names, struct experiment *e,
                          bool *has_seed, struct fail *f);
/* A slug of its name, where it has none yet. */
void experiment_name_slug(struct experiment *e);
