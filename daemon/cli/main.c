/* postlift: the command line, a client of the daemon's API. */
#include "cli/commands.h"
#include "cli/text.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

const struct command commands[] = {
    {"import", "[--profile P] [--account A] [--region R] [--charset C] [--observed_at T] FILE...|-",
     "take in export files; \"--undo ID\" takes one out again", cmd_import},
    {"lift", "--source S --start DAY [--metric M] [--end DAY] [--baseline 90d] ...",
     "the website before and after a day", cmd_ask},
    {"compare", "--metric M --a.type T [--b.type T] ...", "two groups of posts side by side",
     cmd_ask},
    {"types", "[--by type|tag|campaign|platform|account] ...",
     "all types of posts, and the website beside them", cmd_ask},
    {"posts", "[--platform P] [--type T] [--from DAY] ...", "the posts, newest first", cmd_ask},
    {"traffic", "[--source S] [--from DAY] [--to DAY] ...", "the website's days, by source",
     cmd_ask},
    {"imports", "", "the files that were taken in", cmd_ask},
    {"account", "[PLATFORM HANDLE REGION]", "show accounts, or set an account's region",
     cmd_account},
    {"source", "[NAME SOURCE]", "show what names of sources count as, or change it", cmd_source},
    {NULL, NULL, NULL, NULL},
};

static void help(void)
{
    puts("Usage: postlift COMMAND [OPTION]...\n"
         "Asks the daemon that POSTLIFT_URL names (http://127.0.0.1:8640 unless set;\n"
         "unix:/PATH for a socket) which posts moved what.\n");
    for (const struct command *c = commands; c->name; c++)
        printf("  %-8s %s\n           %s\n", c->name, c->help, c->arguments);
    puts("\nlift, compare, types, posts, traffic and imports take the parameters of the API as\n"
         "options (--source social, --a.type meme), and --json for the answer as it came.\n"
         "Exit codes: 0; 64 usage; 65 some rows or the question were bad; 66 no such file;\n"
         "69 no daemon; 70 the daemon failed; 75 try again later.");
}

int cli_fail(const struct fail *f)
{
    fprintf(stderr, "postlift: %s\n", f->sentence);
    switch (f->code) {
    case FAIL_NOT_FOUND: return EX_UNAVAILABLE;
    case FAIL_BUSY:
    case FAIL_NO_SPACE: return EX_TEMPFAIL;
    case FAIL_NONE:
    case FAIL_SYNTAX:
    case FAIL_CONFLICT:
    case FAIL_TOO_LARGE:
    case FAIL_MEDIA_TYPE:
    case FAIL_UNPROCESSABLE:
    case FAIL_INTERNAL:
    case FAIL_CODE_COUNT: break;
    }
    return EX_USAGE;
}

int cli_refused(unsigned status, struct buf *body)
{
    json_t *problem = json_loadb(buf_text(body), body->len, 0, NULL);
    char fallback[80];

    snprintf(fallback, sizeof fallback, "The daemon answered %u.", status);
    fprintf(stderr, "postlift: %s\n", text_problem(problem, fallback));
    json_decref(problem);
    return status == 503 || status == 507 || status == 429 ? EX_TEMPFAIL
           : status >= 500                                 ? EX_SOFTWARE
                                                           : EX_DATAERR;
}

int cli_usage(const char *command, const char *sentence)
{
    for (const struct command *c = commands; c->name; c++)
        if (strcmp(c->name, command) == 0)
            fprintf(stderr, "postlift: %s\nUsage: postlift %s %s\n", sentence, c->name,
                    c->arguments);
    return EX_USAGE;
}

int main(int argc, char **argv)
{
    const char *url = getenv("POSTLIFT_URL");
    struct fail f = {0};
    struct client *client;
    int code;

    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
        help();
        return argc < 2 ? EX_USAGE : EX_OK;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("postlift " PACKAGE_VERSION);
        return EX_OK;
    }
    for (const struct command *c = commands; c->name; c++) {
        if (strcmp(c->name, argv[1]) != 0)
            continue;
        for (int i = 2; i < argc; i++)
            if (strcmp(argv[i], "--help") == 0) {
                printf("Usage: postlift %s %s\n%s.\n", c->name, c->arguments, c->help);
                return EX_OK;
            }
        client = client_open(url && *url ? url : "http://127.0.0.1:8640", &f);
        if (!client)
            return cli_fail(&f);
        code = c->run(client, argc - 1, argv + 1);
        client_close(client);
        if (fflush(stdout) != 0 || ferror(stdout)) {
            fprintf(stderr, "postlift: the output cannot be written.\n");
            return EX_IOERR;
        }
        return code;
    }
    fprintf(stderr, "postlift: there is no command \"%s\"; \"postlift --help\" lists them.\n",
            argv[1]);
    return EX_USAGE;
}
