/*
 * Any bytes as an export file: encoding, heading, profile, dates, rows, as an import goes through
 * them. Built with -DFUZZER it is a target of libFuzzer (tests/fuzz/files.sh); else it replays the
 * files that it finds, each whole and in pieces, and holds the CSV reader against libcsv at every
 * chunk size. What must always hold is asserted.
 */
#include "base/arena.h"
#include "base/buf.h"
#include "base/ceilings.h"
#include "base/embedded.h"
#include "base/utf8.h"
#include "ingest/charset.h"
#include "ingest/csv.h"
#include "ingest/json.h"
#include "ingest/profile.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MUST(condition) \
    do { \
        if (!(condition)) { \
            fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #condition); \
            abort(); \
        } \
    } while (0)

static struct profile_set *profiles;
static struct zone *utc;
static struct arena arena;
static struct record_rules rules;

static void set_up(void)
{
    const char *texts[PROFILES_MAX];
    struct fail f = {0};
    int n = 0;

    if (profiles)
        return;
    utc = zone_open("UTC");
    arena_init(&arena, 8 << 20);
    rules = (struct record_rules){utc, 1800000000000};
    for (const struct embedded_file *e = embedded_files; e->path; e++)
        if (strncmp(e->path, "profiles/", 9) == 0)
            texts[n++] = e->text;
    profiles = profile_set_load(texts, NULL, n, &f);
    MUST(profiles);
}

struct pass {
    struct plan *plan;
    bool survey;
    struct buf seen; /* what came of each row */
};

static void look_at_record(struct pass *p, const struct record *r)
{
    const char *texts[] = {r->post.platform, r->post.id,       r->post.type, r->post.account,
                           r->post.region,   r->post.tags,     r->post.text, r->post.url,
                           r->post.campaign, r->traffic.source};

    if (r->kind == RECORD_TRAFFIC) {
        MUST(r->traffic.source && r->traffic.source[0] && r->traffic.day >= 0);
        for (int m = 0; m < TRAFFIC_METRIC_COUNT; m++)
            MUST(r->traffic.metric[m] >= COUNT_ABSENT && r->traffic.metric[m] <= COUNT_MAX);
        buf_printf(&p->seen, "%d %s\n", (int)r->traffic.day, r->traffic.source);
        return;
    }
    for (size_t i = 0; i + 1 < sizeof texts / sizeof *texts; i++)
        MUST(!texts[i] || utf8_valid_prefix(texts[i], strlen(texts[i])) == strlen(texts[i]));
    MUST(r->post.id && r->post.id[0] && r->post.platform[0]);
    MUST(r->post.posted_at_ms >= 0 && r->post.posted_at_ms < 1900000000000);
    for (int m = 0; m < POST_METRIC_COUNT; m++)
        MUST(r->post.metric[m] >= COUNT_ABSENT && r->post.metric[m] <= COUNT_MAX);
    buf_printf(&p->seen, "%s %lld\n", r->post.id, (long long)r->post.posted_at_ms);
}

static bool on_row(void *ctx, const struct csv_row *row)
{
    struct pass *p = ctx;
    enum plan_outcome outcome = PLAN_SKIPPED;
    struct reject why;
    struct record r;

    MUST(row->n > 0 && row->line > 0);
    switch (plan_classify(p->plan, row, &why)) {
    case ROW_OUTSIDE: return true;
    case ROW_OF_TABLE:
        if (p->survey) {
            plan_survey_row(p->plan, row);
            return true;
        }
        outcome = plan_row(p->plan, row, &rules, &arena, &r, &why);
        break;
    case ROW_SKIPPED: break;
    }
    if (p->survey)
        return true;
    if (outcome == PLAN_RECORD) {
        look_at_record(p, &r);
    } else {
        MUST(why.code[0] && why.sentence[0] && why.line == row->line);
        MUST(why.skipped == (outcome == PLAN_SKIPPED));
        buf_printf(&p->seen, "%s %d %d\n", why.code, (int)why.line, why.column);
    }
    arena_reset(&arena);
    return true;
}

/* The whole of a text through the CSV reader, in pieces. */
static bool pass_over(struct pass *p, const char *text, size_t len, size_t chunk)
{
    struct csv *csv = csv_open(plan_delimiter(p->plan), 1, on_row, p);
    struct fail f = {0};
    bool ok;

    plan_restart(p->plan);
    for (size_t i = 0; i < len; i += chunk)
        csv_feed(csv, text + i, len - i < chunk ? len - i : chunk);
    ok = csv_finish(csv, &f);
    csv_close(csv);
    return ok;
}

