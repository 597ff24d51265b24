-- Whether somebody was told how a message ended. What ended before this column was
-- there counts as told: nobody wants to hear it now.
ALTER TABLE messages ADD COLUMN told BIGINT NOT NULL DEFAULT 0; -- 0 or 1
UPDATE messages SET told = 1 WHERE state <> 'begun';
CREATE INDEX messages_untold ON messages (begun) WHERE told = 0;
DROP INDEX messages_begun;
