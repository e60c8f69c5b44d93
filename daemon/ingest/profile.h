/*
 * Import profiles: which heading of an export file is which field, as data
 * (schema/profiles, one JSON file each; a team's own lie in a folder of theirs),
 * and the one interpreter that turns rows into records by them. There is no code for
 * any platform. doc/postlift-profile.5 tells each member with an example.
 */
#pragma once
#include "ingest/csv.h"
#include "record/file_notes.h"
#include "record/record.h"
#include "record/reject.h"

struct profile;
struct profile_set;
/* The heading that rejected rows get beside their own, with the import's number behind it. */
#define MENDED_HEADING "postlift: rows of import "

struct plan;

/*
 * texts: n JSON documents, files: where each is from, for messages (NULL: nowhere). A later one
 * replaces an earlier one of the same name. NULL with *f naming the one that is broken.
 */
struct profile_set *profile_set_load(const char *const *texts, const char *const *files, int n,
                                     struct fail *f);
void profile_set_free(struct profile_set *s);
int profile_set_count(const struct profile_set *s);
const struct profile *profile_set_at(const struct profile_set *s, int i);
const struct profile *profile_by_name(const struct profile_set *s, const char *name);
const char *profile_name(const struct profile *p);
const char *profile_title(const struct profile *p);
/* The file it was read from; "" for those that are part of the program. */
const char *profile_file(const struct profile *p);
int profile_version(const struct profile *p);
enum record_kind profile_kind(const struct profile *p);
/* Whether files of this profile are recognised only to be refused with its reason. */
bool profile_refuses(const struct profile *p);
/* Whether it is postlift's own CSV, in which every row says just what it means. */
bool profile_is_own(const struct profile *p);
/* "" where sources follow no scheme. */
const char *profile_scheme(const struct profile *p);
bool profile_absent_is_zero(const struct profile *p);
/* Which of two readings of 04/05/2024 is meant, where a person says so. */
enum day_order { ORDER_UNSAID, ORDER_DMY, ORDER_MDY, ORDER_YMD, ORDER_COUNT };
extern const char *const day_order_names[ORDER_COUNT];

/* What the sender says beside the file; "" and 0 for nothing. */
struct plan_options {
    const char *account, *region; /* for rows that lack them */
    const char *file;             /* its name, which often tells more */
    int year;                     /* for dates without one */
    enum day_order order;
    int32_t covers_from, covers_to; /* the days that the file is about; DAY_NONE: not said */
};
void plan_options_init(struct plan_options *o);

/*
 * Finds the heading row in the first bytes of a file (UTF-8; whole: there is no more of it) and
 * the profile that fits; wanted: a profile's name, or "auto"; kind_wanted: -1, or only profiles of
 * that record kind. NULL with *f when the file is empty, or none fits (naming the
 * headings found and the nearest profile). options: its strings are borrowed; NULL: none.
 */
struct plan *plan_make(const struct profile_set *s, const char *wanted, int kind_wanted,
                       const char *head, size_t len, bool whole, const struct plan_options *options,
                       struct fail *f);
void plan_free(struct plan *p);
/* The one that the file goes by; tables below the first may be read by others of its family. */
const struct profile *plan_profile(const struct plan *p);
const struct profile *plan_table_profile(const struct plan *p);
char plan_delimiter(const struct plan *p);
/* What the file's own name or preamble, or the sender, says that it is about; DAY_NONE: nothing. */
void plan_covers(const struct plan *p, int32_t *from, int32_t *to);
/* The end of the last of these days in the profile's zone, ms; 0 when no day is known. */
int64_t plan_end_ms(const struct plan *p, struct zone *site);
/* Headings that no field takes, in the file's order, one a line; owned by the plan. */
const char *plan_skipped_columns(const struct plan *p);

/* What a metric of the file counts, such as "meta-views"; "" where it is not said. */
const char *plan_definition(const struct plan *p, int metric);
/* The table whose rows come next: its heading, and what each column is read as. */
int plan_columns(const struct plan *p);
int64_t plan_heading_line(const struct plan *p);
const char *plan_heading(const struct plan *p, int column);
/* Whether a column names persons, and is not to be kept in any way. */
bool plan_column_is_private(const struct plan *p, int column);
/* The field that a column is read as, or why it is looked at; NULL: it is not. */
const char *plan_column_use(const struct plan *p, int column);
/* The spelling of times that was settled on; "" where there is nothing to choose. */
const char *plan_time_format(const struct plan *p);

/*
 * The column that a field is read from, for rejections that come later than the
 * row: fills why->column and why->heading when why->heading is a field's name.
 */
void plan_locate(const struct plan *p, struct reject *why);

/*
 * A reading of the file from its start. Every row of the file then goes through plan_classify(), in
 * order, which keeps track of preambles, tables that stand one below another and headings that
 * come again, and tells what a row is.
 */
enum row_class {
    ROW_OUTSIDE,  /* before the rows, or the heading: not counted */
    ROW_OF_TABLE, /* a row of the table: plan_row() */
    ROW_SKIPPED   /* no row of it: *why says what */
};
void plan_restart(struct plan *p);
enum row_class plan_classify(struct plan *p, const struct csv_row *row, struct reject *why);

/* The first reading of a file: which formats read its time columns. After plan_classify(). */
void plan_survey_row(struct plan *p, const struct csv_row *row);
/*
 * Settles the formats. False with *f when rows contradict each other or it stays ambiguous, or
 * when the profile, or all tables of the file, are to be refused.
 */
bool plan_survey_end(struct plan *p, struct fail *f);

enum plan_outcome { PLAN_RECORD, PLAN_REJECTED, PLAN_SKIPPED };
/* One row → one record, or *why it is none (its place filled in). */
enum plan_outcome plan_row(struct plan *p, const struct csv_row *row,
                           const struct record_rules *rules, struct arena *a, struct record *r,
                           struct reject *why);
/* After the last row: what can be said of the tables as wholes. */
void plan_end(struct plan *p);
/* After the survey: whether rows of one day and source are added up, as where a day has hours. */
bool plan_adds_rows(const struct plan *p);
/* What one row of a file counts by: rows of one mark count once. "": each by itself. In the arena.
 */
const char *plan_row_mark(struct plan *p, const struct csv_row *row, struct arena *a);

/* Rows since the last call that each note is about. */
void plan_take_notes(struct plan *p, int64_t rows[NOTE_COUNT]);
/* The import whose rejected rows the table at hand is, mended: they are no whole days. 0: none. */
int64_t plan_mended(const struct plan *p);
/* The order of day and month in a column as an import lists it: 'm', 'd', 'y', or 0. */
char column_order(const char *columns);
/*
 * What is known of the day and source of a row that could not be read: *day DAY_NONE where even its
 * beginning is no day; *source NULL where it cannot be told (in the arena else).
 */
void plan_row_key(struct plan *p, const struct csv_row *row, const struct record_rules *rules,
                  struct arena *a, int32_t *day, const char **source);
