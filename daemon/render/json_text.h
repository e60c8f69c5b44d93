/*
 * JSON written straight into a buffer, for rows: the tree that jansson builds
 * first cost four times what the database did, in a profile of reads by id.
 * Answers with few members are built as trees, see render/json.h.
 *
 * Texts are UTF-8 already. Past the buffer's ceiling buf.over is set.
 */
#pragma once
#include "base/buf.h"
#include "store/post_reads.h"

struct json_text {
    struct buf *out; /* borrowed */
    bool follows;    /* something stands before: a comma is needed */
};

/* bracket: '{' or '['; '}' or ']'. */
void json_text_open(struct json_text *t, char bracket);
void json_text_close(struct json_text *t, char bracket);
void json_text_key(struct json_text *t, const char *name);
void json_text_string(struct json_text *t, const char *text); /* null for NULL */
void json_text_int(struct json_text *t, int64_t v);
void json_text_null(struct json_text *t);
void json_text_bool(struct json_text *t, bool v);

/* Members of an object that is open: what a post shows of itself. */
void json_text_post(struct json_text *t, const struct post_view *p);
/* The same, what only one post by itself shows: where its type is from, what its links say. */
void json_text_post_alone(struct json_text *t, const struct post_view *p);
/* One observation as an object. */
void json_text_observation(struct json_text *t, const struct observation_view *o);
