/*
 * What the links of a post say of the traffic they bring: the utm_ parameters that a site's
 * analytics read as well (support.google.com, "URL builders: collect campaign data with custom
 * URLs").
 */
#pragma once
#include "record/record.h"

enum utm { UTM_SOURCE, UTM_MEDIUM, UTM_CAMPAIGN, UTM_CONTENT, UTM_COUNT };
extern const char *const utm_names[UTM_COUNT];

/*
 * The value of one parameter in the first link of the text that has it, decoded; out holds
 * NAME_MAX_BYTES + 1. False when no link has it, or it is no readable text.
 */
bool link_utm(const char *text, enum utm which, char *out);
/* The same in a post's url, else in its text; either may be NULL. */
bool post_utm(const char *url, const char *text, enum utm which, char *out);
/* A post that names no campaign belongs to the one that its links name. */
bool record_read_links(struct record *r, struct arena *a, const struct record_rules *rules,
                       struct fail *f);
