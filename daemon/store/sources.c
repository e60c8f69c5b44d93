#include "store/sources.h"
#include "base/text.h"
#include "record/record.h"

#include <stdio.h>
#include <string.h>

enum { SQL_LEARN, SQL_STATE, SQL_FIND, SQL_LIST, SQL_COUNT };
static const char *const texts[SQL_COUNT] = {
    [SQL_LEARN] = "INSERT INTO sources (name, source) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
    [SQL_STATE] = "INSERT INTO sources (name, source, stated) VALUES (?1, ?2, 1)"
                  " ON CONFLICT DO UPDATE SET source = excluded.source, stated = 1",
    [SQL_FIND] = "SELECT source, stated FROM sources WHERE name = ?1",
    [SQL_LIST] = "SELECT name, source, stated FROM sources ORDER BY source, name",
};
const struct db_sql sources_sql = {DB_SOURCES, SQL_COUNT, texts};

/* Domains of social platforms, matched as the whole host or its end after a dot. */
static const struct {
    const char *domain, *source;
} domains[] = {
    {"facebook.com", "facebook"},
    {"fb.com", "facebook"},
    {"fb.me", "facebook"},
    {"instagram.com", "instagram"},
    {"twitter.com", "x"},
    {"x.com", "x"},
    {"t.co", "x"},
    {"linkedin.com", "linkedin"},
    {"lnkd.in", "linkedin"},
    {"tiktok.com", "tiktok"},
    {"youtube.com", "youtube"},
    {"youtu.be", "youtube"},
    {"pinterest.com", "pinterest"},
    {"com.linkedin.android", "linkedin"},
    {"com.twitter.android", "x"},
    {"com.facebook.katana", "facebook"},
    {"threads.com", "threads"},
    {"reddit.com", "reddit"},
    {"threads.net", "threads"},
    {"bsky.app", "bluesky"},
    {"mastodon.social", "mastodon"},
    {"whatsapp.com", "whatsapp"},
    {"vk.com", "vk"},
    {"xing.com", "xing"},
    {"tumblr.com", "tumblr"},
    {"t.me", "telegram"},
    {"snapchat.com", "snapchat"},
};

/* Channel groups of GA4 and Universal Analytics. */
static const struct {
    const char *name, *source;
} channels[] = {
    {"organic social", "social"},
    {"social", "social"},
    {"paid social", "paid-social"},
    {"organic search", "organic"},
    {"paid search", "paid-search"},
    {"organic video", "video"},
    {"direct", "direct"},
    {"(direct)", "direct"},
    {"referral", "referral"},
    {"email", "email"},
    {"display", "display"},
    {"unassigned", "unassigned"},
    {"(other)", "other"},
    {"all", "all"},
    {"total", "all"},
};

static const struct {
    const char *medium, *source;
} mediums[] = {
    {"organic", "organic"},     {"(none)", "direct"},       {"email", "email"},
    {"e-mail", "email"},        {"cpc", "paid-search"},     {"ppc", "paid-search"},
    {"referral", "referral"},   {"affiliate", "affiliate"}, {"display", "display"},
    {"social", "social-other"},
};

static bool ends_in_domain(const char *host, const char *domain)
{
    size_t h = strlen(host), d = strlen(domain);

    return h >= d && strcmp(host + h - d, domain) == 0 && (h == d || host[h - d - 1] == '.');
}

/* What people write for a platform in utm_source. */
static const struct {
    const char *name, *source;
} short_names[] = {
    {"fb", "facebook"}, {"ig", "instagram"}, {"insta", "instagram"},      {"li", "linkedin"},
    {"yt", "youtube"},  {"tw", "x"},         {"igshopping", "instagram"},
};

static bool is_paid(const char *medium)
{
    return strcmp(medium, "cpc") == 0 || strcmp(medium, "ppc") == 0 || strcmp(medium, "cpm") == 0 ||
           strncmp(medium, "paid", 4) == 0;
}

