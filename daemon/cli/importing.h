/* Sending one file to the daemon and waiting for what comes of it: what several commands do. */
#pragma once
#include "cli/commands.h"

#include <inttypes.h>

/* The API's parameters that are options of "import". */
enum import_parameter {
    IMPORT_PROFILE,
    IMPORT_ACCOUNT,
    IMPORT_REGION,
    IMPORT_CHARSET,
    IMPORT_OBSERVED_AT,
    IMPORT_YEAR,
    IMPORT_DATE_ORDER,
    IMPORT_COVERS,
    IMPORT_DRY_RUN,
    IMPORT_PARAMETERS
};
enum { REJECTS_SHOWN = 20 };

struct importing {
    struct client *client;
    const char *parameter[IMPORT_PARAMETERS]; /* NULL: not given */
    int rows;                                 /* rejected ones to ask for */
    bool terminal;
};
/*
 * Sends a file (size -1: not known) under its name and waits for its end. The answer is the
 * caller's: the import's, or of a file that was refused at once state, code and sentence. NULL,
 * with *code and a line on standard error, when the daemon is not there or has no time. *already:
 * the same content was imported before.
 */
json_t *importing_send(const struct importing *im, const char *name, FILE *in, int64_t size,
                       bool *already, int *code);
/* Waits for an import that is under way; else as above. */
json_t *importing_wait(const struct importing *im, int64_t id, int *code);
/* Opens a file that can be sent; NULL after saying why not. *size: -1 when not known. */
FILE *importing_open(const char *path, int64_t *size);
int64_t answer_count(const json_t *answer, const char *name);
const char *answer_text(const json_t *answer, const char *name);
bool answer_is_refused(const json_t *answer);
/* Lines about rejected rows, each with its place. */
void answer_rejects(FILE *out, const char *name, const json_t *answer, int64_t most);
/* "import 3, read as x-content: 12 rows: ..." */
void answer_counts(FILE *out, const json_t *answer);
