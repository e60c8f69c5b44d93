#include "render/experiment_out.h"
#include "base/day.h"
#include "record/record.h"
#include "render/ical.h"
#include "render/page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void uid(char out[120], const struct experiment *e, const char *what, int32_t day)
{
    char text[DAY_TEXT];

    snprintf(out, 120, "%s-%s-%s@postlift", e->slug, what, day_format(day, text));
}

void ical_dates_of_experiment(const struct experiment *e, struct buf *out)
{
    char id[120], words[EXPERIMENT_NAME_MAX + 60];
    int32_t last = experiment_last_day(e);

    snprintf(words, sizeof words, "Experiment: %s", e->name);
    uid(id, e, "run", e->start);
    ical_event(out, id, e->start, last, words, e->question);
    snprintf(words, sizeof words, "Finding due: %s", e->name);
    uid(id, e, "end", last + 1);
    ical_event(out, id, last + 1, last + 1, words, e->question);
    for (int i = 0; i < e->n_follow_ups; i++) {
        snprintf(words, sizeof words, "Follow-up due: %s", e->name);
        uid(id, e, "follow-up", e->follow_up[i]);
        ical_event(out, id, e->follow_up[i], e->follow_up[i], words, e->question);
    }
}

void ical_of_experiment(const struct experiment *e, struct buf *out)
{
    char id[120], words[EXPERIMENT_NAME_MAX + 60];

    ical_begin(out, e->name);
    snprintf(words, sizeof words, "Post today: %s", e->name);
    for (int i = 0; e->calendar[i]; i++)
        if (e->calendar[i] == '1' && e->start + i <= experiment_last_day(e)) {
            uid(id, e, "post", e->start + i);
            ical_event(out, id, e->start + i, e->start + i, words, e->posts);
        }
    ical_dates_of_experiment(e, out);
    ical_end(out);
}

static void calendar(const struct experiment *e, struct buf *out)
{
    unsigned char state[EXPERIMENT_DAYS_MAX];
    int n = 0;

    for (; e->calendar[n] && n < EXPERIMENT_DAYS_MAX; n++)
        state[n] = e->calendar[n] == '1' ? 1 : e->calendar[n] == 'x' ? 2 : 0;
    page_calendar(out, e->start, n, state);
}

void page_of_calendar(const struct experiment *e, struct buf *out)
{
    page_begin(out, e->name);
    page_element(out, "p class=\"say\"", e->question);
    page_element(out, "h2", "Days to post");
    calendar(e, out);
    page_element(out, "p class=\"soft\"", "Post on the days marked \"post\" and on no others.");
    page_end(out);
}

/* ---- the report ---- */

static const char *text_at(const json_t *o, const char *name)
{
    const char *text = json_string_value(json_object_get(o, name));

    return text ? text : "";
}

static void row(struct buf *out, const char *name, const char *value)
{
    if (!*value)
        return;
    buf_puts(out, "<tr><th scope=\"row\">");
    page_text(out, name);
    buf_puts(out, "</th><td>");
    page_text(out, value);
    buf_puts(out, "</td></tr>\n");
}

static void percent(struct buf *out, const json_t *v)
{
    if (json_is_number(v))
        buf_printf(out, "%+.*f&nbsp;%%",
                   json_number_value(v) < .0995 && json_number_value(v) > -.0995,
                   100 * json_number_value(v));
    else
        buf_puts(out, "none");
}

/* One line of figures: what, change, lift, interval, verdict. */
static void figures(struct buf *out, const char *name, const json_t *a)
{
    const json_t *interval = json_object_get(a, "interval");

    buf_puts(out, "<tr><th scope=\"row\">");
    page_text(out, name);
    buf_puts(out, "</th><td class=\"n\">");
    percent(out, json_object_get(a, "change"));
    buf_puts(out, "</td><td class=\"n\">");
    percent(out, json_object_get(a, "lift"));
    buf_puts(out, "</td><td class=\"n\">");
    if (interval) {
        percent(out, json_array_get(interval, 0));
        buf_puts(out, " to ");
        percent(out, json_array_get(interval, 1));
    } else {
        buf_puts(out, "none");
    }
    buf_puts(out, "</td><td>");
    page_text(out, text_at(a, "verdict"));
    buf_puts(out, "</td></tr>\n");
}

static void list_days(struct buf *out, const char *heading, const json_t *days)
{
    size_t i;
    json_t *day;

    if (!json_array_size(days))
        return;
    buf_puts(out, "<p>");
    page_text(out, heading);
    json_array_foreach(days, i, day)
    {
        buf_puts(out, i ? ", " : ": ");
        page_text(out, json_string_value(day));
    }
    buf_puts(out, ".</p>\n");
}