static void read_rows(const char *text, size_t len, size_t chunk, struct buf *seen)
{
    struct pass p = {.survey = true};
    struct plan_options o;
    struct fail f = {0};
    int64_t notes[NOTE_COUNT];

    plan_options_init(&o);
    o.year = 2025;
    o.file = "tweet_activity_metrics_paper_20170101_20170131_en.csv";
    buf_init(&p.seen, 1 << 20);
    p.plan = plan_make(profiles, "auto", -1, text, len, true, &o, &f);
    if (!p.plan) {
        MUST(f.slug[0] && f.sentence[0]);
        buf_puts(seen, f.slug);
        return;
    }
    if (pass_over(&p, text, len, chunk) && plan_survey_end(p.plan, &f)) {
        p.survey = false;
        pass_over(&p, text, len, chunk);
        plan_end(p.plan);
        plan_take_notes(p.plan, notes);
    }
    buf_puts(&p.seen, f.slug);
    buf_add(seen, buf_text(&p.seen), p.seen.len);
    buf_clear(&p.seen);
    plan_free(p.plan);
}

/* Bytes → UTF-8, in pieces; false when their encoding does not allow them. */
static bool decode(const char *data, size_t len, size_t chunk, struct buf *text)
{
    struct charset_survey survey = {0};
    struct charset *c;
    struct fail f = {0};
    const char *out, *name;
    size_t n;
    bool ok = true;

    charset_survey_feed(&survey, data, len);
    name = charset_survey_name(&survey);
    c = charset_open(len >= 2 && (data[0] == '\xff' || data[0] == '\xfe') ? NULL : name, &f);
    MUST(c);
    for (size_t i = 0; ok && i < len; i += chunk) {
        ok = charset_feed(c, data + i, len - i < chunk ? len - i : chunk, &out, &n, &f);
        if (ok)
            buf_add(text, out, n);
    }
    ok = ok && charset_finish(c, &out, &n, &f);
    if (ok)
        buf_add(text, out, n);
    charset_close(c);
    return ok;
}

static bool count_lines(void *ctx, const char *text, size_t len, struct place at, bool too_large)
{
    struct json_line line;
    char field[64];
    struct fail f = {0};

    line.r.at = at;
    if (!too_large && !json_line_read(text, len, &arena, &rules, &line, field, &f))
        MUST(f.slug[0] && f.sentence[0]);
    arena_reset(&arena);
    ++*(int *)ctx;
    return true;
}

static void read_lines(const char *data, size_t len)
{
    int n = 0;
    struct json_splitter *s = json_splitter_new(JSON_SHAPE_LINES, "", count_lines, &n);
    struct fail f = {0};

    if (json_splitter_feed(s, data, len, &f))
        json_splitter_finish(s, &f);
    json_splitter_free(s);
}

static void read_one(const char *data, size_t len)
{
    struct buf whole, pieces, seen, again;

    set_up();
    buf_init(&whole, 8 << 20);
    buf_init(&pieces, 8 << 20);
    buf_init(&seen, 4 << 20);
    buf_init(&again, 4 << 20);
    if (decode(data, len, len ? len : 1, &whole)) {
        MUST(decode(data, len, 3, &pieces));
        MUST(whole.len == pieces.len &&
             memcmp(buf_text(&whole), buf_text(&pieces), whole.len) == 0);
        read_rows(buf_text(&whole), whole.len, whole.len ? whole.len : 1, &seen);
        read_rows(buf_text(&whole), whole.len, 7, &again);
        MUST(strcmp(buf_text(&seen), buf_text(&again)) == 0);
    }
    read_lines(data, len);
    buf_clear(&whole);
    buf_clear(&pieces);
    buf_clear(&seen);
    buf_clear(&again);
}

#ifdef FUZZER
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    read_one((const char *)data, len);
    return 0;
}
#else
#ifdef HAVE_LIBCSV
#include <csv.h>

static bool write_row(void *ctx, const struct csv_row *row)
{
    struct buf *out = ctx;

    for (int i = 0; i < row->n; i++) {
        buf_putc(out, '[');
        buf_add(out, row->cells[i].text, row->cells[i].len);
        buf_putc(out, ']');
    }
    if (row->fault)
        buf_puts(out, "!");
    return buf_putc(out, '\n');
}

