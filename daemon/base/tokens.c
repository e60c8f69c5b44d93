#include "base/tokens.h"
#include "base/day.h"
#include "base/text.h"
#include "base/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FIELDS = 5, FIELD_MAX = 300, REGIONS_MAX = 16 };
static const char hash_prefix[] = "sha256:";

const char *const scope_names[SCOPE_COUNT] = {"read",  "rows",   "sensitive",
                                              "write", "import", "admin"};

bool scopes_parse(const char *text, unsigned *scopes, struct fail *f)
{
    unsigned bits = 0;

    for (const char *at = text;; at++) {
        size_t len = strcspn(at, ",");
        int i = 0;

        while (i < SCOPE_COUNT &&
               (strlen(scope_names[i]) != len || memcmp(scope_names[i], at, len) != 0))
            i++;
        if (i == SCOPE_COUNT)
            return fail_set(f, FAIL_UNPROCESSABLE, "bad-scope", "scope",
                            "\"%.*s\" is no scope; read, rows, sensitive, write, import and admin "
                            "are, parted by commas.",
                            (int)(len < 40 ? len : 40), at);
        bits |= SCOPE_BIT(i);
        at += len;
        if (!*at)
            break;
    }
    *scopes = bits;
    return true;
}

const char *scopes_format(unsigned scopes, char *text, size_t size)
{
    size_t n = 0;

    text[0] = 0;
    for (int i = 0; i < SCOPE_COUNT && n < size; i++)
        if (scopes & SCOPE_BIT(i))
            n += (size_t)snprintf(text + n, size - n, "%s%s", n ? "," : "", scope_names[i]);
    return text;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* As regions of accounts are: whatever is one there can stand here. "-" is those without. */
static bool is_region(const char *word)
{
    size_t len = strlen(word);

    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)word[i];

        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c >= 0x80 || strchr("-_.+", c)))
            return false;
    }
    return len && len <= SLUG_MAX && utf8_valid_prefix(word, len) == len && strcmp(word, "-") != 0;
}

bool regions_parse(const char *text, char regions[TOKEN_REGIONS], struct fail *f)
{
    char copy[TOKEN_REGIONS], *rest = copy, *word;
    const char *list[REGIONS_MAX];
    size_t used = 0;
    int n = 0;

    regions[0] = 0;
    if (strcmp(text, "*") == 0)
        return true;
    if (strlen(text) >= sizeof copy)
        return fail_set(f, FAIL_UNPROCESSABLE, "bad-region", "region", "It has too many regions.");
    text_copy(copy, sizeof copy, text);
    while ((word = strsep(&rest, ",")) != NULL) {
        if (!is_region(word) || n == REGIONS_MAX)
            return fail_set(
                f, FAIL_UNPROCESSABLE, "bad-region", "region",
                "\"%.40s\" is no region; they are \"*\" for all, or up to %d short names "
                "of small letters, digits and \"-_.+\", parted by commas.",
                word, REGIONS_MAX);
        list[n++] = word;
    }
    qsort(list, (size_t)n, sizeof *list, by_name);
    for (int i = 0; i < n; i++)
        if (!i || strcmp(list[i], list[i - 1]) != 0)
            used += (size_t)snprintf(regions + used, TOKEN_REGIONS - used, "%s%s", used ? " " : "",
                                     list[i]);
    return true;
}

bool token_name_is_fit(const char *name)
{
    size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_.");

    return n > 0 && n <= SLUG_MAX && !name[n];
}

static bool bad_line(int line, const char *what, struct fail *f)
{
    char place[24];

    snprintf(place, sizeof place, "line %d", line);
    return fail_set(f, FAIL_UNPROCESSABLE, "bad-token-file", place, "Line %d of the tokens: %s",
                    line, what);
}

