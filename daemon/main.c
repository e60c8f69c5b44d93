/* postliftd: reads settings, starts upwards, waits, stops in reverse. */
#include "base/ceilings.h"
#include "base/clock.h"
#include "base/embedded.h"
#include "base/log.h"
#include "base/notify.h"
#include "base/options.h"
#include "experiment/runner.h"
#include "http/listen.h"
#include "http/reads.h"
#include "http/peer.h"
#include "http/server.h"
#include "import/importer.h"
#include "import/spreadsheet.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <gsl/gsl_errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

static struct option_row settings[] = {
    {"listen", "ADDRESS", "127.0.0.1:8640",
     "where to listen: 127.0.0.1:PORT, [::1]:PORT, unix:/PATH; port 0: any free one", NULL, 0},
    {"db", "FILE", "postlift.db", "the database file; made when it is not there", NULL, 0},
    {"timezone", "NAME", NULL,
     "the site's reporting time zone, fixed when the database is made (UTC unless given)", NULL, 0},
    {"hosts", "NAMES", "", "further names allowed in the Host header, parted by commas", NULL, 0},
    {"profiles", "FOLDER", NULL, "import profiles of your own, *.json", NULL, 0},
    {"tokens", "FILE", NULL,
     "who may do what (\"postlift token add\" makes it); without it everyone who reaches the "
     "daemon may do everything, and it listens on this machine alone",
     NULL, 0},
    {"read-log", "FILE", NULL,
     "who read which rows, and what was refused, in a file that shows tampering; beside the "
     "database, .reads, where there are tokens, and none without unless given",
     NULL, 0},
    {"public", "URL", NULL,
     "the address by which people reach it through a proxy, such as https://posts.example.org",
     NULL, 0},
    {"proxies", "ADDRESSES", "",
     "proxies whose X-Forwarded-For is believed, parted by commas; \"unix\" for UNIX sockets", NULL,
     0},
    {"clock", "FILE", NULL,
     "take the time from this file, for rehearsals: 2024-03-01 or 2024-03-01T10:00:00Z", NULL, 0},
    {"address-file", "FILE", NULL, "write the address there once the daemon answers", NULL, 0},
    {"check", NULL, NULL, "say what would be used, and from where, and end", NULL, 0},
    {"help", NULL, NULL, "this text", NULL, 0},
    {"version", NULL, NULL, "the version", NULL, 0},
    {NULL, NULL, NULL, NULL, NULL, 0},
};

static const char *setting(const char *name)
{
    return options_get(settings, name)->value;
}

/* Every descriptor that may be open at once: connections, their workers' databases, the rest. */
static void ensure_descriptors(void)
{
    const rlim_t need = HTTP_CONNECTIONS_MAX + HTTP_WORKERS * 8 + 64;
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= need)
        return;
    limit.rlim_cur = limit.rlim_max < need ? limit.rlim_max : need;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur < need)
        log_line(LOG_LEVEL_WARNING,
                 "warning: only %llu files may be open at once; %llu would be needed under full "
                 "load (ulimit -n)",
                 (unsigned long long)limit.rlim_cur, (unsigned long long)need);
}

static int is_profile_file(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');

    return entry->d_name[0] != '.' && dot && strcmp(dot, ".json") == 0;
}

static char *profile_text(const char *path, struct fail *f)
{
    FILE *in = fopen(path, "re");
    char *text = malloc(PROFILE_FILE_MAX + 1);
    size_t n = in && text ? fread(text, 1, PROFILE_FILE_MAX + 1, in) : 0;

    if (!in || !text || n > PROFILE_FILE_MAX || ferror(in)) {
        fail_set(f, FAIL_INTERNAL, "bad-profile", path, "Profile %s: %s.", path,
                 n > PROFILE_FILE_MAX ? "it is too long" : strerror(errno));
        free(text);
        text = NULL;
    } else {
        text[n] = 0;
    }
    if (in)
        fclose(in);
    return text;
}

/* Those that are part of the program, then those of a folder, which may replace them by name. */
static struct profile_set *load_profiles(struct fail *f)
{
    const char *texts[PROFILES_MAX], *files[PROFILES_MAX] = {NULL}, *folder = setting("profiles");
    struct profile_set *set = NULL;
    struct dirent **entry = NULL;
    int n = 0, own, found = 0;

