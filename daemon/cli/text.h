/* JSON answers → text for people. */
#pragma once
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

struct text_column {
    const char *path, *heading;
    bool right;   /* aligned right: numbers */
    bool percent; /* 0.12 is shown as +12 % */
    bool share;   /* 0.12 is shown as 12 % */
};

/* A table of a list of objects; columns end with a NULL path. Control characters become "?". */
void text_table(FILE *out, const json_t *rows, const struct text_column *columns);
/* "+12 %", "-3.4 %": two digits, or whole per cent from 10 on. */
void text_percent(double change, char out[32]);
/* "1 234", "1.5": as many digits as a reader needs. */
void text_number(double v, char out[32]);
/* The warnings of an answer, a line each. */
void text_warnings(FILE *out, const json_t *answer);
void text_lift(FILE *out, const json_t *answer);
void text_compare(FILE *out, const json_t *answer);
void text_types(FILE *out, const json_t *answer);
void text_outliers(FILE *out, const json_t *answer);
void text_cadence(FILE *out, const json_t *answer);
/* A text in lines of at most 90 characters, each after an indent. */
void text_wrapped(FILE *out, const char *text, const char *indent);
/* Weeks of a calendar, a line each. */
void text_calendar(FILE *out, const json_t *days);
void text_plan(FILE *out, const json_t *answer);
/* A problem's sentence; `fallback` when the body is none. */
const char *text_problem(const json_t *problem, const char *fallback);
