/*
 * How often the lift cries wolf, and how often its interval holds the truth: the
 * code of the daemon, on made-up traffic and on real series in which nothing was
 * done. Prints its tables; ends with 1 when a figure is worse than it must be.
 *
 *   calibrate full [DIR [RUNS]]     all of it: 2,000 runs a cell, as many read daily
 *   calibrate real DIR              the real series of DIR alone
 *   calibrate                       a few runs a family with fixed seeds, as a test (TAP)
 *
 * DIR holds real series (see judge_real); without them that part is left out, and said so.
 */
#include "analysis/lift_model.h"
#include "analysis/past.h"
#include "analysis/sequential.h"
#include "tests/calibration/traffic.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BASELINE = 90, PEEK_FROM = 7, PEEK_TO = 90, DAYS_MAX = 6000, EVERY = 23, SERIES_MAX = 200 };
static const int windows[] = {7, 30, 90};
static const double levels[] = {20, 200, 20000};
static bool failed;

static void must(bool ok, const char *what)
{
    printf("%s  %s\n", ok ? "      ok" : "TOO HIGH", what);
    failed = failed || !ok;
}

/* Welch's t test of the raw counts, as most tools would do it. */
static double welch(const double *y, int n0, int n1)
{
    double mean[2] = {0}, var[2] = {0}, v[2];
    int n[2] = {0}, from[2] = {0, n0}, to[2] = {n0, n0 + n1};

    for (int g = 0; g < 2; g++) {
        for (int t = from[g]; t < to[g]; t++)
            if (!isnan(y[t])) {
                mean[g] += y[t];
                n[g]++;
            }
        if (n[g] < 2)
            return 1;
        mean[g] /= n[g];
        for (int t = from[g]; t < to[g]; t++)
            if (!isnan(y[t]))
                var[g] += (y[t] - mean[g]) * (y[t] - mean[g]);
        var[g] /= n[g] - 1;
        v[g] = var[g] / n[g];
    }
    if (!(v[0] + v[1] > 0))
        return 1;
    return 2 * gsl_cdf_tdist_Q(fabs(mean[1] - mean[0]) / sqrt(v[0] + v[1]),
                               (v[0] + v[1]) * (v[0] + v[1]) /
                                   (v[0] * v[0] / (n[0] - 1) + v[1] * v[1] / (n[1] - 1)));
}

static struct lift_fit fit; /* large: off the stack */
static struct lift_grid grid;

static bool judge(const double *y, int weekday0, int n0, int n1)
{
    struct daily d = {n0 + n1, weekday0, y, NULL};
    struct ranges r = {0, n0 - 1, n0, n0 + n1 - 1, 0};

    return lift_of_step(&d, &r, &fit) == LIFT_JUDGED;
}

/* Whether reading every day from the 7th to the 90th ever crosses the verdict line. */
static bool ever_crosses(const double *y, int weekday0, bool *judged)
{
    double exposure[BASELINE + PEEK_TO];
    struct daily d = {BASELINE + PEEK_TO, weekday0, y, NULL};
    struct lift_design design;
    bool crossed = false;

    *judged = false;
    for (int t = 0; t < d.n; t++)
        exposure[t] = t >= BASELINE;
    if (lift_design_make(&d, exposure, NULL, BASELINE, &design) != LIFT_JUDGED)
        return false;
    lift_grid_start(&grid, &design);
    lift_grid_run(&grid, &design, 0, BASELINE + PEEK_FROM - 1, false);
    for (int t = BASELINE + PEEK_FROM - 1; t < d.n && !crossed; t++) {
        struct ranges r = {0, BASELINE - 1, BASELINE, t, 0};

        lift_grid_run(&grid, &design, t, t + 1, false);
        if (ranges_check(&d, &r) != LIFT_JUDGED ||
            lift_grid_fit(&grid, &design, &fit) != LIFT_JUDGED)
            continue;
        *judged = true;
        crossed = mixture_p(&fit.effect) < PEEK_LINE;
    }
    lift_design_clear(&design);
    return crossed;
}

static gsl_rng *seeded(int family, int kind)
{
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);

    gsl_rng_set(rng, (unsigned long)(1000 * kind + family + 1));
    return rng;
}

