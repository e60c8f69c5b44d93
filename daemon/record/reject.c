#include "record/reject.h"
#include "base/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void reject_list_init(struct reject_list *l, size_t max)
{
    memset(l, 0, sizeof *l);
    l->max = max;
}

void reject_list_clear(struct reject_list *l)
{
    free(l->items);
    reject_list_init(l, l->max);
}

void reject_list_reset(struct reject_list *l)
{
    l->n = 0;
    l->n_rejected = l->n_skipped = 0;
}

void reject_value(struct reject *r, const char *text, size_t len)
{
    size_t n = len < REJECT_VALUE_MAX ? len : REJECT_VALUE_MAX;

    memcpy(r->value, text, n);
    r->value[n] = 0;
    if (len > n) {
        utf8_mend(r->value);
        n = strlen(r->value);
        memcpy(r->value + n, "...", 4);
    }
}

/* Words quoted from a broken file must not break the answer: cut at the first bad byte. */
static void clean(char *text)
{
    size_t len = strlen(text);
    size_t good;

    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
            text[i] = ' ';
    while ((good = utf8_valid_prefix(text, len)) < len) {
        if (len - good < 4 && good > len - 4 && (unsigned char)text[good] >= 0xc2) {
            text[good] = 0; /* a character cut at the end */
            return;
        }
        text[good] = '?';
    }
}

void reject_list_add(struct reject_list *l, const struct reject *r)
{
    if (r->skipped)
        l->n_skipped++;
    else
        l->n_rejected++;
    if (l->n >= l->max)
        return;
    if (l->n == l->cap) {
        size_t cap = l->cap ? l->cap * 2 : 8;
        struct reject *items = realloc(l->items, cap * sizeof *items);

        if (!items)
            return; /* it is counted all the same */
        l->items = items;
        l->cap = cap;
    }
    l->items[l->n] = *r;
    clean(l->items[l->n].sentence);
    clean(l->items[l->n].heading);
    clean(l->items[l->n].value);
    l->n++;
}

void reject_list_fail(struct reject_list *l, struct place at, int column, const char *heading,
                      const struct fail *f)
{
    struct reject r;

    memset(&r, 0, sizeof r);
    r.line = at.line;
    r.index = at.index;
    r.column = column;
    snprintf(r.heading, sizeof r.heading, "%s", heading ? heading : "");
    snprintf(r.code, sizeof r.code, "%s", f->slug);
    snprintf(r.sentence, sizeof r.sentence, "%.*s", (int)sizeof r.sentence - 1, f->sentence);
    reject_list_add(l, &r);
}