    for (const struct embedded_file *e = embedded_files; e->path; e++)
        if (strncmp(e->path, "profiles/", 9) == 0 && n < PROFILES_MAX)
            texts[n++] = e->text;
    own = n;
    if (folder && *folder) {
        found = scandir(folder, &entry, is_profile_file, alphasort);
        if (found < 0)
            fail_set(f, FAIL_INTERNAL, "profiles", NULL, "The folder %s of profiles: %s.", folder,
                     strerror(errno));
        else if (n + found > PROFILES_MAX)
            fail_set(f, FAIL_INTERNAL, "profiles", NULL,
                     "The folder %s has %d profiles; there is room for %d.", folder, found,
                     PROFILES_MAX - n);
    }
    for (int i = 0; i < found && f->code == FAIL_NONE; i++) {
        char path[4096];

        snprintf(path, sizeof path, "%s/%s", folder, entry[i]->d_name);
        texts[n] = profile_text(path, f);
        if (texts[n]) /* the last part of the path names it in messages */
            files[n++] = entry[i]->d_name;
    }
    if (f->code == FAIL_NONE)
        set = profile_set_load(texts, files, n, f);
    for (int i = own; i < n; i++)
        free((char *)(uintptr_t)texts[i]);
    for (int i = 0; i < found; i++)
        free(entry[i]);
    free(entry);
    return set;
}

static bool folder_is_writable(const char *db, struct fail *f)
{
    char *folder = strdup(db), *slash = folder ? strrchr(folder, '/') : NULL;
    const char *path = !slash ? "." : slash == folder ? "/" : folder;
    bool ok;

    if (slash && slash != folder)
        *slash = 0;
    ok = folder && access(path, W_OK | X_OK) == 0;
    if (!ok)
        fail_set(f, FAIL_INTERNAL, "database", NULL, "The folder %s of the database: %s.", path,
                 strerror(errno));
    free(folder);
    return ok;
}

/*
 * The names that requests may call us by: those of "hosts", and that of "public". Owned; NULL with
 * *f.
 */
static char *allowed_hosts(struct fail *f)
{
    const char *public = setting("public"), *host = public ? strstr(public, "://") : NULL;
    size_t scheme = host ? (size_t)(host - public) : 0, len;
    char *hosts = NULL;

    if (!public || !*public)
        return strdup(setting("hosts"));
    host = host ? host + 3 : "";
    len = strcspn(host, ":/?#");
    if ((strncmp(public, "https", scheme) != 0 && strncmp(public, "http", scheme) != 0) ||
        scheme < 4 || len == 0 || host[strcspn(host, "/?#,")] != 0) {
        fail_set(f, FAIL_INTERNAL, "bad-public", NULL,
                 "\"%.200s\" is no public address; it looks like https://posts.example.org.",
                 public);
        return NULL;
    }
    if (asprintf(&hosts, "%s%s%.*s", setting("hosts"), *setting("hosts") ? "," : "", (int)len,
                 host) < 0) {
        fail_memory(f);
        return NULL;
    }
    return hosts;
}

static bool has_tokens(void)
{
    return setting("tokens") && *setting("tokens");
}

/* The file of the read log; "" where there is none. */
static const char *read_log_path(char path[4096])
{
    const char *given = setting("read-log");

    path[0] = 0;
    if (given)
        snprintf(path, 4096, "%s", given);
    else if (has_tokens())
        snprintf(path, 4096, "%s.reads", setting("db"));
    return path;
}

