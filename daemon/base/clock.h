/* The wall clock, in milliseconds since 1970 UTC, and a steady one; tests may set the first. */
#pragma once
#include <stdint.h>

int64_t clock_now_ms(void);
/* Steady milliseconds since some moment: for waiting and measuring. */
int64_t clock_steady_ms(void);
/* Fixes clock_now_ms() to a moment; 0 sets it free again. For tests. */
void clock_fix(int64_t now_ms);
