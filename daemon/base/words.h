/* A name taken out of texts, where it is a word of its own. */
#pragma once
#include "base/buf.h"

/*
 * Appends the text with `instead` in place of the name, letter for letter, wherever it is no part
 * of a longer word: letters A to Z, digits and "_" go on with a word, as do "-" and "." between
 * two of these; other letters do not, since not every script parts words. json: the text is JSON
 * and the name as it stands in a string of it; keys stay. False past the ceiling of out.
 */
bool words_replace(struct buf *out, const char *text, const char *name, const char *instead,
                   bool json);
