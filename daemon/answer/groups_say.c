/* The warnings and the sentence of a comparison of posts. */
#include "answer/groups.h"
#include "base/day.h"

#include <math.h>
#include <string.h>

static int64_t left_out(const struct group_figures *a, const struct group_figures *b)
{
    return a->dropped + b->dropped;
}

static double top_share(const struct group_figures *g)
{
    return g->n > 1 && g->total > 0 && g->largest > 0 ? g->largest / g->total : 0;
}

static void warn_of_outcome(const struct compare_answer *a, const char *name, struct warnings *w)
{
    switch (a->judged.outcome) {
    case GROUPS_TOO_FEW:
        warn(
            w, "insufficient-data",
            "One of the groups has fewer than 3 posts with %s to compare (%zu and %zu): nothing is "
            "concluded.",
            name, a->judged.found.n_a, a->judged.found.n_b);
        break;
    case GROUPS_UNMIXED:
        warn(w, "insufficient-data",
             "The two groups have hardly any posts on the same platform in the same four weeks: "
             "what "
             "differs between them cannot be told from platform and season.");
        break;
    case GROUPS_CONSTANT:
        warn(w, "insufficient-data",
             "Within platform and four weeks the posts of each group are all alike: there is no "
             "spread to judge by.");
        warn(w, "constant", "Within platform and four weeks all posts of a group have the same %s.",
             name);
        break;
    case GROUPS_ZERO:
        warn(w, "insufficient-data",
             "One of the groups has no %s at all: a ratio to or from nothing has no percentage.",
             name);
        break;
    case GROUPS_JUDGED:
    case GROUPS_BROKEN: /* the note is warned of */
    case GROUPS_MEMORY: break;
    }
}

static void warn_of_judgement(const struct compare_answer *a, struct warnings *w)
{
    const struct groups_finding *g = &a->judged.found;
    int64_t all = (int64_t)(g->n_a + g->n_b);

    if ((g->n_a && a->a.n < GROUP_SMALL) || (g->n_b && a->b.n < GROUP_SMALL))
        warn(w, "small-group", "A group has fewer than %d posts%s.", GROUP_SMALL,
             a->judged.outcome == GROUPS_JUDGED ? ": p is by permutation, and the interval is rough"
                                                : "");
    if (g->p_floor > .05)
        warn(w, "p-floor",
             "So few posts can be arranged in only %.0f ways: p can never be below %.2g.",
             g->arrangements, g->p_floor);
    if (g->low_counts)
        warn(w, "low-counts",
             "Half of the posts have fewer than %d: the typical ratio is drawn towards none; see "
             "the probability of superiority and the ratio of means. Nothing is called flat.",
             LOW_COUNT_MEDIAN);
    if (all && left_out(&a->a, &a->b) > .3 * (double)all)
        warn(w, "confounded",
             "%lld of %lld posts have no counterpart on their platform in the same four weeks and "
             "are left out: the groups were hardly posted side by side.",
             (long long)left_out(&a->a, &a->b), (long long)all);
}

void compare_warn(const struct compare_question *q, struct compare_answer *a,
                  const struct sampling *s)
{
    const char *name = post_figure_name(q->figure);
    int64_t absent = a->a.absent + a->b.absent, young = a->a.too_young + a->b.too_young;
    int64_t late = a->a.too_late + a->b.too_late;
    struct warnings *w = &a->warnings;

    warn_of_outcome(a, name, w);
    if (!a->a.n || !a->b.n)
        warn(w, "no-data", "The %s group has no post with %s to compare.",
             a->a.n ? "second" : "first", name);
    warn_of_judgement(a, w);
    if (absent && q->figure == FIGURE_CLICK_RATE)
        warn(w, "reach-missing",
             "%lld posts lack clicks or reach; they are left out, not counted as zero.",
             (long long)absent);
    else if (absent)
        warn(w, "missing-metric", "%lld posts have no %s; they are left out, not counted as zero.",
             (long long)absent, name);
    if (young)
        warn(w, "too-young",
             "%lld posts were not yet read at the age that all are compared at; they are left out.",
             (long long)young);
    if (late)
        warn(w, "first-read-late",
             "%lld posts were read for the first time too long after the age that all are compared "
             "at; they are left out.",
             (long long)late);
    if (a->in_both)
        warn(w, "groups-overlap", "%lld posts belong to both groups; they are left out of both.",
             (long long)a->in_both);
    if (a->additive && (top_share(&a->a) > .3 || top_share(&a->b) > .3))
        warn(w, "hit-driven",
             "One post has more than 30 %% of its group's total; the mean says "
             "little of the others.");
    sampling_warn(s, w);
    if (q->figure == FIGURE_ENGAGEMENT && a->a.n && a->b.n && a->a.parts != a->b.parts)
        warn(w, "uneven-parts",
             "Engagement is made of what is present, and not all posts have the same parts.");
    if (a->a.n && a->b.n && !(a->b.mean > 0))
        warn(w, "change-from-zero",
             "The second group has no %s at all: a ratio to zero has no percentage.", name);
    warn(w, "observational",
         "Unless a lot drew which post became which, subject, hour and effort may differ with the "
         "group.");
}

