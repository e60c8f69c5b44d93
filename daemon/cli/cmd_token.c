/*
 * Tokens: the one command that edits a file and asks no daemon. The daemon reads the file again by
 * itself. A change is written beside the file and renamed over it, so a reader sees the old one or
 * the new one; the folder is locked meanwhile, so that two changes at once are both kept.
 */
#include "base/buf.h"
#include "base/clock.h"
#include "base/day.h"
#include "base/text.h"
#include "base/tokens.h"
#include "cli/commands.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

enum { DAYS_MAX = 36500 };

/* Without it a file that has no tokens would be empty, as one is that is half written. */
static const char heading[] =
    "# Tokens of postlift: hash, name, scopes, regions, last day. See postlift(1).\n";

struct asked {
    const char *what, *file, *name, *scope, *region, *days;
};

static int say_fail(const struct fail *f)
{
    fprintf(stderr, "postlift: %s\n", f->sentence);
    return f->code == FAIL_BUSY || f->code == FAIL_NO_SPACE ? EX_TEMPFAIL : EX_CONFIG;
}

/* The folder of a file, locked until it is closed; below 0 with a line on standard error. */
static int lock_folder(const char *file)
{
    char folder[4096];
    const char *slash = strrchr(file, '/');
    int fd;

    if (!slash)
        text_copy(folder, sizeof folder, ".");
    else
        snprintf(folder, sizeof folder, "%.*s", slash == file ? 1 : (int)(slash - file), file);
    fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || flock(fd, LOCK_EX) != 0) {
        fprintf(stderr, "postlift: the folder %s: %s.\n", folder, strerror(errno));
        if (fd >= 0)
            close(fd);
        return -1;
    }
    return fd;
}

/* The file as it is, into text; a file that is not there is an empty one. */
static bool read_text(const char *file, struct buf *text, struct stat *st, struct fail *f)
{
    char part[4096];
    ssize_t got = 0;
    int fd = open(file, O_RDONLY | O_CLOEXEC);

    if (fd < 0 && errno == ENOENT) {
        st->st_mode = 0;
        return true;
    }
    while (fd >= 0 && (got = read(fd, part, sizeof part)) > 0 && buf_add(text, part, (size_t)got))
        ;
    if (fd < 0 || got != 0 || fstat(fd, st) != 0)
        fail_set(f, FAIL_INTERNAL, "token-file", NULL, "%.300s cannot be read%s%s.", file,
                 fd < 0 ? ": " : "", fd < 0 ? strerror(errno) : "");
    if (fd >= 0)
        close(fd);
    return f->code == FAIL_NONE;
}

/* Whole or not at all, of the same owner and rights as before; a new file is its owner's alone. */
static bool write_text(const char *file, int folder, const struct buf *text, const struct stat *st,
                       struct fail *f)
{
    mode_t mode = st->st_mode ? st->st_mode & 0770 : 0600;
    char part[4096];
    bool ok;
    int fd;

    snprintf(part, sizeof part, "%s.part", file);
    unlink(part); /* left over by a crash: the folder is locked */
    fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    ok = fd >= 0 && (!st->st_mode || geteuid() != 0 || fchown(fd, st->st_uid, st->st_gid) == 0) &&
         fchmod(fd, mode) == 0 && write(fd, text->data, text->len) == (ssize_t)text->len &&
         fsync(fd) == 0 && rename(part, file) == 0 && fsync(folder) == 0;
    if (!ok) {
        fail_set(f, errno == ENOSPC ? FAIL_NO_SPACE : FAIL_INTERNAL, "token-file", NULL,
                 "%.300s cannot be written: %s.", file, strerror(errno));
        unlink(part);
    }
    if (fd >= 0)
        close(fd);
    return ok;
}

static const struct token_row *named(const struct tokens *t, const char *name)
{
    for (int i = 0; i < t->n; i++)
        if (strcmp(t->row[i].name, name) == 0)
            return &t->row[i];
    return NULL;
}

static int32_t today(void)
{
    return (int32_t)(clock_now_ms() / MS_PER_DAY);
}

static int show(const struct tokens *t, const struct stat *st)
{
    if (st->st_mode & S_IRWXO)
        fputs("postlift: the file is open to everyone on this machine, so postliftd does not take "
              "it; chmod o-rwx mends that.\n",
              stderr);
    printf("%-20s  %-8s  %-10s  %s\n", "name", "regions", "last day", "scopes");
    for (int i = 0; i < t->n; i++) {
        char scopes[80], day[DAY_TEXT] = "-";
        const struct token_row *row = &t->row[i];

        if (row->last != DAY_NONE)
            day_format(row->last, day);
        printf("%-20s  %-8s  %-10s  %s%s\n", row->name, row->regions[0] ? row->regions : "*", day,
               scopes_format(row->scopes, scopes, sizeof scopes),
               row->last != DAY_NONE && row->last < today() ? "  (expired)" : "");
    }
    return EX_OK;
}

