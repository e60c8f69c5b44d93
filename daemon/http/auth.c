#include "http/auth.h"
#include "base/clock.h"
#include "base/day.h"
#include "base/log.h"
#include "base/text.h"

#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

struct auth {
    char *path; /* NULL: no file */
    pthread_rwlock_t lock;
    struct tokens tokens; /* under the lock */
    struct stat read;     /* of the file as it was read; under the lock */
    _Atomic int64_t of;   /* which tokens these are: another number each time they change */
    unsigned char key[crypto_shorthash_siphashx24_KEYBYTES]; /* of the tags of struct known */
    _Atomic int64_t looked_ms;
    bool untold;             /* those that were read first: it is tried again; under the lock */
    auth_changed_fn changed; /* NULL: nobody is told */
    void *changed_ctx;
    struct sessions *sessions;
    struct attempts *attempts;
};

static bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size &&
           a->st_mode == b->st_mode && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
           a->st_mtim.tv_nsec == b->st_mtim.tv_nsec && a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
           a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

struct auth *auth_open(const char *path, struct fail *f)
{
    struct auth *a = calloc(1, sizeof *a);

    if (!a || pthread_rwlock_init(&a->lock, NULL) != 0) {
        free(a);
        fail_memory(f);
        return NULL;
    }
    atomic_store(&a->of, 1);
    randombytes_buf(a->key, sizeof a->key);
    a->sessions = sessions_new();
    a->attempts = attempts_new();
    if (!a->sessions || !a->attempts) {
        auth_close(a);
        fail_memory(f);
        return NULL;
    }
    if (!path || !*path)
        return a;
    a->path = strdup(path);
    /* the stat comes first: a change in between is seen at the next look */
    if (a->path && stat(path, &a->read) != 0)
        memset(&a->read, 0, sizeof a->read);
    if (!a->path ? fail_memory(f) : tokens_read(path, &a->tokens, f))
        return a;
    auth_close(a);
    return NULL;
}

void auth_close(struct auth *a)
{
    if (!a)
        return;
    sessions_free(a->sessions);
    attempts_free(a->attempts);
    tokens_clear(&a->tokens);
    pthread_rwlock_destroy(&a->lock);
    free(a->path);
    free(a);
}

bool auth_is_on(const struct auth *a)
{
    return a->path != NULL;
}

int auth_tokens(struct auth *a)
{
    int n;

    pthread_rwlock_rdlock(&a->lock);
    n = a->tokens.n;
    pthread_rwlock_unlock(&a->lock);
    return n;
}

static bool is_still(const struct tokens *now, const struct token_row *row)
{
    const struct token_row *there = tokens_find(now, row->hash);

    return there && strcmp(there->name, row->name) == 0 && token_is_alike(there, row);
}

/* What is new waits until it is written down who may do what; what is taken away does not. */
static void withdraw(struct tokens *tokens, const struct tokens *now)
{
    for (int i = 0; i < tokens->n; i++)
        tokens->row[i].withdrawn = !is_still(now, &tokens->row[i]);
}

static void read_again(struct auth *a, const struct stat *now, bool always)
{
    const struct tokens none = {0};
    struct tokens fresh;
    struct fail f = {0};
    bool changed;

    pthread_rwlock_wrlock(&a->lock);
    changed = !same_file(now, &a->read);
    if (changed || always) {
        a->read = *now;
        if (tokens_read(a->path, &fresh, &f)) {
            if (a->changed && !a->changed(a->changed_ctx, a->untold ? &none : &a->tokens, &fresh)) {
                sessions_keep(a->sessions, &fresh);
                withdraw(&a->tokens, &fresh);
                atomic_fetch_add(&a->of, 1);
                tokens_clear(&fresh);
                memset(&a->read, 0, sizeof a->read); /* looked at again */
                log_line(LOG_LEVEL_ERROR,
                         "the tokens changed, and the read log cannot be written: until it can, "
                         "those that were taken away are good no more, and new ones not yet");
            } else {
                tokens_clear(&a->tokens);
                a->tokens = fresh;
                sessions_keep(a->sessions, &a->tokens);
                atomic_fetch_add(&a->of, 1);
                a->untold = false;
                log_line(LOG_LEVEL_INFO, "the tokens were read again: %d", a->tokens.n);
            }
        } else {
            log_line(LOG_LEVEL_ERROR,
                     "%s The %d tokens as they were before stay good until that is mended.",
                     f.sentence, a->tokens.n);
        }
    }
    pthread_rwlock_unlock(&a->lock);
}

void auth_tell(struct auth *a, auth_changed_fn fn, void *ctx)
{
    const struct tokens none = {0};

    a->changed = fn;
    a->changed_ctx = ctx;
    a->untold = a->path && !fn(ctx, &none, &a->tokens);
    if (a->untold)
        memset(&a->read, 0, sizeof a->read); /* looked at again */
}

static void look(struct auth *a, bool always)
{
    struct stat now;

    if (stat(a->path, &now) != 0)
        memset(&now, 0, sizeof now);
    read_again(a, &now, always);
}

void auth_reload(struct auth *a)
{
    if (a->path)
        look(a, true);
}

/* One thread looks, the others go on. */
static void look_now_and_then(struct auth *a)
{
    int64_t now = clock_tick_ms(), last = atomic_load(&a->looked_ms);

    if (now - last >= TOKENS_LOOK_MS && atomic_compare_exchange_strong(&a->looked_ms, &last, now))
        look(a, false);
}

