#include "http/routes.h"
#include "http/api.h"
#include "http/stats.h"

#include <stdio.h>
#include <string.h>

#define READ SCOPE_BIT(SCOPE_READ)
#define WRITE SCOPE_BIT(SCOPE_WRITE)
#define IMPORT SCOPE_BIT(SCOPE_IMPORT)
#define ADMIN SCOPE_BIT(SCOPE_ADMIN)
#define ROWS SCOPE_BIT(SCOPE_ROWS)
/* Rows, or names of accounts, campaigns and files, with what is sensitive in them. */
#define ALL_ROWS (SCOPE_BIT(SCOPE_ROWS) | SCOPE_BIT(SCOPE_SENSITIVE))

const struct route routes[] = {
    {HTTP_GET, "/", ROUTE_SAYS_REGION | ROUTE_CACHED | ROUTE_PACKED, api_page, NULL, "page",
     READ | ROWS, 0},
    {HTTP_GET, "/app.js", ROUTE_PACKED, api_page_script, NULL, "script", 0, 0},
    {HTTP_GET, "/sign-in", 0, api_sign_in, NULL, "sign-in", 0, 0},
    {HTTP_POST, "/session", 0, NULL, &api_session_body, "session", 0, 0},
    {HTTP_POST, "/session/end", 0, NULL, &api_session_end_body, "session-end", 0, 0},
    {HTTP_GET, "/api/v1/session", 0, api_session, NULL, "session", 0, 0},
    {HTTP_GET, "/api/v1/overview", ROUTE_CACHED, api_overview, NULL, "overview", READ | ROWS, 0},
    {HTTP_GET, "/api/v1/audit/head", ROUTE_WHOLE | ROUTE_ADMIN, api_audit_head, NULL, "audit-head",
     READ, 0},
    {HTTP_GET, "/api/v1/audit/log", ROUTE_WHOLE, api_audit_log, NULL, "audit-log", ADMIN, 0},
    {HTTP_GET, "/healthz", 0, api_healthz, NULL, "healthz", 0, 0},
    {HTTP_GET, "/readyz", 0, api_readyz, NULL, "readyz", 0, 0},
    {HTTP_GET, "/metrics", ROUTE_WHOLE, api_metrics, NULL, "metrics", READ, 0},
    {HTTP_GET, "/api/v1/openapi.json", 0, api_openapi, NULL, "openapi", 0, 0},
    {HTTP_GET, "/api/v1/method", 0, api_method, NULL, "method", 0, 0},
    {HTTP_GET, "/api/v1/posts", ROUTE_CACHED, api_posts, NULL, "posts", ROWS, 0},
    {HTTP_POST, "/api/v1/posts", 0, NULL, &api_posts_body, "posts", WRITE, 0},
    {HTTP_GET, "/api/v1/posts/{}/{}", ROUTE_CACHED, api_post, NULL, "post", ROWS, 0},
    {HTTP_GET, "/api/v1/traffic", ROUTE_CACHED, api_traffic, NULL, "traffic", ROWS, 0},
    {HTTP_POST, "/api/v1/traffic", 0, NULL, &api_traffic_body, "traffic", WRITE, 0},
    {HTTP_GET, "/api/v1/imports", 0, api_imports, NULL, "imports", ROWS, 0},
    {HTTP_POST, "/api/v1/imports", 0, NULL, &api_imports_body, "imports", IMPORT, 0},
    {HTTP_GET, "/api/v1/imports/{}/rejected", 0, api_import_rejected, NULL, "rejected", ALL_ROWS,
     IMPORT},
    {HTTP_GET, "/api/v1/imports/{}", 0, api_import, NULL, "import", ROWS, IMPORT},
    {HTTP_DELETE, "/api/v1/imports/{}", 0, api_import_undo, NULL, "import", ADMIN, 0},
    {HTTP_GET, "/api/v1/lift", ROUTE_SAYS_REGION | ROUTE_CACHED, api_lift, NULL, "lift", READ, 0},
    {HTTP_GET, "/api/v1/compare", ROUTE_CACHED, api_compare, NULL, "compare", READ, 0},
    {HTTP_GET, "/api/v1/types", ROUTE_SAYS_REGION | ROUTE_CACHED, api_types, NULL, "types", READ,
     0},
    {HTTP_GET, "/api/v1/posts/outliers", ROUTE_SAYS_REGION | ROUTE_CACHED, api_outliers, NULL,
     "outliers", READ | ROWS, 0},
    {HTTP_GET, "/api/v1/cadence", ROUTE_SAYS_REGION | ROUTE_CACHED, api_cadence, NULL, "cadence",
     READ, 0},
    {HTTP_GET, "/api/v1/backup/file", ROUTE_WHOLE, api_backup_file, NULL, "backup-file",
     ADMIN | ALL_ROWS, 0},
    {HTTP_GET, "/api/v1/backup", ROUTE_WHOLE, api_backup, NULL, "backup", ADMIN | ALL_ROWS, 0},
    {HTTP_POST, "/api/v1/backup", 0, NULL, &api_backup_body, "backup", ADMIN | ALL_ROWS, 0},
    {HTTP_GET, "/api/v1/forget", ROUTE_WHOLE, api_forget, NULL, "forget", ADMIN, 0},
    {HTTP_POST, "/api/v1/forget", 0, NULL, &api_forget_body, "forget", ADMIN, 0},
    {HTTP_GET, "/api/v1/check", ROUTE_WHOLE, api_check, NULL, "check", ADMIN, 0},
    {HTTP_POST, "/api/v1/check", 0, NULL, &api_check_body, "check", ADMIN, 0},
    {HTTP_GET, "/api/v1/export", 0, api_export, NULL, "export", ROWS, 0},
    {HTTP_GET, "/api/v1/profiles", 0, api_profiles, NULL, "profiles", READ, 0},
    {HTTP_GET, "/api/v1/type-rules", 0, api_type_rules, NULL, "type-rules", ALL_ROWS, 0},
    {HTTP_POST, "/api/v1/type-rules", 0, NULL, &api_type_rules_body, "type-rules", WRITE, 0},
    {HTTP_DELETE, "/api/v1/type-rules/{}", 0, api_type_rule_delete, NULL, "type-rule", ADMIN, 0},
    {HTTP_GET, "/api/v1/post-types", 0, api_post_types, NULL, "post-types", ROWS, 0},
    {HTTP_POST, "/api/v1/post-types", 0, NULL, &api_post_types_body, "post-types", WRITE, 0},
    {HTTP_DELETE, "/api/v1/post-types/{}/{}", 0, api_post_type_delete, NULL, "post-type", ADMIN, 0},
    {HTTP_GET, "/charts/lift.svg", ROUTE_SAYS_REGION | ROUTE_CACHED | ROUTE_PACKED, api_chart_lift,
     NULL, "chart-lift", READ, 0},
    {HTTP_GET, "/charts/types.svg", ROUTE_SAYS_REGION | ROUTE_CACHED | ROUTE_PACKED,
     api_chart_types, NULL, "chart-types", READ, 0},
    {HTTP_GET, "/charts/posts.svg", ROUTE_SAYS_REGION | ROUTE_CACHED | ROUTE_PACKED,
     api_chart_posts, NULL, "chart-posts", READ | ROWS, 0},
    {HTTP_GET, "/charts/cadence.svg", ROUTE_SAYS_REGION | ROUTE_CACHED | ROUTE_PACKED,
     api_chart_cadence, NULL, "chart-cadence", READ, 0},
    {HTTP_GET, "/api/v1/report", ROUTE_SAYS_REGION | ROUTE_CACHED | ROUTE_PACKED, api_report, NULL,
     "report", READ | ROWS, 0},
    {HTTP_GET, "/api/v1/plan", ROUTE_SAYS_REGION | ROUTE_CACHED | ROUTE_PAGES, api_plan, NULL,
     "plan", READ, 0},
    {HTTP_GET, "/api/v1/experiments", ROUTE_CACHED, api_experiments, NULL, "experiments",
     READ | ROWS, 0},
    {HTTP_POST, "/api/v1/experiments", 0, NULL, &api_experiments_body, "experiments", WRITE, 0},
    {HTTP_POST, "/api/v1/experiments/{}/stop", 0, NULL, &api_experiment_stop_body, "stop", WRITE,
     0},
    {HTTP_POST, "/api/v1/experiments/{}/corrections", 0, NULL, &api_experiment_correct_body,
     "corrections", ADMIN, 0},
    {HTTP_GET, "/api/v1/experiments/{}/reading", ROUTE_CACHED, api_experiment_reading, NULL,
     "reading", READ | ROWS, 0},
    {HTTP_GET, "/api/v1/experiments/{}/report", ROUTE_CACHED, api_experiment_report, NULL,
     "experiment-report", READ | ROWS, 0},
    {HTTP_GET, "/api/v1/experiments/{}/findings/{}", 0, api_finding, NULL, "finding", READ | ROWS,
     0},
    {HTTP_GET, "/api/v1/experiments/{}", ROUTE_CACHED | ROUTE_PAGES, api_experiment, NULL,
     "experiment", READ | ROWS, 0},
    {HTTP_PUT, "/api/v1/experiments/{}", 0, NULL, &api_experiments_body, "experiment", WRITE, 0},
    {HTTP_DELETE, "/api/v1/experiments/{}", 0, api_experiment_delete, NULL, "experiment", ADMIN, 0},
    {HTTP_GET, "/api/v1/due", ROUTE_PAGES, api_due, NULL, "due", READ | ROWS, 0},
    {HTTP_GET, "/api/v1/notes", ROUTE_CACHED, api_notes, NULL, "notes", ROWS, 0},
    {HTTP_POST, "/api/v1/notes", 0, NULL, &api_notes_body, "notes", WRITE, 0},
    {HTTP_GET, "/api/v1/notes/{}", 0, api_note, NULL, "note", ROWS, 0},
    {HTTP_PUT, "/api/v1/notes/{}", 0, NULL, &api_notes_body, "note", WRITE, 0},
    {HTTP_DELETE, "/api/v1/notes/{}", 0, api_note_delete, NULL, "note", ADMIN, 0},
    {HTTP_GET, "/api/v1/accounts", 0, api_accounts, NULL, "accounts", ALL_ROWS, 0},
    {HTTP_POST, "/api/v1/accounts", 0, NULL, &api_accounts_body, "accounts", ADMIN, 0},
    {HTTP_GET, "/api/v1/sources", 0, api_sources, NULL, "sources", READ, 0},
    {HTTP_POST, "/api/v1/sources", 0, NULL, &api_sources_body, "sources", WRITE, 0},
};
const int n_routes = sizeof routes / sizeof *routes;
_Static_assert(sizeof routes / sizeof *routes <= STATS_ROUTES_MAX, "each route is counted");

