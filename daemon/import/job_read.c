/* The reading thread of an import: rows become records, records slices that are handed over. */
#include "import/job_parts.h"

#include "base/text.h"
#include "import/twice.h"

#include <inttypes.h>
#include <stdio.h>
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

    if (!j->cover.has || !profile_absent_is_zero(p) || plan_mended(j->plan))
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
    struct adding_loss lost;
    struct reject why;

    memset(&why, 0, sizeof why);
    why.line = row->line;
    if (!mark)
        return fail_memory(&j->fail);
    switch (adding_put(j->adding, r, j->table, mark, &lost, &why, &j->fail)) {
    case ADDING_TAKEN: break;
    case ADDING_REJECTED: reject_list_add(&j->rejects, &why); break;
    case ADDING_FAILED: return false;
    }
    j->filling->notes[NOTE_USERS_ABSENT] += lost.users;
    j->filling->notes[NOTE_PART_ABSENT] += lost.part;
    return true;
}

static void add_notes(struct job *j)
{
    int64_t notes[NOTE_COUNT];

    plan_take_notes(j->plan, notes);
    for (int i = 0; i < NOTE_COUNT; i++)
        j->filling->notes[i] += notes[i];
}

/* A row that could not be read spoils what others of its day and source add up to. */
static bool spoil(struct job *j, const struct csv_row *row)
{
    const char *source;
    int32_t day;

    if (!plan_adds_rows(j->plan))
        return true;
    plan_row_key(j->plan, row, &j->rules, &j->filling->batch.arena, &day, &source);
    return adding_spoil(j->adding, day, source, row->line) || fail_memory(&j->fail);
}

/* Whether the record's day and source lack another row; then it is no whole either. */
static bool is_spoilt(const struct job *j, const struct record *r, struct reject *why)
{
    int64_t by = adding_spoilt_by(j->adding, r);

    if (!by)
        return false;
    memset(why, 0, sizeof *why);
    why->line = r->at.line;
    text_copy(why->code, sizeof why->code, "part-rejected");
    snprintf(why->sentence, sizeof why->sentence,
             "Rows of one day and source are added up here, and line %" PRId64
             " could not be read: a part is not stored for the whole. Mended, they can be sent "
             "again together.",
             by);
    return true;
}

/* A post under whose id another stands is no post that could be told from it. */
static enum plan_outcome look_twice(struct job *j, const struct record *r, struct reject *why)
{
    int64_t line = 0;

    switch (twice_look(j->twice, r, &line)) {
    case TWICE_NEW: return PLAN_RECORD;
    case TWICE_AGAIN: j->filling->notes[NOTE_POST_TWICE]++; return PLAN_RECORD;
    case TWICE_FAILED: fail_memory(&j->fail); return PLAN_RECORD;
    case TWICE_OTHER: break;
    }
    memset(why, 0, sizeof *why);
    why->line = r->at.line;
    text_copy(why->heading, sizeof why->heading, "id");
    text_copy(why->code, sizeof why->code, "id-twice");
    snprintf(why->sentence, sizeof why->sentence,
             "Its id stands in line %" PRId64
             " too, with another time of publication: they are two posts, and a spreadsheet may "
             "have rounded their ids to one.",
             line);
    reject_value(why, r->post.id, strlen(r->post.id));
    return PLAN_REJECTED;
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
        if (outcome == PLAN_REJECTED && !spoil(j, row))
            return false;
        if (outcome == PLAN_RECORD && is_spoilt(j, &r, &why))
            outcome = PLAN_REJECTED;
        if (outcome == PLAN_RECORD && !add_row(j, row, &r))
            return false;
    } else {
        s->rows++;
        s->done++;
        if (outcome == PLAN_RECORD && j->twice)
            outcome = look_twice(j, &r, &why);
        if (j->fail.code != FAIL_NONE)
            return false;
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

/* The rows once more, now that it is known which of them lack another. */
static bool read_again(struct job *j)
{
    adding_again(j->adding);
    reject_list_reset(&j->rejects);
    memset(j->filling->notes, 0, sizeof j->filling->notes);
    j->rows = j->table = j->heading_line = 0;
    if (j->cover.has) {
        memset(j->cover.has, 0, COVER_DAYS);
        memset(j->cover.spoilt, 0, COVER_DAYS);
    }
    j->cover.blind = false;
    j->cover.scheme = NULL;
    return reading_each(j->reading, take_row, j, &j->fail);
}

void *job_read(void *arg)
{
    struct job *j = arg;
    bool ok = reading_each(j->reading, take_row, j, &j->fail);

    if (ok && j->adding && adding_is_spoilt(j->adding) && j->fail.code == FAIL_NONE)
        ok = read_again(j);

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
