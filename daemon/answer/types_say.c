/* The warnings and sentences of the table of types. */
#include "answer/types_parts.h"
#include "base/day.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void types_warn(const struct types_question *q, struct types_answer *a)
{
    struct warnings *w = &a->warnings;
    int small = 0, judged = 0;

    for (int i = 0; i < a->n; i++) {
        judged += a->row[i].beside[COLUMN_ENGAGEMENT].judged;
        small += a->row[i].posts < GROUP_SMALL;
    }
    if (q->by == BY_PLATFORM && a->n)
        warn(w, "platforms-apart",
             "Platforms count engagement each in its own way and are not compared by it; only the "
             "days with their posts are.");
    else if (a->spent)
        warn(w, "insufficient-data",
             "There are too many posts to set them side by side; narrow the question by a filter.");
    else if (a->n > 1 && !judged && a->posts)
        warn(w, "insufficient-data",
             "No two of these have enough posts on the same platform in the same four weeks to be "
             "compared.");
    for (int i = 0; i < a->n; i++)
        if (a->row[i].low_counts && a->row[i].beside[COLUMN_TRAFFIC].judged)
            warn(w, "low-counts",
                 "Days of fewer than 3, or many days of none: the logarithm draws differences "
                 "towards zero, and nothing is called flat.");
    if (a->posts && !a->n)
        warn(w, "no-data", "None of these posts has a %s.", types_by_names[q->by]);
    if (small)
        warn(w, "small-group", "%d of the %d %s fewer than %d posts.", small, a->n,
             small == 1 ? "has" : "have", GROUP_SMALL);
    if (q->by == BY_TAG && a->n)
        warn(w, "groups-overlap", "A post may have several tags and then counts for each of them.");
    if (a->n > 1)
        warn(w, "many-comparisons",
             "%d comparisons at once: go by q, the share of false findings among those called so, "
             "and by the shrunken estimates, not by the largest figure.",
             a->n);
}

static void say_effect(const struct beside *b, double level, struct buf *out)
{
    words_signed(out, expm1(b->effect));
    buf_printf(out, ", %g %% interval ", 100 * level);
    words_range(out, expm1(b->low), expm1(b->high));
}

static void say_name(const struct types_question *q, const struct type_row *row, struct buf *b)
{
    switch (q->by) {
    case BY_TYPE: buf_printf(b, "%s posts", row->name); break;
    case BY_TAG: buf_printf(b, "Posts tagged %s", row->name); break;
    case BY_CAMPAIGN: buf_printf(b, "Posts of the campaign \"%s\"", row->name); break;
    case BY_PLATFORM: buf_printf(b, "Posts on %s", row->name); break;
    case BY_ACCOUNT:
        buf_printf(b, "Posts of %s on %s", row->name[0] ? row->name : "no named account",
                   row->platform);
        break;
    case BY_COUNT: break;
    }
}

static void say_pleases(const struct types_question *q, const struct type_row *row, struct buf *b)
{
    const struct beside *e = &row->beside[COLUMN_ENGAGEMENT];

    if (!e->judged) {
        buf_puts(b, " cannot be judged by their engagement");
        if (row->judgement[COLUMN_ENGAGEMENT].outcome == GROUPS_BROKEN)
            buf_puts(b, ", as what is counted changed among these posts, as a note says");
        return;
    }
    buf_puts(b, row->pleases == WORD_YES ? " please"
                : row->pleases == WORD_NO && e->verdict == VERDICT_FLAT
                    ? " please about as others do"
                : row->pleases == WORD_NO ? " please less than others"
                                          : " may or may not please more than others");
    buf_puts(b, " (engagement ");
    say_effect(e, q->level, b);
    buf_puts(b, " against other posts");
    if (e->verdict == VERDICT_FLAT) {
        buf_puts(b, ", alike to within ");
        words_percent(b, q->margin);
    }
    if (row->judgement[COLUMN_ENGAGEMENT].ages_apart)
        buf_puts(b, ", but read at other ages than these");
    buf_puts(b, ")");
}

static void say_moves(const struct types_question *q, const struct types_answer *a,
                      const struct type_row *row, struct buf *b)
{
    const struct beside *m = &row->beside[COLUMN_TRAFFIC];
    char what[400];

    snprintf(what, sizeof what, "%s %s %.300s", traffic_metric_names[q->metric],
             strcmp(q->source, "all") == 0 ? "of" : "from",
             strcmp(q->source, "all") == 0 ? "the whole site" : q->source);
    if (!a->has_traffic || !m->judged) {
        buf_printf(b, "; whether they move %s cannot be judged%s", what,
                   a->has_traffic && row->outcome == LIFT_ENTANGLED
                       ? ", as their days are always the same weekdays or all days"
                       : "");
        return;
    }
    buf_puts(b, row->moves == WORD_YES ? " and go with more "
                : row->moves == WORD_NO && m->verdict == VERDICT_FLAT
                    ? " and move little or nothing in "
                : row->moves == WORD_NO ? " and go with fewer "
                                        : "; no rise is shown in ");
    buf_puts(b, what);
    buf_printf(b, " on the %d days with them (", row->days_with);
    say_effect(m, q->level, b);
    if (m->verdict == VERDICT_FLAT) {
        buf_puts(b, ", flat to within ");
        words_percent(b, q->margin);
    }
    buf_puts(b, ")");
    if (row->moves == WORD_CANNOT_TELL && m->high > 0) {
        buf_puts(b, ", and a rise of up to ");
        words_percent(b, expm1(m->high));
        buf_puts(b, " is not excluded");
    }
}

