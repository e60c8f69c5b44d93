#include "render/plan_out.h"
#include "base/day.h"
#include "render/ical.h"
#include "render/page.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const design_titles[DESIGN_COUNT] = {
    "Every day from the start on", "Weeks drawn by lot (half of every eight)",
    "One of every two weeks, by coin", "Days drawn by coin"};

json_t *json_of_drawn(int32_t from, int n, const unsigned char *drawn)
{
    static const char *const weekdays[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                           "Friday", "Saturday", "Sunday"};
    json_t *list = json_array();

    for (int i = 0; list && i < n; i++) {
        json_t *o = json_object();

        json_put(&o, "date", json_day(from + i));
        json_put(&o, "weekday", json_text(weekdays[day_weekday(from + i)]));
        json_put(&o, "post",
                 drawn[i] == DRAWN_OUT ? json_null() : json_boolean(drawn[i] == DRAWN_ON));
        json_append(&list, o);
    }
    return list;
}

static json_t *question_json(const struct plan_answer *a, const char *timezone)
{
    const struct plan_question *q = &a->question;
    json_t *o = json_object();

    json_put(&o, "kind", json_text("plan"));
    json_put(&o, "metric", json_text(traffic_metric_names[q->metric]));
    json_put(&o, "source", json_text(q->source));
    json_put(&o, "region", json_text(q->region[0] ? q->region : NULL));
    json_put(&o, "campaign", json_text(q->campaign[0] ? q->campaign : NULL));
    json_put(&o, "lift", json_real(q->lift));
    json_put(&o, "start", json_day(q->start));
    json_put(&o, "days", json_integer(q->days));
    json_put(&o, "seed", json_integer(q->seed));
    json_put(&o, "design", json_text(design_names[q->design]));
    json_put(&o, "leave_out", json_text(q->left_out_text[0] ? q->left_out_text : NULL));
    json_put(&o, "posts_per_day", json_real(q->posts_per_day));
    json_put(&o, "baseline_from", json_day(a->baseline_from));
    json_put(&o, "baseline_to", json_day(a->baseline_to));
    json_put(&o, "timezone", json_text(timezone));
    return o;
}

static json_t *seen_json(double v)
{
    return v > 0 && isfinite(v) ? json_real(v) : json_null();
}

static json_t *design_json(const struct plan_answer *a, enum design d)
{
    const struct planned *p = &a->planned[d];
    double each = a->question.posts_per_day;
    json_t *o = json_object(), *looks = json_array();

    json_put(&o, "design", json_text(design_names[d]));
    json_put(&o, "words", json_text(design_titles[d]));
    json_put(&o, "post_days", json_integer(p->days_on));
    json_put(&o, "posts", json_integer((json_int_t)ceil(p->days_on * each)));
    if (p->error > 0 && isfinite(p->error))
        json_put_real(&o, "standard_error", p->error);
    json_put(&o, "minimum_detectable_lift", seen_json(p->detectable));
    for (int i = 0; looks && i < PLAN_LOOKS; i++) {
        json_t *look = json_object();

        json_put(&look, "days", json_integer(plan_looks[i]));
        json_put(&look, "minimum_detectable_lift", seen_json(p->look[i]));
        json_append(&looks, look);
    }
    json_put(&o, "after", looks);
    json_put(&o, "days_needed", p->days_needed ? json_integer(p->days_needed) : json_null());
    json_put(&o, "posts_needed",
             p->days_needed ? json_integer((json_int_t)ceil(p->days_on_needed * each))
                            : json_null());
    return o;
}

json_t *json_of_plan(const struct plan_answer *a, const char *timezone, int64_t revision)
{
    const struct plan_question *q = &a->question;
    json_t *o = json_object(), *designs = json_array(), *calendar = json_object();

    json_put(&o, "question", question_json(a, timezone));
    json_put(&o, "sentence", json_text(buf_text((struct buf *)(uintptr_t)&a->sentence)));
    json_put(&o, "recommended",
             json_text(a->recommended == DESIGN_COUNT ? NULL : design_names[a->recommended]));
    json_put(&o, "power", json_real(PLAN_POWER));
    json_put(&o, "horizon_days", json_integer(PLAN_DAYS_MAX));
    json_put(&o, "days_used", json_integer(a->days_used));
    for (int d = 0; a->outcome == LIFT_JUDGED && d < DESIGN_COUNT; d++)
        json_append(&designs, design_json(a, (enum design)d));
    json_put(&o, "designs", designs);
    json_put(&calendar, "design", json_text(design_names[q->design]));
    json_put(&calendar, "seed", json_integer(q->seed));
    json_put(&calendar, "start", json_day(q->start));
    json_put(&calendar, "end", json_day(q->start + (int32_t)q->days - 1));
    json_put(&calendar, "days", json_of_drawn(q->start, (int)q->days, a->drawn));
    json_put(&o, "calendar", calendar);
    json_put_ending(&o, &a->warnings, "plan", revision);
    return o;
}

