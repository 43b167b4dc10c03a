-- Version 2: with which key the secrets of this file are sealed.
-- Never edited after a release: a change is a new file with the next number.

-- One row, or none while nothing is sealed. Where it is, device, previous_device and
-- all tokens of account are sealed, and device_uuid and device_data are keyed hashes.
CREATE TABLE sealing (
    key_fingerprint TEXT NOT NULL,         -- of the key that sealed all values
    is_swept INTEGER NOT NULL              -- 1 when what was there before is wiped
);
