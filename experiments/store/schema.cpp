#include "orrery/experiments/store/schema.hpp"

namespace orrery::experiments {

const char* const kResultsTables = R"sql(
CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE traces (
  path TEXT PRIMARY KEY,
  digest TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE variants (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  settings TEXT NOT NULL
);

CREATE TABLE runs (
  id INTEGER PRIMARY KEY,
  variant INTEGER NOT NULL REFERENCES variants,
  seed INTEGER NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('pending', 'ok', 'failed')),
  error TEXT,
  fingerprint TEXT,
  simulated_seconds REAL,
  events INTEGER,
  UNIQUE (variant, seed)
);

CREATE TABLE metric_names (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  unit TEXT NOT NULL,
  direction TEXT NOT NULL CHECK (direction IN ('higher', 'lower', 'neutral'))
);

CREATE TABLE metrics (
  run INTEGER NOT NULL REFERENCES runs,
  metric INTEGER NOT NULL REFERENCES metric_names,
  value REAL,
  PRIMARY KEY (run, metric)
) WITHOUT ROWID;

CREATE TABLE counters (
  run INTEGER NOT NULL REFERENCES runs,
  name TEXT NOT NULL,
  value INTEGER NOT NULL,
  PRIMARY KEY (run, name)
) WITHOUT ROWID;

CREATE TABLE series (
  run INTEGER NOT NULL REFERENCES runs,
  name TEXT NOT NULL,
  unit TEXT NOT NULL,
  times BLOB NOT NULL,
  "values" BLOB NOT NULL,
  PRIMARY KEY (run, name)
);

CREATE TABLE distributions (
  run INTEGER NOT NULL REFERENCES runs,
  name TEXT NOT NULL,
  unit TEXT NOT NULL,
  count INTEGER NOT NULL,
  mean REAL,
  standard_deviation REAL,
  min REAL,
  max REAL,
  PRIMARY KEY (run, name)
) WITHOUT ROWID;

CREATE TABLE quantiles (
  run INTEGER NOT NULL REFERENCES runs,
  distribution TEXT NOT NULL,
  probability REAL NOT NULL,
  value REAL,
  PRIMARY KEY (run, distribution, probability)
) WITHOUT ROWID;

CREATE TABLE timings (
  run INTEGER PRIMARY KEY REFERENCES runs,
  wall_seconds REAL NOT NULL,
  finished TEXT NOT NULL
);

CREATE VIEW metric_values AS
  SELECT variants.name AS variant, runs.seed AS seed, metric_names.name AS metric,
         metric_names.unit AS unit, metrics.value AS value
  FROM metrics
  JOIN runs ON runs.id = metrics.run AND runs.status = 'ok'
  JOIN variants ON variants.id = runs.variant
  JOIN metric_names ON metric_names.id = metrics.metric;
)sql";

const char* const kLaterResultsTables = R"sql(
CREATE TABLE IF NOT EXISTS curves (
  run INTEGER NOT NULL REFERENCES runs,
  name TEXT NOT NULL,
  unit TEXT NOT NULL,
  over TEXT NOT NULL,
  positions BLOB NOT NULL,
  "values" BLOB NOT NULL,
  PRIMARY KEY (run, name)
);

CREATE TABLE IF NOT EXISTS heat_maps (
  run INTEGER NOT NULL REFERENCES runs,
  name TEXT NOT NULL,
  unit TEXT NOT NULL,
  rows TEXT NOT NULL,
  edges BLOB NOT NULL,
  "values" BLOB NOT NULL,
  PRIMARY KEY (run, name)
);
)sql";

}  // namespace orrery::experiments
