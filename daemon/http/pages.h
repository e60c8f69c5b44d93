/* Replies that are no JSON: pages with their one style sheet allowed by its hash, calendars. */
#pragma once
#include "http/request.h"

/* The page that stands in rp->body. */
void reply_page(struct reply *rp);
/* A page with a form that is sent to us. */
void reply_form(struct reply *rp);
/* The page of the dashboard with its style sheet and its script, and pictures with theirs. */
void reply_dashboard(struct reply *rp, const char *style);
/* A page with pictures in it, which has no script. */
void reply_report(struct reply *rp);
/* The calendar that stands in rp->body. */
void reply_calendar(struct reply *rp);
