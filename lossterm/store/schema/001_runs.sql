-- Version 1: runs and their epochs, checkpoints, the living trainers, and what to warm up.
-- NaN is stored as NULL (SQLite has none); infinities are stored as they are.

CREATE TABLE runs (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    revision         INTEGER NOT NULL DEFAULT 0,
    -- the experiment
    loss             TEXT    NOT NULL,
    dataset          TEXT    NOT NULL,
    epochs           INTEGER NOT NULL,
    batch_size       INTEGER NOT NULL,
    learning_rate    REAL    NOT NULL,
    momentum         REAL    NOT NULL,
    hidden_units     INTEGER NOT NULL,
    seed             INTEGER NOT NULL,
    device           TEXT    NOT NULL,
    samples          INTEGER NOT NULL,
    noise            REAL    NOT NULL,
    train_fraction   REAL    NOT NULL,
    -- where it stands
    status           TEXT    NOT NULL DEFAULT 'queued' CHECK (status IN
                       ('queued', 'starting', 'running', 'paused', 'finished',
                        'stopped', 'diverged', 'failed', 'interrupted')),
    request          TEXT    CHECK (request IN ('stop', 'pause')),
    trainer          INTEGER,
    resolved         TEXT    NOT NULL DEFAULT '',
    device_name      TEXT    NOT NULL DEFAULT '',
    log              TEXT    NOT NULL DEFAULT '',
    created          REAL    NOT NULL,
    started          REAL,
    ended            REAL,
    seconds          REAL,
    phase            TEXT    NOT NULL DEFAULT '',
    progress         REAL    NOT NULL DEFAULT 0,
    message          TEXT    NOT NULL DEFAULT '',
    epochs_done      INTEGER NOT NULL DEFAULT 0,
    best_epoch       INTEGER,
    best_test_metric REAL,
    -- the final scores
    train_loss REAL, train_metric REAL, test_loss REAL, test_metric REAL,
    train_mae  REAL, test_mae     REAL, train_r2  REAL, test_r2     REAL,
    -- the person's own
    note             TEXT    NOT NULL DEFAULT '',
    pinned           INTEGER NOT NULL DEFAULT 0,
    deleted          REAL
);
CREATE INDEX runs_by_status   ON runs (status, id);
CREATE INDEX runs_by_revision ON runs (revision);
CREATE INDEX runs_by_trainer  ON runs (trainer);

-- Every change gets the next revision, so that whoever follows reads only what changed.
CREATE TRIGGER runs_inserted AFTER INSERT ON runs BEGIN
    UPDATE runs SET revision = (SELECT MAX(revision) + 1 FROM runs) WHERE id = NEW.id;
END;
CREATE TRIGGER runs_updated AFTER UPDATE ON runs WHEN NEW.revision = OLD.revision BEGIN
    UPDATE runs SET revision = (SELECT MAX(revision) + 1 FROM runs) WHERE id = NEW.id;
END;

CREATE TABLE epochs (
    run          INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    epoch        INTEGER NOT NULL,
    train_loss   REAL, train_metric REAL, test_loss REAL, test_metric REAL,
    seconds      REAL,
    PRIMARY KEY (run, epoch)
) WITHOUT ROWID;

CREATE TABLE checkpoints (
    run    INTEGER PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
    epoch  INTEGER NOT NULL,
    arrays BLOB    NOT NULL
);

CREATE TABLE trainers (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    pid         INTEGER NOT NULL,
    state       TEXT    NOT NULL DEFAULT 'loading',
    device      TEXT    NOT NULL,
    resolved    TEXT    NOT NULL DEFAULT '',
    device_name TEXT    NOT NULL DEFAULT '',
    tensorflow  TEXT    NOT NULL DEFAULT '',
    started     REAL    NOT NULL,
    log         TEXT    NOT NULL,
    lock        TEXT    NOT NULL,
    slot        INTEGER NOT NULL DEFAULT 0
);

-- What the person is looking at, for an idle trainer to compile beforehand: one row at most.
CREATE TABLE warm_up (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    experiment TEXT    NOT NULL
);
