#include "http/reads.h"
#include "base/clock.h"
#include "base/day.h"
#include "base/utf8.h"
#include "render/json_text.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { NAMES_LISTED = 40, MINUTE_MS = 60000, FILTER_BYTES = CHAIN_LINE_MAX / 2 };

/* An entry while it is written: the members of an object. */
struct entry {
    struct buf text;
    struct json_text out;
};

/* A text of ours, whose letters need no escape, behind its key and the quote that opens it. In
 * place: the lengths of keys are known then. */
static inline __attribute__((always_inline)) void put_plain(struct entry *e, const char *key,
                                                            const char *text)
{
    buf_puts(&e->text, key);
    buf_puts(&e->text, text);
    buf_putc(&e->text, '"');
}

/*
 * An entry begun: what happened, when, who, from where, on which route. Written straight, since it
 * is done for each answer.
 */
static void begin(struct entry *e, const char *event, const struct route *route,
                  const struct request *rq)
{
    char at[TIME_TEXT];

    buf_init(&e->text, CHAIN_LINE_MAX);
    buf_reserve(&e->text, 700);
    e->out = (struct json_text){&e->text, true};
    put_plain(e, "\"at\":\"", time_format(clock_now_ms(), at));
    put_plain(e, ",\"event\":\"", event);
    if (!rq)
        return;
    put_plain(e, ",\"address\":\"", rq->peer);
    if (!route) /* it was refused before anybody looked for one */
        return;
    if (rq->caller.name[0])
        put_plain(e, ",\"token\":\"", rq->caller.name);
    else
        buf_puts(&e->text, ",\"token\":null");
    put_plain(e, ",\"route\":\"", http_method_names[route->method]);
    e->text.len--; /* the quote */
    put_plain(e, " ", route->path);
}

/* Writes it, and ends it. */
static bool end(struct app *app, struct entry *e, struct fail *f)
{
    bool ok = e->text.over ? fail_memory(f) : read_log_write(app->read_log, buf_text(&e->text), f);

    buf_clear(&e->text);
    return ok;
}

/* Parameters that stand as they are: none of these names anybody, and no other is told. */
static bool is_harmless(const char *name, const char *value)
{
    static const char *const names[] = {
        "limit",  "format",   "bom",        "type",   "tag",       "platform", "region",
        "from",   "to",       "metric",     "start",  "end",       "baseline", "control",
        "margin", "level",    "series",     "by",     "record",    "theme",    "caption",
        "stale",  "exposure", "posts",      "run_in", "days",      "seed",     "lift",
        "design", "source",   "leave_out",  "order",  "min_posts", "kind",     "posts_per_day",
        "strict", "dry_run",  "date_order", "year",   "covers",    NULL};
    const char *dot = strchr(name, '.');
    int i = 0;

    if (dot && (dot != name + 1 || (name[0] != 'a' && name[0] != 'b')))
        return false;
    name = dot ? dot + 1 : name;
    while (names[i] && strcmp(names[i], name) != 0)
        i++;
    return names[i] && strlen(value) <= NAME_MAX_BYTES && !strstr(value, TOKEN_PREFIX) &&
           (strcmp(name, "by") == 0 || (!strstr(value, "account") && !strstr(value, "campaign")));
}

/* The known ones that name somebody: the name may stand, the value is hashed. */
static bool is_named(const char *name)
{
    const char *dot = strchr(name, '.');

    name = dot && dot == name + 1 ? dot + 1 : name;
    return strcmp(name, "account") == 0 || strcmp(name, "campaign") == 0 ||
           strcmp(name, "cursor") == 0 || strcmp(name, "exposure") == 0 ||
           strcmp(name, "posts") == 0 || strcmp(name, "file") == 0;
}

/* Whether a text is digits alone or, with letters, a name such as we give them. */
static bool is_short(const char *text, bool letters)
{
    size_t n = 0;

    while (n <= SLUG_MAX && ((text[n] >= '0' && text[n] <= '9') ||
                             (letters && ((text[n] >= 'a' && text[n] <= 'z') || text[n] == '-'))))
        n++;
    return n <= SLUG_MAX && !text[n];
}

