/* Copying text into an array of known size. */
#pragma once
#include <stddef.h>

/* As much of `from` (NULL: nothing) as fits into size bytes with its NUL. */
void text_copy(char *to, size_t size, const char *from);
/*
 * The beginning of a text (NULL: "") for a label: at most `letters` characters and what fits into
 * size bytes, whole UTF-8 characters only, runs of white space as one blank; ends with "…" where
 * something was left off.
 */
void text_begin(char *to, size_t size, const char *from, int letters);
