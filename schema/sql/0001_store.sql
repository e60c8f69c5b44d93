-- postlift's one database file. Applied once, in one transaction, by the writer;
-- never edited after it has landed: what changes later is another file.
--
-- Times are milliseconds since 1970-01-01 UTC, days are days since 1970-01-01 in
-- the site's reporting time zone. NULL is "absent" and never zero.

-- Settings that belong to the data and not to one run of the program.
CREATE TABLE settings (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- One row. Counts up in every transaction that changes what an answer can show.
CREATE TABLE revision (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    revision INTEGER NOT NULL CHECK (revision >= 0)
) STRICT;
INSERT INTO revision VALUES (1, 0);

-- A page or profile on a platform. Posts that name no account belong to the
-- platform's account with the empty handle.
CREATE TABLE accounts (
    account_id INTEGER PRIMARY KEY,
    platform TEXT NOT NULL CHECK (length(platform) BETWEEN 1 AND 40),
    handle TEXT NOT NULL CHECK (length(handle) <= 300),
    region TEXT NOT NULL DEFAULT '-' CHECK (length(region) BETWEEN 1 AND 40),
    region_stated INTEGER NOT NULL DEFAULT 0 CHECK (region_stated IN (0, 1)), -- 0: '-' by default
    import_id INTEGER NOT NULL DEFAULT 0,       -- the import that named it first; 0: the API
    UNIQUE (platform, handle)
) STRICT;

-- Files taken in. A row is written when the spooled file is synced, so an
-- import that was answered with 202 is finished after a crash.
CREATE TABLE imports (
    import_id INTEGER PRIMARY KEY AUTOINCREMENT,
    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'refused', 'undoing', 'undone')),
    file TEXT NOT NULL,                         -- the name the sender gave, for people
    content_hash TEXT NOT NULL,                 -- BLAKE2b-256 of the bytes, hex
    options TEXT NOT NULL,                      -- account, region, charset, observed_at as one string
    profile TEXT NOT NULL,
    profile_version INTEGER NOT NULL,
    record TEXT NOT NULL CHECK (record IN ('post', 'traffic')),
    bytes INTEGER NOT NULL,
    spool TEXT,                                 -- file name in the spool; NULL when it is gone
    received_at INTEGER NOT NULL,
    finished_at INTEGER,
    rows_total INTEGER,                         -- NULL until the file was surveyed
    rows_done INTEGER NOT NULL DEFAULT 0,       -- rows behind us; committed with what they brought
    received INTEGER NOT NULL DEFAULT 0,
    inserted INTEGER NOT NULL DEFAULT 0,
    updated INTEGER NOT NULL DEFAULT 0,
    unchanged INTEGER NOT NULL DEFAULT 0,
    skipped INTEGER NOT NULL DEFAULT 0,
    rejected INTEGER NOT NULL DEFAULT 0,
    code TEXT,                                  -- why it was refused
    sentence TEXT,
    skipped_columns TEXT NOT NULL DEFAULT '', -- headings that no field takes, one a line
    post_min INTEGER,                           -- the span of post_ids it inserted, for undo
    post_max INTEGER
) STRICT;
CREATE INDEX imports_by_content ON imports (content_hash);

-- Rows of an import that were rejected or skipped, with their place.
CREATE TABLE import_rows (
    import_id INTEGER NOT NULL REFERENCES imports (import_id),
    n INTEGER NOT NULL,                         -- counted from 0
    skipped INTEGER NOT NULL CHECK (skipped IN (0, 1)),
    line INTEGER NOT NULL,
    column_number INTEGER NOT NULL,             -- from 1; 0: the whole row
    heading TEXT NOT NULL,
    code TEXT NOT NULL,
    sentence TEXT NOT NULL,
    PRIMARY KEY (import_id, n)
) STRICT, WITHOUT ROWID;

-- What each sender said of an account's region. When none is left that said it, the
-- region is '-' again.
CREATE TABLE account_regions (
    account_id INTEGER NOT NULL REFERENCES accounts (account_id) ON DELETE CASCADE,
    import_id INTEGER NOT NULL,                 -- 0: the API, or a person
    PRIMARY KEY (account_id, import_id)
) STRICT, WITHOUT ROWID;

