-- Version 1: accounts with device data and login tokens, seen message ids.
-- Never edited after a release: a change is a new file with the next number.

-- "PChT": tells our files from other programs' databases.
PRAGMA application_id = 1346594900;

CREATE TABLE account (
    account_id INTEGER PRIMARY KEY,
    gateway TEXT NOT NULL,                 -- URL without query
    key_fingerprint TEXT NOT NULL,         -- of the auth key, never the key
    name TEXT NOT NULL,                    -- label of the sub-account
    user_name TEXT NOT NULL DEFAULT '',    -- WeChat id of the last login
    device TEXT,                           -- JSON object, keys are wire names
    device_uuid TEXT,                      -- its deviceUuid without case, or NULL
    device_data TEXT,                      -- its deviceData, NULL when empty
    previous_device TEXT,                  -- what device was before
    login_token TEXT,                      -- the current good one, or NULL
    previous_login_token TEXT,             -- the good one before it
    quarantined_login_token TEXT,          -- the last one that was void
    quarantine_reason TEXT,                -- why it was
    UNIQUE (gateway, key_fingerprint, name)
);

-- WeChat takes two accounts with one device for a theft.
CREATE UNIQUE INDEX account_device_uuid ON account (device_uuid);
CREATE UNIQUE INDEX account_device_data ON account (device_data);

CREATE TABLE seen_message (
    account_id INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
    position INTEGER NOT NULL,             -- counts up without a gap
    message_id TEXT NOT NULL,
    PRIMARY KEY (account_id, position),
    UNIQUE (account_id, message_id)
) WITHOUT ROWID;
