/*
 * All that is stored, a page at a time, as lines that an import takes again: names first (accounts,
 * sources, rules, definitions), then the days that files cover, traffic, and posts with their
 * readings in the order of time.
 */
#include "base/ceilings.h"
#include "base/day.h"
#include "base/text.h"
#include "http/api.h"
#include "http/plain.h"
#include "render/json_experiment.h"
#include "render/json_export.h"
#include "store/experiments.h"
#include "store/notes.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum section {
    SECTION_NAMES,
    SECTION_COVERAGE,
    SECTION_TRAFFIC,
    SECTION_ZEROS,
    SECTION_POSTS,
    SECTION_COUNT
};
static const char *const sections[SECTION_COUNT] = {"names", "coverage", "traffic", "zeros",
                                                    "posts"};
enum { PAGE_RECORDS = 2000, READINGS_MAX = 4000 };

struct export
{
    const struct request *rq;
    struct db *db;
    const struct filter *filter;
    const char *source;                     /* of traffic; NULL: all */
    bool csv, table, wanted[SECTION_COUNT]; /* table: one kind of rows alone */
    enum section section;
    int64_t after; /* a number, or how many went before */
    json_t *list;
    bool full;
    struct fail *f;
    int64_t profile_of; /* the last import looked up */
    char profile[64];
    struct export_reading reading[READINGS_MAX];
};

static void add(struct export *e, json_t *line)
{
    if (e->rq->veil.on)
        veil_json(line, &e->rq->veil);
    json_append(&e->list, line);
    e->full = json_array_size(e->list) >= PAGE_RECORDS;
}

static const char *profile_of(struct export *e, int64_t import_id)
{
    if (import_id != e->profile_of &&
        !export_profile(e->db, import_id, e->profile, sizeof e->profile, e->f))
        e->profile[0] = 0; /* the failure ends the page */
    e->profile_of = import_id;
    return import_id ? e->profile : "";
}

/* ---- names ---- */

static bool add_account(void *ctx, const struct account_row *a)
{
    struct export *e = ctx;

    if (strcmp(a->region, "-") != 0)
        add(e, json_pack("{s:s, s:s, s:s, s:s}", "record", "account", "platform", a->platform,
                         "account", a->handle, "region", a->region));
    return e->list != NULL;
}

static bool add_source(void *ctx, const struct source_row *s)
{
    struct export *e = ctx;

    if (s->stated)
        add(e,
            json_pack("{s:s, s:s, s:s}", "record", "source", "name", s->name, "source", s->source));
    return e->list != NULL;
}

static bool add_rule(void *ctx, const struct type_rule *r)
{
    struct export *e = ctx;
    json_t *o = json_of_type_rule(r);

    json_object_del(o, "id");
    json_put(&o, "record", json_text("type-rule"));
    add(e, o);
    return e->list != NULL;
}

static bool add_set_type(void *ctx, const struct set_type *t)
{
    struct export *e = ctx;
    json_t *o = json_of_set_type(t);

    json_put(&o, "record", json_text("post-type"));
    add(e, o);
    return e->list != NULL;
}

static bool add_definition(void *ctx, const char *profile, const char *metric,
                           const char *definition)
{
    struct export *e = ctx;

    add(e, json_pack("{s:s, s:s, s:s, s:s}", "record", "definition", "profile", profile, "metric",
                     metric, "definition", definition));
    return e->list != NULL;
}

static bool add_note(void *ctx, const struct note *n)
{
    struct export *e = ctx;
    json_t *o;

    /* its words are not for this reader, and what stands for them must not come back as words */
    if ((n->is_private && e->rq->depth != REACH_WHOLE) ||
        (e->rq->caller.regions[0] && !n->scope[NOTE_ACCOUNT][0]))
        return true;
    o = json_of_note(n);

    json_object_del(o, "id");
    json_object_del(o, "private");
    if (n->is_private) /* a word, as a table of texts has it */
        json_put(&o, "private", json_text("yes"));
    json_put(&o, "record", json_text("note"));
    add(e, o);
    return e->list != NULL;
}

struct of_experiment {
    struct export *e;
    const char *slug;
};

