#include "http/listen.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 512 };
static const char unix_prefix[] = "unix:";

static bool cannot(const char *where, int error, struct fail *f)
{
    return fail_set(f, FAIL_INTERNAL, "cannot-listen", NULL, "Cannot listen on %.200s: %s.%s",
                    where, strerror(error),
                    error == EADDRINUSE ? " Another postliftd may be running there; \"--listen\" "
                                          "or POSTLIFT_LISTEN names another address."
                                        : "");
}

/* Whether somebody answers on a socket file. */
static bool is_alive(const struct sockaddr_un *a)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool alive = fd >= 0 && connect(fd, (const struct sockaddr *)a, sizeof *a) == 0;

    if (fd >= 0)
        close(fd);
    return alive;
}

static int open_unix(const char *where, char *address, size_t size, struct fail *f)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    const char *path = where + sizeof unix_prefix - 1;
    struct stat st;
    int fd;

    if (path[0] != '/' || strlen(path) >= sizeof a.sun_path) {
        fail_set(f, FAIL_INTERNAL, "bad-address", NULL,
                 "\"%.200s\" is no address to listen on: the path of a socket starts with / and "
                 "has at most %zu bytes.",
                 where, sizeof a.sun_path - 1);
        return -1;
    }
    text_copy(a.sun_path, sizeof a.sun_path, path);
    if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode)) {
        if (is_alive(&a)) {
            cannot(where, EADDRINUSE, f);
            return -1;
        }
        unlink(path); /* left over by a crash */
    }
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a) != 0 || chmod(path, 0660) != 0 ||
        listen(fd, BACKLOG) != 0) {
        cannot(where, errno, f);
        if (fd >= 0)
            close(fd);
        return -1;
    }
    snprintf(address, size, "%s", where);
    return fd;
}

static bool split(const char *where, char host[64], char port[8])
{
    const char *colon = strrchr(where, ':');
    size_t n = colon ? (size_t)(colon - where) : 0;

    if (!colon || n == 0 || n >= 64 || strlen(colon + 1) < 1 || strlen(colon + 1) > 5 ||
        strspn(colon + 1, "0123456789") != strlen(colon + 1) || strtol(colon + 1, NULL, 10) > 65535)
        return false;
    if (where[0] == '[') {
        if (where[n - 1] != ']')
            return false;
        snprintf(host, 64, "%.*s", (int)n - 2, where + 1);
    } else {
        if (memchr(where, ':', n))
            return false;
        snprintf(host, 64, "%.*s", (int)n, where);
    }
    snprintf(port, 8, "%s", colon + 1);
    return true;
}

static bool is_loopback(const struct sockaddr *a)
{
    if (a->sa_family == AF_INET)
        return (ntohl(((const struct sockaddr_in *)(const void *)a)->sin_addr.s_addr) >> 24) == 127;
    return a->sa_family == AF_INET6 &&
           IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)(const void *)a)->sin6_addr);
}

static bool beyond_loopback(const char *where, struct fail *f)
{
    return fail_set(
        f, FAIL_INTERNAL, "beyond-loopback", NULL,
        "postliftd does not listen on %.100s without a file of tokens, since everyone there could "
        "read and write everything: name one by --tokens (\"postlift token add\" makes it), or "
        "listen on loopback (127.0.0.1, [::1]) or a UNIX socket.",
        where);
}

