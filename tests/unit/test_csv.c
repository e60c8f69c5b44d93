/*
 * The CSV reader: against libcsv as an oracle, at every chunk size, and where it
 * must do what libcsv cannot (lines, ceilings, open quotes).
 */
#include "base/ceilings.h"
#include "ingest/csv.h"
#include "base/buf.h"
#include "unit.h"

#include <string.h>
#ifdef HAVE_LIBCSV
#include <csv.h>
#endif

static bool write_row(void *ctx, const struct csv_row *row)
{
    struct buf *out = ctx;

    for (int i = 0; i < row->n; i++) {
        buf_putc(out, '[');
        buf_add(out, row->cells[i].text, row->cells[i].len);
        buf_putc(out, ']');
    }
    if (row->fault)
        buf_printf(out, "!%s@%d", row->fault, row->fault_column);
    buf_putc(out, '\n');
    return true;
}

static bool write_line(void *ctx, const struct csv_row *row)
{
    return buf_printf(ctx, "%d ", (int)row->line);
}

/* Reads text in chunks of a size into out; false when a quote stays open. */
static bool read_all(const char *text, size_t len, size_t chunk, char delimiter, csv_row_fn fn,
                     struct buf *out)
{
    struct csv *c = csv_open(delimiter, 1, fn, out);
    struct fail f = {0};
    bool ok;

    for (size_t i = 0; i < len; i += chunk)
        csv_feed(c, text + i, len - i < chunk ? len - i : chunk);
    ok = csv_finish(c, &f);
    csv_close(c);
    return ok;
}

/* Inputs that both readers take the same way. */
static const char *const inputs[] = {
    "a,b,c\n1,2,3\n",
    "a,b,c\r\n1,2,3\r\n",
    "a,b,c\r1,2,3\r",
    "a,b,c\n1,2,3",
    "\"a\",\"b\"\n\"1,2\",\"3\"\n",
    "\"say \"\"hi\"\"\",x\n",
    "\"line\nbreak\",\"and\r\nmore\"\nnext,row\n",
    "\n\n\na,b\n\n\nc,d\n\n",
    ",,\n,\n",
    "\"\",\"\"\n",
    "\"\"\"\"\n",
    "one\n",
    "\"x\"",
    "a,\"b\nc\"\"d\",e\n\"f\",,\"g\"\r\n",
    "gr\xc3\xbc\xc3\x9f,\xf0\x9f\x98\x80\n",
};

#ifdef HAVE_LIBCSV
static void oracle_cell(void *text, size_t len, void *ctx)
{
    struct buf *out = ctx;

    buf_putc(out, '[');
    buf_add(out, text, len);
    buf_putc(out, ']');
}

static void oracle_row(int c, void *ctx)
{
    (void)c;
    buf_putc(ctx, '\n');
}

static void oracle(const char *text, size_t len, struct buf *out)
{
    struct csv_parser p;

    csv_init(&p, 0);
    csv_set_space_func(&p, NULL);
    csv_parse(&p, text, len, oracle_cell, oracle_row, out);
    csv_fini(&p, oracle_cell, oracle_row, out);
    csv_free(&p);
}
#endif

START_TEST(every_input_reads_the_same_at_every_chunk_size)
{
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++) {
        size_t len = strlen(inputs[i]);
        struct buf whole;

        buf_init(&whole, 1 << 16);
        ck_assert(read_all(inputs[i], len, len, ',', write_row, &whole));
        for (size_t chunk = 1; chunk < len; chunk++) {
            struct buf b;

            buf_init(&b, 1 << 16);
            ck_assert(read_all(inputs[i], len, chunk, ',', write_row, &b));
            ck_assert_str_eq(buf_text(&b), buf_text(&whole));
            buf_clear(&b);
        }
        buf_clear(&whole);
    }
}
END_TEST

START_TEST(random_tables_read_as_they_were_written)
{
    unsigned seed = 7;

    for (int round = 0; round < 300; round++) {
        struct buf csv, want, got;
        int rows = 1 + (int)(rand_r(&seed) % 6), columns = 2 + (int)(rand_r(&seed) % 4);

        buf_init(&csv, 1 << 16);
        buf_init(&want, 1 << 16);
        buf_init(&got, 1 << 16);
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) {
                static const char letters[] = "ab\",\n\r ;x";
                int n = (int)(rand_r(&seed) % 6);

                buf_puts(&csv, c ? ",\"" : "\"");
                buf_putc(&want, '[');
                while (n--) {
                    char l = letters[rand_r(&seed) % (sizeof letters - 1)];

                    if (l == '"')
                        buf_putc(&csv, '"');
                    buf_putc(&csv, l);
                    buf_putc(&want, l);
                }
                buf_putc(&csv, '"');
                buf_putc(&want, ']');
            }
            buf_puts(&csv, round % 2 ? "\r\n" : "\n");
            buf_putc(&want, '\n');
        }
        ck_assert(read_all(buf_text(&csv), csv.len, 1 + (size_t)round % 7, ',', write_row, &got));
        ck_assert_str_eq(buf_text(&got), buf_text(&want));
