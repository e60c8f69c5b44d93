/*
 * Types and tags that people give to posts, since no export names a meme or a poll: for one post by
 * its id, or by rules on platform, account, hashtag, campaign, words and a link's utm_content. What
 * a person set for a post wins over rules, rules win over what records state; the first rule that
 * names a type gives it, tags of all rules that fit are added. Records stay as they are: take a
 * rule away, and what they state holds again.
 */
#pragma once
#include "store/posts.h"

/* NULL: no such condition, or nothing set. Strings are borrowed while a callback runs. */
struct type_rule {
    int64_t rule_id;
    const char *platform, *account, *hashtag, *campaign, *words, *utm_content;
    const char *type, *tags;
};
enum { RULE_TEXTS = 8 };
extern const char *const type_rule_names[RULE_TEXTS]; /* in the struct's order */
/* The i-th text of a rule. */
const char **type_rule_text(struct type_rule *r, int i);

/* The rules and whether anything was set, kept while nothing changes; emptied as accounts are. */
struct type_book;
struct type_book *type_book_new(void);
void type_book_empty(struct type_book *b);
void type_book_free(struct type_book *b);

/* Adds a rule and applies it. *posts: whose type or tags changed. FAIL_TOO_LARGE past
 * TYPE_RULES_MAX; FAIL_UNPROCESSABLE without a condition, or without a type and tags. */
bool type_rule_add(struct store *st, struct type_rule *r, int64_t *posts, struct fail *f);
/* The same, unless there is just such a rule. */
bool type_rule_add_once(struct store *st, struct type_rule *r, int64_t *posts, struct fail *f);
/* FAIL_NOT_FOUND when there is none. */
bool type_rule_delete(struct store *st, int64_t rule_id, int64_t *posts, struct fail *f);
typedef bool (*type_rule_fn)(void *ctx, const struct type_rule *r);
bool type_rules_each(struct db *db, type_rule_fn fn, void *ctx, struct fail *f);

/* What a person set for one post. */
struct set_type {
    const char *platform, *id; /* platform NULL: that of the one post of this id */
    const char *type, *tags;   /* NULL: not set; both NULL takes back what was set */
};
/*
 * Sets, or takes back. The post need not be there yet where the platform is named. FAIL_NOT_FOUND
 * for an id that no post has, FAIL_CONFLICT for one that posts of several platforms have.
 */
bool post_type_set(struct store *st, const struct set_type *t, bool *changed, struct fail *f);
typedef bool (*set_type_fn)(void *ctx, const struct set_type *t);
/* By platform and id, those after (platform, id), up to `limit`. */
bool post_types_each(struct db *db, const char *platform, const char *id, int64_t limit,
                     set_type_fn fn, void *ctx, struct fail *f);

/* Gives a post that was written what rules and people say of it. */
bool types_apply(struct store *st, const struct post_row *p, const char *id, bool *changed,
                 struct fail *f);
/* Whether there is anything to apply at all. */
bool types_any(struct store *st, bool *any, struct fail *f);