static bool add(const struct asked *a, struct buf *text, const struct tokens *t,
                char token[TOKEN_TEXT], struct fail *f)
{
    char line[TOKEN_LINE];
    struct token_row row = {.last = DAY_NONE};
    struct tokens checked;
    bool ok;

    if (a->days) {
        char *end;
        long days = strtol(a->days, &end, 10);

        if (*end || days < 1 || days > DAYS_MAX)
            return fail_set(f, FAIL_UNPROCESSABLE, "bad-value", "days",
                            "\"--days\" takes a number of days, 1 to %d.", DAYS_MAX);
        row.last = today() + (int32_t)days;
    }
    if (!regions_parse(a->region ? a->region : "*", row.regions, f) ||
        !scopes_parse(a->scope, &row.scopes, f))
        return false;
    if (named(t, a->name))
        return fail_set(
            f, FAIL_CONFLICT, "name-taken", NULL,
            "There is a token \"%.40s\" already; revoke it first, or take another name.", a->name);
    if (!token_name_is_fit(a->name))
        return fail_set(f, FAIL_UNPROCESSABLE, "bad-value", "name",
                        "A name has up to %d small letters, digits, \"-\", \"_\" and \".\".",
                        SLUG_MAX);
    text_copy(row.name, sizeof row.name, a->name);
    token_make(token);
    token_hash(token, row.hash);
    if (text->len == 0)
        buf_puts(text, heading);
    buf_printf(text, "%s\n", token_line(&row, line));
    if (text->over)
        return fail_set(f, FAIL_TOO_LARGE, "token-file", NULL, "The file would be too long.");
    ok = tokens_parse(buf_text(text), text->len, &checked, f); /* the daemon will read it so */
    if (ok)
        tokens_clear(&checked);
    return ok;
}

/* Takes the line out and leaves all others, comments too, as they are. */
static bool take_out(const struct asked *a, struct buf *text, const struct tokens *t,
                     struct fail *f)
{
    const struct token_row *row = named(t, a->name);
    const char *at = buf_text(text), *stop;
    struct buf rest;

    if (!row)
        return fail_set(f, FAIL_UNPROCESSABLE, "no-such-token", NULL,
                        "There is no token \"%.40s\".", a->name);
    buf_init(&rest, TOKENS_FILE_MAX);
    for (int line = 1; (stop = strchr(at, '\n')) != NULL; line++, at = stop + 1)
        if (line != row->line)
            buf_add(&rest, at, (size_t)(stop - at) + 1);
    if (rest.len == 0)
        buf_puts(&rest, heading);
    buf_clear(text);
    *text = rest;
    return true;
}

static int work(const struct asked *a, int folder)
{
    struct fail f = {0};
    struct stat st = {0};
    struct tokens t = {0};
    struct buf text;
    char token[TOKEN_TEXT] = "";
    bool ok, adds = strcmp(a->what, "add") == 0, lists = strcmp(a->what, "list") == 0;

    buf_init(&text, TOKENS_FILE_MAX);
    ok = read_text(a->file, &text, &st, &f) &&
         (st.st_mode || adds ||
          fail_set(&f, FAIL_NOT_FOUND, "no-token-file", NULL, "There is no file %.300s.",
                   a->file)) &&
         tokens_parse(buf_text(&text), text.len, &t, &f) &&
         (lists ? show(&t, &st) == EX_OK
                : (adds ? add(a, &text, &t, token, &f) : take_out(a, &text, &t, &f)) &&
                      write_text(a->file, folder, &text, &st, &f));
    if (ok && adds) {
        puts(token);
        fprintf(stderr, "This is the token \"%s\". It is shown once: %s has its hash alone.\n",
                a->name, a->file);
    } else if (ok && !lists) {
        printf("The token \"%s\" is revoked.\n", a->name);
    }
    sodium_memzero(token, sizeof token);
    tokens_clear(&t);
    buf_clear(&text);
    return ok ? EX_OK : say_fail(&f);
}

static bool take_option(struct asked *a, const char *name, const char *value)
{
    const struct {
        const char *name;
        const char **value;
    } known[] = {{"--tokens", &a->file},
                 {"--name", &a->name},
                 {"--scope", &a->scope},
                 {"--region", &a->region},
                 {"--days", &a->days}};

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].name, name) == 0) {
            *known[i].value = value;
            return true;
        }
    return false;
}

int cmd_token(struct client *c, int argc, char **argv)
{
    struct asked a = {.what = argc > 1 ? argv[1] : "list", .file = getenv("POSTLIFT_TOKENS")};
    bool adds = strcmp(a.what, "add") == 0, lists = strcmp(a.what, "list") == 0;
    int folder, code;
    struct stat st;
    char *real;

    (void)c;
    if (!adds && !lists && strcmp(a.what, "revoke") != 0)
        return cli_usage("token", "add, list and revoke are understood.");
    for (int i = 2; i < argc; i++) {
        if (strncmp(argv[i], "--", 2) == 0 && i + 1 < argc && take_option(&a, argv[i], argv[i + 1]))
            i++;
        else if (strncmp(argv[i], "--", 2) != 0 && !adds && !lists && !a.name)
            a.name = argv[i];
        else
            return cli_bad_option("token", argv[i]);
    }
    if (!a.file || !*a.file)
        return cli_usage("token", "Which file? \"--tokens FILE\" or POSTLIFT_TOKENS names it, as "
                                  "for postliftd.");
    if (!lists && (!a.name || !*a.name))
        return cli_usage("token", "The token needs a name.");
    if (adds && !a.scope)
        return cli_usage("token", "What may it do? \"--scope read\", for one; see --help.");
    if (sodium_init() < 0)
        return EX_SOFTWARE;
    real = realpath(a.file, NULL); /* a link stays one: what it names is changed */
    if (real)
        a.file = real;
    else if (lstat(a.file, &st) == 0 && S_ISLNK(st.st_mode)) {
        fprintf(stderr, "postlift: %s is a link to a file that is not there.\n", a.file);
        return EX_CONFIG;
    }
    folder = lock_folder(a.file);
    code = folder < 0 ? EX_CONFIG : work(&a, folder);
    if (folder >= 0)
        close(folder);
    free(real);
    return code;
}
