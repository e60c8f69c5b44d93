#include "import/spreadsheet.h"
#include "base/ceilings.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#ifdef HAVE_FREEXL
#include <freexl.h>
#endif

bool spreadsheet_is(int fd)
{
    static const unsigned char magic[4] = {0xd0, 0xcf, 0x11, 0xe0};
    unsigned char head[4];

    return pread(fd, head, sizeof head, 0) == (ssize_t)sizeof head &&
           memcmp(head, magic, sizeof magic) == 0;
}

bool spreadsheet_can(void)
{
#ifdef HAVE_FREEXL
    return true;
#else
    return false;
#endif
}

/* Waits for a child as long as it may take, then ends it. */
static bool wait_for(pid_t pid, int *status)
{
    struct timespec nap = {.tv_nsec = 10000000};

    for (int waited_ms = 0; waited_ms < SPREADSHEET_MS; waited_ms += 10) {
        pid_t got = waitpid(pid, status, WNOHANG);

        if (got == pid)
            return true;
        if (got < 0 && errno != EINTR)
            return false;
        nanosleep(&nap, NULL);
    }
    kill(pid, SIGKILL);
    waitpid(pid, status, 0);
    return false;
}

bool spreadsheet_to_csv(const char *path, int out_fd, struct fail *f)
{
    char *const argv[] = {(char *)(uintptr_t) "postliftd", (char *)(uintptr_t) "--spreadsheet",
                          (char *)(uintptr_t)path, NULL};
    char *const env[] = {NULL};
    posix_spawn_file_actions_t actions;
    int status = 0, error;
    bool ended;
    pid_t pid;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, out_fd, STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    error = posix_spawn(&pid, "/proc/self/exe", &actions, NULL, argv, env);
    posix_spawn_file_actions_destroy(&actions);
    if (error)
        return fail_set(f, FAIL_BUSY, "no-process", NULL, "The system gives no process: %s.",
                        strerror(error));
    ended = wait_for(pid, &status);
    if (ended && WIFEXITED(status) && WEXITSTATUS(status) == EX_OK)
        return true;
    return fail_set(f, FAIL_UNPROCESSABLE, "bad-spreadsheet", NULL,
                    "The spreadsheet cannot be read: it is damaged, protected or too large. Save "
                    "the sheet as CSV (UTF-8).");
}

#ifdef HAVE_FREEXL
static void put_text(const char *text)
{
    putchar('"');
    for (; *text; text++) {
        if (*text == '"')
            putchar('"');
        putchar(*text);
    }
    putchar('"');
}

static void put_cell(const FreeXL_CellValue *cell)
{
    switch (cell->type) {
    case FREEXL_CELL_INT: printf("%d", cell->value.int_value); break;
    case FREEXL_CELL_DOUBLE: printf("%.15g", cell->value.double_value); break;
    case FREEXL_CELL_TEXT:
    case FREEXL_CELL_SST_TEXT:
    case FREEXL_CELL_DATE:
    case FREEXL_CELL_DATETIME:
    case FREEXL_CELL_TIME: put_text(cell->value.text_value ? cell->value.text_value : ""); break;
    }
}

/* "All posts", or the first. */
static unsigned short choose_sheet(const void *book)
{
    unsigned int n = 0;
    const char *name;

    if (freexl_get_info(book, FREEXL_BIFF_SHEET_COUNT, &n) != FREEXL_OK)
        return 0;
    for (unsigned int i = 0; i < n && i < 1000; i++)
        if (freexl_get_worksheet_name(book, (unsigned short)i, &name) == FREEXL_OK && name &&
            strcmp(name, "All posts") == 0)
            return (unsigned short)i;
    return 0;
}

int spreadsheet_main(const char *path)
{
    struct rlimit memory = {SPREADSHEET_MEMORY, SPREADSHEET_MEMORY}, cpu = {20, 20};
    struct rlimit size = {IMPORT_BODY_MAX, IMPORT_BODY_MAX};
    unsigned short columns = 0;
    unsigned int rows = 0;
    const void *book = NULL;

#ifndef __SANITIZE_ADDRESS__ /* which reserves more than anybody has */
    setrlimit(RLIMIT_AS, &memory);
#else
    (void)memory;
#endif
    setrlimit(RLIMIT_CPU, &cpu);
    setrlimit(RLIMIT_FSIZE, &size);
    if (freexl_open(path, &book) != FREEXL_OK || !book) /* it says OK without a book, too */
        return EX_DATAERR;
    if (freexl_select_active_worksheet(book, choose_sheet(book)) != FREEXL_OK ||
        freexl_worksheet_dimensions(book, &rows, &columns) != FREEXL_OK)
        return EX_DATAERR;
    for (unsigned int r = 0; r < rows; r++) {
        for (unsigned short c = 0; c < columns && c < CSV_COLUMNS_MAX; c++) {
            FreeXL_CellValue cell;

            if (c)
                putchar(',');
            if (freexl_get_cell_value(book, r, c, &cell) == FREEXL_OK)
                put_cell(&cell);
        }
        putchar('\n');
    }
    freexl_close(book);
    return fflush(stdout) == 0 && !ferror(stdout) ? EX_OK : EX_IOERR;
}
#else
int spreadsheet_main(const char *path)
{
    (void)path;
    return EX_UNAVAILABLE;
}
#endif
