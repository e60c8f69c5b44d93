/* A report: one page for mail and archive, or text with bars and a sparkline for a terminal. */
#include "base/ceilings.h"
#include "cli/commands.h"
#include "cli/objects.h"

#include <langinfo.h>
#include <locale.h>
#include <math.h>
#include <string.h>
#include <sysexits.h>

enum { SPARKS = 72, BAR = 20 };

static bool is_utf8(void)
{
    return setlocale(LC_CTYPE, "") && strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

/* Days put together into at most SPARKS columns by their means; a gap stays a gap. */
static void print_sparks(const json_t *series, bool utf8)
{
    static const char *const blocks[] = {"\u2581", "\u2582", "\u2583", "\u2584",
                                         "\u2585", "\u2586", "\u2587", "\u2588"};
    static const char plain[] = "_.-~=+*#";
    size_t n = json_array_size(series), each = (n + SPARKS - 1) / SPARKS;
    double high = 0;

    if (!n)
        return;
    for (size_t i = 0; i < n; i++)
        high = fmax(high, json_number_value(json_object_get(json_array_get(series, i), "value")));
    fputs("  ", stdout);
    for (size_t i = 0; i < n; i += each) {
        double sum = 0;
        int known = 0, level;

        for (size_t k = i; k < n && k < i + each; k++) {
            const json_t *v = json_object_get(json_array_get(series, k), "value");

            if (json_is_number(v)) {
                sum += json_number_value(v);
                known++;
            }
        }
        level = known && high > 0 ? (int)(sum / known / high * 7.999) : 0;
        if (!known)
            putchar(' ');
        else if (utf8)
            fputs(blocks[level], stdout);
        else
            putchar(plain[level]);
    }
    printf("\n  %s to %s, highest %.0f\n",
           json_string_value(json_object_get(json_array_get(series, 0), "date")),
           json_string_value(json_object_get(json_array_get(series, n - 1), "date")), high);
}

/* A bar either side of its middle, cut at twice as much and at half. */
static void print_bar(double lift, bool utf8)
{
    int half = BAR / 2, at = (int)lround(half * fmax(-1, fmin(1, log1p(lift) / log(2))));

    for (int i = -half; i <= half; i++)
        if (i == 0)
            putchar('|');
        else if ((at > 0 && i > 0 && i <= at) || (at < 0 && i < 0 && i >= at))
            fputs(utf8 ? "\u2588" : "#", stdout);
        else
            putchar(' ');
}

static void print_types(const json_t *answer, bool utf8)
{
    size_t i;
    json_t *row;

    json_array_foreach(json_object_get(answer, "types"), i, row)
    {
        const json_t *engagement = json_object_get(row, "engagement");
        const json_t *lift = json_object_get(engagement, "lift");
        const char *name = json_string_value(json_object_get(row, "name"));

        if (i == 0)
            puts("\n  engagement of its posts against all others");
        printf("  %-14.14s ", name ? name : json_string_value(json_object_get(row, "type")));
        if (json_is_number(lift)) {
            char percent[32];

            print_bar(json_number_value(lift), utf8);
            text_percent(json_number_value(lift), percent);
            printf(" %s\n", percent);
        } else {
            puts("too little to judge by");
        }
    }
}

static json_t *ask(struct client *c, const char *path, int argc, char **argv, const char *start,
                   const char *source, bool series, int *code)
{
    struct target t;
    json_t *answer;
    bool has_start = false, has_source = false;

    target_init(&t, path);
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--format") == 0)
            continue;
        has_start = has_start || strcmp(argv[i], "--start") == 0;
        has_source = has_source || strcmp(argv[i], "--source") == 0;
        if (series || (strcmp(argv[i], "--start") != 0 && strcmp(argv[i], "--end") != 0 &&
                       strcmp(argv[i], "--baseline") != 0 && strcmp(argv[i], "--control") != 0))
            target_add(&t, c, argv[i] + 2, argv[i + 1]);
    }
    if (series && !has_start && start)
        target_add(&t, c, "start", start);
    if (!has_source && source)
        target_add(&t, c, "source", source);
    if (series)
        target_add(&t, c, "series", "1");
    answer = object_send(c, "GET", buf_text(&t.text), NULL, code);
    target_clear(&t);
    return answer;
}

static int report_text(struct client *c, int argc, char **argv)
{
    int code;
    json_t *overview = object_send(c, "GET", "/api/v1/overview", NULL, &code), *lift, *types;
    const json_t *d = json_object_get(overview, "default_question");
    const char *start = json_string_value(json_object_get(d, "start"));
    const char *source = json_string_value(json_object_get(d, "source"));
    bool utf8 = is_utf8();

    if (!overview)
        return code;
    lift = ask(c, "/api/v1/lift", argc, argv, start, source, true, &code);
    if (lift) {
        text_wrapped(stdout, json_string_value(json_object_get(lift, "sentence")), "");
        putchar('\n');
        print_sparks(json_object_get(lift, "series"), utf8);
        types = ask(c, "/api/v1/types", argc, argv, NULL, source, false, &code);
        if (types) {
            print_types(types, utf8);
            putchar('\n');
            text_wrapped(stdout, json_string_value(json_object_get(types, "sentence")), "");
        }
        json_decref(types);
        text_warnings(stdout, lift);
    }
    json_decref(lift);
    json_decref(overview);
    return code;
}

int cmd_report(struct client *c, int argc, char **argv)
{
    struct fail f = {0};
    unsigned status = 0;
    struct target t;
    struct buf body;
    int code = EX_OK;
    bool text = false;

    target_init(&t, "/api/v1/report");
    for (int i = 1; i < argc; i += 2) {
        if (strcmp(argv[i], "--format=text") == 0) {
            text = true;
            i--;
            continue;
        }
        if (strncmp(argv[i], "--", 2) != 0 || i + 1 >= argc) {
            target_clear(&t);
            return cli_usage("report", "An option looks like --name VALUE.");
        }
        if (strcmp(argv[i], "--format") == 0)
            text = strcmp(argv[i + 1], "text") == 0;
        else
            target_add(&t, c, argv[i] + 2, argv[i + 1]);
    }
    if (text) {
        target_clear(&t);
        return report_text(c, argc, argv);
    }
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
