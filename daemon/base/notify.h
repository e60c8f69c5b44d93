/* Telling systemd how it goes: one datagram to the socket that it names, see sd_notify(3). */
#pragma once

/*
 * state: "READY=1", "STOPPING=1", "STATUS=..." and the like, lines parted by \n. Does nothing where
 * nobody asked to be told (NOTIFY_SOCKET), and nothing comes of a failure: it is for information.
 */
void notify(const char *state);
