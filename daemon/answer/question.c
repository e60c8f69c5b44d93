#include "answer/question.h"
#include "base/day.h"
#include "base/utf8.h"
#include "record/record.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *params_get(const struct params *p, const char *name)
{
    for (int i = 0; i < p->n; i++)
        if (strcmp(p->name[i], name) == 0)
            return p->value[i];
    return NULL;
}

static bool is_group_filter(const char *name)
{
    return (name[0] == 'a' || name[0] == 'b') && name[1] == '.' && filter_knows(name + 2);
}

bool params_check(const struct params *p, const char *const *known, bool filters, bool groups,
                  struct fail *f)
{
    for (int i = 0; i < p->n; i++) {
        const char *const *k = known;

        if (!utf8_is_text(p->name[i], strlen(p->name[i])) ||
            !utf8_is_text(p->value[i], strlen(p->value[i])))
            return fail_set(f, FAIL_UNPROCESSABLE, "bad-utf8", NULL,
                            "The parameter number %d is not valid UTF-8, or has a control "
                            "character in it.",
                            i + 1);
        if ((filters && filter_knows(p->name[i])) || (groups && is_group_filter(p->name[i])))
            continue;
        while (*k && strcmp(*k, p->name[i]) != 0)
            k++;
        if (!*k)
            return fail_set(f, FAIL_UNPROCESSABLE, "unknown-parameter", p->name[i],
                            "There is no parameter \"%.60s\" here.", p->name[i]);
        for (int j = 0; j < i; j++)
            if (strcmp(p->name[j], p->name[i]) == 0)
                return fail_set(f, FAIL_UNPROCESSABLE, "repeated-parameter", p->name[i],
                                "The parameter \"%.60s\" is given twice.", p->name[i]);
    }
    return true;
}

bool params_day(const struct params *p, const char *name, int32_t *value, struct fail *f)
{
    const char *text = params_get(p, name);
    int32_t day;

    if (!text)
        return true;
    day = day_parse(text, strlen(text));
    if (day == DAY_NONE)
        return fail_set(f, FAIL_UNPROCESSABLE, "bad-date", name,
                        "\"%s\" takes a day such as 2022-11-28; there is none called \"%.40s\".",
                        name, text);
    *value = day;
    return true;
}

static bool whole(const char *text, const char **end, int64_t *value)
{
    char *stop;

    if (*text < '0' || *text > '9')
        return false;
    errno = 0;
    *value = strtoll(text, &stop, 10);
    *end = stop;
    return errno == 0;
}

bool params_int(const struct params *p, const char *name, int64_t min, int64_t max, int64_t *value,
                struct fail *f)
{
    const char *text = params_get(p, name), *end;
    int64_t v;

    if (!text)
        return true;
    if (!whole(text, &end, &v) || *end || v < min || v > max)
        return fail_set(f, FAIL_UNPROCESSABLE, "bad-number", name,
                        "\"%s\" takes a whole number from %" PRId64 " to %" PRId64
                        "; this is \"%.40s\".",
                        name, min, max, text);
    *value = v;
    return true;
}

bool params_days(const struct params *p, const char *name, int64_t min, int64_t max, int64_t *value,
                 struct fail *f)
{
    const char *text = params_get(p, name), *end;
    int64_t v = 0;
    bool ok;

    if (!text)
        return true;
    ok = whole(text, &end, &v) && v <= max;
    if (ok && strcmp(end, "w") == 0)
        v *= 7;
    else
        ok = ok && (*end == 0 || strcmp(end, "d") == 0);
    if (!ok || v < min || v > max)
        return fail_set(f, FAIL_UNPROCESSABLE, "bad-number", name,
                        "\"%s\" takes a number of days from %" PRId64 " to %" PRId64
                        ", such as 90d or 13w; this is \"%.40s\".",
                        name, min, max, text);
    *value = v;
    return true;
}

bool params_flag(const struct params *p, const char *name, bool *value, struct fail *f)
{
    const char *text = params_get(p, name);

    if (!text)
        return true;
    if (strcmp(text, "1") != 0 && strcmp(text, "0") != 0)
        return fail_set(f, FAIL_UNPROCESSABLE, "bad-flag", name,
                        "\"%s\" takes 1 or 0; this is \"%.40s\".", name, text);
    *value = text[0] == '1';
    return true;
}

bool params_real(const struct params *p, const char *name, double min, double max, double *value,
                 struct fail *f)
{
    const char *text = params_get(p, name);
    char *end;
    double v;

    if (!text)
        return true;
    v = strtod(text, &end);
    if (end == text || *end || strlen(text) > 20 || !isfinite(v) || v < min || v > max)
        return fail_set(f, FAIL_UNPROCESSABLE, "bad-number", name,
                        "\"%s\" takes a number from %g to %g; this is \"%.40s\".", name, min, max,
                        text);
    *value = v;
    return true;
}

bool params_traffic_metric(const struct params *p, int *metric, struct fail *f)
{
    const char *text = params_get(p, "metric");

    *metric = traffic_metric(text ? text : "sessions");
    return *metric >= 0 ||
           fail_set(f, FAIL_UNPROCESSABLE, "unknown-metric", "metric",
                    "There is no metric \"%.40s\" of traffic; there are sessions, users, "
                    "engaged_sessions and conversions.",
                    text);
}

bool params_filter(const struct params *p, const char *prefix, struct filter *filter,
                   struct fail *f)
{
    size_t n = strlen(prefix);

    for (int i = 0; i < p->n; i++)
        if (strncmp(p->name[i], prefix, n) == 0 && filter_knows(p->name[i] + n) &&
            !filter_add(filter, p->name[i] + n, p->value[i], f))
            return false;
    return true;
}

bool params_has_filter(const struct params *p, const char *prefix)
{
    size_t n = strlen(prefix);

    for (int i = 0; i < p->n; i++)
        if (strncmp(p->name[i], prefix, n) == 0 && filter_knows(p->name[i] + n))
            return true;
    return false;
}
