#include "import/adding.h"
#include "base/ceilings.h"
#include "base/day.h"
#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct entry {
    struct record r;
    int64_t table;
    unsigned lost; /* a bit a metric that a row of the key lacks: the sum is not known */
};

/* A day and source of which a row could not be read. */
struct spoil {
    int32_t day; /* DAY_NONE: any */
    int64_t line;
    char *source; /* owned; NULL: any */
};

struct adding {
    bool adds;
    struct arena arena;
    struct entry *entry;
    size_t n, cap;
    uint32_t *slot; /* index + 1 of an entry; 0: free */
    size_t slots;
    uint64_t *mark; /* hashes of key and mark; 0: free */
    size_t marks, mark_slots;
    struct spoil *spoil; /* owned; the first ADDING_SPOILS_MAX, then all is spoilt */
    size_t n_spoils;
};

struct adding *adding_new(bool adds)
{
    struct adding *a = calloc(1, sizeof *a);

    if (!a)
        return NULL;
    a->adds = adds;
    arena_init(&a->arena, ADDING_BYTES_MAX);
    return a;
}

void adding_free(struct adding *a)
{
    if (!a)
        return;
    arena_clear(&a->arena);
    free(a->entry);
    free(a->slot);
    free(a->mark);
    for (size_t i = 0; i < a->n_spoils; i++)
        free(a->spoil[i].source);
    free(a->spoil);
    free(a);
}

bool adding_spoil(struct adding *a, int32_t day, const char *source, int64_t line)
{
    struct spoil s = {day, line, NULL}, *more;

    for (size_t i = 0; i < a->n_spoils; i++) {
        const struct spoil *had = &a->spoil[i];

        if ((had->day == DAY_NONE || had->day == day) &&
            (!had->source || (source && strcmp(had->source, source) == 0)))
            return true;
    }
    if (a->n_spoils == ADDING_SPOILS_MAX) { /* so much damage is no file to add up */
        s.day = DAY_NONE;
        source = NULL;
    }
    if (source && !(s.source = strdup(source)))
        return false;
    more = realloc(a->spoil, (a->n_spoils + 1) * sizeof *more);
    if (!more) {
        free(s.source);
        return false;
    }
    a->spoil = more;
    more[a->n_spoils++] = s;
    return true;
}

bool adding_is_spoilt(const struct adding *a)
{
    return a->n_spoils > 0;
}

void adding_again(struct adding *a)
{
    arena_reset(&a->arena);
    a->n = a->marks = 0;
    if (a->slot)
        memset(a->slot, 0, a->slots * sizeof *a->slot);
    if (a->mark)
        memset(a->mark, 0, a->mark_slots * sizeof *a->mark);
}

int64_t adding_spoilt_by(const struct adding *a, const struct record *r)
{
    for (size_t i = 0; i < a->n_spoils; i++) {
        const struct spoil *s = &a->spoil[i];

        if ((s->day == DAY_NONE || s->day == r->traffic.day) &&
            (!s->source || (r->traffic.source && strcmp(s->source, r->traffic.source) == 0)))
            return s->line;
    }
    return 0;
}

/* FNV-1a, with a last mixing (MurmurHash3's) since tables take its low bits. */
static uint64_t hash_add(uint64_t h, const char *text)
{
    for (; text && *text; text++)
        h = (h ^ (unsigned char)*text) * 0x100000001b3u;
    return (h ^ 0xff) * 0x100000001b3u;
}

static uint64_t hash_end(uint64_t h)
{
    h ^= h >> 33;
    h *= 0xff51afd7ed558ccdu;
    h ^= h >> 33;
    h *= 0xc4ceb9fe1a85ec53u;
    h ^= h >> 33;
    return h ? h : 1;
}

static uint64_t hash_key(const struct traffic *t)
{
    uint64_t h = 0xcbf29ce484222325u ^ (uint32_t)t->day;

    return hash_add(hash_add(hash_add(h, t->source), t->region), t->campaign);
}

static bool same_text(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "") == 0;
}

