/*
 * The open connections and their deadlines. The library's time-out only measures
 * silence: a client that drips a byte now and then lives for ever. So every
 * connection has a moment by which it must have come further, and one thread
 * ends those that have not.
 */
#pragma once
#include "http/auth.h"

#include <stdbool.h>
#include <stdint.h>

struct connections;
struct connection;

/* NULL when memory or threads are short. */
struct connections *connections_new(void);
void connections_free(struct connections *cs);
/* A connection begins; its deadline is that of a request's head. NULL when out of memory. */
struct connection *connections_add(struct connections *cs, int fd);
/* Before its descriptor is closed. Accepts NULL. */
void connections_remove(struct connections *cs, struct connection *c);

/* Who asked on it last; its own. NULL for NULL. */
struct known *connection_known(struct connection *c);

/* Each moves the deadline. Accept NULL. */
void connection_rests(struct connection *c); /* waits for a request's head */
void connection_receives(struct connection *c, int64_t began_ms, int64_t bytes); /* a body */
void connection_works(struct connection *c); /* our turn: no deadline */
void connection_sends(struct connection *c, int64_t bytes);

/* Ends those that wait for a request; how many are left. */
int connections_end_idle(struct connections *cs);
