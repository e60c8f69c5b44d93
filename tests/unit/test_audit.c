/* The read log, written singly and into a window: the same chain, whoever ends the process. */
#include "audit/read_log.h"
#include "audit/window.h"
#include "base/ceilings.h"
#include "unit.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MANY = 6000 };

static char folder[64], path[96];
static atomic_int synced; /* calls of the one below */

/* In place of the C library's, for the objects under test. */
int fdatasync(int fd)
{
    atomic_fetch_add(&synced, 1);
    return (int)syscall(SYS_fdatasync, fd);
}

static struct fail f;

static void begin(void)
{
    snprintf(folder, sizeof folder, "/tmp/postlift-audit-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/log", folder);
    memset(&f, 0, sizeof f);
}

static void end(void)
{
    char key[128], other[112];

    snprintf(key, sizeof key, "%s.key", path);
    unlink(path);
    unlink(key);
    snprintf(other, sizeof other, "%s.2", path);
    unlink(other);
    snprintf(key, sizeof key, "%s.key", other);
    unlink(key);
    rmdir(folder);
}

static int64_t size_of(const char *file)
{
    struct stat st;

    return stat(file, &st) == 0 ? st.st_size : -1;
}

/* Entries of a file that follow from one another, from its start to its first NUL or to a line that
 * has no end: one that nobody was told of. */
static int64_t entries(const char *file, struct chain *chain)
{
    char *line = malloc(CHAIN_LINE_MAX + 2);
    FILE *in = fopen(file, "r");

    ck_assert_ptr_nonnull(line);
    ck_assert_ptr_nonnull(in);
    chain_begin(chain);
    while (fgets(line, CHAIN_LINE_MAX + 2, in) && line[0]) {
        size_t len = strcspn(line, "\n");

        if (line[len] != '\n')
            break;
        ck_assert_msg(chain_follow(chain, line, len), "entry %lld: %.200s", (long long)chain->n + 1,
                      line);
    }
    fclose(in);
    free(line);
    return chain->n;
}

static void write_many(struct read_log *l, int n)
{
    for (int i = 0; i < n; i++)
        ck_assert_msg(read_log_write(l, "\"event\":\"read\",\"rows\":1", &f), "%s", f.sentence);
}

static void nap(void)
{
    struct timespec t = {0, 50000000};

    nanosleep(&t, NULL);
}

START_TEST(many_entries_at_once_are_in_the_file_before_each_is_said_to_be)
{
    struct read_log *l = read_log_open(path, &f);
    struct chain written, head;

    ck_assert_msg(l != NULL, "%s", f.sentence);
    for (int round = 1; round <= 20; round++) {
        write_many(l, MANY / 20);
        ck_assert_int_eq(entries(path, &written), 1 + round * MANY / 20);
    }
    ck_assert_msg(read_log_head(l, &head, &f), "%s", f.sentence);
    ck_assert_str_eq(head.head, written.head);
    ck_assert_int_eq(head.n, written.n);
    read_log_close(l);
    ck_assert_int_eq(entries(path, &written), MANY + 2); /* with the words of start and stop */
}
END_TEST

/* Those of 20 rounds above are so many that they have a window; once they are over, none is left.
 */
START_TEST(room_that_was_set_aside_is_given_back_when_the_many_are_over)
{
    struct read_log *l = read_log_open(path, &f);
    int64_t bytes = 0, behind;
    int fd, tries = 0;

    ck_assert_msg(l != NULL, "%s", f.sentence);
    write_many(l, MANY);
    fd = read_log_reader(l, &bytes, &f);
    ck_assert_int_ge(fd, 0);
    close(fd);
    behind = size_of(path) - bytes;
    ck_assert_msg(behind > 0 && behind <= READ_LOG_WINDOW, "%lld bytes", (long long)behind);
    while (size_of(path) > bytes && ++tries < 100)
        nap();
    ck_assert_int_eq(size_of(path), bytes);
    write_many(l, 1);
    ck_assert_int_gt(size_of(path), bytes);
    ck_assert_int_lt(size_of(path), bytes + 1000); /* by itself it has no room set aside */
    read_log_close(l);
}
END_TEST

