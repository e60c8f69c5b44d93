/* What importer.c (uploads, the thread) and job.c (one import) share; nobody else includes it. */
#pragma once
#include "import/csv_lines.h"
#include "import/importer.h"
#include "import/reading.h"
#include "import/spool.h"

#include <pthread.h>
#include <stdatomic.h>

struct importer {
    struct importer_options o;
    struct spool *spool;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool woken; /* under the lock */
    _Atomic bool stopping;
};

void importer_wake(struct importer *im);
bool importer_is_stopping(struct importer *im);
/* Sleeps; false when the importer is stopping. */
bool importer_pause(struct importer *im, int64_t ms);

/* What the request says, in the words of reading and profiles; strings are the request's. */
void import_reading_options(const struct import_request *rq, struct reading_options *o);
/* plan: what the file's name told is part of what decides whether two imports are the same. */
void import_options_write(const struct import_request *rq, const struct plan *plan, char *text,
                          size_t size);
void import_options_read(const char *text, struct import_request *rq);

/* Notes of a row of `imports`, "code rows" a line: adds, or with `set` says anew. */
void import_notes_add(struct import_row *row, const int64_t rows[NOTE_COUNT], bool set);
/* The columns of the plan's table as lines of text. */
void import_columns(const struct plan *plan, char *text, size_t size);

/* job_finish.c: collects rejected rows so that they can be mended, and says that it is done. */
bool import_finish(struct importer *im, struct reading *reading, struct import_row *row,
                   struct fail *f);
/* The same for lines of JSON, or our CSV of all, that lie behind fd. */
bool import_finish_lines(struct importer *im, int fd, struct import_row *row, struct fail *f);
/* job_lines.c: each record as a line of JSON, and what is none. */
bool import_each_line(int fd, json_record_fn fn, csv_lines_bad_fn bad, void *ctx, struct fail *f);
/* job_lines.c: whether a file is lines of JSON, or our CSV of all; and its import, begin to end. */
bool import_is_lines(int fd);
bool import_lines(struct importer *im, struct import_row *row, int fd, struct fail *f);
#define LINES_PROFILE "postlift-export"
/* job.c: runs a background write until it succeeds, fails for good or the daemon stops. */
bool import_persist(struct importer *im, write_fn fn, void *ctx, struct fail *f);

/* Takes one import, or one undo, as far as it goes; what fails for good is entered as refused. */
void import_job_run(struct importer *im, struct import_row *row);
