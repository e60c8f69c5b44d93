/* Types and tags that people give: by rules, by a list, or for one post. */
#include "base/ceilings.h"
#include "cli/commands.h"
#include "cli/text.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static const struct text_column rule_columns[] = {
    {"id", "rule", true, false, false},
    {"type", "type", false, false, false},
    {"tags", "tags", false, false, false},
    {"platform", "platform", false, false, false},
    {"account", "account", false, false, false},
    {"hashtag", "hashtag", false, false, false},
    {"campaign", "campaign", false, false, false},
    {"words", "words", false, false, false},
    {"utm_content", "utm_content", false, false, false},
    {NULL, NULL, false, false, false},
};
static const struct text_column set_columns[] = {
    {"platform", "platform", false, false, false},
    {"id", "id", false, false, false},
    {"type", "type", false, false, false},
    {"tags", "tags", false, false, false},
    {NULL, NULL, false, false, false},
};

/* Shows a problem, or says how many posts have another type now. */
static int said(unsigned status, struct buf *body)
{
    json_t *answer;

    if (status != 200 && status != 201)
        return cli_refused(NULL, status, body);
    answer = json_loadb(buf_text(body), body->len, 0, NULL);
    if (json_object_get(answer, "posts_changed"))
        printf(
            "%s%" JSON_INTEGER_FORMAT " %s changed.\n", status == 201 ? "The rule is kept. " : "",
            json_integer_value(json_object_get(answer, "posts_changed")),
            json_integer_value(json_object_get(answer, "posts_changed")) == 1 ? "post" : "posts");
    else
        puts(json_is_true(json_object_get(answer, "changed")) ? "Changed." : "It was so already.");
    json_decref(answer);
    return EX_OK;
}

static int remove_path(struct client *c, const char *path)
{
    struct fail f = {0};
    struct buf body;
    unsigned status = 0;
    int code;

    buf_init(&body, SMALL_BODY_MAX);
    code = client_delete(c, path, &status, &body, &f) ? said(status, &body) : cli_fail(&f);
    buf_clear(&body);
    return code;
}

static int rule(struct client *c, int argc, char **argv)
{
    static const struct option longs[] = {
        {"platform", required_argument, NULL, 0},
        {"account", required_argument, NULL, 1},
        {"hashtag", required_argument, NULL, 2},
        {"campaign", required_argument, NULL, 3},
        {"words", required_argument, NULL, 4},
        {"utm_content", required_argument, NULL, 5},
        {"utm-content", required_argument, NULL, 5},
        {"type", required_argument, NULL, 6},
        {"tags", required_argument, NULL, 7},
        {"remove", required_argument, NULL, 'r'},
        {NULL, 0, NULL, 0},
    };
    static const char *const names[] = {"platform", "account",     "hashtag", "campaign",
                                        "words",    "utm_content", "type",    "tags"};
    json_t *o = json_object();
    struct fail f = {0};
    unsigned status = 0;
    char *text = NULL, path[96];
    struct buf body;
    int code, k;

    optind = 1;
    opterr = 0;
    buf_init(&body, SMALL_BODY_MAX);
    while ((k = getopt_long(argc, argv, "", longs, NULL)) != -1) {
        if (k == 'r') {
            json_decref(o);
            if (strspn(optarg, "0123456789") != strlen(optarg) || strlen(optarg) > 18 || !*optarg)
                return cli_usage("type", "--remove takes the number of a rule.");
            snprintf(path, sizeof path, "/api/v1/type-rules/%s", optarg);
            return remove_path(c, path);
        }
        if (k < 0 || k > 7 || json_object_set_new(o, names[k], json_string(optarg)) != 0) {
            json_decref(o);
            return cli_bad_option("type", argv[optind - 1]);
        }
    }
    text = json_dumps(o, JSON_COMPACT);
    json_decref(o);
    if (optind < argc || !text) {
        free(text);
        return cli_usage("type", "A rule takes options only.");
    }
    code = client_post_json(c, "/api/v1/type-rules", text, &status, &body, &f) ? said(status, &body)
                                                                               : cli_fail(&f);
    free(text);
    buf_clear(&body);
    return code;
}