static void add_texts(struct export *e, const char *record, const char *slug, const char *kind,
                      int64_t at, json_t *definition, const char *text)
{
    char *as_text = definition ? json_dumps(definition, JSON_COMPACT) : NULL;
    json_t *o = json_object();

    json_put(&o, "record", json_text(record));
    if (slug)
        json_put(&o, "name", json_text(slug));
    if (kind) {
        json_put(&o, "kind", json_text(kind));
        json_put(&o, "arrived_at", json_moment(at));
    }
    json_put(&o, "definition", as_text ? json_text(as_text) : NULL);
    if (text)
        json_put(&o, "text", json_text(text));
    add(e, o);
    json_decref(definition);
    free(as_text);
}

static bool add_event(void *ctx, const struct experiment_event *event)
{
    const struct of_experiment *of = ctx;

    add_texts(of->e, "experiment-event", of->slug, event->what, event->at,
              json_loads(event->detail, JSON_DECODE_ANY, NULL), event->reason);
    return of->e->list != NULL;
}

static bool add_finding(void *ctx, const struct finding *found)
{
    const struct of_experiment *of = ctx;

    add_texts(of->e, "finding", of->slug, NULL, 0, json_of_finding_head(found), found->text);
    return of->e->list != NULL;
}

static bool add_experiment(void *ctx, const struct experiment *x)
{
    struct of_experiment of = {ctx, x->slug};

    add_texts(of.e, "experiment", NULL, NULL, 0, json_of_experiment(x), NULL);
    return of.e->list != NULL &&
           experiment_log_each(of.e->db, x->experiment_id, add_event, &of, of.e->f) &&
           findings_each(of.e->db, x->experiment_id, add_finding, &of, of.e->f);
}

static bool add_names(struct export *e, const char *timezone)
{
    add(e, json_pack("{s:s, s:i, s:s}", "record", "postlift-export", "version", 1, "timezone",
                     timezone));
    return export_definitions_each(e->db, add_definition, e, e->f) &&
           accounts_each(e->db, add_account, e, e->f) && sources_each(e->db, add_source, e, e->f) &&
           type_rules_each(e->db, add_rule, e, e->f) &&
           post_types_each(e->db, "", "", INT64_MAX, add_set_type, e, e->f) &&
           notes_each(e->db, INT32_MIN, INT32_MAX, add_note, e, e->f) &&
           experiments_each(e->db, add_experiment, e, e->f);
}

/* ---- traffic ---- */

static bool day_wanted(const struct export *e, int32_t day)
{
    return (e->filter->from == DAY_NONE || day >= e->filter->from) &&
           (e->filter->to == DAY_NONE || day <= e->filter->to);
}

/* Of the filters only region and campaign speak of traffic. */
static bool region_wanted(const struct export *e, const char *region, const char *campaign)
{
    static const enum filter_key keys[] = {FILTER_REGION, FILTER_CAMPAIGN};

    for (int k = 0; k < 2; k++) {
        const char *have = keys[k] == FILTER_REGION ? region : campaign;
        bool asked = false, hit = false;

        for (int i = 0; i < e->filter->n; i++) {
            const struct filter_value *v = &e->filter->values[i];

            if (v->key != keys[k])
                continue;
            if (v->negated && strcmp(v->text, have) == 0)
                return false;
            asked = asked || !v->negated;
            hit = hit || (!v->negated && strcmp(v->text, have) == 0);
        }
        if (asked && !hit)
            return false;
    }
    return true;
}

static bool add_coverage(void *ctx, const struct export_coverage *c)
{
    struct export *e = ctx;

    if (e->full)
        return false;
    e->after++;
    if (day_wanted(e, c->day) && region_wanted(e, c->region, ""))
        add(e, json_of_export_coverage(c, profile_of(e, c->import_id)));
    return e->list != NULL;
}

static bool add_traffic(void *ctx, const struct export_traffic *t)
{
    struct export *e = ctx;

    if (e->full)
        return false;
    e->after = e->section == SECTION_ZEROS ? e->after + 1 : t->traffic_id;
    if (day_wanted(e, t->day) && region_wanted(e, t->region, t->campaign) &&
        (!e->source || strcmp(e->source, t->source) == 0))
        add(e, json_of_export_traffic(t, e->table ? "" : profile_of(e, t->import_id)));
    return e->list != NULL;
}

