/* The interpreter: one row of a table → one record, by the profile. */
#include "base/day.h"
#include "base/text.h"
#include "base/utf8.h"
#include "ingest/profile_parts.h"
#include "ingest/timefmt.h"
#include "record/links.h"

#include <stdio.h>
#include <string.h>

/* What one row is made with. */
struct making {
    struct plan *p;
    const struct csv_row *row;
    const struct record_rules *rules;
    struct arena *a;
    struct record *r;
    struct fail f;
};

static int shown(struct csv_cell c)
{
    return (int)(c.len > 40 ? 40 : c.len);
}

/* ---- times ---- */

static bool no_time(struct making *m, const char *slug, const char *what, struct csv_cell c)
{
    return fail_set(&m->f, FAIL_UNPROCESSABLE, slug, NULL,
                    "There is no %s \"%.*s\"; it should look like %s.", what, shown(c), c.text,
                    times_format(&m->p->times));
}

static bool put_time(struct making *m, int field, struct csv_cell c)
{
    struct zone *zone = m->p->profile->zone_stated ? m->p->profile->zone : m->rules->zone;
    bool has_offset, repeated = false;
    int64_t wall, offset;

    if (!times_read(&m->p->times, c, &wall, &has_offset, &offset))
        return no_time(m, "bad-time", "time", c);
    if (!timefmt_has_hour(times_format(&m->p->times))) {
        zone = m->rules->zone; /* a day is the site's, and no moment of another zone's */
        m->r->day_alone = m->r->day_alone || field == POST_POSTED_AT;
    }
    wall = has_offset ? wall - offset : zone_instant_ms(zone, wall, &repeated);
    m->p->notes[NOTE_REPEATED_HOUR] += repeated;
    return record_put_time(m->r, field, wall, m->rules, &m->f);
}

static bool put_nth_day(struct making *m, struct csv_cell c)
{
    int32_t from, to;
    int64_t n;
    bool negative;

    plan_range(m->p, &from, &to);
    if (!cell_count(c, false, &n, &negative) || negative || n > 40000)
        return fail_set(&m->f, FAIL_UNPROCESSABLE, "bad-date", NULL,
                        "\"%.*s\" is not the number of a day counted from 0.", shown(c), c.text);
    if (from == DAY_NONE)
        return fail_set(&m->f, FAIL_UNPROCESSABLE, "missing-start", NULL,
                        "The day is counted from a start date that nothing tells.");
    return record_put_day(m->r, TRAFFIC_DATE, from + (int32_t)n, m->rules, &m->f);
}

static bool day_of_cell(const struct reading_of_times *t, struct csv_cell c, struct zone *zone,
                        int32_t *day)
{
    int64_t wall, offset;
    bool has_offset;

    if (!times_read(t, c, &wall, &has_offset, &offset))
        return false;
    if (has_offset)
        *day = zone_day(zone, wall - offset);
    else
        *day = (int32_t)(wall / MS_PER_DAY - (wall % MS_PER_DAY < 0));
    return true;
}

static bool put_day(struct making *m, struct csv_cell c)
{
    const struct plan *p = m->p;
    int32_t day;

    if (p->table.days == DAYS_NTH ? !put_nth_day(m, c)
                                  : !(day_of_cell(&p->times, c, m->rules->zone, &day) ||
                                      no_time(m, "bad-date", "day", c)) ||
                                        !record_put_day(m->r, TRAFFIC_DATE, day, m->rules, &m->f))
        return false;
    day = m->r->traffic.day;
    return p->start == DAY_NONE || p->end == DAY_NONE || (day >= p->start && day <= p->end) ||
           fail_set(&m->f, FAIL_UNPROCESSABLE, "outside-range", NULL,
                    "The day lies outside the days that the lines above the table state.");
}

/* ---- fields ---- */

static bool put_text(struct making *m, int field, const char *text, size_t len)
{
    return record_put_text(m->r, field, text, len, m->a, m->rules, &m->f);
}

/* From the day of publication to today, in the platform's zone; a day more on either side where it
 * is not known. */
static bool day_can_be(const struct making *m, int32_t day)
{
    struct zone *zone = m->p->profile->zone_stated ? m->p->profile->zone : m->rules->zone;
    int slack = m->p->profile->zone_stated ? 0 : 1;

    if (record_states(m->r, POST_POSTED_AT) &&
        day < zone_day(zone, m->r->post.posted_at_ms) - slack)
        return false;
    return day <= zone_day(zone, m->rules->now_ms) + slack;
}

