/* The sample experiments that come with the program. */
#include "base/embedded.h"
#include "cli/importing.h"
#include "cli/objects.h"

#include <string.h>
#include <sysexits.h>
#include <time.h>

enum { FINDING_WAITS = 40, WAIT_MS = 250 }; /* ten seconds for the daemon to compute it */

/* The experiment once all that it promises was found; the caller's. */
static json_t *wait_for_findings(struct client *c, const char *path, int *code)
{
    struct timespec nap = {.tv_nsec = WAIT_MS * 1000000l};
    json_t *o = NULL;

    for (int i = 0; i < FINDING_WAITS; i++) {
        json_decref(o);
        o = object_send(c, "GET", path, NULL, code);
        if (!o || strcmp(answer_text(o, "state"), "closed") == 0)
            break;
        nanosleep(&nap, NULL);
    }
    return o;
}

int cmd_sample(struct client *c, int argc, char **argv)
{
    struct importing im = {.client = c, .rows = REJECTS_SHOWN};
    char path[96], name[96];
    const char *text;
    json_t *answer, *finding;
    bool already;
    size_t i;
    FILE *in;
    int code;

    if (argc != 2 || (strcmp(argv[1], "follow-up") != 0 && strcmp(argv[1], "coin-flip") != 0))
        return cli_usage("sample", "There are two samples: follow-up and coin-flip.");
    snprintf(path, sizeof path, "samples/%s.ndjson", argv[1]);
    snprintf(name, sizeof name, "sample-%s.ndjson", argv[1]);
    text = embedded_text(path);
    in = text ? fmemopen((void *)(uintptr_t)text, strlen(text), "r") : NULL;
    if (!in) {
        fputs("postlift: The sample is not part of this program.\n", stderr);
        return EX_SOFTWARE;
    }
    answer = importing_send(&im, name, in, (int64_t)strlen(text), &already, &code);
    fclose(in);
    if (!answer)
        return code;
    if (answer_is_refused(answer) || answer_count(answer, "rejected"))
        code = EX_DATAERR;
    printf("Import %" PRId64 ", %" PRId64 " rows of the region sample-%s%s.\n\n",
           answer_count(answer, "id"), answer_count(answer, "received"), argv[1],
           already ? ", which were there already" : "");
    answer_rejects(stderr, name, answer, REJECTS_SHOWN);
    json_decref(answer);
    snprintf(path, sizeof path, "/api/v1/experiments/sample-%s", argv[1]);
    answer = wait_for_findings(c, path, &code);
    json_array_foreach(json_object_get(answer, "findings"), i, finding)
    {
        printf("%sFinding %zu, due %s:\n", i ? "\n" : "", i + 1, answer_text(finding, "due"));
        text_wrapped(stdout, answer_text(finding, "sentence"), "");
    }
    if (answer)
        printf("\nThe whole of it: postlift experiment show sample-%s; a page: postlift experiment "
               "report sample-%s\nA sample is in no other answer: questions about it name its "
               "region, as in postlift types --region sample-%s\n",
               argv[1], argv[1], argv[1]);
    json_decref(answer);
    return code;
}
