/*
 * Answers without what is sensitive: its members and columns are left out. What is read for them
 * has none of it (store/reach.h), so this is how it looks and not what keeps it.
 */
#pragma once
#include "http/request.h"

/* Takes the members out of a value, and of what is in it. */
void plain_json(json_t *value);
/* The same of a JSON answer, or of lines of JSON. */
void reply_plain(struct reply *rp);
/* The columns of a table without the sensitive ones: `most` at most, NULL-ended; returns out. */
const char *const *plain_columns(const char *const *columns, const char **out, int most);
