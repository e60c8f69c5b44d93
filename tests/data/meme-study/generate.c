/*
 * Makes the sample study up: writes posts.csv and traffic.csv into a folder.
 * See README beside this file for what comes out as published and what is
 * invention. Deterministic: GSL's Mersenne Twister with a fixed seed.
 *
 * Traffic: log level + weekday + slow drift (AR(1), half-life 8 days) + noise,
 * a bad week; then the last 30 days are scaled so that the ratio of daily means
 * is the published one. Posts: log-normal likes about a level by platform and
 * type, grown as 1 - exp(-age / 36 h).
 */
#include "base/day.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BEFORE = 90, AFTER = 30, DAYS = BEFORE + AFTER, BAD_WEEK = 41 };
enum { FACEBOOK, X, LINKEDIN, PLATFORMS };
enum { LINK, QUESTION, POLL, MEME_GENERAL, MEME_TRENDING, TYPES };

static const char *const platforms[PLATFORMS] = {"facebook", "x", "linkedin"};
static const char *const type_names[TYPES] = {"link", "question", "poll", "meme", "meme"};
static const char *const tags[TYPES] = {"", "", "", "general", "trending"};
static const char *const handles[PLATFORMS] = {"The Example Gazette", "examplegazette",
                                               "example-gazette"};

/* Likes after a week, at the median; spread in logs; per like: comments, shares, reach. */
static const double likes_level[PLATFORMS][TYPES] = {
    {34, 58, 0, 125, 78}, {11, 0, 27, 44, 30}, {17, 0, 41, 66, 45}};
static const double likes_spread[TYPES] = {.45, .4, .4, .65, .6};
static const double comments_per_like[TYPES] = {.10, .55, .25, .08, .07};
static const double shares_per_like[TYPES] = {.08, .03, .04, .16, .12};
static const double reach_per_like[TYPES] = {28, 24, 22, 38, 34};
static const double clicks_per_reach[TYPES] = {.012, .001, .001, .0008, .0008};
static const double sessions_per_click[TYPES] = {.82, .8, .8, .8, .8};

struct post {
    int day, platform, type, minute;
    double likes; /* after a week */
};

static struct post posts[DAYS * PLATFORMS * 3];
static int n_posts;

static void add_post(gsl_rng *rng, int day, int platform, int type)
{
    struct post *p = &posts[n_posts++];

    p->day = day;
    p->platform = platform;
    p->type = type;
    p->minute = 7 * 60 + (int)gsl_rng_uniform_int(rng, 11 * 60);
    p->likes = likes_level[platform][type] * exp(likes_spread[type] * gsl_ran_gaussian(rng, 1) -
                                                 likes_spread[type] * likes_spread[type] / 2);
}

static void make_posts(gsl_rng *rng)
{
    double sum = 0;
    int n = 0;

    for (int day = 0; day < DAYS; day++)
        for (int p = 0; p < PLATFORMS; p++) {
            bool memes = day >= BEFORE;
            double u = gsl_rng_uniform(rng);

            /* links go on throughout; questions on Facebook, polls on the two others */
            if (gsl_rng_uniform(rng) < (memes ? .7 : .9))
                add_post(rng, day, p, LINK);
            if (u < .28)
                add_post(rng, day, p, p == FACEBOOK ? QUESTION : POLL);
            if (memes && gsl_rng_uniform(rng) < .9) /* else the meme of the day was missed */
                add_post(rng, day, p, gsl_rng_uniform(rng) < .6 ? MEME_GENERAL : MEME_TRENDING);
        }
    for (int i = 0; i < n_posts; i++)
        if (posts[i].platform == FACEBOOK && posts[i].type >= MEME_GENERAL) {
            sum += posts[i].likes;
            n++;
        }
    for (int i = 0; i < n_posts; i++)
        if (posts[i].platform == FACEBOOK && posts[i].type >= MEME_GENERAL)
            posts[i].likes *= 135.2 * n / sum; /* "about 135 likes each" */
}

static void write_moment(FILE *out, int32_t day, int minute)
{
    char text[DAY_TEXT];

    fprintf(out, "%sT%02d:%02d:00Z", day_format(day + minute / 1440, text), minute % 1440 / 60,
            minute % 60);
}

static long at_age(double final, double hours)
{
    return lround(final * (1 - exp(-hours / 36)) / (1 - exp(-168. / 36)));
}

