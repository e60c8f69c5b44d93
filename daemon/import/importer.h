/*
 * Imports as jobs. An upload goes to the spool and is synced, its row in the
 * database says what it is, and the sender gets his answer. One thread then
 * takes the imports in order: it looks through the whole file first (which
 * spelling of dates fits all rows, whether a quote stays open), and reads it a
 * second time into slices, which the writer stores between other writes. What a slice brought
 * and how far the import has come are committed together, so after a crash it
 * goes on behind the last slice and ends with the same rows.
 *
 * Reading stays off the writer's thread: while one slice is stored, the next is read.
 */
#pragma once
#include "base/ceilings.h"
#include "base/veil.h"
#include "ingest/profile.h"
#include "store/imports.h"
#include "store/snapshot.h"
#include "store/writer.h"

struct importer;

struct importer_options {
    struct writer *writer;
    struct snapshots *snapshots;
    const struct profile_set *profiles;
    struct zone *zone;     /* the site's reporting zone */
    struct veil veil;      /* over the numbers that senders of some regions know */
    const char *spool_dir; /* made when it is not there */
};

/* All that is in the options is borrowed until importer_stop(). NULL with *f. */
struct importer *importer_start(const struct importer_options *options, struct fail *f);
/* Ends after the slice under way; the import goes on at the next start. Accepts NULL. */
void importer_stop(struct importer *im);

/* What the sender says of a file; "" and 0 for nothing. */
struct import_request {
    char file[256], profile[64]; /* profile "" means "auto" */
    char account[NAME_MAX_BYTES + 1], region[SLUG_MAX + 1], charset[32];
    char only[SLUG_MAX + 1]; /* the one region that its sender sees; "": all */
    char by[SLUG_MAX + 1];   /* the name of its sender's token; "": there are none */
    int64_t observed_at_ms;
    int year;
    enum day_order order;
    int32_t covers_from, covers_to; /* DAY_NONE: not said */
    bool dry_run;                   /* read and checked to the end, and nothing stored */
};

/* Whether a file with these options was sent by a token of this name. */
bool import_was_sent_by(const char *options, const char *name);

/* Whether they were sent by a token that sees one region alone. */
bool import_is_of_one(const char *options);

struct import_upload;
struct import_upload *import_upload_begin(struct importer *im, const struct import_request *rq,
                                          struct fail *f);
bool import_upload_feed(struct import_upload *u, const void *data, size_t len, struct fail *f);
/*
 * Recognises the file and enters the import, committed and synced. *already: the same
 * content was imported with the same options and profile version; *import_id is
 * that import, and nothing changes.
 */
bool import_upload_finish(struct import_upload *u, int64_t *import_id, bool *already,
                          struct fail *f);
/* Frees it, and what was spooled if it was not finished. Accepts NULL. */
void import_upload_free(struct import_upload *u);

/*
 * Begins to take an import out again. *changed is false when that was done
 * before. FAIL_NOT_FOUND; FAIL_CONFLICT while it runs.
 */
bool importer_undo(struct importer *im, int64_t import_id, bool *changed, struct fail *f);
