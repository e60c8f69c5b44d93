/* The parameters of a lift. */
#include "answer/lift.h"
#include "base/day.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

enum { BASELINE_DAYS = 90 };

void lift_question_init(struct lift_question *q)
{
    memset(q, 0, sizeof *q);
    filter_init(&q->posts);
    q->end = q->start = DAY_NONE;
    q->level = 0.95;
    q->margin = MARGIN_DEFAULT;
}

void lift_question_clear(struct lift_question *q)
{
    filter_clear(&q->posts);
}

static bool text_param(const struct params *p, const char *name, char *out, size_t size,
                       struct fail *f)
{
    const char *text = params_get(p, name);

    if (!text)
        return true;
    if (!*text || strlen(text) >= size)
        return fail_set(f, FAIL_UNPROCESSABLE, "bad-value", name,
                        "\"%s\" is empty or longer than %zu bytes.", name, size - 1);
    snprintf(out, size, "%s", text);
    return true;
}

/* As filters of posts have it: slugs in lower case, twitter is x. */
static bool name_params(const struct params *p, struct lift_question *q, struct fail *f)
{
    char slug[SLUG_MAX + 1];

    if (!text_param(p, "source", q->source, sizeof q->source, f) ||
        !text_param(p, "region", q->region, sizeof q->region, f) ||
        !text_param(p, "campaign", q->campaign, sizeof q->campaign, f))
        return false;
    if (q->region[0] == '!' || q->campaign[0] == '!')
        return fail_set(f, FAIL_UNPROCESSABLE, "bad-value",
                        q->region[0] == '!' ? "region" : "campaign",
                        "\"!\" is not understood here: traffic is asked for by one region and one "
                        "campaign, or by all.");
    if (slug_make(q->region, strlen(q->region), slug))
        text_copy(q->region, sizeof q->region, slug);
    if (platform_make(q->source, strlen(q->source), slug) && platform_is_social(slug))
        text_copy(q->source, sizeof q->source, slug);
    return true;
}

static bool is_last_year(const char *name)
{
    return strcmp(name, "last-year") == 0 || strcmp(name, "yoy") == 0;
}

static bool read_controls(const char *list, struct lift_question *q, struct fail *f)
{
    char slug[SLUG_MAX + 1];

    while (list && *list) {
        size_t n = strcspn(list, ",");
        char *name = q->control[q->n_controls];

        if (n == 0 || n > NAME_MAX_BYTES || q->n_controls == CONTROLS_MAX)
            return fail_set(f, FAIL_UNPROCESSABLE, "bad-value", "control",
                            "\"control\" takes up to %d sources, parted by commas.", CONTROLS_MAX);
        snprintf(name, NAME_MAX_BYTES + 1, "%.*s", (int)n, list);
        if (platform_make(name, strlen(name), slug) && platform_is_social(slug))
            text_copy(name, NAME_MAX_BYTES + 1, slug);
        q->last_year = q->last_year || is_last_year(name);
        q->n_controls++;
        list += n + (list[n] == ',');
        for (int i = 0; i < q->n_controls - 1; i++)
            if (strcmp(q->control[i], name) == 0)
                return fail_set(f, FAIL_UNPROCESSABLE, "bad-value", "control",
                                "The control \"%.100s\" is named twice.", name);
    }
    if (q->last_year && q->n_controls > 1)
        return fail_set(f, FAIL_UNPROCESSABLE, "bad-value", "control",
                        "\"last-year\" is the series itself a year ago; it is not added up with "
                        "other sources. Give it alone.");
    if (q->last_year)
        text_copy(q->control[0], sizeof q->control[0], "last-year");
    for (int i = 0; i < q->n_controls && !q->last_year; i++)
        if (strcmp(q->control[i], q->source) == 0 || strcmp(q->control[i], "all") == 0 ||
            strcmp(q->source, "all") == 0 ||
            (strcmp(q->source, "social") == 0 && platform_is_social(q->control[i])) ||
            (strcmp(q->control[i], "social") == 0 && platform_is_social(q->source)))
            return fail_set(
                f, FAIL_UNPROCESSABLE, "control-is-source", "control",
                "\"%.100s\" is, or holds, or is a part of what is asked about; it cannot be "
                "its own control.",
                q->control[i]);
    return true;
}

static bool read_baseline(const struct params *p, struct lift_question *q, struct fail *f)
{
    bool ranged = params_get(p, "baseline_from") || params_get(p, "baseline_to");

    q->baseline_days = BASELINE_DAYS;
    q->baseline_from = q->baseline_to = DAY_NONE;
    if (!params_days(p, "baseline", 1, SERIES_DAYS_MAX - 1, &q->baseline_days, f))
        return false;
    if (!ranged)
        return true;
    if (params_get(p, "baseline"))
        return fail_set(f, FAIL_UNPROCESSABLE, "two-baselines", "baseline",
                        "Give either \"baseline\" or \"baseline_from\" and \"baseline_to\".");
    if (q->exposure)
        return fail_set(f, FAIL_UNPROCESSABLE, "bad-value", "baseline_from",
                        "With \"exposure\" all days from \"baseline\" before \"start\" to \"end\" "
                        "count; there is no range of its own for the baseline.");
    if (!params_get(p, "baseline_from"))
        return fail_set(f, FAIL_UNPROCESSABLE, "missing-parameter", "baseline_from",
                        "\"baseline_to\" needs \"baseline_from\" beside it.");
    q->baseline_to = q->start - 1;
    if (!params_day(p, "baseline_from", &q->baseline_from, f) ||
        !params_day(p, "baseline_to", &q->baseline_to, f))
        return false;
    if (q->baseline_from > q->baseline_to)
        return fail_set(f, FAIL_UNPROCESSABLE, "empty-range", "baseline_from",
                        "The baseline ends before it begins.");
    return true;
}

