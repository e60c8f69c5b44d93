/* Questions and lists: the API's parameters as options, its answer as text or as it came. */
#include "base/ceilings.h"
#include "cli/commands.h"
#include "cli/text.h"

#include <string.h>
#include <sysexits.h>

static void text_posts(FILE *out, const json_t *a)
{
    static const struct text_column columns[] = {
        {"platform", "platform", false, false, false},
        {"id", "id", false, false, false},
        {"type", "type", false, false, false},
        {"posted_at", "posted at", false, false, false},
        {"likes", "likes", true, false, false},
        {"engagement", "engagement", true, false, false},
        {"sessions", "sessions", true, false, false},
        {"tags", "tags", false, false, false},
        {NULL, NULL, false, false, false},
    };

    text_table(out, json_object_get(a, "posts"), columns);
}

static void text_traffic(FILE *out, const json_t *a)
{
    static const struct text_column columns[] = {
        {"date", "date", false, false, false},
        {"source", "source", false, false, false},
        {"source_group", "counts as", false, false, false},
        {"region", "region", false, false, false},
        {"sessions", "sessions", true, false, false},
        {"users", "users", true, false, false},
        {NULL, NULL, false, false, false},
    };

    text_table(out, json_object_get(a, "traffic"), columns);
}

static void text_imports(FILE *out, const json_t *a)
{
    static const struct text_column columns[] = {
        {"id", "id", true, false, false},
        {"state", "state", false, false, false},
        {"profile", "profile", false, false, false},
        {"inserted", "new", true, false, false},
        {"updated", "changed", true, false, false},
        {"unchanged", "as before", true, false, false},
        {"skipped", "skipped", true, false, false},
        {"rejected", "rejected", true, false, false},
        {"received_at", "received at", false, false, false},
        {"file", "file", false, false, false},
        {NULL, NULL, false, false, false},
    };

    text_table(out, json_object_get(a, "imports"), columns);
}

static const struct {
    const char *name, *path;
    void (*text)(FILE *out, const json_t *answer);
} questions[] = {
    {"lift", "/api/v1/lift", text_lift},
    {"compare", "/api/v1/compare", text_compare},
    {"types", "/api/v1/types", text_types},
    {"posts", "/api/v1/posts", text_posts},
    {"outliers", "/api/v1/posts/outliers", text_outliers},
    {"cadence", "/api/v1/cadence", text_cadence},
    {"traffic", "/api/v1/traffic", text_traffic},
    {"imports", "/api/v1/imports", text_imports},
    {"plan", "/api/v1/plan", text_plan},
};

/* "--name value" and "--name=value" → parameters. */
static bool read_options(struct client *c, int argc, char **argv, struct target *t, bool *as_json,
                         bool *raw)
{
    for (int i = 1; i < argc; i++) {
        char name[64];
        const char *value;
        size_t n;

        if (strncmp(argv[i], "--", 2) != 0 || !argv[i][2])
            return false;
        if (strcmp(argv[i], "--json") == 0) {
            *as_json = true;
            continue;
        }
        n = strcspn(argv[i] + 2, "=");
        if (n >= sizeof name)
            return false;
        snprintf(name, sizeof name, "%.*s", (int)n, argv[i] + 2);
        if (argv[i][2 + n] == '=')
            value = argv[i] + 3 + n;
        else if (i + 1 < argc)
            value = argv[++i];
        else
            return false;
        if (strcmp(name, "format") == 0)
            *raw = true;
        target_add(t, c, name, value);
    }
    return true;
}

int cmd_ask(struct client *c, int argc, char **argv)
{
    bool as_json = false, raw = false;
    struct fail f = {0};
    struct target t;
    struct buf body;
    unsigned status = 0;
    int code = EX_OK;
    size_t q = 0;

    while (strcmp(questions[q].name, argv[0]) != 0)
        q++;
    target_init(&t, questions[q].path);
    buf_init(&body, RESPONSE_MAX);
    if (!read_options(c, argc, argv, &t, &as_json, &raw)) {
        code = cli_usage(argv[0], "An option looks like --name VALUE.");
    } else if (!client_get(c, buf_text(&t.text), &status, &body, &f)) {
        code = cli_fail(&f);
    } else if (status != 200) {
        code = cli_refused(NULL, status, &body);
    } else if (as_json || raw) {
        fwrite(buf_text(&body), 1, body.len, stdout);
    } else {
        json_t *answer = json_loadb(buf_text(&body), body.len, 0, NULL);
        const char *next = json_string_value(json_object_get(answer, "next_cursor"));

        questions[q].text(stdout, answer);
        if (next)
            printf("There is more: --cursor %s\n", next);
        json_decref(answer);
    }
    buf_clear(&body);
    target_clear(&t);
    return code;
}
