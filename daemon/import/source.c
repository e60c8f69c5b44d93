#include "import/source.h"
#include "base/ceilings.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

struct source {
    int fd;
    gzFile gz; /* NULL: it is not packed */
    int64_t total;
    bool ended;
};

static bool unreadable(struct fail *f)
{
    return fail_set(f, FAIL_INTERNAL, "spool", NULL, "A spooled file cannot be read: %s.",
                    strerror(errno));
}

struct source *source_open(int fd, struct fail *f)
{
    struct source *s = calloc(1, sizeof *s);
    unsigned char magic[2] = {0, 0};
    int copy;

    if (!s) {
        fail_memory(f);
        return NULL;
    }
    s->fd = fd;
    if (lseek(fd, 0, SEEK_SET) != 0 || pread(fd, magic, sizeof magic, 0) < 0) {
        unreadable(f);
        free(s);
        return NULL;
    }
    if (magic[0] != 0x1f || magic[1] != 0x8b)
        return s;
    copy = dup(fd);
    s->gz = copy >= 0 ? gzdopen(copy, "rb") : NULL;
    if (s->gz)
        return s;
    if (copy >= 0)
        close(copy);
    fail_memory(f);
    free(s);
    return NULL;
}

void source_close(struct source *s)
{
    if (!s)
        return;
    if (s->gz)
        gzclose_r(s->gz);
    free(s);
}

static bool read_packed(struct source *s, char *data, size_t size, size_t *len, struct fail *f)
{
    int n = gzread(s->gz, data, (unsigned)size), error = Z_OK;

    if (n >= 0)
        gzerror(s->gz, &error);
    if (n < 0 || error == Z_BUF_ERROR || error == Z_DATA_ERROR)
        return fail_set(f, FAIL_UNPROCESSABLE, "broken-gzip", NULL,
                        "The file is packed with gzip and is damaged or cut off: it cannot be "
                        "unpacked to its end.");
    *len = (size_t)n;
    return true;
}

bool source_read(struct source *s, char *data, size_t size, size_t *len, struct fail *f)
{
    *len = 0;
    while (*len < size && !s->ended) {
        size_t got = 0;

        if (s->gz) {
            if (!read_packed(s, data + *len, size - *len, &got, f))
                return false;
        } else {
            ssize_t n = read(s->fd, data + *len, size - *len);

            if (n < 0 && errno == EINTR)
                continue;
            if (n < 0)
                return unreadable(f);
            got = (size_t)n;
        }
        s->ended = got == 0;
        *len += got;
        s->total += (int64_t)got;
        if (s->total > IMPORT_BODY_MAX)
            return fail_set(f, FAIL_TOO_LARGE, "too-large", NULL,
                            "Unpacked, the file is larger than the %lld bytes that one may have.",
                            IMPORT_BODY_MAX);
    }
    return true;
}
