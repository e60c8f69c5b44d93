/* What importer.c (uploads, the thread) and job.c (one import) share; nobody else includes it. */
#pragma once
#include "import/importer.h"
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

void import_options_write(const struct import_request *rq, char *text, size_t size);
void import_options_read(const char *text, struct import_request *rq);

/* Takes one import, or one undo, as far as it goes; what fails for good is entered as refused. */
void import_job_run(struct importer *im, struct import_row *row);