-- One published post, as it stands. A post of which one record spoke lives in
-- this row alone. With the second record it is "spread": all records are in
-- post_claims, and this row and the observations follow from them.
CREATE TABLE posts (
    post_id INTEGER PRIMARY KEY,
    platform TEXT NOT NULL CHECK (length(platform) BETWEEN 1 AND 40),
    id TEXT NOT NULL CHECK (length(id) BETWEEN 1 AND 200), -- the platform's own id: text, whatever it looks like
    account_id INTEGER NOT NULL REFERENCES accounts (account_id),
    type TEXT NOT NULL CHECK (length(type) BETWEEN 1 AND 40),
    posted_at INTEGER NOT NULL,
    posted_day INTEGER NOT NULL,
    tags TEXT,                                  -- slugs parted by blanks
    text TEXT,
    url TEXT,
    campaign TEXT,
    likes INTEGER CHECK (likes >= 0),
    comments INTEGER CHECK (comments >= 0),
    shares INTEGER CHECK (shares >= 0),
    saves INTEGER CHECK (saves >= 0),
    follows INTEGER CHECK (follows >= 0),
    reach INTEGER CHECK (reach >= 0),           -- unique people: never summed
    impressions INTEGER CHECK (impressions >= 0),
    views INTEGER CHECK (views >= 0),
    clicks INTEGER CHECK (clicks >= 0),         -- on the link
    sessions INTEGER CHECK (sessions >= 0),
    users INTEGER CHECK (users >= 0),           -- unique people: never summed
    conversions INTEGER CHECK (conversions >= 0),
    observed_at INTEGER NOT NULL,               -- the latest moment any record spoke of
    first_seen_at INTEGER,                      -- of the latest lifetime reading; NULL: none yet
    last_seen_at INTEGER,
    import_id INTEGER NOT NULL DEFAULT 0,       -- who brought it first; 0: the API
    spread INTEGER NOT NULL DEFAULT 0 CHECK (spread BETWEEN 0 AND 2), -- 1: see post_claims; 2: its one record stated no moment
    UNIQUE (platform, id)
) STRICT;
CREATE INDEX posts_by_time ON posts (posted_at);

-- Every record that spoke of a spread post, in order of arrival, but for those that repeat
-- what the same sender had said. The post follows from them (see store/post_history.h),
-- so an import can be taken out again as if it had never been.
CREATE TABLE post_claims (
    claim_id INTEGER PRIMARY KEY,
    post_id INTEGER NOT NULL REFERENCES posts (post_id) ON DELETE CASCADE,
    import_id INTEGER NOT NULL,                 -- 0: the API
    observed_at INTEGER NOT NULL,
    timed INTEGER NOT NULL CHECK (timed IN (0, 1)), -- 1: the moment was stated, or is a file's
    stated INTEGER NOT NULL,                    -- a bit a field: a stated NULL clears
    account_id INTEGER,
    type TEXT,
    posted_at INTEGER,
    tags TEXT,
    text TEXT,
    url TEXT,
    campaign TEXT,
    kind INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 2),
    covers_from INTEGER NOT NULL,
    covers_to INTEGER NOT NULL,
    likes INTEGER CHECK (likes >= 0),
    comments INTEGER CHECK (comments >= 0),
    shares INTEGER CHECK (shares >= 0),
    saves INTEGER CHECK (saves >= 0),
    follows INTEGER CHECK (follows >= 0),
    reach INTEGER CHECK (reach >= 0),
    impressions INTEGER CHECK (impressions >= 0),
    views INTEGER CHECK (views >= 0),
    clicks INTEGER CHECK (clicks >= 0),
    sessions INTEGER CHECK (sessions >= 0),
    users INTEGER CHECK (users >= 0),
    conversions INTEGER CHECK (conversions >= 0)
) STRICT;
CREATE INDEX post_claims_by_post ON post_claims (post_id);
CREATE INDEX post_claims_by_import ON post_claims (import_id, post_id);

