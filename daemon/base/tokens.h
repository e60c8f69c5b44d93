/*
 * Tokens: who may do what. One file, as SSH keeps keys, a line each of the token's hash, its
 * name, scopes, regions ("*": all, and what has none) and last day (UTC), or "-" for none:
 *
 *     sha256:9f86d0...0f00a08 cron import,read eu,us 2027-02-25
 *
 * Blank lines and lines that begin with # are for people. A token is 256 random bits behind a
 * prefix by which it is recognised where it does not belong; the file has its SHA-256 alone,
 * which for that many random bits is as good as any slower hash.
 */
#pragma once
#include "base/ceilings.h"
#include "base/fail.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum scope {
    SCOPE_READ,      /* figures */
    SCOPE_ROWS,      /* single posts and exports */
    SCOPE_SENSITIVE, /* texts, links, handles, names of campaigns and files */
    SCOPE_WRITE,     /* posts, traffic, notes, types, experiments */
    SCOPE_IMPORT,    /* files */
    SCOPE_ADMIN,     /* corrections, deletions, backups */
    SCOPE_COUNT
};
extern const char *const scope_names[SCOPE_COUNT];
#define SCOPE_BIT(scope) (1u << (scope))
#define SCOPES_ALL ((1u << SCOPE_COUNT) - 1)

#define TOKEN_PREFIX "plt_"
enum {
    TOKEN_HASH = 32,
    TOKEN_LENGTH = 4 + 43,
    TOKEN_TEXT = TOKEN_LENGTH + 1,
    TOKEN_LINE = 600,
    TOKEN_REGIONS = 200
};

struct token_row {
    unsigned char hash[TOKEN_HASH];
    char name[SLUG_MAX + 1];
    unsigned scopes;             /* bits */
    char regions[TOKEN_REGIONS]; /* slugs parted by blanks, in order; "": all */
    int32_t last;                /* the last day on which it is good; DAY_NONE: no end */
    int line;                    /* of the file, from 1 */
    bool withdrawn;              /* the file has it no more, or otherwise: nobody is known by it */
};

struct tokens {
    struct token_row *row; /* owned */
    int n;
};

/* "read,rows" into bits; false with the name that is none. */
bool scopes_parse(const char *text, unsigned *scopes, struct fail *f);
/* Writes them back, parted by commas; returns text. */
const char *scopes_format(unsigned scopes, char *text, size_t size);

/* "eu,us" into slugs, of any letters, parted by blanks, in order, each once; "*" into "". False
 * with *f. */
bool regions_parse(const char *text, char regions[TOKEN_REGIONS], struct fail *f);
/* Whether a token may be called so: up to SLUG_MAX small letters, digits, "-", "_" and ".". */
bool token_name_is_fit(const char *name);
/* The lines of a file; *tokens is to be cleared, and empty on failure, which names the line. */
bool tokens_parse(const char *text, size_t len, struct tokens *tokens, struct fail *f);
/*
 * Reads a file, TOKENS_FILE_MAX bytes at most. Refused as well: what others than owner and group
 * may read or write, and what is no file.
 */
bool tokens_read(const char *path, struct tokens *tokens, struct fail *f);
void tokens_clear(struct tokens *tokens);

/* A new token. libsodium must have been initialised. */
void token_make(char text[TOKEN_TEXT]);
/* The hash of what was presented, of any length. False when it does not look like a token. */
bool token_hash(const char *text, unsigned char hash[TOKEN_HASH]);
/* Looks at every row, so that the time tells nothing of where it stands; NULL: unknown. */
const struct token_row *tokens_find(const struct tokens *tokens,
                                    const unsigned char hash[TOKEN_HASH]);
/* Whether two rows let the same token do the same; names and lines aside. */
bool token_is_alike(const struct token_row *a, const struct token_row *b);
/* One line of the file, without its end; returns line. */
const char *token_line(const struct token_row *row, char line[TOKEN_LINE]);