static bool ours(const char *text, size_t len, size_t chunk, char delimiter, struct buf *out)
{
    struct csv *c = csv_open(delimiter, 1, write_row, out);
    struct fail f = {0};
    bool ok;

    buf_reset(out);
    for (size_t i = 0; i < len; i += chunk)
        csv_feed(c, text + i, len - i < chunk ? len - i : chunk);
    ok = csv_finish(c, &f);
    csv_close(c);
    return ok;
}

static void their_cell(void *text, size_t len, void *ctx)
{
    buf_putc(ctx, '[');
    buf_add(ctx, text, len);
    buf_putc(ctx, ']');
}

static int no_blank(unsigned char c)
{
    (void)c;
    return 0;
}

static void their_row(int c, void *ctx)
{
    (void)c;
    buf_putc(ctx, '\n');
}

/* Whether libcsv and ours read a text the same, and ours in pieces of every size. Where ours finds
 * fault (text behind a closing quote, a quote left open) libcsv has no words for it. */
static bool reads_alike(const char *text, size_t len, char delimiter, int *compared)
{
    struct buf want, got;
    struct csv_parser p;
    bool alike = true, ok;

    buf_init(&want, 4 << 20);
    buf_init(&got, 4 << 20);
    ok = ours(text, len, len ? len : 1, delimiter, &want);
    for (size_t chunk = 1; alike && chunk<len; chunk += len> 8192 ? 97 : 1)
        alike = ours(text, len, chunk, delimiter, &got) == ok &&
                strcmp(buf_text(&got), buf_text(&want)) == 0;
    if (alike && ok && !strchr(buf_text(&want), '!') && !memchr(text, 0, len)) {
        buf_reset(&got);
        csv_init(&p, 0);
        csv_set_space_func(&p, no_blank); /* else it would trim cells */
        csv_set_delim(&p, (unsigned char)delimiter);
        csv_parse(&p, text, len, their_cell, their_row, &got);
        csv_fini(&p, their_cell, their_row, &got);
        csv_free(&p);
        alike = strcmp(buf_text(&got), buf_text(&want)) == 0;
        ++*compared;
    }
    buf_clear(&want);
    buf_clear(&got);
    return alike;
}
#endif

static int n, failed, compared;

static void replay(const char *path, const char *shown)
{
    char *data = malloc(1 << 20);
    FILE *in = fopen(path, "rb");
    size_t len = in && data ? fread(data, 1, 1 << 20, in) : 0;
    bool alike = true;

    MUST(in && data);
    fclose(in);
    read_one(data, len);
#ifdef HAVE_LIBCSV
    for (const char *d = ",;\t"; *d && alike; d++)
        alike = reads_alike(data, len, *d, &compared);
#endif
    failed += !alike;
    printf("%s %d - %s reads the same whole and in pieces%s\n", alike ? "ok" : "not ok", ++n, shown,
           alike ? "" : ", and as libcsv does");
    free(data);
}

static void walk(const char *folder, const char *shown)
{
    struct dirent **entry;
    int count = scandir(folder, &entry, NULL, alphasort);

    MUST(count >= 0);
    for (int i = 0; i < count; i++) {
        char path[4096], name[4096];
        const char *dot = strrchr(entry[i]->d_name, '.');
        struct stat st;

        snprintf(path, sizeof path, "%s/%s", folder, entry[i]->d_name);
        snprintf(name, sizeof name, "%s/%s", shown, entry[i]->d_name);
        if (entry[i]->d_name[0] != '.' && stat(path, &st) == 0) {
            if (S_ISDIR(st.st_mode))
                walk(path, name);
            else if (!dot || strcmp(dot, ".json") != 0)
                replay(path, name);
        }
        free(entry[i]);
    }
    free(entry);
}

int main(void)
{
    const char *source = getenv("SRCDIR");
    char path[4096];

    setvbuf(stdout, NULL, _IOLBF, 0);
    snprintf(path, sizeof path, "%s/tests/exports/files", source ? source : ".");
    walk(path, "files");
    snprintf(path, sizeof path, "%s/tests/fuzz/corpus", source ? source : ".");
    walk(path, "corpus");
#ifdef HAVE_LIBCSV
    printf("%s %d - libcsv read most of them as well (%d times)\n", compared > n ? "ok" : "not ok",
           n + 1, compared);
    n++;
#endif
    printf("1..%d\n", n);
    profile_set_free(profiles);
    arena_clear(&arena);
    zone_close(utc);
    return 0;
}
#endif
