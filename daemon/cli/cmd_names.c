/* Accounts with their regions, and what names of sources count as. */
#include "base/ceilings.h"
#include "cli/commands.h"
#include "cli/text.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static const struct text_column account_columns[] = {
    {"platform", "platform", false, false, false},
    {"account", "account", false, false, false},
    {"region", "region", false, false, false},
    {"posts", "posts", true, false, false},
    {NULL, NULL, false, false, false},
};
static const struct text_column source_columns[] = {
    {"source", "counts as", false, false, false},
    {"name", "name", false, false, false},
    {"stated", "set by hand", false, false, false},
    {NULL, NULL, false, false, false},
};

int cli_show(struct client *c, const char *path, const char *list, bool as_json,
             const struct text_column *columns)
{
    struct fail f = {0};
    struct buf body;
    unsigned status = 0;
    int code = EX_OK;

    buf_init(&body, RESPONSE_MAX);
    if (!client_get(c, path, &status, &body, &f)) {
        code = cli_fail(&f);
    } else if (status != 200) {
        code = cli_refused(NULL, status, &body);
    } else if (as_json) {
        fwrite(buf_text(&body), 1, body.len, stdout);
    } else {
        json_t *answer = json_loadb(buf_text(&body), body.len, 0, NULL);

        text_table(stdout, json_object_get(answer, list), columns);
        json_decref(answer);
    }
    buf_clear(&body);
    return code;
}

/* Sends an object and says whether it changed anything; takes the object over. */
static int change(struct client *c, const char *command, const char *path, json_t *object)
{
    char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;
    struct fail f = {0};
    struct buf body;
    unsigned status = 0;
    int code = EX_OK;

    buf_init(&body, SMALL_BODY_MAX);
    if (!text) {
        code = cli_usage(command, "A word is not valid UTF-8.");
    } else if (!client_post_json(c, path, text, &status, &body, &f)) {
        code = cli_fail(&f);
    } else if (status != 200) {
        code = cli_refused(NULL, status, &body);
    } else {
        json_t *answer = json_loadb(buf_text(&body), body.len, 0, NULL);

        puts(json_is_true(json_object_get(answer, "changed")) ? "Changed." : "It was so already.");
        json_decref(answer);
    }
    free(text);
    buf_clear(&body);
    json_decref(object);
    return code;
}

int cmd_account(struct client *c, int argc, char **argv)
{
    bool as_json = argc == 2 && strcmp(argv[1], "--json") == 0;

    if (argc == 1 || as_json)
        return cli_show(c, "/api/v1/accounts", "accounts", as_json, account_columns);
    if (argc != 4)
        return cli_usage("account",
                         "A platform, a handle (\"\" for none) and a region are needed.");
    return change(
        c, "account", "/api/v1/accounts",
        json_pack("{s:s, s:s, s:s}", "platform", argv[1], "account", argv[2], "region", argv[3]));
}

int cmd_source(struct client *c, int argc, char **argv)
{
    bool as_json = argc == 2 && strcmp(argv[1], "--json") == 0;

    if (argc == 1 || as_json)
        return cli_show(c, "/api/v1/sources", "sources", as_json, source_columns);
    if (argc != 3)
        return cli_usage("source", "A name as files have it and what it counts as are needed.");
    return change(c, "source", "/api/v1/sources",
                  json_pack("{s:s, s:s}", "name", argv[1], "source", argv[2]));
}