/* A social platform by its name, its short name or one of its domains. */
static bool is_platform(const char *name)
{
    char slug[SLUG_MAX + 1];

    if (strcmp(name, "meta") == 0)
        return true;
    for (size_t i = 0; i < sizeof short_names / sizeof *short_names; i++)
        if (strcmp(name, short_names[i].name) == 0)
            return true;
    for (size_t i = 0; i < sizeof domains / sizeof *domains; i++)
        if (ends_in_domain(name, domains[i].domain))
            return true;
    return platform_make(name, strlen(name), slug) && platform_is_social(slug);
}

void source_guess(const char *name, char source[SLUG_MAX + 1])
{
    char lower[NAME_MAX_BYTES + 1];
    char *slash, *medium = NULL;
    size_t n = 0;

    for (; name[n] && n < NAME_MAX_BYTES; n++)
        lower[n] = (char)(name[n] >= 'A' && name[n] <= 'Z' ? name[n] + 32 : name[n]);
    lower[n] = 0;
    for (size_t i = 0; i < sizeof channels / sizeof *channels; i++)
        if (strcmp(lower, channels[i].name) == 0) {
            text_copy(source, SLUG_MAX + 1, channels[i].source);
            return;
        }
    slash = strstr(lower, " / ");
    if (slash) {
        *slash = 0;
        medium = slash + 3;
    }
    /* of a platform, but paid for or sent by mail: no traffic of its posts */
    if (medium && (strcmp(medium, "email") == 0 || strcmp(medium, "e-mail") == 0)) {
        text_copy(source, SLUG_MAX + 1, "email");
        return;
    }
    if (medium && is_paid(medium) && is_platform(lower)) {
        text_copy(source, SLUG_MAX + 1, "paid-social");
        return;
    }
    for (size_t i = 0; i < sizeof short_names / sizeof *short_names; i++)
        if (medium && strcmp(lower, short_names[i].name) == 0) {
            text_copy(source, SLUG_MAX + 1, short_names[i].source);
            return;
        }
    for (size_t i = 0; i < sizeof domains / sizeof *domains; i++)
        if (ends_in_domain(lower, domains[i].domain)) {
            text_copy(source, SLUG_MAX + 1, domains[i].source);
            return;
        }
    if (medium) {
        /* "facebook / social", "Twitter / social": a platform named outright */
        if (platform_make(lower, strlen(lower), source) && platform_is_social(source))
            return;
        for (size_t i = 0; i < sizeof mediums / sizeof *mediums; i++)
            if (strcmp(medium, mediums[i].medium) == 0) {
                text_copy(source, SLUG_MAX + 1, mediums[i].source);
                return;
            }
        text_copy(source, SLUG_MAX + 1, "other");
        return;
    }
    if (!platform_make(lower, strlen(lower), source))
        text_copy(source, SLUG_MAX + 1, "other");
}

bool source_learn(struct db *db, const char *name, struct fail *f)
{
    struct db_stmt *s = db_get(db, &sources_sql, SQL_LEARN, f);
    char source[SLUG_MAX + 1];

    if (!s)
        return false;
    source_guess(name, source);
    db_bind_text(s, 1, name);
    db_bind_text(s, 2, source);
    return db_run(s, f);
}

bool source_state(struct db *db, const char *name, const char *source, bool *changed,
                  struct fail *f)
{
    struct db_stmt *s = db_get(db, &sources_sql, SQL_FIND, f);
    enum db_result r;

    if (!s)
        return false;
    db_bind_text(s, 1, name);
    r = db_step(s, f);
    *changed = !(r == DB_ROW && strcmp(db_text(s, 0), source) == 0 && db_int(s, 1));
    db_reset(s);
    if (r == DB_ERROR)
        return false;
    s = db_get(db, &sources_sql, SQL_STATE, f);
    if (!s)
        return false;
    db_bind_text(s, 1, name);
    db_bind_text(s, 2, source);
    return db_run(s, f);
}

bool sources_each(struct db *db, source_fn fn, void *ctx, struct fail *f)
{
    struct db_stmt *s = db_get(db, &sources_sql, SQL_LIST, f);
    enum db_result r;

    if (!s)
        return false;
    while ((r = db_step(s, f)) == DB_ROW) {
        struct source_row row = {db_text(s, 0), db_text(s, 1), db_int(s, 2) != 0};

        if (!fn(ctx, &row))
            break;
    }
    db_reset(s);
    return r != DB_ERROR;
}
