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
/*
 * For a caller of some regions: numbers of notes that explain a figure as they are told to it, and
 * no revision, which counts the writes of all. Findings in an export are texts of JSON: in those,
 * too.
 */
void veil_json(json_t *value, const struct veil *veil);
/* The same of a JSON answer. */
void reply_veiled(struct reply *rp, const struct veil *veil);
/* The columns of a table without the sensitive ones: `most` at most, NULL-ended; returns out. */
const char *const *plain_columns(const char *const *columns, const char **out, int most);
