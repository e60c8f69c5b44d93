/* Many types at once: which of them to believe, and in which order they stand. */
#include "analysis/multiple.h"
#include "answer/types_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Shrunken estimates that are one: nothing tells the rows apart, and their own order is kept. */
#define ALIKE 1e-9

const char *const answer_words[] = {"cannot-tell", "yes", "no"};
const char *const vanity_words[] = {"cannot-tell", "pleases", "moves", "both", "neither"};

enum answer_word shown(const struct beside *b)
{
    if (!b->judged)
        return WORD_CANNOT_TELL;
    switch (b->verdict) {
    case VERDICT_UP: return b->q <= Q_MAX ? WORD_YES : WORD_CANNOT_TELL;
    case VERDICT_DOWN: return b->q <= Q_MAX ? WORD_NO : WORD_CANNOT_TELL;
    case VERDICT_FLAT: return WORD_NO;
    case VERDICT_INSUFFICIENT_DATA:
    case VERDICT_CANNOT_TELL:
    case VERDICT_WEAK_UP:
    case VERDICT_WEAK_DOWN:
    case VERDICT_COUNT: break;
    }
    return WORD_CANNOT_TELL;
}

enum vanity vanity_of(enum answer_word pleases, enum answer_word moves)
{
    if (pleases == WORD_CANNOT_TELL || moves == WORD_CANNOT_TELL)
        return VANITY_CANNOT_TELL;
    if (pleases == WORD_YES)
        return moves == WORD_YES ? VANITY_BOTH : VANITY_PLEASES;
    return moves == WORD_YES ? VANITY_MOVES : VANITY_NEITHER;
}

static bool weigh_column(struct types_answer *a, int column, double *p, struct shrunk *s)
{
    double tau2, mean;
    size_t n = 0;

    for (int i = 0; i < a->n; i++)
        if (a->row[i].beside[column].judged) {
            const struct beside *b = &a->row[i].beside[column];

            p[n] = b->p;
            s[n++] = (struct shrunk){.estimate = b->effect, .error = b->error, .df = b->df};
        }
    if (!n)
        return true;
    if (!multiple_q(p, n, p))
        return false;
    multiple_shrink(s, n, &tau2, &mean);
    n = 0;
    for (int i = 0; i < a->n; i++)
        if (a->row[i].beside[column].judged) {
            a->row[i].beside[column].q = p[n];
            a->row[i].beside[column].shrunk = s[n++].value;
        }
    return true;
}

/* Judged first, the larger first; 0 when the column does not part them. */
static int by_column(const struct type_row *x, const struct type_row *y, int column)
{
    const struct beside *a = &x->beside[column], *b = &y->beside[column];

    if (a->judged != b->judged)
        return a->judged ? -1 : 1;
    if (!a->judged)
        return 0;
    if (fabs(a->shrunk - b->shrunk) > ALIKE)
        return a->shrunk > b->shrunk ? -1 : 1;
    return a->effect == b->effect ? 0 : a->effect > b->effect ? -1 : 1;
}

static int what_matters_first(const void *a, const void *b)
{
    const struct type_row *x = a, *y = b;
    int c = by_column(x, y, COLUMN_TRAFFIC);

    if (!c)
        c = by_column(x, y, COLUMN_ENGAGEMENT);
    if (!c && x->posts != y->posts)
        c = x->posts > y->posts ? -1 : 1;
    if (!c)
        c = strcmp(x->name, y->name);
    return c ? c : strcmp(x->platform, y->platform);
}

bool types_weigh(struct types_answer *a, struct fail *f)
{
    double *p = malloc(((size_t)a->n + 1) * sizeof *p);
    struct shrunk *s = malloc(((size_t)a->n + 1) * sizeof *s);
    bool ok = p && s;

    for (int column = 0; ok && column < TYPE_COLUMNS; column++)
        ok = weigh_column(a, column, p, s);
    free(p);
    free(s);
    if (!ok)
        return fail_memory(f);
    for (int i = 0; i < a->n; i++) {
        struct type_row *row = &a->row[i];

        row->pleases = shown(&row->beside[COLUMN_ENGAGEMENT]);
        row->moves = shown(&row->beside[COLUMN_TRAFFIC]);
        row->vanity = vanity_of(row->pleases, row->moves);
    }
    qsort(a->row, (size_t)a->n, sizeof *a->row, what_matters_first);
    return true;
}
