#include "base/ceilings.h"
#include "base/day.h"
#include "base/fail.h"
#include "http/auth.h"
#include "http/cache.h"
#include "http/guard.h"
#include "http/listen.h"
#include "base/embedded.h"
#include "http/peer.h"
#include "http/routes.h"
#include "http/sessions.h"
#include "http/stats.h"
#include "render/csv_out.h"
#include "unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Headers as "Name: value" lines; what the guard says of them, or NULL. */
static const char *public; /* by which people come */
static const char *guarded(const char *target, const char *headers, bool http_1_1, bool writes)
{
    struct guard g;

    guard_init(&g);
    guard_target(&g, target);
    while (*headers) {
        size_t line = strcspn(headers, "\n"), name = strcspn(headers, ":");

        guard_header(&g, headers, name, headers + name + 2, line - name - 2, "stats.example.org");
        headers += line + (headers[line] == '\n');
    }
    guard_finish(&g, http_1_1, writes, public);
    return g.reason;
}

START_TEST(what_is_well_formed_passes_the_guard)
{
    ck_assert_ptr_null(guarded("/", "Host: localhost", true, false));
    ck_assert_ptr_null(guarded("/a?b=%20", "Host: 127.0.0.1:8640", true, false));
    ck_assert_ptr_null(guarded("/", "Host: [::1]:8640", true, false));
    ck_assert_ptr_null(guarded("/", "Host: LOCALHOST", true, false));
    ck_assert_ptr_null(guarded("/", "Host: stats.example.org", true, false));
    ck_assert_ptr_null(guarded("/", "", false, false));
    ck_assert_ptr_null(guarded("/", "Host: localhost\nContent-Length: 5", true, true));
    ck_assert_ptr_null(guarded("/", "Host: localhost\nTransfer-Encoding: chunked", true, true));
    ck_assert_ptr_null(guarded("/", "Host: localhost\nContent-Length: 0", true, false));
    ck_assert_ptr_null(
        guarded("/", "Host: localhost:8640\nOrigin: http://localhost:8640", true, true));
    ck_assert_ptr_null(guarded("/", "Host: localhost\nOrigin: http://evil.example", true, false));
}
END_TEST

START_TEST(a_page_of_ours_may_write_and_one_of_any_other_place_may_not)
{
    static const struct {
        const char *public, *host, *origin;
        bool ours;
    } pages[] = {
        {NULL, "localhost:8640", "http://localhost:8640", true},
        {NULL, "LOCALHOST:8640", "http://localhost:8640", true},
        {NULL, "127.0.0.1:8640", "http://127.0.0.1:8640", true},
        {NULL, "[::1]:8640", "http://[::1]:8640", true},
        {NULL, "localhost", "http://localhost", true},
        {NULL, "localhost:80", "http://localhost", true},
        {NULL, "stats.example.org", "https://stats.example.org", true},
        {NULL, "stats.example.org", "http://stats.example.org", true},
        {NULL, "stats.example.org", "https://stats.example.org:443", true},
        {NULL, "localhost:8640", "http://localhost", false},
        {NULL, "localhost:8640", "https://localhost", false},
        {NULL, "localhost:8640", "http://localhost:8641", false},
        {NULL, "localhost:8640", "http://127.0.0.1:8640", false},
        {NULL, "localhost", "http://localhost:5", false},
        {NULL, "127.0.0.1:8640", "http://127.0.0.1:08640", false},
        {NULL, "127.0.0.1:8640", "http://127.0.0.1:86400", false},
        {NULL, "127.0.0.1:8640", "http://127.0.0.1:999999", false},
        {NULL, "127.0.0.1:8640", "http://127.0.0.1:", false},
        {NULL, "127.0.0.1:8640", "http://127.0.0.1:8640@evil.example", false},
        {NULL, "127.0.0.1:8640", "http://evil.example", false},
        {NULL, "127.0.0.1:8640", "null", false},
        {NULL, "127.0.0.1:8640", "", false},
        {NULL, "127.0.0.1:8640", "ftp://127.0.0.1:8640", false},
        {"https://stats.example.org", "stats.example.org", "https://stats.example.org", true},
        {"https://stats.example.org/", "stats.example.org", "https://stats.example.org", true},
        {"https://stats.example.org", "localhost:8640", "https://stats.example.org", true},
        {"https://stats.example.org:8443", "stats.example.org", "https://stats.example.org:8443",
         true},
        {"https://stats.example.org", "localhost:8640", "http://localhost:8640", true},
        {"https://stats.example.org", "stats.example.org", "http://stats.example.org", false},
        {"https://stats.example.org", "stats.example.org", "https://stats.example.org:444", false},
        {"https://stats.example.org", "stats.example.org", "http://localhost:3000", false},
        {"https://stats.example.org", "stats.example.org", "http://localhost", false},
        {"https://stats.example.org", "localhost:8640", "http://localhost.evil:8640", false},
        {"http://stats.example.org", "stats.example.org", "http://stats.example.org", true},
    };

    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        char headers[200];

        public = pages[i].public;
        snprintf(headers, sizeof headers, "Host: %s\nOrigin: %s", pages[i].host, pages[i].origin);
        ck_assert_msg((guarded("/", headers, true, true) == NULL) == pages[i].ours, "%s with %s",
                      headers, public ? public : "none");
        ck_assert_ptr_null(guarded("/", headers, true, false));
    }
    public = NULL;
    ck_assert_ptr_nonnull(guarded(
        "/", "Host: localhost\nOrigin: http://localhost\nOrigin: http://localhost", true, true));
}
END_TEST

