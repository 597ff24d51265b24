-- What it takes to answer a message where it was asked, until it was told: Discord's
-- token of an interaction, which lives for a quarter of an hour.
ALTER TABLE messages ADD COLUMN token TEXT NOT NULL DEFAULT '';