/* Shares of runs below .05 without any effect: the lift's into *lift, Welch's into *naive. */
static void false_alarms(int family, int n1, int runs, double *lift, double *naive)
{
    double y[BASELINE + PEEK_TO];
    gsl_rng *rng = seeded(family, n1);
    int alarms = 0, cries = 0, judged = 0;

    for (int i = 0; i < runs; i++) {
        int weekday0 = (int)gsl_rng_uniform_int(rng, 7);

        traffic_make(rng, family, levels[i % 3], weekday0, BASELINE + n1, BASELINE, 0, y);
        cries += welch(y, BASELINE, n1) < .05;
        if (!judge(y, weekday0, BASELINE, n1))
            continue;
        judged++;
        alarms += mixture_p(&fit.effect) < .05;
    }
    *lift = judged ? (double)alarms / judged : 1;
    *naive = (double)cries / runs;
    gsl_rng_free(rng);
}

/* Share of runs whose 95 % interval holds the step that was put in; power: p below .025. */
static double coverage(int family, double step, int runs, double *power)
{
    double y[BASELINE + 30];
    gsl_rng *rng = seeded(family, 500 + (int)(1000 * step));
    int holds = 0, judged = 0, found = 0;

    for (int i = 0; i < runs; i++) {
        int weekday0 = (int)gsl_rng_uniform_int(rng, 7);

        traffic_make(rng, family, 200, weekday0, BASELINE + 30, BASELINE, step, y);
        if (!judge(y, weekday0, BASELINE, 30))
            continue;
        judged++;
        holds += mixture_cdf(&fit.effect, step) > .025 && mixture_above(&fit.effect, step) > .025;
        found += mixture_p(&fit.effect) < PEEK_LINE && mixture_mean(&fit.effect) > 0;
    }
    gsl_rng_free(rng);
    *power = judged ? (double)found / judged : 0;
    return judged ? (double)holds / judged : 0;
}

static double peeking(int family, int runs)
{
    double y[BASELINE + PEEK_TO];
    gsl_rng *rng = seeded(family, 3);
    int crossed = 0;

    for (int i = 0; i < runs; i++) {
        int weekday0 = (int)gsl_rng_uniform_int(rng, 7);
        bool judged;

        traffic_make(rng, family, levels[i % 3], weekday0, BASELINE + PEEK_TO, BASELINE, 0, y);
        crossed += ever_crosses(y, weekday0, &judged);
    }
    gsl_rng_free(rng);
    return (double)crossed / runs;
}

/* Days drawn by coin for n1 days after the baseline, nothing done on them. */
static double coin_days(int family, int n1, int runs)
{
    double y[BASELINE + 400], exposure[BASELINE + 400];
    gsl_rng *rng = seeded(family, 700 + n1);
    int alarms = 0, judged = 0;

    for (int i = 0; i < runs; i++) {
        struct daily d = {BASELINE + n1, (int)gsl_rng_uniform_int(rng, 7), y, NULL};

        traffic_make(rng, family, levels[i % 3], d.weekday0, d.n, d.n, 0, y);
        for (int t = 0; t < d.n; t++)
            exposure[t] = t >= BASELINE && gsl_rng_uniform(rng) < .5;
        if (lift_of_exposure(&d, exposure, &fit) != LIFT_JUDGED)
            continue;
        judged++;
        alarms += mixture_p(&fit.effect) < .05;
    }
    gsl_rng_free(rng);
    return judged ? (double)alarms / judged : 1;
}

/* ---- real series ---- */

struct real {
    char name[80];
    int32_t first; /* day number of the first line */
    int n;
    double *y;
};
static struct real real[SERIES_MAX];
static int n_real;

/* Days since 1970-01-01 (Gregorian; Howard Hinnant's count of days). */
static int32_t day_number(int y, int m, int d)
{
    int era, yoe, doy;

    y -= m <= 2;
    era = y / 400;
    yoe = y - era * 400;
    doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static int32_t read_day(const char *text)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    int y, m, d;
    char month[4];

    if (sscanf(text, "%d-%d-%d", &y, &m, &d) == 3)
        return day_number(y, m, d);
    if (sscanf(text, "%d-%3[A-Za-z]-%d", &y, month, &d) == 3 && strstr(months, month))
        return day_number(y, (int)(strstr(months, month) - months) / 3 + 1, d);
    return INT32_MIN;
}