/* What came of a list: what could not be set is named. */
static int report_list(const char *name, struct buf *body, bool list)
{
    json_t *answer = json_loadb(buf_text(body), body->len, 0, NULL), *row;
    bool bad = json_array_size(json_object_get(answer, "rejections")) > 0;
    size_t i;

    json_array_foreach(json_object_get(answer, "rejections"), i, row)
        fprintf(stderr, "%s: line %" JSON_INTEGER_FORMAT ": %s\n", name,
                json_integer_value(json_object_get(row, "line")),
                json_string_value(json_object_get(row, "sentence")));
    if (list)
        printf("%" JSON_INTEGER_FORMAT " set, %" JSON_INTEGER_FORMAT " as before.\n",
               json_integer_value(json_object_get(answer, "updated")),
               json_integer_value(json_object_get(answer, "unchanged")));
    else if (!bad)
        puts(json_integer_value(json_object_get(answer, "updated")) ? "Changed."
                                                                    : "It was so already.");
    json_decref(answer);
    return bad ? EX_DATAERR : EX_OK;
}

/* A list none of which could be set is refused as a whole, with each of its rows. */
static bool has_rejections(const struct buf *body)
{
    json_t *answer = body->len ? json_loadb(body->data, body->len, 0, NULL) : NULL;
    bool has = json_array_size(json_object_get(answer, "rejections")) > 0;

    json_decref(answer);
    return has;
}

static int list_file(struct client *c, const char *path)
{
    FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
    struct fail f = {0};
    struct buf body;
    unsigned status = 0;
    int code;

    if (!in) {
        fprintf(stderr, "postlift: %s: %s\n", path, strerror(errno));
        return EX_NOINPUT;
    }
    buf_init(&body, RESPONSE_MAX);
    if (!client_post_stream(c, "/api/v1/post-types", "text/csv", in, -1, NULL, NULL, &status, &body,
                            &f))
        code = cli_fail(&f);
    else if (status == 200 || has_rejections(&body))
        code = report_list(path, &body, status == 200);
    else
        code = cli_refused(path, status, &body);
    if (in != stdin)
        fclose(in);
    buf_clear(&body);
    return code;
}

/* set PLATFORM ID TYPE [TAG...]; "" as a type sets tags alone. */
static int set_one(struct client *c, int argc, char **argv)
{
    json_t *tags = json_array(), *o = json_object();
    struct fail f = {0};
    unsigned status = 0;
    struct buf body;
    char *text;
    int code;

    for (int i = 4; i < argc; i++)
        json_array_append_new(tags, json_string(argv[i]));
    json_object_set_new(o, "platform", json_string(argv[1]));
    json_object_set_new(o, "id", json_string(argv[2]));
    if (*argv[3])
        json_object_set_new(o, "type", json_string(argv[3]));
    json_object_set_new(o, "tags", tags);
    text = json_dumps(o, JSON_COMPACT);
    json_decref(o);
    if (!text)
        return cli_usage("type", "A word is not valid UTF-8.");
    buf_init(&body, SMALL_BODY_MAX);
    if (!client_post_json(c, "/api/v1/post-types", text, &status, &body, &f))
        code = cli_fail(&f);
    else if (status != 200)
        code = cli_refused(NULL, status, &body);
    else
        code = report_list(argv[2], &body, false);
    free(text);
    buf_clear(&body);
    return code;
}

static int unset_one(struct client *c, char **argv)
{
    struct target t;
    int code;

    target_init(&t, "/api/v1/post-types/");
    target_path(&t, c, argv[1]);
    target_path(&t, c, argv[2]);
    code = remove_path(c, buf_text(&t.text));
    target_clear(&t);
    return code;
}

int cmd_type(struct client *c, int argc, char **argv)
{
    bool as_json = argc > 1 && strcmp(argv[argc - 1], "--json") == 0;
    const char *what = argc > 1 ? argv[1] : "rules";
    int n = argc - as_json;

    if (n == 1 || (n == 2 && strcmp(what, "rules") == 0))
        return cli_show(c, "/api/v1/type-rules", "rules", as_json, rule_columns);
    if (n == 2 && strcmp(what, "list") == 0)
        return cli_show(c, "/api/v1/post-types?limit=1000", "types", as_json, set_columns);
    if (strcmp(what, "rule") == 0 && argc > 2)
        return rule(c, argc - 1, argv + 1);
    if (strcmp(what, "set") == 0 && argc >= 5)
        return set_one(c, argc - 1, argv + 1);
    if (strcmp(what, "unset") == 0 && argc == 4)
        return unset_one(c, argv + 1);
    if (argc == 2 && what[0] != '-' && strcmp(what, "rule") != 0 && strcmp(what, "set") != 0 &&
        strcmp(what, "unset") != 0)
        return list_file(c, what);
    return cli_usage("type", "That is not understood.");
}
