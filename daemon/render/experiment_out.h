/* An experiment's calendar for calendar programs and for print, and its report. */
#pragma once
#include "base/buf.h"
#include "record/experiment.h"

#include <jansson.h>

void ical_of_experiment(const struct experiment *e, struct buf *out);
/* Its dates in an open calendar: the run, the end, the follow-ups. */
void ical_dates_of_experiment(const struct experiment *e, struct buf *out);
void page_of_calendar(const struct experiment *e, struct buf *out);
/*
 * The report: whole is all that is known of it as JSON, findings a list of whole ones; now: what
 * may be read so far, NULL where there are findings or there is nothing to read.
 */
void page_of_experiment(const struct experiment *e, const json_t *whole, const json_t *findings,
                        const json_t *now, struct buf *out);
