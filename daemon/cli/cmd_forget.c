/* Erasing for good. */
#include "cli/importing.h"
#include "cli/objects.h"

#include <inttypes.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

/* Waits for the erasing that was begun; its report is the caller's, NULL with *code. */
static json_t *wait_for(struct client *c, int *code)
{
    struct timespec nap = {.tv_nsec = 50000000};
    json_t *o;

    while ((o = object_send(c, "GET", "/api/v1/forget", NULL, code)) != NULL &&
           strcmp(answer_text(o, "state"), "running") == 0) {
        json_decref(o);
        nanosleep(&nap, NULL);
    }
    return o;
}

static int64_t count(const json_t *o, const char *name)
{
    return json_integer_value(json_object_get(o, name));
}

static int tell(json_t *o)
{
    static const char *const counts[] = {"posts", "traffic_days", "notes", "imports_wiped",
                                         "experiments_marked"};
    int64_t all = 0;
    bool done = strcmp(answer_text(o, "state"), "done") == 0;

    printf("Erased: %" PRId64 " posts, %" PRId64 " days of traffic, %" PRId64
           " notes; reports of %" PRId64 " imports were wiped, %" PRId64 " experiments marked.\n",
           count(o, "posts"), count(o, "traffic_days"), count(o, "notes"),
           count(o, "imports_wiped"), count(o, "experiments_marked"));
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        all += count(o, counts[i]);
    if (done && !all)
        fputs(
            "postlift: nothing here was that; is the name as it stands in \"postlift account\" or "
            "\"postlift posts\"?\n",
            stderr);
    if (!done)
        fprintf(stderr, "postlift: %s\n", answer_text(o, "sentence"));
    json_decref(o);
    return done ? EX_OK : EX_TEMPFAIL;
}

int cmd_forget(struct client *c, int argc, char **argv)
{
    json_t *asked = json_object(), *o;
    bool yes = false, dated = false;
    int what = 0, code = EX_OK;

    for (int i = 1; i < argc; i++) {
        bool post = strcmp(argv[i], "--post") == 0, account = strcmp(argv[i], "--account") == 0;

        if (strcmp(argv[i], "--yes") == 0) {
            yes = true;
        } else if (strcmp(argv[i], "--traffic") == 0 || strcmp(argv[i], "--notes") == 0) {
            json_object_set_new(asked, argv[i] + 2, json_true());
        } else if ((post || account) && i + 2 < argc && strncmp(argv[i + 1], "--", 2) != 0 &&
                   strcmp(argv[i + 2], "--yes") != 0) {
            json_object_set_new(asked, argv[i] + 2,
                                json_pack("{s:s, s:s}", "platform", argv[i + 1],
                                          post ? "id" : "handle", argv[i + 2]));
            i += 2;
            what++;
        } else if (strcmp(argv[i], "--before") == 0 && i + 1 < argc) {
            json_object_set_new(asked, "before", json_string(argv[++i]));
            dated = true;
            what++;
        } else {
            what = -argc;
        }
    }
    if (what != 1 ||
        (!dated && (json_object_get(asked, "traffic") || json_object_get(asked, "notes")))) {
        json_decref(asked);
        return cli_usage("forget", "What is to be erased? One of --post PLATFORM ID, --account "
                                   "PLATFORM HANDLE and --before DAY.");
    }
    if (!yes) {
        json_decref(asked);
        return cli_usage("forget", "What is erased cannot be had back: add --yes to mean it.");
    }
    o = object_send(c, "POST", "/api/v1/forget", asked, &code);
    json_decref(o);
    if (!o)
        return code;
    o = wait_for(c, &code);
    return o ? tell(o) : code;
}
