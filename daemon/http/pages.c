#include "http/pages.h"
#include "base/ceilings.h"
#include "render/page.h"
#include "render/svg.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

static void done(struct reply *rp, const char *type)
{
    struct fail f = {0};

    if (rp->body.over) {
        fail_set(&f, FAIL_BUSY, "out-of-memory", NULL, "Out of memory; try again.");
        reply_fail(rp, &f);
        return;
    }
    rp->status = 200;
    rp->packs = true;
    rp->content_type = type;
}

enum {
    HASH_TEXT = sodium_base64_ENCODED_LEN(crypto_hash_sha256_BYTES, sodium_base64_VARIANT_ORIGINAL)
};

static void hash_of(const char *text, size_t len, char out[HASH_TEXT])
{
    unsigned char hash[crypto_hash_sha256_BYTES];

    crypto_hash_sha256(hash, (const unsigned char *)text, len);
    sodium_bin2base64(out, HASH_TEXT, hash, sizeof hash, sodium_base64_VARIANT_ORIGINAL);
}

static void hash_of_pictures(char out[HASH_TEXT])
{
    struct buf style;

    buf_init(&style, SMALL_BODY_MAX);
    svg_style(SVG_AUTO, &style);
    hash_of(buf_text(&style), style.len, out);
    buf_clear(&style);
}

void reply_page(struct reply *rp)
{
    char page[HASH_TEXT];

    hash_of(page_style, strlen(page_style), page);
    snprintf(rp->policy, sizeof rp->policy,
             "default-src 'none'; style-src 'sha256-%s'; frame-ancestors 'none'", page);
    done(rp, "text/html; charset=utf-8");
}

void reply_form(struct reply *rp)
{
    char page[HASH_TEXT];

    hash_of(page_style, strlen(page_style), page);
    snprintf(rp->policy, sizeof rp->policy,
             "default-src 'none'; style-src 'sha256-%s'; form-action 'self'; base-uri 'none'; "
             "frame-ancestors 'none'",
             page);
    rp->has_form = true;
    done(rp, "text/html; charset=utf-8");
}

void reply_report(struct reply *rp)
{
    char page[HASH_TEXT], pictures[HASH_TEXT];

    hash_of(page_style, strlen(page_style), page);
    hash_of_pictures(pictures);
    snprintf(rp->policy, sizeof rp->policy,
             "default-src 'none'; style-src 'sha256-%s' 'sha256-%s'; frame-ancestors 'none'", page,
             pictures);
    done(rp, "text/html; charset=utf-8");
}

void reply_dashboard(struct reply *rp, const char *style)
{
    char page[HASH_TEXT], pictures[HASH_TEXT];

    hash_of(style, strlen(style), page);
    hash_of_pictures(pictures);
    snprintf(rp->policy, sizeof rp->policy,
             "default-src 'none'; script-src 'self'; style-src 'sha256-%s' 'sha256-%s'; "
             "img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; "
             "frame-ancestors 'none'",
             page, pictures);
    done(rp, "text/html; charset=utf-8");
}

void reply_calendar(struct reply *rp)
{
    done(rp, "text/calendar; charset=utf-8");
}
