-- Version 4: what a person keeps beside the runs. Preferences, losses from files, datasets of the person's own, the
-- plan of an experiment, and every score of a run.

-- What the app keeps over a restart, as JSON by name: marks, sort order, theme, the draft, the losses added to the menu.
CREATE TABLE preferences (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- The text of every file that a run's loss came from, as it was when the run was queued. `curve` is JSON: the loss's
-- own values and gradient as a trainer computed them; empty until then.
CREATE TABLE loss_files (
    sha256  TEXT PRIMARY KEY,
    path    TEXT NOT NULL,
    source  TEXT NOT NULL,
    curve   TEXT NOT NULL DEFAULT '',
    created REAL NOT NULL
) WITHOUT ROWID;

-- The person's own datasets. `description` is JSON: the file's path, size and hash, its columns and their roles,
-- the task, the classes, the split.
CREATE TABLE own_datasets (
    name        TEXT PRIMARY KEY,
    description TEXT NOT NULL,
    created     REAL NOT NULL
) WITHOUT ROWID;

-- JSON: how the runs of an experiment were planned, for those that are a comparison.
ALTER TABLE experiments ADD COLUMN plan TEXT NOT NULL DEFAULT '';

-- JSON: the final scores of a run by name, beside those that have columns.
ALTER TABLE runs ADD COLUMN scores TEXT NOT NULL DEFAULT '';

-- A sample of the rows that what is to be warmed up would train on, for the person to see; NULL until a trainer has it.
ALTER TABLE warm_up ADD COLUMN sample BLOB;