static void say_row(const struct types_question *q, const struct types_answer *a,
                    struct type_row *row)
{
    struct buf *b = &row->sentence;

    say_name(q, row, b);
    buf_puts(b, " (");
    words_count(b, row->posts);
    buf_puts(b, " from ");
    words_day(b, a->from);
    buf_puts(b, " to ");
    words_day(b, a->to);
    buf_putc(b, ')');
    say_pleases(q, row, b);
    say_moves(q, a, row, b);
    buf_puts(b, "; unless days or posts were drawn by lot, what else differed is in it.");
}

/* The names of rows of which something is shown: "meme and poll"; up to three. */
static int say_names(const struct types_question *q, const struct types_answer *a, bool moves,
                     struct buf *b)
{
    int n = 0, all = 0;

    for (int i = 0; i < a->n; i++)
        all += (moves ? a->row[i].moves : a->row[i].pleases) == WORD_YES;
    for (int i = 0; i < a->n && n < 3; i++) {
        if ((moves ? a->row[i].moves : a->row[i].pleases) != WORD_YES)
            continue;
        buf_puts(b, n == 0 ? "" : n == all - 1 ? " and " : ", ");
        if (a->row[i].platform[0])
            buf_printf(b, "%s on %s", a->row[i].name[0] ? a->row[i].name : "the nameless account",
                       a->row[i].platform);
        else
            buf_puts(b, a->row[i].name);
        buf_puts(b, " (");
        say_effect(&a->row[i].beside[moves ? COLUMN_TRAFFIC : COLUMN_ENGAGEMENT], q->level, b);
        buf_putc(b, ')');
        n++;
    }
    if (all > 3)
        buf_printf(b, " and %d more", all - 3);
    return all;
}

void types_say(const struct types_question *q, struct types_answer *a)
{
    struct filter which = q->filter;
    static const char *const many[BY_COUNT] = {"types", "tags", "campaigns", "platforms",
                                               "accounts"};
    struct buf *b = &a->sentence;
    int compared = 0, pleasing = 0, moving = 0;

    for (int i = 0; i < a->n; i++) {
        say_row(q, a, &a->row[i]);
        compared += a->row[i].beside[COLUMN_ENGAGEMENT].judged;
        pleasing += a->row[i].pleases == WORD_YES;
        moving += a->row[i].moves == WORD_YES;
    }
    if (!a->posts) {
        buf_puts(b, "There are no such posts, so nothing is compared.");
        return;
    }
    if (!a->n) {
        words_counted(b, a->posts, "post", "posts");
        buf_printf(b, " from ");
        words_day(b, a->from);
        buf_puts(b, " to ");
        words_day(b, a->to);
        buf_printf(b, " have no %s, so nothing is compared.", types_by_names[q->by]);
        return;
    }
    buf_printf(b, "Of %d %s with ", a->n, a->n == 1 ? types_by_names[q->by] : many[q->by]);
    words_counted(b, a->posts, "post", "posts");
    which.from = which.to = DAY_NONE; /* the days of what is there are said */
    words_which(b, &which);
    buf_puts(b, " from ");
    words_day(b, a->from);
    buf_puts(b, " to ");
    words_day(b, a->to);
    buf_puts(b, ", ");
    if (a->n == 1) {
        buf_puts(b, "there is no other to please more or less than");
    } else if (!compared) {
        buf_puts(b, "none can be compared by engagement");
    } else if (pleasing) {
        say_names(q, a, false, b);
        buf_puts(b, pleasing == 1 ? " is" : " are");
    } else {
        buf_puts(b, "none is");
    }
    buf_puts(b, a->n == 1 || !compared ? ", and " : " shown to please more than other posts, and ");
    if (!a->has_traffic) {
        buf_printf(b,
                   "what they move cannot be judged without %s from \"%.100s\"; unless "
                   "posts were drawn by lot what else differed is in it.",
                   traffic_metric_names[q->metric], q->source);
        return;
    }
    if (moving) {
        say_names(q, a, true, b);
        buf_puts(b, moving == 1 ? " is" : " are");
    } else {
        buf_puts(b, "none is");
    }
    buf_printf(b, " shown to go with more %s %s %s", traffic_metric_names[q->metric],
               strcmp(q->source, "all") == 0 ? "of" : "from",
               strcmp(q->source, "all") == 0 ? "the whole site" : q->source);
    buf_puts(b,
             "; what is not shown is not excluded, and unless days or posts were drawn by lot what "
             "else differed is in it.");
}