/* ---- the sentence ---- */

/* Posts that are used, or where there are none all of the group. */
static void say_group(struct buf *b, const struct group_figures *g, const struct filter *f)
{
    int64_t n = g->n ? (int64_t)g->n : g->posts;

    words_count(b, n);
    buf_putc(b, ' ');
    words_posts(b, f, n);
    if (!g->n && g->posts)
        buf_puts(b, " without a figure to compare");
}

static const char *figure_words(int figure)
{
    return figure == FIGURE_ENGAGEMENT   ? "engagement"
           : figure == FIGURE_CLICK_RATE ? "clicks per 1,000 reached"
                                         : post_figure_name(figure);
}

/* Reach and engagement are much or little; likes are many or few. */
static bool is_mass(int figure)
{
    return figure == FIGURE_ENGAGEMENT || figure == POST_REACH - POST_FIRST_METRIC;
}

static void say_groups(const struct compare_question *q, const struct compare_answer *a,
                       struct buf *b, bool first)
{
    if (first) {
        say_group(b, &a->a, &q->a);
        words_which(b, &q->both);
    } else if (q->rest) {
        words_count(b, (int64_t)a->b.n);
        buf_puts(b, a->b.n == 1 ? " other post" : " other posts");
    } else {
        say_group(b, &a->b, &q->b);
    }
}

static void say_age(const struct compare_answer *a, struct buf *b)
{
    if (a->age_hours > 0) {
        buf_puts(b, " at an age of ");
        words_age(b, a->age_hours);
    } else {
        buf_puts(b, " at their latest reading");
    }
}

/* " posted from ... to ..., 101 others without a counterpart left out" */
static void say_posted(const struct compare_answer *a, struct buf *b)
{
    if (a->from != DAY_NONE) {
        buf_puts(b, ", posted from ");
        words_day(b, a->from);
        buf_puts(b, " to ");
        words_day(b, a->to);
    }
    if (left_out(&a->a, &a->b)) {
        buf_puts(b, ", ");
        words_counted(b, left_out(&a->a, &a->b), "other", "others");
        buf_puts(b, " without a counterpart there left out");
    }
}

static void say_finding(const struct compare_question *q, const struct compare_answer *a,
                        struct buf *b)
{
    const struct groups_finding *g = &a->judged.found;
    double typical = expm1(g->beta);

    say_groups(q, a, b, true);
    buf_puts(b, " typically had ");
    words_more(b, typical, is_mass(q->figure), figure_words(q->figure));
    buf_putc(b, ' ');
    say_groups(q, a, b, false);
    say_age(a, b);
    buf_puts(b, ", compared within platform and four weeks");
    say_posted(a, b);
    buf_printf(b, " (%g %% interval ", 100 * q->level);
    words_range(b, expm1(g->low), expm1(g->high));
    buf_putc(b, ')');
}

/* Where counts are low the typical ratio is flattened: pairs and means are said instead. */
static void say_low_finding(const struct compare_question *q, const struct compare_answer *a,
                            struct buf *b)
{
    const struct groups_finding *g = &a->judged.found;

