#include "http/pages.h"
#include "render/page.h"

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
    rp->content_type = type;
}

void reply_page(struct reply *rp)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    char text[sodium_base64_ENCODED_LEN(sizeof hash, sodium_base64_VARIANT_ORIGINAL)];

    crypto_hash_sha256(hash, (const unsigned char *)page_style, strlen(page_style));
    sodium_bin2base64(text, sizeof text, hash, sizeof hash, sodium_base64_VARIANT_ORIGINAL);
    snprintf(rp->policy, sizeof rp->policy,
             "default-src 'none'; style-src 'sha256-%s'; frame-ancestors 'none'", text);
    done(rp, "text/html; charset=utf-8");
}

void reply_calendar(struct reply *rp)
{
    done(rp, "text/calendar; charset=utf-8");
}
