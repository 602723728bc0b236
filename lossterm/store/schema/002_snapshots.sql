-- Version 2: what the model view shows (a run's snapshots, and the rows that they are seen on), and spoiled targets.

ALTER TABLE runs ADD COLUMN outlier_fraction REAL NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN label_noise      REAL NOT NULL DEFAULT 0;

-- The weights after an epoch (0: before the first). One that is not kept is there only while the run is live, so that
-- whoever watches sees it move; the next one takes its place.
CREATE TABLE snapshots (
    run     INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    epoch   INTEGER NOT NULL,
    kept    INTEGER NOT NULL,
    weights BLOB    NOT NULL,
    PRIMARY KEY (run, epoch)
);

CREATE TABLE samples (
    run  INTEGER PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
    rows BLOB    NOT NULL
);
