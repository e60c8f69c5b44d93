#include "audit/window.h"
#include "base/ceilings.h"

#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* What the handler below must know; one window is open at a time. */
static _Atomic(char *) mapped;
static atomic_size_t mapped_size;
static atomic_bool was_cut;

/*
 * A mapped page that the file no longer has, because somebody cut it: memory of our own is put in
 * its place, so that the writer goes on and sees it was cut. mmap is a bare call of the system
 * here.
 */
static void on_bus_error(int number, siginfo_t *info, void *context)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    char *from = atomic_load(&mapped), *at = info->si_addr;

    (void)context;
    if (from && at >= from && at < from + atomic_load(&mapped_size) &&
        mmap((char *)((uintptr_t)at & ~(page - 1)), page, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED) {
        atomic_store(&was_cut, true);
        return;
    }
    signal(number, SIG_DFL); /* not ours: it comes again, and ends the process as ever */
}

static bool is_watched(void)
{
    static atomic_int state; /* 1: the handler is there, -1: it cannot be */
    struct sigaction action;

    if (atomic_load(&state) == 0) {
        memset(&action, 0, sizeof action);
        action.sa_sigaction = on_bus_error;
        action.sa_flags = SA_SIGINFO;
        atomic_store(&state, sigaction(SIGBUS, &action, NULL) == 0 ? 1 : -1);
    }
    return atomic_load(&state) == 1;
}

static enum window_state none(int fd, int64_t end)
{
    return ftruncate(fd, end) == 0 ? WINDOW_NONE : WINDOW_STUCK;
}

enum window_state window_open(struct window *w, int fd, int64_t end)
{
    int64_t page = sysconf(_SC_PAGESIZE);
    char *nothing = NULL, *map;

    if (w->map || atomic_load(&mapped) || !is_watched())
        return WINDOW_NONE;
    w->from = end / page * page;
    w->size = READ_LOG_WINDOW;
    if (fallocate(fd, 0, end, w->from + READ_LOG_WINDOW - end) != 0)
        return none(fd, end);
    map = mmap(NULL, w->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, w->from);
    if (map == MAP_FAILED)
        return none(fd, end);
    atomic_store(&was_cut, false);
    atomic_store(&mapped_size, w->size);
    if (!atomic_compare_exchange_strong(&mapped, &nothing, map)) { /* another was faster */
        munmap(map, w->size);
        return none(fd, end);
    }
    w->map = map;
    w->ready = 0;
    return WINDOW_OPEN;
}

bool window_holds(const struct window *w, int64_t at, size_t len)
{
    return w->map && at >= w->from && at + (int64_t)len <= w->from + (int64_t)w->size;
}

/* Pages for the next bytes, many at once: one fault each costs more, and comes under a lock. Where
 * that cannot be had each comes by itself, as ever. */
static void make_ready(struct window *w, size_t to)
{
    while (w->ready < to) {
        size_t left = w->size - w->ready;
        size_t step = left < READ_LOG_STEP ? left : READ_LOG_STEP;

        madvise(w->map + w->ready, step, MADV_POPULATE_WRITE);
        w->ready += step;
    }
}

bool window_put(struct window *w, int64_t at, const void *data, size_t len)
{
    make_ready(w, (size_t)(at - w->from) + len);
    memcpy(w->map + (at - w->from), data, len);
    return !atomic_load(&was_cut);
}

bool window_close(struct window *w, int fd, int64_t end)
{
    if (!w->map)
        return true;
    atomic_store(&mapped, NULL);
    munmap(w->map, w->size);
    w->map = NULL;
    return !atomic_load(&was_cut) && ftruncate(fd, end) == 0;
}
