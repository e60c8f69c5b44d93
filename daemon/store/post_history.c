#include "store/post_history.h"
#include "store/accounts.h"
#include "store/history_fold.h"

#include <stdlib.h>
#include <string.h>

static bool no_memory(struct fail *f)
{
    return fail_memory(f);
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
    to->type = to->tags = to->text = to->url = to->campaign = to->platform = to->id = NULL;
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
        if (!observation_equals(&a[i], &b[i]) || a[i].stated != b[i].stated ||
            a[i].kind != b[i].kind || a[i].covers_from != b[i].covers_from ||
            a[i].covers_to != b[i].covers_to || a[i].observed_at != b[i].observed_at ||
            a[i].last_seen_at != b[i].last_seen_at)
            return false;
    return true;
}

/* The fold, with the platform's unnamed account where nobody names one. */
static bool fold(struct store *st, const struct claim *claims, size_t n, struct post_row *p,
                 struct observation **o, size_t *n_o, struct fail *f)
{
    if (!history_fold(claims, n, p, o, n_o))
        return no_memory(f);
    if (p->account_id)
        return true;
    if (account_resolve(st, p->platform, "", NULL, p->import_id, &p->account_id, NULL, f))
        return true;
    free(*o);
    *o = NULL;
    return false;
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
    for (size_t i = 0; i < n; i++) /* what the sender said last of that moment */
        if (claims[i].import_id == c->import_id && claims[i].observed_at == c->observed_at)
            said = claim_repeats(c, &claims[i]);
    if (said && c->timed) { /* the same sender said it of that moment: it moves nothing at all */
        ok = true;
        goto out;
    }
    ok = claim_insert(st, p->post_id, c, f) && row_copy(p, &old);
    claims_free(claims, n);
    claims = NULL;
    n = 0;
    ok = ok && claims_load(st, p->post_id, &claims, &n, f) &&
         fold(st, claims, n, p, &after, &n_after, f);
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

/* Joins a reading to the equal one before it. */
static bool join(struct store *st, struct post_row *p, const struct claim *c,
                 const struct observation *o, struct observation *last, struct fail *f)
{
    last->stated |= o->stated;
    if (c->timed)
        last->last_seen_at = c->observed_at;
    return observation_write(st, p->post_id, last, f);
}

/* The row's metrics after a lifetime reading that comes last in time. */
static void take_metrics(struct post_row *p, const struct claim *c, struct history_effect *e)
{
    for (int m = 0; m < POST_METRIC_COUNT; m++)
        if ((claim_metrics(c) >> m & 1u) && p->metric[m] != c->metric[m]) {
            p->metric[m] = c->metric[m];
            e->updated = true;
        }
}

/*
 * The quick way, for a record whose reading comes last of its kind and cover: what the fold
 * would give, by one look. *done is false when it cannot tell.
 */
static bool append(struct store *st, struct post_row *p, const struct claim *c,
                   struct history_effect *e, bool *done, struct fail *f)
{
    bool lifetime = c->kind == READING_LIFETIME, current = c->observed_at >= p->observed_at;
    bool speaks = claim_metrics(c) && !claim_reading_is_mute(c, p->metric);
    struct observation o, last;
    enum db_result found = DB_DONE;

    *done = false;
    observation_of_claim(c, &o);
    if (speaks) {
        found = observation_before(st, p->post_id, &o, INT64_MAX, &last, f);
        if (found == DB_ERROR)
            return false;
        if (found == DB_ROW && c->observed_at <= last.last_seen_at)
            return true;
    }
    *done = true;
    if (found == DB_ROW && observation_equals(&last, &o)) {
        if (!join(st, p, c, &o, &last, f))
            return false;
        if (lifetime) {
            p->last_seen_at = last.last_seen_at;
            take_metrics(p, c, e);
        }
        e->visible = true;
    } else if (speaks) {
        if (lifetime) {
            take_metrics(p, c, e);
            p->first_seen_at = p->last_seen_at = c->observed_at;
        } else {
            e->updated = true;
        }
        e->visible = true;
        if (!observation_write(st, p->post_id, &o, f))
            return false;
    }
    if (current && claim_differs(c, p)) {
        if (!claim_apply(c, p))
            return no_memory(f);
        e->updated = e->visible = true;
    }
    if (current && (speaks || e->updated || c->timed) && c->observed_at != p->observed_at) {
        p->observed_at = c->observed_at;
        e->visible = true;
    }
    return claim_insert(st, p->post_id, c, f) && (!e->visible || post_row_update(st, p, f));
}

/*
 * The quick way for a lifetime reading older than the latest, which says nothing of the
 * attributes. *done is false when neighbours would have to be parted or joined, or the row
 * could change.
 */
static bool insert_older(struct store *st, struct post_row *p, const struct claim *c,
                         struct history_effect *e, bool *done, struct fail *f)
{
    struct observation o, before, after, latest;
    enum db_result has_before, has_after;
    bool hidden;

