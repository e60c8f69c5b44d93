#include "cli/objects.h"
#include "base/ceilings.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static bool put(json_t *o, const char *name, const char *value)
{
    json_t *text = json_string(value), *there = json_object_get(o, name), *list;

    if (!text)
        return false;
    if (!there)
        return json_object_set_new(o, name, text) == 0;
    if (json_is_array(there))
        return json_array_append_new(there, text) == 0;
    list = json_pack("[O, o]", there, text);
    return list && json_object_set_new(o, name, list) == 0;
}

static bool is_known(const char *const *names, const char *name)
{
    while (*names && strcmp(*names, name) != 0)
        names++;
    return *names != NULL;
}

json_t *object_of_options(int argc, char **argv, const char *const *names, const char **words,
                          int most, int *n_words, bool *as_json)
{
    json_t *o = json_object();
    bool ok = o != NULL;

    *n_words = 0;
    for (int i = 1; ok && i < argc; i++) {
        const char *value = NULL;
        char name[64];
        size_t n;

        if (strncmp(argv[i], "--", 2) != 0 || !argv[i][2]) {
            ok = *n_words < most;
            if (ok)
                words[(*n_words)++] = argv[i];
            continue;
        }
        if (strcmp(argv[i], "--json") == 0) {
            *as_json = true;
            continue;
        }
        n = strcspn(argv[i] + 2, "=");
        snprintf(name, sizeof name, "%.*s", (int)(n < 63 ? n : 63), argv[i] + 2);
        for (char *c = name; *c; c++)
            if (*c == '-')
                *c = '_';
        if (argv[i][2 + n] == '=')
            value = argv[i] + 3 + n;
        else if (i + 1 < argc)
            value = argv[++i];
        ok = value && is_known(names, name) && put(o, name, value);
    }
    if (ok)
        return o;
    json_decref(o);
    return NULL;
}

json_t *object_send(struct client *c, const char *method, const char *path, json_t *object,
                    int *code)
{
    char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;
    json_t *answer = NULL;
    unsigned status = 0;
    struct fail f = {0};
    struct buf body;
    bool sent;

    *code = EX_OK;
    buf_init(&body, RESPONSE_MAX);
    sent = strcmp(method, "GET") == 0      ? client_get(c, path, &status, &body, &f)
           : strcmp(method, "DELETE") == 0 ? client_delete(c, path, &status, &body, &f)
           : text ? client_send_json(c, method, path, text, &status, &body, &f)
                  : fail_memory(&f);
    if (!sent)
        *code = cli_fail(&f);
    else if (status / 100 != 2)
        *code = cli_refused(NULL, status, &body);
    else if (!(answer = json_loadb(buf_text(&body), body.len, 0, NULL)))
        *code = EX_PROTOCOL;
    buf_clear(&body);
    free(text);
    json_decref(object);
    return answer;
}

void object_print(const json_t *answer)
{
    json_dumpf(answer, stdout, JSON_COMPACT | JSON_REAL_PRECISION(15));
    putchar('\n');
}