/* Compares without cutting; the starts and ends of what {} stands for. */
static bool path_fits(const char *pattern, const char *path, size_t at[2], size_t len[2], int *n)
{
    const char *start = path;

    *n = 0;
    for (;;) {
        if (pattern[0] == '{') {
            bool last = pattern[2] == 0;
            size_t part = last ? strlen(path) : strcspn(path, "/");

            if (!part)
                return false;
            at[*n] = (size_t)(path - start);
            len[(*n)++] = part;
            path += part;
            pattern += 2;
            continue;
        }
        if (*pattern != *path)
            return false;
        if (!*pattern)
            return true;
        pattern++;
        path++;
    }
}

const struct route *route_find(enum http_method method, char *copy, const char *segment[2],
                               bool *known, char *allow)
{
    const struct route *found = NULL;
    const char *pattern = NULL;
    size_t at[2], len[2], at_found[2] = {0, 0}, len_found[2] = {0, 0};
    int n = 0, n_found = 0;

    *known = false;
    allow[0] = 0;
    for (int i = 0; i < n_routes; i++) {
        if ((pattern && strcmp(pattern, routes[i].path) != 0) ||
            !path_fits(routes[i].path, copy, at, len, &n))
            continue;
        pattern = routes[i].path; /* the first that fits: others are less exact */
        *known = true;
        snprintf(allow + strlen(allow), 64 - strlen(allow), "%s%s", allow[0] ? ", " : "",
                 routes[i].method == HTTP_GET ? "GET, HEAD" : http_method_names[routes[i].method]);
        if (routes[i].method == method && !found) {
            found = &routes[i];
            n_found = n;
            memcpy(at_found, at, sizeof at);
            memcpy(len_found, len, sizeof len);
        }
    }
    if (*known)
        snprintf(allow + strlen(allow), 64 - strlen(allow), ", OPTIONS");
    segment[0] = segment[1] = "";
    for (int i = 0; found && i < n_found; i++) {
        copy[at_found[i] + len_found[i]] = 0;
        segment[i] = copy + at_found[i];
    }
    return found;
}