/* What the counts of a row are of: all since publication, a period, or one day. */
static bool put_reading(struct making *m)
{
    const struct plan *p = m->p;
    struct post *post = &m->r->post;
    struct csv_cell c;
    int column;

    if (p->profile->counts == COUNTS_PERIOD || p->options.covers_from != DAY_NONE) {
        post->reading = READING_PERIOD;
        plan_range(p, &post->covers_from, &post->covers_to);
        if (post->covers_from == DAY_NONE || post->covers_to == DAY_NONE) {
            post->covers_from = post->covers_to = DAY_NONE;
            m->p->notes[NOTE_PERIOD_UNSAID]++;
        }
    }
    if (!p->table.reading.n)
        return true;
    c = plan_cell(&p->table.reading, m->row, &column);
    if (!c.len || cell_is_word(&p->profile->reading_lifetime, c))
        return true;
    if (!p->profile->reading_formats.n ||
        !day_of_cell(&p->covers, c, m->rules->zone, &post->covers_from))
        return fail_set(&m->f, FAIL_UNPROCESSABLE, "bad-reading", NULL,
                        "\"%.*s\" is neither a day nor a word for all of a post's life.", shown(c),
                        c.text);
    post->covers_to = post->covers_from;
    post->reading = READING_DAY;
    return day_can_be(m, post->covers_from) ||
           fail_set(&m->f, FAIL_UNPROCESSABLE, "bad-reading", NULL,
                    "The day \"%.*s\", read as %s, lies before the post was published, or has not "
                    "come yet.",
                    shown(c), c.text, times_format(&p->covers));
}

/* A type that no list knows, in the letters that types have. */
static bool put_foreign_type(struct making *m, struct csv_cell c)
{
    char text[SLUG_MAX + 1];
    size_t n = c.len < SLUG_MAX ? c.len : SLUG_MAX;

    memcpy(text, c.text, n);
    text[n] = 0;
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)text[i] < 0x80 && !strchr("-_.+ ", text[i]) &&
            !(text[i] >= '0' && text[i] <= '9') && !(text[i] >= 'a' && text[i] <= 'z') &&
            !(text[i] >= 'A' && text[i] <= 'Z'))
            text[i] = '-';
    utf8_mend(text);
    return put_text(m, POST_TYPE, text, strlen(text));
}

static bool put_type(struct making *m, struct csv_cell c)
{
    const struct profile *profile = m->p->profile;
    char normal[HEADING_MAX];

    if (!c.len || cell_is_word(&profile->absent, c)) {
        m->r->type_by_default = true;
        return !profile->empty_type ||
               put_text(m, POST_TYPE, profile->empty_type, strlen(profile->empty_type));
    }
    if (profile->types.n && c.len < HEADING_MAX) {
        heading_normalise(c.text, c.len, normal);
        for (int i = 0; i < profile->types.n; i++)
            if (strcmp(profile->types.item[i], normal) == 0)
                return put_text(m, POST_TYPE, profile->type_slugs.item[i],
                                strlen(profile->type_slugs.item[i]));
    }
    return profile->refuse_unknown ? put_text(m, POST_TYPE, c.text, c.len) : put_foreign_type(m, c);
}

static bool put_count(struct making *m, int field, struct csv_cell c)
{
    const struct profile *profile = m->p->profile;
    bool negative;
    int64_t count;

    if (!cell_count(c, profile->comma_decimal, &count, &negative) && cell_is_two_counts(c))
        return fail_set(&m->f, FAIL_UNPROCESSABLE, "ambiguous-count", NULL,
                        "\"%.*s\" may be one with zeros behind it, or a thousand: write \"%s\" "
                        "without the sign.",
                        shown(c), c.text, record_field_name(m->r->kind, field));
    if (!cell_count(c, profile->comma_decimal, &count, &negative) ||
        (negative && !(profile->may_be_negative >> field & 1u)))
        return fail_set(&m->f, FAIL_UNPROCESSABLE, "bad-count", NULL,
                        "\"%s\" takes a whole number from 0; this is \"%.*s\".",
                        record_field_name(m->r->kind, field), shown(c), c.text);
    if (negative) {
        m->p->notes[NOTE_NEGATIVE]++;
        return true;
    }
    if (m->r->kind == RECORD_TRAFFIC && m->p->table.days == DAYS_HOUR &&
        !traffic_metric_is_additive(field - TRAFFIC_FIRST_METRIC)) {
        m->p->notes[NOTE_USERS_ABSENT]++;
        return record_put_null(m->r, field, &m->f); /* nor does what was known of the day hold */
    }
    return record_put_count(m->r, field, count, &m->f);
}

