/*
 * What the HTTP library lets through and should not: looked at before anything
 * else of a request. Two readings of one request are how requests are smuggled,
 * so every doubt is a 400 and the end of the connection. Pure.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct guard_text {
    const char *text; /* NULL: there is none */
    size_t len;
};

struct guard {
    const char *reason; /* the first thing wrong, a sentence; NULL: nothing */
    int n_host, n_length, n_coding, n_authorization;
    bool host_allowed, has_origin;
    bool fetched_elsewhere;         /* Sec-Fetch-Site names another site */
    struct guard_text host, origin; /* as they came; the caller's */
    int64_t content_length;         /* -1: not stated */
    bool chunked;
};

void guard_init(struct guard *g);
/* The raw target as it came. */
void guard_target(struct guard *g, const char *target);
/* One header field. hosts: further names allowed in Host, parted by commas ("": none). */
void guard_header(struct guard *g, const char *name, size_t name_len, const char *value,
                  size_t value_len, const char *hosts);
/*
 * All have been seen, and their values are still there. writes: the method changes something; then
 * an Origin must be ours: that of Host, or the public address ("https://posts.example.org"; NULL or
 * "": none). With one that is https none is that came without, but on this machine.
 */
void guard_finish(struct guard *g, bool http_1_1, bool writes, const char *public);
