-- Notes whose text is for who may see what is sensitive.

ALTER TABLE notes ADD COLUMN private INTEGER NOT NULL DEFAULT 0 CHECK (private BETWEEN 0 AND 1);
