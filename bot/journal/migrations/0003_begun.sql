-- Lists of what was asked lately, and the forgetting of what is old, go by the time
-- at which messages were begun. A message may now also be in the state forgotten:
-- nothing but its key and its times is left of it.
CREATE INDEX messages_by_begun ON messages (begun);
