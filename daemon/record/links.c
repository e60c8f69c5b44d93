#include "record/links.h"
#include "base/ceilings.h"
#include "base/utf8.h"

#include <string.h>

const char *const utm_names[UTM_COUNT] = {"utm_source", "utm_medium", "utm_campaign",
                                          "utm_content"};

static int hex(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* The value that begins at t, up to the end of the parameter. */
static bool decode(const char *t, char *out)
{
    size_t n = 0;

    for (; *t && !strchr("&#;\"'<>() \t\r\n", *t) && n < NAME_MAX_BYTES; t++) {
        if (*t == '%' && hex(t[1]) >= 0 && hex(t[2]) >= 0) {
            out[n++] = (char)(hex(t[1]) * 16 + hex(t[2]));
            t += 2;
        } else {
            out[n++] = *t == '+' ? ' ' : *t;
        }
    }
    out[n] = 0;
    return n && strlen(out) == n && utf8_is_text(out, n) && !strpbrk(out, "\t\r\n");
}

bool link_utm(const char *text, enum utm which, char *out)
{
    const char *name = utm_names[which];
    size_t len = strlen(name);

    for (const char *t = text; t && (t = strstr(t, name)) != NULL; t += len)
        if (t > text && strchr("?&;", t[-1]) && t[len] == '=' && decode(t + len + 1, out))
            return true;
    return false;
}

bool post_utm(const char *url, const char *text, enum utm which, char *out)
{
    return (url && link_utm(url, which, out)) || (text && link_utm(text, which, out));
}

bool record_read_links(struct record *r, struct arena *a, const struct record_rules *rules,
                       struct fail *f)
{
    char campaign[NAME_MAX_BYTES + 1];

    if (r->kind != RECORD_POST || record_states(r, POST_CAMPAIGN) ||
        !post_utm(r->post.url, r->post.text, UTM_CAMPAIGN, campaign))
        return true;
    return record_put_text(r, POST_CAMPAIGN, campaign, strlen(campaign), a, rules, f);
}
