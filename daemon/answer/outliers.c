#include "answer/outliers.h"
#include "base/text.h"
#include "store/post_reads.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void outliers_question_init(struct outliers_question *q)
{
    memset(q, 0, sizeof *q);
    filter_init(&q->filter);
}

void outliers_question_clear(struct outliers_question *q)
{
    filter_clear(&q->filter);
}

bool outliers_question_read(const struct params *p, struct outliers_question *q, struct fail *f)
{
    static const char *const known[] = {"metric", "age", "format", "bom", NULL};

    return params_check(p, known, true, false, f) && read_age(p, &q->age_hours, f) &&
           read_figure(p, &q->figure, f) && params_filter(p, "", &q->filter, f);
}

struct scan {
    struct outliers_answer *a;
    struct sampling sample;
    int cap;
    struct db *db;
    struct fail *f;
    bool ok;
};

static int group_of(struct scan *s, const struct post_view *p)
{
    struct outliers_answer *a = s->a;

    for (int i = 0; i < a->n; i++)
        if (strcmp(a->group[i].type, p->type) == 0 &&
            strcmp(a->group[i].platform, p->platform) == 0)
            return i;
    if (a->n >= TYPES_MAX) {
        fail_set(s->f, FAIL_UNPROCESSABLE, "too-many-types", NULL,
                 "There are more than %d types on their platforms; narrow the question by a "
                 "filter.",
                 TYPES_MAX);
        return -1;
    }
    if (a->n == s->cap) {
        int cap = s->cap ? 2 * s->cap : 16;
        struct outlier_group *group = realloc(a->group, (size_t)cap * sizeof *group);

        if (!group) {
            fail_memory(s->f);
            return -1;
        }
        a->group = group;
        s->cap = cap;
    }
    memset(&a->group[a->n], 0, sizeof *a->group);
    text_copy(a->group[a->n].platform, sizeof a->group[0].platform, p->platform);
    text_copy(a->group[a->n].type, sizeof a->group[0].type, p->type);
    return a->n++;
}

static bool scan_post(void *ctx, const struct post_view *p)
{
    struct scan *s = ctx;
    int g = group_of(s, p);
    int64_t absent = s->sample.absent, place;

    s->ok = g >= 0 && sampling_add(&s->sample, s->db, p, (uint32_t)g, &place, s->f);
    if (!s->ok)
        return false;
    s->a->posts++;
    s->a->group[g].posts++;
    s->a->group[g].absent += s->sample.absent > absent;
    if (s->sample.spent)
        s->ok = fail_set(s->f, FAIL_UNPROCESSABLE, "too-many-posts", NULL,
                         "Hits and duds are found among up to %d posts; narrow the question by a "
                         "filter.",
                         MEDIAN_POSTS_MAX);
    return s->ok;
}

/* Farther first, hits before duds. */
static int farther_first(const void *a, const void *b)
{
    const struct outlier *x = a, *y = b;

    if ((x->distance > 0) != (y->distance > 0))
        return x->distance > 0 ? -1 : 1;
    if (fabs(x->distance) != fabs(y->distance))
        return fabs(x->distance) > fabs(y->distance) ? -1 : 1;
    return x->post_id < y->post_id ? -1 : x->post_id > y->post_id;
}

/* The values of a group's posts, in order of the sample; *n of them. */
static void group_values(const struct sampling *s, int g, double *value, size_t *place, size_t *n,
                         struct outlier_group *group)
{
    *n = 0;
    for (size_t i = 0; i < s->n; i++) {
        if (s->post[i].member != (uint32_t)g)
            continue;
        if (sampling_value(s, i, &value[*n]))
            place[(*n)++] = i;
        else if (sampling_is_young(s, i))
            group->too_young++;
        else
            group->too_late++;
    }
}

static int smaller_first(const void *a, const void *b)
{
    const struct outlier_dot *x = a, *y = b;

    if (x->value != y->value)
        return x->value < y->value ? -1 : 1;
    return x->post_id < y->post_id ? -1 : x->post_id > y->post_id;
}

/* Some of the posts, evenly over the ranks of their values. */
static bool keep_dots(const struct sampling *s, const double *value, const size_t *place, size_t n,
                      struct outlier_group *g, struct fail *f)
{
    struct outlier_dot *all = calloc(n + 1, sizeof *all);
    size_t keep = n < DOTS_MAX ? n : DOTS_MAX;

    g->dot = calloc(keep + 1, sizeof *g->dot);
    if (!all || !g->dot) {
        free(all);
        return fail_memory(f);
    }
    for (size_t i = 0; i < n; i++)
        all[i] =
            (struct outlier_dot){value[i], s->post[place[i]].post_id, s->post[place[i]].day, NULL};
    qsort(all, n, sizeof *all, smaller_first);
    for (size_t i = 0; i < keep; i++)
        g->dot[i] = all[keep > 1 ? i * (n - 1) / (keep - 1) : 0];
    g->n_dots = keep;
    free(all);
    return true;
}