/* Entities in a text that the arena owns already. */
static void decode_text(struct record *r)
{
    char *text = (char *)(uintptr_t)r->post.text;
    size_t len = text ? cell_decode_entities(text, strlen(text)) : 0;

    if (text)
        text[len] = 0;
}

static bool put_field(struct making *m, int field, struct csv_cell c)
{
    const struct profile *profile = m->p->profile;
    enum record_kind kind = m->r->kind;

    if (kind == RECORD_POST && field == POST_TYPE)
        return put_type(m, c);
    if (!c.len && profile->when_empty[field])
        return put_text(m, field, profile->when_empty[field], strlen(profile->when_empty[field]));
    if (!c.len ||
        (cell_is_word(&profile->absent, c) && !(kind == RECORD_POST && field == POST_TEXT)))
        return true; /* absent: never zero */
    if (record_field_is_count(kind, field))
        return put_count(m, field, c);
    if (kind == RECORD_POST && (field == POST_POSTED_AT || field == POST_OBSERVED_AT) &&
        profile->time_formats.n)
        return put_time(m, field, c);
    if (kind == RECORD_TRAFFIC && field == TRAFFIC_DATE && profile->time_formats.n)
        return put_day(m, c);
    if (profile->escaped)
        c = csv_unescape(c);
    if (!put_text(m, field, c.text, c.len))
        return false;
    if (profile->entities && kind == RECORD_POST && field == POST_TEXT)
        decode_text(m->r);
    return true;
}

/* Fields that stand inside a longer text, as the id in a link. */
static bool put_extracts(struct making *m, int *column)
{
    const struct profile *profile = m->p->profile;
    char text[URL_MAX + 1];
    regmatch_t match[2];

    for (int i = 0; i < profile->n_extract; i++) {
        const struct extract *e = &profile->extract[i];
        struct csv_cell c = plan_cell(&m->p->table.extract[i], m->row, column);

        if (record_states(m->r, e->field) || !c.len || c.len > URL_MAX)
            continue;
        memcpy(text, c.text, c.len);
        text[c.len] = 0;
        if (regexec(&e->pattern, text, 2, match, 0) != 0 || match[1].rm_so < 0)
            continue;
        if (!put_text(m, e->field, text + match[1].rm_so,
                      (size_t)(match[1].rm_eo - match[1].rm_so)))
            return false;
    }
    return true;
}

/* ---- rows ---- */

static enum plan_outcome rejected(struct making *m, int column, struct reject *why)
{
    memset(why, 0, sizeof *why);
    why->line = m->row->line;
    why->column = column + 1;
    if (column >= 0 && column < m->p->table.heading.n)
        text_copy(why->heading, sizeof why->heading, m->p->table.heading.cell[column]);
    if (column >= 0 && column < m->row->n)
        reject_value(why, m->row->cells[column].text, m->row->cells[column].len);
    text_copy(why->code, sizeof why->code, m->f.slug);
    text_copy(why->sentence, sizeof why->sentence, m->f.sentence);
    return PLAN_REJECTED;
}

static bool is_total_word(const struct profile *profile, struct csv_cell c)
{
    return c.len && cell_is_word(&profile->totals, cell_trim(c));
}

/* As people and tools of several languages head a row of totals, where a source or day is due. */
static bool is_word_for_total(struct csv_cell c)
{
    static const char *const words[] = {"total",
                                        "totals",
                                        "grand total",
                                        "totale",
                                        "totaal",
                                        "gesamt",
                                        "gesamtsumme",
                                        "summe",
                                        "insgesamt",
                                        "total general",
                                        "total g\303\251n\303\251ral",
                                        "suma",
                                        "\345\220\210\350\250\210"};
    char text[HEADING_MAX];

    c = cell_trim(c);
    while (c.len && c.text[c.len - 1] == ':')
        c.len--;
    if (c.len > 2 && c.text[0] == '(' && c.text[c.len - 1] == ')') {
        c.text++;
        c.len -= 2;
    }
    if (!c.len || c.len >= sizeof text)
        return false;
    heading_normalise(c.text, c.len, text);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i], text) == 0)
            return true;
    return false;
}

