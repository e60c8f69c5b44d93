/* The read log: its head, its entries, and whether it is whole. Verified here and not by the
 * daemon, so that nobody needs to believe the daemon. */
#include "base/chain.h"
#include "base/clock.h"
#include "base/day.h"
#include "cli/commands.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

struct asked {
    const char *what, *file, *head, *token, *since, *event;
    bool as_json;
};

/* ---- getting it ---- */

/* A pipe is copied, so that its end can be looked at first. */
static FILE *with_places(FILE *in)
{
    char part[65536];
    FILE *copy;
    size_t n;
    bool ok = true;

    if (fseeko(in, 0, SEEK_END) == 0) {
        rewind(in);
        return in;
    }
    copy = tmpfile();
    while (copy && ok && (n = fread(part, 1, sizeof part, in)) > 0)
        ok = fwrite(part, 1, n, copy) == n;
    if (!copy || !ok || ferror(in) || fseeko(copy, 0, SEEK_SET) != 0) {
        fprintf(stderr, "postlift: the log cannot be copied: %s.\n", strerror(errno));
        if (copy)
            fclose(copy);
        copy = NULL;
    }
    fclose(in);
    return copy;
}

/* The log as a stream from its start: a file's, or the daemon's copied. NULL with *code. */
static FILE *open_log(struct client *c, const struct asked *a, int *code)
{
    FILE *in = a->file ? fopen(a->file, "re") : tmpfile();
    struct buf problem;
    struct fail f = {0};
    unsigned status = 0;
    int64_t bytes;

    *code = EX_OK;
    if (!in) {
        fprintf(stderr, "postlift: %s: %s.\n", a->file ? a->file : "a file for the log",
                strerror(errno));
        *code = a->file ? EX_NOINPUT : EX_CANTCREAT;
        return NULL;
    }
    if (a->file) {
        in = with_places(in);
        *code = in ? EX_OK : EX_IOERR;
        return in;
    }
    buf_init(&problem, 65536);
    if (!client_get_stream(c, "/api/v1/audit/log", in, &status, &problem, &bytes, &f))
        *code = cli_fail(&f);
    else if (status != 200)
        *code = cli_refused(NULL, status, &problem);
    buf_clear(&problem);
    rewind(in);
    if (*code == EX_OK)
        return in;
    fclose(in);
    return NULL;
}

/* ---- verifying ---- */

static int64_t number_of(const char *line, size_t len)
{
    const char *json = chain_json(line, len);
    json_t *o = json ? json_loadb(json, len - (size_t)(json - line), 0, NULL) : NULL;
    int64_t n = json_integer_value(json_object_get(o, "n"));

    json_decref(o);
    return n;
}

static bool is_head(const char *text)
{
    return strlen(text) == CHAIN_HASH && text[strspn(text, "0123456789abcdef")] == 0;
}

/* What is behind the last end of a line: no entry, cut by a crash or still being written. */
static void say_rest(int64_t bytes)
{
    if (bytes)
        printf("Behind them are %" PRId64
               " bytes that are no whole entry: a line that a crash cut, or one "
               "that is being written.\n",
               bytes);
}

/*
 * Where the last line of a file ends that has an end, and how many bytes but NULs are behind it: a
 * daemon may be writing there. What is before it is whole now, as the end of a line is written
 * last; read later it is so for certain.
 */
static bool find_end(FILE *in, int64_t *end, int64_t *behind)
{
    static char part[65536];
    off_t size = fseeko(in, 0, SEEK_END) == 0 ? ftello(in) : -1, from = size;

    *end = *behind = 0;
    while (from > 0 && !*end) {
        size_t n = from > (off_t)sizeof part ? sizeof part : (size_t)from;

        from -= (off_t)n;
        if (fseeko(in, from, SEEK_SET) != 0 || fread(part, 1, n, in) != n)
            return false;
        for (size_t i = n; i > 0 && !*end; i--)
            if (part[i - 1] == '\n')
                *end = from + (int64_t)i;
            else if (part[i - 1] && !*behind)
                *behind = from + (int64_t)i;
    }
    *behind = *behind ? *behind - *end : 0;
    return size >= 0 && fseeko(in, 0, SEEK_SET) == 0;
}

