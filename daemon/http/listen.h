/* Opening the socket to listen on. */
#pragma once
#include "base/fail.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Where to listen: "ADDRESS:PORT", "[IPV6]:PORT", "localhost:PORT" or
 * "unix:/path". Returns the listening descriptor and writes the address as
 * clients use it, or -1 with *f. beyond: whether addresses beyond loopback may be
 * listened on; they are refused in words otherwise.
 */
int listen_open(const char *where, bool beyond, char *address, size_t size, struct fail *f);
/*
 * The socket that a service manager listens on for us (sd_listen_fds(3)): its descriptor, or
 * LISTEN_NONE where there is none; -1 with *f when it cannot be used, by the same rules.
 * The file of a UNIX socket is the manager's: it is not to be removed.
 */
enum { LISTEN_NONE = -2 };
int listen_activated(bool beyond, char *address, size_t size, struct fail *f);
/* Removes the file of a UNIX socket; address as listen_open() wrote it. */
void listen_remove(const char *address);