static int check(void)
{
    static const char *const origin[] = {"default", "from the environment", "from the option"};
    char address[256], reads[4096];
    struct fail f = {0};
    struct zone *zone;
    int fd;

    read_log_path(reads);
    for (const struct option_row *r = settings; r->name; r++)
        if (r->argument)
            printf("%-13s %-30s (%s)\n", r->name,
                   r->value && *r->value              ? r->value
                   : strcmp(r->name, "read-log") == 0 ? *reads ? reads : "-"
                   : strcmp(r->name, "timezone") == 0 ? "the database's, or UTC"
                                                      : "-",
                   origin[r->origin]);
    zone = zone_open(setting("timezone") ? setting("timezone") : "UTC");
    if (!zone)
        fail_set(&f, FAIL_INTERNAL, "unknown-timezone", NULL, "There is no time zone \"%s\".",
                 setting("timezone"));
    zone_close(zone);
    if (access(setting("db"), F_OK) == 0)
        store_check(setting("db"), setting("timezone"), &f);
    else
        folder_is_writable(setting("db"), &f);
    profile_set_free(load_profiles(&f));
    auth_close(auth_open(setting("tokens"), &f));
    free(allowed_hosts(&f));
    peer_are_proxies(setting("proxies"), &f);
    fd = listen_open(setting("listen"), has_tokens(), address, sizeof address, &f);
    if (fd >= 0) {
        close(fd);
        listen_remove(address);
    }
    if (f.code == FAIL_NONE) {
        puts("These settings can be used.");
        return EX_OK;
    }
    fprintf(stderr, "postliftd: %s\n", f.sentence);
    return EX_CONFIG;
}

static bool write_address(const char *address, struct fail *f)
{
    const char *path = setting("address-file");
    char part[4096];
    FILE *out;
    bool ok;

    if (!path)
        return true;
    snprintf(part, sizeof part, "%s.part", path);
    out = fopen(part, "we");
    ok = out && fprintf(out, "%s\n", address) > 0;
    ok = out && fclose(out) == 0 && ok && rename(part, path) == 0;
    return ok || fail_set(f, FAIL_INTERNAL, "address-file", NULL, "%s cannot be written: %s.", path,
                          strerror(errno));
}

/* Everything that runs. Started downwards, stopped upwards. */
struct daemon_parts {
    struct profile_set *profiles;
    struct store *store;
    struct snapshots *snapshots;
    struct writer *writer;
    struct auth *auth;
    struct importer *importer;
    struct keeper *keeper;
    struct runner *runner;
    struct server *server;
    struct app app;
    char *hosts; /* owned */
    struct read_log *read_log;
    char spool[4096], copies[4096], reads[4096]; /* beside the database */
};

static bool start(struct daemon_parts *d, struct fail *f)
{
    struct importer_options io;
    struct runner_options ro;
    struct fail going_on = {0};
    struct server_options so = {&d->app, setting("listen"), NULL, setting("public"),
                                setting("proxies")};

    if (!(d->profiles = load_profiles(f)) || !(d->auth = auth_open(setting("tokens"), f)) ||
        !(d->store = store_open(setting("db"), setting("timezone"), f)) ||
        !(d->snapshots = snapshots_open(d->store->path, f)) ||
        !(d->writer = writer_start(d->store, f)))
        return false;
    snprintf(d->spool, sizeof d->spool, "%s.spool", d->store->path);
    snprintf(d->copies, sizeof d->copies, "%s.copies", d->store->path);
    d->app.veil.on = true;
    memcpy(d->app.veil.key, d->store->veil_key, sizeof d->app.veil.key);
    io = (struct importer_options){d->writer,      d->snapshots, d->profiles,
                                   d->store->zone, d->app.veil,  d->spool};
    if (!(d->importer = importer_start(&io, f)))
        return false;
    if (!(d->keeper = keeper_start(d->store, d->writer, d->copies, f)))
        return false;
    ro = (struct runner_options){d->writer, d->snapshots, d->store->zone, d->store->timezone};
    if (!(d->runner = runner_start(&ro, f)))
        return false;
    if (!(d->read_log = read_log_open(read_log_path(d->reads), f)))
        return false;
    d->app.read_log = d->read_log;
    auth_tell(d->auth, reads_tokens, &d->app);
    d->app.auth = d->auth;
    d->app.keeper = d->keeper;
    d->app.writer = d->writer;
    d->app.snapshots = d->snapshots;
    d->app.importer = d->importer;
    d->app.profiles = d->profiles;
    d->app.zone = d->store->zone;
    d->app.timezone = d->store->timezone;
    d->app.database_id = d->store->database_id;
    if (!peer_are_proxies(setting("proxies"), f))
        return false;
    so.hosts = d->hosts = allowed_hosts(f);
    d->app.public_tls = setting("public") && strncmp(setting("public"), "https:", 6) == 0;
    if (!d->hosts || !(d->server = server_start(&so, f)))
        return false;
    if (!keeper_go_on(d->keeper, reads_erased, &d->app, &going_on))
        log_line(LOG_LEVEL_ERROR, "%s", going_on.sentence);
    atomic_store(&d->app.ready, true);
    return write_address(server_address(d->server), f);
}