    buf_puts(b, "In ");
    words_percent(b, g->superiority);
    buf_puts(b, " of pairs one of ");
    say_groups(q, a, b, true);
    buf_puts(b, " beats one of ");
    say_groups(q, a, b, false);
    buf_printf(b, " in %s, ties counted half,", figure_words(q->figure));
    say_age(a, b);
    say_posted(a, b);
    buf_puts(b, ", and within platform and four weeks ");
    if (isfinite(g->ratio_of_means) && g->ratio_of_means < 1e6)
        buf_printf(b, "the means stand as %.2g to 1 and ", g->ratio_of_means);
    buf_puts(b, "the typical post, drawn together by counts so low, is at ");
    words_signed(b, expm1(g->beta));
    buf_printf(b, " (%g %% interval ", 100 * q->level);
    words_range(b, expm1(g->low), expm1(g->high));
    buf_putc(b, ')');
}

/* Where the interval holds zero and p is below its line the two come from two methods: say so. */
static void say_p(const struct groups_finding *g, struct buf *b)
{
    if (g->low < 0 && g->high > 0 && g->p < VERDICT_WEAK_P)
        buf_printf(b, ", p %.2g%s", g->p,
                   g->method == METHOD_PERMUTATION ? " by permutation, which decides" : "");
}

static void say_verdict(const struct compare_answer *a, double margin, struct buf *b)
{
    say_p(&a->judged.found, b);
    if (a->judged.ages_apart) {
        buf_puts(b, "; but the first were read at an age of ");
        words_age(b, round(a->judged.age_a / 24) * 24);
        buf_puts(b, " and the second of ");
        words_age(b, round(a->judged.age_b / 24) * 24);
        buf_puts(b, ", so the ages and the groups cannot be told apart");
        return;
    }
    switch (a->judged.verdict) {
    case VERDICT_UP:
    case VERDICT_DOWN:
        buf_puts(b,
                 ", which is more than chance, but unless a lot drew which post became which, what "
                 "else differed between them is in it");
        break;
    case VERDICT_WEAK_UP:
    case VERDICT_WEAK_DOWN:
        buf_puts(
            b, ", a hint that would count only if the data were looked at this once, and what else "
               "differed between them is in it");
        break;
    case VERDICT_FLAT:
        buf_puts(b, ", so they are alike to within ");
        words_percent(b, margin);
        buf_puts(b, " either way, which is not the same as no difference");
        break;
    case VERDICT_CANNOT_TELL:
        buf_puts(b, "; whether that is more than chance cannot be told from these posts");
        break;
    case VERDICT_INSUFFICIENT_DATA:
    case VERDICT_COUNT: break;
    }
}

static void say_nothing(const struct compare_question *q, const struct compare_answer *a,
                        struct buf *b)
{
    static const char *const because[] = {
        [GROUPS_JUDGED] = "",
        [GROUPS_TOO_FEW] = "they are too few to judge by",
        [GROUPS_UNMIXED] = "they were hardly posted on the same platform in the same weeks, and "
                           "platform and season cannot be told from the posts",
        [GROUPS_CONSTANT] = "within platform and four weeks each group's posts are all alike and "
                            "show no spread to judge by",
        [GROUPS_ZERO] = "one of them has nothing at all, which leaves no ratio to judge",
        [GROUPS_BROKEN] = "what is counted changed among these posts, as a note says",
        [GROUPS_MEMORY] = "",
    };

    say_groups(q, a, b, true);
    buf_puts(b, a->a.n == 1 ? " is set against " : " are set against ");
    say_groups(q, a, b, false);
    buf_printf(b, " in %s", figure_words(q->figure));
    if (a->has_change && fabs(a->change) >= .0005) {
        buf_puts(b, ", their mean ");
        words_percent(b, a->change);
        buf_puts(b, a->change > 0 ? " higher" : " lower");
    }
    buf_printf(b, "; %s, so nothing is concluded", because[a->judged.outcome]);
}

void compare_say(const struct compare_question *q, struct compare_answer *a)
{
    struct buf *b = &a->sentence;

    if (a->judged.outcome == GROUPS_JUDGED) {
        if (a->judged.found.low_counts && a->judged.found.has_superiority)
            say_low_finding(q, a, b);
        else
            say_finding(q, a, b);
        say_verdict(a, q->margin, b);
        if (top_share(&a->a) > .3 && a->additive) {
            buf_puts(b, "; one post alone has ");
            words_percent(b, top_share(&a->a));
            buf_printf(b, " of the first group's %s", figure_words(q->figure));
        }
    } else {
        say_nothing(q, a, b);
    }
    buf_putc(b, '.');
}