/* The next line with whatever bytes are in it, cut past CHAIN_LINE_MAX: then it is none. */
static size_t next_line(FILE *in, char line[CHAIN_LINE_MAX + 2], int64_t *left)
{
    size_t len = 0;
    int c;

    while ((c = getc(in)) != EOF && --*left >= 0 && c != '\n')
        if (len <= CHAIN_LINE_MAX)
            line[len++] = (char)c;
    line[len] = 0;
    return len;
}

static int verify(FILE *in, const struct asked *a)
{
    char line[CHAIN_LINE_MAX + 2];
    struct chain chain;
    int64_t found = a->head && strspn(a->head, "0") == CHAIN_HASH ? 0 : -1;
    int64_t left, rest;
    size_t len;

    if (!find_end(in, &left, &rest)) {
        fprintf(stderr, "postlift: The log cannot be read: %s.\n", strerror(errno));
        return EX_IOERR;
    }
    chain_begin(&chain);
    while (left > 0) {
        len = next_line(in, line, &left);
        if (ferror(in))
            break;
        if (memchr(line, 0, len) || !chain_follow(&chain, line, len) ||
            number_of(line, len) != chain.n) {
            printf("Entry %" PRId64 " does not follow from what is before it: it, or an entry "
                   "before it, was changed, moved, added or removed.\n",
                   chain.n + 1);
            return EX_DATAERR;
        }
        if (a->head && strcmp(chain.head, a->head) == 0)
            found = chain.n;
    }
    if (ferror(in)) {
        fprintf(stderr, "postlift: The log cannot be read: %s.\n", strerror(errno));
        return EX_IOERR;
    }
    if (a->head && found < 0) {
        printf("The entries follow from one another, but none of the %" PRId64
               " has the head that was kept: what was written until then was changed or removed.\n",
               chain.n);
        return EX_DATAERR;
    }
    printf("%" PRId64 " entries follow from one another; the head is now %s.\n", chain.n,
           chain.head);
    say_rest(rest);
    if (a->head && found == 0)
        puts("The head that was given is that of an empty log, so nothing is compared with it.");
    else if (a->head)
        printf("The head that was kept is that of entry %" PRId64
               ": nothing up to it was changed or removed. Of the %" PRId64
               " after it the same can be told with a newer head.\n",
               found, chain.n - found);
    else
        puts("Without a head that was kept elsewhere (--head), entries cut off at the end cannot "
             "be told from a crash, nor a log that was written anew from the true one.");
    return EX_OK;
}

/* ---- listing ---- */

/* "30d" before now, or a day. False when it is neither. */
static bool since_ms(const char *text, int64_t *ms)
{
    size_t digits = strspn(text, "0123456789");
    int32_t day = day_parse(text, strlen(text));

    if (digits && digits < 6 && strcmp(text + digits, "d") == 0)
        *ms = clock_now_ms() - strtoll(text, NULL, 10) * MS_PER_DAY;
    else if (day != DAY_NONE)
        *ms = day * (int64_t)MS_PER_DAY;
    else
        return false;
    return true;
}

/* Entries tell their moments in UTC, so they compare as texts. */
static bool is_wanted(const struct asked *a, const json_t *o, const char *since)
{
    const char *token = json_string_value(json_object_get(o, "token"));
    const char *event = json_string_value(json_object_get(o, "event"));
    const char *at = json_string_value(json_object_get(o, "at"));

    return (!a->token || (token && strcmp(token, a->token) == 0)) &&
           (!a->event || (event && strcmp(event, a->event) == 0)) &&
           (!*since || (at && strcmp(at, since) >= 0));
}

