#include "http/connections.h"
#include "base/ceilings.h"
#include "base/clock.h"
#include "http/stats.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>

struct connection {
    int fd;
    _Atomic int64_t deadline_ms; /* 0: none */
    _Atomic bool idle;
    struct connection *next, *prev;
    struct known known; /* of the thread that answers on it, alone */
};

struct connections {
    pthread_t thread;
    pthread_mutex_t lock; /* the list; also: no descriptor is closed while it is held */
    pthread_cond_t stop;
    struct connection *first;
    int n;
    bool stopping;
};

static void end_overdue(struct connections *cs)
{
    int64_t now = clock_steady_ms();

    for (struct connection *c = cs->first; c; c = c->next) {
        int64_t deadline = atomic_load(&c->deadline_ms);

        if (!deadline || now < deadline)
            continue;
        atomic_store(&c->deadline_ms, 0);
        if (!atomic_load(&c->idle))
            atomic_fetch_add(&http_stats.deadline_cut, 1);
        shutdown(c->fd, SHUT_RDWR);
    }
}

static void *watch(void *arg)
{
    struct connections *cs = arg;
    struct timespec next;

    pthread_mutex_lock(&cs->lock);
    while (!cs->stopping) {
        clock_gettime(CLOCK_MONOTONIC, &next);
        next.tv_nsec += 500000000;
        if (next.tv_nsec >= 1000000000) {
            next.tv_nsec -= 1000000000;
            next.tv_sec++;
        }
        pthread_cond_timedwait(&cs->stop, &cs->lock, &next);
        end_overdue(cs);
    }
    pthread_mutex_unlock(&cs->lock);
    return NULL;
}

struct connections *connections_new(void)
{
    struct connections *cs = calloc(1, sizeof *cs);
    pthread_condattr_t attr;

    if (!cs)
        return NULL;
    pthread_mutex_init(&cs->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&cs->stop, &attr);
    pthread_condattr_destroy(&attr);
    if (pthread_create(&cs->thread, NULL, watch, cs) == 0)
        return cs;
    pthread_cond_destroy(&cs->stop);
    pthread_mutex_destroy(&cs->lock);
    free(cs);
    return NULL;
}

void connections_free(struct connections *cs)
{
    if (!cs)
        return;
    pthread_mutex_lock(&cs->lock);
    cs->stopping = true;
    pthread_cond_signal(&cs->stop);
    pthread_mutex_unlock(&cs->lock);
    pthread_join(cs->thread, NULL);
    pthread_cond_destroy(&cs->stop);
    pthread_mutex_destroy(&cs->lock);
    free(cs);
}

struct connection *connections_add(struct connections *cs, int fd)
{
    struct connection *c = calloc(1, sizeof *c);

    if (!c)
        return NULL;
    c->fd = fd;
    connection_rests(c);
    pthread_mutex_lock(&cs->lock);
    c->next = cs->first;
    if (c->next)
        c->next->prev = c;
    cs->first = c;
    cs->n++;
    pthread_mutex_unlock(&cs->lock);
    atomic_fetch_add(&http_stats.connections, 1);
    return c;
}

void connections_remove(struct connections *cs, struct connection *c)
{
    if (!c)
        return;
    pthread_mutex_lock(&cs->lock);
    if (c->prev)
        c->prev->next = c->next;
    else
        cs->first = c->next;
    if (c->next)
        c->next->prev = c->prev;
    cs->n--;
    pthread_mutex_unlock(&cs->lock);
    atomic_fetch_sub(&http_stats.connections, 1);
    free(c);
}

struct known *connection_known(struct connection *c)
{
    return c ? &c->known : NULL;
}

static void set(struct connection *c, int64_t deadline_ms, bool idle)
{
    if (!c)
        return;
    atomic_store(&c->idle, idle);
    atomic_store(&c->deadline_ms, deadline_ms);
}

void connection_rests(struct connection *c)
{
    set(c, clock_steady_ms() + HTTP_HEADER_DEADLINE_S * 1000, true);
}

void connection_receives(struct connection *c, int64_t began_ms, int64_t bytes)
{
    set(c, began_ms + HTTP_BODY_GRACE_S * 1000 + bytes * 1000 / HTTP_BODY_RATE_MIN, false);
}

void connection_works(struct connection *c)
{
    set(c, 0, false);
}

void connection_sends(struct connection *c, int64_t bytes)
{
    set(c, clock_steady_ms() + HTTP_SEND_GRACE_S * 1000 + bytes * 1000 / HTTP_SEND_RATE_MIN, false);
}

/* A request that is in the socket but was not read yet is accepted work. */
static bool has_bytes(int fd)
{
    int n = 0;

    return ioctl(fd, FIONREAD, &n) == 0 && n > 0;
}

int connections_end_idle(struct connections *cs)
{
    int n;

    pthread_mutex_lock(&cs->lock);
    for (struct connection *c = cs->first; c; c = c->next)
        if (atomic_load(&c->idle) && !has_bytes(c->fd))
            shutdown(c->fd, SHUT_RDWR);
    n = cs->n;
    pthread_mutex_unlock(&cs->lock);
    return n;
}
