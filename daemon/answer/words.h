/*
 * The parts that sentences are made of: figures, days and groups in plain words,
 * rounded as a person would. Each appends to a buffer; nothing here decides what
 * is true.
 */
#pragma once
#include "base/buf.h"
#include "record/filter.h"

#include <stdbool.h>
#include <stdint.h>

/* Bytes of a sentence. Three groups, each by up to 11 lists of 3 names of 60 bytes, fit in. */
enum { SENTENCE_MAX = 8192 };

/* A share or change without its sign: "12 %", "0.4 %", "1,200 %". */
void words_percent(struct buf *b, double x);
/* With its sign: "+12 %", "-24 %", "0 %"; from +1,000 % on as "11 times as much". */
void words_signed(struct buf *b, double x);
/* "-24 % to +37 %". */
void words_range(struct buf *b, double low, double high);
/* "12 % more likes than", "3 % fewer likes than", "as many likes as", "12 times as many likes as";
 * of what is no count: "less", "as much". */
void words_more(struct buf *b, double change, bool mass, const char *noun);
/* "1,234". */
void words_count(struct buf *b, int64_t n);
/* "1 day", "30 days". */
void words_counted(struct buf *b, int64_t n, const char *one, const char *many);
/* "28 November 2022". */
void words_day(struct buf *b, int32_t day);
/* "7 days", "24 hours": an age. */
void words_age(struct buf *b, double hours);
/* The posts that a filter admits: "meme posts on facebook", "posts tagged general", "posts". */
/* n: how many there are; 1: "meme post". */
void words_posts(struct buf *b, const struct filter *f, int64_t n);
/* The same after a noun: " of the type meme on facebook"; nothing for all posts. */
void words_which(struct buf *b, const struct filter *f);