bool plan_is_totals_row(const struct plan *p, const struct csv_row *row)
{
    const struct profile *profile = p->profile;
    struct csv_cell key, time = {"", 0};
    int column;

    if (profile->totals_field < 0)
        return false;
    key = plan_cell(&p->table.of_field[profile->totals_field], row, &column);
    if (profile->kind == RECORD_POST)
        time = plan_cell(&p->table.of_field[POST_POSTED_AT], row, &column);
    /* what was published some time is a post: damaged where it has no id, or called "Total" */
    if (time.len)
        return false;
    if (cell_is_word(&profile->totals, key) || is_total_word(profile, row->cells[0]))
        return true;
    if (profile->kind == RECORD_TRAFFIC && !profile->refuse_unknown &&
        (is_word_for_total(row->cells[0]) ||
         is_word_for_total(plan_cell(&p->table.of_field[TRAFFIC_SOURCE], row, &column))))
        return true;
    for (int i = p->table.heading.n; i < row->n; i++)
        if (is_total_word(profile, row->cells[i]))
            return true;
    return false;
}

static int64_t sessions_of(const struct making *m)
{
    int column;
    int64_t v;
    bool negative;
    struct csv_cell c = plan_cell(&m->p->table.of_field[TRAFFIC_SESSIONS], m->row, &column);

    if (!c.len || !cell_count(c, m->p->profile->comma_decimal, &v, &negative) || negative)
        return COUNT_ABSENT;
    return v;
}

/* Rows that are no records by what they are; false: it is one. */
static bool is_no_record(struct making *m, enum plan_outcome *outcome, struct reject *why)
{
    const struct profile *profile = m->p->profile;
    const struct csv_row *row = m->row;
    struct csv_cell c;
    int column;

    *outcome = PLAN_REJECTED;
    if (row->fault) {
        fail_set(&m->f, FAIL_UNPROCESSABLE, row->fault, NULL, "%s", row->sentence);
        rejected(m, row->fault_column - 1, why);
        return true;
    }
    if (profile->error_field >= 0 && m->p->table.error_message.n) {
        struct csv_cell key = plan_cell(&m->p->table.of_field[profile->error_field], row, &column);

        c = plan_cell(&m->p->table.error_message, row, &column);
        if (!key.len && c.len) {
            fail_set(&m->f, FAIL_UNPROCESSABLE, "platform-error", NULL,
                     "The platform says of this row: %.*s", (int)(c.len > 180 ? 180 : c.len),
                     c.text);
            rejected(m, column, why);
            return true;
        }
    }
    if (plan_is_totals_row(m->p, row)) {
        if (profile->kind == RECORD_TRAFFIC && m->p->total_sessions == COUNT_ABSENT)
            m->p->total_sessions = sessions_of(m);
        plan_skip(row, "totals-row", "A row of totals is no record.", why);
        *outcome = PLAN_SKIPPED;
        return true;
    }
    for (int i = m->p->table.heading.n; i < row->n; i++)
        if (row->cells[i].len) {
            fail_set(&m->f, FAIL_UNPROCESSABLE, "too-many-cells", NULL,
                     "The row has %d cells, the heading %d.", row->n, m->p->table.heading.n);
            rejected(m, i, why);
            return true;
        }
    if (row->cut_off && row->n < m->p->table.heading.n) {
        fail_set(&m->f, FAIL_UNPROCESSABLE, "cut-off", NULL,
                 "The file ends in the middle of this row: its last cell may be cut.");
        rejected(m, row->n - 1, why);
        return true;
    }
    if (m->p->table.skip.n) {
        c = plan_cell(&m->p->table.skip, row, &column);
        if (!cell_is_word(&profile->skip_unless, c)) {
            plan_skip(row, profile->skip_code, profile->skip_sentence, why);
            *outcome = PLAN_SKIPPED;
            return true;
        }
    }
    return false;
}

/* Text that holds where the row says nothing; errors in it are the caller's, found when given. */
static bool put_default(struct making *m, int field, const char *text)
{
    if (!text || !*text || record_states(m->r, field))
        return true;
    return put_text(m, field, text, strlen(text));
}

static bool put_defaults(struct making *m)
{
    const struct plan *p = m->p;
    bool post = m->r->kind == RECORD_POST;

    for (int field = 0; field < record_field_count(m->r->kind); field++)
        if (!put_default(m, field, p->profile->when_empty[field]))
            return false;
    if (!put_default(m, post ? (int)POST_REGION : (int)TRAFFIC_REGION, p->options.region))
        return false;
    if (post)
        return put_default(m, POST_ACCOUNT, p->options.account) &&
               put_default(m, POST_ACCOUNT, p->file.account) &&
               record_read_links(m->r, m->a, m->rules, &m->f);
    return put_default(m, TRAFFIC_SOURCE, p->table.source);
}