static void put(const char *name, int32_t day, double v)
{
    struct real *s = NULL;

    for (int i = 0; i < n_real; i++)
        if (strcmp(real[i].name, name) == 0)
            s = &real[i];
    if (!s) {
        if (n_real == SERIES_MAX)
            return;
        s = &real[n_real++];
        snprintf(s->name, sizeof s->name, "%s", name);
        s->y = malloc(DAYS_MAX * sizeof *s->y);
        for (int i = 0; i < DAYS_MAX; i++)
            s->y[i] = NAN;
        s->first = day - DAYS_MAX / 2;
    }
    if (day >= s->first && day - s->first < DAYS_MAX)
        s->y[day - s->first] = v;
}

static bool read_file(const char *dir, const char *file, void (*line)(const char *text))
{
    char path[512], text[1024];
    FILE *in;

    snprintf(path, sizeof path, "%s/%s", dir, file);
    in = fopen(path, "r");
    if (!in)
        return false;
    while (fgets(text, sizeof text, in))
        line(text);
    fclose(in);
    return true;
}

static void repository_line(const char *text)
{
    static const char *const names[] = {"views", "visitors", "clones", "cloners"};
    char repository[60], name[80];
    double v[4];
    int32_t day = read_day(text);

    if (day == INT32_MIN ||
        sscanf(text, "%*[^,],%59[^,],%lf,%lf,%lf,%lf", repository, &v[0], &v[1], &v[2], &v[3]) != 5)
        return;
    for (int i = 0; i < 4; i++) {
        snprintf(name, sizeof name, "%.50s %s", repository, names[i]);
        put(name, day, v[i]);
    }
}

static void views_line(const char *text)
{
    int32_t day = read_day(text);
    double views, uniques;

    if (day == INT32_MIN || sscanf(text, "%*[^,],%lf,%lf", &views, &uniques) != 2)
        return;
    put("libmesh views", day, views);
    put("libmesh uniques", day, uniques);
}

static void log_line(const char *text)
{
    int32_t day = read_day(text + 1);
    double v;

    if (text[0] == '"' && day != INT32_MIN && sscanf(text, "%*[^,],%lf", &v) == 1)
        put("wikipedia R", day, exp(v));
}

/* Trims the days before the first and after the last figure. */
static void trim(struct real *s)
{
    int from = 0, to = DAYS_MAX;

    while (from < to && isnan(s->y[from]))
        from++;
    while (to > from && isnan(s->y[to - 1]))
        to--;
    memmove(s->y, s->y + from, (size_t)(to - from) * sizeof *s->y);
    s->first += from;
    s->n = to - from;
}

static double mean_of(const struct real *s)
{
    double sum = 0;
    int n = 0;

    for (int t = 0; t < s->n; t++)
        if (!isnan(s->y[t])) {
            sum += s->y[t];
            n++;
        }
    return n ? sum / n : 0;
}