    *done = false;
    observation_of_claim(c, &o);
    /* a reading without a moment that joined an equal one would part from it again */
    if (!claims_have_untimed(st, p->post_id, &hidden, f))
        return false;
    if (hidden)
        return true;
    has_before = observation_before(st, p->post_id, &o, c->observed_at, &before, f);
    has_after = observation_after(st, p->post_id, &o, c->observed_at, &after, f);
    if (has_before == DB_ERROR || has_after == DB_ERROR ||
        observation_before(st, p->post_id, &o, INT64_MAX, &latest, f) == DB_ERROR)
        return false;
    if (has_after != DB_ROW || observation_equals(&after, &o) || (o.stated & ~latest.stated) ||
        (has_before == DB_ROW &&
         (before.last_seen_at >= c->observed_at || (o.stated & ~before.stated))))
        return true;
    *done = true;
    if (has_before == DB_ROW && observation_equals(&before, &o)) {
        if (!join(st, p, c, &o, &before, f))
            return false;
        e->visible = true;
    } else {
        for (int m = 0; m < POST_METRIC_COUNT; m++)
            if ((o.stated >> m & 1u) &&
                o.metric[m] != (has_before == DB_ROW ? before.metric[m] : COUNT_ABSENT))
                e->updated = true;
        e->visible = true;
        if (!observation_write(st, p->post_id, &o, f))
            return false;
    }
    return claim_insert(st, p->post_id, c, f);
}

/* The first words of a post: its claims and readings, before there is a row to change. */
static bool begin(struct store *st, struct post_row *p, const struct claim *c, struct fail *f)
{
    int64_t nothing[POST_METRIC_COUNT];
    struct observation o;

    for (int m = 0; m < POST_METRIC_COUNT; m++)
        nothing[m] = COUNT_ABSENT;
    if (!claim_insert(st, p->post_id, c, f))
        return false;
    p->spread = true;
    p->untimed = false;
    observation_of_claim(c, &o);
    if (o.stated && !claim_reading_is_mute(c, nothing)) {
        if (!observation_write(st, p->post_id, &o, f))
            return false;
        if (c->kind == READING_LIFETIME) {
            memcpy(p->metric, o.metric, sizeof p->metric);
            p->first_seen_at = p->last_seen_at = c->observed_at;
        }
    }
    return post_row_update(st, p, f);
}

bool history_begin(struct store *st, struct post_row *p, const struct claim *c, struct fail *f)
{
    struct claim first = *c;

    /* the row's account is the post's, whether the record named it or not */
    first.account_id = p->account_id;
    first.stated |= 1u << ATTR_ACCOUNT;
    return begin(st, p, &first, f);
}

/* Writes the row's one record out, so that others can stand beside it. */
static bool spread(struct store *st, struct post_row *p, struct fail *f)
{
    struct claim c;

    if (p->spread)
        return true;
    claim_of_row(p, &c);
    return begin(st, p, &c, f);
}

/*
 * Whether the sender has said just this: then it moves nothing at all. A word without a
 * moment means now, so it repeats only what holds and what nobody has spoken after.
 */
static bool is_repetition(struct store *st, const struct post_row *p, const struct claim *c,
                          bool *repeats, struct fail *f)
{
    struct claim last;
    enum db_result r;

    *repeats = false;
    if (!p->spread) {
        claim_of_row(p, &last);
        *repeats = p->import_id == c->import_id && claim_repeats(c, &last);
        return true;
    }
    r = claim_last(st, p->post_id, c->timed ? c->import_id : -1, &last, f);
    *repeats = r == DB_ROW && last.import_id == c->import_id && claim_repeats(c, &last) &&
               (c->timed || (!claim_differs(c, p) && claim_reading_is_mute(c, p->metric)));
    claim_clear(&last);
    return r != DB_ERROR;
}

bool history_add(struct store *st, struct post_row *p, const struct claim *record,
                 struct history_effect *e, struct fail *f)
{
    struct claim c = *record;
    bool repeats, done = false;

    /* A word without a moment is the latest there is, whatever moments others stated. */
    if (!c.timed && c.observed_at < p->observed_at)
        c.observed_at = p->observed_at;
    if (!is_repetition(st, p, &c, &repeats, f))
        return false;
    if (repeats)
        return true;
    if (!spread(st, p, f))
        return false;
    if (c.observed_at >= p->observed_at || c.kind != READING_LIFETIME) {
        if (!append(st, p, &c, e, &done, f))
            return false;
    } else if (claim_metrics(&c) && !insert_older(st, p, &c, e, &done, f)) {
        return false;
    }
    return done || refold(st, p, &c, e, f);
}

/* ---- taking out ---- */

static bool fold_remaining(struct store *st, struct post_row *p, const struct claim *claims,
                           size_t n, struct fail *f)
{
    struct observation *o = NULL;
    size_t n_o = 0;
    bool ok = fold(st, claims, n, p, &o, &n_o, f) &&
              observations_write(st, p->post_id, o, n_o, f) && post_row_update(st, p, f);

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
    ok = n == 0 ? post_row_delete(st, post_id, f) : fold_remaining(st, &p, claims, n, f);
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
             observations_load(st, post_id, &have, &n_have, f) && row_copy(&p, &folded);
        folded.platform = p.platform; /* borrowed: what an unnamed account is looked up by */
        ok = ok && fold(st, claims, n, &folded, &want, &n_want, f);
        folded.platform = NULL;
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
