#include "answer/words.h"
#include "base/day.h"
#include "base/utf8.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { NAME_SAID = 60 }; /* bytes of a name that a sentence takes */

void words_count(struct buf *b, int64_t n)
{
    if (n < 0) {
        buf_putc(b, '-');
        n = -n;
    }
    if (n >= 1000) {
        words_count(b, n / 1000);
        buf_printf(b, ",%03d", (int)(n % 1000));
    } else {
        buf_printf(b, "%d", (int)n);
    }
}

void words_counted(struct buf *b, int64_t n, const char *one, const char *many)
{
    words_count(b, n);
    buf_printf(b, " %s", n == 1 ? one : many);
}

/* Whole per cents from one on, tenths below. */
static double rounded(double x)
{
    double percent = fabs(x) * 100;

    if (x < 0 && percent > 99 && percent < 100) /* nearly all is not all */
        return floor(percent * 10) / 10;
    return percent < 0.95 ? round(percent * 10) / 10 : round(percent);
}

void words_percent(struct buf *b, double x)
{
    double percent = rounded(x);

    if (!isfinite(percent)) {
        buf_puts(b, "an unknown share");
        return;
    }
    if (percent != round(percent))
        buf_printf(b, "%.1f", percent);
    else
        words_count(b, percent < 1e15 ? (int64_t)percent : (int64_t)1e15);
    buf_puts(b, " %");
}

void words_signed(struct buf *b, double x)
{
    if (x >= 1e6) {
        buf_puts(b, "more than a million times as much");
        return;
    }
    if (x >= 10) {
        words_count(b, llround(x + 1));
        buf_puts(b, " times as much");
        return;
    }
    if (rounded(x) > 0)
        buf_putc(b, x < 0 ? '-' : '+');
    words_percent(b, x);
}

void words_range(struct buf *b, double low, double high)
{
    words_signed(b, low);
    buf_puts(b, " to ");
    words_signed(b, high);
}

void words_more(struct buf *b, double change, bool mass, const char *noun)
{
    if (!(rounded(change) > 0)) {
        buf_printf(b, "as %s %s as", mass ? "much" : "many", noun);
    } else if (change >= 10) {
        if (change < 1e6)
            words_count(b, llround(change + 1));
        else
            buf_puts(b, "more than a million");
        buf_printf(b, " times as %s %s as", mass ? "much" : "many", noun);
    } else {
        words_percent(b, change);
        buf_printf(b, " %s %s than", change > 0 ? "more" : mass ? "less" : "fewer", noun);
    }
}

void words_day(struct buf *b, int32_t day)
{
    static const char *const months[] = {"January",   "February", "March",    "April",
                                         "May",       "June",     "July",     "August",
                                         "September", "October",  "November", "December"};
    int y, m, d;

    day_to_civil(day, &y, &m, &d);
    buf_printf(b, "%d %s %d", d, months[m - 1], y);
}

void words_age(struct buf *b, double hours)
{
    if (hours >= 48 && fmod(hours, 24) == 0)
        buf_printf(b, "%g days", hours / 24);
    else
        buf_printf(b, "%g hours", hours);
}

/* A name as it is; of a long one the beginning. */
static void add_name(struct buf *b, const char *name, bool quoted)
{
    size_t n = strlen(name), kept = n > NAME_SAID ? utf8_valid_prefix(name, NAME_SAID) : n;

    buf_printf(b, quoted ? "\"%.*s%s\"" : "%.*s%s", (int)kept, name, kept < n ? "..." : "");
}

/* "a", "a or b", "a, b or c"; up to three are named. Values with the sign asked for. */
static int add_values(struct buf *b, const struct filter *f, enum filter_key key, bool negated,
                      const char *before, bool quoted)
{
    int n = 0, total = 0;

    for (int i = 0; i < f->n; i++)
        total += f->values[i].key == key && f->values[i].negated == negated;
    for (int i = 0; i < f->n && n < 3; i++) {
        if (f->values[i].key != key || f->values[i].negated != negated)
            continue;
        buf_puts(b, n == 0 ? before : n == total - 1 ? " or " : ", ");
        add_name(b, f->values[i].text, quoted);
        n++;
    }
    if (total > 3)
        buf_printf(b, " or %d more", total - 3);
    return total;
}

static void add_others(struct buf *b, const struct filter *f)
{
    add_values(b, f, FILTER_TYPE, true, " other than ", false);
    add_values(b, f, FILTER_TAG, false, " tagged ", false);
    add_values(b, f, FILTER_TAG, true, " not tagged ", false);
    add_values(b, f, FILTER_CAMPAIGN, false, " of the campaign ", true);
    add_values(b, f, FILTER_CAMPAIGN, true, " not of the campaign ", true);
    add_values(b, f, FILTER_ACCOUNT, false, " of the account ", true);
    add_values(b, f, FILTER_ACCOUNT, true, " not of the account ", true);
    add_values(b, f, FILTER_PLATFORM, false, " on ", false);
    add_values(b, f, FILTER_PLATFORM, true, " not on ", false);
    add_values(b, f, FILTER_REGION, false, " in the region ", false);
    add_values(b, f, FILTER_REGION, true, " outside the region ", false);
    if (f->from != DAY_NONE) {
        buf_puts(b, " from ");
        words_day(b, f->from);
    }
    if (f->to != DAY_NONE) {
        buf_puts(b, f->from != DAY_NONE ? " to " : " up to ");
        words_day(b, f->to);
    }
}

void words_posts(struct buf *b, const struct filter *f, int64_t n)
{
    if (add_values(b, f, FILTER_TYPE, false, "", false))
        buf_putc(b, ' ');
    buf_puts(b, n == 1 ? "post" : "posts");
    add_others(b, f);
}

void words_which(struct buf *b, const struct filter *f)
{
    add_values(b, f, FILTER_TYPE, false, " of the type ", false);
    add_others(b, f);
}