/* "type:meme,platform:facebook": as filters, parted by commas. */
static bool read_exposure(const char *list, struct lift_question *q, struct fail *f)
{
    q->exposure = list != NULL;
    while (list && *list) {
        char key[20], value[NAME_MAX_BYTES + 2];
        size_t n = strcspn(list, ","), k = strcspn(list, ":");

        if (k >= n || k >= sizeof key || n - k - 1 >= sizeof value)
            break;
        snprintf(key, sizeof key, "%.*s", (int)k, list);
        snprintf(value, sizeof value, "%.*s", (int)(n - k - 1), list + k + 1);
        if (!filter_knows(key) || strcmp(key, "from") == 0 || strcmp(key, "to") == 0)
            break;
        if (!filter_add(&q->posts, key, value, f))
            return false;
        list += n + (list[n] == ',');
    }
    if (q->exposure && (!q->posts.n || *list))
        return fail_set(f, FAIL_UNPROCESSABLE, "bad-value", "exposure",
                        "\"exposure\" says which posts make a day one with posts, such as "
                        "type:meme or type:meme,platform:facebook.");
    return true;
}

/* The posts in question: type, tag, platform, account; the region and campaign bind them too. */
static bool read_posts(const struct params *p, struct lift_question *q, struct fail *f)
{
    static const char *const once[] = {"region", "campaign"};

    for (size_t i = 0; i < sizeof once / sizeof *once; i++) {
        int n = 0;

        for (int k = 0; k < p->n; k++)
            n += strcmp(p->name[k], once[i]) == 0;
        if (n > 1)
            return fail_set(f, FAIL_UNPROCESSABLE, "repeated-parameter", once[i],
                            "The parameter \"%s\" is given twice.", once[i]);
    }
    for (int i = 0; i < p->n; i++)
        if (strcmp(p->name[i], "from") == 0 || strcmp(p->name[i], "to") == 0)
            return fail_set(f, FAIL_UNPROCESSABLE, "unknown-parameter", p->name[i],
                            "There is no parameter \"%s\" here; the days are \"start\", \"end\" "
                            "and \"baseline\".",
                            p->name[i]);
    if (!read_exposure(params_get(p, "exposure"), q, f) || !params_filter(p, "", &q->posts, f))
        return false;
    for (int i = 0; i < q->posts.n; i++)
        q->has_posts = q->has_posts || (q->posts.values[i].key != FILTER_REGION &&
                                        q->posts.values[i].key != FILTER_CAMPAIGN);
    q->has_posts = q->has_posts || q->exposure;
    return true;
}

bool lift_question_read(const struct params *p, struct lift_question *q, struct fail *f)
{
    static const char *const known[] = {"metric",   "source",        "start",       "end",
                                        "baseline", "baseline_from", "baseline_to", "control",
                                        "exposure", "run_in",        "level",       "margin",
                                        "series",   "format",        "bom",         NULL};

    if (!params_check(p, known, true, false, f))
        return false;
    if (!params_traffic_metric(p, &q->metric, f))
        return false;
    if (!params_get(p, "source"))
        return fail_set(f, FAIL_UNPROCESSABLE, "missing-parameter", "source",
                        "\"source\" is missing: which traffic is meant, such as social, facebook, "
                        "organic or all.");
    if (!params_get(p, "start") && !params_get(p, "exposure"))
        return fail_set(f, FAIL_UNPROCESSABLE, "missing-parameter", "start",
                        "\"start\" is missing: the first day of what is to be judged, such as "
                        "2022-11-28.");
    if (!name_params(p, q, f) || !params_day(p, "start", &q->start, f) ||
        !params_day(p, "end", &q->end, f) || !read_posts(p, q, f) || !read_baseline(p, q, f) ||
        !read_controls(params_get(p, "control"), q, f) ||
        !params_days(p, "run_in", 0, RUN_IN_MAX, &q->run_in, f) ||
        !params_real(p, "level", 0.5, 0.999, &q->level, f) ||
        !params_real(p, "margin", 0.01, 1, &q->margin, f) ||
        !params_flag(p, "series", &q->series, f))
        return false;
    if (q->exposure && q->run_in)
        return fail_set(f, FAIL_UNPROCESSABLE, "bad-value", "run_in",
                        "\"run_in\" leaves out days after a start; with \"exposure\" there is no "
                        "one start.");
    if (q->end != DAY_NONE && q->start != DAY_NONE && q->end < q->start)
        return fail_set(f, FAIL_UNPROCESSABLE, "empty-range", "end",
                        "\"end\" lies before \"start\".");
    return true;
}
