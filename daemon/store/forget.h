/*
 * Erasing: posts of an account, one post, or all before a day, and what tells of them. Their rows,
 * readings, records and types go; rejected rows, reports and names of the files that brought them
 * are wiped; findings of experiments about their days lose the account's name and carry a marker.
 * Daily traffic tells of nobody: it goes only where that is asked. Afterwards the file is written
 * anew, so that no bytes are left of it.
 */
#pragma once
#include "base/ceilings.h"
#include "store/store.h"

enum forget_what { FORGET_POST, FORGET_ACCOUNT, FORGET_BEFORE };

struct forget_request {
    enum forget_what what;
    char platform[SLUG_MAX + 1];
    char name[NAME_MAX_BYTES + 1]; /* of an account, or a post's id */
    int32_t before;                /* a day: what is older goes */
    bool traffic, notes;           /* daily figures and notes before that day, too */
    int64_t now_ms;
};

/* What went of one region, "" past FORGET_REGIONS: of any. */
struct forgotten {
    char region[SLUG_MAX + 1];
    int32_t first, last; /* days of the posts */
    int64_t posts;
};
enum { FORGET_REGIONS = 64 };

struct forgetting {
    struct forget_request rq;
    int64_t posts, days, notes, imports, experiments; /* that went, or were changed */
    struct forgotten of[FORGET_REGIONS];
    int n_of;
    int64_t *touched; /* owned; imports that brought them */
    int n_touched;
    int64_t account_id; /* -1: not looked for yet; 0: there is none */
};
void forgetting_init(struct forgetting *g, const struct forget_request *rq);
void forgetting_clear(struct forgetting *g);
/*
 * Where an erasing is, kept in the database with each of its writes, so that it goes on after a
 * crash: FORGET_NONE, none is under way; FORGET_ROWS, rows are left, and *g says which (the
 * caller's to clear); FORGET_BYTES, the file is to be written anew, and nothing says of whom it
 * was.
 */
enum forget_stage { FORGET_NONE, FORGET_ROWS, FORGET_BYTES };
bool forgetting_keep(struct store *st, enum forget_stage stage, const struct forgetting *g,
                     struct fail *f);
bool forgetting_kept(struct store *st, enum forget_stage *stage, struct forgetting *g,
                     struct fail *f);

/*
 * Erases up to `limit` posts; *done when none is left and all beside them is gone as well. In the
 * writer's thread. FAIL_BUSY while files wait to be imported: they may bring it again.
 */
bool forget_slice(struct store *st, struct forgetting *g, int64_t limit, bool *done,
                  struct fail *f);
/* Writes the file anew and empties the WAL, outside of a transaction; FAIL_BUSY while a reader
 * keeps the old state. */
bool forget_bytes(struct store *st, struct fail *f);