START_TEST(what_could_be_read_in_two_ways_does_not)
{
    static const struct {
        const char *target, *headers;
        bool writes;
    } bad[] = {
        {"a", "Host: localhost", false},
        {"http://localhost/", "Host: localhost", false},
        {"/%", "Host: localhost", false},
        {"/%4", "Host: localhost", false},
        {"/%zz", "Host: localhost", false},
        {"/%00", "Host: localhost", false},
        {"/\x80", "Host: localhost", false},
        {"/a b", "Host: localhost", false},
        {"/", "", false},
        {"/", "Host: localhost\nHost: localhost", false},
        {"/", "Host: evil.example", false},
        {"/", "Host: localhost.evil.example", false},
        {"/", "Host: localhost:80:80", false},
        {"/", "Host: localhost:http", false},
        {"/", "Host: ", false},
        {"/", "Host: localhost\nContent-Length: 5\nContent-Length: 5", true},
        {"/", "Host: localhost\nContent-Length: 5\nContent-Length: 6", true},
        {"/", "Host: localhost\nContent-Length: +5", true},
        {"/", "Host: localhost\nContent-Length: 5 ", true},
        {"/", "Host: localhost\nContent-Length: 0x5", true},
        {"/", "Host: localhost\nContent-Length: ", true},
        {"/", "Host: localhost\nContent-Length: 1234567890123456789", true},
        {"/", "Host: localhost\nContent-Length: 5\nTransfer-Encoding: chunked", true},
        {"/", "Host: localhost\nTransfer-Encoding: gzip, chunked", true},
        {"/", "Host: localhost\nTransfer-Encoding: chunked\nTransfer-Encoding: chunked", true},
        {"/", "Host: localhost\nTransfer-Encoding: identity", true},
        {"/", "Host: localhost\nContent-Length: 5", false},
        {"/", "Host: localhost\nTransfer-Encoding: chunked", false},
        {"/", "Host: localhost\nX Y: 1", false},
        {"/", "Host: localhost\nX: a\x01", false},
        {"/", "Host: localhost\nOrigin: http://evil.example", true},
        {"/", "Host: localhost\nOrigin: null", true},
        {"/", "Host: localhost:8640\nOrigin: http://localhost:9999", true},
    };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(guarded(bad[i].target, bad[i].headers, true, bad[i].writes) != NULL,
                      "%s with %s", bad[i].target, bad[i].headers);
}
END_TEST

