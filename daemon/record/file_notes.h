/* What a person should know of a file that was taken in, each kind once, with its rows counted. */
#pragma once

enum file_note {
    NOTE_REPEATED_HOUR,  /* a time that stands twice on the clock: the first was taken */
    NOTE_NEGATIVE,       /* a negative figure was left absent */
    NOTE_USERS_ABSENT,   /* people cannot be added up, so they were left out */
    NOTE_REWRITTEN,      /* dates as a spreadsheet writes them */
    NOTE_PERIOD_UNSAID,  /* counts of a period that nothing names */
    NOTE_CHARSET,        /* an encoding that was told by its bytes */
    NOTE_TOTALS_DIFFER,  /* the file's own total is not the sum of its rows */
    NOTE_LAST_LINE_OPEN, /* the file does not end with the end of a line */
    NOTE_POST_TWICE,     /* a post that stands in the file already */
    NOTE_PART_ABSENT,    /* a row of a sum lacks a figure that others have */
    NOTE_COUNT
};
/* Words with hyphens, and a sentence each. */
extern const char *const note_codes[NOTE_COUNT];
extern const char *const note_details[NOTE_COUNT];
