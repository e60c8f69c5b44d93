/* What the page and the report take over from the pictures. */
#pragma once
#include "base/buf.h"
#include "http/app.h"
#include "http/request.h"

/* The picture of a lift, by its parameters or the default question; its sentence, and its figures
 * as HTML (NULL: not wanted). */
bool chart_lift_draw(struct app *app, struct db *db, const struct params *params, struct buf *out,
                     char *sentence, size_t size, struct buf *table, struct fail *f);
