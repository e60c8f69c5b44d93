/*
 * Bodies that are one small JSON object, gathered and then read: a handler's own struct begins with
 * a struct small_json.
 */
#pragma once
#include "http/routes.h"

struct small_json {
    struct app *app;
    struct buf text;
};

/* A zeroed struct of `size` bytes that begins with a small_json; NULL with the reply filled in when
 * the body will not be taken. */
void *small_json_begin(struct app *app, const struct request *rq, struct reply *rp, size_t size);
bool small_json_feed(void *body, const char *data, size_t len);
/* Clears the text and frees the struct. */
void small_json_free(void *body);
/* The object, the caller's; NULL with *f when it is none, or too long. */
json_t *small_json_read(struct small_json *b, struct fail *f);