/* A finding, or what may be read so far. */
static void finding(struct buf *out, const json_t *a, const char *metric)
{
    const json_t *kept = json_object_get(a, "plan_kept"), *since = json_object_get(a, "since");
    const json_t *done = json_object_get(a, "as_done"), *warnings;
    json_t *s;
    size_t i;
    char name[80];

    page_element(out, "p class=\"say\"", text_at(a, "sentence"));
    buf_puts(out, "<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"A "
                  "table\"><table>\n<tr><th scope=\"col\">part</th><th scope=\"col\" "
                  "class=\"n\">change</th><th scope=\"col\" class=\"n\">lift</th><th scope=\"col\" "
                  "class=\"n\">interval</th><th scope=\"col\">verdict</th></tr>\n");
    snprintf(name, sizeof name, "%s, as planned", metric);
    figures(out, name, json_object_get(a, "as_planned"));
    if (json_is_object(done)) {
        snprintf(name, sizeof name, "%s, as done", metric);
        figures(out, name, done);
    }
    json_array_foreach(json_object_get(a, "secondary"), i, s)
    {
        snprintf(name, sizeof name, "%s (secondary, of %s)", text_at(s, "metric"),
                 strcmp(text_at(s, "of"), "posts") == 0 ? "posts" : "the website");
        figures(out, name, s);
    }
    buf_puts(out, "</table></div>\n");
    page_element(out, "p", text_at(a, "difference"));
    list_days(out, "Days meant for posts that had none", json_object_get(kept, "missed"));
    list_days(out, "Days not meant for posts that had some", json_object_get(kept, "strayed"));
    if (json_is_object(since)) {
        snprintf(name, sizeof name,
                 "Since finding %d: ", (int)json_integer_value(json_object_get(since, "finding")));
        buf_puts(out, "<p>");
        page_text(out, name);
        page_text(out, text_at(since, "words"));
        buf_puts(out, "</p>\n");
    }
    warnings = json_object_get(json_object_get(a, "as_planned"), "warnings");
    if (json_array_size(warnings))
        buf_puts(out, "<ul class=\"soft\">\n");
    json_array_foreach(warnings, i, s) page_element(out, "li", text_at(s, "detail"));
    if (json_array_size(warnings))
        buf_puts(out, "</ul>\n");
}

static void question(struct buf *out, const struct experiment *e, const json_t *whole)
{
    char text[240], from[DAY_TEXT], to[DAY_TEXT], follow[FOLLOW_UPS_MAX * DAY_TEXT + 1];
    char at[TIME_TEXT];

    page_element(out, "h2", "The question");
    buf_puts(out, "<table>\n");
    row(out, "Question", e->question);
    row(out, "State", text_at(whole, "state"));
    snprintf(text, sizeof text, "%s%s", time_format(e->stated_at, at),
             e->after_the_fact ? ", after its start" : ", before its start");
    row(out, "Written down", text);
    row(out, "Design", e->design);
    row(out, "What is posted", e->posts);
    snprintf(text, sizeof text, "%s from %.200s", traffic_metric_names[e->metric], e->source);
    row(out, "What it is to move", text);
    row(out, "Region", e->region);
    row(out, "Control", e->control);
    snprintf(text, sizeof text, "%s to %s, against the %d days before", day_format(e->start, from),
             day_format(experiment_last_day(e), to), (int)e->baseline_days);
    row(out, "Days", text);
    snprintf(text, sizeof text, "%.3g %% either way", 100 * e->margin);
    row(out, "Flat within", text);
    follow_ups_write(e, follow, sizeof follow);
    row(out, "Follow-up", follow);
    buf_puts(out, "</table>\n");
}

void page_of_experiment(const struct experiment *e, const json_t *whole, const json_t *findings,
                        const json_t *now, struct buf *out)
{
    const char *metric = traffic_metric_names[e->metric];
    size_t n = json_array_size(findings), i;
    char heading[120];
    json_t *item;

    page_begin(out, e->name);
    while (n > 0) { /* the latest first */
        const json_t *a = json_array_get(findings, --n);

        snprintf(heading, sizeof heading, "Finding %d: %s, due %s, kept %s", (int)n + 1,
                 text_at(a, "kind"), text_at(a, "due"), text_at(a, "found_at"));
        page_element(out, "h2", heading);
        finding(out, a, metric);
    }
    if (now) {
        page_element(out, "h2", "What may be read so far");
        finding(out, now, metric);
    } else if (!json_array_size(findings)) {
        page_element(out, "p class=\"say\"", "There is nothing to read yet.");
    }
    question(out, e, whole);
    json_array_foreach(json_object_get(whole, "warnings"), i, item)
        page_element(out, "p", text_at(item, "detail"));
    if (json_array_size(json_object_get(whole, "log")))
        page_element(out, "h2", "What was changed after the start");
    json_array_foreach(json_object_get(whole, "log"), i, item)
    {
        char *detail = json_dumps(json_object_get(item, "detail"), JSON_COMPACT);

        buf_puts(out, "<p>");
        page_text(out, text_at(item, "at"));
        buf_puts(out, ", ");
        page_text(out, text_at(item, "what"));
        buf_puts(out, ": ");
        page_text(out, text_at(item, "reason"));
        buf_puts(out, " <span class=\"soft\">");
        page_text(out, detail);
        buf_puts(out, "</span></p>\n");
        free(detail);
    }
    page_element(out, "h2", "Days to post");
    calendar(e, out);
    page_end(out);
}
