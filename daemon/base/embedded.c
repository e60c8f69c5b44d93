#include "base/embedded.h"

#include <stddef.h>
#include <string.h>

const char *embedded_text(const char *path)
{
    for (const struct embedded_file *e = embedded_files; e->path; e++)
        if (strcmp(e->path, path) == 0)
            return e->text;
    return NULL;
}