START_TEST(every_route_is_found_by_its_own_method_and_is_405_for_the_others)
{
    ck_assert_int_lt(n_routes, STATS_ROUTES_MAX);
    for (int i = 0; i < n_routes; i++) {
        for (int m = 0; m <= HTTP_METHOD_COUNT; m++) {
            char path[64] = "", allow[64];
            const char *segment[2];
            const struct route *found;
            bool known, has = false;

            for (const char *p = routes[i].path; *p; p++)
                if (*p == '{')
                    strcat(path, "thing"), p++;
                else
                    strncat(path, p, 1);
            for (int k = 0; k < n_routes; k++)
                has = has ||
                      (strcmp(routes[k].path, routes[i].path) == 0 && (int)routes[k].method == m);
            found = route_find((enum http_method)m, path, segment, &known, allow);
            ck_assert(known);
            ck_assert_int_eq(found != NULL, has);
            ck_assert_ptr_nonnull(strstr(allow, http_method_names[routes[i].method]));
            ck_assert_ptr_nonnull(strstr(allow, "OPTIONS"));
        }
        ck_assert_int_ne(routes[i].answer != NULL, routes[i].body != NULL);
    }
}
END_TEST

START_TEST(an_id_may_have_slashes_and_an_unknown_path_is_unknown)
{
    char path[] = "/api/v1/posts/linkedin/urn/li:activity:7", allow[64];
    char none[] = "/api/v1/postss", bare[] = "/api/v1/posts/", deep[] = "/api/v1/posts/facebook";
    const char *segment[2];
    bool known;

    ck_assert_ptr_nonnull(route_find(HTTP_GET, path, segment, &known, allow));
    ck_assert_str_eq(segment[0], "linkedin");
    ck_assert_str_eq(segment[1], "urn/li:activity:7");
    ck_assert_ptr_null(route_find(HTTP_GET, none, segment, &known, allow));
    ck_assert(!known);
    ck_assert_ptr_null(route_find(HTTP_GET, bare, segment, &known, allow));
    ck_assert(!known);
    ck_assert_ptr_null(route_find(HTTP_GET, deep, segment, &known, allow));
    ck_assert(!known);
}
END_TEST

static int released;

static void release(void *response)
{
    released++;
    free(response);
}

/* Whether there is one, whose number of rows is 7. */
static bool is_kept(struct cache *c, const char *key, int64_t revision)
{
    struct kept *k = cache_hold(c, key, revision);
    bool there = k && k->response && k->rows == 7;

    cache_let_go(c, k);
    return there;
}

START_TEST(an_answer_of_an_older_revision_is_never_used_and_room_is_bounded)
{
    struct cache *c = cache_new(release);
    char key[32];

    cache_put(c, "/q", 1, malloc(1), 100, 7);
    ck_assert(is_kept(c, "/q", 1));
    ck_assert(!is_kept(c, "/q", 2));
    ck_assert(!is_kept(c, "/p", 1));
    cache_put(c, "/q", 2, malloc(1), 100, 7);
    ck_assert_int_eq(released, 1);
    ck_assert(is_kept(c, "/q", 2));
    cache_put(c, "/huge", 1, malloc(1), ANSWER_CACHE_BYTES, 7);
    ck_assert_int_eq(released, 2);
    for (int i = 0; i < 10 * ANSWER_CACHE_ENTRIES; i++) {
        snprintf(key, sizeof key, "/%d", i);
        cache_put(c, key, 2, malloc(1), 100, 7);
    }
    ck_assert_int_ge(released, 9 * ANSWER_CACHE_ENTRIES);
    cache_free(c);
    ck_assert_int_eq(released, 10 * ANSWER_CACHE_ENTRIES + 3);
}
END_TEST

START_TEST(an_answer_that_is_being_sent_outlives_its_place_in_memory)
{
    struct cache *c = cache_new(release);
    struct kept *first, *again;
    char key[32];

    released = 0;
    cache_put(c, "/q", 1, strdup("held"), 100, 1);
    first = cache_hold(c, "/q", 1);
    again = cache_hold(c, "/q", 1);
    ck_assert_ptr_eq(first, again);
    cache_put(c, "/q", 2, strdup("newer"), 100, 1);
    for (int i = 0; i < 10 * ANSWER_CACHE_ENTRIES; i++) {
        snprintf(key, sizeof key, "/%d", i);
        cache_put(c, key, 2, malloc(1), 100, 1);
    }
    ck_assert_ptr_null(cache_hold(c, "/q", 1));
    ck_assert_ptr_null(cache_hold(c, "/q", 2));
    ck_assert_str_eq(first->response, "held");
    released = 0;
    cache_let_go(c, first);
    ck_assert_str_eq(again->response, "held");
    ck_assert_int_eq(released, 0);
    cache_let_go(c, again);
    ck_assert_int_eq(released, 1);
    cache_free(c);
}
END_TEST

