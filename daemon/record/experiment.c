#include "record/experiment.h"
#include "base/day.h"

#include <stdio.h>
#include <string.h>

const char *const experiment_state_names[EXPERIMENT_STATE_COUNT] = {
    "planned", "running", "finished", "stopped", "follow-up-due", "closed"};

void experiment_init(struct experiment *e)
{
    memset(e, 0, sizeof *e);
    e->start = e->end = e->stopped = DAY_NONE;
}

static bool is_among(const char *name, const char *const *names, size_t n)
{
    size_t i = 0;

    while (i < n && strcmp(names[i], name) != 0)
        i++;
    return i < n;
}

bool experiment_design_is_known(const char *name)
{
    static const char *const names[] = {"step", "coin-weeks", "pairs-of-weeks", "coin-days"};

    return is_among(name, names, sizeof names / sizeof *names);
}

bool experiment_event_is_known(const char *what)
{
    static const char *const names[] = {"correction", "rewording", "stop", "given-up", "erased"};

    return is_among(what, names, sizeof names / sizeof *names);
}

enum experiment_state experiment_state_of(const char *name)
{
    int i = 0;

    while (i < EXPERIMENT_STATE_COUNT && strcmp(experiment_state_names[i], name) != 0)
        i++;
    return (enum experiment_state)i;
}

int32_t experiment_last_day(const struct experiment *e)
{
    return e->stopped == DAY_NONE ? e->end : e->stopped;
}

int32_t day_after_months(int32_t day, int months)
{
    int y, m, d;
    int32_t found = DAY_NONE;

    day_to_civil(day, &y, &m, &d);
    m += months - 1;
    y += m / 12;
    for (m = m % 12 + 1; found == DAY_NONE && d > 0; d--)
        found = day_from_civil(y, m, d);
    return found;
}

bool experiment_has_started(const struct experiment *e, int32_t today)
{
    return today >= e->start || e->state != EXPERIMENT_PLANNED;
}

enum experiment_state experiment_state_on(const struct experiment *e, int32_t today, bool found_end,
                                          int n_followed)
{
    if (found_end && n_followed >= e->n_follow_ups)
        return EXPERIMENT_CLOSED;
    if (n_followed < e->n_follow_ups && e->follow_up[n_followed] <= today)
        return EXPERIMENT_DUE;
    if (e->stopped != DAY_NONE)
        return EXPERIMENT_STOPPED;
    if (found_end || today > e->end)
        return EXPERIMENT_FINISHED;
    return experiment_has_started(e, today) ? EXPERIMENT_RUNNING : EXPERIMENT_PLANNED;
}

bool follow_ups_read(struct experiment *e, const char *text, struct fail *f)
{
    e->n_follow_ups = 0;
    if (!*text)
        return fail_set(f, FAIL_UNPROCESSABLE, "bad-date", "follow_up",
                        "\"follow_up\" takes at least one day: an experiment is looked at "
                        "again.");
    while (*text) {
        size_t n = strcspn(text, " ,");
        int32_t day = day_parse(text, n);

        if (day == DAY_NONE || e->n_follow_ups == FOLLOW_UPS_MAX)
            return fail_set(f, FAIL_UNPROCESSABLE, "bad-date", "follow_up",
                            "\"follow_up\" takes up to %d days such as 2023-02-28; this is "
                            "\"%.*s\".",
                            FOLLOW_UPS_MAX, (int)(n < 40 ? n : 40), text);
        if (e->n_follow_ups && day <= e->follow_up[e->n_follow_ups - 1])
            return fail_set(f, FAIL_UNPROCESSABLE, "bad-date", "follow_up",
                            "The days of \"follow_up\" follow one another, each once.");
        e->follow_up[e->n_follow_ups++] = day;
        text += n;
        text += strspn(text, " ,");
    }
    return true;
}

void follow_ups_write(const struct experiment *e, char *text, size_t size)
{
    size_t n = 0;
    char day[DAY_TEXT];

    text[0] = 0;
    for (int i = 0; i < e->n_follow_ups && n < size; i++)
        n += (size_t)snprintf(text + n, size - n, "%s%s", i ? " " : "",
                              day_format(e->follow_up[i], day));
}