static bool same_key(const struct traffic *a, const struct traffic *b)
{
    return a->day == b->day && same_text(a->source, b->source) && same_text(a->region, b->region) &&
           same_text(a->campaign, b->campaign);
}

static bool grow_entries(struct adding *a, struct fail *f)
{
    size_t cap = a->cap ? a->cap * 2 : 256, slots = cap * 2;
    struct entry *entry;
    uint32_t *slot;

    if (a->n < a->cap)
        return true;
    if (a->n >= ADDING_KEYS_MAX)
        return fail_set(f, FAIL_TOO_LARGE, "too-many-days", NULL,
                        "The file has more than %d days times sources; split it by years.",
                        ADDING_KEYS_MAX);
    entry = realloc(a->entry, cap * sizeof *entry);
    if (entry)
        a->entry = entry;
    slot = calloc(slots, sizeof *slot);
    if (!entry || !slot) {
        free(slot);
        return fail_memory(f);
    }
    free(a->slot);
    a->slot = slot;
    a->slots = slots;
    a->cap = cap;
    for (size_t i = 0; i < a->n; i++) {
        size_t at = hash_end(hash_key(&a->entry[i].r.traffic)) & (slots - 1);

        while (slot[at])
            at = (at + 1) & (slots - 1);
        slot[at] = (uint32_t)i + 1;
    }
    return true;
}

/* Whether a mark of a key was there before; enters it. */
static bool mark_is_new(struct adding *a, uint64_t h, bool *is_new, struct fail *f)
{
    size_t at;

    if (a->marks * 2 >= a->mark_slots) {
        size_t slots = a->mark_slots ? a->mark_slots * 2 : 1024;
        uint64_t *mark;

        if (a->marks >= ADDING_MARKS_MAX)
            return fail_set(f, FAIL_TOO_LARGE, "too-many-visits", NULL,
                            "The file has more than %d visits; split it by months.",
                            ADDING_MARKS_MAX);
        mark = calloc(slots, sizeof *mark);
        if (!mark)
            return fail_memory(f);
        for (size_t i = 0; i < a->mark_slots; i++) {
            if (!a->mark[i])
                continue;
            at = a->mark[i] & (slots - 1);
            while (mark[at])
                at = (at + 1) & (slots - 1);
            mark[at] = a->mark[i];
        }
        free(a->mark);
        a->mark = mark;
        a->mark_slots = slots;
    }
    at = h & (a->mark_slots - 1);
    while (a->mark[at] && a->mark[at] != h)
        at = (at + 1) & (a->mark_slots - 1);
    *is_new = !a->mark[at];
    if (*is_new) {
        a->mark[at] = h;
        a->marks++;
    }
    return true;
}

static const char *keep(struct adding *a, const char *text)
{
    return text ? arena_strndup(&a->arena, text, strlen(text)) : NULL;
}

static enum adding_result enter(struct adding *a, const struct record *r, int64_t table, size_t at,
                                struct fail *f)
{
    struct entry *e = &a->entry[a->n];
    const struct traffic *t = &r->traffic;

    e->r = *r;
    e->table = table;
    e->lost = 0;
    e->r.traffic.source = keep(a, t->source);
    e->r.traffic.region = keep(a, t->region);
    e->r.traffic.campaign = keep(a, t->campaign);
    if ((t->source && !e->r.traffic.source) || (t->region && !e->r.traffic.region) ||
        (t->campaign && !e->r.traffic.campaign)) {
        fail_set(f, FAIL_TOO_LARGE, "too-many-days", NULL,
                 "The names of the file's sources are longer together than may be held; split it "
                 "by years.");
        return ADDING_FAILED;
    }
    a->slot[at] = (uint32_t)++a->n;
    return ADDING_TAKEN;
}

/* Takes a figure back: what an earlier file said of the whole day does not hold beside the rest. */
static void lose(struct entry *e, int m)
{
    e->lost |= 1u << m;
    e->r.traffic.metric[m] = COUNT_ABSENT;
    e->r.stated |= 1u << (TRAFFIC_FIRST_METRIC + m);
}

