/* Answers packed by gzip, for readers that take it. */
#pragma once
#include "base/buf.h"

/* Packs the buffer in place; false, and as it was, when that does not work or does not help. */
bool packed(struct buf *b);
