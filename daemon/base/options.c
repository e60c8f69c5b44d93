#include "base/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void option_variable(const struct option_row *row, char variable[OPTION_VARIABLE])
{
    size_t n = (size_t)snprintf(variable, OPTION_VARIABLE, "POSTLIFT_%s", row->name);

    for (size_t i = 0; i < n && i < OPTION_VARIABLE; i++) {
        if (variable[i] >= 'a' && variable[i] <= 'z')
            variable[i] = (char)(variable[i] - 32);
        else if (variable[i] == '-')
            variable[i] = '_';
    }
}

const struct option_row *options_get(const struct option_row *rows, const char *name)
{
    while (rows->name && strcmp(rows->name, name) != 0)
        rows++;
    return rows;
}

bool options_read(struct option_row *rows, int argc, char **argv, int *n_used, struct fail *f)
{
    struct option longs[OPTION_ROWS_MAX + 1];
    int n = 0, i = 0, c;

    memset(longs, 0, sizeof longs);
    for (; rows[n].name && n < OPTION_ROWS_MAX; n++) {
        const char *set;
        char variable[OPTION_VARIABLE];

        longs[n].name = rows[n].name;
        longs[n].has_arg = rows[n].argument ? required_argument : no_argument;
        rows[n].value = rows[n].fallback;
        rows[n].origin = FROM_DEFAULT;
        option_variable(&rows[n], variable);
        set = rows[n].argument ? getenv(variable) : NULL;
        if (set && *set) {
            rows[n].value = set;
            rows[n].origin = FROM_ENVIRONMENT;
        }
    }
    optind = 1;
    opterr = 0;
    while ((c = getopt_long(argc, argv, "+:", longs, &i)) != -1) {
        if (c == '?' || c == ':')
            return fail_set(f, FAIL_SYNTAX, "usage", NULL,
                            c == ':' ? "%.100s needs a value; --help lists the options."
                                     : "There is no option %.100s; --help lists them.",
                            argv[optind - 1]);
        rows[i].value = optarg ? optarg : "1";
        rows[i].origin = FROM_OPTION;
    }
    *n_used = optind;
    return true;
}

void options_help(const struct option_row *rows)
{
    for (; rows->name; rows++) {
        char variable[OPTION_VARIABLE], left[64];

        option_variable(rows, variable);
        snprintf(left, sizeof left, "--%s%s%s", rows->name, rows->argument ? " " : "",
                 rows->argument ? rows->argument : "");
        printf("  %-24s %s\n", left, rows->help);
        if (rows->argument)
            printf("  %-24s %s%s%s\n", "", variable,
                   rows->fallback && *rows->fallback ? "; default " : "",
                   rows->fallback ? rows->fallback : "");
    }
}
