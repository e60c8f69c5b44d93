/*
 * Who asks, and what they may do: the tokens of one file. Without a file everyone who reaches the
 * daemon may do everything, which is why it then listens on loopback and UNIX sockets alone.
 *
 * The file is read again on auth_reload() and when it has changed, which is looked at once in
 * TOKENS_LOOK_MS at most. One that cannot be used leaves the tokens as they were, and a line on
 * standard error says so.
 */
#pragma once
#include "base/fail.h"
#include "base/tokens.h"

struct auth;

struct caller {
    char name[SLUG_MAX + 1]; /* of the token; "": nobody was asked, or there is no file */
    unsigned scopes;         /* bits */
};

/* path: NULL or "" for none. NULL with *f when the file cannot be used. */
struct auth *auth_open(const char *path, struct fail *f);
void auth_close(struct auth *a);
/* Whether there is a file of tokens. */
bool auth_is_on(const struct auth *a);
/* How many tokens it has. */
int auth_tokens(struct auth *a);
/* Reads the file again, now. Any thread. */
void auth_reload(struct auth *a);
/*
 * The caller behind an Authorization header (NULL: none was sent), at now_ms since 1970 UTC. False
 * with *f, a sentence that tells the unknown from the expired only to who knows the token.
 */
bool auth_caller(struct auth *a, const char *authorization, int64_t now_ms, struct caller *caller,
                 struct fail *f);
