/* Experiments and what is due. */
#include "base/ceilings.h"
#include "cli/commands.h"
#include "cli/objects.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum { REASON_WORDS = 64 };

static const struct text_column experiment_columns[] = {
    {"slug", "experiment", false, false, false}, {"state", "state", false, false, false},
    {"design", "design", false, false, false},   {"metric", "metric", false, false, false},
    {"source", "source", false, false, false},   {"start", "start", false, false, false},
    {"end", "end", false, false, false},         {"findings", "findings", true, false, false},
    {"name", "name", false, false, false},       {NULL, NULL, false, false, false},
};
static const struct text_column secondary_columns[] = {
    {"metric", "secondary", false, false, false}, {"of", "of", false, false, false},
    {"change", "change", true, true, false},      {"lift", "lift", true, true, false},
    {"verdict", "verdict", false, false, false},  {NULL, NULL, false, false, false},
};

static const char *text_of(const json_t *o, const char *name)
{
    const char *text = json_string_value(json_object_get(o, name));

    return text ? text : "";
}

/* "/api/v1/experiments/SLUG" and what follows it. */
static void address(struct target *t, struct client *c, const char *slug, const char *rest)
{
    target_init(t, slug ? "/api/v1/experiments/" : "/api/v1/experiments");
    if (slug)
        target_path(t, c, slug);
    buf_puts(&t->text, rest);
}

static void print_warnings(const json_t *o)
{
    const json_t *list = json_object_get(o, "warnings");
    json_t *w;
    size_t i;

    json_array_foreach(list, i, w)
        printf("Note (%s): %s\n", text_of(w, "code"), text_of(w, "detail"));
}

/* What was done after the start: when, what, why, and which fields became what. */
static void print_log(const json_t *o)
{
    const char *name;
    json_t *item, *detail;
    size_t i;

    json_array_foreach(json_object_get(o, "log"), i, item)
    {
        printf("\n%s, %s: ", text_of(item, "at"), text_of(item, "what"));
        text_wrapped(stdout, text_of(item, "reason"), "");
        json_object_foreach(json_object_get(item, "detail"), name, detail)
        {
            char *was = json_dumps(json_object_get(detail, "was"),
                                   JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
            char *is = json_dumps(json_object_get(detail, "is"),
                                  JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));

            if (was && is) { /* as JSON, so that nothing in it reaches the terminal raw */
                printf("  %s: ", name);
                text_wrapped(stdout, was, "");
                printf("    is now ");
                text_wrapped(stdout, is, "");
            }
            free(was);
            free(is);
        }
    }
}

static void print_reading(const json_t *a)
{
    text_wrapped(stdout, text_of(a, "sentence"), "");
    putchar('\n');
    if (json_is_true(json_object_get(a, "provisional")))
        printf("Read early: only p below %g counts as shown.\n",
               json_number_value(json_object_get(a, "verdict_line")));
    text_wrapped(stdout, text_of(a, "difference"), "");
    if (json_array_size(json_object_get(a, "secondary"))) {
        putchar('\n');
        text_table(stdout, json_object_get(a, "secondary"), secondary_columns);
    }
    if (json_is_object(json_object_get(a, "since"))) {
        putchar('\n');
        text_wrapped(stdout, text_of(json_object_get(a, "since"), "words"), "");
    }
    print_log(a);
}

static void print_experiment(const json_t *o)
{
    json_t *item;
    size_t i;

    printf("%s (%s)\n", text_of(o, "slug"), text_of(o, "state"));
    text_wrapped(stdout, text_of(o, "name"), "  ");
    text_wrapped(stdout, text_of(o, "question"), "  ");
    printf("  %s, %s to %s, %s from %s, posts %s\n", text_of(o, "design"), text_of(o, "start"),
           text_of(o, "end"), text_of(o, "metric"), text_of(o, "source"), text_of(o, "posts"));
    json_array_foreach(json_object_get(o, "follow_up"), i, item)
        printf("  follow-up on %s\n", json_string_value(item));
    json_array_foreach(json_object_get(o, "findings"), i, item)
    {
        printf("\nFinding %" JSON_INTEGER_FORMAT " (%s, due %s):\n",
               json_integer_value(json_object_get(item, "n")), text_of(item, "kind"),
               text_of(item, "due"));
        text_wrapped(stdout, text_of(item, "sentence"), "");
    }
    print_log(o);
    puts("\nDays to post:");
    text_calendar(stdout, json_object_get(o, "calendar"));
    print_warnings(o);
}

