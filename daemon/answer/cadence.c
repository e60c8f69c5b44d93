#include "answer/cadence.h"
#include "base/ceilings.h"
#include "base/day.h"
#include "base/text.h"
#include "store/post_reads.h"

#include <stdlib.h>
#include <string.h>

void cadence_question_init(struct cadence_question *q)
{
    filter_init(&q->filter);
}

void cadence_question_clear(struct cadence_question *q)
{
    filter_clear(&q->filter);
}

bool cadence_question_read(const struct params *p, struct cadence_question *q, struct fail *f)
{
    static const char *const known[] = {"format", "bom", NULL};

    return params_check(p, known, true, false, f) && params_filter(p, "", &q->filter, f);
}

struct scan {
    struct cadence_answer *a;
    struct zone *zone;
    int cap;
    struct fail *f;
    bool ok;
};

/* The days of the posts in question. */
static bool first_pass(void *ctx, const struct post_view *p)
{
    struct cadence_answer *a = ((struct scan *)ctx)->a;

    if (a->from == DAY_NONE || p->posted_day < a->from)
        a->from = p->posted_day;
    if (a->to == DAY_NONE || p->posted_day > a->to)
        a->to = p->posted_day;
    return true;
}

/* NULL for one type too many, which counts in the whole alone; or with s->ok false. */
static struct rhythm *rhythm_of(struct scan *s, const struct post_view *p)
{
    struct cadence_answer *a = s->a;
    struct rhythm *r;

    for (int i = 0; i < a->n; i++)
        if (strcmp(a->group[i].type, p->type) == 0 &&
            strcmp(a->group[i].platform, p->platform) == 0)
            return &a->group[i];
    if (a->n >= CADENCE_GROUPS_MAX) {
        warn(&a->warnings, "too-many-types",
             "There are more than %d types on their platforms; posts of the others are in the "
             "whole alone.",
             CADENCE_GROUPS_MAX);
        return NULL;
    }
    if (a->n == s->cap) {
        int cap = s->cap ? 2 * s->cap : 16;
        struct rhythm *group = realloc(a->group, (size_t)cap * sizeof *group);

        if (!group) {
            s->ok = fail_memory(s->f);
            return NULL;
        }
        a->group = group;
        s->cap = cap;
    }
    r = &a->group[a->n];
    memset(r, 0, sizeof *r);
    text_copy(r->platform, sizeof r->platform, p->platform);
    text_copy(r->type, sizeof r->type, p->type);
    r->count = calloc((size_t)(a->to - a->from) + 1, sizeof *r->count);
    a->n++;
    if (!r->count) {
        s->ok = fail_memory(s->f);
        return NULL;
    }
    return r;
}

static bool second_pass(void *ctx, const struct post_view *p)
{
    struct scan *s = ctx;
    struct cadence_answer *a = s->a;
    struct rhythm *r = rhythm_of(s, p);

    if (!s->ok)
        return false;
    if (r) {
        r->posts++;
        r->count[p->posted_day - a->from]++;
        r->hour[day_weekday(p->posted_day)][zone_hour(s->zone, p->posted_at)]++;
    }
    a->all.posts++;
    a->all.count[p->posted_day - a->from]++;
    a->all.hour[day_weekday(p->posted_day)][zone_hour(s->zone, p->posted_at)]++;
    return true;
}

static int rising(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;

    return (x > y) - (x < y);
}

static bool is_unmeant(const struct rhythm *r, int32_t from, int32_t day)
{
    return r->unmeant && r->unmeant[day - from];
}

/* Usual weekdays: of the days from first to last, at least half of that weekday have a post. */
static void find_usual(struct rhythm *r, int32_t from)
{
    int days[7] = {0}, with[7] = {0};

    for (int32_t d = r->first; d <= r->last; d++) {
        days[day_weekday(d)] += !is_unmeant(r, from, d);
        with[day_weekday(d)] += r->count[d - from] > 0;
    }
    for (int w = 0; w < 7; w++)
        r->usual[w] = days[w] && 2 * with[w] >= days[w];
    r->has_regularity = r->posts >= USUAL_POSTS_MIN && r->last - r->first + 1 >= USUAL_DAYS_MIN;
    for (int32_t d = r->first; d <= r->last; d++) {
        r->expected += r->usual[day_weekday(d)] && !is_unmeant(r, from, d);
        r->missed += rhythm_missed(r, from, d);
    }
    r->has_regularity = r->has_regularity && r->expected;
}

bool rhythm_missed(const struct rhythm *r, int32_t from, int32_t day)
{
    return day >= r->first && day <= r->last && r->usual[day_weekday(day)] &&
           !r->count[day - from] && !is_unmeant(r, from, day);
}

static bool find_rhythm(struct rhythm *r, int32_t from, int32_t to, struct fail *f)
{
    int *gap = malloc(((size_t)(to - from) + 1) * sizeof *gap), n = 0;
    int32_t last = DAY_NONE;

    if (!gap)
        return fail_memory(f);
    r->first = DAY_NONE;
    for (int32_t d = from; d <= to; d++) {
        if (!r->count[d - from])
            continue;
        if (r->first == DAY_NONE)
            r->first = d;
        if (last != DAY_NONE)
            gap[n++] = d - last;
        if (last != DAY_NONE && d - last - 1 > r->longest_gap)
            r->longest_gap = d - last - 1;
        last = d;
        r->days_with++;
    }
    r->last = last;
    if (n) {
        qsort(gap, (size_t)n, sizeof *gap, rising);
        r->median_gap = (gap[(n - 1) / 2] + gap[n / 2]) / 2.;
    }
    free(gap);
    if (r->first == DAY_NONE)
        return true;
    r->per_week = 7. * (double)r->posts / (r->last - r->first + 1);
    find_usual(r, from);
    return true;
}

