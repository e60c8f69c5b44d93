#include "audit/window.h"
#include "base/ceilings.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Held while a window begins, ends or gets memory. */
static pthread_mutex_t room = PTHREAD_MUTEX_INITIALIZER;
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

/* While a window is open its file is written at places, otherwise at its end alone. Refused for a
 * file that may only be appended to: that one has no windows. */
static bool set_appending(int fd, bool on)
{
    int flags = fcntl(fd, F_GETFL);

    return flags >= 0 && fcntl(fd, F_SETFL, on ? flags | O_APPEND : flags & ~O_APPEND) == 0;
}

static enum window_state none(int fd, int64_t end)
{
    return set_appending(fd, true) && ftruncate(fd, end) == 0 ? WINDOW_NONE : WINDOW_STUCK;
}

/* Whether the file has the room that was set aside: what somebody cut must not grow again. */
static bool is_whole(const struct window *w)
{
    struct stat st;

    return fstat(w->fd, &st) == 0 && st.st_size >= w->from + (int64_t)w->size;
}

static enum window_state open_room(struct window *w, int fd, int64_t end)
{
    int64_t page = sysconf(_SC_PAGESIZE);
    char *nothing = NULL, *map;

    if (w->map || atomic_load(&mapped) || !is_watched() || !set_appending(fd, false))
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
    w->fd = fd;
    atomic_store(&w->ready, 0);
    return WINDOW_OPEN;
}

enum window_state window_open(struct window *w, int fd, int64_t end)
{
    enum window_state state;

    pthread_mutex_lock(&room);
    state = open_room(w, fd, end);
    pthread_mutex_unlock(&room);
    return state;
}

bool window_holds(const struct window *w, int64_t at, size_t len)
{
    return w->map && at >= w->from && at + (int64_t)len <= w->from + (int64_t)w->size;
}

/*
 * Memory for the next bytes, much at once: a fault for each page costs more. NULs are written
 * first, behind what is in use: pages that the system has already are mapped at a third of the cost
 * of those that it must set up for a map. What cannot be had comes by itself, as ever. `room` is
 * held, and nothing is put behind `ready`.
 */
static bool make_ready(struct window *w, size_t used)
{
    static const char nuls[READ_LOG_STEP];
    size_t ready = atomic_load(&w->ready), left = w->size - ready;
    size_t step = left < READ_LOG_STEP ? left : READ_LOG_STEP;
    size_t end = ready + step, from = ready > used ? ready : used;

    if (!is_whole(w))
        return false;
    if (pwrite(w->fd, nuls, end - from, w->from + (int64_t)from) == (ssize_t)(end - from))
        madvise(w->map + ready, step, MADV_POPULATE_WRITE);
    atomic_store(&w->ready, end);
    return true;
}

bool window_is_short(const struct window *w, int64_t at)
{
    size_t ready = atomic_load(&w->ready);

    return w->map && ready && ready < w->size && at > w->from + (int64_t)ready - READ_LOG_STEP / 2;
}

void window_prepare(struct window *w, int64_t at)
{
    if (pthread_mutex_trylock(&room) != 0) /* somebody does so */
        return;
    if (window_is_short(w, at))
        make_ready(w, 0); /* a file that was cut shows at the next entry */
    pthread_mutex_unlock(&room);
}

bool window_put(struct window *w, int64_t at, const void *data, size_t len)
{
    size_t used = (size_t)(at - w->from);
    bool ok = true;

    if (used + len > atomic_load(&w->ready)) {
        pthread_mutex_lock(&room);
        while (ok && used + len > atomic_load(&w->ready))
            ok = make_ready(w, used);
        pthread_mutex_unlock(&room);
    }
    if (!ok)
        return false;
    memcpy(w->map + used, data, len - 1);
    atomic_thread_fence(memory_order_release); /* whoever sees the end of a line sees all of it */
    w->map[used + len - 1] = ((const char *)data)[len - 1];
    return !atomic_load(&was_cut);
}

bool window_close(struct window *w, int64_t end)
{
    bool whole;

    if (!w->map)
        return true;
    pthread_mutex_lock(&room);
    atomic_store(&mapped, NULL);
    munmap(w->map, w->size);
    w->map = NULL;
    whole = !atomic_load(&was_cut) && is_whole(w);
    pthread_mutex_unlock(&room);
    return set_appending(w->fd, true) && whole && ftruncate(w->fd, end) == 0;
}
