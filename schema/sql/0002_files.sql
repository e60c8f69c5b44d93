-- What is kept of files that come in, types that people set, and definitions of metrics.

ALTER TABLE imports ADD COLUMN dry_run INTEGER NOT NULL DEFAULT 0; -- 1: read to the end, nothing stored
ALTER TABLE imports ADD COLUMN charset TEXT NOT NULL DEFAULT '';   -- as it was read
ALTER TABLE imports ADD COLUMN notes TEXT NOT NULL DEFAULT '';     -- "code rows", one a line
ALTER TABLE imports ADD COLUMN columns TEXT NOT NULL DEFAULT '';   -- "heading TAB use", one a line
ALTER TABLE imports ADD COLUMN covers_from INTEGER;                -- days that the file says it is about
ALTER TABLE imports ADD COLUMN covers_to INTEGER;
ALTER TABLE imports ADD COLUMN read_at INTEGER;                    -- when its figures were read, as far as it says

ALTER TABLE imports ADD COLUMN parent_id INTEGER;                  -- the import of an export that it is a part of

ALTER TABLE import_rows ADD COLUMN value TEXT NOT NULL DEFAULT ''; -- what stood there, shortened

-- The rejected rows of an import as a CSV file that can be mended and sent again.
CREATE TABLE import_rejected (
    import_id INTEGER PRIMARY KEY REFERENCES imports (import_id),
    complete INTEGER NOT NULL CHECK (complete BETWEEN 0 AND 1), -- 0: there were more than are kept
    csv TEXT NOT NULL
) STRICT;

-- Which definition the figures of an import follow, where its profile says so.
CREATE TABLE import_definitions (
    import_id INTEGER NOT NULL REFERENCES imports (import_id),
    metric TEXT NOT NULL,
    definition TEXT NOT NULL,
    PRIMARY KEY (import_id, metric)
) STRICT, WITHOUT ROWID;

-- Types and tags that were set by a person, one post at a time or by a list. They stay when an
-- import is taken out, and hold when the post comes again.
CREATE TABLE post_types (
    platform TEXT NOT NULL,
    id TEXT NOT NULL,
    type TEXT,                                  -- NULL: only tags were set
    tags TEXT,                                  -- slugs parted by blanks
    PRIMARY KEY (platform, id)
) STRICT, WITHOUT ROWID;

-- Rules that give posts a type and tags. A NULL condition is none; all that are there must hold.
CREATE TABLE type_rules (
    rule_id INTEGER PRIMARY KEY AUTOINCREMENT,
    platform TEXT,
    account TEXT,
    hashtag TEXT,                               -- without its #, in small letters
    campaign TEXT,
    words TEXT,                                 -- words or a phrase in the text, in small letters
    utm_content TEXT,
    type TEXT,                                  -- NULL: it only adds tags
    tags TEXT
) STRICT;

-- What rules and people make of a post beside what its records state; NULL: nothing.
ALTER TABLE posts ADD COLUMN set_type TEXT;
ALTER TABLE posts ADD COLUMN set_tags TEXT;
ALTER TABLE posts ADD COLUMN set_by INTEGER;                        -- of the type: 1 a rule, 2 a person
