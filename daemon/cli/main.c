/* postlift: the command line, a client of the daemon's API. */
#include "cli/commands.h"
#include "cli/text.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define FILTERS \
    "  --platform P, --account A, --region R, --type T, --tag T, --campaign C\n" \
    "                          only such posts; may repeat; \"!\" before a value leaves it out\n" \
    "  --from DAY, --to DAY    only posts of these days, both included\n"
#define PAGES "  --limit N, --cursor C   rows a page, and where to go on\n"
#define OUTPUT \
    "  --json                  the answer as it came\n" \
    "  --format csv            as CSV\n"

const struct command commands[] = {
    {"import", "[OPTION]... FILE...|-", "Take in export files; \"--undo ID\" takes one out again",
     "  --profile P             how to read them; found by the headings unless given\n"
     "  --account A, --region R for rows that name none\n"
     "  --charset C             UTF-8 unless a mark says otherwise; also UTF-16LE, UTF-16BE,\n"
     "                          windows-1252, ISO-8859-1, ISO-8859-15\n"
     "  --observed_at TIME      when the figures were read; the moment of import unless given\n"
     "  --year YYYY             of dates that have no year\n"
     "  --date-order mdy|dmy|ymd\n"
     "                          which of two readings of 04/05/2024 is meant\n"
     "  --covers DAY..DAY       the days that the figures are of, where the file does not say\n"
     "  --dry-run               read and check all of it, and store nothing\n"
     "  --spool FOLDER          take each file of a folder once, and move it to done/ or failed/\n"
     "                          in it with a report beside; for cron\n"
     "  --undo ID               take out what an import brought\n"
     "  --json                  what came of each, for programs\n",
     cmd_import},
    {"lift", "--source S --start DAY [OPTION]...", "The website before and after a day",
     "  --source S              social, facebook, organic, all, ... or a name as stored\n"
     "  --start DAY             the first day of what is to be judged\n"
     "  --end DAY               the last one; the last complete day unless given\n"
     "  --metric M              sessions (unless given), users, engaged_sessions, conversions\n"
     "  --baseline 90d          how many days before, or 13w\n"
     "  --baseline_from DAY, --baseline_to DAY\n"
     "                          instead: any range\n"
     "  --control S,S           sources that move as it does by themselves, added up; or\n"
     "                          last-year: the same weekday a year ago\n"
     "  --run_in 7d             days after the start to leave out\n"
     "  --exposure type:T       instead: days with such a post against days without\n"
     "  --type T, --tag T, --platform P, --account A\n"
     "                          the posts in question: what their own links brought\n"
     "  --level L, --margin M   of the interval, .95; for \"flat\", .20\n"
     "  --region R, --campaign C\n"
     "  --series 1              every day (with --json or --format csv)\n" OUTPUT,
     cmd_ask},
    {"compare", "--metric M --a.type T [OPTION]...", "Two groups of posts side by side",
     "  --metric M              engagement (unless given), likes, comments, shares, saves, "
     "follows,\n"
     "                          reach, impressions, views, clicks, sessions, users, conversions\n"
     "                          clicks_per_1000_reach\n"
     "  --age 7d                at which posts are compared\n"
     "  --level L, --margin M   of the interval, .95; for \"flat\", .20\n"
     "  --a.type T, --a.tag T, ...  the first group, by any of the filters below\n"
     "  --b.type T, ...         the second group; all the rest unless given\n" FILTERS OUTPUT,
     cmd_ask},
    {"types", "[OPTION]...", "All types of posts, and the website beside them",
     "  --by B                  type (unless given), tag, campaign, platform, account\n"
     "  --source S, --metric M  of the website; social and sessions unless given\n"
     "  --age 7d                at which posts are compared\n"
     "  --level L, --margin M   of the intervals, .95; for \"flat\", .20\n" FILTERS OUTPUT,
     cmd_ask},
    {"outliers", "[OPTION]...", "Hits and duds: posts that stand out of their kind",
     "  --metric M              engagement unless given\n"
     "  --age 7d                at which posts are compared\n" FILTERS OUTPUT,
     cmd_ask},
    {"cadence", "[OPTION]...", "When and how regularly was posted", FILTERS OUTPUT, cmd_ask},
    {"posts", "[OPTION]...", "The posts, newest first", FILTERS PAGES OUTPUT, cmd_ask},
    {"traffic", "[OPTION]...", "The website's days, by source",
     "  --source S, --region R, --campaign C, --from DAY, --to DAY\n" PAGES OUTPUT, cmd_ask},
    {"imports", "[OPTION]...", "The files that were taken in", PAGES OUTPUT, cmd_ask},
    {"report", "[OPTION]...", "The answer with its pictures: a page for mail and archive, or text",
     "  --source S, --start DAY, --end DAY, --metric M, --baseline 90d, --control S\n"
     "                          as in \"lift\"; the newest kind of post and social unless given\n"
     "  --account A, --tag T, --platform P, --region R, --campaign C\n"
     "  --theme auto|light|dark of the pictures\n"
     "  --format html|text      html unless given; text for a terminal, with bars and a "
     "sparkline\n",
     cmd_report},
    {"plan", "--source S [OPTION]...", "What an experiment would be able to see, and its calendar",
     "  --source S, --metric M  what is to move; sessions unless given\n"
     "  --lift .12              the lift that is wished for\n"
     "  --start DAY, --days 56d of the calendar; the day after the last known one unless given\n"
     "  --design D              coin-days, pairs-of-weeks, coin-weeks, step; the one that would\n"
     "                          show it first unless given\n"
     "  --seed N                of the draw: the same seed draws the same days\n"
     "  --leave_out LIST        weekends, holidays (of notes), mon to sun, dates, and ranges such\n"
     "                          as 2024-12-24..2025-01-01, parted by commas\n"
     "  --posts_per_day N       on days with posts; 1 unless given\n"
     "  --baseline 90d          days before to plan by\n"
     "  --json                  the answer as it came\n"
     "  --format csv|ics|html   the calendar: a table, for calendar programs, a page to print\n",
     cmd_ask},
    {"experiment", "[new|list|show|stop|...]...", "Questions fixed beforehand, and their answers",
     "  experiment new --name N --question TEXT --design D --posts type:T --source S --start DAY\n"
     "      --end DAY             56 days from the start unless given\n"
     "      --metric M            the one that counts; sessions unless given\n"
     "      --secondary \"M M\"     others, of the website or of posts, that are shown beside it\n"
     "      --baseline 90d, --control S,S, --margin M, --region R, --campaign C\n"
     "      --seed N, --leave_out LIST\n"
     "                            of the draw; designs and lists as \"plan\" has them\n"
     "      --follow_up DAY       may repeat; three months after the start unless given\n"
     "  experiment list           all of them; show NAME: one, with its findings and calendar\n"
     "  experiment read NAME      what may be read so far; provisional until its end\n"
     "  experiment finding NAME N what was found, as it was kept\n"
     "  experiment report NAME    a page by itself, for mail and archive\n"
     "  experiment calendar NAME  for calendar programs; --format html to print\n"
     "  experiment change NAME [the same options], remove NAME\n"
     "                            before its start\n"
     "  experiment stop NAME [--date DAY] REASON\n"
     "  experiment correct NAME --FIELD VALUE --reason TEXT\n"
     "                            after it; both are kept and shown with the answer\n"
     "  --json                    the answer as it came\n",
     cmd_experiment},
    {"sample", "follow-up|coin-flip", "Bring in a sample experiment, made up, and show its finding",
     "  follow-up               memes for a month, stated beforehand, looked at again after three\n"
     "  coin-flip               the same question with the days drawn by coin\n"
     "Each is of a region of its own (sample-follow-up, sample-coin-flip) and of its own months;\n"
     "\"import --undo ID\" takes it out again, but for the experiment, which is kept.\n",
     cmd_sample},
    {"due", "[--stale 3d]", "What is due; exits with 1 when something is",
     "  --stale 3d              days without data after which a source is named\n"
     "  --json                  the answer as it came\n"
     "  --format csv|ics|html   as a table, for calendar programs, as a page\n",
     cmd_due},
    {"note", "[add|list|edit|remove]...", "Dated remarks that answers respect",
     "  note list [--from DAY] [--to DAY] [--kind K]\n"
     "  note add --date DAY --kind K [SCOPE] TEXT\n"
     "                          or --from DAY --to DAY. Kinds: outage (days left out), holiday\n"
     "                          (named), tracking-change and metric-definition (no verdict\n"
     "                          across them), campaign, other\n"
     "                          Scopes: --source S, --platform P [--account A], --metric M;\n"
     "                          about everything unless given\n"
     "                          --private yes: its text is for tokens with \"sensitive\" alone\n"
     "  note edit ID [the same options] [TEXT]\n"
     "  note remove ID\n"
     "  --json                  the answer as it came\n",
     cmd_note},
    {"account", "[PLATFORM HANDLE REGION]", "Show accounts, or set an account's region", NULL,
     cmd_account},
    {"source", "[NAME SOURCE]", "Show what names of sources count as, or change it", NULL,
     cmd_source},
    {"export", "[OPTION]...", "All that is stored, as lines that \"import\" takes again",
     "  --record post|traffic   only these\n"
     "  --format ndjson|csv     lines of JSON unless given; or one table of the same, which\n"
     "                          \"import\" takes again too. With --record a CSV is a plain table\n"
     "                          for spreadsheets, without rules, names and definitions\n"
     "  --source S              only traffic of a source, as it is named\n" FILTERS,
     cmd_export},
    {"backup", "FILE", "A verified copy of the database, while all goes on", NULL, cmd_backup},
    {"forget", "--post|--account|--before...", "Erase posts for good, bytes and reports included",
     "  --post PLATFORM ID      one post\n"
     "  --account PLATFORM HANDLE\n"
     "                          an account with all its posts, and its name wherever it stands\n"
     "  --before DAY            all posts before that day; with --traffic and --notes daily "
     "figures\n"
     "                          and notes from before it as well\n"
     "  --yes                   it cannot be taken back, so this must be said\n",
     cmd_forget},
    {"check", "[--json]", "Whether the database is sound", NULL, cmd_check},
    {"profile", "[check [OPTION]... FILE]", "How files are read, and what one would be read as",
     "  profile                 the profiles, your own among them (postliftd --profiles)\n"
     "  profile check FILE      what a file would be read as, column by column; nothing is "
     "stored;\n"
     "                          --profile, --charset, --year, --date-order, --covers as in import\n"
     "  --json                  the answer as it came\n",
     cmd_profile},
    {"type", "[FILE|rule|set|unset|list]...", "Give posts types and tags, by rules or a list",
     "  type                    show the rules\n"
     "  type rule CONDITION... --type T [--tags \"T T\"]\n"
     "                          a rule, for old posts and new ones; conditions are --platform,\n"
     "                          --account, --hashtag, --campaign, --words (in the text),\n"
     "                          --utm_content (of a link); all that are given must hold\n"
     "  type rule --remove N    take a rule away; what records state holds again\n"
     "  type FILE               a CSV list: id,type,tags, and platform where ids are not enough\n"
     "  type set PLATFORM ID TYPE [TAG...]\n"
     "                          one post; what is set by hand or list wins over rules\n"
     "  type unset PLATFORM ID  take that back\n"
     "  type list               show what was set so\n"
     "  --json                  the answer as it came\n",
     cmd_type},
    {"token", "[add|list|revoke]...", "Who may do what: the file of tokens",
     "  token add --name N --scope S,S [--region R,R] [--days 90]\n"
     "                          prints a new token, once. Scopes: read (figures), rows (single\n"
     "                          posts, exports), sensitive (texts, links, handles, names of\n"
     "                          campaigns and files), write, import, admin (corrections,\n"
     "                          deletions, backups). --region: it sees and sends what belongs\n"
     "                          to these alone; all unless given\n"
     "  token list              names, scopes and last days\n"
     "  token revoke NAME\n"
     "  --tokens FILE           the file; POSTLIFT_TOKENS, as for postliftd, unless given\n",
     cmd_token},
    {"audit", "[head|list|verify]...", "Who read which rows: the read log, and whether it is whole",
     "  audit head              the hash of all entries so far; keep it on another machine\n"
     "  audit verify [--head H] whether the log is whole, and has not been changed before the "
     "head\n"
     "                          that was kept\n"
     "  audit list [--token N] [--since 30d|DAY] [--event E]\n"
     "                          its entries; events: read, change, refused, tokens, start, stop\n"
     "  --file FILE             a copy of the log, without asking the daemon\n"
     "  --json                  entries as they are\n",
     cmd_audit},
    {NULL, NULL, NULL, NULL, NULL},
};

