/* A report: one page for mail and archive, or text with bars and a sparkline for a terminal. */
#include "base/ceilings.h"
#include "cli/commands.h"
#include "cli/objects.h"

#include <langinfo.h>
#include <locale.h>
#include <math.h>
#include <string.h>
#include <sysexits.h>

enum { SPARKS = 72, BAR = 14, FIGURES = 27, TYPES_PRINTED = 20, POSTS_PRINTED = 8 };

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

/* A bar and its figures, or why there are none. */
static void print_effect(const json_t *effect, bool utf8)
{
    const json_t *lift = json_object_get(effect, "lift");
    const json_t *interval = json_object_get(effect, "interval");
    char at[32], low[32], high[32], whole[120];

    if (!json_is_number(lift)) {
        printf("%-*s", BAR + 1 + FIGURES, "too little to judge by");
        return;
    }
    print_bar(json_number_value(lift), utf8);
    text_percent(json_number_value(lift), at);
    text_percent(json_number_value(json_array_get(interval, 0)), low);
    text_percent(json_number_value(json_array_get(interval, 1)), high);
    snprintf(whole, sizeof whole, " %s (%s to %s)", at, low, high);
    printf("%-*s", FIGURES, whole);
}

static void print_types(const json_t *answer, bool utf8)
{
    size_t i;
    json_t *row;

    json_array_foreach(json_object_get(answer, "types"), i, row)
    {
        const char *name = json_string_value(json_object_get(row, "name"));

        if (i == TYPES_PRINTED) {
            printf("  and %zu more\n", json_array_size(json_object_get(answer, "types")) - i);
            break;
        }
        if (i == 0)
            printf("\n  %-14s %-*s  %s\n", "", BAR + 1 + FIGURES, "pleases: engagement",
                   "moves: days with one");
        printf("  %-14.14s ", name ? name : json_string_value(json_object_get(row, "type")));
        print_effect(json_object_get(row, "engagement"), utf8);
        printf("  ");
        print_effect(json_object_get(row, "traffic"), utf8);
        putchar('\n');
    }
}

struct asking {
    struct client *client;
    int argc;
    char **argv;
    const json_t *first; /* the default question */
};

static bool is_option(const char *arg, const char *name)
{
    size_t n = strlen(name);

    return strncmp(arg, "--", 2) == 0 && strncmp(arg + 2, name, n) == 0 &&
           (!arg[n + 2] || arg[n + 2] == '=');
}

/* Adds an option as a parameter: --name VALUE or --name=VALUE; returns how many words it took, 0
 * when it is none. */
static int add_option(struct target *t, struct client *c, int argc, char **argv, int i)
{
    char name[64];
    const char *equals = strchr(argv[i], '=');

    if (strncmp(argv[i], "--", 2) != 0 || !argv[i][2])
        return 0;
    if (equals) {
        snprintf(name, sizeof name, "%.*s", (int)(equals - argv[i] - 2), argv[i] + 2);
        if (t && strcmp(name, "format") != 0)
            target_add(t, c, name, equals + 1);
        return 1;
    }
    if (i + 1 >= argc)
        return 0;
    if (t && strcmp(argv[i] + 2, "format") != 0)
        target_add(t, c, argv[i] + 2, argv[i + 1]);
    return 2;
}

/* An answer to the options that its route knows. known: what it takes, NULL at the end. */
static json_t *ask(const struct asking *a, const char *path, const char *const *known,
                   const char *const *defaults, int *code)
{
    struct target t;
    json_t *answer;

    target_init(&t, path);
    for (int i = 1; i < a->argc;) {
        int k = 0, n;

        while (known[k] && !is_option(a->argv[i], known[k]))
            k++;
        n = add_option(known[k] ? &t : NULL, a->client, a->argc, a->argv, i);
        i += n;
    }
    for (; *defaults; defaults++) {
        const char *value = json_string_value(json_object_get(a->first, *defaults));
        bool given = false;

        for (int i = 1; i < a->argc; i++)
            given = given || is_option(a->argv[i], *defaults);
        if (value && !given)
            target_add(&t, a->client, *defaults, value);
    }
    if (strcmp(path, "/api/v1/lift") == 0)
        target_add(&t, a->client, "series", "1");
    answer = object_send(a->client, "GET", buf_text(&t.text), NULL, code);
    target_clear(&t);
    return answer;
}

