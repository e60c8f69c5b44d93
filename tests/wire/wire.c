/*
 * Raw bytes over TCP against a running daemon: a table of malformed requests,
 * each with the status it must get, or with the connection's plain end. TAP.
 *
 * usage: wire PORT [slow]
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define H "Host: localhost\r\n"
#define END "\r\n"
#define POST "POST /api/v1/posts HTTP/1.1\r\n" H "Content-Type: application/json\r\n"
#define BAD_ID "{\"platform\":\"x\",\"id\":\"w\"}" /* 28 bytes; lacks its type: 422 */

static const struct {
    const char *name, *bytes;
    size_t len;       /* 0: strlen */
    const char *want; /* the statuses that must come, in order, parted by blanks; "": none */
} table[] = {
#define T(name, text, want) \
    { \
        name, text, sizeof(text) - 1, want \
    }
    T("a plain request is answered", "GET /healthz HTTP/1.1\r\n" H END, "200"),
    T("HTTP/1.0 needs no host", "GET /healthz HTTP/1.0\r\n" END, "200"),
    T("two requests in one packet are both answered, in order",
      "GET /healthz HTTP/1.1\r\n" H END "GET /nothing HTTP/1.1\r\n" H END, "200 404"),
    T("HTTP/1.1 without a host is refused", "GET /healthz HTTP/1.1\r\n" END, "400"),
    T("two hosts are refused", "GET /healthz HTTP/1.1\r\n" H H END, "400"),
    T("a foreign host is refused", "GET /healthz HTTP/1.1\r\nHost: evil.example\r\n" END, "400"),
    T("an encoded NUL in the path is refused", "GET /healthz%00x HTTP/1.1\r\n" H END, "400"),
    T("a broken percent sign is refused", "GET /healthz%4 HTTP/1.1\r\n" H END, "400"),
    T("a raw byte beyond ASCII in the path is refused", "GET /\xc3\xbc HTTP/1.1\r\n" H END, "400"),
    T("an absolute target is refused", "GET http://localhost/healthz HTTP/1.1\r\n" H END, "400"),
    T("dots climb nowhere", "GET /api/../../etc/passwd HTTP/1.1\r\n" H END, "404"),
    T("two lengths are refused, and nothing after them is read as a request",
      POST "Content-Length: 5\r\nContent-Length: 6\r\n" END "helloGET /healthz HTTP/1.1\r\n" H END,
      "400"),
    T("the same length twice is refused",
      POST "Content-Length: 5\r\nContent-Length: 5\r\n" END "hello", "400"),
    T("length and coding together are refused, and nothing is smuggled",
      POST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n" END
           "0\r\n\r\nGET /healthz HTTP/1.1\r\n" H END,
      "400"),
    T("an unknown transfer coding is refused at once",
      POST "Transfer-Encoding: gzip\r\n" END "xxxx", "400"),
    T("chunked twice is refused",
      POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n" END "0\r\n\r\n", "400"),
    T("a body where none belongs is refused",
      "GET /healthz HTTP/1.1\r\n" H "Content-Length: 5\r\n" END "hello", "400"),
    T("a length beyond all bounds is refused before the body",
      POST "Content-Length: 2147483648\r\n" END, "413"),
    T("a length with a sign is refused", POST "Content-Length: +5\r\n" END "hello", "*400"),
    T("a method nobody knows is 405 where the path is known",
      "FROBNICATE /healthz HTTP/1.1\r\n" H END, "405"),
    T("a known method on the wrong path is 405", "DELETE /api/v1/posts HTTP/1.1\r\n" H END, "405"),
    T("a page of another site may not write",
      POST "Origin: http://evil.example\r\nContent-Length: 2\r\n" END "{}", "400"),
    T("a body without a type is 415",
      "POST /api/v1/posts HTTP/1.1\r\n" H "Content-Length: 2\r\n" END "{}", "415"),
    T("a coded body is 415", POST "Content-Encoding: gzip\r\nContent-Length: 2\r\n" END "{}",
      "415"),
    T("an empty body is 400", POST "Content-Length: 0\r\n" END, "400"),
    T("a record that is bad is 422", POST "Content-Length: 25\r\n" END BAD_ID, "422"),
    T("a chunked body is read",
      POST "Transfer-Encoding: chunked\r\n" END "19\r\n" BAD_ID "\r\n0\r\n\r\n", "422"),
    T("a body that ends too soon is an end without an answer or a refusal",
      POST "Content-Length: 100\r\n" END "{", "*"),
    T("a chunk size that is none ends the connection or is refused",
      POST "Transfer-Encoding: chunked\r\n" END "zz\r\n", "*"),
    T("something that is no HTTP is refused or ended", "\x16\x03\x01\x02\x00\x01\x00\x01", "*"),
    T("a blank before a colon is refused", "GET /healthz HTTP/1.1\r\nHost : localhost\r\n" END,
      "*400"),
#undef T
};

static int n_tests;

static void report(bool ok, const char *name, const char *got)
{
    n_tests++;
    printf("%sok %d - %s\n", ok ? "" : "not ", n_tests, name);
    if (!ok)
        printf("# got: %s\n", got);
}

static int dial(int port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    struct timeval timeout = {.tv_sec = 5};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    inet_pton(AF_INET, "127.0.0.1", &a.sin_addr);
    if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof a) != 0) {
        perror("connect");
        exit(99);
    }
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    return fd;
}

