#include "record/forms.h"
#include "base/ceilings.h"
#include "base/day.h"
#include "base/text.h"

#include <string.h>

static const char *const social[] = {
    "facebook", "instagram", "x",       "linkedin", "tiktok",   "youtube",  "pinterest",
    "threads",  "mastodon",  "bluesky", "reddit",   "snapchat", "whatsapp", "telegram",
    "vk",       "xing",      "tumblr",  "twitch",   "wechat",   "line",
};

bool slug_make(const char *text, size_t len, char *out)
{
    size_t n = 0;

    while (len && (text[0] == ' ' || text[0] == '\t'))
        text++, len--;
    while (len && (text[len - 1] == ' ' || text[len - 1] == '\t'))
        len--;
    if (len == 0 || len > SLUG_MAX)
        return false;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];

        if (c >= 'A' && c <= 'Z')
            c = (unsigned char)(c + 32);
        else if (c == ' ')
            c = '-';
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c >= 0x80 || strchr("-_.+", c)))
            return false;
        out[n++] = (char)c;
    }
    out[n] = 0;
    return true;
}

bool platform_make(const char *text, size_t len, char *out)
{
    if (!slug_make(text, len, out))
        return false;
    if (strcmp(out, "twitter") == 0)
        text_copy(out, SLUG_MAX + 1, "x");
    return true;
}

static bool digits(const char *t, size_t at, size_t n, size_t len, int *value)
{
    int v = 0;

    if (at + n > len)
        return false;
    for (size_t i = at; i < at + n; i++) {
        if (t[i] < '0' || t[i] > '9')
            return false;
        v = v * 10 + (t[i] - '0');
    }
    *value = v;
    return true;
}

bool moment_parse(const char *t, size_t len, struct zone *zone, int64_t *at_ms)
{
    int hour = 0, minute = 0, second = 0, ms = 0, oh, om;
    int32_t day = len >= 10 ? day_parse(t, 10) : DAY_NONE;
    size_t at = 10;
    int64_t wall;

    if (day == DAY_NONE)
        return false;
    if (len > 10) {
        if (t[10] != 'T' && t[10] != 't' && t[10] != ' ')
            return false;
        if (!digits(t, 11, 2, len, &hour) || len < 16 || t[13] != ':' ||
            !digits(t, 14, 2, len, &minute))
            return false;
        at = 16;
        if (at < len && t[at] == ':') {
            if (!digits(t, 17, 2, len, &second))
                return false;
            at = 19;
            if (at < len && t[at] == '.') {
                int scale = 100;

                at++;
                if (at >= len || t[at] < '0' || t[at] > '9')
                    return false;
                for (; at < len && t[at] >= '0' && t[at] <= '9'; at++, scale /= 10)
                    ms += (t[at] - '0') * scale;
            }
        }
        if (hour > 23 || minute > 59 || second > 60)
            return false;
        if (second == 60) /* a leap second is kept as the last one before it */
            second = 59;
    }
    wall = day * MS_PER_DAY + ((hour * 60 + minute) * 60 + second) * 1000ll + ms;
    if (at == len) {
        *at_ms = zone_instant_ms(zone, wall, NULL);
        return true;
    }
    if (t[at] == ' ' && at + 1 < len) /* "2017-01-30 19:05 +0000" */
        at++;
    if ((t[at] == 'Z' || t[at] == 'z') && at + 1 == len) {
        *at_ms = wall;
        return true;
    }
    if (t[at] != '+' && t[at] != '-')
        return false;
    if (!digits(t, at + 1, 2, len, &oh))
        return false;
    if (at + 6 == len && t[at + 3] == ':') {
        if (!digits(t, at + 4, 2, len, &om))
            return false;
    } else if (at + 5 == len) {
        if (!digits(t, at + 3, 2, len, &om))
            return false;
    } else {
        return false;
    }
    if (oh > 23 || om > 59)
        return false;
    *at_ms = wall - (t[at] == '+' ? 1 : -1) * (oh * 60 + om) * 60000ll;
    return true;
}

bool region_is_sample(const char *region)
{
    return strncmp(region, "sample-", 7) == 0;
}

bool platform_is_social(const char *slug)
{
    for (size_t i = 0; i < sizeof social / sizeof *social; i++)
        if (strcmp(social[i], slug) == 0)
            return true;
    return false;
}
