/* Files below schema/ that are part of the program, by their path ("profiles/meta-facebook.json").
 */
#pragma once

struct embedded_file {
    const char *path;
    const char *text; /* NUL-terminated */
};
/* Ends with a NULL path; sorted by path. */
extern const struct embedded_file embedded_files[];
/* The text of a file, or NULL. */
const char *embedded_text(const char *path);
