/*
 * .xls spreadsheets → CSV, by libfreexl where configure found it. The library parses what strangers
 * made, so it does so in a process of its own with little memory and time: whatever happens to that
 * one, the daemon goes on.
 */
#pragma once
#include "base/fail.h"

#include <stdbool.h>

/* Whether a file begins as .xls files do. */
bool spreadsheet_is(int fd);
/* Whether this postlift can read them. */
bool spreadsheet_can(void);
/*
 * Writes the sheet "All posts", or the first one, of the file at `path` to out_fd as CSV, by
 * running this program anew. False with *f when it is no spreadsheet, damaged, or takes too long.
 */
bool spreadsheet_to_csv(const char *path, int out_fd, struct fail *f);
/* What that process does; returns its exit code. Its only words go to standard error. */
int spreadsheet_main(const char *path);
