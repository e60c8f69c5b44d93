#include "analysis/sequential.h"

#include <math.h>

double sequential_log_bayes_factor(double estimate, double error, double tau)
{
    double v = error * error, t = tau * tau;

    return .5 * log(v / (v + t)) + estimate * estimate * t / (2 * v * (v + t));
}

double sequential_p(double estimate, double error, double tau)
{
    return fmin(1, exp(-sequential_log_bayes_factor(estimate, error, tau)));
}

double sequential_half_width(double error, double tau)
{
    double v = error * error, t = tau * tau;

    return sqrt(v * (v + t) / t * (2 * log(20) + log((v + t) / v)));
}