static bool take_address(void *ctx, const struct post_view *p)
{
    struct outlier_dot *dot = ctx;

    dot->url = p->url ? strdup(p->url) : NULL;
    return true;
}

/* The addresses of the dots of the first groups. */
static bool address_dots(struct db *db, struct outliers_answer *a, struct fail *f)
{
    for (int g = 0; g < a->n && g < DOT_GROUPS; g++)
        for (size_t i = 0; i < a->group[g].n_dots; i++)
            if (post_view_numbered(db, a->group[g].dot[i].post_id, take_address,
                                   &a->group[g].dot[i], f) == DB_ERROR)
                return false;
    return true;
}

static bool find_outliers(const struct sampling *s, int g, bool dots, double *value, size_t *place,
                          struct outlier_group *group, struct fail *f)
{
    size_t n;

    group_values(s, g, value, place, &n, group);
    group->n = n;
    for (size_t i = 0; i < n; i++)
        group->total += value[i];
    if (dots && n && !keep_dots(s, value, place, n, group, f))
        return false;
    if (n < OUTLIER_POSTS_MIN)
        return true;
    if (!spread_of(value, n, s->figure != FIGURE_CLICK_RATE, &group->spread))
        return fail_memory(f);
    group->line = outlier_line(n);
    for (size_t i = 0; i < n; i++) {
        const struct sampled *p = &s->post[place[i]];
        double v = 0, distance;

        sampling_value(s, place[i], &v);
        distance = outlier_distance(&group->spread, v);
        if (fabs(distance) <= group->line)
            continue;
        if (group->n_out % 16 == 0) {
            struct outlier *out = realloc(group->out, (group->n_out + 16) * sizeof *out);

            if (!out)
                return fail_memory(f);
            group->out = out;
        }
        group->out[group->n_out] = (struct outlier){.post_id = p->post_id, .value = v};
        group->out[group->n_out++].distance = distance;
    }
    if (group->n_out)
        qsort(group->out, group->n_out, sizeof *group->out, farther_first);
    return true;
}

static bool name_post(void *ctx, const struct post_view *p)
{
    struct outlier *o = ctx;

    text_copy(o->id, sizeof o->id, p->id);
    o->posted_at = p->posted_at;
    o->posted_day = p->posted_day;
    text_begin(o->excerpt, sizeof o->excerpt, p->text, EXCERPT_LETTERS);
    o->url = p->url ? strdup(p->url) : NULL;
    return true;
}

/* Their ids and addresses, of the first OUTLIERS_MAX. */
static bool name_outliers(struct db *db, struct outliers_answer *a, struct fail *f)
{
    size_t named = 0;

    for (int g = 0; g < a->n; g++) {
        struct outlier_group *group = &a->group[g];
        size_t keep = group->n_out;

        for (size_t i = 0; i < group->n_out; i++)
            (*(group->out[i].distance > 0 ? &a->hits : &a->duds))++;
        if (named + keep > OUTLIERS_MAX)
            keep = OUTLIERS_MAX - named;
        for (size_t i = 0; i < keep; i++)
            if (post_view_numbered(db, group->out[i].post_id, name_post, &group->out[i], f) ==
                DB_ERROR)
                return false;
        a->left_off += group->n_out - keep;
        group->n_out = keep;
        named += keep;
    }
    return true;
}

static int most_posts_first(const void *a, const void *b)
{
    const struct outlier_group *x = a, *y = b;
    int c;

    if (x->posts != y->posts)
        return x->posts > y->posts ? -1 : 1;
    c = strcmp(x->platform, y->platform);
    return c ? c : strcmp(x->type, y->type);
}

static void outliers_warn(const struct sampling *s, struct outliers_answer *a)
{
    int few = 0;
    int64_t young = 0, late = 0;

    for (int g = 0; g < a->n; g++) {
        few += a->group[g].n < OUTLIER_POSTS_MIN;
        young += a->group[g].too_young;
        late += a->group[g].too_late;
    }
    if (!a->posts)
        warn(&a->warnings, "no-data", "There are no such posts.");
    if (few)
        warn(&a->warnings, "small-group",
             "%d of the %d groups have fewer than %d posts with a value: nothing can be said to "
             "stand out of them.",
             few, a->n, OUTLIER_POSTS_MIN);
    if (s->absent)
        warn(&a->warnings, "missing-metric",
             "%lld posts have no %s; they are left out, not counted as zero.", (long long)s->absent,
             post_figure_name(s->figure));
    if (young)
        warn(&a->warnings, "too-young",
             "%lld posts were not yet read at the age that all are compared at; they are left out.",
             (long long)young);
    if (late)
        warn(&a->warnings, "first-read-late",
             "%lld posts were read for the first time too long after the age that all are compared "
             "at; they are left out.",
             (long long)late);
    if (a->left_off)
        warn(&a->warnings, "too-many-outliers",
             "%zu more stand out and are left off; narrow the question by a filter.", a->left_off);
    sampling_warn(s, &a->warnings);
}