static void print_sentence(const json_t *answer)
{
    const char *sentence = json_string_value(json_object_get(answer, "sentence"));

    putchar('\n');
    text_wrapped(stdout, sentence ? sentence : "", "");
}

static void print_posts(const json_t *answer)
{
    const json_t *list = json_object_get(answer, "outliers");
    json_t *row;
    size_t i;

    print_sentence(answer);
    json_array_foreach(list, i, row)
    {
        const char *words = json_string_value(json_object_get(row, "excerpt"));

        if (i == POSTS_PRINTED) {
            printf("  and %zu more\n", json_array_size(list) - i);
            break;
        }
        printf("  %s of %s on %s, %.0f: ", json_string_value(json_object_get(row, "kind")),
               json_string_value(json_object_get(row, "day")),
               json_string_value(json_object_get(row, "platform")),
               json_number_value(json_object_get(row, "value")));
        text_wrapped(stdout, words ? words : json_string_value(json_object_get(row, "id")), "  ");
    }
}

static int report_text(struct client *c, int argc, char **argv)
{
    static const char *const of_lift[] = {"metric",  "source",   "start",   "end",  "baseline",
                                          "control", "tag",      "account", "type", "platform",
                                          "region",  "campaign", NULL};
    static const char *const of_types[] = {"metric",   "source", "tag",      "account",
                                           "platform", "region", "campaign", NULL};
    static const char *const of_posts[] = {"tag",    "account",  "platform",
                                           "region", "campaign", NULL};
    static const char *const lift_first[] = {"source", "start", "region", NULL};
    static const char *const types_first[] = {"source", "region", NULL}, *const posts_first[] = {
                                                                             "region", NULL};
    int code, first;
    static const char *const of_overview[] = {"tag",  "account",  "platform", "region",
                                              "type", "campaign", NULL};
    static const char *const nothing_first[] = {NULL};
    struct asking a = {c, argc, argv, NULL}; /* what began among the posts that are asked about */
    json_t *overview = ask(&a, "/api/v1/overview", of_overview, nothing_first, &code), *o;
    bool utf8 = is_utf8();

    a.first = json_object_get(overview, "default_question");
    if (!overview)
        return code;
    if (json_integer_value(json_object_get(overview, "traffic_days"))) {
        o = ask(&a, "/api/v1/lift", of_lift, lift_first, &code);
        if (!o)
            goto out;
        text_wrapped(stdout, json_string_value(json_object_get(o, "sentence")), "");
        if (json_object_get(json_object_get(o, "plan"), "sentence"))
            text_wrapped(stdout,
                         json_string_value(json_object_get(json_object_get(o, "plan"), "sentence")),
                         "");
        putchar('\n');
        print_sparks(json_object_get(o, "series"), utf8);
        text_warnings(stdout, o);
        json_decref(o);
    } else {
        puts("There is no traffic of the website yet: what posts move cannot be told.");
    }
    first = code;
    if (json_integer_value(json_object_get(overview, "posts"))) {
        o = ask(&a, "/api/v1/types", of_types, types_first, &code);
        if (o) {
            print_types(o, utf8);
            print_sentence(o);
        }
        json_decref(o);
        first = first ? first : code;
        o = ask(&a, "/api/v1/posts/outliers", of_posts, posts_first, &code);
        if (o)
            print_posts(o);
        json_decref(o);
        first = first ? first : code;
        o = ask(&a, "/api/v1/cadence", of_posts, posts_first, &code);
        if (o)
            print_sentence(o);
        json_decref(o);
    }
    code = first ? first : code;
out:
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
    for (int i = 1; i < argc;) {
        int n = add_option(&t, c, argc, argv, i);
        const char *form = n == 2 ? argv[i + 1] : n == 1 ? strchr(argv[i], '=') + 1 : "";

        if (!n || (is_option(argv[i], "format") && strcmp(form, "text") != 0 &&
                   strcmp(form, "html") != 0)) {
            target_clear(&t);
            return cli_usage("report", n ? "\"--format\" is html or text."
                                         : "An option looks like --name VALUE or --name=VALUE.");
        }
        text = text || (is_option(argv[i], "format") && strcmp(form, "text") == 0);
        i += n;
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