static void stop(struct daemon_parts *d)
{
    atomic_store(&d->app.ready, false);
    server_stop(d->server);
    runner_stop(d->runner);
    keeper_stop(d->keeper);
    importer_stop(d->importer);
    writer_stop(d->writer);
    snapshots_close(d->snapshots);
    store_close(d->store);
    auth_close(d->auth);
    read_log_close(d->read_log);
    free(d->hosts);
    profile_set_free(d->profiles);
}

int main(int argc, char **argv)
{
    struct daemon_parts d = {0};
    struct fail f = {0};
    sigset_t signals;
    int used, caught = 0;

    log_init();
    if (argc == 3 && strcmp(argv[1], "--spreadsheet") == 0) /* by ourselves, see there */
        return spreadsheet_main(argv[2]);
    if (!options_read(settings, argc, argv, &used, &f)) {
        fprintf(stderr, "postliftd: %s\n", f.sentence);
        return EX_USAGE;
    }
    if (setting("help")) {
        puts("Usage: postliftd [OPTION]...\n"
             "Takes in posts and website traffic, and answers what moved what.\n");
        options_help(settings);
        return EX_OK;
    }
    if (setting("version")) {
        puts("postliftd " PACKAGE_VERSION);
        return EX_OK;
    }
    if (used < argc) {
        fprintf(stderr, "postliftd: \"%s\" is not understood; --help lists the options.\n",
                argv[used]);
        return EX_USAGE;
    }
    if (setting("check"))
        return check();

    /* All threads inherit the mask; this one alone takes the signals. */
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is a full disk */
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    umask(umask(077) | 027);
    gsl_set_error_handler_off(); /* it would abort(); what it returns is looked at instead */
    mallopt(M_ARENA_MAX, 4);     /* an arena for each of the many threads would waste memory */
    ensure_descriptors();
    if (setting("clock") && !clock_use_file(setting("clock"))) {
        fprintf(stderr, "postliftd: %s has no time such as 2024-03-01T10:00:00Z.\n",
                setting("clock"));
        return EX_CONFIG;
    }
    if (!start(&d, &f)) {
        log_line(LOG_LEVEL_ERROR, "%s", f.sentence);
        stop(&d);
        return f.code == FAIL_BUSY ? EX_TEMPFAIL : EX_CONFIG;
    }
    log_line(LOG_LEVEL_INFO, "%s listens on %s, database %s (days of %s, revision %" PRId64 ")",
             PACKAGE_VERSION, server_address(d.server), setting("db"), d.store->timezone,
             writer_revision(d.writer));
    if (auth_is_on(d.auth))
        log_line(LOG_LEVEL_INFO, "%d tokens of %s say who may do what", auth_tokens(d.auth),
                 setting("tokens"));
    else
        log_line(LOG_LEVEL_WARNING, "there is no file of tokens (--tokens): everyone who reaches "
                                    "this address may read and write everything");
    if (read_log_is_on(d.read_log))
        log_line(LOG_LEVEL_INFO, "the read log is %s", d.reads);
    notify("READY=1");
    /* without tokens there is nothing to read again, and a hang-up is the end of a terminal */
    while (sigwait(&signals, &caught) != 0 || (caught == SIGHUP && auth_is_on(d.auth)))
        if (caught == SIGHUP)
            auth_reload(d.auth);
    notify("STOPPING=1");
    log_line(LOG_LEVEL_INFO, "stopping (%s)", strsignal(caught));
    stop(&d);
    log_line(LOG_LEVEL_INFO, "stopped");
    return EX_OK;
}
