/* Options → one JSON object, and sending it: what commands that write small things share. */
#pragma once
#include "cli/commands.h"

/*
 * "--name value" and "--name=value" become members, hyphens underscores; a name given again becomes
 * a list. Words without a name are gathered, at most `most` of them; *n_words of them. "--json"
 * sets *as_json. NULL when an option lacks its value, is none of `names` (NULL-ended), or there are
 * too many words.
 */
json_t *object_of_options(int argc, char **argv, const char *const *names, const char **words,
                          int most, int *n_words, bool *as_json);
/*
 * Sends an object (NULL: a DELETE, or a GET by that method's name) and takes it over. The answer is
 * the caller's; NULL with *code and a line on standard error.
 */
json_t *object_send(struct client *c, const char *method, const char *path, json_t *object,
                    int *code);
/* Prints the answer as JSON. */
void object_print(const json_t *answer);