/* "/a/{x}" as routes write it: "/a/{}" */
static void without_names(const char *path, char *to)
{
    for (; *path; path++) {
        *to++ = *path;
        if (*path == '{')
            path += strcspn(path, "}") - 1;
    }
    *to = 0;
}

/* The scopes that a list of the description names. */
static unsigned scopes_of(const json_t *list)
{
    const json_t *name;
    unsigned bits = 0;
    size_t i;

    json_array_foreach(list, i, name)
    {
        unsigned one = 0;
        struct fail f = {0};

        ck_assert_msg(scopes_parse(json_string_value(name), &one, &f), "%s", f.sentence);
        bits |= one;
    }
    return bits;
}

static const json_t *operation(const json_t *paths, const struct route *r)
{
    static const char *const methods[HTTP_METHOD_COUNT] = {"get", "post", "put", "delete"};
    const char *path;
    json_t *methods_of;

    json_object_foreach((json_t *)(uintptr_t)paths, path, methods_of)
    {
        char plain[200];

        without_names(path, plain);
        if (strcmp(plain, r->path) == 0)
            return json_object_get(methods_of, methods[r->method]);
    }
    return NULL;
}

START_TEST(the_description_names_the_scopes_of_every_route_as_they_are)
{
    const struct embedded_file *e = embedded_files;
    json_t *d;

    while (strcmp(e->path, "openapi.json") != 0)
        e++;
    d = json_loads(e->text, 0, NULL);
    for (int i = 0; i < n_routes; i++) {
        const json_t *o = operation(json_object_get(d, "paths"), &routes[i]),
                     *lists = json_object_get(o, "security");
        unsigned first = scopes_of(json_object_get(json_array_get(lists, 0), "token")),
                 second = scopes_of(json_object_get(json_array_get(lists, 1), "token"));
        unsigned or_needs =
            routes[i].flags & ROUTE_ADMIN ? SCOPE_BIT(SCOPE_ADMIN) : routes[i].or_needs;

        ck_assert_msg(json_is_array(lists), "%s", routes[i].path);
        ck_assert_msg(json_array_size(lists) == (routes[i].needs ? or_needs ? 2u : 1u : 0u), "%s",
                      routes[i].path);
        ck_assert_msg(first == routes[i].needs, "%s", routes[i].path);
        ck_assert_msg(second == or_needs, "%s", routes[i].path);
        ck_assert_msg(!routes[i].needs || (json_object_get(o, "x-regions") == NULL) ==
                                              route_is_of_regions(&routes[i]),
                      "%s", routes[i].path);
    }
    json_decref(d);
}
END_TEST

START_TEST(each_answer_with_rows_or_names_and_each_change_by_admins_is_in_the_read_log)
{
    const unsigned rows = SCOPE_BIT(SCOPE_ROWS) | SCOPE_BIT(SCOPE_SENSITIVE);
    struct params none = {0};
    const char *by[] = {"by"}, *account[] = {"account"};
    struct params by_account = {.name = by, .value = account, .n = 1};

    for (int i = 0; i < n_routes; i++) {
        const struct route *r = &routes[i];

        if (r->needs & rows || r->needs & SCOPE_BIT(SCOPE_ADMIN) || r->method == HTTP_DELETE)
            ck_assert_msg(route_is_logged(r, &none), "%s", r->path);
        if (r->method == HTTP_GET && r->needs)
            ck_assert_msg(route_is_logged(r, &by_account), "%s", r->path);
    }
}
END_TEST

START_TEST(each_route_is_counted_under_a_name_of_its_own)
{
    for (int i = 0; i < n_routes; i++)
        for (int k = 0; k < i; k++)
            ck_assert_msg(routes[i].method != routes[k].method ||
                              strcmp(routes[i].name, routes[k].name) != 0,
                          "%s and %s are both %s", routes[i].path, routes[k].path, routes[i].name);
}
END_TEST

