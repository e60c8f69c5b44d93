/* What the read log has of a request: who, from where, what, how many rows; never a token. */
#pragma once
#include "http/routes.h"

/* Of an answer with rows, before it goes out. False with *f when it must not. */
bool reads_answered(struct app *app, const struct route *route, const struct request *rq,
                    int64_t rows, struct fail *f);
/* Of a change, before it is made. */
bool reads_changes(struct app *app, const struct route *route, const struct request *rq,
                   struct fail *f);
/* Of a request that is refused; why: the reason's slug. Unknown callers fill no disk: past
 * READ_LOG_REFUSED a minute they are counted, and the next entry says how many. */
void reads_refused(struct app *app, const struct route *route, const struct request *rq,
                   unsigned status, const char *why);
/* Of what was erased: names as keyed hashes, and how much it was. */
void reads_erased(void *app, const struct forget_request *rq, const struct keeper_report *report);
/* Of tokens that were added, taken away or changed, as auth tells; false when it cannot be written:
 * then they must not count yet. */
bool reads_tokens(void *app, const struct tokens *before, const struct tokens *now);