static int new_or_change(struct client *c, const char *what, int argc, char **argv)
{
    static const char *const names[] = {"slug",   "name",      "question",  "design",   "posts",
                                        "metric", "source",    "region",    "campaign", "secondary",
                                        "start",  "end",       "baseline",  "control",  "margin",
                                        "seed",   "leave_out", "follow_up", NULL};
    bool adds = strcmp(what, "new") == 0, as_json = false;
    const char *words[2];
    int n = 0, code;
    json_t *o = object_of_options(argc, argv, names, words, 1, &n, &as_json), *answer;
    struct target t;

    if (!o || n != (adds ? 0 : 1)) {
        json_decref(o);
        return cli_usage("experiment", o ? "The name of an experiment is needed, and options."
                                         : "An option is not understood, or lacks its value.");
    }
    address(&t, c, adds ? NULL : words[0], "");
    answer = object_send(c, adds ? "POST" : "PUT", buf_text(&t.text), o, &code);
    target_clear(&t);
    if (answer && as_json)
        object_print(answer);
    else if (answer)
        print_experiment(answer);
    json_decref(answer);
    return code;
}

/* stop SLUG [--date DAY] REASON...; correct SLUG --field VALUE... --reason TEXT */
static int after_start(struct client *c, const char *what, int argc, char **argv)
{
    static const char *const stops[] = {"date", "reason", NULL};
    static const char *const corrects[] = {
        "name",     "question", "posts",  "source",    "region", "campaign", "secondary",
        "baseline", "control",  "margin", "follow_up", "reason", NULL};
    bool stop = strcmp(what, "stop") == 0, as_json = false;
    const char *words[REASON_WORDS];
    char reason[4096] = "";
    int n = 0, code;
    json_t *o = object_of_options(argc, argv, stop ? stops : corrects, words, REASON_WORDS, &n,
                                  &as_json),
           *answer;
    struct target t;

    if (!o || n < 1) {
        json_decref(o);
        return cli_usage("experiment", o ? "The name of an experiment is needed."
                                         : "An option is not understood, or lacks its value.");
    }
    for (int i = 1; i < n; i++)
        snprintf(reason + strlen(reason), sizeof reason - strlen(reason), "%s%s", i > 1 ? " " : "",
                 words[i]);
    if (reason[0] && json_object_set_new(o, "reason", json_string(reason)) != 0) {
        json_decref(o);
        return cli_usage("experiment", "A word is not valid UTF-8.");
    }
    address(&t, c, words[0], stop ? "/stop" : "/corrections");
    answer = object_send(c, "POST", buf_text(&t.text), o, &code);
    target_clear(&t);
    if (answer && as_json)
        object_print(answer);
    else if (answer)
        print_experiment(answer);
    json_decref(answer);
    return code;
}