START_TEST(what_is_open_to_all_is_of_the_program_and_not_of_the_data)
{
    static const char *const open[] = {
        "/app.js",  "/healthz", "/readyz",      "/api/v1/openapi.json", "/api/v1/method",
        "/sign-in", "/session", "/session/end", "/api/v1/session"};

    for (int i = 0; i < n_routes; i++) {
        bool is_open = false;

        for (size_t k = 0; k < sizeof open / sizeof *open; k++)
            is_open |= strcmp(open[k], routes[i].path) == 0;
        ck_assert_msg(is_open == (routes[i].needs == 0), "%s", routes[i].path);
    }
}
END_TEST

START_TEST(what_changes_something_takes_more_than_what_reads)
{
    const unsigned reads =
        SCOPE_BIT(SCOPE_READ) | SCOPE_BIT(SCOPE_ROWS) | SCOPE_BIT(SCOPE_SENSITIVE);
    struct params none = {0};

    for (int i = 0; i < n_routes; i++) {
        const struct route *r = &routes[i];

        ck_assert_msg(route_allows(r, &none, SCOPES_ALL), "%s", r->path);
        ck_assert_msg(r->needs == 0 || !route_allows(r, &none, 0), "%s", r->path);
        if (r->method != HTTP_GET && r->needs)
            ck_assert_msg(!route_allows(r, &none, reads), "%s", r->path);
        if (r->method == HTTP_DELETE)
            ck_assert_msg(!route_allows(r, &none, SCOPES_ALL & ~SCOPE_BIT(SCOPE_ADMIN)), "%s",
                          r->path);
    }
}
END_TEST

START_TEST(names_of_accounts_and_campaigns_cannot_be_guessed_without_the_scope_to_see_them)
{
    static const struct {
        const char *name, *value;
        bool sensitive;
    } asked[] = {{"by", "type", false},         {"by", "account", true},
                 {"by", "campaign", true},      {"account", "!x", true},
                 {"campaign", "spring", true},  {"a.account", "x", true},
                 {"b.campaign", "x", true},     {"exposure", "type:meme", false},
                 {"type", "account", false},    {"exposure", "type:meme,account:x", true},
                 {"posts", "campaign:x", true}, {"source", "social", false}};
    const unsigned read = SCOPE_BIT(SCOPE_READ);

    for (int i = 0; i < n_routes; i++)
        for (size_t k = 0; k < sizeof asked / sizeof *asked; k++) {
            struct params p = {.name = (const char *[]){asked[k].name},
                               .value = (const char *[]){asked[k].value},
                               .n = 1};

            if (routes[i].needs == read && routes[i].method == HTTP_GET)
                ck_assert_msg(route_allows(&routes[i], &p, read) != asked[k].sensitive, "%s?%s=%s",
                              routes[i].path, asked[k].name, asked[k].value);
        }
}
END_TEST

START_TEST(a_session_ends_after_its_hours_and_the_oldest_where_there_are_too_many)
{
    struct sessions *s = sessions_new();
    const int64_t hour = 3600000, began = 1700000000000;
    unsigned char token[TOKEN_HASH] = {1}, found[TOKEN_HASH];
    char first[SESSION_TEXT], second[SESSION_TEXT], more[SESSION_TEXT], own[SESSION_TEXT];

    ck_assert_ptr_nonnull(s);
    sessions_begin(s, token, began, first);
    ck_assert_uint_eq(strlen(first), SESSION_TEXT - 1);
    ck_assert(sessions_find(s, first, began + SESSION_HOURS * hour, found));
    ck_assert_mem_eq(found, token, TOKEN_HASH);
    ck_assert(!sessions_find(s, first, began + SESSION_HOURS * hour + 1, found));
    ck_assert(!sessions_find(s, first, began, found)); /* what is over stays over */
    sessions_begin(s, token, began, first);
    sessions_begin(s, token, began + 1, second);
    for (int i = 0; i < SESSIONS_MAX - 1; i++) { /* of many tokens */
        token[1] = (unsigned char)(i + 1);
        sessions_begin(s, token, began + 2 + i, more);
    }
    ck_assert(!sessions_find(s, first, began + hour, found));
    for (int i = 0; i < 3 * SESSIONS_OF_TOKEN; i++) { /* many of one end its own alone */
        char of_one[SESSION_TEXT];

        sessions_begin(s, (const unsigned char[TOKEN_HASH]){9}, began + 1000 + i, of_one);
        if (i == SESSIONS_OF_TOKEN - 1)
            memcpy(own, of_one, sizeof own);
        ck_assert(sessions_find(s, of_one, began + hour, found));
    }
    ck_assert(!sessions_find(s, own, began + hour, found));
    ck_assert(sessions_find(s, more, began + hour, found));
    ck_assert(sessions_find(s, more, began + hour, found));
    sessions_end(s, more);
    ck_assert(!sessions_find(s, more, began + hour, found));
    ck_assert(!sessions_find(s, "", began + hour, found));
    ck_assert(!sessions_find(s, "short", began + hour, found));
    sessions_free(s);
}
END_TEST

