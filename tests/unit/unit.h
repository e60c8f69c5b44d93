/* What all unit tests share: one suite a program, TAP on standard output. */
#pragma once
#include <check.h>
#include <stdlib.h>

static inline int unit_run(Suite *suite)
{
    SRunner *runner = srunner_create(suite);

    srunner_set_tap(runner, "-");
    srunner_run_all(runner, CK_SILENT);
    srunner_free(runner);
    return 0; /* the TAP lines say what failed */
}

/* A test function whose name is a sentence, added to a case. */
#define UNIT(tcase, name) tcase_add_test(tcase, name)