/* show SLUG, read SLUG, finding SLUG N, report SLUG, calendar SLUG, remove SLUG */
static int look(struct client *c, const char *what, int argc, char **argv)
{
    bool as_json = false, reads = strcmp(what, "read") == 0, removes = strcmp(what, "remove") == 0;
    bool report = strcmp(what, "report") == 0, calendar = strcmp(what, "calendar") == 0;
    const char *slug = NULL, *format = calendar ? "ics" : NULL, *number = NULL;
    struct fail f = {0};
    unsigned status = 0;
    struct target t;
    struct buf body;
    json_t *answer;
    char rest[64] = "";
    int code = EX_OK;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0)
            as_json = true;
        else if (strcmp(argv[i], "--format") == 0 && i + 1 < argc)
            format = argv[++i];
        else if (!slug && argv[i][0] != '-')
            slug = argv[i];
        else if (!number && strcmp(what, "finding") == 0 && argv[i][0] != '-')
            number = argv[i];
        else
            return cli_usage("experiment", "That is not understood.");
    }
    if (!slug || (strcmp(what, "finding") == 0 && !number))
        return cli_usage("experiment", number || strcmp(what, "finding") != 0
                                           ? "The name of an experiment is needed."
                                           : "The number of a finding is needed.");
    snprintf(rest, sizeof rest, "%s%.20s",
             reads    ? "/reading"
             : report ? "/report"
             : number ? "/findings/"
                      : "",
             number ? number : "");
    address(&t, c, slug, rest);
    if (format)
        target_add(&t, c, "format", format);
    if (report || format) {
        buf_init(&body, RESPONSE_MAX);
        if (!client_get(c, buf_text(&t.text), &status, &body, &f))
            code = cli_fail(&f);
        else if (status != 200)
            code = cli_refused(NULL, status, &body);
        else
            fwrite(buf_text(&body), 1, body.len, stdout);
        buf_clear(&body);
        target_clear(&t);
        return code;
    }
    answer = object_send(c, removes ? "DELETE" : "GET", buf_text(&t.text), NULL, &code);
    target_clear(&t);
    if (!answer)
        return code;
    if (as_json)
        object_print(answer);
    else if (removes)
        puts("Removed.");
    else if (reads || number)
        print_reading(answer);
    else
        print_experiment(answer);
    json_decref(answer);
    return EX_OK;
}

int cmd_experiment(struct client *c, int argc, char **argv)
{
    static const char *const looks[] = {"show", "read", "finding", "report", "calendar", "remove"};
    const char *what = argc > 1 ? argv[1] : "list";

    if (argc == 1 || strcmp(what, "list") == 0 || strcmp(what, "--json") == 0)
        return cli_show(c, "/api/v1/experiments", "experiments",
                        argc > 1 && strcmp(argv[argc - 1], "--json") == 0, experiment_columns);
    if (strcmp(what, "new") == 0 || strcmp(what, "change") == 0)
        return new_or_change(c, what, argc - 1, argv + 1);
    if (strcmp(what, "stop") == 0 || strcmp(what, "correct") == 0)
        return after_start(c, what, argc - 1, argv + 1);
    for (size_t i = 0; i < sizeof looks / sizeof *looks; i++)
        if (strcmp(what, looks[i]) == 0)
            return look(c, what, argc - 1, argv + 1);
    return cli_usage("experiment",
                     "new, list, show, read, finding, report, calendar, change, stop, "
                     "correct and remove are understood.");
}

/* Exits with 1 when something is due. */
int cmd_due(struct client *c, int argc, char **argv)
{
    bool as_json = false, raw = false;
    struct fail f = {0};
    struct target t;
    struct buf body;
    unsigned status = 0;
    json_t *answer, *item;
    int code = EX_OK;
    size_t i;

    target_init(&t, "/api/v1/due");
    buf_init(&body, RESPONSE_MAX);
    for (int k = 1; k < argc; k++) {
        if (strcmp(argv[k], "--json") == 0) {
            as_json = true;
        } else if (strncmp(argv[k], "--", 2) == 0 && k + 1 < argc) {
            raw = raw || strcmp(argv[k], "--format") == 0;
            target_add(&t, c, argv[k] + 2, argv[k + 1]);
            k++;
        } else {
            code = cli_usage("due", "An option looks like --name VALUE.");
        }
    }
    if (code == EX_OK && !client_get(c, buf_text(&t.text), &status, &body, &f))
        code = cli_fail(&f);
    else if (code == EX_OK && status != 200)
        code = cli_refused(NULL, status, &body);
    target_clear(&t);
    if (code != EX_OK || raw) {
        if (code == EX_OK)
            fwrite(buf_text(&body), 1, body.len, stdout);
        buf_clear(&body);
        return code;
    }
    answer = json_loadb(buf_text(&body), body.len, 0, NULL);
    if (as_json)
        object_print(answer);
    else
        json_array_foreach(json_object_get(answer, "due"), i, item)
        {
            if (i)
                putchar('\n');
            text_wrapped(stdout, text_of(item, "sentence"), "");
        }
    code = json_array_size(json_object_get(answer, "due")) ? 1 : EX_OK;
    json_decref(answer);
    buf_clear(&body);
    return code;
}
