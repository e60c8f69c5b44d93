/* What job.c (writing, and the order of it all) and job_read.c (the reading thread) share. */
#pragma once
#include "import/adding.h"
#include "import/batch.h"
#include "import/importer_parts.h"

enum { SLICES = 2 }; /* one is stored while the other is read */

/*
 * Days that a file covers, for schemes where absent means zero. A day on which a
 * row was rejected or lacks a figure is not covered: the row's source had
 * something there. A row whose day cannot be told spoils all days.
 */
enum { COVER_DAYS = 84006 }; /* 1970 to 2199 */
struct cover {
    unsigned char *has, *spoilt; /* owned; a bit a metric, by day since 1970 */
    bool blind;                  /* a row's day could not be told */
    const char *scheme;          /* of the tables that cover days; the first one's */
};

struct slice {
    struct batch batch;
    int64_t rows; /* of the file, whatever became of them */
    int64_t done; /* how far it brings the import: rows, or records that rows were added up to */
    int64_t notes[NOTE_COUNT];
    bool last;
};

struct job {
    struct importer *im;
    struct import_row *row;
    struct import_request rq;
    struct reading *reading;
    struct plan *plan;
    struct record_rules rules;
    struct sender sender;
    struct adding *adding;    /* of files of traffic; NULL: rows are stored as they come */
    struct import_row *first; /* whose rejected rows these are, mended; NULL: none; owned */
    int64_t table_rows;       /* below headings, the whole file */
    struct twice *twice;      /* of posts of foreign files; NULL: not watched */
    int64_t table;            /* of the file, that the row is of */
    int64_t heading_line;
    struct reject_list rejects; /* of files that are added up */
    int64_t rows;               /* the same: of the file */

    /* the reading thread */
    struct slice *filling;
    int64_t skip;       /* rows stored before a restart */
    struct cover cover; /* read by the writer with the last slice */
    int64_t survey_rows;
    struct fail fail;

    /* between the reading thread and the importer's */
    pthread_mutex_t lock;
    pthread_cond_t moved;
    struct slice *full, *empty[SLICES];
    int n_empty;
    bool ended, cancelled;
};

/* The reading thread: rows of the file → slices, handed over one by one; the last says so. */
void *job_read(void *job);
