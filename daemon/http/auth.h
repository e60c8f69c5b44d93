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
#include "http/sessions.h"

struct auth;

struct caller {
    char name[SLUG_MAX + 1];     /* of the token; "": nobody was asked, or there is no file */
    unsigned scopes;             /* bits */
    char regions[TOKEN_REGIONS]; /* that it sees and writes, parted by blanks; "": all */
    bool by_session;             /* known by the page's cookie */
};

/* path: NULL or "" for none. NULL with *f when the file cannot be used. */
struct auth *auth_open(const char *path, struct fail *f);
void auth_close(struct auth *a);
/* Whether there is a file of tokens. */
bool auth_is_on(const struct auth *a);
/* How many tokens it has. */
int auth_tokens(struct auth *a);
/*
 * Tells who wants to know of tokens that were read: now, as if there had been none before, and when
 * they are read again. While fn returns false those that were taken away or changed are good no
 * more, new ones not yet, and those that were read first are.
 */
typedef bool (*auth_changed_fn)(void *ctx, const struct tokens *before, const struct tokens *now);
void auth_tell(struct auth *a, auth_changed_fn fn, void *ctx);
/* Reads the file again, now. Any thread. */
void auth_reload(struct auth *a);

/*
 * Who was known by the last token that came on a connection, so that the same one is not looked up
 * anew while the tokens are those of that time. Zeroed at first; there is nothing to end.
 */
struct known {
    int64_t of;            /* which tokens; 0: nobody yet */
    unsigned char tag[16]; /* a keyed hash of the token: the token itself is kept nowhere */
    int32_t last;          /* day on which it is good; DAY_NONE: no end */
    struct caller caller;
};

/* How a caller comes to be known. */
struct asking {
    const char *authorization; /* the header; NULL: none */
    const char *session;       /* the cookie; NULL: none. The header wins */
    uint64_t peer;             /* any number for the address it comes from */
    int64_t now_ms;            /* since 1970 UTC */
    struct known *known;       /* of the connection; NULL: none */
};
enum auth_result {
    AUTH_KNOWN,
    AUTH_UNKNOWN,  /* 401 */
    AUTH_TOO_MANY, /* 429: attempts that failed */
};

/* *f, unless known: a sentence that tells the unknown from the expired only to who has the token.
 */
enum auth_result auth_caller(struct auth *a, const struct asking *asking, struct caller *caller,
                             struct fail *f);
/* Begins a session of the page for a token; asking's own header and cookie do not count. */
enum auth_result auth_sign_in(struct auth *a, const char *token, const struct asking *asking,
                              char session[SESSION_TEXT], struct fail *f);
/* Ends one; one that is none is no matter. */
void auth_sign_out(struct auth *a, const char *session);
