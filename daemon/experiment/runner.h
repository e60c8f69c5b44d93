/*
 * What the calendar brings about by itself: experiments start and end, their findings are computed
 * when they are due and their data are there, and kept as they were. A thread that looks whenever
 * the data or the day have changed.
 */
#pragma once
#include "base/zone.h"
#include "store/snapshot.h"
#include "store/writer.h"

struct runner;

struct runner_options {
    struct writer *writer; /* all three outlive it */
    struct snapshots *snapshots;
    struct zone *zone;
    const char *timezone; /* its name */
};

/* NULL with *f when the system gives no thread. */
struct runner *runner_start(const struct runner_options *o, struct fail *f);
/* Ends the thread; accepts NULL. */
void runner_stop(struct runner *r);
