/*
 * Every limit of postlift, with its reason. Past a ceiling the answer is in
 * words: 413, 422, 429, 431 or 503, or a rejected record with its place.
 */
#pragma once

/* Records. Generous against what platforms allow, small against memory. */
#define ID_MAX 200                 /* bytes of a platform's own id; page_post ids have 40 */
#define SLUG_MAX 40                /* bytes of a type, region or platform */
#define NAME_MAX_BYTES 300         /* bytes of a handle, a campaign or a source as named */
#define TEXT_MAX 65536             /* bytes of a post's text; Facebook's own limit is 63,206 */
#define URL_MAX 4096               /* bytes of an address */
#define NOTE_TEXT_MAX 2000         /* bytes of a note */
#define TAGS_MAX 32                /* tags of one post */
#define COUNT_MAX 9007199254740991 /* 2^53 - 1: every count is exact in JSON readers too */

/* Parsing. A cell must hold TEXT_MAX with its quotes doubled. */
#define CSV_COLUMNS_MAX 2000 /* the widest known export has 95 */
#define CSV_CELL_MAX (2 * TEXT_MAX)
#define CSV_ROW_MAX (1 << 20)     /* bytes of one row */
#define JSON_RECORD_MAX (1 << 18) /* bytes of one record in JSON or NDJSON */
#define JSON_DEPTH_MAX 16         /* records nest two deep */
#define HEAD_MAX 65536            /* bytes of a file looked at to recognise its profile */
#define IMPORT_CHUNK 65536        /* bytes read from a file, or taken from a body, at a time */
#define PROFILES_MAX 64           /* import profiles */
#define HEADING_MAX 200           /* bytes of a heading that are compared */
#define SOURCES_MAX 6             /* columns that one field may be read from */
#define FORMATS_MAX 12            /* spellings of times that one column may have */
#define UNLIKE_MAX 5              /* lines named that a spelling cannot read */
#define EXTRACTS_MAX 4            /* fields of a profile that are taken out of longer texts */
#define TITLES_MAX 8              /* series of a profile that the line above them names */
#define PREAMBLE_LINES_MAX 30     /* rows before the heading; GA4 has 9 */
#define CANDIDATES_MAX 200        /* rows looked at for a heading, further tables included */
#define IMPORT_HEAD_MAX (1 << 20) /* bytes of an export file in which its first table begins */
#define PROFILE_FILE_MAX 65536    /* bytes of a profile of one's own */

#define SPREADSHEET_MS 30000           /* that the reading of a spreadsheet may take */
#define SPREADSHEET_MEMORY (512 << 20) /* bytes of the process that does it */
#define ADDING_KEYS_MAX 300000         /* days times sources of one file of traffic; 60 MB */
#define ADDING_SPOILS_MAX 1000      /* days and sources of it that lack a row; each is looked at */
#define ADDING_BYTES_MAX (48 << 20) /* bytes of their names */
#define TWICE_MAX (1 << 21)         /* posts, and their days, watched for standing twice; 96 MB */
#define ADDING_MARKS_MAX (1 << 21)  /* visits told apart in one file; 16 MB */
#define REJECTED_CSV_MAX (8 << 20)  /* bytes of rejected rows that are kept to be mended */

/* Requests. One request is one transaction, so all its records are in memory. */
#define BODY_MAX (16 << 20)             /* bytes of POST /posts and /traffic */
#define BODIES_IN_FLIGHT_MAX (64 << 20) /* parsed and raw bytes of all writes under way */
#define RECORDS_MAX 100000              /* records of one request; more is an import */
#define SMALL_BODY_MAX 65536            /* bytes of a body that is one small JSON object */
#define IMPORT_BODY_MAX (1ll << 30)     /* bytes of one export file */
#define SPOOL_FREE_MIN (64ll << 20)     /* bytes the disk must keep free beside a spooled file */
#define QUERY_PARAMS_MAX 64             /* parameters of one address */
#define FILTER_VALUES_MAX 32            /* values of one filter */
#define REJECTS_LISTED_MAX 1000         /* rejected records named in one answer */
#define IMPORT_REJECTS_MAX 10000        /* rejected and skipped rows kept of one import */
#define CAMPAIGN_VISITS_MAX 5000        /* campaigns times sources of one answer */
#define NOTES_MAX 20000                 /* dated notes: one a day for fifty years */
#define NOTES_LISTED_MAX 100            /* of them in one answer */
#define EXPERIMENTS_MAX 1000            /* experiments */
#define EXPERIMENT_DAYS_MAX 366         /* days of one, and of a calendar */
#define EXPERIMENT_NAME_MAX 200         /* bytes of its name */
#define EXPERIMENT_LIST_MAX 600         /* bytes of a list in it: posts, controls, days left out */
#define FOLLOW_UPS_MAX 12               /* follow-up dates of one */
#define EXPERIMENT_POSTS_WAIT 3         /* days that a finding waits for posts of its last days */
#define SECONDARY_MAX 8                 /* secondary metrics of one */
#define TYPE_RULES_MAX 1000             /* rules that give posts a type */
#define LIST_LIMIT_DEFAULT 100
#define LIST_LIMIT_MAX 1000
#define LIST_BYTES_MAX (4 << 20) /* bytes of texts in one page; the cursor goes on from there */
#define RESPONSE_MAX (32 << 20)  /* bytes of one answer */

