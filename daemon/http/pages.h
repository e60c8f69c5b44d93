/* Replies that are no JSON: pages with their one style sheet allowed by its hash, calendars. */
#pragma once
#include "http/request.h"

/* The page that stands in rp->body. */
void reply_page(struct reply *rp);
/* The calendar that stands in rp->body. */
void reply_calendar(struct reply *rp);