static bool is_over(int32_t last, int64_t now_ms)
{
    return last != DAY_NONE && now_ms / MS_PER_DAY > last;
}

/* The token of a hash, and whether it is good. */
static bool know(struct auth *a, const unsigned char hash[TOKEN_HASH], int64_t now_ms,
                 struct known *who, struct fail *f)
{
    const struct token_row *row;
    bool known;

    pthread_rwlock_rdlock(&a->lock);
    row = tokens_find(&a->tokens, hash);
    known = row && !row->withdrawn;
    if (known) {
        who->of = atomic_load(&a->of);
        who->last = row->last;
        who->caller.scopes = row->scopes;
        text_copy(who->caller.name, sizeof who->caller.name, row->name);
        text_copy(who->caller.regions, sizeof who->caller.regions, row->regions);
    }
    pthread_rwlock_unlock(&a->lock);
    if (!known)
        return fail_set(f, FAIL_UNPROCESSABLE, "bad-token", "Authorization",
                        "This token is not known here, or no more.");
    if (is_over(who->last, now_ms))
        return fail_set(f, FAIL_UNPROCESSABLE, "expired-token", "Authorization",
                        "The token \"%s\" has expired; \"postlift token add\" makes a new one.",
                        who->caller.name);
    return true;
}

static bool hash_of(const char *token, unsigned char hash[TOKEN_HASH], struct fail *f)
{
    return token_hash(token, hash) ||
           fail_set(f, FAIL_UNPROCESSABLE, "bad-token", "Authorization",
                    "That is no token of postlift: it begins with \"%s\" and has %d characters.",
                    TOKEN_PREFIX, TOKEN_LENGTH);
}

/* Whether it is the one that came before on this connection, and still as good. */
static bool is_known(struct auth *a, const struct asking *asking, const unsigned char *tag)
{
    const struct known *before = asking->known;

    return before->of == atomic_load(&a->of) &&
           sodium_memcmp(before->tag, tag, sizeof before->tag) == 0 &&
           !is_over(before->last, asking->now_ms);
}

/* By what stands in the header behind "Bearer". */
static bool know_token(struct auth *a, const char *token, const struct asking *asking,
                       struct caller *caller, struct fail *f)
{
    unsigned char hash[TOKEN_HASH], tag[crypto_shorthash_siphashx24_BYTES];
    struct known who;

    _Static_assert(sizeof tag == sizeof who.tag, "a tag is one of SipHash");
    crypto_shorthash_siphashx24(tag, (const unsigned char *)token, strlen(token), a->key);
    if (asking->known && is_known(a, asking, tag)) {
        *caller = asking->known->caller;
        return true;
    }
    memset(&who, 0, sizeof who);
    if (!hash_of(token, hash, f) || !know(a, hash, asking->now_ms, &who, f))
        return false;
    *caller = who.caller;
    memcpy(who.tag, tag, sizeof tag);
    if (asking->known)
        *asking->known = who;
    return true;
}

/* What an attempt that failed is answered with. */
static enum auth_result failed(struct auth *a, const struct asking *asking, struct fail *f)
{
    if (!attempts_failed(a->attempts, asking->peer, clock_steady_ms()))
        return AUTH_UNKNOWN;
    memset(f, 0, sizeof *f);
    fail_set(f, FAIL_UNPROCESSABLE, "too-many-attempts", "Authorization",
             "Too many attempts with tokens that are not good; try again in a minute.");
    return AUTH_TOO_MANY;
}

enum auth_result auth_caller(struct auth *a, const struct asking *asking, struct caller *caller,
                             struct fail *f)
{
    static const char bearer[] = "Bearer ";
    const char *header = asking->authorization;
    unsigned char hash[TOKEN_HASH];
    struct known who;

    memset(caller, 0, sizeof *caller);
    if (!a->path) {
        caller->scopes = SCOPES_ALL;
        return AUTH_KNOWN;
    }
    look_now_and_then(a);
    if (!header && asking->session &&
        sessions_find(a->sessions, asking->session, asking->now_ms, hash)) {
        memset(&who, 0, sizeof who);
        if (!know(a, hash, asking->now_ms, &who, f))
            return AUTH_UNKNOWN;
        *caller = who.caller;
        caller->by_session = true;
        return AUTH_KNOWN;
    }
    if (!header) {
        fail_set(f, FAIL_UNPROCESSABLE, "no-token", "Authorization",
                 "This needs a token: \"Authorization: Bearer plt_...\", as \"postlift token add\" "
                 "prints it.");
        return AUTH_UNKNOWN;
    }
    if (strncasecmp(header, bearer, sizeof bearer - 1) != 0) {
        fail_set(f, FAIL_UNPROCESSABLE, "bad-token", "Authorization",
                 "The token comes as \"Authorization: Bearer plt_...\".");
        return AUTH_UNKNOWN;
    }
    return know_token(a, header + sizeof bearer - 1, asking, caller, f) ? AUTH_KNOWN
                                                                        : failed(a, asking, f);
}

enum auth_result auth_sign_in(struct auth *a, const char *token, const struct asking *asking,
                              char session[SESSION_TEXT], struct fail *f)
{
    unsigned char hash[TOKEN_HASH];
    struct known who;

    if (a->path)
        look_now_and_then(a);
    if (!hash_of(token, hash, f) || !know(a, hash, asking->now_ms, &who, f))
        return failed(a, asking, f);
    sessions_begin(a->sessions, hash, asking->now_ms, session);
    return AUTH_KNOWN;
}

void auth_sign_out(struct auth *a, const char *session)
{
    sessions_end(a->sessions, session);
}
