/* Copying text into an array of known size. */
#pragma once
#include <stddef.h>

/* As much of `from` (NULL: nothing) as fits into size bytes with its NUL. */
void text_copy(char *to, size_t size, const char *from);
