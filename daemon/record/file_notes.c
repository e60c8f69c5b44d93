#include "record/file_notes.h"

const char *const note_codes[NOTE_COUNT] = {
    [NOTE_REPEATED_HOUR] = "repeated-hour", [NOTE_NEGATIVE] = "negative-left-out",
    [NOTE_USERS_ABSENT] = "users-left-out", [NOTE_REWRITTEN] = "dates-rewritten",
    [NOTE_PERIOD_UNSAID] = "period-unsaid", [NOTE_CHARSET] = "charset-told-by-bytes",
    [NOTE_TOTALS_DIFFER] = "totals-differ", [NOTE_LAST_LINE_OPEN] = "last-line-open",
    [NOTE_POST_TWICE] = "post-twice",       [NOTE_PART_ABSENT] = "part-absent",
};
const char *const note_details[NOTE_COUNT] = {
    [NOTE_REPEATED_HOUR] = "A time stands twice on the clock in the hour that the change from "
                           "daylight saving repeats; the first was taken.",
    [NOTE_NEGATIVE] = "A figure below zero, as net follows can be, was left absent.",
    [NOTE_USERS_ABSENT] = "People cannot be added up over hours or parts of a source, so users "
                          "were left absent.",
    [NOTE_REWRITTEN] = "The dates are not spelled as the platform does: a spreadsheet has "
                       "rewritten them. They were read in the one way that fits, or as told.",
    [NOTE_PERIOD_UNSAID] = "The counts are of a period that neither the file nor its name tells; "
                           "say it with covers=FROM..TO (--covers), or they are never added up.",
    [NOTE_CHARSET] = "The file is not UTF-8; by its bytes it was read as windows-1252. If that is "
                     "wrong, say which encoding it has with charset= (--charset).",
    [NOTE_TOTALS_DIFFER] = "The file's own total is more than its rows add up to: rows are "
                           "missing, so sources without a row count as not known, not as zero.",
    [NOTE_LAST_LINE_OPEN] =
        "The file does not end with the end of a line. If it was cut off there, "
        "the last figure of its last row is cut too.",
    [NOTE_POST_TWICE] = "A post stands in the file more than once for the same days; the last row "
                        "counts.",
    [NOTE_PART_ABSENT] =
        "Rows of a day and source are added up, and one of them lacks a figure that "
        "others have: the day's sum was left absent, for a part is not the whole.",
};
