/* A folder that files are dropped into, emptied by cron. */
#pragma once
#include "cli/importing.h"

/*
 * Takes each file of the folder once and moves it to done/ or failed/ in it, with a report beside.
 * Silent when all went well. Exit code: 0, 65 when something was bad, 75 when it should be tried
 * again (no daemon, a folder that cannot be written), 66 when there is no such folder.
 */
int spool_run(struct importing *im, const char *folder);
