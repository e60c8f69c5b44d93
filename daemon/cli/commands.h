/* The subcommands of postlift. */
#pragma once
#include "cli/client.h"
#include "cli/text.h"

/* argv[0] is the command's name. Returns an exit code of sysexits.h. */
typedef int (*command_fn)(struct client *c, int argc, char **argv);

struct command {
    const char *name, *arguments, *help;
    const char *options; /* what --help adds; NULL: nothing */
    command_fn run;
};
extern const struct command commands[]; /* ends with a NULL name */

int cmd_import(struct client *c, int argc, char **argv);
int cmd_ask(struct client *c, int argc, char **argv);
int cmd_account(struct client *c, int argc, char **argv);
int cmd_source(struct client *c, int argc, char **argv);
int cmd_type(struct client *c, int argc, char **argv);
int cmd_profile(struct client *c, int argc, char **argv);
int cmd_note(struct client *c, int argc, char **argv);
int cmd_experiment(struct client *c, int argc, char **argv);
int cmd_due(struct client *c, int argc, char **argv);
int cmd_sample(struct client *c, int argc, char **argv);
int cmd_report(struct client *c, int argc, char **argv);
int cmd_export(struct client *c, int argc, char **argv);
int cmd_backup(struct client *c, int argc, char **argv);
int cmd_forget(struct client *c, int argc, char **argv);
int cmd_check(struct client *c, int argc, char **argv);
int cmd_audit(struct client *c, int argc, char **argv);
int cmd_token(struct client *c, int argc, char **argv);

/* Prints a list of an answer as a table, or the answer as it came. */
int cli_show(struct client *c, const char *path, const char *list, bool as_json,
             const struct text_column *columns);

/* Prints "postlift: sentence" on standard error and returns the code that belongs to it. */
int cli_fail(const struct fail *f);
/* The same for an answer that is none of 2xx; about: a file's name, or NULL. */
int cli_refused(const char *about, unsigned status, struct buf *body);
int cli_usage(const char *command, const char *sentence);
/* The same of one option. */
int cli_bad_option(const char *command, const char *option);
