#include "answer/dated.h"
#include "base/day.h"
#include "base/text.h"
#include "store/notes.h"

#include <stdlib.h>
#include <string.h>

const char *const note_effect_names[NOTE_EFFECT_COUNT] = {"listed", "named", "near-start",
                                                          "left-out", "no-verdict"};

void dated_clear(struct dated *d)
{
    free(d->item);
    memset(d, 0, sizeof *d);
}

static bool is_about(const struct note *n, const struct series_question *q, const struct series *s)
{
    return note_is_about_traffic(n, traffic_metric_names[q->metric], q->source,
                                 (const char(*)[NAME_MAX_BYTES + 1]) s->name, s->n_names);
}

/* ---- days left out ---- */

struct leaving_out {
    const struct series_question *q;
    struct series *s;
    int days, notes;
    char text[120];
};

static bool leave_out(void *ctx, const struct note *n)
{
    struct leaving_out *l = ctx;
    struct series *s = l->s;

    int before = l->days;

    if (n->kind != NOTE_OUTAGE || !is_about(n, l->q, s))
        return true;
    for (int i = 0; i < s->n; i++)
        if (s->from + i >= n->from && s->from + i <= n->to && s->state[i] != DAY_MISSING) {
            s->state[i] = DAY_MISSING;
            s->value[i] = 0;
            l->days++;
            if (!l->text[0])
                text_copy(l->text, sizeof l->text, n->text);
        }
    l->notes += l->days > before;
    return true;
}

bool dated_leave_out(struct db *db, const struct series_question *q, struct series *s,
                     struct warnings *w, struct fail *f)
{
    struct leaving_out l = {.q = q, .s = s};

    if (!notes_each(db, s->from, s->from + s->n - 1, leave_out, &l, f))
        return false;
    if (l.days)
        warn(w, "outage", "%d day%s left out because of %s of an outage (\"%.100s\"%s).", l.days,
             l.days == 1 ? " is" : "s are", l.notes == 1 ? "a note" : "notes", l.text,
             l.notes > 1 ? " and others" : "");
    return true;
}

/* ---- what is listed and warned of ---- */

struct adding_notes {
    const struct series_question *q;
    const struct series *s;
    int32_t start;
    struct dated *d;
    struct warnings *w;
    bool *broken, ok;
    int unsaid; /* that one warning too many would be of */
};

static bool touches(const struct note *n, int32_t from, int32_t to)
{
    return n->from <= to && n->to >= from;
}

/* NOTE_EFFECT_COUNT: it is about other days. */
static enum note_effect effect_of(const struct adding_notes *a, const struct note *n)
{
    int32_t from = a->s->from, to = a->q->to;
    bool within = touches(n, from, to);
    bool near =
        a->start != DAY_NONE && touches(n, a->start - NOTES_NEAR_DAYS, a->start + NOTES_NEAR_DAYS);

    switch (n->kind) {
    case NOTE_TRACKING_CHANGE:
    case NOTE_METRIC_DEFINITION:
        if (note_breaks(n, from, to))
            return NOTE_NO_VERDICT;
        break;
    case NOTE_OUTAGE:
        if (within)
            return NOTE_LEFT_OUT;
        break;
    case NOTE_HOLIDAY:
        if (within)
            return NOTE_NAMED;
        break;
    case NOTE_CAMPAIGN:
    case NOTE_OTHER:
    case NOTE_KIND_COUNT: break;
    }
    return near ? NOTE_NEAR_START : within ? NOTE_LISTED : NOTE_EFFECT_COUNT;
}

/* False when as many of its kind are named already. */
static bool warn_of(struct warnings *w, const struct note *n, enum note_effect effect)
{
    char from[DAY_TEXT];

    day_format(n->from, from);
    switch (effect) {
    case NOTE_NO_VERDICT:
        return warn_also(
            w, note_kind_names[n->kind],
            "A note of %s says: \"%.200s\". Figures before and after it do not mean the "
            "same, and no verdict holds across it.",
            from, n->text);
    case NOTE_NAMED:
        return warn_also(w, "holiday", "A holiday lies within the days (%s: \"%.200s\").", from,
                         n->text);
    case NOTE_NEAR_START:
        return warn_also(w, "something-else-changed",
                         "Within %d days of the start something else is noted (%s: \"%.200s\").",
                         NOTES_NEAR_DAYS, from, n->text);
    case NOTE_LEFT_OUT:
    case NOTE_LISTED:
    case NOTE_EFFECT_COUNT: break;
    }
    return true;
}

static bool add_note(void *ctx, const struct note *n)
{
    struct adding_notes *a = ctx;
    enum note_effect effect;
    struct dated_note *item;

    if (!is_about(n, a->q, a->s))
        return true;
    effect = effect_of(a, n);
    if (effect == NOTE_EFFECT_COUNT)
        return true;
    for (int i = 0; i < a->d->n; i++)
        if (a->d->item[i].note.note_id == n->note_id)
            return true;
    a->unsaid += !warn_of(a->w, n, effect);
    *a->broken = *a->broken || effect == NOTE_NO_VERDICT;
    if (a->d->n == NOTES_LISTED_MAX) {
        a->d->more++;
        return true;
    }
    item = realloc(a->d->item, ((size_t)a->d->n + 1) * sizeof *item);
    a->ok = item != NULL;
    if (!item)
        return false;
    a->d->item = item;
    item[a->d->n++] = (struct dated_note){*n, effect};
    return true;
}

bool dated_add(struct db *db, const struct series_question *q, const struct series *s,
               int32_t start, struct dated *d, struct warnings *w, bool *broken, struct fail *f)
{
    struct series_question whole = *q;
    struct adding_notes a = {&whole, s, start, d, w, broken, true, 0};
    int32_t from = s->from, to = q->to == DAY_NONE ? s->from + s->n - 1 : q->to;

    whole.to = to;
    if (start != DAY_NONE && start - NOTES_NEAR_DAYS < from)
        from = start - NOTES_NEAR_DAYS;
    if (start != DAY_NONE && start + NOTES_NEAR_DAYS > to)
        to = start + NOTES_NEAR_DAYS;
    if (!notes_each(db, from, to, add_note, &a, f))
        return false;
    if (a.unsaid)
        warn(w, "more-notes", "%d more note%s to be known of here; the answer lists %s.", a.unsaid,
             a.unsaid == 1 ? " is" : "s are", a.unsaid == 1 ? "it" : "them");
    return a.ok || fail_memory(f);
}

/* ---- how far back ---- */

struct looking_back {
    const struct series_question *q;
    const struct series *s;
    int32_t day, since;
};

static bool look_back(void *ctx, const struct note *n)
{
    struct looking_back *l = ctx;
    int32_t from = n->to > n->from ? n->to + 1 : n->from;

    if ((n->kind == NOTE_TRACKING_CHANGE || n->kind == NOTE_METRIC_DEFINITION) && from <= l->day &&
        from > l->since && is_about(n, l->q, l->s))
        l->since = from;
    return true;
}

bool dated_since(struct db *db, const struct series_question *q, const struct series *s,
                 int32_t day, int32_t *since, struct fail *f)
{
    struct looking_back l = {q, s, day, INT32_MIN};
    bool ok = notes_each(db, INT32_MIN, day, look_back, &l, f);

    *since = l.since;
    return ok;
}