#ifdef HAVE_LIBCSV
        buf_reset(&want);
        oracle(buf_text(&csv), csv.len, &want);
        ck_assert_str_eq(buf_text(&got), buf_text(&want));
#endif
        buf_clear(&csv);
        buf_clear(&want);
        buf_clear(&got);
    }
}
END_TEST

#ifdef HAVE_LIBCSV
START_TEST(libcsv_reads_every_input_the_same)
{
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++) {
        struct buf ours, theirs;

        buf_init(&ours, 1 << 16);
        buf_init(&theirs, 1 << 16);
        read_all(inputs[i], strlen(inputs[i]), 3, ',', write_row, &ours);
        oracle(inputs[i], strlen(inputs[i]), &theirs);
        ck_assert_str_eq(buf_text(&ours), buf_text(&theirs));
        buf_clear(&ours);
        buf_clear(&theirs);
    }
}
END_TEST
#endif

START_TEST(a_row_knows_the_line_it_began_on)
{
    static const char text[] = "a\n\"b\nb\nb\"\n\nc\r\nd\n";

    for (size_t chunk = 1; chunk < sizeof text; chunk++) {
        struct buf b;

        buf_init(&b, 100);
        read_all(text, sizeof text - 1, chunk, ',', write_line, &b);
        ck_assert_str_eq(buf_text(&b), "1 2 6 7 ");
        buf_clear(&b);
    }
}
END_TEST

START_TEST(an_open_quote_is_named_with_its_line_and_column)
{
    struct buf out;
    struct csv *c;
    struct fail f = {0};
    static const char text[] = "a,b\n1,\"two\n3,4\n";

    buf_init(&out, 1000);
    c = csv_open(',', 1, write_row, &out);
    csv_feed(c, text, sizeof text - 1);
    ck_assert(!csv_finish(c, &f));
    ck_assert_str_eq(f.slug, "open-quote");
    ck_assert_str_eq(f.place, "line 2, column 2");
    csv_close(c);
    buf_clear(&out);
}
END_TEST

START_TEST(text_behind_a_closing_quote_is_a_fault_of_its_row_alone)
{
    struct buf out;
    static const char text[] = "a,\"b\"c,d\ne,f\n";

    buf_init(&out, 1000);
    ck_assert(read_all(text, sizeof text - 1, 1, ',', write_row, &out));
    ck_assert_str_eq(buf_text(&out), "[a][b][d]!stray-quote@2\n[e][f]\n");
    buf_clear(&out);
}
END_TEST

static bool count_faults(void *ctx, const struct csv_row *row)
{
    int *n = ctx;

    n[0]++;
    n[1] += row->fault != NULL;
    return true;
}

START_TEST(cells_rows_and_columns_past_their_ceilings_cost_their_row_and_no_memory)
{
    char *big = malloc(CSV_ROW_MAX * 2);
    struct fail f = {0};
    int n[2] = {0, 0};
    struct csv *c = csv_open(',', 1, count_faults, n);

    memset(big, 'x', CSV_ROW_MAX * 2);
    csv_feed(c, big, CSV_CELL_MAX + 1);
    csv_feed(c, "\n", 1);
    for (size_t i = 0; i < CSV_ROW_MAX * 2; i += 1000)
        big[i] = ',';
    csv_feed(c, big, CSV_ROW_MAX * 2);
    csv_feed(c, "\nok,ok\n", 7);
    memset(big, ',', CSV_COLUMNS_MAX * 5);
    csv_feed(c, big, CSV_COLUMNS_MAX * 5);
    csv_feed(c, "\nok\n", 4);
    ck_assert(csv_finish(c, &f));
    ck_assert_int_eq(n[0], 5);
    ck_assert_int_eq(n[1], 3);
    csv_close(c);
    free(big);
}
END_TEST

static bool stop_at_two(void *ctx, const struct csv_row *row)
{
    (void)row;
    return ++*(int *)ctx < 2;
}

START_TEST(the_callback_can_stop_the_reading)
{
    int n = 0;
    struct csv *c = csv_open(';', 1, stop_at_two, &n);

    ck_assert(!csv_feed(c, "a;b\nc;d\ne;f\n", 12));
    ck_assert_int_eq(n, 2);
    csv_close(c);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("csv");
    TCase *t = tcase_create("csv");

    UNIT(t, every_input_reads_the_same_at_every_chunk_size);
    UNIT(t, random_tables_read_as_they_were_written);
#ifdef HAVE_LIBCSV
    UNIT(t, libcsv_reads_every_input_the_same);
#endif
    UNIT(t, a_row_knows_the_line_it_began_on);
    UNIT(t, an_open_quote_is_named_with_its_line_and_column);
    UNIT(t, text_behind_a_closing_quote_is_a_fault_of_its_row_alone);
    UNIT(t, cells_rows_and_columns_past_their_ceilings_cost_their_row_and_no_memory);
    UNIT(t, the_callback_can_stop_the_reading);
    suite_add_tcase(s, t);
    return unit_run(s);
}
