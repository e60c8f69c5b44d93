#include "http/sessions.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

struct session {
    unsigned char cookie[TOKEN_HASH], token[TOKEN_HASH]; /* hashes */
    int64_t began_ms;
    bool used;
};

struct sessions {
    pthread_mutex_t lock;
    struct session one[SESSIONS_MAX];
};

struct sessions *sessions_new(void)
{
    struct sessions *s = calloc(1, sizeof *s);

    if (s && pthread_mutex_init(&s->lock, NULL) == 0)
        return s;
    free(s);
    return NULL;
}

void sessions_free(struct sessions *s)
{
    if (!s)
        return;
    pthread_mutex_destroy(&s->lock);
    sodium_memzero(s, sizeof *s);
    free(s);
}

static void hash_of(const char *cookie, unsigned char hash[TOKEN_HASH])
{
    crypto_hash_sha256(hash, (const unsigned char *)cookie, strlen(cookie));
}

static bool is_over(const struct session *one, int64_t now_ms)
{
    return now_ms < one->began_ms || now_ms - one->began_ms > SESSION_HOURS * 3600000ll;
}

void sessions_begin(struct sessions *s, const unsigned char token[TOKEN_HASH], int64_t now_ms,
                    char cookie[SESSION_TEXT])
{
    unsigned char random[32];
    struct session *place = &s->one[0], *own = NULL;
    int of_token = 0;

    randombytes_buf(random, sizeof random);
    sodium_bin2base64(cookie, SESSION_TEXT, random, sizeof random,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    pthread_mutex_lock(&s->lock);
    for (int i = 0; i < SESSIONS_MAX && place->used; i++)
        if (!s->one[i].used || s->one[i].began_ms < place->began_ms)
            place = &s->one[i];
    for (int i = 0; i < SESSIONS_MAX; i++)
        if (s->one[i].used && memcmp(s->one[i].token, token, TOKEN_HASH) == 0) {
            of_token++;
            own = !own || s->one[i].began_ms < own->began_ms ? &s->one[i] : own;
        }
    if (own && of_token >= SESSIONS_OF_TOKEN) /* its own oldest, and nobody else's */
        place = own;
    hash_of(cookie, place->cookie);
    memcpy(place->token, token, TOKEN_HASH);
    place->began_ms = now_ms;
    place->used = true;
    pthread_mutex_unlock(&s->lock);
    sodium_memzero(random, sizeof random);
}

bool sessions_find(struct sessions *s, const char *cookie, int64_t now_ms,
                   unsigned char token[TOKEN_HASH])
{
    unsigned char hash[TOKEN_HASH];
    bool found = false;

    if (strnlen(cookie, SESSION_TEXT) != SESSION_TEXT - 1)
        return false;
    hash_of(cookie, hash);
    pthread_mutex_lock(&s->lock);
    for (int i = 0; i < SESSIONS_MAX; i++) {
        struct session *one = &s->one[i];

        if (!one->used || sodium_memcmp(one->cookie, hash, TOKEN_HASH) != 0)
            continue;
        one->used = !is_over(one, now_ms);
        found = one->used;
        if (found)
            memcpy(token, one->token, TOKEN_HASH);
    }
    pthread_mutex_unlock(&s->lock);
    return found;
}

void sessions_end(struct sessions *s, const char *cookie)
{
    unsigned char hash[TOKEN_HASH];

    hash_of(cookie, hash);
    pthread_mutex_lock(&s->lock);
    for (int i = 0; i < SESSIONS_MAX; i++)
        if (s->one[i].used && sodium_memcmp(s->one[i].cookie, hash, TOKEN_HASH) == 0)
            sodium_memzero(&s->one[i], sizeof s->one[i]);
    pthread_mutex_unlock(&s->lock);
}

void sessions_keep(struct sessions *s, const struct tokens *tokens)
{
    pthread_mutex_lock(&s->lock);
    for (int i = 0; i < SESSIONS_MAX; i++)
        if (s->one[i].used && !tokens_find(tokens, s->one[i].token))
            sodium_memzero(&s->one[i], sizeof s->one[i]);
    pthread_mutex_unlock(&s->lock);
}

/* ---- failed attempts ---- */

/* Peers share a place where their numbers meet: then they are slowed together. */
struct attempts {
    pthread_mutex_t lock;
    int64_t minute;
    int in_all, of[ATTEMPT_PEERS];
};

struct attempts *attempts_new(void)
{
    struct attempts *a = calloc(1, sizeof *a);

    if (a && pthread_mutex_init(&a->lock, NULL) == 0)
        return a;
    free(a);
    return NULL;
}

void attempts_free(struct attempts *a)
{
    if (!a)
        return;
    pthread_mutex_destroy(&a->lock);
    free(a);
}

bool attempts_failed(struct attempts *a, uint64_t peer, int64_t now_ms)
{
    int *of = &a->of[peer % ATTEMPT_PEERS];
    int64_t minute = now_ms / 60000;
    bool too_many;

    pthread_mutex_lock(&a->lock);
    if (minute != a->minute) {
        memset(a->of, 0, sizeof a->of);
        a->in_all = 0;
        a->minute = minute;
    }
    too_many = *of >= ATTEMPTS_OF_PEER || a->in_all >= ATTEMPTS_IN_ALL;
    if (!too_many) {
        (*of)++;
        a->in_all++;
    }
    pthread_mutex_unlock(&a->lock);
    return too_many;
}