/* "none stands out above", "1 stands out above", "3 stand out above" */
static void say_number(struct buf *b, size_t n, const char *where)
{
    if (n)
        words_count(b, (int64_t)n);
    else
        buf_puts(b, "none");
    buf_printf(b, " %s out %s", n < 2 ? "stands" : "stand", where);
}

static void outliers_say(const struct outliers_question *q, struct outliers_answer *a)
{
    struct buf *b = &a->sentence;
    int64_t used = 0;
    const struct outlier_group *best = NULL;
    const struct outlier *farthest = NULL;

    for (int g = 0; g < a->n; g++) {
        if (a->group[g].n >= OUTLIER_POSTS_MIN)
            used += (int64_t)a->group[g].n;
        if (a->group[g].n_out && a->group[g].out[0].distance > 0 &&
            (!farthest || a->group[g].out[0].distance > farthest->distance)) {
            best = &a->group[g];
            farthest = &best->out[0];
        }
    }
    if (!used) {
        buf_puts(b, "No platform has five posts of one type with a figure to compare, so nothing "
                    "can be said to "
                    "stand out.");
        return;
    }
    buf_puts(b, "Of ");
    words_count(b, used);
    buf_puts(b, " posts");
    words_which(b, &q->filter);
    buf_puts(b, ", ");
    say_number(b, a->hits, "above");
    buf_puts(b, " and ");
    say_number(b, a->duds, "below");
    buf_printf(b, " in %s by their platform's and type's own spread",
               q->figure == FIGURE_ENGAGEMENT ? "engagement" : post_figure_name(q->figure));
    if (a->age_hours > 0) {
        buf_puts(b, " at an age of ");
        words_age(b, a->age_hours);
    } else {
        buf_puts(b, " at their latest reading");
    }
    if (best && a->additive && best->total > 0) {
        buf_printf(b, "; the highest, of the type %s on %s, has ", best->type, best->platform);
        words_percent(b, farthest->value / best->total);
        buf_printf(b, " of all %s of its kind\'s %zu posts",
                   q->figure == FIGURE_ENGAGEMENT ? "engagement" : post_figure_name(q->figure),
                   best->n);
    }
    buf_puts(b, "; standing out once says nothing of the next post.");
}

bool outliers_answer(struct db *db, const struct outliers_question *q, struct outliers_answer *a,
                     struct fail *f)
{
    struct scan s = {.a = a, .db = db, .f = f, .ok = true};
    double *value = NULL;
    size_t *place = NULL;
    bool ok = false;

    memset(a, 0, sizeof *a);
    buf_init(&a->sentence, SENTENCE_MAX);
    a->additive = post_figure_is_additive(q->figure);
    sampling_init(&s.sample, q->figure, q->age_hours);
    if (!posts_scan(db, &q->filter, post_figure_scan(q->figure), scan_post, &s, f) || !s.ok)
        goto out;
    sampling_choose(&s.sample, 0);
    a->age_hours = s.sample.chosen < 0 ? 0 : s.sample.age_hours[s.sample.chosen];
    value = malloc((s.sample.n + 1) * sizeof *value);
    place = malloc((s.sample.n + 1) * sizeof *place);
    if (!value || !place) {
        fail_memory(f);
        goto out;
    }
    for (int g = 0; g < a->n; g++)
        if (!find_outliers(&s.sample, g, q->dots, value, place, &a->group[g], f))
            goto out;
    if (a->n)
        qsort(a->group, (size_t)a->n, sizeof *a->group, most_posts_first);
    if (!name_outliers(db, a, f) || (q->dots && !address_dots(db, a, f)))
        goto out;
    outliers_warn(&s.sample, a);
    outliers_say(q, a);
    ok = true;
out:
    free(value);
    free(place);
    sampling_clear(&s.sample);
    return ok;
}

void outliers_answer_clear(struct outliers_answer *a)
{
    for (int g = 0; g < a->n; g++) {
        for (size_t i = 0; i < a->group[g].n_out; i++)
            free(a->group[g].out[i].url);
        free(a->group[g].out);
        for (size_t i = 0; i < a->group[g].n_dots; i++)
            free(a->group[g].dot[i].url);
        free(a->group[g].dot);
    }
    free(a->group);
    a->group = NULL;
    a->n = 0;
    buf_clear(&a->sentence);
}