static int longer_first(const void *a, const void *b)
{
    const struct gap *x = a, *y = b;
    int lx = x->to - x->from, ly = y->to - y->from;

    return lx != ly ? (lx > ly ? -1 : 1) : (x->from > y->from) - (x->from < y->from);
}

/* The longest gaps of all posts: a short list is kept in order while days go by. */
static void find_gaps(struct cadence_answer *a)
{
    struct gap kept[GAPS_LISTED + 1];
    int32_t last = DAY_NONE;
    int n = 0;

    for (int32_t d = a->from; d <= a->to; d++) {
        if (!a->all.count[d - a->from])
            continue;
        if (last != DAY_NONE && d - last > 1) {
            kept[n++] = (struct gap){last + 1, d - 1};
            qsort(kept, (size_t)n, sizeof *kept, longer_first);
            n = n > GAPS_LISTED ? (int)GAPS_LISTED : n;
        }
        last = d;
    }
    memcpy(a->gap, kept, (size_t)n * sizeof *kept);
    a->n_gaps = n;
}

static int most_posts_first(const void *a, const void *b)
{
    const struct rhythm *x = a, *y = b;
    int c;

    if (x->posts != y->posts)
        return x->posts > y->posts ? -1 : 1;
    c = strcmp(x->platform, y->platform);
    return c ? c : strcmp(x->type, y->type);
}

static void cadence_say(const struct cadence_question *q, struct cadence_answer *a)
{
    struct buf *b = &a->sentence;
    const struct rhythm *r = &a->all;

    if (!r->posts) {
        buf_puts(b, "There are no such posts in the days in question.");
        return;
    }
    struct filter kind = q->filter; /* its days are said by themselves */

    kind.from = kind.to = DAY_NONE;
    words_count(b, r->posts);
    buf_putc(b, ' ');
    words_posts(b, &kind, r->posts);
    buf_puts(b, " went out on ");
    if (r->first == r->last) {
        words_day(b, r->first);
    } else {
        words_count(b, r->days_with);
        buf_puts(b, " of the ");
        words_counted(b, r->last - r->first + 1, "day", "days");
        buf_puts(b, " from ");
        words_day(b, r->first);
        buf_puts(b, " to ");
        words_day(b, r->last);
    }
    if (r->has_regularity && r->missed) {
        buf_puts(b, "; ");
        words_counted(b, r->missed, "day", "days");
        buf_puts(b, " of the weekdays on which posts are usual had none");
    } else if (r->has_regularity) {
        buf_puts(b, "; no day of the weekdays on which posts are usual was missed");
    }
    if (r->longest_gap) {
        buf_puts(b, "; the longest gap was ");
        words_counted(b, r->longest_gap, "day", "days");
    }
    buf_puts(b, "; this says when was posted, not what it did.");
}

bool cadence_answer(struct db *db, struct zone *zone, const struct cadence_question *q,
                    struct cadence_answer *a, struct fail *f)
{
    struct scan s = {.a = a, .zone = zone, .f = f, .ok = true};

    memset(a, 0, sizeof *a);
    buf_init(&a->sentence, SENTENCE_MAX);
    a->from = a->to = a->all.first = a->all.last = DAY_NONE;
    if (!posts_scan(db, &q->filter, POSTS_DAYS, first_pass, &s, f))
        return false;
    if (a->from == DAY_NONE) {
        warn(&a->warnings, "no-data", "There are no such posts.");
        cadence_say(q, a);
        return true;
    }
    a->from = q->filter.from != DAY_NONE ? q->filter.from : a->from;
    a->to = q->filter.to != DAY_NONE ? q->filter.to : a->to;
    if (a->to - a->from >= SERIES_DAYS_MAX)
        return fail_set(f, FAIL_UNPROCESSABLE, "range-too-long", "from",
                        "A question covers at most %d days; narrow it by from= and to=.",
                        SERIES_DAYS_MAX);
    a->all.count = calloc((size_t)(a->to - a->from) + 1, sizeof *a->all.count);
    if (!a->all.count)
        return fail_memory(f);
    if (!posts_scan(db, &q->filter, POSTS_DAYS, second_pass, &s, f) || !s.ok)
        return false;
    if (!cadence_free_drawn(db, a, f) || !find_rhythm(&a->all, a->from, a->to, f))
        return false;
    for (int i = 0; i < a->n; i++)
        if (!find_rhythm(&a->group[i], a->from, a->to, f))
            return false;
    if (a->n)
        qsort(a->group, (size_t)a->n, sizeof *a->group, most_posts_first);
    find_gaps(a);
    if (!a->all.has_regularity)
        warn(&a->warnings, "short-period",
             "Fewer than %d days or %d posts: too few to speak of a rhythm or of missed days.",
             USUAL_DAYS_MIN, USUAL_POSTS_MIN);
    cadence_say(q, a);
    return true;
}

void cadence_answer_clear(struct cadence_answer *a)
{
    for (int i = 0; i < a->n; i++) {
        free(a->group[i].count);
        free(a->group[i].unmeant);
    }
    free(a->group);
    free(a->all.count);
    free(a->all.unmeant);
    a->group = NULL;
    a->n = 0;
    buf_clear(&a->sentence);
}
