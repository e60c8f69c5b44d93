/* Hits and duds: posts that stand out of their platform and type, at equal age. */
#pragma once
#include "analysis/outliers.h"
#include "answer/groups.h"

enum { DOTS_MAX = 160, DOT_GROUPS = 12 }; /* of a group; groups whose dots have addresses */

struct outliers_question {
    int figure;
    struct filter filter;
    double age_hours; /* 0: the usual ages */
    bool dots;        /* values are wanted for a picture */
};
/* The first words of a post, in bytes with their end, and in letters. */
enum { EXCERPT_TEXT = 256, EXCERPT_LETTERS = 60 };

struct outlier {
    int64_t post_id, posted_at;
    int32_t posted_day; /* in the zone of the site */
    char id[ID_MAX + 1], excerpt[EXCERPT_TEXT];
    char *url; /* owned; NULL: none */
    double value, distance;
};
/* A post in a picture. */
struct outlier_dot {
    double value;
    int64_t post_id;
    int32_t day;
    char *url; /* owned; NULL: none, or not asked for */
};
/* Posts of one platform and type. */
struct outlier_group {
    char platform[SLUG_MAX + 1], type[SLUG_MAX + 1];
    int64_t posts, absent, too_young, too_late;
    size_t n; /* with a value */
    double total;
    struct spread spread;
    double line;
    struct outlier_dot *dot; /* owned; some posts, evenly over their ranks; for pictures */
    size_t n_dots;
    struct outlier *out; /* owned; hits first, the farthest first; then duds */
    size_t n_out;
};
struct outliers_answer {
    struct outlier_group *group; /* owned; by posts */
    int n;
    int64_t posts;
    size_t hits, duds, left_off; /* left off: past OUTLIERS_MAX */
    bool additive;
    double age_hours;
    struct warnings warnings;
    struct buf sentence;
};
void outliers_question_init(struct outliers_question *q);
void outliers_question_clear(struct outliers_question *q);
bool outliers_question_read(const struct params *p, struct outliers_question *q, struct fail *f);
/* The caller clears *a, also after a failure. */
bool outliers_answer(struct db *db, const struct outliers_question *q, struct outliers_answer *a,
                     struct fail *f);
void outliers_answer_clear(struct outliers_answer *a);
