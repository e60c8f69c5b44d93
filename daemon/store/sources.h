/*
 * Names of sources as files have them → the source they count as. The name is
 * what is stored; the table is looked up when traffic is read, so that a changed
 * line changes every answer and no data.
 */
#pragma once
#include "base/ceilings.h"
#include "store/db.h"

/*
 * The built-in reading of a name: "google / organic" → organic, "(direct) /
 * (none)" → direct, "m.facebook.com / referral" → facebook, "Organic Social" →
 * social. A name that is a slug stands for itself.
 */
void source_guess(const char *name, char source[SLUG_MAX + 1]);
/* Enters a name by the built-in reading, unless it is there. */
bool source_learn(struct db *db, const char *name, struct fail *f);
/* A person's word: this name counts as that source. *changed tells whether it did not before. */
bool source_state(struct db *db, const char *name, const char *source, bool *changed,
                  struct fail *f);

struct source_row {
    const char *name, *source;
    bool stated;
};
typedef bool (*source_fn)(void *ctx, const struct source_row *row);
bool sources_each(struct db *db, source_fn fn, void *ctx, struct fail *f);