/* HTTP. */
#define HTTP_WORKERS 32 /* threads; bounds how many writes share one commit */
#define HTTP_CONNECTIONS_MAX 512
#define HTTP_CONNECTION_MEMORY (32 << 10) /* bytes a connection: 414 and 431 come of it */
#define HTTP_SILENCE_S 20                 /* seconds without a byte */
#define HTTP_HEADER_DEADLINE_S 20 /* seconds from a connection's rest to a whole request head */
#define HTTP_BODY_GRACE_S 10      /* seconds before a body's rate is looked at */
#define HTTP_BODY_RATE_MIN 512    /* bytes a second a body must keep on average */
#define HTTP_SEND_GRACE_S 30      /* seconds to take an answer, and */
#define HTTP_SEND_RATE_MIN 8192   /* the bytes a second it must be taken at beyond that */
#define HTTP_DRAIN_S 10           /* seconds that accepted requests get at the stop */
#define QUERY_DEADLINE_MS 10000   /* of one read; past it 503 */
#define ANSWER_CACHE_ENTRIES 256
#define ANSWER_CACHE_BYTES (4 << 20)

#define TOKENS_FILE_MAX (1 << 20) /* bytes of the file of tokens */
#define TOKENS_MAX 1000           /* tokens in it; all are looked at for each request */
#define SESSIONS_MAX 256          /* people signed in to the page at once */
#define SESSIONS_OF_TOKEN 32      /* of them by one token: more end its oldest */
#define SESSION_HOURS 12          /* that one lasts */
#define ATTEMPT_PEERS 256         /* places in which failed attempts are counted by address */
#define ATTEMPTS_OF_PEER 20       /* failed ones a minute that are answered as such: the rest 429 */
#define ATTEMPTS_IN_ALL 200       /* the same of all addresses */
#define TOKENS_LOOK_MS 1000       /* between looks at whether it has changed */

#define READ_LOG_SYNC_MS 500    /* from an entry of the read log to its sync */
#define READ_LOG_LOOK_MS 50     /* between looks at whether its file is still there */
#define READ_LOG_WINDOW 1048576 /* bytes set aside behind it while many are answered */
#define READ_LOG_STEP 65536     /* of them, for which memory is asked at a time */
#define READ_LOG_BUSY 64        /* entries within ... */
#define READ_LOG_BUSY_MS 10     /* ... so long are many */
#define READ_LOG_REFUSED 600    /* entries a minute of refused callers that are not known */
#define READ_LOG_MAX \
    (4ll << 30) /* bytes of the log: some ten million reads; then it is moved away */

/* Store. */
#define WRITER_QUEUE_MAX 1024   /* writes waiting; past it 503 */
#define WRITER_BATCH_MAX 256    /* writes in one commit */
#define IMPORT_SLICE_ROWS 10000 /* rows of an import between which small writes get their turn */
#define IMPORT_SLICE_BYTES (8 << 20) /* texts of one slice; two slices are in memory */
#define IMPORT_RETRY_MS 5000         /* before a slice that found the disk full is tried again */
#define FORGET_STATE_MAX 1048576     /* bytes by which an erasing under way is kept */
#define FORGET_SLICE_POSTS 5000      /* posts that are erased in one write */
#define FORGET_TRIES 50              /* to empty the WAL between readers, 0.2 s apart */
#define TYPES_MAX 1000               /* rows of one answer about types, tags, accounts */
#define TYPES_VALUES_MAX 4000000     /* values kept for medians of one table of types; 32 MB */
#define TYPES_MEMBERS_MAX 12000000   /* posts times tags times figures of one; 48 MB */
#define TYPES_JUDGED_MAX 100         /* of these, that are compared with all others */
#define OUTLIERS_MAX 1000            /* posts named in one answer about hits and duds */
#define CADENCE_GROUPS_MAX 1000      /* types on their platforms in one answer; 15 kB each */
#define CONTROLS_MAX 8               /* sources of one control */
#define MISSING_LISTED_MAX 31        /* days named that were left out; all are counted */
#define WARNINGS_MAX 24              /* of one answer; most codes stand once */
#define WARNINGS_OF_A_CODE 3         /* where several things of one kind are named */
#define SERIES_NAMES_MAX 500         /* names of sources that one series is added up from */
#define IMPORT_QUEUE_MAX 1000        /* imports waiting */
#define WRITER_CACHE_KIB 24576       /* page cache of the one writing connection */
#define READER_REACHES \
    4 /* connections of a worker: of all regions, and of the last sets of some \
       */
#define READER_CACHE_KIB 512      /* page cache of each worker's reading connection */
#define WAL_CHECKPOINT_PAGES 4000 /* 16 MiB: checkpointed past it between batches */
#define WAL_IMPORT_PAGES 12000    /* 48 MiB: the same while an import runs */
#define MEDIAN_POSTS_MAX 200000   /* posts of one question whose values are kept for medians */
#define SERIES_DAYS_MAX 3700      /* days of one series: ten years */