/* One line, cut into its fields; it has something in it. */
static bool parse_line(char *field[FIELDS], int n, int line, struct token_row *row, struct fail *f)
{
    struct fail of_scope = {0};
    size_t got = 0;

    if (n != FIELDS)
        return bad_line(line, "it has not five fields: hash, name, scopes, regions, last day.", f);
    if (strncmp(field[0], hash_prefix, sizeof hash_prefix - 1) != 0 ||
        strlen(field[0]) != sizeof hash_prefix - 1 + 2 * TOKEN_HASH ||
        sodium_hex2bin(row->hash, sizeof row->hash, field[0] + sizeof hash_prefix - 1,
                       2 * TOKEN_HASH, NULL, &got, NULL) != 0 ||
        got != TOKEN_HASH)
        return bad_line(line, "its hash is not \"sha256:\" and 64 hexadecimal digits.", f);
    if (!token_name_is_fit(field[1]))
        return bad_line(line, "a name has up to 40 small letters, digits, \"-\", \"_\" and \".\".",
                        f);
    text_copy(row->name, sizeof row->name, field[1]);
    if (!scopes_parse(field[2], &row->scopes, &of_scope))
        return bad_line(line, of_scope.sentence, f);
    if (!regions_parse(field[3], row->regions, &of_scope))
        return bad_line(line, of_scope.sentence, f);
    row->last = strcmp(field[4], "-") == 0 ? DAY_NONE : day_parse(field[4], strlen(field[4]));
    if (row->last == DAY_NONE && strcmp(field[4], "-") != 0)
        return bad_line(line, "its last day is neither a date such as 2027-02-25 nor \"-\".", f);
    row->line = line;
    return true;
}

/* Neither a name nor a hash stands twice: revoking one would leave the other. */
static bool stands_once(const struct tokens *t, const struct token_row *row, struct fail *f)
{
    for (int i = 0; i < t->n; i++) {
        char what[120];

        if (strcmp(t->row[i].name, row->name) != 0 &&
            sodium_memcmp(t->row[i].hash, row->hash, TOKEN_HASH) != 0)
            continue;
        snprintf(what, sizeof what, "\"%s\" stands in line %d already.", row->name, t->row[i].line);
        return bad_line(row->line, what, f);
    }
    return true;
}

static bool take_line(struct tokens *t, const char *text, size_t len, int line, struct fail *f)
{
    char copy[FIELDS * FIELD_MAX], *field[FIELDS], *rest = copy, *word;
    struct token_row row = {0}, *grown;
    int n = 0;

    if (len >= sizeof copy)
        return bad_line(line, "it is too long.", f);
    if (memchr(text, 0, len))
        return bad_line(line, "it has a NUL byte in it.", f);
    memcpy(copy, text, len);
    copy[len] = 0;
    while ((word = strtok_r(n ? NULL : copy, " \t\r", &rest)) != NULL) {
        if (n == 0 && word[0] == '#')
            return true;
        if (n == FIELDS)
            return bad_line(line, "it has more than five fields.", f);
        field[n++] = word;
    }
    if (n == 0)
        return true;
    if (!parse_line(field, n, line, &row, f) || !stands_once(t, &row, f))
        return false;
    if (t->n == TOKENS_MAX)
        return bad_line(line, "there are too many.", f);
    grown = realloc(t->row, ((size_t)t->n + 1) * sizeof *grown);
    if (!grown)
        return fail_memory(f);
    t->row = grown;
    t->row[t->n++] = row;
    return true;
}

bool tokens_parse(const char *text, size_t len, struct tokens *tokens, struct fail *f)
{
    const char *end = text + len;
    int line = 0;

    *tokens = (struct tokens){0};
    while (text < end) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));

        /* whoever writes it ends each line: one that is cut may be half a name, or half the rights
         */
        line++;
        if ((!stop && !bad_line(line, "it has no end; the file may be half written.", f)) ||
            !take_line(tokens, text, (size_t)(stop - text), line, f)) {
            tokens_clear(tokens);
            return false;
        }
        text = stop + 1;
    }
    return true;
}

