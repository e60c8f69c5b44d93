/*
 * Escapes of JSON in any text, also in what is no JSON: for finding a name that is written with
 * them. What is to be read goes by a parser.
 */
#pragma once

/*
 * Takes one layer off, in place: \uXXXX (two of them where they are a pair of surrogates) becomes
 * UTF-8, a backslash before anything else goes. A text within a text has more layers. A \u0000 and
 * one without four digits lose the backslash alone.
 */
void escapes_take_off(char *text);
