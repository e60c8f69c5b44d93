/* The reading thread of an import: rows become records, records slices that are handed over. */
#include "import/job_parts.h"

#include <stdlib.h>
#include <string.h>

/* What a row says of the days that the file covers; outcome: what became of it. */
static void note_cover(struct cover *c, const struct record *r, enum plan_outcome outcome)
{
    const uint32_t all = (1u << TRAFFIC_METRIC_COUNT) - 1;
    int32_t day = r->traffic.day;

    if (!c->has || outcome == PLAN_SKIPPED)
        return;
    if (!record_states(r, TRAFFIC_DATE) || day < 0 || day >= COVER_DAYS) {
        c->blind = true;
        return;
    }
    for (int m = 0; m < TRAFFIC_METRIC_COUNT; m++)
        if (record_states(r, TRAFFIC_FIRST_METRIC + m) && r->traffic.metric[m] != COUNT_ABSENT)
            c->has[day] |= (unsigned char)(1u << m);
        else
            c->spoilt[day] |= (unsigned char)(1u << m);
    if (outcome == PLAN_REJECTED)
        c->spoilt[day] = (unsigned char)all;
}

/* Rows of tables in which a source without a row had zero, all of one naming scheme. */
static void note_row(struct job *j, const struct record *r, enum plan_outcome outcome)
{
    const struct profile *p = plan_table_profile(j->plan);

    if (!j->cover.has || !profile_absent_is_zero(p))
        return;
    if (!j->cover.scheme)
        j->cover.scheme = profile_scheme(p);
    if (strcmp(j->cover.scheme, profile_scheme(p)) == 0)
        note_cover(&j->cover, r, outcome);
}

/* Hands the full slice over and waits for an empty one; NULL when there is no need. */
static struct slice *exchange(struct job *j, struct slice *full)
{
    struct slice *s = NULL;

    pthread_mutex_lock(&j->lock);
    while (j->full && !j->cancelled)
        pthread_cond_wait(&j->moved, &j->lock);
    if (!j->cancelled) {
        j->full = full;
        pthread_cond_broadcast(&j->moved);
        while (!full->last && !j->n_empty && !j->cancelled)
            pthread_cond_wait(&j->moved, &j->lock);
        if (!full->last && !j->cancelled)
            s = j->empty[--j->n_empty];
    }
    pthread_mutex_unlock(&j->lock);
    return s;
}

static bool slice_is_full(const struct slice *s)
{
    return s->batch.n + s->batch.rejects.n >= IMPORT_SLICE_ROWS || s->rows >= IMPORT_SLICE_ROWS ||
           s->batch.arena.used >= IMPORT_SLICE_BYTES / 2;
}

/* A row of traffic joins those of its day and source. */
static bool add_row(struct job *j, const struct csv_row *row, const struct record *r)
{
    struct arena *a = &j->filling->batch.arena;
    const char *mark = plan_row_mark(j->plan, row, a);
    bool users_lost = false;
    struct reject why;

    memset(&why, 0, sizeof why);
    why.line = row->line;
    if (!mark)
        return fail_memory(&j->fail);
    switch (adding_put(j->adding, r, j->table, mark, &users_lost, &why, &j->fail)) {
    case ADDING_TAKEN: break;
    case ADDING_REJECTED: reject_list_add(&j->rejects, &why); break;
    case ADDING_FAILED: return false;
    }
    j->filling->notes[NOTE_USERS_ABSENT] += users_lost;
    return true;
}

static void add_notes(struct job *j)
{
    int64_t notes[NOTE_COUNT];

    plan_take_notes(j->plan, notes);
    for (int i = 0; i < NOTE_COUNT; i++)
        j->filling->notes[i] += notes[i];
}

/* A row that is no record, or its record, in the slice that is being filled. */
static bool keep_row(struct job *j, const struct csv_row *row)
{
    struct slice *s = j->filling;
    struct reject_list *rejects = j->adding ? &j->rejects : &s->batch.rejects;
    enum plan_outcome outcome = PLAN_SKIPPED;
    struct record r;
    struct reject why;

    switch (plan_classify(j->plan, row, &why)) {
    case ROW_OUTSIDE: return true;
    case ROW_OF_TABLE:
        outcome = plan_row(j->plan, row, &j->rules, &s->batch.arena, &r, &why);
        note_row(j, &r, outcome);
        break;
    case ROW_SKIPPED: break;
    }
    if (plan_heading_line(j->plan) != j->heading_line) {
        j->heading_line = plan_heading_line(j->plan);
        j->table++;
    }
    if (j->adding) {
        j->rows++;
        if (outcome == PLAN_RECORD && !add_row(j, row, &r))
            return false;
    } else {
        s->rows++;
        s->done++;
        if (outcome == PLAN_RECORD && !batch_add(&s->batch, &r, &j->fail))
            return false;
    }
    if (outcome != PLAN_RECORD)
        reject_list_add(rejects, &why);
    if (j->adding)
        arena_reset(&s->batch.arena);
    return true;
}

static bool take_row(void *ctx, const struct csv_row *row)
{
    struct job *j = ctx;
    enum plan_outcome outcome;
    struct record r;
    struct reject why;

    if (j->skip > 0 && !j->adding) { /* stored already; but what it says of the days counts */
        switch (plan_classify(j->plan, row, &why)) {
        case ROW_OUTSIDE: return true;
        case ROW_OF_TABLE:
            if (j->cover.has) {
                outcome = plan_row(j->plan, row, &j->rules, &j->filling->batch.arena, &r, &why);
                note_row(j, &r, outcome);
                arena_reset(&j->filling->batch.arena);
            }
            break;
        case ROW_SKIPPED: break;
        }
        j->skip--;
        return true;
    }
    if (!keep_row(j, row))
        return false;
    if (j->adding || !slice_is_full(j->filling))
        return true;
    add_notes(j);
    batch_sort(&j->filling->batch);
    j->filling = exchange(j, j->filling);
    return j->filling != NULL;
}

/* What the rows were added up to, into slices; the rows that were lost go with the last. */
static bool hand_over(struct job *j)
{
    size_t n = adding_count(j->adding);

    for (size_t i = (size_t)j->skip; i < n; i++) {
        struct slice *s = j->filling;

        if (!batch_add(&s->batch, adding_at(j->adding, i), &j->fail))
            return false;
        s->done += s->done + j->row->rows_done < j->row->rows_total - 1; /* not all yet */
        if (s->batch.n >= IMPORT_SLICE_ROWS && i + 1 < n) {
            j->filling = exchange(j, s);
            if (!j->filling)
                return false;
        }
    }
    j->filling->rows = j->rows;
    for (size_t i = 0; i < j->rejects.n; i++)
        reject_list_add(&j->filling->batch.rejects, &j->rejects.items[i]);
    j->filling->batch.rejects.n_rejected = j->rejects.n_rejected;
    j->filling->batch.rejects.n_skipped = j->rejects.n_skipped;
    return true;
}

void *job_read(void *arg)
{
    struct job *j = arg;
    bool ok = reading_each(j->reading, take_row, j, &j->fail);

    ok = ok && j->filling && j->fail.code == FAIL_NONE;
    if (ok) {
        plan_end(j->plan);
        add_notes(j);
        ok = !j->adding || hand_over(j);
    }
    if (ok) {
        j->filling->last = true;
        if (!j->adding)
            batch_sort(&j->filling->batch);
        exchange(j, j->filling);
    }
    pthread_mutex_lock(&j->lock);
    j->ended = true;
    pthread_cond_broadcast(&j->moved);
    pthread_mutex_unlock(&j->lock);
    return NULL;
}
