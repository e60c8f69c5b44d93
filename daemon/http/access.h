/* Whether a request may be answered at all: by who asks, and by what its route takes. */
#pragma once
#include "http/routes.h"

/*
 * Finds the caller of a request whose parameters, `asking` and `has_origin` are filled in. 0 when
 * it may go on; else the status to refuse it with, and *f in words. Without a file of tokens
 * everyone may.
 */
unsigned access_check(struct auth *auth, const struct route *route, struct request *rq,
                      struct fail *f);
/* A token in the address is refused before anything else; 0 or the status, and *f. */
unsigned access_address(const struct request *rq, struct fail *f);
/* Whether a caller of one region is to be taken to have asked for it, who named none: on routes
 * whose answers say which region they cover. */
bool access_names_region(const struct route *route, const struct request *rq);
