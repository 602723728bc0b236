-- Version 3: a run's settings as JSON with a version of its own, so that a new setting is no migration; experiments.
-- Beside the JSON stand the settings that SQL chooses runs by, and the seed, so that runs which differ in it alone
-- share the rest.

-- Runs that were queued together.
CREATE TABLE experiments (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    name    TEXT NOT NULL DEFAULT '',
    created REAL NOT NULL
);

CREATE TABLE runs_3 (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    revision         INTEGER NOT NULL DEFAULT 0,
    experiment_id    INTEGER REFERENCES experiments (id) ON DELETE SET NULL,
    -- the settings
    loss             TEXT    NOT NULL,
    dataset          TEXT    NOT NULL,
    epochs           INTEGER NOT NULL,
    seed             INTEGER NOT NULL,
    device           TEXT    NOT NULL,
    config           TEXT    NOT NULL,
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

INSERT INTO runs_3
SELECT id, revision, NULL, loss, dataset, epochs, seed, device,
       config_of_columns(batch_size, learning_rate, momentum, hidden_units, samples, noise, train_fraction,
                         outlier_fraction, label_noise),
       status, request, trainer, resolved, device_name, log, created, started, ended, seconds, phase, progress, message,
       epochs_done, best_epoch, best_test_metric, train_loss, train_metric, test_loss, test_metric,
       train_mae, test_mae, train_r2, test_r2, note, pinned, deleted
FROM runs;

-- A number that was given once is not given again, whatever was pruned.
INSERT INTO sqlite_sequence (name, seq) SELECT 'runs_3', 0
WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'runs_3');
UPDATE sqlite_sequence SET seq = MAX(seq, COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'runs'), 0))
    WHERE name = 'runs_3';

DROP TABLE runs;
ALTER TABLE runs_3 RENAME TO runs;

CREATE INDEX runs_by_status     ON runs (status, id);
CREATE INDEX runs_by_revision   ON runs (revision);
CREATE INDEX runs_by_trainer    ON runs (trainer);
CREATE INDEX runs_by_experiment ON runs (experiment_id);

-- Every change gets the next revision, so that whoever follows reads only what changed.
CREATE TRIGGER runs_inserted AFTER INSERT ON runs BEGIN
    UPDATE runs SET revision = (SELECT MAX(revision) + 1 FROM runs) WHERE id = NEW.id;
END;
CREATE TRIGGER runs_updated AFTER UPDATE ON runs WHEN NEW.revision = OLD.revision BEGIN
    UPDATE runs SET revision = (SELECT MAX(revision) + 1 FROM runs) WHERE id = NEW.id;
END;

DROP TABLE warm_up;

-- What the person is looking at, for an idle trainer to compile beforehand: one row at most.
CREATE TABLE warm_up (
    id     INTEGER PRIMARY KEY CHECK (id = 1),
    config TEXT    NOT NULL
);
