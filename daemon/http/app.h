/* What the handlers work with: the parts of the running daemon. */
#pragma once
#include "base/veil.h"
#include "audit/read_log.h"
#include "base/zone.h"
#include "http/auth.h"
#include "import/importer.h"
#include "ingest/profile.h"
#include "store/keeper.h"
#include "store/snapshot.h"
#include "store/writer.h"

#include <stdatomic.h>

struct app {
    struct writer *writer;
    struct snapshots *snapshots;
    struct importer *importer;
    struct keeper *keeper;
    struct auth *auth;
    struct read_log *read_log;
    bool public_tls; /* people reach it by https: cookies go by no other way */
    const struct profile_set *profiles;
    struct zone *zone;
    const char *timezone; /* its name */
    const char *database_id;
    struct veil veil;          /* on: over numbers told to callers of some regions */
    _Atomic bool ready;        /* false while starting and stopping */
    _Atomic int64_t in_flight; /* bytes of bodies being taken in */
};
