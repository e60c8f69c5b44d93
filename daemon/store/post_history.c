#include "store/post_history.h"
#include "store/accounts.h"
#include "store/history_fold.h"

#include <stdlib.h>
#include <string.h>

static bool no_memory(struct fail *f)
{
    return fail_set(f, FAIL_BUSY, "out-of-memory", NULL, "Out of memory; try again.");
}

static bool row_same(const struct post_row *a, const struct post_row *b)
{
    return a->account_id == b->account_id && a->posted_at == b->posted_at &&
           claim_text_same(a->type, b->type) && claim_text_same(a->tags, b->tags) &&
           claim_text_same(a->text, b->text) && claim_text_same(a->url, b->url) &&
           claim_text_same(a->campaign, b->campaign);
}

static bool row_copy(const struct post_row *from, struct post_row *to)
{
    *to = *from;
    to->type = to->tags = to->text = to->url = to->campaign = to->platform = NULL;
    return row_set_text(&to->type, from->type) && row_set_text(&to->tags, from->tags) &&
           row_set_text(&to->text, from->text) && row_set_text(&to->url, from->url) &&
           row_set_text(&to->campaign, from->campaign);
}

/* Whether a reading says something else than what was known of its metrics at its moment. */
static bool reading_is_news(const struct claim *c, const struct observation *known, size_t n)
{
    uint32_t metrics = claim_metrics(c);

    for (int m = 0; m < POST_METRIC_COUNT; m++) {
        int64_t value = COUNT_ABSENT;

        if (!(metrics >> m & 1u))
            continue;
        for (size_t i = 0; i < n; i++)
            if (claim_covers_same(&known[i], c) && known[i].observed_at <= c->observed_at &&
                (known[i].stated >> m & 1u))
                value = known[i].metric[m];
        if (value != c->metric[m])
            return true;
    }
    return false;
}

static bool observations_same(const struct observation *a, size_t n, const struct observation *b,
                              size_t n_b)
{
    if (n != n_b)
        return false;
    for (size_t i = 0; i < n; i++)
        if (!observation_equals(&a[i], &b[i]) || a[i].kind != b[i].kind ||
            a[i].covers_from != b[i].covers_from || a[i].covers_to != b[i].covers_to ||
            a[i].observed_at != b[i].observed_at || a[i].last_seen_at != b[i].last_seen_at)
            return false;
    return true;
}

/* The general way: all claims, this one too, folded anew. */
static bool refold(struct store *st, struct post_row *p, const struct claim *c,
                   struct history_effect *e, struct fail *f)
{
    struct observation *before = NULL, *after = NULL;
    size_t n = 0, n_before = 0, n_after = 0;
    struct claim *claims = NULL;
    struct post_row old = {0};
    bool ok = false, said = false;

    if (!claims_load(st, p->post_id, &claims, &n, f) ||
        !observations_load(st, p->post_id, &before, &n_before, f))
        goto out;
    for (size_t i = 0; i < n; i++)
        said = said || (claims[i].import_id == c->import_id && claim_repeats(c, &claims[i]));
    if (said && c->timed) { /* the same sender said it of that moment: it moves nothing at all */
        ok = true;
        goto out;
    }
    ok = claim_insert(st, p->post_id, c, f) && row_copy(p, &old);
    claims_free(claims, n);
    claims = NULL;
    n = 0;
    ok = ok && claims_load(st, p->post_id, &claims, &n, f);
    if (ok && !history_fold(claims, n, p, &after, &n_after))
        ok = no_memory(f);
    if (!ok)
        goto out;
    e->updated = !row_same(&old, p) || memcmp(old.metric, p->metric, sizeof old.metric) != 0 ||
                 reading_is_news(c, before, n_before);
    if (!observations_same(before, n_before, after, n_after)) {
        e->visible = true;
        ok = observations_write(st, p->post_id, after, n_after, f);
    }
    if (ok && (e->updated || old.observed_at != p->observed_at ||
               old.first_seen_at != p->first_seen_at || old.last_seen_at != p->last_seen_at)) {
        e->visible = true;
        ok = post_row_update(st, p, f);
    }
out:
    claims_free(claims, n);
    free(before);
    free(after);
    post_row_clear(&old);
    return ok;
}

/* The quick way, for a record that comes last in time: what the fold would give, by one look. */
static bool append(struct store *st, struct post_row *p, const struct claim *c,
                   struct history_effect *e, struct fail *f)
{
    bool row = !claim_reading_is_mute(c, p->metric);
    struct observation o, last;

    observation_of_claim(c, &o);
    if (o.stated && row) {
        enum db_result found = observation_latest(st, p->post_id, &last, f);

        if (found == DB_ERROR)
            return false;
        if (found == DB_ROW && observation_equals(&last, &o)) {
            if (c->timed) {
                last.last_seen_at = p->last_seen_at = c->observed_at;
                if (!observation_write(st, p->post_id, &last, f))
                    return false;
            }
        } else if (found == DB_ROW || !observation_is_empty(&o)) {
            for (int m = 0; m < POST_METRIC_COUNT; m++)
                if ((o.stated >> m & 1u) && p->metric[m] != c->metric[m]) {
                    p->metric[m] = c->metric[m];
                    e->updated = true;
                }
            p->first_seen_at = p->last_seen_at = c->observed_at;
            if (!observation_write(st, p->post_id, &o, f))
                return false;
        }
    }
    if (claim_differs(c, p)) {
        if (!claim_apply(c, p))
            return no_memory(f);
        row = e->updated = true;
    }
    if (row)
        p->observed_at = c->observed_at;
    e->visible = row;
    return claim_insert(st, p->post_id, c, f) && (!row || post_row_update(st, p, f));
}

