/* Where a request comes from, as far as that can be believed. Pure. */
#pragma once
#include "base/fail.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/*
 * A number for the client's address: the same for the same one, and for all of the /64 of an IPv6
 * address, which is what one subscriber has. address: the other end of the connection; NULL or
 * of another kind: a UNIX socket. forwarded: the X-Forwarded-For header, or NULL; its last address
 * counts, and only where the connection comes from one of proxies: addresses parted by commas,
 * "unix" for UNIX sockets.
 */
uint64_t peer_number(const struct sockaddr *address, const char *forwarded, const char *proxies);
/* Whether these are addresses and "unix" parted by commas; "": none. False with *f. */
bool peer_are_proxies(const char *proxies, struct fail *f);
/* The same address in words: "192.0.2.1", "2001:db8::1", "unix". */
enum { PEER_TEXT = 46 };
void peer_name(const struct sockaddr *address, const char *forwarded, const char *proxies,
               char text[PEER_TEXT]);
