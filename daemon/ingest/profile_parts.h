/* What the files of profiles and plans share; nobody else includes it. */
#pragma once
#include "base/buf.h"
#include "base/ceilings.h"
#include "ingest/profile.h"

#include <regex.h>

#define FIELD_MAX 32

struct words {
    char **item; /* owned */
    int n;
};

/* A field taken out of a longer text, as an id out of a link. */
struct extract {
    int field;
    struct words from;
    regex_t pattern; /* its first group */
};

/* A daily series that is named by the line above it: which metric it is. */
struct title_metric {
    char *word;
    int metric; /* field */
};

/* The lines with "#" above a table: "# Start date: ..." (GA4) or "# 20110101-20220430". */
enum preamble { PREAMBLE_ANY, PREAMBLE_START, PREAMBLE_RANGE };

enum period_kind { COUNTS_LIFETIME, COUNTS_PERIOD };

struct profile {
    char *name, *title, *scheme, *file, *family;
    int version;
    enum record_kind kind;
    bool escaped, refuse_unknown, absent_is_zero, zone_stated;
    bool only_by_name, descriptions, entities, stacked, comma_decimal, adds;
    enum period_kind counts;
    uint32_t required;        /* a bit a field */
    uint32_t may_be_negative; /* the same */
    struct words *signature;  /* lists of headings, one of each must be there */
    int n_signature;
    struct words columns[FIELD_MAX]; /* normalised headings, by field */
    char *constants[FIELD_MAX];
    char *when_empty[FIELD_MAX]; /* text for an empty cell */
    char *definition[FIELD_MAX]; /* of metrics */
    struct extract extract[EXTRACTS_MAX];
    int n_extract;
    struct words time_formats; /* or of days; the first `native` are the platform's own */
    int native;
    struct words nth_day, hourly, no_day;
    struct zone *zone;
    struct words types, type_slugs; /* side by side */
    char *empty_type;               /* NULL: a row without a type states none */
    struct words reading_columns, reading_lifetime, reading_formats;
    int error_field; /* -1: no error rows */
    struct words error_message;
    int totals_field; /* -1: no totals rows */
    struct words totals;
    struct words absent;
    struct words skip_columns, skip_unless; /* rows with something else there are left out */
    char *skip_code, *skip_sentence;
    struct words mark_columns; /* what counts once */
    struct words file_names;
    struct words value_columns;
    struct words whole_columns, whole_words; /* side by side: a word there that means all of it */
    struct words private_columns;
    enum preamble preamble;
    bool preamble_needed;
    struct words definition_headings[FIELD_MAX], definition_texts[FIELD_MAX]; /* side by side */
    struct title_metric title_metric[TITLES_MAX];
    int n_titles;
    char *refuse_code, *refuse_sentence; /* NULL: it is taken */
};

/* Lower case (ASCII), blanks trimmed and folded: headings are compared in this form. */
void heading_normalise(const char *text, size_t len, char out[HEADING_MAX]);

/* profile_load.c: an empty struct → what its JSON says. */
bool profile_load(struct profile *p, const char *text, struct fail *f);
void profile_clear(struct profile *p);

/* What a file's name says by a profile's patterns. */
struct file_facts {
    char account[NAME_MAX_BYTES + 1];
    int32_t from, to; /* DAY_NONE: not said */
};
bool file_name_read(const struct words *patterns, const char *name, struct file_facts *facts);

/* A time column and the formats that may read it. */
struct reading_of_times {
    const struct words *formats;
    int native;
    enum day_order order;
    int year;
    int64_t fits[FORMATS_MAX];
    int64_t n;                             /* cells that fit any format */
    bool differ[FORMATS_MAX][FORMATS_MAX]; /* two formats read one cell as different moments */
    int32_t first[FORMATS_MAX], last[FORMATS_MAX]; /* days */
    int64_t unlike[FORMATS_MAX][UNLIKE_MAX];       /* lines that it cannot read but another can */
    int n_unlike[FORMATS_MAX];
    int chosen;
    char only;                 /* m or d: the order that another column has; 0: none */
    bool rewritten, respelled; /* by a spreadsheet, as the cells look: no order is the native one */
};
void times_init(struct reading_of_times *t, const struct words *formats, int native,
                const struct plan_options *o);
void times_survey(struct reading_of_times *t, struct csv_cell c, int64_t line);
/* from, to: days that all must lie in, where known (DAY_NONE). */
bool times_settle(struct reading_of_times *t, int32_t from, int32_t to, struct fail *f);
/* m or d where only that order reads all cells; 0: either, or there are none. */
char times_only_order(const struct reading_of_times *t);
/* Reads a cell by the format chosen. */
bool times_read(const struct reading_of_times *t, struct csv_cell c, int64_t *wall_ms,
                bool *has_offset, int64_t *offset_ms);
