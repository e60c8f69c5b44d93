/*
 * Calendar days as the count of days since 1970-01-01 (proleptic Gregorian),
 * after Howard Hinnant's "chrono-compatible low-level date algorithms".
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DAY_NONE INT32_MIN
#define DAY_TEXT 11 /* bytes of "YYYY-MM-DD" with its NUL */
#define MS_PER_DAY 86400000ll

/* The day of a civil date, or DAY_NONE when there is none (2023-02-30), years 1900 to 2199. */
int32_t day_from_civil(int year, int month, int day);
void day_to_civil(int32_t day, int *year, int *month, int *dom);
/* "YYYY-MM-DD" and nothing after it, or DAY_NONE. */
int32_t day_parse(const char *text, size_t len);
/* Writes DAY_TEXT bytes; returns text. */
char *day_format(int32_t day, char text[DAY_TEXT]);
/* 0 = Monday ... 6 = Sunday. */
int day_weekday(int32_t day);

/* "2022-11-28T10:00:00Z" (milliseconds only when there are some); text holds TIME_TEXT bytes. */
#define TIME_TEXT 32
char *time_format(int64_t at_ms, char text[TIME_TEXT]);
