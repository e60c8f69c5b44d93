#include "base/chain.h"

#include <sodium.h>
#include <string.h>

void chain_begin(struct chain *c)
{
    memset(c->head, '0', CHAIN_HASH);
    c->head[CHAIN_HASH] = 0;
    c->n = 0;
}

static void next_hash(const char before[CHAIN_HASH_TEXT], const char *json, size_t len,
                      char hex[CHAIN_HASH_TEXT])
{
    unsigned char hash[CHAIN_HASH / 2];
    crypto_generichash_state state;

    crypto_generichash_init(&state, NULL, 0, sizeof hash);
    crypto_generichash_update(&state, (const unsigned char *)before, CHAIN_HASH);
    crypto_generichash_update(&state, (const unsigned char *)" ", 1);
    crypto_generichash_update(&state, (const unsigned char *)json, len);
    crypto_generichash_final(&state, hash, sizeof hash);
    sodium_bin2hex(hex, CHAIN_HASH_TEXT, hash, sizeof hash);
}

bool chain_add(struct chain *c, const char *json, struct buf *out)
{
    char hash[CHAIN_HASH_TEXT];

    next_hash(c->head, json, strlen(json), hash);
    buf_add(out, hash, CHAIN_HASH);
    buf_putc(out, ' ');
    buf_puts(out, json);
    if (!buf_putc(out, '\n'))
        return false;
    memcpy(c->head, hash, sizeof hash);
    c->n++;
    return true;
}

const char *chain_json(const char *line, size_t len)
{
    if (len < CHAIN_HASH + 3 || len > CHAIN_LINE_MAX || line[CHAIN_HASH] != ' ' ||
        line[CHAIN_HASH + 1] != '{')
        return NULL;
    for (int i = 0; i < CHAIN_HASH; i++)
        if (!((line[i] >= '0' && line[i] <= '9') || (line[i] >= 'a' && line[i] <= 'f')))
            return NULL;
    return line + CHAIN_HASH + 1;
}

bool chain_follow(struct chain *c, const char *line, size_t len)
{
    const char *json = chain_json(line, len);
    char hash[CHAIN_HASH_TEXT];

    if (!json)
        return false;
    next_hash(c->head, json, len - CHAIN_HASH - 1, hash);
    if (memcmp(hash, line, CHAIN_HASH) != 0)
        return false;
    memcpy(c->head, hash, sizeof hash);
    c->n++;
    return true;
}
