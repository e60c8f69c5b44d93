#include "record/note.h"
#include "base/day.h"
#include "base/text.h"
#include "base/utf8.h"
#include "record/record.h"

#include <string.h>
#include <strings.h>

const char *const note_kind_names[NOTE_KIND_COUNT] = {
    "tracking-change", "metric-definition", "outage", "holiday", "campaign", "other"};
const char *const note_scope_names[NOTE_SCOPE_COUNT] = {"source", "platform", "account", "metric"};

enum note_kind note_kind_of(const char *name)
{
    int i = 0;

    while (i < NOTE_KIND_COUNT && strcmp(note_kind_names[i], name) != 0)
        i++;
    return (enum note_kind)i;
}

bool note_scope_set(struct note *n, enum note_scope scope, const char *text, struct fail *f)
{
    char *to = n->scope[scope], slug[SLUG_MAX + 1];
    const char *name = note_scope_names[scope];

    if (strlen(text) > NAME_MAX_BYTES)
        return fail_set(f, FAIL_UNPROCESSABLE, "too-long", name, "\"%s\" is longer than %d bytes.",
                        name, NAME_MAX_BYTES);
    if (*text && scope == NOTE_PLATFORM) {
        if (!platform_make(text, strlen(text), slug))
            return fail_set(f, FAIL_UNPROCESSABLE, "bad-slug", name,
                            "\"%.60s\" is no name of a platform.", text);
        text = slug;
    }
    if (*text && scope == NOTE_METRIC && strcmp(text, "engagement") != 0 && post_metric(text) < 0 &&
        traffic_metric(text) < 0)
        return fail_set(f, FAIL_UNPROCESSABLE, "unknown-metric", name,
                        "There is no metric \"%.40s\".", text);
    text_copy(to, NAME_MAX_BYTES + 1, text);
    return true;
}

bool note_check(const struct note *n, struct fail *f)
{
    if (n->kind == NOTE_KIND_COUNT)
        return fail_set(f, FAIL_UNPROCESSABLE, "bad-value", "kind",
                        "\"kind\" is one of tracking-change, metric-definition, outage, holiday, "
                        "campaign, other.");
    if (n->from == DAY_NONE)
        return fail_set(f, FAIL_UNPROCESSABLE, "missing-field", "date",
                        "A note needs a day: \"date\", or \"from\" and \"to\".");
    if (n->to < n->from)
        return fail_set(f, FAIL_UNPROCESSABLE, "empty-range", "to", "\"to\" lies before \"from\".");
    if (!n->text[0])
        return fail_set(f, FAIL_UNPROCESSABLE, "missing-field", "text",
                        "A note needs a text: what happened.");
    if (n->scope[NOTE_ACCOUNT][0] && !n->scope[NOTE_PLATFORM][0])
        return fail_set(f, FAIL_UNPROCESSABLE, "missing-field", "platform",
                        "An account is one of a platform: name it too.");
    if (n->scope[NOTE_SOURCE][0] && n->scope[NOTE_PLATFORM][0])
        return fail_set(f, FAIL_UNPROCESSABLE, "two-scopes", "source",
                        "A note is about a source of the website or about a platform's posts; "
                        "write two.");
    return true;
}

bool note_breaks(const struct note *n, int32_t first, int32_t last)
{
    return (first < n->from && last >= n->from) ||
           (n->to > n->from && first <= n->to && last >= n->from);
}

static bool is_of(const char *scope, const char *name)
{
    return strcasecmp(scope, name) == 0 ||
           (strcmp(name, "social") == 0 && platform_is_social(scope)) ||
           (strcasecmp(scope, "social") == 0 && platform_is_social(name));
}

bool note_is_about_traffic(const struct note *n, const char *metric, const char *source,
                           const char (*names)[NAME_MAX_BYTES + 1], int n_names)
{
    const char *of = n->scope[NOTE_SOURCE], *platform = n->scope[NOTE_PLATFORM];

    if (n->scope[NOTE_METRIC][0] && strcmp(n->scope[NOTE_METRIC], metric) != 0)
        return false;
    if (platform[0]) /* what a platform counts of posts is no figure of the website */
        return n->kind != NOTE_METRIC_DEFINITION && is_of(platform, source);
    if (!of[0] || strcmp(source, "all") == 0 || is_of(of, source))
        return true;
    for (int i = 0; i < n_names; i++)
        if (strcasecmp(of, names[i]) == 0)
            return true;
    return false;
}

bool note_is_about_posts(const struct note *n, const char *metric, const char *platform,
                         const char *account)
{
    static const char *const tracked[] = {"clicks", "sessions", "users", "conversions"};
    bool is_tracked = false;

    if (n->scope[NOTE_SOURCE][0])
        return false;
    if (n->scope[NOTE_PLATFORM][0] && strcmp(n->scope[NOTE_PLATFORM], platform) != 0)
        return false;
    if (n->scope[NOTE_ACCOUNT][0] && strcasecmp(n->scope[NOTE_ACCOUNT], account) != 0)
        return false;
    if (n->scope[NOTE_METRIC][0])
        return strcmp(n->scope[NOTE_METRIC], metric) == 0;
    for (size_t i = 0; i < sizeof tracked / sizeof *tracked; i++)
        is_tracked = is_tracked || strcmp(tracked[i], metric) == 0;
    return n->kind != NOTE_TRACKING_CHANGE || is_tracked;
}
