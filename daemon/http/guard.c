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

/* The port that stands behind a host; "" where there is none, or it is no port. */
static void port_of(const char *host, size_t len, char port[8])
{
    size_t n = 0;

    while (n < len && n < 6 && host[len - n - 1] >= '0' && host[len - n - 1] <= '9')
        n++;
    port[0] = 0;
    if (n && n < 6 && n < len && host[len - n - 1] == ':')
        snprintf(port, 8, "%.*s", (int)n, host + len - n);
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
        port_of(value, value_len, g->host_port);
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
        const char *host = value_len > 7 && strncasecmp(value, "http://", 7) == 0    ? value + 7
                           : value_len > 8 && strncasecmp(value, "https://", 8) == 0 ? value + 8
                                                                                     : NULL;

        g->has_origin = true;
        g->origin_foreign = !host || !host_is_ours(host, value_len - (size_t)(host - value), hosts);
        if (host)
            port_of(value, value_len, g->origin_port);
        /* by the public address alone: on this machine there is no proxy in between */
        if (g->tls && host == value + 7 &&
            !is_loopback(host,
                         value_len - 7 - (g->origin_port[0] ? strlen(g->origin_port) + 1 : 0)))
            g->origin_foreign = true;
    }
}

void guard_finish(struct guard *g, bool http_1_1, bool writes)
{
    if (g->n_length && g->n_coding)
        wrong(g, "Content-Length and Transfer-Encoding are both given.");
    if (g->n_host > 1)
        wrong(g, "Host is given twice.");
    if (http_1_1 && !g->n_host)
        wrong(g, "Host is missing.");
    if (g->n_host && !g->host_allowed)
        wrong(g, "Host names none of the names of this server; the setting \"hosts\" adds names.");
    if (g->host_port[0] && g->origin_port[0] && strcmp(g->host_port, g->origin_port) != 0)
        g->origin_foreign = true; /* another program of this machine */
    if (writes && g->origin_foreign)
        wrong(g, "Origin is a page of another site; such pages may not write here.");
    if (writes && g->fetched_elsewhere)
        wrong(g, "Sec-Fetch-Site tells of a page of another site; such pages may not write here.");
    if (!writes && (g->content_length > 0 || g->chunked))
        wrong(g, "This method takes no body.");
}
