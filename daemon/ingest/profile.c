/* The set of profiles, and what others may ask of one. Loading is in profile_load.c. */
#include "ingest/profile_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct profile_set {
    struct profile *profiles;
    int n;
};

const char *const day_order_names[ORDER_COUNT] = {"", "dmy", "mdy", "ymd"};

void heading_normalise(const char *text, size_t len, char out[HEADING_MAX])
{
    size_t n = 0;
    bool blank = false;

    for (size_t i = 0; i < len && n + 2 < HEADING_MAX; i++) {
        unsigned char c = (unsigned char)text[i];

        if (c == ' ' || c == '\t' || c == '\n' || c == '\r' ||
            (c == 0xc2 && i + 1 < len && (unsigned char)text[i + 1] == 0xa0)) {
            if (c == 0xc2)
                i++;
            blank = n > 0;
            continue;
        }
        if (blank)
            out[n++] = ' ';
        blank = false;
        out[n++] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
    }
    out[n] = 0;
}

void profile_set_free(struct profile_set *s)
{
    if (!s)
        return;
    for (int i = 0; i < s->n; i++)
        profile_clear(&s->profiles[i]);
    free(s->profiles);
    free(s);
}

/* A later profile of the same name takes the place of the earlier one. */
static void take(struct profile_set *s, struct profile *p)
{
    for (int i = 0; i < s->n; i++)
        if (strcmp(s->profiles[i].name, p->name) == 0) {
            profile_clear(&s->profiles[i]);
            s->profiles[i] = *p;
            return;
        }
    s->profiles[s->n++] = *p;
}

struct profile_set *profile_set_load(const char *const *texts, const char *const *files, int n,
                                     struct fail *f)
{
    struct profile_set *s = calloc(1, sizeof *s);

    if (!s)
        goto memory;
    s->profiles = calloc((size_t)n + 1, sizeof *s->profiles);
    if (!s->profiles)
        goto memory;
    for (int i = 0; i < n; i++) {
        const char *file = files && files[i] ? files[i] : "";
        struct profile *p = calloc(1, sizeof *p);
        struct fail inner = {0};

        if (!p)
            goto memory;
        if (profile_load(p, texts[i], &inner))
            p->file = strdup(file);
        if (!p->file) {
            if (inner.code == FAIL_NONE)
                fail_memory(&inner);
            fail_set(f, FAIL_INTERNAL, "bad-profile", p->name, "Profile %s: %s",
                     *file     ? file
                     : p->name ? p->name
                               : "without a name",
                     inner.sentence);
            profile_clear(p);
            free(p);
            profile_set_free(s);
            return NULL;
        }
        take(s, p);
        free(p);
    }
    return s;
memory:
    fail_memory(f);
    profile_set_free(s);
    return NULL;
}

int profile_set_count(const struct profile_set *s)
{
    return s->n;
}

const struct profile *profile_set_at(const struct profile_set *s, int i)
{
    return &s->profiles[i];
}

const struct profile *profile_by_name(const struct profile_set *s, const char *name)
{
    for (int i = 0; i < s->n; i++)
        if (strcmp(s->profiles[i].name, name) == 0)
            return &s->profiles[i];
    return NULL;
}

const char *profile_name(const struct profile *p)
{
    return p->name;
}

const char *profile_title(const struct profile *p)
{
    return p->title;
}

const char *profile_file(const struct profile *p)
{
    return p->file;
}

int profile_version(const struct profile *p)
{
    return p->version;
}

enum record_kind profile_kind(const struct profile *p)
{
    return p->kind;
}

bool profile_refuses(const struct profile *p)
{
    return p->refuse_code != NULL;
}

bool profile_is_own(const struct profile *p)
{
    return p->refuse_unknown;
}

const char *profile_scheme(const struct profile *p)
{
    return p->scheme;
}

bool profile_absent_is_zero(const struct profile *p)
{
    return p->absent_is_zero;
}
