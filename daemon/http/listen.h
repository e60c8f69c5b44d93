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
/* Removes the file of a UNIX socket; address as listen_open() wrote it. */
void listen_remove(const char *address);
