#include "base/arena.h"
#include "base/buf.h"
#include "base/ceilings.h"
#include "base/day.h"
#include "base/embedded.h"
#include "ingest/charset.h"
#include "ingest/csv.h"
#include "ingest/json.h"
#include "ingest/profile.h"
#include "ingest/timefmt.h"
#include "unit.h"

#include <string.h>

static struct zone *utc;
static struct arena arena;
static struct record_rules rules;
static struct profile_set *profiles;

static void setup(void)
{
    const char *texts[64];
    struct fail f = {0};
    int n = 0;

    utc = zone_open("UTC");
    arena_init(&arena, 4 << 20);
    rules = (struct record_rules){utc, 1800000000000};
    for (const struct embedded_file *e = embedded_files; e->path; e++)
        if (strncmp(e->path, "profiles/", 9) == 0)
            texts[n++] = e->text;
    profiles = profile_set_load(texts, NULL, n, &f);
    ck_assert_msg(profiles != NULL, "%s", f.sentence);
}

static void teardown(void)
{
    profile_set_free(profiles);
    arena_clear(&arena);
    zone_close(utc);
}

/* ---- JSON ---- */

static bool note_record(void *ctx, const char *text, size_t len, struct place at, bool too_large)
{
    return buf_printf(ctx, "%d@%d%s<%.*s>", (int)at.index, (int)at.line, too_large ? "!" : "",
                      (int)(len > 60 ? 60 : len), text);
}

/* What the splitter makes of a document, fed in chunks; the failure's place at the end. */
static void split(const char *text, size_t len, size_t chunk, enum json_shape shape,
                  struct buf *out)
{
    struct json_splitter *s = json_splitter_new(shape, "posts", note_record, out);
    struct fail f = {0};
    bool ok = true;

    for (size_t i = 0; ok && i < len; i += chunk)
        ok = json_splitter_feed(s, text + i, len - i < chunk ? len - i : chunk, &f);
    if (!ok || !json_splitter_finish(s, &f))
        buf_printf(out, "FAIL %s %s", f.slug, f.place);
    json_splitter_free(s);
}

START_TEST(documents_are_split_the_same_at_every_chunk_size)
{
    static const struct {
        const char *text, *want;
        enum json_shape shape;
    } cases[] = {
        {"{\"posts\": [{\"a\":1}, {\"b\":\"}]\"}]}", "0@1<{\"a\":1}>1@1<{\"b\":\"}]\"}>", 0},
        {" { \"posts\" :\n[\n]\n}\n", "", 0},
        {"{\"id\": \"1\", \"tags\": [\"x\"]}", "0@1<{\"id\": \"1\", \"tags\": [\"x\"]}>", 0},
        {"{\"posts\":[{\"a\":\"\\\"}\"}\n,\n{\"b\":2}]}", "0@1<{\"a\":\"\\\"}\"}>1@3<{\"b\":2}>",
         0},
        {"{\"posts\":[1, \"two\", null]}", "0@1<1>1@1<\"two\">2@1<null>", 0},
        {"{\"posts\":[{\"a\":1}", "0@1<{\"a\":1}>FAIL bad-json line 1, column 17", 0},
        {"{\"posts\":[{\"a\":", "FAIL bad-json line 1, column 15", 0},
        {"[{\"a\":1}]", "FAIL bad-json line 1, column 1", 0},
        {"{\"posts\":{}}", "FAIL bad-json line 1, column 10", 0},
        {"{\"posts\":[{}],\"more\":1}", "0@1<{}>FAIL bad-json line 1, column 14", 0},
        {"{\"posts\":[{}]} {}", "0@1<{}>FAIL bad-json line 1, column 16", 0},
        {"", "FAIL empty-body ", 0},
        {"   ", "FAIL empty-body ", 0},
        {"{\"a\":1}\n\n{\"b\":2}\r\n  \n{\"c\":", "0@1<{\"a\":1}>1@3<{\"b\":2}\r>2@5<{\"c\":>", 1},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t chunk = 1; chunk <= strlen(cases[i].text) + 1; chunk++) {
            struct buf out;

            buf_init(&out, 1 << 16);
            split(cases[i].text, strlen(cases[i].text), chunk, cases[i].shape, &out);
            ck_assert_str_eq(buf_text(&out), cases[i].want);
            buf_clear(&out);
        }
}
END_TEST

