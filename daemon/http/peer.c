#include "http/peer.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { ADDRESS_BYTES = 16 };

/* Before an IPv4 address as 16 bytes. */
static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

/* An address as 16 bytes, IPv4 as ::ffff:a.b.c.d; false for what is none. */
static bool read_address(const char *text, unsigned char bytes[ADDRESS_BYTES])
{
    memcpy(bytes, mapped, sizeof mapped);
    return inet_pton(AF_INET, text, bytes + 12) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
}

/* The first part of a list parted by commas, without blanks; where the next begins, or NULL. */
static const char *next_part(const char *list, char *part, size_t size)
{
    const char *comma;
    size_t len;

    list += strspn(list, " \t");
    comma = strchr(list, ',');
    len = comma ? (size_t)(comma - list) : strlen(list);
    while (len && (list[len - 1] == ' ' || list[len - 1] == '\t'))
        len--;
    snprintf(part, size, "%.*s", (int)(len < size ? len : 0), list);
    return comma ? comma + 1 : NULL;
}

static bool is_listed(const char *list, const unsigned char *bytes)
{
    unsigned char one[ADDRESS_BYTES];
    char part[INET6_ADDRSTRLEN];

    while (list) {
        list = next_part(list, part, sizeof part);
        if (bytes ? read_address(part, one) && memcmp(one, bytes, sizeof one) == 0
                  : strcmp(part, "unix") == 0)
            return true;
    }
    return false;
}

bool peer_are_proxies(const char *proxies, struct fail *f)
{
    unsigned char one[ADDRESS_BYTES];
    char part[INET6_ADDRSTRLEN];
    const char *rest = *proxies ? proxies : NULL;

    while (rest) {
        const char *at = rest;

        rest = next_part(rest, part, sizeof part);
        if (!read_address(part, one) && strcmp(part, "unix") != 0)
            return fail_set(f, FAIL_UNPROCESSABLE, "bad-proxies", NULL,
                            "\"%.*s\" is no address of a proxy; \"proxies\" takes addresses such "
                            "as 127.0.0.1 or ::1, and \"unix\", parted by commas.",
                            (int)strcspn(at, ","), at);
    }
    return true;
}

static bool of_connection(const struct sockaddr *a, unsigned char bytes[ADDRESS_BYTES])
{
    const struct sockaddr_in *v4 = (const void *)a;
    const struct sockaddr_in6 *v6 = (const void *)a;

    if (!a || (a->sa_family != AF_INET && a->sa_family != AF_INET6))
        return false;
    if (a->sa_family == AF_INET) {
        memcpy(bytes, mapped, sizeof mapped);
        memcpy(bytes + sizeof mapped, &v4->sin_addr, 4);
    } else {
        memcpy(bytes, &v6->sin6_addr, ADDRESS_BYTES);
    }
    return true;
}

/* The client's address, as far as it is believed; false: a UNIX socket. */
static bool believed(const struct sockaddr *address, const char *forwarded, const char *proxies,
                     unsigned char bytes[ADDRESS_BYTES])
{
    unsigned char told[ADDRESS_BYTES];
    bool known = of_connection(address, bytes);
    char last[INET6_ADDRSTRLEN] = "";

    if (forwarded && is_listed(proxies, known ? bytes : NULL)) {
        while (forwarded)
            forwarded = next_part(forwarded, last, sizeof last);
        if (read_address(last, told)) {
            memcpy(bytes, told, sizeof told);
            known = true;
        }
    }
    return known;
}

static bool is_v4(const unsigned char *bytes)
{
    return bytes[10] == 0xff && bytes[11] == 0xff && bytes[0] == 0;
}

void peer_name(const struct sockaddr *address, const char *forwarded, const char *proxies,
               char text[PEER_TEXT])
{
    unsigned char bytes[ADDRESS_BYTES];

    if (!believed(address, forwarded, proxies, bytes) ||
        !inet_ntop(is_v4(bytes) ? AF_INET : AF_INET6, is_v4(bytes) ? bytes + 12 : bytes, text,
                   PEER_TEXT))
        snprintf(text, PEER_TEXT, "unix");
}

uint64_t peer_number(const struct sockaddr *address, const char *forwarded, const char *proxies)
{
    unsigned char bytes[ADDRESS_BYTES];
    bool known = believed(address, forwarded, proxies, bytes);
    uint64_t number = 14695981039346656037u; /* FNV-1a */
    size_t len;

    /* IPv4: all of it; IPv6: the network */
    len = known ? is_v4(bytes) ? ADDRESS_BYTES : 8 : 0;
    for (size_t i = 0; i < len; i++)
        number = (number ^ bytes[i]) * 1099511628211u;
    return number;
}
