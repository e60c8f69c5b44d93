/*
 * The HTTP server: with sending.c the only file that knows microhttpd.h. It guards,
 * routes, feeds bodies to the routes, sends replies, watches slow clients and
 * stops without dropping what it has accepted.
 */
#pragma once
#include "http/app.h"

#include <stddef.h>

struct server;

struct server_options {
    struct app *app;
    const char *listen;  /* "127.0.0.1:8640", "[::1]:0", "unix:/path" */
    const char *hosts;   /* further names allowed in Host; "" for none */
    const char *public;  /* the address by which people come, "https://..."; "" or NULL for none */
    const char *proxies; /* whose X-Forwarded-For is believed: addresses, "unix"; "" for none */
};

/* NULL with *f. Addresses beyond loopback take a file of tokens. */
struct server *server_start(const struct server_options *options, struct fail *f);
/* "http://127.0.0.1:8640" or "unix:/path", with the port that the kernel gave. */
const char *server_address(const struct server *s);
/* Accepts no more, finishes what was accepted, for HTTP_DRAIN_S at most. Accepts NULL. */
void server_stop(struct server *s);
