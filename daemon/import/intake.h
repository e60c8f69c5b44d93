/*
 * A request's body → a batch of records, as it arrives: one JSON document, lines
 * of NDJSON, or postlift's own plain CSV. The places of bad records are kept.
 */
#pragma once
#include "import/batch.h"
#include "ingest/profile.h"

enum intake_format { INTAKE_JSON, INTAKE_NDJSON, INTAKE_CSV };

struct intake;

/* profiles and rules->zone are borrowed until intake_close(). */
/* csv_profile: by which CSV is read. */
struct intake *intake_open(enum intake_format format, enum record_kind kind,
                           const char *csv_profile, const struct profile_set *profiles,
                           const struct record_rules *rules, struct fail *f);
void intake_close(struct intake *in);
/* False with *f when the body as a whole is broken or too large. */
bool intake_feed(struct intake *in, const char *data, size_t len, struct fail *f);
bool intake_finish(struct intake *in, struct fail *f);
/* Bytes held so far. */
size_t intake_memory(const struct intake *in);
/* Owned by the intake. */
struct batch *intake_batch(struct intake *in);
/* Whether a JSON body was a list, and not one record. */
bool intake_is_list(const struct intake *in);
/* Records seen, good and bad. */
int64_t intake_received(const struct intake *in);
/* Gives rejections that the store added their columns, and brings all into the order of the body.
 */
void intake_locate(struct intake *in);