static void show_entry(const json_t *o)
{
    static const char *const shown[] = {"at", "event", "token", "address", "route"};
    json_t *rest = json_copy((json_t *)(uintptr_t)o);
    char *text;

    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        const char *value = json_string_value(json_object_get(o, shown[i]));

        printf("%s", i ? "  " : "");
        for (const char *c = value ? value : "-"; *c; c++) /* a forged log may hold anything */
            putchar((unsigned char)*c < ' ' || *c == 0x7f ? '?' : *c);
        json_object_del(rest, shown[i]);
    }
    json_object_del(rest, "n");
    text = json_dumps(rest, JSON_COMPACT | JSON_ENSURE_ASCII);
    printf("  %s\n", text ? text : "");
    free(text);
    json_decref(rest);
}

static int list(FILE *in, const struct asked *a)
{
    char line[CHAIN_LINE_MAX + 2], since[40] = "";
    int64_t ms;

    if (a->since) {
        char day[DAY_TEXT];

        if (!since_ms(a->since, &ms))
            return cli_usage("audit", "\"--since\" takes days, such as 30d, or a day.");
        snprintf(since, sizeof since, "%s", day_format((int32_t)(ms / MS_PER_DAY), day));
    }
    while (fgets(line, sizeof line, in)) {
        size_t len = strcspn(line, "\n");
        const char *json = chain_json(line, len);
        json_t *o = json ? json_loadb(json, len - (size_t)(json - line), 0, NULL) : NULL;

        if (o && is_wanted(a, o, since)) {
            if (a->as_json)
                printf("%.*s\n", (int)(len - (size_t)(json - line)), json);
            else
                show_entry(o);
        } else if (!o && len) {
            fputs("postlift: A line of the log is no entry; \"postlift audit verify\" tells "
                  "more.\n",
                  stderr);
        }
        json_decref(o);
    }
    return ferror(in) ? EX_IOERR : EX_OK;
}

static int show_head(struct client *c)
{
    struct fail f = {0};
    unsigned status = 0;
    struct buf body;
    json_t *o;
    int code = EX_OK;

    buf_init(&body, 65536);
    if (!client_get(c, "/api/v1/audit/head", &status, &body, &f)) {
        code = cli_fail(&f);
    } else if (status != 200) {
        code = cli_refused(NULL, status, &body);
    } else {
        o = json_loadb(buf_text(&body), body.len, 0, NULL);
        puts(json_string_value(json_object_get(o, "head")));
        fprintf(stderr,
                "The head of %" JSON_INTEGER_FORMAT " entries. Keep it elsewhere; \"postlift audit "
                "verify --head\" takes it.\n",
                json_integer_value(json_object_get(o, "entries")));
        json_decref(o);
    }
    buf_clear(&body);
    return code;
}

int cmd_audit(struct client *c, int argc, char **argv)
{
    struct asked a = {.what = argc > 1 ? argv[1] : "list"};
    const struct {
        const char *name;
        const char **value;
    } known[] = {{"--file", &a.file},   {"--head", &a.head},   {"--token", &a.token},
                 {"--since", &a.since}, {"--event", &a.event}, {NULL, NULL}};
    FILE *in;
    int code;

    for (int i = 2; i < argc; i++) {
        int k = 0;

        if (strcmp(argv[i], "--json") == 0) {
            a.as_json = true;
            continue;
        }
        while (known[k].name && strcmp(known[k].name, argv[i]) != 0)
            k++;
        if (!known[k].name || i + 1 == argc)
            return cli_bad_option("audit", argv[i]);
        *known[k].value = argv[++i];
    }
    if (sodium_init() < 0)
        return EX_SOFTWARE;
    if (strcmp(a.what, "head") == 0)
        return show_head(c);
    if (strcmp(a.what, "list") != 0 && strcmp(a.what, "verify") != 0)
        return cli_usage("audit", "head, list and verify are understood.");
    if (a.head && !is_head(a.head))
        return cli_usage("audit", "A head has 64 hexadecimal digits, as \"audit head\" prints it.");
    in = open_log(c, &a, &code);
    if (!in)
        return code;
    code = strcmp(a.what, "verify") == 0 ? verify(in, &a) : list(in, &a);
    fclose(in);
    return code;
}
