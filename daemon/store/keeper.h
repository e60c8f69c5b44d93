/*
 * Two long jobs beside all else, on a thread and a reading connection of their own: a consistent
 * copy of the database, verified; and a check of the file and of all that follows from what was
 * sent. One at a time; asked again, a job is done anew.
 */
#pragma once
#include "store/store.h"

struct keeper;

enum keeper_job { KEEPER_BACKUP, KEEPER_CHECK, KEEPER_JOB_COUNT };
enum keeper_state { KEEPER_IDLE, KEEPER_RUNNING, KEEPER_DONE, KEEPER_FAILED };
extern const char *const keeper_state_names[];
enum { FINDINGS_MAX = 20 };

struct keeper_report {
    enum keeper_state state;
    int64_t bytes, revision;        /* of a backup */
    int64_t posts, spread, traffic; /* looked at by a check */
    int n_findings;                 /* what was wrong; all are counted, the first are kept */
    char finding[FINDINGS_MAX][160];
    char sentence[600]; /* why it failed */
};

/* store: its path, zone and name of the zone are read, nothing else. dir: where copies lie, made
 * when it is not there. NULL with *f. */
struct keeper *keeper_start(const struct store *store, const char *dir, struct fail *f);
/* Waits for the job under way. Accepts NULL. */
void keeper_stop(struct keeper *k);
/* Begins a job; FAIL_BUSY while another runs, true when the same one does. */
bool keeper_begin(struct keeper *k, enum keeper_job job, struct fail *f);
void keeper_report(struct keeper *k, enum keeper_job job, struct keeper_report *out);
/* Opens the last copy for reading: a descriptor that is the caller's, or -1 with *f. */
int keeper_open_backup(struct keeper *k, int64_t *bytes, struct fail *f);