/* Writes the row's one record out, so that others can stand beside it. */
static bool spread(struct store *st, struct post_row *p, struct fail *f)
{
    struct claim c;
    struct observation o;

    if (p->spread)
        return true;
    claim_of_row(p, &c);
    if (!claim_insert(st, p->post_id, &c, f))
        return false;
    p->spread = true;
    if (claim_metrics(&c)) {
        observation_of_claim(&c, &o);
        if (!observation_write(st, p->post_id, &o, f))
            return false;
    }
    return post_row_update(st, p, f);
}

/*
 * Whether the sender has said just this: then it moves nothing at all. A word without a
 * moment means now, so it repeats only what nobody has spoken after.
 */
static bool is_repetition(struct store *st, const struct post_row *p, const struct claim *c,
                          bool *repeats, struct fail *f)
{
    struct claim last;
    enum db_result r;

    *repeats = false;
    if (!p->spread) {
        claim_of_row(p, &last);
        last.stated = UINT32_MAX; /* what the one record left out or cleared is absent alike */
        *repeats = p->import_id == c->import_id && claim_repeats(c, &last);
        return true;
    }
    r = claim_last(st, p->post_id, c->timed ? c->import_id : -1, &last, f);
    *repeats = r == DB_ROW && last.import_id == c->import_id && claim_repeats(c, &last);
    claim_clear(&last);
    return r != DB_ERROR;
}

bool history_add(struct store *st, struct post_row *p, const struct claim *record,
                 struct history_effect *e, struct fail *f)
{
    struct claim c = *record;
    bool repeats;

    /* A word without a moment is the latest there is, whatever moments others stated. */
    if (!c.timed && c.observed_at < p->observed_at)
        c.observed_at = p->observed_at;
    if (!is_repetition(st, p, &c, &repeats, f))
        return false;
    if (repeats)
        return true;
    if (!spread(st, p, f))
        return false;
    if (c.observed_at >= p->observed_at &&
        (!claim_metrics(&c) || (c.kind == READING_LIFETIME && (p->last_seen_at == COUNT_ABSENT ||
                                                               c.observed_at > p->last_seen_at))))
        return append(st, p, &c, e, f);
    return refold(st, p, &c, e, f);
}

/* ---- taking out ---- */

static bool fold_remaining(struct store *st, struct post_row *p, const struct claim *claims,
                           size_t n, const char *platform, struct fail *f)
{
    struct observation *o = NULL;
    size_t n_o = 0;
    bool named = false, ok;

    for (size_t i = 0; i < n; i++)
        named = named || claim_states(&claims[i], ATTR_ACCOUNT);
    if (!named) { /* nobody who is left names an account: it is the platform's unnamed one */
        if (!account_resolve(st, platform, "", NULL, claims[0].import_id, &p->account_id, NULL, f))
            return false;
    }
    if (!history_fold(claims, n, p, &o, &n_o))
        return no_memory(f);
    ok = observations_write(st, p->post_id, o, n_o, f) && post_row_update(st, p, f);
    free(o);
    return ok;
}

bool post_unclaim(struct store *st, int64_t post_id, int64_t import_id, struct fail *f)
{
    struct post_row p = {0};
    enum db_result found = post_row_load(st, post_id, &p, f);
    struct claim *claims = NULL;
    size_t n = 0;
    bool ok = false;

    if (found != DB_ROW)
        return found == DB_DONE;
    if (!p.spread) {
        ok = p.import_id != import_id || post_row_delete(st, post_id, f);
        goto out;
    }
    if (!claims_delete(st, post_id, import_id, f) || !claims_load(st, post_id, &claims, &n, f))
        goto out;
    ok =
        n == 0 ? post_row_delete(st, post_id, f) : fold_remaining(st, &p, claims, n, p.platform, f);
out:
    claims_free(claims, n);
    post_row_clear(&p);
    return ok;
}

bool history_is_sound(struct store *st, int64_t post_id, bool *sound, struct fail *f)
{
    struct observation *have = NULL, *want = NULL;
    size_t n_have = 0, n_want = 0, n = 0;
    struct post_row p = {0}, folded = {0};
    struct claim *claims = NULL;
    bool ok = post_row_load(st, post_id, &p, f) == DB_ROW;

    *sound = true;
    if (ok && p.spread) {
        ok = claims_load(st, post_id, &claims, &n, f) &&
             observations_load(st, post_id, &have, &n_have, f) && row_copy(&p, &folded) &&
             history_fold(claims, n, &folded, &want, &n_want);
        *sound =
            ok && row_same(&p, &folded) && memcmp(p.metric, folded.metric, sizeof p.metric) == 0 &&
            p.observed_at == folded.observed_at && p.first_seen_at == folded.first_seen_at &&
            p.last_seen_at == folded.last_seen_at && observations_same(have, n_have, want, n_want);
    }
    claims_free(claims, n);
    free(have);
    free(want);
    post_row_clear(&p);
    post_row_clear(&folded);
    return ok;
}
