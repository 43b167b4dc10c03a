-- Version 4: messages whose handlers are not done.

CREATE TABLE inbox_item (
    item_id INTEGER PRIMARY KEY,           -- counts up: the order of arrival
    account_id INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
    message_id TEXT NOT NULL,
    content TEXT NOT NULL,                 -- bytes of its JSON as Latin-1, sealed
    is_replayed INTEGER NOT NULL,          -- whether it was old when it came
    UNIQUE (account_id, message_id)
);
