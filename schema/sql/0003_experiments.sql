-- Dated remarks, questions fixed beforehand, and what was found.

CREATE TABLE notes (
    note_id INTEGER PRIMARY KEY AUTOINCREMENT,
    day_from INTEGER NOT NULL,                  -- days since 1970-01-01, both included
    day_to INTEGER NOT NULL CHECK (day_to >= day_from),
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    source TEXT,                                -- what it is about; all NULL: everything
    platform TEXT,
    account TEXT,
    metric TEXT,
    import_id INTEGER                           -- that brought it; NULL: the API
) STRICT;
CREATE INDEX notes_day ON notes (day_from, note_id);

CREATE TABLE experiments (
    experiment_id INTEGER PRIMARY KEY AUTOINCREMENT,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    question TEXT NOT NULL,                     -- in words
    design TEXT NOT NULL CHECK (design IN ('step', 'coin-weeks', 'pairs-of-weeks', 'coin-days')),
    posts TEXT NOT NULL,                        -- what is posted: "type:meme,platform:x"
    metric TEXT NOT NULL,
    source TEXT NOT NULL,
    region TEXT NOT NULL,                       -- '' for all
    campaign TEXT NOT NULL,                     -- the same
    secondary TEXT NOT NULL,                    -- metrics parted by blanks
    day_start INTEGER NOT NULL,                 -- days since 1970-01-01
    day_end INTEGER NOT NULL CHECK (day_end >= day_start),
    baseline_days INTEGER NOT NULL,
    control TEXT NOT NULL,
    margin REAL NOT NULL,
    seed INTEGER NOT NULL,
    leave_out TEXT NOT NULL,
    calendar TEXT NOT NULL,                     -- a letter a day: 1 post, 0 do not, x left out
    follow_ups TEXT NOT NULL,                   -- days parted by blanks
    stated_at INTEGER NOT NULL,                 -- ms since 1970 UTC, when it was written down
    after_the_fact INTEGER NOT NULL CHECK (after_the_fact BETWEEN 0 AND 1),
    state TEXT NOT NULL,
    stopped_day INTEGER,                        -- the last day that counts, when it was stopped
    import_id INTEGER                           -- that brought it; NULL: the API
) STRICT;

-- What was done to an experiment after it started. Nothing in it is ever rewritten.
CREATE TABLE experiment_log (
    log_id INTEGER PRIMARY KEY AUTOINCREMENT,
    experiment_id INTEGER NOT NULL REFERENCES experiments (experiment_id),
    at INTEGER NOT NULL,                        -- ms since 1970 UTC
    what TEXT NOT NULL,                         -- correction, rewording, stop, given-up
    reason TEXT NOT NULL,
    detail TEXT NOT NULL                        -- JSON: what was, what is
) STRICT;
CREATE INDEX experiment_log_of ON experiment_log (experiment_id, log_id);

-- Findings as they were. Nothing in them is ever rewritten.
CREATE TABLE findings (
    experiment_id INTEGER NOT NULL REFERENCES experiments (experiment_id),
    n INTEGER NOT NULL CHECK (n >= 1),
    kind TEXT NOT NULL,                         -- end, follow-up
    due_day INTEGER NOT NULL,
    found_at INTEGER NOT NULL,                  -- ms since 1970 UTC
    revision INTEGER NOT NULL,                  -- of the data that it was found in
    sentence TEXT NOT NULL,
    finding TEXT NOT NULL,                      -- all of it, as JSON
    PRIMARY KEY (experiment_id, n)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER findings_stay BEFORE UPDATE ON findings
BEGIN
    SELECT raise(ABORT, 'a finding is kept as it was');
END;
CREATE TRIGGER experiment_log_stays BEFORE UPDATE ON experiment_log
BEGIN
    SELECT raise(ABORT, 'a log entry is kept as it was');
END;
