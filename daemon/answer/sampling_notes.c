/* What notes say of the figures of a sample of posts. */
#include "answer/sampling.h"
#include "base/day.h"
#include "store/notes.h"

/* Whether a note says that the figure changed its meaning between some of the posts and others. */
struct breaking {
    const struct sampling *s;
    int32_t from, to; /* of all posts, where they were too many to keep */
    struct warnings *w;
    bool *broken;
};

static bool is_about_figure(const struct note *n, const struct sampling *s, const char *platform)
{
    const char *account = n->scope[NOTE_ACCOUNT]; /* of posts only the platform is at hand */
    int figure = s->figure;
    bool any = note_is_about_posts(n, post_figure_name(figure), platform, account);

    if (figure == FIGURE_CLICK_RATE)
        any = any || note_is_about_posts(n, "clicks", platform, account) ||
              note_is_about_posts(n, "reach", platform, account);
    for (int m = 0; figure == FIGURE_ENGAGEMENT && m < POST_METRIC_COUNT; m++)
        any = any || ((s->parts >> m & 1u) &&
                      note_is_about_posts(n, post_metric_names[m], platform, account));
    return any;
}

static bool break_at(void *ctx, const struct note *n)
{
    struct breaking *b = ctx;
    const struct sampling *s = b->s;
    bool breaks = false;
    char day[DAY_TEXT];

    if (n->kind != NOTE_TRACKING_CHANGE && n->kind != NOTE_METRIC_DEFINITION)
        return true;
    for (int i = 0; i < s->n_platforms; i++) {
        int32_t first = b->from, last = b->to;

        if (!is_about_figure(n, s, s->platform[i]))
            continue;
        if (!s->spent) {
            first = INT32_MAX;
            last = INT32_MIN;
            for (size_t p = 0; p < s->n; p++)
                if (s->post[p].platform == i) {
                    first = s->post[p].day < first ? s->post[p].day : first;
                    last = s->post[p].day > last ? s->post[p].day : last;
                }
        }
        breaks = breaks || (first <= last && note_breaks(n, first, last));
    }
    if (!breaks)
        return true;
    *b->broken = true;
    warn_also(b->w, note_kind_names[n->kind],
              "A note of %s says: \"%.200s\". Figures of posts before and after it do not mean the "
              "same, and no verdict holds across it.",
              day_format(n->from, day), n->text);
    return true;
}

bool sampling_is_broken(struct db *db, const struct sampling *s, int32_t from, int32_t to,
                        struct warnings *w, bool *broken, struct fail *f)
{
    struct breaking b = {s, from, to, w, broken};

    *broken = false;
    return notes_each(db, INT32_MIN, INT32_MAX, break_at, &b, f);
}