static bool asks_by_name(const struct params *params)
{
    for (int i = 0; i < params->n; i++) {
        const char *dot = strchr(params->name[i], '.'), *name = dot ? dot + 1 : params->name[i];
        const char *what =
            strcmp(name, "by") == 0 || strcmp(name, "exposure") == 0 || strcmp(name, "posts") == 0
                ? params->value[i]
                : name;

        if (strstr(what, "account") || strstr(what, "campaign"))
            return true;
    }
    return false;
}

unsigned route_needs(const struct route *r, const struct params *params)
{
    return r->needs |
           (r->method == HTTP_GET && r->needs && asks_by_name(params) ? SCOPE_BIT(SCOPE_SENSITIVE)
                                                                      : 0);
}

bool route_is_of_regions(const struct route *r)
{
    return !(r->flags & ROUTE_WHOLE) &&
           (r->method == HTTP_GET || r->body == &api_posts_body || r->body == &api_traffic_body ||
            r->body == &api_imports_body || r->body == &api_notes_body ||
            r->body == &api_post_types_body || r->body == &api_experiments_body ||
            r->body == &api_experiment_stop_body || r->body == &api_experiment_correct_body ||
            r->answer == api_experiment_delete || r->answer == api_note_delete ||
            r->answer == api_post_type_delete);
}

enum reach_depth route_depth(const struct route *r, const struct caller *caller)
{
    if (!r->needs || (caller->scopes & SCOPE_BIT(SCOPE_SENSITIVE)))
        return REACH_WHOLE;
    if (r->or_needs && (r->or_needs & ~caller->scopes) == 0)
        return REACH_WHOLE; /* who brings files mends them */
    return r->needs & ROWS ? REACH_PLAIN : REACH_FIGURES;
}

bool route_is_logged(const struct route *r, const struct params *params)
{
    return r->or_needs || r->method == HTTP_PUT || (route_needs(r, params) & (ALL_ROWS | ADMIN)) ||
           r->body == &api_experiment_stop_body;
}

bool route_allows(const struct route *r, const struct params *params, unsigned scopes)
{
    return (route_needs(r, params) & ~scopes) == 0 || (r->flags & ROUTE_ADMIN && scopes & ADMIN) ||
           (r->or_needs && (r->or_needs & ~scopes) == 0);
}
