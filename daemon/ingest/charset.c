#include "ingest/charset.h"

#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

/* The names taken, and what iconv calls them. */
static const struct {
    const char *name, *iconv_name;
} known[] = {
    {"utf-8", NULL},
    {"utf-16le", "UTF-16LE"},
    {"utf-16be", "UTF-16BE"},
    {"windows-1252", "CP1252"},
    {"iso-8859-1", "ISO-8859-1"},
    {"latin1", "ISO-8859-1"},
    {"iso-8859-15", "ISO-8859-15"},
};

struct charset {
    iconv_t cd; /* (iconv_t)-1 for UTF-8 */
    bool started;
    char held[4]; /* the first bytes, until a mark can be told; then half a character */
    size_t n_held;
    struct buf out;
};

struct charset *charset_open(const char *name, struct fail *f)
{
    struct charset *c = calloc(1, sizeof *c);
    const char *iconv_name = NULL;
    size_t i;

    if (!c) {
        fail_memory(f);
        return NULL;
    }
    c->cd = (iconv_t)-1;
    buf_init(&c->out, 1 << 22);
    if (!name || !*name)
        return c;
    for (i = 0; i < sizeof known / sizeof *known; i++)
        if (strcasecmp(known[i].name, name) == 0)
            break;
    if (i == sizeof known / sizeof *known) {
        fail_set(f, FAIL_UNPROCESSABLE, "unknown-charset", "charset",
                 "There is no charset \"%.40s\" here; UTF-8, UTF-16LE, UTF-16BE, windows-1252, "
                 "ISO-8859-1 and ISO-8859-15 are known.",
                 name);
        goto fail;
    }
    iconv_name = known[i].iconv_name;
    if (iconv_name) {
        c->cd = iconv_open("UTF-8", iconv_name);
        if (c->cd == (iconv_t)-1) {
            fail_set(f, FAIL_INTERNAL, "charset", "charset", "This system cannot read %s.", name);
            goto fail;
        }
    }
    return c;
fail:
    charset_close(c);
    return NULL;
}

void charset_close(struct charset *c)
{
    if (!c)
        return;
    if (c->cd != (iconv_t)-1)
        iconv_close(c->cd);
    buf_clear(&c->out);
    free(c);
}

static bool convert(struct charset *c, const char *data, size_t len, struct fail *f)
{
    char chunk[8192];
    char *in = (char *)(uintptr_t)data;

    while (len) {
        char *out = chunk;
        size_t left = sizeof chunk;
        size_t r = iconv(c->cd, &in, &len, &out, &left);
        int error = errno;

        if (!buf_add(&c->out, chunk, (size_t)(out - chunk)))
            return fail_memory(f);
        if (r == (size_t)-1) {
            if (error == E2BIG)
                continue;
            if (error == EINVAL && len < sizeof c->held) { /* half a character: keep it */
                memcpy(c->held, in, len);
                c->n_held = len;
                return true;
            }
            return fail_set(f, FAIL_UNPROCESSABLE, "bad-charset", NULL,
                            "The file has bytes that its encoding does not allow.");
        }
    }
    return true;
}

static bool start(struct charset *c, struct fail *f)
{
    const unsigned char *h = (const unsigned char *)c->held;
    size_t skip = 0;

    c->started = true;
    if (c->n_held >= 3 && h[0] == 0xef && h[1] == 0xbb && h[2] == 0xbf) {
        skip = 3;
    } else if (c->n_held >= 2 &&
               ((h[0] == 0xff && h[1] == 0xfe) || (h[0] == 0xfe && h[1] == 0xff))) {
        skip = 2;
        if (c->cd != (iconv_t)-1)
            iconv_close(c->cd);
        c->cd = iconv_open("UTF-8", h[0] == 0xff ? "UTF-16LE" : "UTF-16BE");
        if (c->cd == (iconv_t)-1)
            return fail_set(f, FAIL_INTERNAL, "charset", NULL, "This system cannot read UTF-16.");
    }
    c->n_held -= skip;
    memmove(c->held, c->held + skip, c->n_held);
    return true;
}

