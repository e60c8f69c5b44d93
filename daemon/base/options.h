/*
 * Settings: one table gives each its option, its environment variable and its
 * default. The option wins over the variable, the variable over the default;
 * an empty variable counts as not set.
 */
#pragma once
#include "base/fail.h"

#include <stdbool.h>

enum option_origin { FROM_DEFAULT, FROM_ENVIRONMENT, FROM_OPTION };

struct option_row {
    const char *name;     /* "listen": --listen, POSTLIFT_LISTEN */
    const char *argument; /* how the help calls its value; NULL: a switch, without a variable */
    const char *fallback; /* the default; NULL: none */
    const char *help;
    /* filled in by options_read() */
    const char *value; /* NULL: not set; "1" for a switch that is set */
    enum option_origin origin;
};

enum { OPTION_ROWS_MAX = 24, OPTION_VARIABLE = 64 };

/* Reads the command line and the environment into the table, which ends with a NULL name.
 * *n_used: how many words of argv were taken; what follows are operands. */
bool options_read(struct option_row *rows, int argc, char **argv, int *n_used, struct fail *f);
/* The row of a name; it must be there. */
const struct option_row *options_get(const struct option_row *rows, const char *name);
/* Writes the environment variable that belongs to a row. */
void option_variable(const struct option_row *row, char variable[OPTION_VARIABLE]);
/* Prints the table as a help text does. */
void options_help(const struct option_row *rows);
