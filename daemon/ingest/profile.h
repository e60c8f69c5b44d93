/*
 * Import profiles: which heading of an export file is which field, as data
 * (schema/profiles, one JSON file each), and the one interpreter that turns rows into
 * records by them. There is no code for any platform.
 *
 * A profile's members:
 *   name, version, title  what it is called; a new version reads files anew
 *   record                "post" or "traffic"
 *   columns               field → headings, in order of preference: the first
 *                         column of the row that is not empty is read. Where a
 *                         heading stands twice, the first of the two counts.
 *   required              fields whose heading must be there for the profile to fit
 *   constants             field → text, the same for every row
 *   unknown_columns       "skip" (named once in the report) or "refuse"
 *   times, days           {"formats": [...], "zone": "America/Los_Angeles"}; without
 *                         them RFC 3339 and YYYY-MM-DD. Of several formats the one
 *                         that reads the whole column is taken.
 *   types, empty_type     spellings → our types; the type of a row that names none
 *   reading               {"columns", "lifetime": words, "formats"}: what a row counts
 *   error_row             {"when_empty": field, "message": headings}
 *   totals                {"field", "words"}: rows to skip; "" stands for an empty cell
 *   absent                further words for "no value"
 *   escaped               an apostrophe before a cell that a spreadsheet would run (= + - @)
 *                         was put there by our own CSV, and is taken off again
 *   scheme                the naming scheme of sources; with "absent_is_zero", a
 *                         source without a row on a day the file covers had zero
 */
#pragma once
#include "ingest/csv.h"
#include "record/record.h"
#include "record/reject.h"

struct profile;
struct profile_set;
struct plan;

/* texts: n JSON documents. NULL with *f naming the one that is broken. */
struct profile_set *profile_set_load(const char *const *texts, int n, struct fail *f);
void profile_set_free(struct profile_set *s);
int profile_set_count(const struct profile_set *s);
const struct profile *profile_set_at(const struct profile_set *s, int i);
const struct profile *profile_by_name(const struct profile_set *s, const char *name);
const char *profile_name(const struct profile *p);
int profile_version(const struct profile *p);
enum record_kind profile_kind(const struct profile *p);
/* "" where sources follow no scheme. */
const char *profile_scheme(const struct profile *p);
bool profile_absent_is_zero(const struct profile *p);

/* What a row that lacks them gets; "" for nothing. */
struct plan_defaults {
    const char *account, *region;
};

/*
 * Finds the heading row in the first bytes of a file (UTF-8) and the profile that fits;
 * wanted: a profile's name, or "auto"; kind_wanted: -1, or only profiles of
 * that record kind. NULL with *f when the file is empty, or none fits (naming the
 * headings found and the nearest profile).
 */
struct plan *plan_make(const struct profile_set *s, const char *wanted, int kind_wanted,
                       const char *head, size_t len, struct fail *f);
void plan_free(struct plan *p);
const struct profile *plan_profile(const struct plan *p);
char plan_delimiter(const struct plan *p);
/* The line of the heading: rows up to it are no data. */
int64_t plan_heading_line(const struct plan *p);
/* Headings that no field takes, in the file's order, one a line; owned by the plan. */
const char *plan_skipped_columns(const struct plan *p);

/*
 * The column that a field is read from, for rejections that come later than the
 * row: fills why->column and why->heading when why->heading is a field's name.
 */
void plan_locate(const struct plan *p, struct reject *why);

/* The first reading of a file: which formats read its time columns. */
void plan_survey_row(struct plan *p, const struct csv_row *row);
/* Settles the formats. False with *f when rows contradict each other or it stays ambiguous. */
bool plan_survey_end(struct plan *p, struct fail *f);

enum plan_outcome { PLAN_RECORD, PLAN_REJECTED, PLAN_SKIPPED };
/* One row → one record, or *why it is none (its place filled in). */
enum plan_outcome plan_row(struct plan *p, const struct csv_row *row,
                           const struct plan_defaults *defaults, const struct record_rules *rules,
                           struct arena *a, struct record *r, struct reject *why);