/* A file with the one token, good until that day and for that region. */
static void keep_token(const char *path, const char *token, const char *name, int32_t last,
                       const char *region)
{
    struct token_row row = {.scopes = SCOPE_BIT(SCOPE_READ), .last = last};
    char line[TOKEN_LINE];
    FILE *out = fopen(path, "w");

    ck_assert_ptr_nonnull(out);
    ck_assert(token_hash(token, row.hash));
    snprintf(row.name, sizeof row.name, "%s", name);
    snprintf(row.regions, sizeof row.regions, "%s", region);
    fprintf(out, "%s\n", token_line(&row, line));
    ck_assert_int_eq(fclose(out), 0);
    ck_assert_int_eq(chmod(path, 0600), 0);
}

static bool is_known(struct auth *a, struct known *known, const char *token, int64_t day,
                     struct caller *caller)
{
    char header[100];
    struct fail f = {0};
    struct asking asking = {header, NULL, 1, day * MS_PER_DAY, known};

    snprintf(header, sizeof header, "Bearer %s", token);
    return auth_caller(a, &asking, caller, &f) == AUTH_KNOWN;
}

START_TEST(a_token_that_is_known_on_a_connection_is_so_while_the_tokens_are_the_same)
{
    char path[] = "/tmp/postlift-tokens-XXXXXX", one[TOKEN_TEXT], two[TOKEN_TEXT], near[TOKEN_TEXT];
    int fd = mkstemp(path);
    struct known known = {0};
    struct caller caller;
    struct fail f = {0};
    struct auth *a;

    ck_assert_int_ge(fd, 0);
    close(fd);
    token_make(one);
    token_make(two);
    snprintf(near, sizeof near, "%s", one);
    near[TOKEN_LENGTH - 1] = (char)(near[TOKEN_LENGTH - 1] == 'A' ? 'B' : 'A');
    keep_token(path, one, "first", 20000, "eu");
    a = auth_open(path, &f);
    ck_assert_ptr_nonnull(a);
    for (int i = 0; i < 3; i++) { /* the second time as it was known the first */
        ck_assert(is_known(a, &known, one, 20000, &caller));
        ck_assert_str_eq(caller.name, "first");
        ck_assert_str_eq(caller.regions, "eu");
        ck_assert_uint_eq(caller.scopes, SCOPE_BIT(SCOPE_READ));
        ck_assert_ptr_null(memmem(&known, sizeof known, one + 4, 8)); /* no part of it is kept */
        ck_assert(!is_known(a, &known, near, 20000, &caller));
        ck_assert_str_eq(caller.name, "");
        ck_assert(!is_known(a, &known, two, 20000, &caller));
        ck_assert(!is_known(a, &known, "", 20000, &caller));
    }
    ck_assert(!is_known(a, &known, one, 20001, &caller)); /* its last day is over */
    ck_assert_uint_eq(caller.scopes, 0);
    ck_assert(is_known(a, &known, one, 20000, &caller));
    keep_token(path, one, "narrower", 20000, "us");
    auth_reload(a);
    ck_assert(is_known(a, &known, one, 20000, &caller));
    ck_assert_str_eq(caller.name, "narrower");
    ck_assert_str_eq(caller.regions, "us");
    keep_token(path, two, "second", DAY_NONE, "");
    auth_reload(a);
    ck_assert(!is_known(a, &known, one, 20000, &caller));
    ck_assert(is_known(a, &known, two, 30000, &caller));
    ck_assert(is_known(a, NULL, two, 30000, &caller));
    ck_assert_str_eq(caller.name, "second");
    auth_close(a);
    unlink(path);
}
END_TEST