static void help(void)
{
    puts("Usage: postlift COMMAND [OPTION]...\n"
         "Asks the daemon that POSTLIFT_URL names (http://127.0.0.1:8640 unless set;\n"
         "unix:/PATH for a socket) which posts moved what.\n");
    for (const struct command *c = commands; c->name; c++)
        printf("  %-8s %s\n", c->name, c->help);
    puts("\n\"postlift COMMAND --help\" lists a command's options: the parameters of the API.\n"
         "Exit codes: 0; 64 usage; 65 some rows or the question were bad; 66 no such file;\n"
         "69 no daemon; 70 the daemon failed; 74 no output possible; 75 try again later;\n"
         "77 not allowed (POSTLIFT_TOKEN_FILE names the file with your token).");
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

int cli_refused(const char *about, unsigned status, struct buf *body)
{
    json_t *problem = json_loadb(buf_text(body), body->len, 0, NULL);
    char fallback[80];

    snprintf(fallback, sizeof fallback, "The daemon answered %u.", status);
    fprintf(stderr, "postlift: %s%s%s\n", about ? about : "", about ? ": " : "",
            text_problem(problem, fallback));
    if (status == 401)
        fputs("postlift: POSTLIFT_TOKEN_FILE names the file that has your token in it.\n", stderr);
    json_decref(problem);
    return status == 503 || status == 507 || status == 429 ? EX_TEMPFAIL
           : status == 401 || status == 403                ? EX_NOPERM
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

int cli_bad_option(const char *command, const char *option)
{
    char sentence[200];

    snprintf(sentence, sizeof sentence, "\"%.100s\" is not understood, or lacks its value.",
             option);
    return cli_usage(command, sentence);
}

int main(int argc, char **argv)
{
    const char *url = getenv("POSTLIFT_URL"), *token_file = getenv("POSTLIFT_TOKEN_FILE");
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
                printf("Usage: postlift %s %s\n%s.\n%s%s", c->name, c->arguments, c->help,
                       c->options ? "\n" : "", c->options ? c->options : "");
                return EX_OK;
            }
        client = client_open(url && *url ? url : "http://127.0.0.1:8640", &f);
        if (!client)
            return cli_fail(&f);
        if (token_file && *token_file && c->run != cmd_token &&
            !client_use_token(client, token_file, &f)) {
            client_close(client);
            return cli_fail(&f);
        }
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
