/*
 * Signing in to the page: a token is pasted once into a form and becomes a cookie that no script
 * can read and no other site can use. Nothing here needs a script.
 */
#include "http/api.h"
#include "http/pages.h"
#include "render/json.h"
#include "render/page.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { FORM_MAX = 1024 };

const char *session_cookie(const struct app *app)
{
    return app->public_tls ? "__Host-postlift" : "postlift";
}

static void set_cookie(const struct app *app, const char *value, struct reply *rp)
{
    snprintf(rp->cookie, sizeof rp->cookie,
             "%s=%s; Path=/; Max-Age=%d; HttpOnly; SameSite=Strict%s", session_cookie(app), value,
             *value ? SESSION_HOURS * 3600 : 0, app->public_tls ? "; Secure" : "");
}

void sign_in_page(unsigned status, const char *sentence, struct reply *rp)
{
    struct buf *b = &rp->body;

    buf_reset(b);
    page_begin(b, "Sign in to postlift");
    if (sentence && *sentence)
        page_element(b, "p role=\"alert\"", sentence);
    buf_printf(
        b,
        "<form method=\"post\" action=\"/session\">\n"
        "<p><label for=\"token\">Your token, as \"postlift token add\" printed it</label></p>\n"
        "<p><input id=\"token\" name=\"token\" type=\"password\" autocomplete=\"off\" "
        "spellcheck=\"false\" required autofocus size=\"50\" maxlength=\"200\"> "
        "<button>Sign in</button></p>\n</form>\n"
        "<p class=\"soft\">This browser stays signed in for %d hours. The page shows posts "
        "and figures, so it takes a token with the scopes read and rows; without sensitive, "
        "texts and names are left out.</p>\n",
        SESSION_HOURS);
    page_end(b);
    reply_form(rp);
    rp->status = status;
}

/* Who is signed in is asked whether to sign out. */
static void sign_out_page(const char *name, struct reply *rp)
{
    struct buf *b = &rp->body;

    page_begin(b, "Signed in to postlift");
    buf_puts(b, "<p>With the token \"");
    page_text(b, name);
    buf_puts(b, "\". <a href=\"/\">To the page</a></p>\n"
                "<form method=\"post\" action=\"/session/end\"><p><button>Sign out</button></p>"
                "</form>\n");
    page_end(b);
    reply_form(rp);
}

void api_sign_in(struct app *app, const struct request *rq, struct reply *rp)
{
    if (rq->caller.by_session && rq->caller.scopes)
        sign_out_page(rq->caller.name, rp);
    else
        sign_in_page(200,
                     auth_is_on(app->auth)
                         ? NULL
                         : "Nobody has to sign in here: there is no file of tokens.",
                     rp);
}

/* Who is signed in, for the page. */
void api_session(struct app *app, const struct request *rq, struct reply *rp)
{
    json_t *o = json_object(), *scopes = json_array();

    for (int i = 0; i < SCOPE_COUNT; i++)
        if (rq->caller.scopes & SCOPE_BIT(i))
            json_append(&scopes, json_text(scope_names[i]));
    json_put(&o, "tokens", json_boolean(auth_is_on(app->auth)));
    json_put(&o, "name", json_text(rq->caller.name[0] ? rq->caller.name : NULL));
    json_put(&o, "by_session", json_boolean(rq->caller.by_session));
    json_put(&o, "scopes", scopes);
    reply_json(rp, 200, o);
}

struct form {
    struct app *app;
    struct buf text;
};

static void *form_begin(struct app *app, const struct request *rq, struct reply *rp)
{
    struct form *form = calloc(1, sizeof *form);
    struct fail f = {0};

    (void)rq;
    if (!form) {
        fail_memory(&f);
        reply_fail(rp, &f);
        return NULL;
    }
    form->app = app;
    buf_init(&form->text, FORM_MAX);
    return form;
}

static bool form_feed(void *body, const char *data, size_t len)
{
    return buf_add(&((struct form *)body)->text, data, len);
}

static void form_free(void *body)
{
    struct form *form = body;

    if (form->text.data)
        sodium_memzero(form->text.data, form->text.cap);
    buf_clear(&form->text);
    free(form);
}

static void go_to(const char *where, struct reply *rp)
{
    rp->status = 303;
    snprintf(rp->location, sizeof rp->location, "%s", where);
}

/* The token of "token=plt_..."; what surrounds it when it is pasted is left off. */
static void token_of(struct buf *form, char token[TOKEN_TEXT])
{
    const char *at = buf_text(form);
    size_t len;

    token[0] = 0;
    if (strncmp(at, "token=", 6) != 0)
        return;
    at += 6;
    while (*at == '+' || strncmp(at, "%0D", 3) == 0 || strncmp(at, "%0A", 3) == 0)
        at += *at == '+' ? 1 : 3;
    len = strcspn(at, "&+%");
    if (len < TOKEN_TEXT)
        snprintf(token, TOKEN_TEXT, "%.*s", (int)len, at);
}

static void sign_in_finish(void *body, const struct request *rq, struct reply *rp)
{
    struct form *form = body;
    char token[TOKEN_TEXT], session[SESSION_TEXT];
    enum auth_result result;
    struct fail f = {0};

    if (!auth_is_on(form->app->auth)) {
        go_to("/", rp);
        return;
    }
    if (!rq->has_origin) {
        sign_in_page(403, "Signing in is for browsers, which say what page it comes from.", rp);
        return;
    }
    token_of(&form->text, token);
    result = auth_sign_in(form->app->auth, token, &rq->asking, session, &f);
    sodium_memzero(token, sizeof token);
    if (result == AUTH_KNOWN) {
        set_cookie(form->app, session, rp);
        go_to("/", rp);
        return;
    }
    sign_in_page(result == AUTH_TOO_MANY ? 429 : 401, f.sentence, rp);
    if (result == AUTH_TOO_MANY)
        rp->retry_after_s = 60;
}

const struct body_ops api_session_body = {form_begin, form_feed, sign_in_finish, form_free,
                                          FORM_MAX};

static void sign_out_finish(void *body, const struct request *rq, struct reply *rp)
{
    struct form *form = body;

    if (!rq->has_origin) { /* a page elsewhere must not sign anybody out */
        sign_in_page(403, "Signing out is for browsers, which say what page it comes from.", rp);
        return;
    }
    if (rq->asking.session)
        auth_sign_out(form->app->auth, rq->asking.session);
    set_cookie(form->app, "", rp);
    go_to("/sign-in", rp);
}

const struct body_ops api_session_end_body = {form_begin, form_feed, sign_out_finish, form_free,
                                              FORM_MAX};