/* Adds counts; of people that come twice, and of what a row lacks, the sum is not known. */
static void add_up(struct entry *e, const struct record *r, struct adding_loss *lost)
{
    struct record *into = &e->r;

    for (int m = 0; m < TRAFFIC_METRIC_COUNT; m++) {
        int64_t had = into->traffic.metric[m], more = r->traffic.metric[m];

        if (e->lost >> m & 1u)
            continue;
        if (!traffic_metric_is_additive(m)) {
            if (had == COUNT_ABSENT && more == COUNT_ABSENT)
                continue;
            lost->users = true;
            lose(e, m);
        } else if ((had == COUNT_ABSENT) != (more == COUNT_ABSENT)) {
            lost->part = true;
            lose(e, m);
        } else if (more != COUNT_ABSENT) {
            into->traffic.metric[m] = had > COUNT_MAX - more ? COUNT_MAX : had + more;
            into->stated |= 1u << (TRAFFIC_FIRST_METRIC + m);
        }
    }
}

/* A key that comes again in a file that states each once. */
static enum adding_result join(struct entry *e, const struct record *r, int64_t table,
                               struct reject *why, struct fail *f)
{
    char day[DAY_TEXT];

    day_format(r->traffic.day, day);
    if (e->table == table) { /* with the same figures too: twice 3 may be 6 */
        fail_set(f, FAIL_UNPROCESSABLE, "repeated-day", NULL,
                 "%s of \"%.60s\" stands in line %" PRId64 " and again in line %" PRId64
                 ": the file is parted by something that is not read (a device, a page, ...), so "
                 "neither is the whole. Export it by day and source alone.",
                 day, r->traffic.source, e->r.at.line, r->at.line);
        return ADDING_FAILED;
    }
    for (int m = 0; m < TRAFFIC_METRIC_COUNT; m++) {
        int64_t have = e->r.traffic.metric[m], more = r->traffic.metric[m];

        if (have == COUNT_ABSENT || more == COUNT_ABSENT || have == more)
            continue;
        text_copy(why->code, sizeof why->code, "repeated-day");
        snprintf(why->sentence, sizeof why->sentence,
                 "%s of \"%.60s\" stands in line %" PRId64
                 ", in another table, with other figures; those were kept.",
                 day, r->traffic.source, e->r.at.line);
        return ADDING_REJECTED;
    }
    for (int m = 0; m < TRAFFIC_METRIC_COUNT; m++)
        if (e->r.traffic.metric[m] == COUNT_ABSENT && r->traffic.metric[m] != COUNT_ABSENT) {
            e->r.traffic.metric[m] = r->traffic.metric[m];
            e->r.stated |= 1u << (TRAFFIC_FIRST_METRIC + m);
        }
    return ADDING_TAKEN;
}

enum adding_result adding_put(struct adding *a, const struct record *r, int64_t table,
                              const char *mark, struct adding_loss *lost, struct reject *why,
                              struct fail *f)
{
    uint64_t h = hash_key(&r->traffic);
    enum adding_result result;
    bool is_new = true;
    struct entry *e;
    size_t at;

    *lost = (struct adding_loss){false, false};
    if (!grow_entries(a, f) || (*mark && !mark_is_new(a, hash_end(hash_add(h, mark)), &is_new, f)))
        return ADDING_FAILED;
    at = hash_end(h) & (a->slots - 1);
    while (a->slot[at] && !same_key(&a->entry[a->slot[at] - 1].r.traffic, &r->traffic))
        at = (at + 1) & (a->slots - 1);
    if (!a->slot[at])
        return enter(a, r, table, at, f);
    e = &a->entry[a->slot[at] - 1];
    if (a->adds) {
        if (is_new)
            add_up(e, r, lost);
        e->r.rows++;
        return ADDING_TAKEN;
    }
    result = join(e, r, table, why, f);
    if (result == ADDING_TAKEN)
        e->r.rows++;
    return result;
}

size_t adding_count(const struct adding *a)
{
    return a->n;
}

const struct record *adding_at(const struct adding *a, size_t i)
{
    return &a->entry[i].r;
}
