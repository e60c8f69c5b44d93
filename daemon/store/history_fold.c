#include "store/history_fold.h"

#include <stdlib.h>
#include <string.h>

bool row_set_text(char **have, const char *want)
{
    free(*have);
    *have = want && *want ? strdup(want) : NULL;
    return !want || !*want || *have;
}

bool claim_apply(const struct claim *c, struct post_row *p)
{
    if (claim_states(c, ATTR_ACCOUNT))
        p->account_id = c->account_id;
    if (claim_states(c, ATTR_POSTED_AT))
        p->posted_at = c->posted_at;
    return (!claim_states(c, ATTR_TYPE) || row_set_text(&p->type, c->type)) &&
           (!claim_states(c, ATTR_TAGS) || row_set_text(&p->tags, c->tags)) &&
           (!claim_states(c, ATTR_TEXT) || row_set_text(&p->text, c->text)) &&
           (!claim_states(c, ATTR_URL) || row_set_text(&p->url, c->url)) &&
           (!claim_states(c, ATTR_CAMPAIGN) || row_set_text(&p->campaign, c->campaign));
}

bool claim_differs(const struct claim *c, const struct post_row *p)
{
    struct claim now;

    claim_of_row(p, &now);
    for (int a = 0; a < ATTR_COUNT; a++)
        if (!claim_attribute_same(c, &now, a))
            return true;
    return false;
}

/* A reading: kind and cover, then its moment, then its arrival (by place in the array). */
static int by_time(const void *a, const void *b)
{
    const struct claim *x = *(const struct claim *const *)a, *y = *(const struct claim *const *)b;

    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    if (x->covers_from != y->covers_from)
        return x->covers_from < y->covers_from ? -1 : 1;
    if (x->covers_to != y->covers_to)
        return x->covers_to < y->covers_to ? -1 : 1;
    if (x->observed_at != y->observed_at)
        return x->observed_at < y->observed_at ? -1 : 1;
    return x < y ? -1 : x > y;
}

bool claim_covers_same(const struct observation *o, const struct claim *c)
{
    return o->kind == c->kind && o->covers_from == c->covers_from && o->covers_to == c->covers_to;
}

void observation_of_claim(const struct claim *c, struct observation *o)
{
    memset(o, 0, sizeof *o);
    o->kind = c->kind;
    o->covers_from = c->covers_from;
    o->covers_to = c->covers_to;
    o->observed_at = o->last_seen_at = c->observed_at;
    o->stated = claim_metrics(c);
    o->import_id = c->import_id;
    for (int m = 0; m < POST_METRIC_COUNT; m++)
        o->metric[m] = (o->stated >> m & 1u) ? c->metric[m] : COUNT_ABSENT;
}

/* Sorted readings → observations; the array has room for all. */
static size_t fold_readings(const struct claim *const *sorted, size_t n, struct observation *out)
{
    size_t k = 0;

    for (size_t i = 0; i < n;) {
        struct observation o;
        bool timed = sorted[i]->timed;
        bool follows;

        observation_of_claim(sorted[i], &o);
        for (i++;
             i < n && claim_covers_same(&o, sorted[i]) && sorted[i]->observed_at == o.observed_at;
             i++) {
            struct observation same;

            observation_of_claim(sorted[i], &same);
            timed = timed || sorted[i]->timed;
            o.stated |= same.stated;
            for (int m = 0; m < POST_METRIC_COUNT; m++)
                if (same.stated >> m & 1u)
                    o.metric[m] = same.metric[m];
        }
        follows = k > 0 && out[k - 1].kind == o.kind && out[k - 1].covers_from == o.covers_from &&
                  out[k - 1].covers_to == o.covers_to;
        if (follows && observation_equals(&out[k - 1], &o)) {
            out[k - 1].stated |= o.stated;
            if (timed)
                out[k - 1].last_seen_at = o.observed_at;
        } else {
            out[k++] = o;
        }
    }
    return k;
}

static void fold_metrics(const struct observation *o, size_t n, struct post_row *p)
{
    for (int m = 0; m < POST_METRIC_COUNT; m++)
        p->metric[m] = COUNT_ABSENT;
    p->first_seen_at = p->last_seen_at = COUNT_ABSENT;
    for (size_t i = 0; i < n && o[i].kind == READING_LIFETIME; i++) {
        for (int m = 0; m < POST_METRIC_COUNT; m++)
            if (o[i].stated >> m & 1u)
                p->metric[m] = o[i].metric[m];
        p->first_seen_at = o[i].observed_at;
        p->last_seen_at = o[i].last_seen_at;
    }
}

/*
 * What holds of each metric while claims go by in order of arrival. A word without a
 * moment comes after all moments before it, so it is news only against these.
 */
struct holding {
    int64_t metric[POST_METRIC_COUNT], at[POST_METRIC_COUNT];
};

static void hold(struct holding *h, const struct claim *c)
{
    for (int m = 0; m < POST_METRIC_COUNT && c->kind == READING_LIFETIME; m++)
        if ((claim_metrics(c) >> m & 1u) && c->observed_at >= h->at[m]) {
            h->metric[m] = c->metric[m];
            h->at[m] = c->observed_at;
        }
}

bool claim_reading_is_mute(const struct claim *c, const int64_t metric[POST_METRIC_COUNT])
{
    if (c->timed || c->kind != READING_LIFETIME)
        return false;
    for (int m = 0; m < POST_METRIC_COUNT; m++)
        if ((claim_metrics(c) >> m & 1u) && c->metric[m] != metric[m])
            return false;
    return true;
}

bool history_fold(const struct claim *claims, size_t n, struct post_row *p,
                  struct observation **observations, size_t *n_observations)
{
    const struct claim **sorted = malloc((n + 1) * sizeof *sorted);
    struct observation *out = malloc((n + 1) * sizeof *out);
    struct holding holding;
    size_t readings = 0;
    bool ok = sorted && out;

    for (int m = 0; m < POST_METRIC_COUNT; m++) {
        holding.metric[m] = COUNT_ABSENT;
        holding.at[m] = INT64_MIN;
    }

    for (size_t i = 0; ok && i < n; i++) {
        const struct claim *c = &claims[i];
        bool mute = claim_reading_is_mute(c, holding.metric);

        if (i == 0 || (c->observed_at >= p->observed_at && (!mute || claim_differs(c, p)))) {
            if (i == 0) {
                p->import_id = c->import_id;
                p->account_id = 0;
                ok = row_set_text(&p->tags, NULL) && row_set_text(&p->text, NULL) &&
                     row_set_text(&p->url, NULL) && row_set_text(&p->campaign, NULL);
            }
            p->observed_at = c->observed_at;
            ok = ok && claim_apply(c, p);
        }
        if (claim_metrics(c) && !mute) {
            hold(&holding, c);
            sorted[readings++] = c;
        }
    }
    if (!ok) {
        free(sorted);
        free(out);
        return false;
    }
    if (readings)
        qsort(sorted, readings, sizeof *sorted, by_time);
    *n_observations = fold_readings(sorted, readings, out);
    *observations = out;
    fold_metrics(out, *n_observations, p);
    p->spread = true;
    free(sorted);
    return true;
}
