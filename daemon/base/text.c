#include "base/text.h"

#include <string.h>

void text_copy(char *to, size_t size, const char *from)
{
    size_t n = from ? strlen(from) : 0;

    if (n >= size)
        n = size - 1;
    if (n)
        memcpy(to, from, n);
    to[n] = 0;
}