-- The metrics of one post as read at one moment, as far as they were stated.
CREATE TABLE observations (
    post_id INTEGER NOT NULL REFERENCES posts (post_id) ON DELETE CASCADE,
    kind INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 2), -- lifetime, period, day: never mixed
    covers_from INTEGER NOT NULL,               -- days; both 0 for a lifetime reading
    covers_to INTEGER NOT NULL,
    observed_at INTEGER NOT NULL,               -- first_seen_at: when it was first read so
    last_seen_at INTEGER NOT NULL,
    stated INTEGER NOT NULL,                    -- a bit a metric
    likes INTEGER CHECK (likes >= 0),
    comments INTEGER CHECK (comments >= 0),
    shares INTEGER CHECK (shares >= 0),
    saves INTEGER CHECK (saves >= 0),
    follows INTEGER CHECK (follows >= 0),
    reach INTEGER CHECK (reach >= 0),
    impressions INTEGER CHECK (impressions >= 0),
    views INTEGER CHECK (views >= 0),
    clicks INTEGER CHECK (clicks >= 0),
    sessions INTEGER CHECK (sessions >= 0),
    users INTEGER CHECK (users >= 0),
    conversions INTEGER CHECK (conversions >= 0),
    import_id INTEGER NOT NULL,                 -- who read it so first
    CHECK (kind <> 0 OR (covers_from = 0 AND covers_to = 0)),
    PRIMARY KEY (post_id, kind, covers_from, covers_to, observed_at)
) STRICT, WITHOUT ROWID;

-- One day of one source of the website, as the file names the source.
CREATE TABLE traffic (
    traffic_id INTEGER PRIMARY KEY,
    source TEXT NOT NULL CHECK (length(source) BETWEEN 1 AND 300),
    region TEXT NOT NULL CHECK (length(region) BETWEEN 1 AND 40),
    campaign TEXT NOT NULL CHECK (length(campaign) <= 300), -- '': no campaign named
    day INTEGER NOT NULL,
    sessions INTEGER CHECK (sessions >= 0),
    users INTEGER CHECK (users >= 0),           -- unique people: never summed
    engaged_sessions INTEGER CHECK (engaged_sessions >= 0),
    conversions INTEGER CHECK (conversions >= 0),
    arrived_at INTEGER NOT NULL,                -- a day is complete when data came after its end
    UNIQUE (source, region, campaign, day)
) STRICT;
CREATE INDEX traffic_by_day ON traffic (day, source);

-- What each sender said of a day of traffic, in order of arrival.
CREATE TABLE traffic_claims (
    claim_id INTEGER PRIMARY KEY,
    traffic_id INTEGER NOT NULL REFERENCES traffic (traffic_id) ON DELETE CASCADE,
    import_id INTEGER NOT NULL,                 -- 0: the API
    arrived_at INTEGER NOT NULL,
    scheme TEXT NOT NULL,
    stated INTEGER NOT NULL,                    -- a bit a metric
    sessions INTEGER,
    users INTEGER,
    engaged_sessions INTEGER,
    conversions INTEGER
) STRICT;
CREATE INDEX traffic_claims_by_row ON traffic_claims (traffic_id);
CREATE INDEX traffic_claims_by_import ON traffic_claims (import_id, traffic_id);

-- Days that a file of a scheme covers: a source of that scheme without a row on
-- such a day had zero, not "absent".
CREATE TABLE coverage (
    scheme TEXT NOT NULL,
    region TEXT NOT NULL,
    day INTEGER NOT NULL,
    import_id INTEGER NOT NULL,
    arrived_at INTEGER NOT NULL,
    stated INTEGER NOT NULL,                    -- a bit a metric that the file has
    PRIMARY KEY (scheme, region, day, import_id)
) STRICT, WITHOUT ROWID;

-- Names of sources → the source they count as when they are read. Filled by
-- rule when a name is first seen; a person may say otherwise.
CREATE TABLE sources (
    name TEXT NOT NULL PRIMARY KEY,
    source TEXT NOT NULL CHECK (length(source) BETWEEN 1 AND 40),
    stated INTEGER NOT NULL DEFAULT 0 CHECK (stated IN (0, 1)) -- 1: a person said so
) STRICT, WITHOUT ROWID;
CREATE INDEX sources_by_source ON sources (source);
