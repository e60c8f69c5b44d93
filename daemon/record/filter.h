/*
 * The filters that are meant wherever posts are: platform, account, region,
 * type, tag, campaign, from, to. A key may repeat: its plain values are
 * alternatives; "!" before a value leaves out what has it.
 */
#pragma once
#include "base/ceilings.h"
#include "base/fail.h"

#include <stdbool.h>
#include <stdint.h>

enum filter_key {
    FILTER_PLATFORM,
    FILTER_ACCOUNT,
    FILTER_REGION,
    FILTER_TYPE,
    FILTER_TAG,
    FILTER_CAMPAIGN,
    FILTER_KEY_COUNT
};
extern const char *const filter_key_names[FILTER_KEY_COUNT];

struct filter_value {
    enum filter_key key;
    bool negated;
    char text[NAME_MAX_BYTES + 1];
};

struct filter {
    struct filter_value *values; /* owned */
    int n;
    int32_t from, to;  /* days, both included; DAY_NONE: open */
    bool names_region; /* by a value that is not negated */
};

/* The attributes of a post that filters look at; "" for none. Borrowed. */
struct filter_subject {
    const char *value[FILTER_KEY_COUNT]; /* tags joined by blanks */
    int32_t day;
};

void filter_init(struct filter *f);
void filter_clear(struct filter *f);
/* Whether a parameter's name is a filter's. */
bool filter_knows(const char *name);
/* Takes one parameter; false with the reason when its value is none. */
bool filter_add(struct filter *f, const char *name, const char *value, struct fail *fail);
bool filter_matches(const struct filter *f, const struct filter_subject *s);