/* Whether a part of a path stands as it is: a number of our own, a platform. */
static bool is_harmless_part(const struct route *route, int i, const char *text)
{
    static const char posts[] = "/api/v1/post";

    if (strncmp(route->path, posts, sizeof posts - 1) == 0)
        return i == 0 && is_short(text, true);
    return is_short(text, false);
}

/* The value of a key: a text as it is or, where it names somebody or is none, its keyed hash. */
static void put_text(struct app *app, struct entry *e, const char *text, bool hashed)
{
    char said[READ_LOG_HASHED];

    if (!hashed && utf8_valid_prefix(text, strlen(text)) == strlen(text)) {
        json_text_string(&e->out, text);
        return;
    }
    put_plain(e, "\"", read_log_hashed(app->read_log, text, said));
    e->out.follows = true;
}

static void put_filter(struct app *app, struct entry *e, const struct route *route,
                       const struct request *rq)
{
    int others = 0;

    buf_puts(&e->text, ",\"filter\":{");
    e->out.follows = false;
    for (int i = 0; i < rq->params.n; i++) {
        const char *name = rq->params.name[i], *value = rq->params.value[i];
        bool harmless = is_harmless(name, value);

        if (e->text.len > FILTER_BYTES) {
            json_text_key(&e->out, "and more");
            json_text_null(&e->out);
            break;
        }
        if (!harmless && !is_named(name)) {
            others++;
            continue;
        }
        json_text_key(&e->out, name);
        put_text(app, e, value, !harmless);
    }
    if (others) { /* names that are none of ours may be anything, a token too */
        json_text_key(&e->out, "others");
        json_text_int(&e->out, others);
    }
    for (int i = 0; i < 2 && rq->segment[i] && rq->segment[i][0]; i++) {
        json_text_key(&e->out, i ? "part_2" : "part_1");
        put_text(app, e, rq->segment[i], !is_harmless_part(route, i, rq->segment[i]));
    }
    json_text_close(&e->out, '}');
    put_plain(e, ",\"regions\":\"", rq->caller.regions[0] ? rq->caller.regions : "*");
    buf_puts(&e->text, route_depth(route, &rq->caller) == REACH_WHOLE ? ",\"sensitive\":true"
                                                                      : ",\"sensitive\":false");
}

bool reads_answered(struct app *app, const struct route *route, const struct request *rq,
                    int64_t rows, struct fail *f)
{
    struct entry e;

    if (!read_log_is_on(app->read_log) || !route_is_logged(route, &rq->params))
        return true;
    begin(&e, "read", route, rq);
    put_filter(app, &e, route, rq);
    json_text_key(&e.out, "rows");
    if (rows < 0)
        json_text_null(&e.out);
    else
        json_text_int(&e.out, rows);
    return end(app, &e, f);
}

bool reads_changes(struct app *app, const struct route *route, const struct request *rq,
                   struct fail *f)
{
    struct entry e;

    if (!read_log_is_on(app->read_log) || !route_is_logged(route, &rq->params))
        return true;
    begin(&e, "change", route, rq);
    put_filter(app, &e, route, rq);
    return end(app, &e, f);
}

/* Whether one more refusal, of somebody known or not, has its entry; how many had none before it.
 */
static bool has_its_entry(bool known, int64_t *unwritten)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static struct {
        int64_t since, written, dropped;
    } counts[2]; /* one does not take the other's room */
    int64_t now = clock_steady_ms();
    bool has;

    pthread_mutex_lock(&lock);
    if (now - counts[known].since >= MINUTE_MS) {
        counts[known].since = now;
        counts[known].written = 0;
    }
    has = counts[known].written < READ_LOG_REFUSED;
    *unwritten = has ? counts[known].dropped : 0;
    counts[known].written += has;
    counts[known].dropped = has ? 0 : counts[known].dropped + 1;
    pthread_mutex_unlock(&lock);
    return has;
}

