-- Whose rows a file brought, stored or not, so that it is told of to those alone who see all of
-- them: accounts, or regions of traffic. Of an import of several parts the whole has them.

CREATE TABLE brought (
    import_id INTEGER NOT NULL,
    account_id INTEGER NOT NULL,                -- 0: traffic; below 0: an account that is gone
    region TEXT NOT NULL,                       -- of the traffic, or of the account; '?': not known
    PRIMARY KEY (import_id, account_id, region)
) STRICT, WITHOUT ROWID;
CREATE INDEX brought_by_account ON brought (account_id);

-- An account that moves takes them along.
CREATE TRIGGER brought_account_moved AFTER UPDATE OF region ON accounts
BEGIN
    UPDATE OR REPLACE brought SET region = NEW.region WHERE account_id = NEW.account_id;
END;

-- Its number may be given to another.
CREATE TRIGGER brought_account_gone AFTER DELETE ON accounts
BEGIN
    UPDATE OR REPLACE brought SET account_id = -OLD.account_id WHERE account_id = OLD.account_id;
END;

-- Of older imports it is not known: they stay with who sees all, but for those that could bring
-- rows of one region alone.
INSERT INTO brought (import_id, account_id, region)
    SELECT import_id, 0, '?' FROM imports
    WHERE instr(options || char(10), char(10) || 'only=') = 0 AND parent_id IS NULL;
