#include "cli/client.h"
#include "base/text.h"
#include "base/ceilings.h"

#include <curl/curl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

struct client {
    CURL *curl;
    char base[512], socket[256];
    char next[8192];
    char token[TOKEN_TEXT]; /* "": none */
    char error[CURL_ERROR_SIZE];
};

struct client *client_open(const char *url, struct fail *f)
{
    struct client *c;

    if (strncmp(url, "unix:/", 6) != 0 && strncmp(url, "http://", 7) != 0 &&
        strncmp(url, "https://", 8) != 0) {
        fail_set(f, FAIL_SYNTAX, "bad-url", NULL,
                 "POSTLIFT_URL is \"%.200s\"; it looks like http://127.0.0.1:8640 or "
                 "unix:/run/postlift/socket.",
                 url);
        return NULL;
    }
    c = calloc(1, sizeof *c);
    if (!c || curl_global_init(CURL_GLOBAL_DEFAULT) != 0 || !(c->curl = curl_easy_init())) {
        fail_set(f, FAIL_BUSY, "out-of-memory", NULL, "Out of memory.");
        free(c);
        return NULL;
    }
    if (strncmp(url, "unix:", 5) == 0) {
        snprintf(c->socket, sizeof c->socket, "%s", url + 5);
        text_copy(c->base, sizeof c->base, "http://localhost");
    } else {
        snprintf(c->base, sizeof c->base, "%s", url);
        while (c->base[0] && c->base[strlen(c->base) - 1] == '/')
            c->base[strlen(c->base) - 1] = 0;
    }
    return c;
}

static bool bad_token_file(const char *path, const char *why, struct fail *f)
{
    return fail_set(f, FAIL_SYNTAX, "token-file", NULL,
                    "The file %.300s of POSTLIFT_TOKEN_FILE %s.", path, why);
}

bool client_use_token(struct client *c, const char *path, struct fail *f)
{
    FILE *in = fopen(path, "re");
    unsigned char hash[TOKEN_HASH];
    char line[200] = "";
    struct stat st;
    bool ok;

    if (!in)
        return bad_token_file(path, "cannot be read", f);
    if (fstat(fileno(in), &st) != 0 || (st.st_mode & S_IRWXO))
        ok = bad_token_file(path, "is open to everyone on this machine; chmod 600 mends that", f);
    else if (!fgets(line, sizeof line, in))
        ok = bad_token_file(path, "is empty", f);
    else
        ok = true;
    fclose(in);
    line[strcspn(line, " \t\r\n")] = 0;
    if (ok && !token_hash(line, hash))
        ok = bad_token_file(path, "does not begin with a token as \"postlift token add\" prints it",
                            f);
    if (ok)
        text_copy(c->token, sizeof c->token, line);
    sodium_memzero(line, sizeof line);
    return ok;
}

void client_close(struct client *c)
{
    if (!c)
        return;
    curl_easy_cleanup(c->curl);
    curl_global_cleanup();
    sodium_memzero(c->token, sizeof c->token);
    free(c);
}

void target_init(struct target *t, const char *path)
{
    buf_init(&t->text, 65536);
    buf_puts(&t->text, path);
    t->has_query = false;
}

void target_clear(struct target *t)
{
    buf_clear(&t->text);
}

void target_add(struct target *t, struct client *c, const char *name, const char *value)
{
    char *n = curl_easy_escape(c->curl, name, 0), *v = curl_easy_escape(c->curl, value, 0);

    buf_printf(&t->text, "%c%s=%s", t->has_query ? '&' : '?', n ? n : "", *value && v ? v : "");
    t->has_query = true;
    curl_free(n);
    curl_free(v);
}

void target_path(struct target *t, struct client *c, const char *segment)
{
    char *s = curl_easy_escape(c->curl, segment, 0);

    if (t->text.len && t->text.data[t->text.len - 1] != '/')
        buf_putc(&t->text, '/');
    buf_puts(&t->text, s ? s : "");
    curl_free(s);
}

static size_t on_body(char *data, size_t size, size_t n, void *body)
{
    return buf_add(body, data, size * n) ? size * n : 0;
}

/* Link: </api/v1/export?cursor=...>; rel="next" */
static size_t on_header(char *data, size_t size, size_t n, void *arg)
{
    struct client *c = arg;
    const char *open = memchr(data, '<', size * n), *close;

    if (size * n > 6 && strncasecmp(data, "link: ", 6) == 0 && open &&
        (close = memchr(open, '>', size * n - (size_t)(open - data))) != NULL &&
        (size_t)(close - open) < sizeof c->next)
        snprintf(c->next, sizeof c->next, "%.*s", (int)(close - open - 1), open + 1);
    return size * n;
}

const char *client_next(const struct client *c)
{
    return c->next;
}