bool charset_feed(struct charset *c, const char *data, size_t len, const char **out,
                  size_t *out_len, struct fail *f)
{
    buf_reset(&c->out);
    *out_len = 0;
    *out = "";
    if (!c->started) {
        while (c->n_held < 3 && len) {
            c->held[c->n_held++] = *data++;
            len--;
        }
        if (c->n_held < 3)
            return true;
        if (!start(c, f))
            return false;
    }
    if (c->cd == (iconv_t)-1) {
        if (!c->n_held) { /* the usual case: no copy */
            *out = data;
            *out_len = len;
            return true;
        }
        if (!buf_add(&c->out, c->held, c->n_held) || !buf_add(&c->out, data, len))
            return fail_memory(f);
        c->n_held = 0;
    } else {
        /* Fill the character that was cut, byte by byte, then the rest in one go. */
        while (c->n_held && len) {
            char part[sizeof c->held];
            size_t n = c->n_held;

            memcpy(part, c->held, n);
            part[n++] = *data++;
            len--;
            c->n_held = 0;
            if (!convert(c, part, n, f))
                return false;
        }
        if (!convert(c, data, len, f))
            return false;
    }
    *out = buf_text(&c->out);
    *out_len = c->out.len;
    return true;
}

bool charset_finish(struct charset *c, const char **out, size_t *out_len, struct fail *f)
{
    buf_reset(&c->out);
    *out = "";
    *out_len = 0;
    if (!c->started && !start(c, f))
        return false;
    if (c->n_held && c->cd == (iconv_t)-1) {
        if (!buf_add(&c->out, c->held, c->n_held))
            return false;
        c->n_held = 0;
    } else if (c->n_held) {
        char part[sizeof c->held];
        size_t n = c->n_held;

        memcpy(part, c->held, n);
        c->n_held = 0;
        if (!convert(c, part, n, f))
            return false;
        if (c->n_held)
            return fail_set(f, FAIL_UNPROCESSABLE, "bad-charset", NULL,
                            "The file ends in the middle of a character.");
    }
    *out = buf_text(&c->out);
    *out_len = c->out.len;
    return true;
}

/* How many bytes follow a byte that begins a character; -1: it begins none. */
static int following(unsigned char c)
{
    return c < 0x80                 ? 0
           : c >= 0xc2 && c <= 0xdf ? 1
           : c >= 0xe0 && c <= 0xef ? 2
           : c >= 0xf0 && c <= 0xf4 ? 3
                                    : -1;
}

static void stray(struct charset_survey *s, unsigned char c)
{
    s->stray++;
    if (c == 0x81 || c == 0x8d || c == 0x8f || c == 0x90 || c == 0x9d || c >= 0xfe)
        s->odd = true;
}

/* How many bytes from here on are ASCII for sure: eight at a time. */
static size_t ascii_run(const char *data, size_t len)
{
    size_t n = 0;
    uint64_t eight;

    for (; len - n >= sizeof eight; n += sizeof eight) {
        memcpy(&eight, data + n, sizeof eight);
        if (eight & 0x8080808080808080u)
            break;
    }
    return n;
}

void charset_survey_feed(struct charset_survey *s, const char *data, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c;

        if (!s->need) {
            i += ascii_run(data + i, len - i);
            if (i == len)
                break;
        }
        c = (unsigned char)data[i];
        if (!s->need && c < 0x80)
            continue;
        if (s->need && (c & 0xc0) == 0x80) {
            if (++s->have == s->need) {
                s->valid++;
                s->need = 0;
            }
            continue;
        }
        if (s->need) { /* the run breaks off */
            if (s->have)
                s->broken++;
            else
                stray(s, s->last);
            s->need = 0;
        }
        if (c < 0x80)
            continue;
        s->need = following(c);
        s->have = 0;
        s->last = c;
        if (s->need < 0) {
            stray(s, c);
            s->need = 0;
        }
    }
}

const char *charset_survey_name(const struct charset_survey *s)
{
    return s->stray && !s->odd && s->stray > 4 * (s->valid + s->broken) ? "windows-1252" : NULL;
}