START_TEST(a_record_past_its_ceiling_costs_itself_and_no_other)
{
    size_t len = JSON_RECORD_MAX + 100;
    char *text = malloc(len + 100);
    struct buf out;

    buf_init(&out, 1 << 16);
    memset(text, 'x', len);
    text[0] = '{';
    text[1] = '"';
    text[len - 2] = '"';
    text[len - 1] = '}';
    strcpy(text + len, "\n{\"a\":1}\n");
    split(text, strlen(text), 4096, JSON_SHAPE_LINES, &out);
    ck_assert_str_eq(buf_text(&out), "0@1!<>1@2<{\"a\":1}>");
    buf_clear(&out);
    free(text);
}
END_TEST

START_TEST(nesting_has_a_ceiling)
{
    char text[4096] = "{\"posts\":[";
    struct buf out;

    buf_init(&out, 1 << 16);
    for (int i = 0; i < 500; i++)
        strcat(text, "[{\"a\":");
    split(text, strlen(text), 7, JSON_SHAPE_DOCUMENT, &out);
    ck_assert_ptr_nonnull(strstr(buf_text(&out), "FAIL bad-json"));
    buf_clear(&out);
}
END_TEST

/* The slug and field at fault of one JSON post; "" when it is taken. */
static const char *read_json(const char *text, char field[64])
{
    static struct fail f;
    struct record r = {.at = {0, 0}};

    memset(&f, 0, sizeof f);
    json_record_read(text, strlen(text), RECORD_POST, &arena, &rules, &r, field, &f);
    return f.slug;
}

START_TEST(each_fault_of_a_json_record_names_its_field)
{
    static const struct {
        const char *text, *slug, *field;
    } cases[] = {
        {"{\"platform\":\"x\",\"id\":\"1\",\"likes\":3}", "", ""},
        {"{\"platform\":\"x\",\"id\":12345678901234567,\"likes\":null}", "", ""},
        {"{\"platform\":\"x\",\"id\":\"1\",\"likes\":3.0}", "", ""},
        {"{\"platform\":\"x\",\"id\":\"1\",\"likes\":3.5}", "bad-count", "likes"},
        {"{\"platform\":\"x\",\"id\":\"1\",\"likes\":-3}", "bad-count", "likes"},
        {"{\"platform\":\"x\",\"id\":\"1\",\"likes\":1e400}", "bad-json", ""},
        {"{\"platform\":\"x\",\"id\":\"1\",\"likes\":1e30}", "bad-count", "likes"},
        {"{\"platform\":\"x\",\"id\":\"1\",\"likes\":\"3\"}", "wrong-type", "likes"},
        {"{\"platform\":\"x\",\"id\":\"1\",\"likes\":true}", "wrong-type", "likes"},
        {"{\"platform\":\"x\",\"id\":\"1\",\"like\":3}", "unknown-field", "like"},
        {"{\"platform\":\"x\",\"id\":\"1\",\"tags\":\"a b\"}", "", ""},
        {"{\"platform\":\"x\",\"id\":\"1\",\"tags\":[\"a b\"]}", "bad-tag", "tags"},
        {"{\"platform\":\"x\",\"id\":\"1\",\"tags\":[1]}", "bad-tag", "tags"},
        {"{\"platform\":\"x\",\"id\":1.5}", "wrong-type", "id"},
        {"{\"platform\":\"x\"}", "missing-field", "id"},
        {"{\"id\":\"1\"}", "missing-field", "platform"},
        {"{\"platform\":null,\"id\":\"1\"}", "null-not-allowed", "platform"},
        {"{\"platform\":\"x\",\"id\":\"1\",\"id\":\"2\"}", "bad-json", ""},
        {"{\"platform\":\"x\",\"id\":\"1\",\"engagement\":9}", "", ""},
        {"[1]", "wrong-type", ""},
        {"nonsense", "bad-json", ""},
        {"{\"platform\":\"x\",\"id\":\"1\",\"text\":\"\\u0000\"}", "bad-json", ""},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char field[64];

        ck_assert_msg(strcmp(read_json(cases[i].text, field), cases[i].slug) == 0, "%s: %s",
                      cases[i].text, read_json(cases[i].text, field));
        ck_assert_str_eq(field, cases[i].field);
    }
}
END_TEST

