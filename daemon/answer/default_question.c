#include "answer/default_question.h"
#include "answer/words.h"
#include "base/buf.h"
#include "base/day.h"
#include "base/text.h"
#include "store/post_reads.h"
#include "store/traffic_reads.h"

#include <stdlib.h>
#include <string.h>

enum { TYPES_WATCHED = 500, DAYS_MIN = 7, HISTORY_MIN = 21, LAST_DAYS = 28 };

struct kind {
    char type[SLUG_MAX + 1];
    int32_t first, last;
    int days; /* at least so many: runs of one day are counted once */
};
struct looking {
    struct kind *kind; /* owned */
    int n;
};

static bool look_at_post(void *ctx, const struct post_view *p)
{
    struct looking *l = ctx;
    struct kind *k = l->kind;
    int i = 0;

    while (i < l->n && strcmp(k[i].type, p->type) != 0)
        i++;
    if (i == TYPES_WATCHED)
        return true;
    if (i == l->n) {
        text_copy(k[i].type, sizeof k[i].type, p->type);
        k[i].first = k[i].last = p->posted_day;
        k[i].days = 1;
        l->n++;
        return true;
    }
    k[i].days += p->posted_day < k[i].first || p->posted_day > k[i].last;
    k[i].first = p->posted_day < k[i].first ? p->posted_day : k[i].first;
    k[i].last = p->posted_day > k[i].last ? p->posted_day : k[i].last;
    return true;
}

struct sources {
    char social[NAME_MAX_BYTES + 1], any[NAME_MAX_BYTES + 1];
};

static bool look_at_name(void *ctx, const char *name, const char *source)
{
    struct sources *s = ctx;

    if (strcmp(source, "social") == 0 || platform_is_social(source))
        text_copy(s->social, sizeof s->social, "social");
    if (!s->any[0] || strcmp(source, "all") == 0)
        text_copy(s->any, sizeof s->any, *source ? source : name);
    return true;
}

struct regions {
    bool own;
    char sample[SLUG_MAX + 1];
};

static bool look_at_region(void *ctx, const char *source, const char *region, int32_t newest)
{
    struct regions *r = ctx;

    (void)source;
    (void)newest;
    if (!region_is_sample(region))
        r->own = true;
    else if (!r->sample[0])
        text_copy(r->sample, sizeof r->sample, region);
    return !r->own;
}

bool default_region(struct db *db, char region[SLUG_MAX + 1], struct fail *f)
{
    struct regions r = {false, ""};

    region[0] = 0;
    if (!traffic_newest_each(db, INT32_MIN, 1, look_at_region, &r, f))
        return false;
    if (!r.own)
        text_copy(region, SLUG_MAX + 1, r.sample);
    return true;
}

static void say_why(struct default_question *d)
{
    struct buf b;

    buf_init(&b, sizeof d->why);
    if (d->type[0])
        buf_printf(&b, "Asked first because posts of the type %s, the newest to begin, began on ",
                   d->type);
    else
        buf_puts(&b, "Asked first because no type of post began lately: the last four weeks stand "
                     "against the days before, and nothing is known to have begun on ");
    words_day(&b, d->start);
    buf_putc(&b, '.');
    text_copy(d->why, sizeof d->why, buf_text(&b));
    buf_clear(&b);
}

static bool look_at_day(void *ctx, const struct post_view *p)
{
    int32_t *oldest = ctx;

    *oldest = p->posted_day < *oldest ? p->posted_day : *oldest;
    return true;
}

static bool is_of_kind(enum filter_key key)
{
    return key == FILTER_TYPE || key == FILTER_TAG || key == FILTER_CAMPAIGN;
}

/* The first day of posts of any kind, of the same accounts and regions: what is asked about began
 * only where others were known before it. */
static bool oldest_of_all_kinds(struct db *db, const struct filter *asked, int32_t *oldest,
                                struct fail *f)
{
    struct filter all;
    bool ok = true;

    filter_init(&all);
    for (int i = 0; ok && i < asked->n; i++)
        if (!is_of_kind(asked->values[i].key))
            ok = filter_add(&all, filter_key_names[asked->values[i].key], asked->values[i].text, f);
    ok = ok && posts_scan(db, &all, POSTS_DAYS, look_at_day, oldest, f);
    filter_clear(&all);
    return ok;
}

/* The filter with a sample's region beside it, where nothing else is stored and none is asked for.
 */
static bool settle_region(struct db *db, const struct filter *posts, struct filter *all,
                          struct default_question *d, struct fail *f)
{
    for (int i = 0; posts && i < posts->n; i++)
        if (!filter_add(all, filter_key_names[posts->values[i].key], posts->values[i].text, f))
            return false;
    if (all->names_region)
        return true;
    return default_region(db, d->region, f) &&
           (!d->region[0] || filter_add(all, "region", d->region, f));
}

bool default_question(struct db *db, const struct filter *posts, struct default_question *d,
                      struct fail *f)
{
    struct looking l = {calloc(TYPES_WATCHED, sizeof(struct kind)), 0};
    struct filter all;
    struct sources s = {"", ""};
    int32_t oldest = INT32_MAX, last = DAY_NONE;
    bool ok;

    memset(d, 0, sizeof *d);
    d->start = DAY_NONE;
    filter_init(&all);
    ok = (l.kind || fail_memory(f)) && settle_region(db, posts, &all, d, f);
    ok = ok && posts_scan(db, &all, POSTS_DAYS, look_at_post, &l, f) &&
         traffic_names_each(db, look_at_name, &s, f);
    for (int i = 0; ok && i < l.n; i++)
        oldest = l.kind[i].first < oldest ? l.kind[i].first : oldest;
    for (int i = 0; ok && i < all.n; i++)
        if (is_of_kind(all.values[i].key)) {
            ok = oldest_of_all_kinds(db, &all, &oldest, f);
            break;
        }
    for (int i = 0; ok && i < l.n; i++)
        if (l.kind[i].days >= DAYS_MIN && l.kind[i].first >= oldest + HISTORY_MIN &&
            (d->start == DAY_NONE || l.kind[i].first > d->start)) {
            d->start = l.kind[i].first;
            text_copy(d->type, sizeof d->type, l.kind[i].type);
        }
    if (ok && d->start == DAY_NONE && s.any[0]) { /* nothing began: the last four weeks */
        ok = traffic_last_day(db, &last, f);
        if (ok && last != DAY_NONE)
            d->start = last - LAST_DAYS + 1;
    }
    text_copy(d->source, sizeof d->source, s.social[0] ? s.social : s.any);
    if (ok && d->start != DAY_NONE)
        say_why(d);
    free(l.kind);
    filter_clear(&all);
    return ok;
}