static void *write_some(void *l)
{
    write_many(l, 2 * MANY);
    return NULL;
}

/* Through several windows, each made ready further by one thread while others write. */
START_TEST(threads_that_write_at_once_make_one_chain)
{
    struct read_log *l = read_log_open(path, &f);
    pthread_t thread[4];
    struct chain written;

    ck_assert_msg(l != NULL, "%s", f.sentence);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&thread[i], NULL, write_some, l), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(thread[i], NULL);
    ck_assert_int_eq(entries(path, &written), 8 * MANY + 1);
    ck_assert_int_gt(size_of(path), 4 * READ_LOG_WINDOW);
    read_log_close(l);
}
END_TEST

START_TEST(a_killed_process_loses_no_entry_and_the_next_one_goes_on)
{
    for (int round = 0; round < 5; round++) {
        int said[2];
        int64_t count = 0, before = 0;
        struct chain written;
        struct read_log *l;
        char byte;
        pid_t child;

        if (round)
            before = entries(path, &written);
        ck_assert_int_eq(pipe(said), 0);
        child = fork();
        ck_assert_int_ge(child, 0);
        if (child == 0) {
            close(said[0]);
            l = read_log_open(path, &f);
            while (l && read_log_write(l, "\"event\":\"read\"", &f) && write(said[1], "x", 1) == 1)
                ;
            _exit(1);
        }
        close(said[1]);
        while (count < 500 + 700 * round && read(said[0], &byte, 1) == 1)
            count++;
        ck_assert_int_eq(kill(child, SIGKILL), 0);
        ck_assert_int_eq(waitpid(child, NULL, 0), child);
        while (read(said[0], &byte, 1) == 1)
            count++;
        close(said[0]);
        ck_assert_int_ge(entries(path, &written), before + 1 + count);
        ck_assert_int_le(written.n, before + 2 + count); /* and no more than the one not yet said */
        l = read_log_open(path, &f);
        ck_assert_msg(l != NULL, "%s", f.sentence);
        read_log_close(l);
    }
}
END_TEST

START_TEST(a_file_that_is_cut_while_it_is_written_stops_the_log_and_nothing_else)
{
    struct read_log *l = read_log_open(path, &f);

    ck_assert_msg(l != NULL, "%s", f.sentence);
    write_many(l, MANY);
    ck_assert_int_eq(truncate(path, 0), 0);
    ck_assert(!read_log_write(l, "\"event\":\"read\"", &f));
    ck_assert_str_eq(f.slug, "no-read-log");
    memset(&f, 0, sizeof f);
    ck_assert(!read_log_write(l, "\"event\":\"read\"", &f));
    read_log_close(l);
}
END_TEST

START_TEST(what_is_written_is_synced_within_a_second_and_before_a_head_of_it_is_told)
{
    struct read_log *l = read_log_open(path, &f);
    struct chain head;
    int tries = 0, before;

    ck_assert_msg(l != NULL, "%s", f.sentence);
    for (int round = 0; round < 2; round++) {
        before = atomic_load(&synced);
        write_many(l, round ? MANY : 1); /* by itself, and into a window */
        for (tries = 0; atomic_load(&synced) == before && tries < 200; tries++)
            nap();
        ck_assert_int_lt(tries, 200);
    }
    before = atomic_load(&synced);
    ck_assert_msg(read_log_head(l, &head, &f), "%s", f.sentence);
    ck_assert_int_gt(atomic_load(&synced), before);
    read_log_close(l);
}
END_TEST