const char *times_format(const struct reading_of_times *t);

/* cells.c */
struct csv_cell cell_trim(struct csv_cell c);
bool cell_is_word(const struct words *w, struct csv_cell c);
/* A whole number as files spell it; *negative: it is one, below zero (value its absolute). */
bool cell_count(struct csv_cell c, bool comma_decimal, int64_t *value, bool *negative);
/* Whether it is like "1.000": one, or a thousand. */
bool cell_is_two_counts(struct csv_cell c);
/* Whether a cell looks like a figure, a date or nothing: what no heading looks like. */
bool cell_is_value(struct csv_cell c);
/* &amp; and its like → the characters they stand for; in place, returns the new length. */
size_t cell_decode_entities(char *text, size_t len);

struct column_list {
    int index[SOURCES_MAX];
    int n;
};

/* A row kept whole, as a heading is. */
struct kept_row {
    int64_t line;
    char **cell; /* owned */
    int n;
};
bool kept_row_copy(struct kept_row *k, const struct csv_row *row);
void kept_row_clear(struct kept_row *k);

enum day_kind { DAYS_DATE, DAYS_NTH, DAYS_HOUR };

/* One table of a file: a heading, bound to a profile's fields. */
struct table {
    struct kept_row heading;
    struct column_list of_field[FIELD_MAX];
    struct column_list extract[EXTRACTS_MAX];
    struct column_list reading, error_message, skip, mark;
    unsigned char *use; /* by column: 1 + field, or one of USE_ */
    enum day_kind days;
    int title_metric; /* field that the value column is, or -1 */
    char source[NAME_MAX_BYTES + 1];
    char doubled[64]; /* a heading of ours that stands twice, and nothing tells which; "": none */
    int64_t mended;   /* the import whose rejected rows these are, mended; 0: none */
};
enum {
    USE_NONE = 0,
    USE_READING = 200,
    USE_ERROR,
    USE_SKIP,
    USE_MARK,
    USE_MENDED,
    USE_EXTRACT = 210
};
/* How many fields a profile finds in a row; *missing: how many of those it cannot do without. */
int table_score(const struct profile *p, const struct kept_row *row, int *missing);
/* The best profile of a family for a heading; NULL: none fits. */
const struct profile *family_member(const struct profile_set *s, const struct profile *p,
                                    const struct kept_row *row);
/* Whether only the column of days is missing. */
bool table_lacks_days(const struct profile *p, const struct kept_row *row);
/* Takes the row over. False when out of memory. title: the line above it, or "". */
bool table_bind(struct table *t, const struct profile *p, struct kept_row *row, const char *title);
void table_clear(struct table *t);
/* Tells columns of one name apart by the row of descriptions below the heading. */
bool table_describe(struct table *t, const struct profile *p, const struct csv_row *row);

enum table_state { TABLE_BEFORE, TABLE_IN, TABLE_OTHER };

struct plan {
    const struct profile *main;    /* the first that fits; the import goes by its name */
    const struct profile *profile; /* of the table at hand: that, or another of its family */
    const struct profile_set *set;
    struct plan_options options;
    struct file_facts file;
    char doubled[64]; /* as of a table */
    int long_ids, rounded_ids;
    char delimiter;
    int64_t first_line;   /* the heading of the first table, ours or not */
    int64_t heading_line; /* of the first table that is ours */
    struct kept_row first_heading;
    char first_title[NAME_MAX_BYTES + 1];
    struct buf skipped;
    struct reading_of_times times, days, covers;

    /* while rows go by */
    struct table table;
    enum table_state state;
    bool after_break, described, failed;
    char title[NAME_MAX_BYTES + 1];
    int32_t start, end; /* of the preamble */
    int64_t rows, other_rows;
    int64_t notes[NOTE_COUNT];
    bool saw_hours;
    char other_why[240];
    char refuse_code[48], refuse_sentence[240]; /* "": it is taken */
    int64_t parted_line; /* where a column of words that is not read was seen; 0: nowhere */
    char parted_heading[64], parted_word[64];
    int64_t total_sessions, sum_sessions; /* of the table; total COUNT_ABSENT: not said */
};
/* The day range that holds for rows now: the preamble's, the sender's or the file name's. */
void plan_range(const struct plan *p, int32_t *from, int32_t *to);
/* A line that is no row: "# Start date: 20230708". */
bool plan_is_comment(const struct csv_row *row);
/* Totals stand where the first dimension is empty, or a word says so, at times beyond the heading.
 */
bool plan_is_totals_row(const struct plan *p, const struct csv_row *row);
struct csv_cell plan_cell(const struct column_list *list, const struct csv_row *row, int *column);
void plan_skip(const struct csv_row *row, const char *code, const char *sentence,
               struct reject *why);