START_TEST(failed_attempts_are_slowed_by_peer_and_in_all_until_the_minute_ends)
{
    struct attempts *a = attempts_new();
    const int64_t now = 60000 * 1000;

    ck_assert_ptr_nonnull(a);
    for (int i = 0; i < ATTEMPTS_OF_PEER; i++)
        ck_assert(!attempts_failed(a, 7, now));
    ck_assert(attempts_failed(a, 7, now + 59999));
    ck_assert(!attempts_failed(a, 8, now));
    for (int i = ATTEMPTS_OF_PEER + 1; i < ATTEMPTS_IN_ALL; i++)
        ck_assert(!attempts_failed(a, 9u + (unsigned)i % 100, now));
    ck_assert(attempts_failed(a, 200, now));
    ck_assert(!attempts_failed(a, 7, now + 60000));
    attempts_free(a);
}
END_TEST

static uint64_t peer_at(const char *address, const char *forwarded, const char *proxies)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    struct sockaddr_un local = {.sun_family = AF_UNIX};

    if (inet_pton(AF_INET, address, &v4.sin_addr) == 1)
        return peer_number((const struct sockaddr *)&v4, forwarded, proxies);
    if (inet_pton(AF_INET6, address, &v6.sin6_addr) == 1)
        return peer_number((const struct sockaddr *)&v6, forwarded, proxies);
    return peer_number((const struct sockaddr *)&local, forwarded, proxies);
}

START_TEST(a_forwarded_address_is_believed_of_named_proxies_alone)
{
    const uint64_t client = peer_at("192.0.2.7", NULL, "");

    ck_assert(client != peer_at("192.0.2.8", NULL, ""));
    ck_assert(client == peer_at("::ffff:192.0.2.7", NULL, ""));
    ck_assert(client != peer_at("127.0.0.1", "192.0.2.7", ""));
    ck_assert(client != peer_at("127.0.0.1", "192.0.2.7", "127.0.0.2, ::1"));
    ck_assert(client == peer_at("127.0.0.1", "192.0.2.7", "10.0.0.1 , 127.0.0.1"));
    ck_assert(client == peer_at("::1", "198.51.100.1,192.0.2.7 ", "::1"));
    ck_assert(client == peer_at("unix", "192.0.2.7", "unix"));
    ck_assert(client != peer_at("unix", "192.0.2.7", "127.0.0.1"));
    /* what is none leaves the proxy's own */
    ck_assert(peer_at("127.0.0.1", "192.0.2.7, nonsense", "127.0.0.1") ==
              peer_at("127.0.0.1", NULL, ""));
    ck_assert(peer_at("127.0.0.1", "", "127.0.0.1") == peer_at("127.0.0.1", NULL, ""));
    ck_assert(peer_at("127.0.0.1", ",,,", "127.0.0.1,,") == peer_at("127.0.0.1", NULL, ""));
    /* a subscriber's network is one */
    ck_assert(peer_at("2001:db8:1:2::1", NULL, "") == peer_at("2001:db8:1:2:3::9", NULL, ""));
    ck_assert(peer_at("2001:db8:1:2::1", NULL, "") != peer_at("2001:db8:1:3::1", NULL, ""));
}
END_TEST

START_TEST(only_loopback_and_unix_sockets_are_listened_on)
{
    static const char *const beyond[] = {"0.0.0.0:0", "192.0.2.1:8640", "[::]:0",
                                         "[2001:db8::1]:80"};
    static const char *const bad[] = {
        "",         "8640",          "localhost",     "localhost:",
        "host:1:2", "::1:80",        "[::1]",         "127.0.0.1:99999",
        "unix:",    "unix:relative", "example.org:80"};
    char address[128];

    for (size_t i = 0; i < sizeof beyond / sizeof *beyond; i++) {
        struct fail f = {0};

        ck_assert_int_lt(listen_open(beyond[i], false, address, sizeof address, &f), 0);
        ck_assert_str_eq(f.slug, "beyond-loopback");
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct fail f = {0};

        ck_assert_msg(listen_open(bad[i], false, address, sizeof address, &f) < 0, "%s", bad[i]);
        ck_assert_str_eq(f.slug, "bad-address");
    }
}
END_TEST

