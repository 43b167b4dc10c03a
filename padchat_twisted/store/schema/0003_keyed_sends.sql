-- Version 3: commands that were sent with a key of their caller.

CREATE TABLE keyed_send (
    send_id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
    key TEXT NOT NULL,                     -- what the caller knows it by
    command TEXT NOT NULL,                 -- wire name
    receiver TEXT NOT NULL,                -- WeChat id, empty for none
    fingerprint TEXT NOT NULL,             -- of command and parameters
    began REAL NOT NULL,                   -- Unix time, before it left
    result TEXT,                           -- JSON object; NULL while nobody knows
    place INTEGER,                         -- counts up as results come; NULL before
    UNIQUE (account_id, key)
);

CREATE INDEX keyed_send_place ON keyed_send (account_id, place);
CREATE INDEX keyed_send_age ON keyed_send (account_id, began)
    WHERE place IS NOT NULL;
