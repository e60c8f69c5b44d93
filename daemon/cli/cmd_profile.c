/* By which profiles files are read, and what one file would be read as. */
#include "base/ceilings.h"
#include "cli/importing.h"

#include <string.h>
#include <sysexits.h>
#include <unistd.h>

static const struct text_column profile_columns[] = {
    {"name", "name", false, false, false},   {"record", "brings", false, false, false},
    {"title", "title", false, false, false}, {"file", "your own file", false, false, false},
    {NULL, NULL, false, false, false},
};
static const struct text_column column_columns[] = {
    {"column", "column", true, false, false},
    {"heading", "heading", false, false, false},
    {"read_as", "read as", false, false, false},
    {NULL, NULL, false, false, false},
};

static int show_check(const char *name, const json_t *answer)
{
    size_t i;
    json_t *note;

    if (answer_is_refused(answer)) {
        fprintf(stderr, "postlift: %s: %s\n", name, answer_text(answer, "sentence"));
        if (!json_array_size(json_object_get(answer, "columns")))
            return EX_DATAERR;
    }
    printf("%s would be read as %s (version %" PRId64 "), %s.\n", name,
           answer_text(answer, "profile"), answer_count(answer, "profile_version"),
           *answer_text(answer, "charset") ? answer_text(answer, "charset") : "UTF-8");
    if (*answer_text(answer, "covers_to"))
        printf("Its figures are of %s to %s.\n", answer_text(answer, "covers_from"),
               answer_text(answer, "covers_to"));
    putchar('\n');
    text_table(stdout, json_object_get(answer, "columns"), column_columns);
    printf("\n%" PRId64 " rows: %" PRId64 " new, %" PRId64 " would change something, %" PRId64
           " as before, %" PRId64 " skipped, %" PRId64 " rejected. Nothing was stored.\n",
           answer_count(answer, "received"), answer_count(answer, "inserted"),
           answer_count(answer, "updated"), answer_count(answer, "unchanged"),
           answer_count(answer, "skipped"), answer_count(answer, "rejected"));
    json_array_foreach(json_object_get(answer, "notes"), i, note) printf(
        "note: %s (%" PRId64 " rows)\n", answer_text(note, "detail"), answer_count(note, "rows"));
    answer_rejects(stderr, name, answer, REJECTS_SHOWN);
    return answer_count(answer, "rejected") ? EX_DATAERR : EX_OK;
}

static int check(struct client *c, int argc, char **argv, bool as_json)
{
    static const struct {
        const char *option;
        enum import_parameter parameter;
    } options[] = {
        {"--profile", IMPORT_PROFILE},       {"--charset", IMPORT_CHARSET}, {"--year", IMPORT_YEAR},
        {"--date-order", IMPORT_DATE_ORDER}, {"--covers", IMPORT_COVERS},
    };
    const char *path = argv[argc - 1];
    struct importing im = {
        .client = c, .rows = REJECTS_SHOWN + 1, .terminal = isatty(STDERR_FILENO)};
    int64_t size = -1;
    json_t *answer;
    bool already;
    int code;
    FILE *in;

    for (int i = 0; i + 1 < argc; i += 2) {
        size_t k = 0;

        while (k < sizeof options / sizeof *options && strcmp(options[k].option, argv[i]) != 0)
            k++;
        if (k == sizeof options / sizeof *options || i + 2 >= argc)
            return cli_bad_option("profile", argv[i]);
        im.parameter[options[k].parameter] = argv[i + 1];
    }
    in = importing_open(path, &size);
    if (!in)
        return EX_NOINPUT;
    im.parameter[IMPORT_DRY_RUN] = "1";
    answer = importing_send(&im, path, in, size, &already, &code);
    fclose(in);
    if (answer && as_json) {
        json_dumpf(answer, stdout, JSON_COMPACT | JSON_REAL_PRECISION(15));
        putchar('\n');
        code = answer_is_refused(answer) || answer_count(answer, "rejected") ? EX_DATAERR : EX_OK;
    } else if (answer) {
        code = show_check(path, answer);
    }
    json_decref(answer);
    return code;
}

int cmd_profile(struct client *c, int argc, char **argv)
{
    bool as_json = argc > 1 && strcmp(argv[argc - 1], "--json") == 0;
    int n = argc - as_json;

    if (n == 1)
        return cli_show(c, "/api/v1/profiles", "profiles", as_json, profile_columns);
    if (n >= 3 && strcmp(argv[1], "check") == 0)
        return check(c, n - 2, argv + 2, as_json);
    return cli_usage("profile", "That is not understood.");
}