START_TEST(a_free_port_is_taken_and_told_and_a_taken_one_is_refused)
{
    struct fail f = {0};
    char address[128], again[128], where[128];
    int fd = listen_open("127.0.0.1:0", false, address, sizeof address, &f);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(strncmp(address, "http://127.0.0.1:", 17), 0);
    ck_assert_int_gt(atoi(address + 17), 0);
    snprintf(where, sizeof where, "127.0.0.1:%s", address + 17);
    ck_assert_int_lt(listen_open(where, false, again, sizeof again, &f), 0);
    ck_assert_str_eq(f.slug, "cannot-listen");
    close(fd);
}
END_TEST

START_TEST(csv_is_quoted_and_formulas_are_made_harmless)
{
    static const char *const columns[] = {"a", "b.c", "d", NULL};
    json_t *rows = json_pack("[{s:s, s:{s:i}, s:[s,s]}, {s:s, s:{s:f}, s:n}, {s:s}, {s:s}]", "a",
                             "x,\"y\"\nz", "b", "c", 7, "d", "one", "two", "a", "=1+1", "b", "c",
                             -0.25, "d", "a", "-12.5", "a", "+49 170");
    struct buf out;

    buf_init(&out, 1000);
    ck_assert(csv_out(&out, rows, columns, true));
    ck_assert_str_eq(buf_text(&out), "\xef\xbb\xbf"
                                     "a,b.c,d\r\n"
                                     "\"x,\"\"y\"\"\nz\",7,one two\r\n"
                                     "'=1+1,-0.25,\r\n"
                                     "-12.5,,\r\n"
                                     "'+49 170,,\r\n");
    buf_clear(&out);
    buf_init(&out, 20);
    ck_assert(!csv_out(&out, rows, columns, false));
    buf_clear(&out);
    json_decref(rows);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("http");
    TCase *t = tcase_create("http");

    UNIT(t, what_is_well_formed_passes_the_guard);
    UNIT(t, a_page_of_ours_may_write_and_one_of_any_other_place_may_not);
    UNIT(t, what_could_be_read_in_two_ways_does_not);
    UNIT(t, every_route_is_found_by_its_own_method_and_is_405_for_the_others);
    UNIT(t, an_id_may_have_slashes_and_an_unknown_path_is_unknown);
    UNIT(t, an_answer_of_an_older_revision_is_never_used_and_room_is_bounded);
    UNIT(t, an_answer_that_is_being_sent_outlives_its_place_in_memory);
    UNIT(t, the_description_names_the_scopes_of_every_route_as_they_are);
    UNIT(t, each_answer_with_rows_or_names_and_each_change_by_admins_is_in_the_read_log);
    UNIT(t, each_route_is_counted_under_a_name_of_its_own);
    UNIT(t, what_is_open_to_all_is_of_the_program_and_not_of_the_data);
    UNIT(t, what_changes_something_takes_more_than_what_reads);
    UNIT(t, names_of_accounts_and_campaigns_cannot_be_guessed_without_the_scope_to_see_them);
    UNIT(t, a_session_ends_after_its_hours_and_the_oldest_where_there_are_too_many);
    UNIT(t, a_token_that_is_known_on_a_connection_is_so_while_the_tokens_are_the_same);
    UNIT(t, failed_attempts_are_slowed_by_peer_and_in_all_until_the_minute_ends);
    UNIT(t, a_forwarded_address_is_believed_of_named_proxies_alone);
    UNIT(t, only_loopback_and_unix_sockets_are_listened_on);
    UNIT(t, a_free_port_is_taken_and_told_and_a_taken_one_is_refused);
    UNIT(t, csv_is_quoted_and_formulas_are_made_harmless);
    suite_add_tcase(s, t);
    return unit_run(s);
}