void ical_of_plan(const struct plan_answer *a, struct buf *out)
{
    const struct plan_question *q = &a->question;
    char uid[80], day[DAY_TEXT], name[120], words[200];

    snprintf(name, sizeof name, "Days to post (%s, seed %" PRId64 ")", design_names[q->design],
             q->seed);
    snprintf(words, sizeof words,
             "Drawn by postlift: %s, seed %" PRId64 ". Post on these days and on no others.",
             design_titles[q->design], q->seed);
    ical_begin(out, name);
    for (int i = 0; i < q->days; i++)
        if (a->drawn[i] == DRAWN_ON) {
            snprintf(uid, sizeof uid, "%s-%s-%" PRId64 "@postlift", design_names[q->design],
                     day_format(q->start + i, day), q->seed);
            ical_event(out, uid, q->start + i, q->start + i, "Post today", words);
        }
    ical_end(out);
}

static void percent(struct buf *b, double v)
{
    if (v > 0 && isfinite(v))
        buf_printf(b, "%.*f&nbsp;%%", v < .0995 ? 1 : 0, 100 * v);
    else
        buf_puts(b, "not yet");
}

void page_of_plan(const struct plan_answer *a, struct buf *out)
{
    const struct plan_question *q = &a->question;
    char title[400], from[DAY_TEXT], to[DAY_TEXT];

    snprintf(title, sizeof title, "Plan: %s of %.200s", traffic_metric_names[q->metric], q->source);
    page_begin(out, title);
    page_element(out, "p class=\"say\"", buf_text((struct buf *)(uintptr_t)&a->sentence));
    if (a->outcome == LIFT_JUDGED) {
        buf_puts(out, "<h2>What each design would be able to see</h2>\n<div class=\"wide\" "
                      "tabindex=\"0\" role=\"group\" aria-label=\"A table\"><table>\n"
                      "<tr><th scope=\"col\">Design</th>");
        for (int i = 0; i < PLAN_LOOKS; i++)
            buf_printf(out, "<th scope=\"col\" class=\"n\">after %d days</th>", plan_looks[i]);
        buf_printf(out, "<th scope=\"col\" class=\"n\">days for %.3g&nbsp;%%</th></tr>\n",
                   100 * q->lift);
        for (int d = 0; d < DESIGN_COUNT; d++) {
            const struct planned *p = &a->planned[d];

            buf_printf(out, "<tr><th scope=\"row\">%s</th>", design_titles[d]);
            for (int i = 0; i < PLAN_LOOKS; i++) {
                buf_puts(out, "<td class=\"n\">");
                percent(out, p->look[i]);
                buf_puts(out, "</td>");
            }
            if (p->days_needed)
                buf_printf(out, "<td class=\"n\">%d</td></tr>\n", p->days_needed);
            else
                buf_printf(out, "<td class=\"n\">over %d</td></tr>\n", PLAN_DAYS_MAX);
        }
        buf_puts(out, "</table></div>\n<p class=\"soft\">The least lift that would be seen with "
                      "80&nbsp;% power.</p>\n");
    }
    snprintf(title, sizeof title, "Calendar: %s, %s to %s, seed %" PRId64, design_titles[q->design],
             day_format(q->start, from), day_format(q->start + (int32_t)q->days - 1, to), q->seed);
    page_element(out, "h2", title);
    page_calendar(out, q->start, (int)q->days, a->drawn);
    page_element(out, "p class=\"soft\"",
                 "Post on the days marked \"post\" and on no others, and write down before the "
                 "start what is to be compared.");
    for (int i = 0; i < a->warnings.n; i++)
        page_element(out, "p class=\"soft\"", a->warnings.item[i].detail);
    page_end(out);
}