/* ---- posts ---- */

struct post_readings {
    struct export *e;
    int n;
};

static void add_reading(struct post_readings *r, const struct observation_view *o, int64_t at_ms)
{
    if (r->n < READINGS_MAX)
        r->e->reading[r->n++] = (struct export_reading){.reading = true, .at_ms = at_ms, .o = *o};
}

static bool take_observation(void *ctx, const struct observation_view *o)
{
    struct post_readings *r = ctx;

    add_reading(r, o, o->first_seen_at);
    if (o->last_seen_at > o->first_seen_at)
        add_reading(r, o, o->last_seen_at);
    return true;
}

static int by_time(const void *a, const void *b)
{
    const struct export_reading *x = a, *y = b;

    if (x->at_ms != y->at_ms)
        return x->at_ms < y->at_ms ? -1 : 1;
    if (x->o.kind != y->o.kind)
        return x->o.kind < y->o.kind ? -1 : 1;
    return x->o.covers_from < y->o.covers_from ? -1 : x->o.covers_from > y->o.covers_from;
}

static bool add_post(void *ctx, const struct post_view *view)
{
    struct export *e = ctx;
    struct post_view copy = *view, *p = &copy;
    struct post_readings r = {e, 0};
    struct observation_view sole = {.kind = READING_LIFETIME,
                                    .covers_from = DAY_NONE,
                                    .covers_to = DAY_NONE,
                                    .first_seen_at = p->first_seen_at,
                                    .last_seen_at = p->last_seen_at,
                                    .import_id = p->import_id};

    if (e->full)
        return false;
    e->after = p->post_id;
    if (e->table) { /* it has no rules beside it: what they give stands in its rows */
        copy.type_stated = copy.type;
        copy.tags_stated = copy.tags;
    }
    memcpy(sole.metric, p->metric, sizeof sole.metric);
    for (int m = 0; m < POST_METRIC_COUNT; m++)
        if (p->metric[m] != COUNT_ABSENT)
            sole.stated |= 1u << m;
    if (p->spread) {
        if (!post_observations_each(e->db, p->post_id, take_observation, &r, e->f))
            return false;
    } else if (p->first_seen_at != COUNT_ABSENT) {
        take_observation(&r, &sole);
    }
    if (r.n)
        qsort(e->reading, (size_t)r.n, sizeof *e->reading, by_time);
    if (r.n < READINGS_MAX && (!r.n || e->reading[r.n - 1].at_ms < p->observed_at))
        e->reading[r.n++] = (struct export_reading){.at_ms = p->observed_at}; /* the latest word */
    for (int i = 0; i < r.n; i++) {
        e->reading[i].attributes = i == 0;
        e->reading[i].profile =
            e->table || !e->reading[i].reading ? "" : profile_of(e, e->reading[i].o.import_id);
        add(e, json_of_export_post(p, &e->reading[i]));
    }
    return e->list != NULL;
}

/* ---- pages ---- */

static bool add_section(struct export *e, const char *timezone)
{
    int64_t from = e->after;

    switch (e->section) {
    case SECTION_NAMES: return add_names(e, timezone);
    case SECTION_COVERAGE: return export_coverage_each(e->db, from, add_coverage, e, e->f);
    case SECTION_TRAFFIC: return export_traffic_each(e->db, from, add_traffic, e, e->f);
    case SECTION_ZEROS: return export_zeros_each(e->db, from, add_traffic, e, e->f);
    case SECTION_POSTS: return posts_by_number(e->db, e->filter, from, add_post, e, e->f);
    case SECTION_COUNT: break;
    }
    return true;
}

/* Sections until the page is full; false on failure. *more: something is left. */
static bool add_page(struct export *e, const char *timezone, bool *more)
{
    *more = false;
    while (e->section < SECTION_COUNT) {
        if (e->wanted[e->section] && !add_section(e, timezone))
            return false;
        if (e->f->code != FAIL_NONE || !e->list)
            return e->f->code == FAIL_NONE ? fail_memory(e->f) : false;
        if (e->full && e->section != SECTION_NAMES) {
            *more = true;
            return true;
        }
        e->section++;
        e->after = 0;
        if (e->full && e->section < SECTION_COUNT) {
            *more = true;
            return true;
        }
    }
    return true;
}

