-- What was asked, answered and thought of it, and what it cost.
-- Times are RFC 3339 in UTC with nine digits of a second, so that they sort as
-- texts. The types are those that SQLite and PostgreSQL share.

-- One row for each question ever begun.
CREATE TABLE messages (
    key          TEXT PRIMARY KEY, -- the same for the same event, however often it is delivered
    surface      TEXT NOT NULL,
    conversation TEXT NOT NULL,    -- '' is none
    channel      TEXT NOT NULL,
    author       TEXT NOT NULL,    -- the user of the surface, '' is nobody in particular
    text         TEXT NOT NULL,
    collections  TEXT NOT NULL,    -- JSON array, sorted
    language     TEXT NOT NULL,
    trace        BIGINT NOT NULL,  -- 0 or 1
    received     TEXT NOT NULL,
    begun        TEXT NOT NULL,
    run          TEXT NOT NULL,    -- the start of the program that works on it, or did last
    resumed      BIGINT NOT NULL,  -- how often a later start took it over
    state        TEXT NOT NULL,    -- begun, finished or failed
    ended        TEXT NOT NULL,    -- '' while begun
    reason       TEXT NOT NULL,    -- why it failed
    history      TEXT NOT NULL,    -- JSON array: the turns that its answer leant on
    answer       TEXT NOT NULL     -- id, '' if there is none
);
CREATE INDEX messages_by_conversation ON messages (surface, conversation, ended);
CREATE INDEX messages_by_answer ON messages (answer);
CREATE INDEX messages_begun ON messages (begun) WHERE state = 'begun';

-- One row for each answer, as it was shown.
CREATE TABLE answers (
    id       TEXT PRIMARY KEY,
    created  TEXT NOT NULL,
    outcome  TEXT NOT NULL,
    question TEXT NOT NULL,
    text     TEXT NOT NULL, -- its claims
    answer   TEXT NOT NULL  -- the whole of it, JSON
);

-- One row for each citation of each claim, so that what was told of a paragraph
-- can be found.
CREATE TABLE citations (
    answer     TEXT NOT NULL REFERENCES answers (id),
    claim      BIGINT NOT NULL, -- from 1
    number     BIGINT NOT NULL, -- within the claim, from 1
    document   TEXT NOT NULL,
    paragraph  BIGINT NOT NULL,
    revision   TEXT NOT NULL,   -- digest
    start_byte BIGINT NOT NULL, -- into the paragraph's text
    end_byte   BIGINT NOT NULL,
    PRIMARY KEY (answer, claim, number)
);
CREATE INDEX citations_by_paragraph ON citations (document, paragraph);

-- One row for each person's last word on an answer.
CREATE TABLE feedback (
    answer  TEXT NOT NULL REFERENCES answers (id),
    surface TEXT NOT NULL,
    author  TEXT NOT NULL,
    verdict TEXT NOT NULL, -- good or bad
    reason  TEXT NOT NULL,
    text    TEXT NOT NULL,
    time    TEXT NOT NULL,
    PRIMARY KEY (answer, surface, author)
);

-- One row for each day and person: the tokens of their answers.
CREATE TABLE spent (
    day    TEXT NOT NULL, -- UTC, 2006-01-02
    asker  TEXT NOT NULL, -- surface and user, '' is nobody in particular
    tokens BIGINT NOT NULL,
    PRIMARY KEY (day, asker)
);
