/*
 * Long jobs beside all else, on a thread of their own: a consistent copy of the database, verified;
 * a check of the file and of all that follows from what was sent; and erasing. One at a time; asked
 * again, a job is done anew.
 */
#pragma once
#include "store/forget.h"
#include "store/writer.h"

struct keeper;

enum keeper_job { KEEPER_BACKUP, KEEPER_CHECK, KEEPER_FORGET, KEEPER_JOB_COUNT };
enum keeper_state { KEEPER_IDLE, KEEPER_RUNNING, KEEPER_DONE, KEEPER_FAILED };
extern const char *const keeper_state_names[];
enum { FINDINGS_MAX = 20 };

struct keeper_report {
    enum keeper_state state;
    int64_t bytes, revision;                   /* of a backup */
    int64_t posts, spread, traffic;            /* looked at by a check */
    int64_t days, notes, imports, experiments; /* that were erased, wiped, marked; posts as above */
    int n_findings; /* what was wrong; all are counted, the first are kept */
    char finding[FINDINGS_MAX][160];
    char sentence[600]; /* why it failed */
};

/* store: its path, zone and name of the zone are read, nothing else; erasing goes by the writer.
 * dir: where copies lie, made when it is not there. NULL with *f. */
struct keeper *keeper_start(const struct store *store, struct writer *writer, const char *dir,
                            struct fail *f);
/* Waits for the job under way. Accepts NULL. */
void keeper_stop(struct keeper *k);
/* Begins a job; FAIL_BUSY while another runs, true when the same one does. */
bool keeper_begin(struct keeper *k, enum keeper_job job, struct fail *f);
/* Called once an erasing has ended. */
typedef void (*keeper_told_fn)(void *ctx, const struct forget_request *rq,
                               const struct keeper_report *report);
/*
 * Begins erasing, which is kept in the database by then and goes on after a crash; FAIL_BUSY while
 * any job runs, another erasing as well. told NULL: nobody wants to know of its end.
 */
bool keeper_forget(struct keeper *k, const struct forget_request *rq, keeper_told_fn told,
                   void *ctx, struct fail *f);
/* Goes on with an erasing that was under way when the daemon ended, if one was. */
bool keeper_go_on(struct keeper *k, keeper_told_fn told, void *ctx, struct fail *f);
void keeper_report(struct keeper *k, enum keeper_job job, struct keeper_report *out);
/* What an erasing counted, with the names by which it is told. */
enum { ERASED_COUNTS = 5 };
struct erased_count {
    const char *name;
    int64_t value;
};
void keeper_erased(const struct keeper_report *r, struct erased_count counts[ERASED_COUNTS]);
/* Opens the last copy for reading: a descriptor that is the caller's, or -1 with *f. */
int keeper_open_backup(struct keeper *k, int64_t *bytes, struct fail *f);
