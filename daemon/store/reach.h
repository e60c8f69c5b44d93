/*
 * What somebody of some regions, or without the scope for what is sensitive, sees, and may bring.
 * Regions: slugs parted by blanks, in order; "" is all of them, and what has no region.
 *
 * Reading goes by views: on a connection that is narrowed each name of a table means a view of what
 * belongs to these regions, so that every statement, of today and later, sees no more.
 */
#pragma once
#include "base/ceilings.h"
#include "store/store.h"

#define REACH_TEXT 200 /* bytes of regions with their NUL */

/* How much of a row is seen. */
enum reach_depth {
    REACH_WHOLE,   /* all of it */
    REACH_FIGURES, /* what figures are made of, and not the texts of private notes */
    REACH_PLAIN,   /* no text, link, handle, campaign, file name, rejected value; nothing that has
                      its name from one */
    REACH_DEPTH_COUNT
};
/* Narrows a reading connection, for good; not needed for all regions and REACH_WHOLE. */
bool reach_narrow(struct db *db, const char *regions, enum reach_depth depth, struct fail *f);
/* Whether a region is among them; all are among "". */
bool reach_has(const char *regions, const char *region);
/*
 * Makes a record one of these regions, of the one there is where it names none; or refuses it:
 * where it says another, or is of an account or post that is of another or of none. FAIL_CONFLICT
 * with f->place. In the writer's thread.
 */
bool reach_take(struct store *st, const char *regions, struct record *r, struct fail *f);
/*
 * Whether an account by its handle, of this platform or of any ("" or NULL), is of these regions
 * alone, and there is one; of all regions ("") that is always so. False with *f otherwise. In the
 * writer's thread.
 */
bool reach_take_account(struct store *st, const char *regions, const char *platform,
                        const char *handle, struct fail *f);
/*
 * Whether a post is there and of these regions, by its platform or ("", which becomes its platform)
 * by its id alone. False with *f otherwise: FAIL_NOT_FOUND, or FAIL_CONFLICT where it may be
 * several. In the writer's thread.
 */
bool reach_take_post(struct store *st, const char *regions, char platform[SLUG_MAX + 1],
                     const char *id, struct fail *f);
