/* The wall clock, in milliseconds since 1970 UTC, and a steady one. */
#pragma once
#include <stdint.h>

int64_t clock_now_ms(void);
/* Steady milliseconds since some moment: for waiting and measuring. */
int64_t clock_steady_ms(void);
