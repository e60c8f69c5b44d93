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
/*
 * All of an experiment as an export has it, its calendar and what is known of its start included.
 * False with *f.
 */
bool experiment_load(const char *text, struct experiment *e, struct fail *f);
/* Whether two say the same, as far as exports tell; their states may differ. */
bool experiment_says_same(const struct experiment *a, const struct experiment *b);
/* Whether an entry of a log is one: a kind that is known, and a detail that is an object. */
bool experiment_event_check(const char *what, const char *detail, struct fail *f);
/* A finding as an export has it; its texts are the object's, which the caller owns. NULL with *f.
 */
json_t *finding_load(const char *text, struct finding *found, struct fail *f);
/* A slug of its name, where it has none yet. */
void experiment_name_slug(struct experiment *e);
