/*
 * Reading again and again. The verdict line of .025 keeps daily readings from day 7
 * to day 90 honest (tests/calibration); beyond a fixed end there is the mixture
 * sequential probability ratio test, valid however often one looks.
 * Source: Robbins 1970; Johari et al. 2017. Pure.
 */
#pragma once

#define PEEK_LINE 0.025
#define SEQUENTIAL_TAU 0.22314355131420976 /* ln 1.25: the spread of lifts that it looks for */

/* estimate, error: of an effect on the log scale; tau: spread of the effects looked for. */
double sequential_log_bayes_factor(double estimate, double error, double tau);
/* min(1, 1 / Bayes factor) of this reading alone: an answer must not depend on who asked before. */
double sequential_p(double estimate, double error, double tau);
/* Half the width of the 95 % confidence sequence. */
double sequential_half_width(double error, double tau);
