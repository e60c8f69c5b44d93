#include "base/chain.h"

#include <sodium.h>
#include <string.h>

void chain_begin(struct chain *c)
{
    memset(c->head, '0', CHAIN_HASH);
    c->head[CHAIN_HASH] = 0;
    c->n = 0;
}

/* Of "HASH JSON", the hash being the one before. */
static void hash_of(const char *line, size_t len, char hex[CHAIN_HASH_TEXT])
{
    unsigned char hash[CHAIN_HASH / 2];

    crypto_generichash(hash, sizeof hash, (const unsigned char *)line, len, NULL, 0);
    sodium_bin2hex(hex, CHAIN_HASH_TEXT, hash, sizeof hash);
}

bool chain_add(struct chain *c, const char *json, struct buf *out)
{
    size_t from = out->len;

    /* what is hashed is the line with the hash before, in whose place the new one comes then */
    buf_add(out, c->head, CHAIN_HASH);
    buf_putc(out, ' ');
    buf_puts(out, json);
    if (!buf_putc(out, '\n'))
        return false;
    hash_of(out->data + from, out->len - from - 1, c->head);
    memcpy(out->data + from, c->head, CHAIN_HASH);
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
    char hash[CHAIN_HASH_TEXT], before[CHAIN_LINE_MAX];

    if (!chain_json(line, len))
        return false;
    memcpy(before, c->head, CHAIN_HASH);
    memcpy(before + CHAIN_HASH, line + CHAIN_HASH, len - CHAIN_HASH);
    hash_of(before, len, hash);
    if (memcmp(hash, line, CHAIN_HASH) != 0)
        return false;
    memcpy(c->head, hash, sizeof hash);
    c->n++;
    return true;
}