static bool send_all(int fd, const char *bytes, size_t len)
{
    while (len) {
        ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);

        if (n < 0)
            return false;
        bytes += n;
        len -= (size_t)n;
    }
    return true;
}

/* Reads to the end of the connection; the status codes of all answers in it. */
static void statuses(int fd, char *out, size_t size)
{
    static char answer[1 << 20];
    size_t len = 0;
    ssize_t n;

    while (len < sizeof answer - 1 && (n = recv(fd, answer + len, sizeof answer - 1 - len, 0)) > 0)
        len += (size_t)n;
    answer[len] = 0;
    out[0] = 0;
    for (char *p = answer; (p = strstr(p, "HTTP/1.")) != NULL; p++)
        if ((p == answer || p[-1] == '\n' || p[-1] == '}') && strlen(p) > 12)
            snprintf(out + strlen(out), size - strlen(out), "%s%.3s", out[0] ? " " : "", p + 9);
}

static void run_table(int port)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char got[256];
        int fd = dial(port);
        const char *want = table[i].want;
        bool ok;

        send_all(fd, table[i].bytes, table[i].len);
        shutdown(fd, SHUT_WR);
        statuses(fd, got, sizeof got);
        close(fd);
        /* "*": the library's own answer, of whatever kind but a success */
        ok = want[0] == '*' ? !strstr(got, "200") && (!want[1] || strstr(got, want + 1))
                            : strcmp(got, want) == 0;
        report(ok, table[i].name, got[0] ? got : "nothing");
    }
}

static void run_long(int port)
{
    size_t len = 200000;
    char *text = malloc(len + 200), got[256];
    int fd;

    memset(text, 'a', len);
    memcpy(text, "GET /", 5);
    strcpy(text + len, " HTTP/1.1\r\n" H END);
    fd = dial(port);
    send_all(fd, text, strlen(text));
    shutdown(fd, SHUT_WR);
    statuses(fd, got, sizeof got);
    close(fd);
    report(!strstr(got, "200") && !strstr(got, "404"), "an address of 200 kB is refused or ended",
           got);
    memset(text, 'a', len);
    memcpy(text, "GET / HTTP/1.1\r\n" H "X: ", 16 + strlen(H) + 3);
    strcpy(text + len, END END);
    fd = dial(port);
    send_all(fd, text, strlen(text));
    shutdown(fd, SHUT_WR);
    statuses(fd, got, sizeof got);
    close(fd);
    report(!strstr(got, "200") && !strstr(got, "404"), "a header of 200 kB is refused or ended",
           got);
    free(text);
}

/* The answer to HEAD ends with its head. */
static void run_head(int port)
{
    static const char request[] = "HEAD /healthz HTTP/1.1\r\n" H "Connection: close\r\n" END;
    char answer[8192];
    size_t len = 0;
    ssize_t n;
    int fd = dial(port);

    send_all(fd, request, sizeof request - 1);
    while (len < sizeof answer - 1 && (n = recv(fd, answer + len, sizeof answer - 1 - len, 0)) > 0)
        len += (size_t)n;
    answer[len] = 0;
    close(fd);
    report(strncmp(answer, "HTTP/1.1 200", 12) == 0 && len > 4 &&
               strcmp(answer + len - 4, "\r\n\r\n") == 0 && strstr(answer, "Content-Length: "),
           "HEAD has a length and no body", answer);
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Sends a head, then a byte a half second; how long the connection lived, 60 at most. */
static double drip(int port, const char *head, char byte)
{
    struct timespec nap = {.tv_nsec = 500000000};
    int fd = dial(port);
    double began = now();

    send_all(fd, head, strlen(head));
    while (now() - began < 60) {
        char c;

        if (send(fd, &byte, 1, MSG_NOSIGNAL) != 1)
            break;
        errno = 0;
        if (recv(fd, &c, 1, MSG_DONTWAIT) == 0 || errno != EAGAIN)
            break;
        nanosleep(&nap, NULL);
    }
    close(fd);
    return now() - began;
}

static void run_slow(int port)
{
    char got[64];
    double lived = drip(port, POST "Content-Length: 10000\r\n" END, ' ');

    snprintf(got, sizeof got, "%.1f s", lived);
    report(lived > 5 && lived < 30, "a body of two bytes a second is ended after its grace", got);
    lived = drip(port, "GET /healthz HTTP/1.1\r\nX: ", 'a');
    snprintf(got, sizeof got, "%.1f s", lived);
    report(lived > 5 && lived < 40, "a head that drips is ended though it is never silent", got);
}

int main(int argc, char **argv)
{
    int port = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 0;

    if (port <= 0) {
        fputs("usage: wire PORT [slow]\n", stderr);
        return 2;
    }
    errno = 0;
    if (argc > 2)
        run_slow(port);
    else {
        run_table(port);
        run_head(port);
        run_long(port);
    }
    printf("1..%d\n", n_tests);
    return 0;
}