void reads_refused(struct app *app, const struct route *route, const struct request *rq,
                   unsigned status, const char *why)
{
    int64_t unwritten = 0;
    struct fail f = {0};
    struct entry e;

    if (!read_log_is_on(app->read_log) || !has_its_entry(rq->caller.name[0] != 0, &unwritten))
        return;
    begin(&e, "refused", route, rq);
    /* of callers that are not known little is kept, so that they fill no disk */
    if (route && rq->caller.name[0] && strcmp(why, "token-in-address") != 0)
        put_filter(app, &e, route, rq);
    json_text_key(&e.out, "status");
    json_text_int(&e.out, status);
    json_text_key(&e.out, "code");
    json_text_string(&e.out, why);
    if (unwritten) {
        json_text_key(&e.out, "refused_before_without_entry");
        json_text_int(&e.out, unwritten);
    }
    end(app, &e, &f);
}

static const struct token_row *named(const struct tokens *t, const char *name)
{
    for (int i = 0; i < t->n; i++)
        if (strcmp(t->row[i].name, name) == 0)
            return &t->row[i];
    return NULL;
}

/* The names in one list that the other lacks or, with `changed`, has otherwise. */
static void put_names(struct entry *e, const char *key, const struct tokens *of,
                      const struct tokens *other, bool changed)
{
    int listed = 0, more = 0;
    char text[32];

    json_text_key(&e->out, key);
    json_text_open(&e->out, '[');
    for (int i = 0; i < of->n; i++) {
        const struct token_row *there = named(other, of->row[i].name);

        if (changed ? !there || token_is_alike(there, &of->row[i]) : there != NULL)
            continue;
        if (listed++ < NAMES_LISTED)
            json_text_string(&e->out, of->row[i].name);
        else
            more++;
    }
    snprintf(text, sizeof text, "and %d more", more);
    if (more)
        json_text_string(&e->out, text);
    json_text_close(&e->out, ']');
}

/* A hash of who may do what, so that a change made while nobody looked shows. */
static void put_digest(struct entry *e, const struct tokens *t)
{
    crypto_generichash_state state;
    unsigned char hash[16];
    char hex[33];

    crypto_generichash_init(&state, NULL, 0, sizeof hash);
    for (int i = 0; i < t->n; i++) {
        char line[TOKEN_LINE];

        token_line(&t->row[i], line);
        crypto_generichash_update(&state, (const unsigned char *)line, strlen(line));
    }
    crypto_generichash_final(&state, hash, sizeof hash);
    sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
    json_text_key(&e->out, "tokens");
    json_text_int(&e->out, t->n);
    json_text_key(&e->out, "digest");
    json_text_string(&e->out, hex);
}

static bool are_the_same(const struct tokens *a, const struct tokens *b)
{
    for (int i = 0; i < a->n; i++) {
        const struct token_row *there = named(b, a->row[i].name);

        if (!there || !token_is_alike(there, &a->row[i]))
            return false;
    }
    return a->n == b->n;
}

bool reads_tokens(void *ctx, const struct tokens *before, const struct tokens *now)
{
    struct app *app = ctx;
    struct fail f = {0};
    struct entry e;

    if (!read_log_is_on(app->read_log) || are_the_same(before, now))
        return true;
    begin(&e, "tokens", NULL, NULL);
    put_digest(&e, now);
    put_names(&e, "added", now, before, false);
    put_names(&e, "removed", before, now, false);
    put_names(&e, "changed", now, before, true);
    return end(app, &e, &f);
}

void reads_erased(void *ctx, const struct forget_request *rq, const struct keeper_report *r)
{
    static const char *const what[] = {"post", "account", "before"};
    struct erased_count counts[ERASED_COUNTS];
    struct app *app = ctx;
    char day[DAY_TEXT];
    struct fail f = {0};
    struct entry e;

    if (!read_log_is_on(app->read_log))
        return;
    keeper_erased(r, counts);
    begin(&e, "erased", NULL, NULL);
    json_text_key(&e.out, what[rq->what]);
    put_text(app, &e, rq->what == FORGET_BEFORE ? day_format(rq->before, day) : rq->name,
             rq->what != FORGET_BEFORE);
    json_text_key(&e.out, "state");
    json_text_string(&e.out, keeper_state_names[r->state]);
    for (int i = 0; i < ERASED_COUNTS; i++) {
        json_text_key(&e.out, counts[i].name);
        json_text_int(&e.out, counts[i].value);
    }
    end(app, &e, &f);
}
