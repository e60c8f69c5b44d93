/* A client of the daemon's API, over TCP or a UNIX socket. */
#pragma once
#include "base/buf.h"
#include "base/fail.h"
#include "base/tokens.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct client;

/* url: "http://127.0.0.1:8640" or "unix:/path". NULL with *f when it is neither. */
struct client *client_open(const char *url, struct fail *f);
/* Sends the token of a file from now on: its first line. False with *f when it has none. */
bool client_use_token(struct client *c, const char *path, struct fail *f);
void client_close(struct client *c);
/* Where the last answer goes on (its Link header), as a target; "" at the end. */
const char *client_next(const struct client *c);

/* An address that grows by parameters. */
struct target {
    struct buf text;
    bool has_query;
};
void target_init(struct target *t, const char *path);
void target_clear(struct target *t);
/* Appends one parameter, escaped. */
void target_add(struct target *t, struct client *c, const char *name, const char *value);

/* Appends one segment of the path, escaped; the path ends in "/" before it or none follows. */
void target_path(struct target *t, struct client *c, const char *segment);

/*
 * One request. *status: the answer's; body: its bytes. False with *f when there
 * was no answer: FAIL_NOT_FOUND no daemon, FAIL_BUSY it broke off.
 */
bool client_get(struct client *c, const char *target, unsigned *status, struct buf *body,
                struct fail *f);
/* The same, the body to a file as it comes where the status is 200, else into `problem`. *bytes:
 * how many were written. */
bool client_get_stream(struct client *c, const char *target, FILE *out, unsigned *status,
                       struct buf *problem, int64_t *bytes, struct fail *f);
bool client_delete(struct client *c, const char *target, unsigned *status, struct buf *body,
                   struct fail *f);
bool client_post_json(struct client *c, const char *target, const char *json, unsigned *status,
                      struct buf *body, struct fail *f);
/* The same by another method: PUT. */
bool client_send_json(struct client *c, const char *method, const char *target, const char *json,
                      unsigned *status, struct buf *body, struct fail *f);
/* Told how many bytes went out; total is -1 when not known. */
typedef void (*client_sent_fn)(void *ctx, int64_t sent, int64_t total);
/* Sends a stream to its end; size -1: not known beforehand. type: of the content. */
bool client_post_stream(struct client *c, const char *target, const char *type, FILE *in,
                        int64_t size, client_sent_fn sent, void *ctx, unsigned *status,
                        struct buf *body, struct fail *f);