/* The column at fault is in *column (-1: none). */
static bool put_fields(struct making *m, int *column)
{
    const struct profile *profile = m->p->profile;

    for (int field = 0; field < record_field_count(profile->kind); field++) {
        const char *constant = profile->constants[field];

        *column = -1;
        if (constant) {
            if (!put_text(m, field, constant, strlen(constant)))
                return false;
            m->r->type_by_default |= profile->kind == RECORD_POST && field == POST_TYPE;
            continue;
        }
        if (m->p->table.of_field[field].n &&
            !put_field(m, field, plan_cell(&m->p->table.of_field[field], m->row, column)))
            return false;
    }
    if (!put_extracts(m, column))
        return false;
    if (profile->kind == RECORD_POST) {
        plan_cell(&m->p->table.reading, m->row, column);
        if (!put_reading(m))
            return false;
        *column = -1;
        if (!record_states(m->r, POST_TYPE) && profile->empty_type &&
            !put_type(m, (struct csv_cell){"", 0}))
            return false;
    }
    *column = -1;
    return put_defaults(m);
}

enum plan_outcome plan_row(struct plan *p, const struct csv_row *row,
                           const struct record_rules *rules, struct arena *a, struct record *r,
                           struct reject *why)
{
    struct making m = {p, row, rules, a, r, {0}};
    enum plan_outcome outcome;
    int column, missing = -1;

    record_init(r, p->profile->kind);
    r->at.line = row->line;
    if (is_no_record(&m, &outcome, why))
        return outcome;
    if (!put_fields(&m, &column))
        return rejected(&m, column, why);
    if (!record_check(r, &missing, &m.f)) {
        column =
            missing >= 0 && p->table.of_field[missing].n ? p->table.of_field[missing].index[0] : -1;
        return rejected(&m, column, why);
    }
    p->notes[NOTE_LAST_LINE_OPEN] += row->cut_off;
    if (r->kind == RECORD_TRAFFIC && r->traffic.metric[0] != COUNT_ABSENT)
        p->sum_sessions += r->traffic.metric[0];
    if (r->kind == RECORD_TRAFFIC && !record_states(r, TRAFFIC_SCHEME))
        r->traffic.scheme = p->profile->scheme;
    return PLAN_RECORD;
}

const char *plan_row_mark(struct plan *p, const struct csv_row *row, struct arena *a)
{
    struct csv_cell c;
    int column;

    if (!p->table.mark.n)
        return "";
    c = plan_cell(&p->table.mark, row, &column);
    return c.len ? arena_strndup(a, c.text, c.len) : "";
}

int64_t plan_mended(const struct plan *p)
{
    return p->table.mended;
}

/* "2024-03-02T25:00", "2024030225": the day that a damaged time begins with. */
static int32_t day_that_begins(struct csv_cell c)
{
    char text[DAY_TEXT];

    if (c.len >= 10 && c.text[4] == '-')
        return day_parse(c.text, 10);
    if (c.len < 8)
        return DAY_NONE;
    snprintf(text, sizeof text, "%.4s-%.2s-%.2s", c.text, c.text + 4, c.text + 6);
    return day_parse(text, 10);
}

void plan_row_key(struct plan *p, const struct csv_row *row, const struct record_rules *rules,
                  struct arena *a, int32_t *day, const char **source)
{
    struct record r;
    struct making m = {p, row, rules, a, &r, {0}};
    const char *constant = p->profile->constants[TRAFFIC_SOURCE];
    int64_t notes[NOTE_COUNT];
    struct csv_cell c;
    int column;

    memcpy(notes, p->notes, sizeof notes);
    record_init(&r, RECORD_TRAFFIC);
    c = plan_cell(&p->table.of_field[TRAFFIC_DATE], row, &column);
    *day = c.len && put_field(&m, TRAFFIC_DATE, c) ? r.traffic.day : DAY_NONE;
    if (*day == DAY_NONE && p->table.days != DAYS_NTH)
        *day = day_that_begins(c);
    memset(&m.f, 0, sizeof m.f);
    if (constant)
        put_text(&m, TRAFFIC_SOURCE, constant, strlen(constant));
    else if (p->table.of_field[TRAFFIC_SOURCE].n)
        put_field(&m, TRAFFIC_SOURCE, plan_cell(&p->table.of_field[TRAFFIC_SOURCE], row, &column));
    if (m.f.code == FAIL_NONE && put_extracts(&m, &column))
        put_defaults(&m);
    *source = record_states(&r, TRAFFIC_SOURCE) ? r.traffic.source : NULL;
    memcpy(p->notes, notes, sizeof notes);
}