/* ---- times ---- */

START_TEST(time_formats_read_what_they_say_and_nothing_else)
{
    static const struct {
        const char *format, *text;
        int y, m, d, minute; /* y 0: refused */
    } cases[] = {
        {"MM/DD/YYYY HH:mm", "02/19/2014 04:29", 2014, 2, 19, 269},
        {"MM/DD/YYYY HH:mm", "2/9/2014 04:29", 2014, 2, 9, 269},
        {"MM/DD/YYYY HH:mm", "13/01/2014 04:29", 0, 0, 0, 0},
        {"MM/DD/YYYY HH:mm", "02/30/2014 04:29", 0, 0, 0, 0},
        {"MM/DD/YYYY HH:mm", "02/19/2014", 0, 0, 0, 0},
        {"MM/DD/YYYY HH:mm[:ss]", "02/19/2014 04:29:59", 2014, 2, 19, 269},
        {"MM/DD/YYYY hh:mm A", "02/19/2014 12:05 AM", 2014, 2, 19, 5},
        {"MM/DD/YYYY hh:mm A", "02/19/2014 12:05 pm", 2014, 2, 19, 725},
        {"Www Mon D YYYY", "Thu Mar 20 2025", 0, 0, 0, 0},
        {"Www Mon DD YYYY", "Thu Mar 20 2025", 2025, 3, 20, 0},
        {"Mon DD, YYYY", "Aug 28, 2025", 2025, 8, 28, 0},
        {"YYYYMMDD", "20230708", 2023, 7, 8, 0},
        {"YYYY-MM-DD", "2023/07/08", 2023, 7, 8, 0},
        {"YYYY-MM-DD HH:mm Z", "2017-01-30 19:05 +0000", 2017, 1, 30, 1145},
        {"YYYY-MM-DD", "2023-07-08x", 0, 0, 0, 0},
        {"YYYY-MM-DD", "", 0, 0, 0, 0},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t wall = 0, offset;
        bool has_offset;
        bool ok = timefmt_parse(cases[i].format, cases[i].text, strlen(cases[i].text), &wall,
                                &has_offset, &offset);

        ck_assert_msg(ok == (cases[i].y != 0), "%s as %s", cases[i].text, cases[i].format);
        if (ok)
            ck_assert_int_eq(wall / 60000,
                             (int64_t)day_from_civil(cases[i].y, cases[i].m, cases[i].d) * 1440 +
                                 cases[i].minute);
    }
}
END_TEST

/* ---- charsets ---- */

static void decode(const char *name, const char *data, size_t len, size_t chunk, struct buf *out)
{
    struct fail f = {0};
    struct charset *c = charset_open(name, &f);
    const char *text;
    size_t n;
    bool ok = true;

    for (size_t i = 0; ok && i < len; i += chunk) {
        ok = charset_feed(c, data + i, len - i < chunk ? len - i : chunk, &text, &n, &f);
        if (ok)
            buf_add(out, text, n);
    }
    if (ok && (ok = charset_finish(c, &text, &n, &f)))
        buf_add(out, text, n);
    if (!ok)
        buf_printf(out, "FAIL %s", f.slug);
    charset_close(c);
}

