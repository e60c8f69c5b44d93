#include "http/guard.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

void guard_init(struct guard *g)
{
    memset(g, 0, sizeof *g);
    g->content_length = -1;
}

static void wrong(struct guard *g, const char *reason)
{
    if (!g->reason)
        g->reason = reason;
}

static int hex(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

void guard_target(struct guard *g, const char *t)
{
    if (t[0] != '/')
        wrong(g, "The address does not start with \"/\".");
    for (; *t; t++) {
        unsigned char c = (unsigned char)*t;

        if (c < 0x21 || c > 0x7e)
            wrong(g, "The address has a byte that must be written as %xx.");
        if (c != '%')
            continue;
        if (hex(t[1]) < 0 || hex(t[2]) < 0)
            wrong(g, "The address has a \"%\" without two hexadecimal digits.");
        else if (t[1] == '0' && t[2] == '0')
            wrong(g, "The address has a NUL byte in it.");
        if (!t[1])
            break;
    }
}

static bool is_token(const char *text, size_t len)
{
    if (!len)
        return false;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              (c && strchr("!#$%&'*+-.^_`|~", c))))
            return false;
    }
    return true;
}

static bool is_loopback(const char *name, size_t len)
{
    static const char *const loopback[] = {"localhost", "127.0.0.1", "[::1]"};

    for (size_t i = 0; i < sizeof loopback / sizeof *loopback; i++)
        if (strlen(loopback[i]) == len && strncasecmp(loopback[i], name, len) == 0)
            return true;
    return false;
}

/* A host with or without a port: whether its name is one of ours. */
static bool host_is_ours(const char *host, size_t len, const char *hosts)
{
    const char *bracket = len && host[0] == '[' ? memchr(host, ']', len) : NULL;
    const char *colon =
        memchr(bracket ? bracket : host, ':', len - (bracket ? (size_t)(bracket - host) : 0));
    size_t name = colon ? (size_t)(colon - host) : len;

    for (size_t i = name + (colon != NULL); i < len; i++)
        if (host[i] < '0' || host[i] > '9')
            return false;
    if (is_loopback(host, name))
        return true;
    while (hosts && *hosts) {
        size_t n = strcspn(hosts, ",");

        if (n && n == name && strncasecmp(hosts, host, n) == 0)
            return true;
        hosts += n + (hosts[n] == ',');
    }
    return false;
}

/* A host and its port; false for what is none. */
struct place {
    const char *host;
    size_t len;
    int port; /* 0: not stated */
};

static bool place_read(const char *text, size_t len, struct place *p)
{
    const char *bracket = len && text[0] == '[' ? memchr(text, ']', len) : NULL;
    const char *colon =
        memchr(bracket ? bracket : text, ':', len - (bracket ? (size_t)(bracket - text) : 0));
    const char *end = text + len;

    *p = (struct place){text, colon ? (size_t)(colon - text) : len, 0};
    if (!colon)
        return len > 0;
    if (++colon == end || *colon == '0' || end - colon > 5)
        return false;
    for (; colon < end; colon++) {
        if (*colon < '0' || *colon > '9')
            return false;
        p->port = p->port * 10 + (*colon - '0');
    }
    return p->len > 0 && p->port <= 65535;
}

/* "https://posts.example.org": its place, the port of its scheme where it states none. */
static bool origin_read(const char *text, size_t len, bool *tls, struct place *p)
{
    size_t scheme = len > 7 && strncasecmp(text, "http://", 7) == 0    ? 7
                    : len > 8 && strncasecmp(text, "https://", 8) == 0 ? 8
                                                                       : 0;

    *tls = scheme == 8;
    if (!scheme || !place_read(text + scheme, len - scheme, p))
        return false;
    if (!p->port)
        p->port = *tls ? 443 : 80;
    return true;
}

static bool same_host(const struct place *a, const struct place *b)
{
    return a->len == b->len && strncasecmp(a->host, b->host, a->len) == 0;
}