static int weekday_of(int32_t day)
{
    return (int)(((day + 3) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
}

/* One series: shares of placebo dates that alarm, for each window; -1 without any. */
static void placebo(const struct real *s, double lift[3], double naive[3], double *peek)
{
    int crossed = 0, looked = 0;

    for (int w = 0; w < 3; w++) {
        int alarms = 0, cries = 0, judged = 0;

        for (int at = BASELINE; at + windows[w] <= s->n; at += EVERY) {
            const double *y = s->y + at - BASELINE;

            if (!judge(y, weekday_of(s->first + at - BASELINE), BASELINE, windows[w]))
                continue;
            judged++;
            alarms += mixture_p(&fit.effect) < .05;
            cries += welch(y, BASELINE, windows[w]) < .05;
        }
        lift[w] = judged ? (double)alarms / judged : -1;
        naive[w] = judged ? (double)cries / judged : -1;
    }
    for (int at = BASELINE; at + PEEK_TO <= s->n; at += EVERY) {
        bool judged;
        bool crosses =
            ever_crosses(s->y + at - BASELINE, weekday_of(s->first + at - BASELINE), &judged);

        looked += judged;
        crossed += judged && crosses;
    }
    *peek = looked ? (double)crossed / looked : -1;
}

static double average(const double *v, int n)
{
    double sum = 0;
    int used = 0;

    for (int i = 0; i < n; i++)
        if (v[i] >= 0) {
            sum += v[i];
            used++;
        }
    return used ? sum / used : -1;
}

static void judge_real(const char *dir)
{
    double lift[3][SERIES_MAX], naive[3][SERIES_MAX], peek[SERIES_MAX];
    int n = 0;
    char what[200];

    if (!read_file(dir, "analyticsinmotion.csv", repository_line) ||
        !read_file(dir, "libmesh-views.csv", views_line) ||
        !read_file(dir, "wikipedia-r-log-views.csv", log_line)) {
        printf("Real series: none under %s; this part is left out.\n", dir);
        return;
    }
    printf(
        "\nReal series with nothing done to them, placebo dates every %d days, baseline %d days.\n"
        "Shares of windows with p < .05, and of 90 days read daily that cross p < .025.\n\n"
        "%-44s %7s  %5s %5s %5s   %5s %5s %5s   %5s\n%-44s %7s  %5s %5s %5s   %5s %5s %5s   %5s\n",
        EVERY, BASELINE, "", "", "lift", "", "", "Welch", "", "", "daily", "series", "a day", "7 d",
        "30 d", "90 d", "7 d", "30 d", "90 d", "");
    for (int i = 0; i < n_real; i++) {
        double a[3], b[3];

        trim(&real[i]);
        if (mean_of(&real[i]) >= 20) {
            placebo(&real[i], a, b, &peek[n]);
            if (a[0] < 0) {
                printf("%-44s %7.0f  too short for any window\n", real[i].name, mean_of(&real[i]));
                free(real[i].y);
                continue;
            }
            printf("%-44s %7.0f ", real[i].name, mean_of(&real[i]));
            for (int w = 0; w < 3; w++)
                printf(" %5.3f", lift[w][n] = a[w]);
            printf("  ");
            for (int w = 0; w < 3; w++)
                printf(" %5.3f", naive[w][n] = b[w]);
            printf("   %5.3f\n", peek[n]);
            fflush(stdout);
            n++;
        }
        free(real[i].y);
    }
    printf("%-44s %7s ", "mean over series", "");
    for (int w = 0; w < 3; w++)
        printf(" %5.3f", average(lift[w], n));
    printf("  ");
    for (int w = 0; w < 3; w++)
        printf(" %5.3f", average(naive[w], n));
    printf("   %5.3f\n\n", average(peek, n));
    must(n > 0, "series whose mean is 20 a day or more, long enough for a window");
    for (int w = 0; w < 3; w++) {
        snprintf(what, sizeof what, "false alarms on real series, %d days: %.3f (at most .06)",
                 windows[w], average(lift[w], n));
        must(average(lift[w], n) <= .06, what);
    }
    snprintf(what, sizeof what, "Welch's test on the same, 30 days: %.3f (more than .20)",
             average(naive[1], n));
    must(average(naive[1], n) > .20, what);
    snprintf(what, sizeof what, "read daily at the verdict line: %.3f (at most .06)",
             average(peek, n));
    must(average(peek, n) <= .06, what);
}

static void judge_families(int runs)
{
    static const double steps[] = {0, .05, .12, .30};
    char what[200];

    printf(
        "Made-up traffic, %d runs a cell at 20, 200 and 20,000 a day, baseline %d days.\n"
        "False alarms at p < .05 of the lift after 7, 30, 90 days; of Welch's test after 30;\n"
        "share of 90 days read daily that cross p < .025; false alarms of days drawn\n"
        "by coin for 56 and for 365 days; share of 95 %% intervals that hold a lift of 0, 5, 12,\n"
        "30 %% after 30 days at 200 a day; power at 30 %%.\n\n"
        "%-15s %5s %5s %5s  %5s  %5s  %5s %5s  %5s %5s %5s %5s  %5s\n",
        runs, BASELINE, "family", "7 d", "30 d", "90 d", "Welch", "daily", "c 56", "c 365", "0 %",
        "5 %", "12 %", "30 %", "power");
    for (int f = 0; f < FAMILY_COUNT; f++) {
        double alarms[3], naive[3], holds[4], daily, c56, c365, power = 0;
        double most = strcmp(family_names[f], "level shifts") == 0 ? .08 : .06;

        for (int w = 0; w < 3; w++)
            false_alarms(f, windows[w], runs, &alarms[w], &naive[w]);
        daily = peeking(f, runs);
        c56 = coin_days(f, 56, runs / 2);
        c365 = coin_days(f, 365, runs / 4);
        for (int s = 0; s < 4; s++)
            holds[s] = coverage(f, log1p(steps[s]), runs, &power);
        printf(
            "%-15s %5.3f %5.3f %5.3f  %5.3f  %5.3f  %5.3f %5.3f  %5.3f %5.3f %5.3f %5.3f  %5.3f\n",
            family_names[f], alarms[0], alarms[1], alarms[2], naive[1], daily, c56, c365, holds[0],
            holds[1], holds[2], holds[3], power);
        fflush(stdout);
        for (int w = 0; w < 3; w++) {
            snprintf(what, sizeof what, "%s, %d days: false alarms %.3f (at most %.2f)",
                     family_names[f], windows[w], alarms[w], most);
            if (alarms[w] > most)
                must(false, what);
        }
        snprintf(what, sizeof what, "%s, days by coin: %.3f and %.3f (at most .06)",
                 family_names[f], c56, c365);
        if (c56 > .06 || c365 > .06)
            must(false, what);
        snprintf(what, sizeof what, "%s, read daily: %.3f (at most %.2f)", family_names[f], daily,
                 most);
        if (daily > most)
            must(false, what);
        for (int s = 0; s < 4; s++) {
            snprintf(what, sizeof what, "%s, lift of %g %%: coverage %.3f (at least .93)",
                     family_names[f], 100 * steps[s], holds[s]);
            if (holds[s] < .93)
                must(false, what);
        }
    }
}

/* As a test: few runs, fixed seeds, over all families together. */
static int small(void)
{
    enum { RUNS = 45 };
    double alarms = 0, naive = 0, holds = 0, daily = 0, coins = 0, power;

    for (int f = 0; f < FAMILY_COUNT; f++) {
        double a, b;

        false_alarms(f, 30, RUNS, &a, &b);
        alarms += a / FAMILY_COUNT;
        naive += b / FAMILY_COUNT;
        holds += coverage(f, log(1.12), RUNS, &power) / FAMILY_COUNT;
        daily += peeking(f, 3) / FAMILY_COUNT;
        coins += coin_days(f, 56, RUNS) / FAMILY_COUNT;
    }
    printf("1..5\n");
    printf("%s 1 - of made-up traffic without an effect at most 6 in 100 alarm # %.4f\n",
           alarms <= .06 ? "ok" : "not ok", alarms);
    printf("%s 2 - where Welch's test alarms in more than 20 # %.4f\n",
           naive > .20 ? "ok" : "not ok", naive);
    printf("%s 3 - at least 93 of 100 intervals hold a lift of 12 per cent # %.4f\n",
           holds >= .93 ? "ok" : "not ok", holds);
    printf("%s 4 - read daily, at most 6 in 100 ever cross the verdict line # %.4f\n",
           daily <= .06 ? "ok" : "not ok", daily);
    printf("%s 5 - of days drawn by coin at most 6 in 100 alarm # %.4f\n",
           coins <= .06 ? "ok" : "not ok", coins);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 2 && strcmp(argv[1], "real") == 0) {
        judge_real(argv[2]);
        return failed;
    }
    /* make check runs it without arguments */
    if (argc < 2 || strcmp(argv[1], "full") != 0)
        return small();
    judge_families(argc > 3 ? atoi(argv[3]) : 2000);
    if (argc > 2)
        judge_real(argv[2]);
    return failed;
}
