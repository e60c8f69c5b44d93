/* Notes: dated remarks. */
#include "cli/commands.h"
#include "cli/objects.h"

#include <string.h>
#include <sysexits.h>

enum { NOTE_WORDS = 64 };

static const struct text_column note_columns[] = {
    {"id", "id", true, false, false},
    {"from", "from", false, false, false},
    {"to", "to", false, false, false},
    {"kind", "kind", false, false, false},
    {"source", "source", false, false, false},
    {"platform", "platform", false, false, false},
    {"account", "account", false, false, false},
    {"metric", "metric", false, false, false},
    {"text", "text", false, false, false},
    {NULL, NULL, false, false, false},
};

static int list(struct client *c, int argc, char **argv)
{
    bool as_json = false;
    struct target t;
    int code;

    target_init(&t, "/api/v1/notes");
    target_add(&t, c, "limit", "1000");
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0) {
            as_json = true;
        } else if (strncmp(argv[i], "--", 2) == 0 && i + 1 < argc) {
            target_add(&t, c, argv[i] + 2, argv[i + 1]);
            i++;
        } else {
            target_clear(&t);
            return cli_usage("note", "An option looks like --name VALUE.");
        }
    }
    code = cli_show(c, buf_text(&t.text), "notes", as_json, note_columns);
    target_clear(&t);
    return code;
}

/* Adds, edits or removes. */
static int change(struct client *c, const char *what, int argc, char **argv)
{
    static const char *const names[] = {"date",   "from",     "to",      "kind",
                                        "source", "platform", "account", "metric",
                                        "text",   "private",  NULL};
    bool adds = strcmp(what, "add") == 0, removes = strcmp(what, "remove") == 0, as_json = false;
    const char *words[NOTE_WORDS];
    int n = 0, code, first = adds ? 0 : 1;
    json_t *o = object_of_options(argc, argv, names, words, NOTE_WORDS, &n, &as_json), *answer;
    char text[4096] = "";
    struct target t;

    if (!o || n < first || (removes && n > 1)) {
        json_decref(o);
        return cli_usage("note", !o     ? "An option is not understood, or lacks its value."
                                 : adds ? "A text is needed."
                                        : "The number of a note is needed.");
    }
    for (int i = first; i < n; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", i > first ? " " : "",
                 words[i]);
    if (text[0] && json_object_set_new(o, "text", json_string(text)) != 0) {
        json_decref(o);
        return cli_usage("note", "A word is not valid UTF-8.");
    }
    target_init(&t, adds ? "/api/v1/notes" : "/api/v1/notes/");
    if (!adds)
        target_path(&t, c, words[0]);
    if (removes) {
        json_decref(o);
        o = NULL;
    }
    answer = object_send(c,
                         adds      ? "POST"
                         : removes ? "DELETE"
                                   : "PUT",
                         buf_text(&t.text), o, &code);
    target_clear(&t);
    if (!answer)
        return code;
    if (as_json)
        object_print(answer);
    else if (removes)
        puts("Removed.");
    else if (!json_is_true(json_object_get(answer, "changed")))
        puts("It was so already.");
    else
        printf("Note %" JSON_INTEGER_FORMAT ".\n",
               json_integer_value(json_object_get(answer, "id")));
    json_decref(answer);
    return EX_OK;
}

int cmd_note(struct client *c, int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "list";

    if (argc == 1 || strcmp(what, "list") == 0 || strncmp(what, "--", 2) == 0)
        return argc == 1 || strncmp(what, "--", 2) == 0 ? list(c, argc, argv)
                                                        : list(c, argc - 1, argv + 1);
    if (strcmp(what, "add") != 0 && strcmp(what, "edit") != 0 && strcmp(what, "remove") != 0)
        return cli_usage("note", "add, list, edit and remove are understood.");
    return change(c, what, argc - 1, argv + 1);
}
