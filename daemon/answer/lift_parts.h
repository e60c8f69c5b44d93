/* What the files of the lift share: judging, counting, warning, saying. */
#pragma once
#include "answer/lift.h"

/* Judges a->y by the ranges or the exposure; fills a->judged and a->expected. */
bool lift_judge(struct lift_answer *a, struct fail *f);
/* The days with a post in question, from..to: a byte a day into days. *first_post as in the answer.
 */
bool posts_days(struct db *db, const struct filter *posts, int32_t from, int32_t to,
                unsigned char *days, int32_t *first_post, struct fail *f);
/* Sessions (or conversions) tracked to the posts in question. */
bool lift_account(struct db *db, struct lift_answer *a, struct fail *f);
void lift_warn(struct lift_answer *a);
void lift_say(struct lift_answer *a);