static void write_posts(FILE *out, gsl_rng *rng, int32_t first)
{
    static const int ages[] = {24, 72, 168};

    fputs("platform,id,type,posted_at,account,tags,text,url,observed_at,likes,comments,shares,"
          "reach,clicks,sessions\n",
          out);
    for (int i = 0; i < n_posts; i++) {
        const struct post *p = &posts[i];
        double reach = p->likes * reach_per_like[p->type] * exp(.2 * gsl_ran_gaussian(rng, 1));
        double comments = p->likes * comments_per_like[p->type] * (.5 + gsl_rng_uniform(rng));
        double shares = p->likes * shares_per_like[p->type] * (.5 + gsl_rng_uniform(rng));
        double clicks = reach * clicks_per_reach[p->type] * (.5 + gsl_rng_uniform(rng));
        double sessions = clicks * sessions_per_click[p->type];

        for (size_t a = 0; a < sizeof ages / sizeof *ages; a++) {
            fprintf(out, "%s,%d%09d,%s,", platforms[p->platform], 7 + p->platform, 1000 + i * 37,
                    type_names[p->type]);
            write_moment(out, first + p->day, p->minute);
            fprintf(out, ",%s,%s,\"%s number %d, made up\",https://gazette.example/%d,",
                    handles[p->platform], tags[p->type], type_names[p->type], i + 1, i + 1);
            write_moment(out, first + p->day, p->minute + ages[a] * 60);
            fprintf(out, ",%ld,%ld,%ld,%ld,%ld,%ld\n", at_age(p->likes, ages[a]),
                    at_age(comments, ages[a]), at_age(shares, ages[a]), at_age(reach, ages[a]),
                    at_age(clicks, ages[a]), at_age(sessions, ages[a]));
        }
    }
}

/* One source's days. change: of the mean after against the mean before; NAN: as it comes. */
static void make_source(gsl_rng *rng, int32_t first, double level, double noise, double change,
                        double out[DAYS])
{
    static const double weekday[7] = {.08, .10, .08, .05, 0, -.18, -.13};
    const double phi = exp2(-1. / 8), sd = .07;
    double drift = sd * gsl_ran_gaussian(rng, 1), before = 0, after = 0;

    for (int t = 0; t < DAYS; t++) {
        double z = log(level) + weekday[day_weekday(first + t)] + drift;

        if (t >= BAD_WEEK && t < BAD_WEEK + 7)
            z -= .4;
        out[t] = exp(z + noise * gsl_ran_gaussian(rng, 1));
        drift = phi * drift + sd * sqrt(1 - phi * phi) * gsl_ran_gaussian(rng, 1);
        *(t < BEFORE ? &before : &after) += out[t] / (t < BEFORE ? BEFORE : AFTER);
    }
    for (int t = BEFORE; !isnan(change) && t < DAYS; t++)
        out[t] *= (1 + change) * before / after;
}

static void write_traffic(FILE *out, gsl_rng *rng, int32_t first)
{
    static const struct {
        const char *name;
        double level, noise, share_of_social;
    } sources[] = {{"facebook", 0, 0, .52},
                   {"x", 0, 0, .27},
                   {"linkedin", 0, 0, .16},
                   {"direct", 640, .08, 0},
                   {"organic", 1480, .06, 0}};
    enum { SOURCES = sizeof sources / sizeof *sources };
    double social[DAYS], users[DAYS], other[SOURCES][DAYS];
    char text[DAY_TEXT];

    make_source(rng, first, 410, .07, .12, social);
    make_source(rng, first, 318, .07, .16, users);
    for (int s = 0; s < SOURCES; s++)
        if (sources[s].level > 0)
            make_source(rng, first, sources[s].level, sources[s].noise, NAN, other[s]);
    fputs("date,source,sessions,users\n", out);
    for (int t = 0; t < DAYS; t++) {
        day_format(first + t, text);
        fprintf(out, "%s,social,%ld,%ld\n", text, lround(social[t]),
                lround(fmin(users[t], social[t])));
        for (int s = 0; s < SOURCES; s++) {
            double v = sources[s].level > 0 ? other[s][t]
                                            : social[t] * sources[s].share_of_social *
                                                  exp(.08 * gsl_ran_gaussian(rng, 1));

            fprintf(out, "%s,%s,%ld,%ld\n", text, sources[s].name, lround(v), lround(v * .8));
        }
    }
}

static FILE *open_in(const char *dir, const char *name)
{
    char path[4096];
    FILE *out;

    snprintf(path, sizeof path, "%s/%s", dir, name);
    out = fopen(path, "w");
    if (!out) {
        perror(path);
        exit(1);
    }
    return out;
}

int main(int argc, char **argv)
{
    int32_t first = day_from_civil(2022, 8, 30);
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    FILE *out;

    if (argc != 2 || !rng) {
        fputs("usage: generate DIR\n", stderr);
        return 2;
    }
    gsl_rng_set(rng, 20221162);
    make_posts(rng);
    out = open_in(argv[1], "posts.csv");
    write_posts(out, rng, first);
    if (fclose(out) != 0)
        return 1;
    out = open_in(argv[1], "traffic.csv");
    write_traffic(out, rng, first);
    if (fclose(out) != 0)
        return 1;
    gsl_rng_free(rng);
    return 0;
}
