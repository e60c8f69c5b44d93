#include "import/spool.h"
#include "base/ceilings.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define LOOK_EVERY (16ll << 20) /* bytes between two looks at the free space */
static const char prefix[] = "import-";

struct spool {
    int dir_fd;
};

struct spool_file {
    struct spool *spool;
    char name[SPOOL_NAME];
    int fd;
    bool sealed;
    int64_t bytes, look_at;
    crypto_generichash_state hash;
};

struct spool *spool_open(const char *dir, struct fail *f)
{
    struct spool *s;

    if (sodium_init() < 0) {
        fail_set(f, FAIL_INTERNAL, "no-random", NULL, "libsodium cannot be started.");
        return NULL;
    }
    if (mkdir(dir, 0750) != 0 && errno != EEXIST) {
        fail_set(f, FAIL_INTERNAL, "spool", NULL, "The folder %s cannot be made: %s.", dir,
                 strerror(errno));
        return NULL;
    }
    s = calloc(1, sizeof *s);
    if (s)
        s->dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (s && s->dir_fd >= 0)
        return s;
    fail_set(f, FAIL_INTERNAL, "spool", NULL, "The folder %s cannot be opened: %s.", dir,
             strerror(errno));
    free(s);
    return NULL;
}

void spool_close(struct spool *s)
{
    if (!s)
        return;
    close(s->dir_fd);
    free(s);
}

static bool io_fail(int error, const char *what, struct fail *f)
{
    if (error == ENOSPC || error == EDQUOT)
        return fail_set(f, FAIL_NO_SPACE, "no-space", NULL,
                        "The disk is full; the file was not taken.");
    return fail_set(f, FAIL_INTERNAL, "spool", NULL, "A spooled file cannot be %s: %s.", what,
                    strerror(error));
}

static bool has_space(struct spool *s, struct fail *f)
{
    struct statvfs v;

    if (fstatvfs(s->dir_fd, &v) == 0 && (long long)(v.f_bavail * v.f_frsize) < SPOOL_FREE_MIN)
        return fail_set(f, FAIL_NO_SPACE, "no-space", NULL,
                        "The disk has less than %lld MiB free; the file was not taken.",
                        SPOOL_FREE_MIN >> 20);
    return true;
}

struct spool_file *spool_create(struct spool *s, struct fail *f)
{
    struct spool_file *sf = calloc(1, sizeof *sf);
    unsigned char random[12];
    char hex[2 * sizeof random + 1];

    if (!sf) {
        fail_memory(f);
        return NULL;
    }
    sf->spool = s;
    sf->fd = -1;
    sf->look_at = LOOK_EVERY;
    if (!has_space(s, f))
        goto fail;
    randombytes_buf(random, sizeof random);
    sodium_bin2hex(hex, sizeof hex, random, sizeof random);
    snprintf(sf->name, sizeof sf->name, "%s%s", prefix, hex);
    sf->fd = openat(s->dir_fd, sf->name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    if (sf->fd < 0) {
        io_fail(errno, "made", f);
        goto fail;
    }
    crypto_generichash_init(&sf->hash, NULL, 0, crypto_generichash_BYTES);
    return sf;
fail:
    spool_file_free(sf);
    return NULL;
}

bool spool_write(struct spool_file *sf, const void *data, size_t len, struct fail *f)
{
    const char *at = data;

    if (sf->bytes + (int64_t)len > IMPORT_BODY_MAX)
        return fail_set(f, FAIL_TOO_LARGE, "too-large", NULL,
                        "A file to import may have at most %lld MiB.", IMPORT_BODY_MAX >> 20);
    if (sf->bytes + (int64_t)len > sf->look_at) {
        if (!has_space(sf->spool, f))
            return false;
        sf->look_at += LOOK_EVERY;
    }
    crypto_generichash_update(&sf->hash, data, len);
    sf->bytes += (int64_t)len;
    while (len) {
        ssize_t n = write(sf->fd, at, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return io_fail(errno, "written", f);
        at += n;
        len -= (size_t)n;
    }
    return true;
}

bool spool_seal(struct spool_file *sf, char name[SPOOL_NAME], int64_t *bytes, char hash[HASH_TEXT],
                struct fail *f)
{
    unsigned char digest[crypto_generichash_BYTES];

    if (fsync(sf->fd) != 0 || fsync(sf->spool->dir_fd) != 0)
        return io_fail(errno, "synced", f);
    crypto_generichash_final(&sf->hash, digest, sizeof digest);
    sodium_bin2hex(hash, HASH_TEXT, digest, sizeof digest);
    memcpy(name, sf->name, SPOOL_NAME);
    *bytes = sf->bytes;
    sf->sealed = true;
    return true;
}

void spool_file_free(struct spool_file *sf)
{
    if (!sf)
        return;
    if (sf->fd >= 0) {
        close(sf->fd);
        if (!sf->sealed)
            unlinkat(sf->spool->dir_fd, sf->name, 0);
    }
    free(sf);
}

int spool_read(struct spool *s, const char *name, struct fail *f)
{
    int fd = openat(s->dir_fd, name, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        io_fail(errno, "read", f);
    return fd;
}

void spool_remove(struct spool *s, const char *name)
{
    if (name[0])
        unlinkat(s->dir_fd, name, 0);
}

void spool_sweep(struct spool *s, bool (*wanted)(void *ctx, const char *name), void *ctx)
{
    int fd = dup(s->dir_fd);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    struct dirent *e;

    if (!dir) {
        if (fd >= 0)
            close(fd);
        return;
    }
    rewinddir(dir);
    while ((e = readdir(dir)) != NULL)
        if (strncmp(e->d_name, prefix, sizeof prefix - 1) == 0 && !wanted(ctx, e->d_name))
            unlinkat(s->dir_fd, e->d_name, 0);
    closedir(dir);
}

int spool_file_fd(const struct spool_file *sf)
{
    return sf->fd;
}
