#include "import/twice.h"
#include "base/ceilings.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* By a hash that nobody can aim at, so that two ids never share one by design. */
struct seen {
    uint64_t key; /* 0: free */
    int64_t posted_at_ms, line;
};

struct twice {
    struct seen *slot; /* owned */
    size_t n, slots;
    unsigned char secret[crypto_shorthash_KEYBYTES];
};

struct twice *twice_new(void)
{
    struct twice *t = calloc(1, sizeof *t);

    if (t)
        crypto_shorthash_keygen(t->secret);
    return t;
}

void twice_free(struct twice *t)
{
    if (t)
        free(t->slot);
    free(t);
}

static struct seen *find(struct seen *slot, size_t slots, uint64_t key)
{
    size_t at = key & (slots - 1);

    while (slot[at].key && slot[at].key != key)
        at = (at + 1) & (slots - 1);
    return &slot[at];
}

static bool grow(struct twice *t)
{
    size_t slots = t->slots ? t->slots * 2 : 1024;
    struct seen *slot;

    if (t->n * 2 < t->slots)
        return true;
    slot = calloc(slots, sizeof *slot);
    if (!slot)
        return false;
    for (size_t i = 0; i < t->slots; i++)
        if (t->slot[i].key)
            *find(slot, slots, t->slot[i].key) = t->slot[i];
    free(t->slot);
    t->slot = slot;
    t->slots = slots;
    return true;
}

static uint64_t hash(const struct twice *t, const void *data, size_t len)
{
    unsigned char out[crypto_shorthash_BYTES];
    uint64_t h;

    crypto_shorthash(out, data, len, t->secret);
    memcpy(&h, out, sizeof h);
    return h ? h : 1;
}

/* False when out of memory. *before: what stood there; its key 0: nothing did. */
static bool enter(struct twice *t, uint64_t key, const struct record *r, struct seen *before)
{
    struct seen *s;

    memset(before, 0, sizeof *before);
    if (t->n >= TWICE_MAX)
        return true;
    if (!grow(t))
        return false;
    s = find(t->slot, t->slots, key);
    *before = *s;
    if (!s->key) {
        *s = (struct seen){key, r->post.posted_at_ms, r->at.line};
        t->n++;
    }
    return true;
}

enum twice_result twice_look(struct twice *t, const struct record *r, int64_t *line)
{
    char text[ID_MAX + SLUG_MAX + 2];
    struct {
        uint64_t id;
        int64_t reading, from, to, at;
    } days;
    struct seen before;

    if (!r->post.platform || !r->post.id || !record_states(r, POST_POSTED_AT))
        return TWICE_NEW;
    memset(text, 0, sizeof text);
    memcpy(text, r->post.platform, strnlen(r->post.platform, SLUG_MAX));
    memcpy(text + SLUG_MAX + 1, r->post.id, strnlen(r->post.id, ID_MAX));
    memset(&days, 0, sizeof days);
    days.id = hash(t, text, sizeof text);
    if (!enter(t, days.id, r, &before))
        return TWICE_FAILED;
    *line = before.line;
    if (before.key && before.posted_at_ms != r->post.posted_at_ms)
        return TWICE_OTHER;
    days.reading = (int64_t)r->post.reading;
    days.from = r->post.covers_from;
    days.to = r->post.covers_to;
    days.at = record_states(r, POST_OBSERVED_AT) ? r->post.observed_at_ms : -1;
    if (!enter(t, hash(t, &days, sizeof days), r, &before))
        return TWICE_FAILED;
    return before.key ? TWICE_AGAIN : TWICE_NEW;
}