static bool settle(const struct request *rq, struct export *e)
{
    const char *record = params_get(&rq->params, "record");
    const char *cursor = params_get(&rq->params, "cursor");
    bool posts = !record || strcmp(record, "post") == 0;
    bool traffic = !record || strcmp(record, "traffic") == 0;
    bool filtered = e->filter->n || e->source;

    if (record && !posts && !traffic)
        return fail_set(e->f, FAIL_UNPROCESSABLE, "bad-value", "record",
                        "\"record\" takes post or traffic; without it both are given.");
    e->table = e->csv && record;
    e->wanted[SECTION_NAMES] = !e->table;
    e->wanted[SECTION_COVERAGE] = traffic && !e->table && !e->source;
    e->wanted[SECTION_TRAFFIC] = traffic && (record || !filtered || e->source);
    e->wanted[SECTION_ZEROS] = traffic && (e->table || e->source);
    e->wanted[SECTION_POSTS] = posts && !(e->source && !record);
    if (!cursor)
        return true;
    for (int i = 0; i < SECTION_COUNT; i++) {
        size_t n = strlen(sections[i]);
        char *end;

        if (strncmp(cursor, sections[i], n) != 0 || cursor[n] != '-')
            continue;
        e->section = (enum section)i;
        e->after = strtoll(cursor + n + 1, &end, 10);
        if (e->after)
            e->after = veil_asked(&rq->veil, e->after);
        if (cursor[n + 1] && !*end && e->after >= 0)
            return true;
    }
    return fail_set(e->f, FAIL_UNPROCESSABLE, "bad-value", "cursor", "There is no such cursor.");
}

static void write_lines(struct reply *rp, const json_t *list)
{
    size_t i;
    json_t *line;

    json_array_foreach((json_t *)(uintptr_t)list, i, line)
    {
        json_write(line, &rp->body);
        buf_putc(&rp->body, '\n');
    }
    rp->status = 200;
    rp->content_type = "application/x-ndjson";
}

void api_export(struct app *app, const struct request *rq, struct reply *rp)
{
    static const char *const known[] = {"record", "source", "cursor", "format", "bom", NULL};
    struct export *e = calloc(1, sizeof *e);
    struct filter filter = {0};
    struct fail f = {0};
    struct db *db = NULL;
    char next[48];
    bool more;
    json_t *o;

    filter_init(&filter);
    if (!e) {
        fail_memory(&f);
        goto fail;
    }
    e->rq = rq;
    e->filter = &filter;
    e->f = &f;
    e->csv = rq->csv;
    e->list = json_array();
    e->profile_of = -1;
    e->source = params_get(&rq->params, "source");
    if (!params_check(&rq->params, known, true, false, &f) ||
        !params_filter(&rq->params, "", &filter, &f) || !settle(rq, e))
        goto fail;
    db = e->db = snapshot_begin(app->snapshots, &rp->revision, &f);
    if (!db || !add_page(e, app->timezone, &more))
        goto fail;
    snprintf(next, sizeof next, "%s-%" PRId64, more ? sections[e->section] : "",
             e->after ? veil_shown(&rq->veil, e->after) : 0);
    if (more)
        reply_next(rp, rq, next);
    rp->tag = TAG_NONE;
    if (e->csv) {
        o = json_object();
        json_put(&o, "rows", json_incref(e->list));
        if (!e->table)
            export_words_for_nulls(e->list);
        reply_table(rp, rq, o, e->list,
                    !e->table                  ? export_columns
                    : e->wanted[SECTION_POSTS] ? export_post_columns
                                               : export_traffic_columns);
    } else {
        write_lines(rp, e->list);
        if (rp->body.over) {
            fail_set(&f, FAIL_BUSY, "out-of-memory", NULL, "Out of memory; try again.");
            goto fail;
        }
    }
    goto out;
fail:
    reply_fail(rp, &f);
out:
    if (e)
        json_decref(e->list);
    free(e);
    snapshot_end(db);
    filter_clear(&filter);
}