START_TEST(a_second_log_of_the_process_does_without_a_window)
{
    char other[112];
    struct read_log *a = read_log_open(path, &f), *b;
    struct chain written;

    snprintf(other, sizeof other, "%s.2", path);
    b = read_log_open(other, &f);
    ck_assert_msg(a != NULL && b != NULL, "%s", f.sentence);
    write_many(a, MANY);
    write_many(b, MANY);
    ck_assert_int_eq(entries(path, &written), MANY + 1);
    ck_assert_int_eq(entries(other, &written), MANY + 1);
    read_log_close(a);
    read_log_close(b);
}
END_TEST

START_TEST(a_window_ends_where_it_ends)
{
    char text[20];
    struct window w = {0};
    int fd = open(path, O_RDWR | O_CREAT | O_APPEND, 0600);

    ck_assert_int_eq(write(fd, "begun", 5), 5);
    ck_assert_int_eq(window_open(&w, fd, 5), WINDOW_OPEN);
    ck_assert_int_eq(size_of(path), READ_LOG_WINDOW);
    ck_assert(window_holds(&w, 5, 100) && window_holds(&w, READ_LOG_WINDOW - 100, 100));
    ck_assert(!window_holds(&w, READ_LOG_WINDOW - 100, 101));
    window_prepare(&w, 5); /* of who comes late: what is there already stays */
    ck_assert(!window_is_short(&w, 5));
    ck_assert(window_put(&w, 5, " and done", 9));
    ck_assert(!window_is_short(&w, 14));
    ck_assert(window_is_short(&w, READ_LOG_STEP));
    window_prepare(&w, READ_LOG_STEP);
    ck_assert(!window_is_short(&w, READ_LOG_STEP));
    ck_assert_int_eq(pread(fd, text, sizeof text, 0), sizeof text);
    ck_assert_str_eq(text, "begun and done"); /* and NULs */
    ck_assert(window_close(&w, 14));
    ck_assert(window_close(&w, 14));
    ck_assert_int_eq(size_of(path), 14);
    close(fd);
    fd = open(path, O_RDONLY); /* where nothing can be set aside nothing is changed */
    ck_assert_int_ne(window_open(&w, fd, 14), WINDOW_OPEN);
    ck_assert(!w.map);
    ck_assert_int_eq(size_of(path), 14);
    close(fd);
}
END_TEST

START_TEST(a_file_that_was_cut_does_not_grow_again)
{
    static char page[4096];
    struct window w = {0};
    int fd = open(path, O_RDWR | O_CREAT | O_APPEND, 0600);

    memset(page, 'x', sizeof page);
    ck_assert_int_eq(window_open(&w, fd, 0), WINDOW_OPEN);
    ck_assert(window_put(&w, 0, page, sizeof page));
    ck_assert_int_eq(truncate(path, 10), 0);
    ck_assert(!window_put(&w, READ_LOG_STEP, page, 1)); /* where the next memory is asked for */
    ck_assert_int_eq(size_of(path), 10);
    ck_assert(!window_close(&w, sizeof page));
    ck_assert_int_eq(size_of(path), 10);
    ck_assert_int_eq(write(fd, "more", 4), 4); /* at its end, as before */
    ck_assert_int_eq(size_of(path), 14);
    close(fd);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("audit");
    TCase *t = tcase_create("read log");

    tcase_add_checked_fixture(t, begin, end);
    tcase_set_timeout(t, 60);
    UNIT(t, many_entries_at_once_are_in_the_file_before_each_is_said_to_be);
    UNIT(t, room_that_was_set_aside_is_given_back_when_the_many_are_over);
    UNIT(t, threads_that_write_at_once_make_one_chain);
    UNIT(t, a_killed_process_loses_no_entry_and_the_next_one_goes_on);
    UNIT(t, a_file_that_is_cut_while_it_is_written_stops_the_log_and_nothing_else);
    UNIT(t, what_is_written_is_synced_within_a_second_and_before_a_head_of_it_is_told);
    UNIT(t, a_second_log_of_the_process_does_without_a_window);
    UNIT(t, a_window_ends_where_it_ends);
    UNIT(t, a_file_that_was_cut_does_not_grow_again);
    suite_add_tcase(s, t);
    return unit_run(s);
}
