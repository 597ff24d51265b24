-- Documents, their revisions and paragraphs, and the sequence of changes.
-- No row of documents, revisions or paragraphs is ever removed: what was cited
-- once can be opened for ever.

-- One row for each document id ever stored.
CREATE TABLE documents (
    key        INTEGER PRIMARY KEY,
    id         TEXT NOT NULL UNIQUE,
    revision   INTEGER REFERENCES revisions (key), -- the current one; NULL once deleted
    title      TEXT NOT NULL DEFAULT '',
    collection TEXT NOT NULL DEFAULT '',
    url        TEXT NOT NULL DEFAULT '',
    path       TEXT NOT NULL DEFAULT '',
    language   TEXT NOT NULL DEFAULT ''
) STRICT;

-- One row for each content that a document ever had.
CREATE TABLE revisions (
    key        INTEGER PRIMARY KEY,
    document   INTEGER NOT NULL REFERENCES documents (key),
    digest     TEXT NOT NULL,
    time       TEXT NOT NULL,    -- when first stored, RFC 3339, UTC
    paragraphs INTEGER NOT NULL, -- how many
    current_at INTEGER NOT NULL, -- sequence number of the change that last made it current
    UNIQUE (document, digest)
) STRICT;

-- The key is revision << 32 | number. The rows of a revision are therefore one
-- stretch of the table, in reading order, and a row that holds a long text
-- stays in the leaf, where WITHOUT ROWID would spill it to overflow pages.
CREATE TABLE paragraphs (
    key       INTEGER PRIMARY KEY,
    kind      TEXT NOT NULL,
    headings  TEXT NOT NULL,    -- JSON array, outermost first
    text      TEXT NOT NULL,
    sentences BLOB NOT NULL,    -- how many, then for each the gap before it and its length: varints
    checksum  INTEGER NOT NULL  -- CRC-32C of all of the above
) STRICT;

-- The newest change of each document. AUTOINCREMENT keeps the highest number
-- ever given, so that none comes twice, whatever is replaced here.
CREATE TABLE changes (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    document INTEGER NOT NULL UNIQUE REFERENCES documents (key)
) STRICT;
