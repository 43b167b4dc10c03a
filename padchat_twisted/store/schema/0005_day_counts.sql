-- How often an account sent, and until when it is to send nothing.
CREATE TABLE day_count (
    account_id INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
    day TEXT NOT NULL,                     -- local date, 2026-01-31
    kind TEXT NOT NULL,                    -- text, image, friend, ...
    count INTEGER NOT NULL,
    PRIMARY KEY (account_id, day, kind)
) WITHOUT ROWID;

CREATE TABLE cool_down (
    account_id INTEGER PRIMARY KEY REFERENCES account ON DELETE CASCADE,
    until REAL NOT NULL,                   -- Unix time
    seconds REAL NOT NULL                  -- how long it takes
);