static bool unusable(const char *path, const char *why, struct fail *f)
{
    return fail_set(f, FAIL_INTERNAL, "token-file", NULL, "The file of tokens %.300s %s.", path,
                    why);
}

bool tokens_read(const char *path, struct tokens *tokens, struct fail *f)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    char *text = malloc(TOKENS_FILE_MAX + 1);
    size_t len = 0;
    ssize_t got = 1;
    struct stat st;
    bool ok = false;

    *tokens = (struct tokens){0};
    if (!text) {
        fail_memory(f);
    } else if (fd < 0 || fstat(fd, &st) != 0) {
        char why[160];

        snprintf(why, sizeof why, "cannot be read: %s", strerror(errno));
        unusable(path, why, f);
    } else if (!S_ISREG(st.st_mode)) {
        unusable(path, "is no file", f);
    } else if (st.st_mode & S_IRWXO) {
        unusable(path, "is open to everyone on this machine; chmod o-rwx mends that", f);
    } else {
        while (len <= TOKENS_FILE_MAX &&
               (got = read(fd, text + len, TOKENS_FILE_MAX + 1 - len)) > 0)
            len += (size_t)got;
        if (got < 0)
            unusable(path, "cannot be read", f);
        else if (len > TOKENS_FILE_MAX)
            unusable(path, "is too long", f);
        else if (len == 0)
            unusable(path,
                     "is empty, perhaps half written; one that shall let nobody in has a line that "
                     "begins with #",
                     f);
        else
            ok = tokens_parse(text, len, tokens, f);
    }
    free(text);
    if (fd >= 0)
        close(fd);
    return ok;
}

void tokens_clear(struct tokens *tokens)
{
    free(tokens->row);
    *tokens = (struct tokens){0};
}

void token_make(char text[TOKEN_TEXT])
{
    unsigned char random[32];

    randombytes_buf(random, sizeof random);
    memcpy(text, TOKEN_PREFIX, sizeof TOKEN_PREFIX - 1);
    sodium_bin2base64(text + sizeof TOKEN_PREFIX - 1, TOKEN_TEXT - (sizeof TOKEN_PREFIX - 1),
                      random, sizeof random, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(random, sizeof random);
}

bool token_hash(const char *text, unsigned char hash[TOKEN_HASH])
{
    size_t len = strnlen(text, TOKEN_TEXT);

    if (len != TOKEN_LENGTH || strncmp(text, TOKEN_PREFIX, sizeof TOKEN_PREFIX - 1) != 0)
        return false;
    crypto_hash_sha256(hash, (const unsigned char *)text, len);
    return true;
}

const struct token_row *tokens_find(const struct tokens *tokens,
                                    const unsigned char hash[TOKEN_HASH])
{
    const struct token_row *found = NULL;

    for (int i = 0; i < tokens->n; i++)
        if (crypto_verify_32(tokens->row[i].hash, hash) == 0)
            found = &tokens->row[i];
    return found;
}

bool token_is_alike(const struct token_row *a, const struct token_row *b)
{
    return memcmp(a->hash, b->hash, TOKEN_HASH) == 0 && a->scopes == b->scopes &&
           a->last == b->last && strcmp(a->regions, b->regions) == 0;
}

const char *token_line(const struct token_row *row, char line[TOKEN_LINE])
{
    char hex[2 * TOKEN_HASH + 1], scopes[80], day[DAY_TEXT] = "-", regions[TOKEN_REGIONS];

    sodium_bin2hex(hex, sizeof hex, row->hash, TOKEN_HASH);
    if (row->last != DAY_NONE)
        day_format(row->last, day);
    text_copy(regions, sizeof regions, row->regions[0] ? row->regions : "*");
    for (char *at = regions; (at = strchr(at, ' ')) != NULL;)
        *at = ',';
    snprintf(line, TOKEN_LINE, "%s%s %s %s %s %s", hash_prefix, hex, row->name,
             scopes_format(row->scopes, scopes, sizeof scopes), regions, day);
    return line;
}
