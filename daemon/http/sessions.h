/*
 * Sessions of the page: a token that was pasted once, behind a cookie of 256 random bits. They are
 * kept in memory alone, by the cookie's hash: whoever reads the memory of a stopped daemon, or its
 * files, finds none. A session has no rights of its own, only those that its token has now.
 */
#pragma once
#include "base/tokens.h"

#include <stdbool.h>
#include <stdint.h>

enum { SESSION_TEXT = 44 }; /* bytes of its cookie with the NUL */

struct sessions;

/* NULL when out of memory. */
struct sessions *sessions_new(void);
void sessions_free(struct sessions *s);
/* A new one for the token of that hash; where there are SESSIONS_MAX the oldest ends. */
void sessions_begin(struct sessions *s, const unsigned char token[TOKEN_HASH], int64_t now_ms,
                    char cookie[SESSION_TEXT]);
/* The hash of the token behind a cookie; false when there is none, or it is SESSION_HOURS old. */
bool sessions_find(struct sessions *s, const char *cookie, int64_t now_ms,
                   unsigned char token[TOKEN_HASH]);
void sessions_end(struct sessions *s, const char *cookie);
/* Ends those whose token is none of these: it does not come back with its token. */
void sessions_keep(struct sessions *s, const struct tokens *tokens);

/*
 * Failed attempts, by peer and in all, in windows of a minute. A good token is never kept out, so
 * that nobody can lock others out by failing.
 */
struct attempts;
struct attempts *attempts_new(void);
void attempts_free(struct attempts *a);
/* Counts one; true when it is one too many, and is to be answered so. peer: any number for it. */
bool attempts_failed(struct attempts *a, uint64_t peer, int64_t now_ms);