static void prepare(struct client *c, const char *target, struct buf *body)
{
    char url[70000];

    curl_easy_reset(c->curl);
    snprintf(url, sizeof url, "%s%s", c->base, target);
    curl_easy_setopt(c->curl, CURLOPT_URL, url);
    if (c->socket[0])
        curl_easy_setopt(c->curl, CURLOPT_UNIX_SOCKET_PATH, c->socket);
    if (c->token[0]) {
        curl_easy_setopt(c->curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_BEARER);
        curl_easy_setopt(c->curl, CURLOPT_XOAUTH2_BEARER, c->token);
    }
    curl_easy_setopt(c->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c->curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(c->curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(c->curl, CURLOPT_CONNECTTIMEOUT, 5L);
    curl_easy_setopt(c->curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(c->curl, CURLOPT_LOW_SPEED_TIME, 60L);
    curl_easy_setopt(c->curl, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(c->curl, CURLOPT_HEADERDATA, c);
    curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(c->curl, CURLOPT_WRITEDATA, body);
    curl_easy_setopt(c->curl, CURLOPT_ERRORBUFFER, c->error);
    curl_easy_setopt(c->curl, CURLOPT_USERAGENT, "postlift/" PACKAGE_VERSION);
    c->error[0] = c->next[0] = 0;
    buf_reset(body);
}

static bool perform(struct client *c, unsigned *status, struct fail *f)
{
    CURLcode rc = curl_easy_perform(c->curl);
    long code = 0;

    curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &code);
    *status = (unsigned)code;
    if (rc == CURLE_OK)
        return true;
    if (rc == CURLE_COULDNT_CONNECT || rc == CURLE_COULDNT_RESOLVE_HOST)
        return fail_set(f, FAIL_NOT_FOUND, "no-daemon", NULL,
                        "There is no postliftd at %s (%s). Start it, or name another address in "
                        "POSTLIFT_URL.",
                        c->socket[0] ? c->socket : c->base,
                        c->error[0] ? c->error : curl_easy_strerror(rc));
    /* An answer that came before all was sent (413, say) is an answer. */
    if (code >= 400 && (rc == CURLE_SEND_ERROR || rc == CURLE_RECV_ERROR))
        return true;
    return fail_set(f, FAIL_BUSY, "broken-off", NULL, "The daemon at %s broke off: %s.",
                    c->socket[0] ? c->socket : c->base,
                    c->error[0] ? c->error : curl_easy_strerror(rc));
}

bool client_get(struct client *c, const char *target, unsigned *status, struct buf *body,
                struct fail *f)
{
    prepare(c, target, body);
    return perform(c, status, f);
}

struct receiving {
    struct client *c;
    FILE *out;
    struct buf *problem;
    int64_t bytes;
    bool broken;
};

static size_t on_part(char *data, size_t size, size_t n, void *arg)
{
    struct receiving *r = arg;
    long code = 0;

    curl_easy_getinfo(r->c->curl, CURLINFO_RESPONSE_CODE, &code);
    if (code != 200)
        return buf_add(r->problem, data, size * n) ? size * n : 0;
    if (fwrite(data, 1, size * n, r->out) != size * n) {
        r->broken = true;
        return 0;
    }
    r->bytes += (int64_t)(size * n);
    return size * n;
}

bool client_get_stream(struct client *c, const char *target, FILE *out, unsigned *status,
                       struct buf *problem, int64_t *bytes, struct fail *f)
{
    struct receiving r = {c, out, problem, 0, false};
    bool ok;

    prepare(c, target, problem);
    curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, on_part);
    curl_easy_setopt(c->curl, CURLOPT_WRITEDATA, &r);
    ok = perform(c, status, f);
    *bytes = r.bytes;
    if (r.broken)
        ok = fail_set(f, FAIL_NO_SPACE, "no-output", NULL, "The output cannot be written.");
    return ok;
}

bool client_delete(struct client *c, const char *target, unsigned *status, struct buf *body,
                   struct fail *f)
{
    prepare(c, target, body);
    curl_easy_setopt(c->curl, CURLOPT_CUSTOMREQUEST, "DELETE");
    return perform(c, status, f);
}

bool client_post_json(struct client *c, const char *target, const char *json, unsigned *status,
                      struct buf *body, struct fail *f)
{
    return client_send_json(c, "POST", target, json, status, body, f);
}

bool client_send_json(struct client *c, const char *method, const char *target, const char *json,
                      unsigned *status, struct buf *body, struct fail *f)
{
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    bool ok;

    prepare(c, target, body);
    curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(c->curl, CURLOPT_POSTFIELDS, json);
    curl_easy_setopt(c->curl, CURLOPT_CUSTOMREQUEST, method);
    ok = perform(c, status, f);
    curl_slist_free_all(headers);
    return ok;
}

struct sending {
    FILE *in;
    bool broken;
    int64_t sent, total;
    client_sent_fn fn;
    void *ctx;
};

static size_t on_read(char *data, size_t size, size_t n, void *arg)
{
    struct sending *s = arg;
    size_t got = fread(data, 1, size * n, s->in);

    if (!got && ferror(s->in)) {
        s->broken = true;
        return CURL_READFUNC_ABORT;
    }
    s->sent += (int64_t)got;
    if (s->fn)
        s->fn(s->ctx, s->sent, s->total);
    return got;
}

bool client_post_stream(struct client *c, const char *target, const char *type, FILE *in,
                        int64_t size, client_sent_fn sent, void *ctx, unsigned *status,
                        struct buf *body, struct fail *f)
{
    struct curl_slist *headers;
    char header[120];
    struct sending s = {.in = in, .total = size, .fn = sent, .ctx = ctx};
    bool ok;

    snprintf(header, sizeof header, "Content-Type: %s", type);
    headers = curl_slist_append(NULL, header);
    prepare(c, target, body);
    if (size < 0)
        headers = curl_slist_append(headers, "Transfer-Encoding: chunked");
    curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(c->curl, CURLOPT_POST, 1L);
    if (size >= 0)
        curl_easy_setopt(c->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)size);
    curl_easy_setopt(c->curl, CURLOPT_READFUNCTION, on_read);
    curl_easy_setopt(c->curl, CURLOPT_READDATA, &s);
    ok = perform(c, status, f);
    if (s.broken)
        ok = fail_set(f, FAIL_SYNTAX, "unreadable", NULL, "The file cannot be read.");
    curl_slist_free_all(headers);
    return ok;
}
