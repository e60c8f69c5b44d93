/* Days that are no part of a draw: by weekday, by date, by the holidays that notes name. */
#include "answer/planning.h"
#include "base/day.h"
#include "store/notes.h"

#include <stdio.h>
#include <string.h>

static bool weekday_name(const char *word, size_t n, struct left_out *l)
{
    static const char *const names[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

    if (n == 8 && strncmp(word, "weekends", n) == 0) {
        l->weekday[5] = l->weekday[6] = true;
        return true;
    }
    if (n == 8 && strncmp(word, "holidays", n) == 0) {
        l->holidays = true;
        return true;
    }
    for (int i = 0; i < 7; i++)
        if (n == 3 && strncmp(word, names[i], n) == 0) {
            l->weekday[i] = true;
            return true;
        }
    return false;
}

static bool date_range(const char *word, size_t n, struct left_out *l, struct fail *f)
{
    const char *dots = n == 22 ? word + 10 : NULL;
    int32_t from, to;

    if ((n != 10 && n != 22) || (dots && strncmp(dots, "..", 2) != 0))
        return false;
    from = day_parse(word, 10);
    to = dots ? day_parse(dots + 2, 10) : from;
    if (from == DAY_NONE || to == DAY_NONE || to < from)
        return false;
    if (l->n == LEFT_OUT_RANGES)
        return fail_set(f, FAIL_UNPROCESSABLE, "too-many-values", "leave_out",
                        "\"leave_out\" takes up to %d dates and ranges.", LEFT_OUT_RANGES);
    l->range[l->n].from = from;
    l->range[l->n++].to = to;
    return true;
}

bool left_out_read(const char *list, struct left_out *l, struct fail *f)
{
    memset(l, 0, sizeof *l);
    while (list && *list) {
        size_t n = strcspn(list, ",");

        if (!weekday_name(list, n, l) && !date_range(list, n, l, f))
            return fail_set(f, FAIL_UNPROCESSABLE, "bad-value", "leave_out",
                            "\"leave_out\" takes weekends, holidays (of notes), mon to sun, dates "
                            "and ranges such as 2024-12-24..2025-01-01, parted by commas; this is "
                            "\"%.*s\".",
                            (int)(n < 40 ? n : 40), list);
        list += n + (list[n] == ',');
    }
    return true;
}

struct marking {
    int32_t from;
    int n;
    unsigned char *days;
};

static void mark(const struct marking *m, int32_t from, int32_t to)
{
    for (int i = 0; i < m->n; i++)
        if (m->from + i >= from && m->from + i <= to)
            m->days[i] = DRAWN_OUT;
}

static bool mark_holiday(void *ctx, const struct note *n)
{
    if (n->kind == NOTE_HOLIDAY)
        mark(ctx, n->from, n->to);
    return true;
}

bool left_out_mark(struct db *db, const struct left_out *l, int32_t from, int n,
                   unsigned char *days, struct fail *f)
{
    struct marking m = {from, n, days};

    for (int i = 0; i < n; i++)
        days[i] = l->weekday[day_weekday(from + i)] ? DRAWN_OUT : DRAWN_OFF;
    for (int i = 0; i < l->n; i++)
        mark(&m, l->range[i].from, l->range[i].to);
    return !l->holidays || notes_each(db, from, from + n - 1, mark_holiday, &m, f);
}