/* Whether the page that sends this is one of ours. */
static bool origin_is_ours(const struct guard *g, const char *public)
{
    struct place origin, host, known;
    size_t n = public ? strlen(public) : 0;
    bool tls, by_https = false;

    while (n && public[n - 1] == '/')
        n--;
    if (!origin_read(g->origin.text, g->origin.len, &tls, &origin))
        return false;
    if (n && origin_read(public, n, &by_https, &known) && tls == by_https &&
        origin.port == known.port && same_host(&origin, &known))
        return true;
    if (!g->host.text || !place_read(g->host.text, g->host.len, &host))
        return false;
    if (!host.port) /* that of the scheme by which the page came */
        host.port = tls ? 443 : 80;
    return same_host(&origin, &host) && origin.port == host.port &&
           (tls || !by_https || is_loopback(origin.host, origin.len));
}

static void content_length(struct guard *g, const char *value, size_t len)
{
    int64_t n = 0;

    if (g->n_length++)
        wrong(g, "Content-Length is given twice.");
    if (len < 1 || len > 18) {
        wrong(g, "Content-Length is no number of 1 to 18 digits.");
        return;
    }
    for (size_t i = 0; i < len; i++) {
        if (value[i] < '0' || value[i] > '9') {
            wrong(g, "Content-Length is no number of 1 to 18 digits.");
            return;
        }
        n = n * 10 + (value[i] - '0');
    }
    g->content_length = n;
}

static bool name_is(const char *name, size_t len, const char *want)
{
    return strlen(want) == len && strncasecmp(name, want, len) == 0;
}

void guard_header(struct guard *g, const char *name, size_t name_len, const char *value,
                  size_t value_len, const char *hosts)
{
    if (!is_token(name, name_len))
        wrong(g, "A header field has a name that is none.");
    for (size_t i = 0; i < value_len; i++) {
        unsigned char c = (unsigned char)value[i];

        if ((c < 0x20 && c != '\t') || c == 0x7f)
            wrong(g, "A header field has a control character in it.");
    }
    if (name_is(name, name_len, "Host")) {
        g->n_host++;
        g->host_allowed = host_is_ours(value, value_len, hosts);
        g->host = (struct guard_text){value, value_len};
    } else if (name_is(name, name_len, "Content-Length")) {
        content_length(g, value, value_len);
    } else if (name_is(name, name_len, "Transfer-Encoding")) {
        if (g->n_coding++)
            wrong(g, "Transfer-Encoding is given twice.");
        if (!name_is(value, value_len, "chunked"))
            wrong(g, "Transfer-Encoding is something other than \"chunked\".");
        g->chunked = true;
    } else if (name_is(name, name_len, "Authorization")) {
        if (g->n_authorization++)
            wrong(g, "Authorization is given twice.");
    } else if (name_is(name, name_len, "Sec-Fetch-Site")) {
        g->fetched_elsewhere =
            !name_is(value, value_len, "same-origin") && !name_is(value, value_len, "none");
    } else if (name_is(name, name_len, "Origin")) {
        if (g->has_origin)
            wrong(g, "Origin is given twice.");
        g->has_origin = true;
        g->origin = (struct guard_text){value, value_len};
    }
}

void guard_finish(struct guard *g, bool http_1_1, bool writes, const char *public)
{
    if (g->n_length && g->n_coding)
        wrong(g, "Content-Length and Transfer-Encoding are both given.");
    if (g->n_host > 1)
        wrong(g, "Host is given twice.");
    if (http_1_1 && !g->n_host)
        wrong(g, "Host is missing.");
    if (g->n_host && !g->host_allowed)
        wrong(g, "Host names none of the names of this server; the setting \"hosts\" adds names.");
    if (writes && g->has_origin && !origin_is_ours(g, public))
        wrong(g, "Origin is a page of another site; such pages may not write here.");
    if (writes && g->fetched_elsewhere)
        wrong(g, "Sec-Fetch-Site tells of a page of another site; such pages may not write here.");
    if (!writes && (g->content_length > 0 || g->chunked))
        wrong(g, "This method takes no body.");
}