int listen_activated(bool beyond, char *address, size_t size, struct fail *f)
{
    enum { FIRST = 3 }; /* after standard input, output and error */
    const char *pid = getenv("LISTEN_PID"), *n = getenv("LISTEN_FDS");
    struct sockaddr_storage bound = {0};
    const struct sockaddr *any = (const struct sockaddr *)&bound;
    const struct sockaddr_un *local = (const struct sockaddr_un *)&bound;
    socklen_t len = sizeof bound, int_len = sizeof(int);
    char host[NI_MAXHOST], port[NI_MAXSERV];
    int listens = 0, type = 0, flags;

    if (!pid || !n || strtol(pid, NULL, 10) != (long)getpid())
        return LISTEN_NONE;
    if (strcmp(n, "1") != 0) {
        fail_set(f, FAIL_INTERNAL, "activation", NULL,
                 "%.10s sockets were handed over at the start; postliftd takes one.", n);
        return -1;
    }
    flags = fcntl(FIRST, F_GETFL);
    if (flags < 0 || getsockname(FIRST, (struct sockaddr *)&bound, &len) != 0 ||
        getsockopt(FIRST, SOL_SOCKET, SO_ACCEPTCONN, &listens, &int_len) != 0 || !listens ||
        getsockopt(FIRST, SOL_SOCKET, SO_TYPE, &type, &int_len) != 0 || type != SOCK_STREAM ||
        fcntl(FIRST, F_SETFL, flags | O_NONBLOCK) != 0 || fcntl(FIRST, F_SETFD, FD_CLOEXEC) != 0) {
        fail_set(f, FAIL_INTERNAL, "activation", NULL,
                 "What was handed over at the start is no stream socket that is listened on.");
        return -1;
    }
    if (any->sa_family == AF_UNIX) {
        snprintf(address, size, "%s%.*s", unix_prefix, (int)sizeof local->sun_path,
                 local->sun_path);
        return FIRST;
    }
    if (getnameinfo(any, len, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
        fail_set(f, FAIL_INTERNAL, "activation", NULL,
                 "The socket that was handed over at the start is of an unknown kind.");
        return -1;
    }
    snprintf(address, size, any->sa_family == AF_INET6 ? "http://[%s]:%s" : "http://%s:%s", host,
             port);
    if (!beyond && !is_loopback(any)) {
        beyond_loopback(address, f);
        return -1;
    }
    return FIRST;
}

int listen_open(const char *where, bool beyond, char *address, size_t size, struct fail *f)
{
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
                             .ai_socktype = SOCK_STREAM};
    struct addrinfo *info = NULL;
    struct sockaddr_storage bound;
    socklen_t len = sizeof bound;
    char host[64], port[8];
    int fd = -1, on = 1;
    uint16_t number;

    if (strncmp(where, unix_prefix, sizeof unix_prefix - 1) == 0)
        return open_unix(where, address, size, f);
    if (!split(where, host, port) ||
        getaddrinfo(strcmp(host, "localhost") == 0 ? "127.0.0.1" : host, port, &hints, &info) !=
            0) {
        fail_set(f, FAIL_INTERNAL, "bad-address", NULL,
                 "\"%.200s\" is no address to listen on; it looks like 127.0.0.1:8640, [::1]:8640 "
                 "or unix:/run/postlift/socket.",
                 where);
        return -1;
    }
    if (!beyond && !is_loopback(info->ai_addr)) {
        beyond_loopback(where, f);
        goto fail;
    }
    fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(fd, info->ai_addr, info->ai_addrlen) != 0 || listen(fd, BACKLOG) != 0 ||
        getsockname(fd, (struct sockaddr *)&bound, &len) != 0) {
        cannot(where, errno, f);
        goto fail;
    }
    number = bound.ss_family == AF_INET ? ((struct sockaddr_in *)&bound)->sin_port
                                        : ((struct sockaddr_in6 *)&bound)->sin6_port;
    snprintf(address, size, bound.ss_family == AF_INET ? "http://%s:%u" : "http://[%s]:%u",
             strcmp(host, "localhost") == 0 ? "127.0.0.1" : host, (unsigned)ntohs(number));
    freeaddrinfo(info);
    return fd;
fail:
    if (fd >= 0)
        close(fd);
    freeaddrinfo(info);
    return -1;
}

void listen_remove(const char *address)
{
    if (strncmp(address, unix_prefix, sizeof unix_prefix - 1) == 0)
        unlink(address + sizeof unix_prefix - 1);
}