START_TEST(encodings_become_utf8_at_every_chunk_size)
{
    static const struct {
        const char *name, *data;
        size_t len;
        const char *want;
    } cases[] = {
        {NULL,
         "\xef\xbb\xbf"
         "a,\xc3\xbc",
         7, "a,\xc3\xbc"},
        {NULL, "a", 1, "a"},
        {NULL, "", 0, ""},
        {NULL,
         "\xff\xfe"
         "a\0\xfc\0\n\0",
         8, "a\xc3\xbc\n"},
        {NULL,
         "\xfe\xff"
         "\0a\0\xfc",
         6, "a\xc3\xbc"},
        {"utf-16le", "a\0b\0", 4, "ab"},
        {"windows-1252", "\x80 \xfc", 3, "\xe2\x82\xac \xc3\xbc"},
        {"ISO-8859-1", "\xfc", 1, "\xc3\xbc"},
        {NULL,
         "\xff\xfe"
         "a\0\xfc",
         5, "aFAIL bad-charset"},
        {NULL, "\xff\xfe\x3d\xd8\x00\xde", 6, "\xf0\x9f\x98\x80"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t chunk = 1; chunk <= cases[i].len + 1; chunk++) {
            struct buf out;

            buf_init(&out, 1000);
            decode(cases[i].name, cases[i].data, cases[i].len, chunk, &out);
            ck_assert_str_eq(buf_text(&out), cases[i].want);
            buf_clear(&out);
        }
}
END_TEST

START_TEST(an_encoding_that_is_not_known_is_refused_by_name)
{
    struct fail f = {0};

    ck_assert_ptr_null(charset_open("utf-7", &f));
    ck_assert_str_eq(f.slug, "unknown-charset");
}
END_TEST

/* ---- profiles ---- */

struct reading {
    struct plan *plan;
    struct buf *out;
};

static bool survey(void *ctx, const struct csv_row *row)
{
    struct reading *x = ctx;
    struct reject why;

    if (plan_classify(x->plan, row, &why) == ROW_OF_TABLE)
        plan_survey_row(x->plan, row);
    return true;
}

static bool take(void *ctx, const struct csv_row *row)
{
    struct reading *x = ctx;
    struct record r;
    struct reject why;
    char time[TIME_TEXT], day[DAY_TEXT];

    enum plan_outcome outcome = PLAN_SKIPPED;

    switch (plan_classify(x->plan, row, &why)) {
    case ROW_OUTSIDE: return true;
    case ROW_OF_TABLE: outcome = plan_row(x->plan, row, &rules, &arena, &r, &why); break;
    case ROW_SKIPPED: break;
    }
    switch (outcome) {
    case PLAN_RECORD:
        if (r.kind == RECORD_POST)
            buf_printf(x->out, "%s/%s %s %s likes=%d reach=%d %s\n", r.post.platform, r.post.id,
                       r.post.type ? r.post.type : "-",
                       record_states(&r, POST_POSTED_AT) ? time_format(r.post.posted_at_ms, time)
                                                         : "-",
                       (int)r.post.metric[POST_LIKES - POST_FIRST_METRIC],
                       (int)r.post.metric[POST_REACH - POST_FIRST_METRIC],
                       reading_kind_names[r.post.reading]);
        else
            buf_printf(x->out, "%s %s sessions=%d\n", day_format(r.traffic.day, day),
                       r.traffic.source,
                       (int)r.traffic.metric[TRAFFIC_SESSIONS - TRAFFIC_FIRST_METRIC]);
        break;
    case PLAN_REJECTED:
        buf_printf(x->out, "rejected %s line %d column %d %s\n", why.code, (int)why.line,
                   why.column, why.heading);
        break;
    case PLAN_SKIPPED: buf_printf(x->out, "skipped %s line %d\n", why.code, (int)why.line); break;
    }
    return true;
}

/* Reads a whole file by a profile; the outcome of each row, or the reason why none was read. */
static void read_file(const char *text, const char *profile, struct buf *out)
{
    struct reading x = {.out = out};
    struct fail f = {0};
    struct csv *csv;

    x.plan = plan_make(profiles, profile, -1, text, strlen(text), true, NULL, &f);
    if (!x.plan) {
        buf_printf(out, "refused %s %s: %s", f.slug, f.place, f.sentence);
        return;
    }
    buf_printf(out, "%s\n", profile_name(plan_profile(x.plan)));
    plan_restart(x.plan);
    csv = csv_open(plan_delimiter(x.plan), 1, survey, &x);
    csv_feed(csv, text, strlen(text));
    csv_finish(csv, &f);
    csv_close(csv);
    if (!plan_survey_end(x.plan, &f)) {
        buf_printf(out, "refused %s %s", f.slug, f.place);
        plan_free(x.plan);
        return;
    }
    plan_restart(x.plan);
    csv = csv_open(plan_delimiter(x.plan), 1, take, &x);
    csv_feed(csv, text, strlen(text));
    csv_finish(csv, &f);
    csv_close(csv);
    plan_free(x.plan);
}

static void expect(const char *text, const char *profile, const char *want)
{
    struct buf out;

    buf_init(&out, 1 << 16);
    read_file(text, profile, &out);
    ck_assert_str_eq(buf_text(&out), want);
    buf_clear(&out);
}

static void expect_refusal(const char *text, const char *profile, const char *part)
{
    struct buf out;

    buf_init(&out, 1 << 16);
    read_file(text, profile, &out);
    ck_assert_msg(strstr(buf_text(&out), "refused ") && strstr(buf_text(&out), part), "%s",
                  buf_text(&out));
    buf_clear(&out);
}

START_TEST(meta_facebook_is_read_by_its_headings_with_pacific_times_and_error_rows)
{
    expect(
        "\"Post ID\",\"Page ID\",\"Page name\",Title,Description,\"Publish time\",Permalink,"
        "\"Post type\",\"Data comment\",Date,Views,Reach,Reactions,Comments,Shares,Views\n"
        "101,7,\"A page\",,\"two\nlines\",\"07/04/2024 22:30\",u,Photos,,Lifetime,90,80,12,3,1,5\n"
        "102,7,\"A page\",,x,\"01/15/2024 22:30\",u,Reels,,Lifetime,90,80,\"1,744\",3,1,5\n"
        ",7,\"A page\",,x,,u,,\"Metrics are not available\",,,,,,,\n"
        "103,7,\"A page\",,x,\"01/15/2024 22:30\",u,,,Lifetime,,,0,,,\n"
        "104,7,\"A page\",,x,\"01/15/2024 22:30\",u,Photos,,02/03/2024,,,4,,,\n"
        "1.22E+17,7,\"A page\",,x,\"01/15/2024 22:30\",u,Photos,,Lifetime,,,4,,,\n"
        "105,7,\"A page\",,x,\"01/15/2024 22:30\",u,Photos,,Lifetime,,,4.5,,,\n"
        "106,7,\"A page\",,x,\"01/15/2024 22:30\",u,Photos,,Lifetime,,,4\n"
        "Total,,,,,,,,,,,,400,,,\n",
        "auto",
        "meta-facebook\n"
        "facebook/101 photo 2024-07-05T05:30:00Z likes=12 reach=80 lifetime\n"
        "facebook/102 reel 2024-01-16T06:30:00Z likes=1744 reach=80 lifetime\n"
        "rejected platform-error line 5 column 9 Data comment\n"
        "facebook/103 other 2024-01-16T06:30:00Z likes=0 reach=-1 lifetime\n"
        "facebook/104 photo 2024-01-16T06:30:00Z likes=4 reach=-1 day\n"
        "rejected damaged-id line 8 column 1 Post ID\n"
        "rejected bad-count line 9 column 13 Reactions\n"
        "facebook/106 photo 2024-01-16T06:30:00Z likes=4 reach=-1 lifetime\n"
        "skipped totals-row line 11\n");
}
END_TEST

START_TEST(source_medium_reads_either_spelling_of_dates_but_not_two_in_one_file)
{
    expect("\"date\",\"sourceMedium\",\"sessions\"\n2017-01-01,\"google / organic\",11\n"
           "2017-01-02,\"(direct) / (none)\",\"1,204\"\n,,1215\n",
           "auto",
           "source-medium\n2017-01-01 google / organic sessions=11\n"
           "2017-01-02 (direct) / (none) sessions=1204\nskipped totals-row line 4\n");
    expect("date;sourceMedium;sessions\r\n20170101;a / b;1\r\n", "auto",
           "source-medium\n2017-01-01 a / b sessions=1\n");
    expect("sep=;\r\ndate;sourceMedium;sessions\r\n20170101;a / b;1\r\n", "auto",
           "source-medium\n2017-01-01 a / b sessions=1\n");
    expect_refusal("date,sourceMedium,sessions\n2017-01-01,a / b,1\n20170102,a / b,1\n", "auto",
                   "refused mixed-dates 3");
}
END_TEST

START_TEST(our_own_csv_takes_absent_cells_and_refuses_unknown_columns)
{
    expect("Platform,ID,type,posted_at,likes,reach\nfacebook,1,meme,2022-11-28T10:00:00Z,,7\n"
           "facebook,2,,2022-11-28,3\n"
           "facebook,3,meme,2023-02-30,3,4\n"
           "facebook,4,meme,2022-11-28,3,4,5\n"
           "facebook,5,meme,2022-11-28,three,4\n",
           "auto",
           "postlift-posts\nfacebook/1 meme 2022-11-28T10:00:00Z likes=-1 reach=7 lifetime\n"
           "facebook/2 - 2022-11-28T00:00:00Z likes=3 reach=-1 lifetime\n"
           "rejected bad-time line 4 column 4 posted_at\n"
           "rejected too-many-cells line 5 column 7 \n"
           "rejected bad-count line 6 column 5 likes\n");
    expect_refusal("platform,id,type,posted_at,likess\nfacebook,1,meme,2022-11-28,1\n", "auto",
                   "unknown-column line 1, column 5");
}
END_TEST

START_TEST(files_that_nobody_knows_are_refused_with_what_was_found_and_the_nearest_profile)
{
    expect_refusal("", "auto", "empty-file");
    expect_refusal("\n\n", "auto", "empty-file");
    expect_refusal("a,b,c\n1,2,3\n", "auto", "\"a\", \"b\", \"c\"");
    expect_refusal("Post ID,Publish time,Shares\n1,2,3\n", "auto", "nearest, meta-facebook");
    expect_refusal("\"platform,id,\"\"type\"\"\"\n\"facebook,1,\"\"meme\"\"\"\n", "auto",
                   "wrapped-lines");
    expect_refusal("platform,id\nx,1\n", "no-such-profile", "unknown-profile");
    expect_refusal("date,source,sessions\n", "meta-facebook", "also needs");
}
END_TEST

START_TEST(headings_without_rows_are_refused_as_such)
{
    expect_refusal("platform,id,type,posted_at\n", "auto", "no-rows");
    expect_refusal("date,source,sessions", "auto", "no-rows");
}
END_TEST

START_TEST(a_broken_profile_is_refused_by_name)
{
    static const char *const bad[] = {
        "{",
        "{\"name\":\"p\"}",
        "{\"name\":\"p\",\"title\":\"t\",\"version\":1,\"record\":\"pizza\"}",
        "{\"name\":\"p\",\"title\":\"t\",\"version\":1,\"record\":\"post\",\"columns\":{\"x\":[]}}",
        "{\"name\":\"p\",\"title\":\"t\",\"version\":1,\"record\":\"post\","
        "\"times\":{\"zone\":\"No/Where\"}}",
    };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct fail f = {0};

        ck_assert_ptr_null(profile_set_load(&bad[i], NULL, 1, &f));
        ck_assert_str_eq(f.slug, "bad-profile");
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("ingest");
    TCase *t = tcase_create("ingest");

    tcase_add_checked_fixture(t, setup, teardown);
    UNIT(t, documents_are_split_the_same_at_every_chunk_size);
    UNIT(t, a_record_past_its_ceiling_costs_itself_and_no_other);
    UNIT(t, nesting_has_a_ceiling);
    UNIT(t, each_fault_of_a_json_record_names_its_field);
    UNIT(t, time_formats_read_what_they_say_and_nothing_else);
    UNIT(t, encodings_become_utf8_at_every_chunk_size);
    UNIT(t, an_encoding_that_is_not_known_is_refused_by_name);
    UNIT(t, meta_facebook_is_read_by_its_headings_with_pacific_times_and_error_rows);
    UNIT(t, source_medium_reads_either_spelling_of_dates_but_not_two_in_one_file);
    UNIT(t, our_own_csv_takes_absent_cells_and_refuses_unknown_columns);
    UNIT(t, files_that_nobody_knows_are_refused_with_what_was_found_and_the_nearest_profile);
    UNIT(t, headings_without_rows_are_refused_as_such);
    UNIT(t, a_broken_profile_is_refused_by_name);
    suite_add_tcase(s, t);
    return unit_run(s);
}
