#pragma once

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <string>

#include <unistd.h>

#include "orrery/experiments/store/records.hpp"
#include "orrery/models/stream.hpp"

namespace orrery::experiments {

/// A directory of its own that goes with the test.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "orrery-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

inline ExperimentRecord toy_experiment() {
  return {.name = "toy",
          .description = "three variants of nothing",
          .document = R"({"orrery":1,"speed":1})",
          .document_digest = "digest-1",
          .baseline = "a",
          .metrics = {},
          .variants = {{.name = "a", .settings = "{}"},
                       {.name = "b", .settings = "{}"},
                       {.name = "c", .settings = "{}"}},
          .traces = {}};
}

/// What the toy yields for a run: depends on variant and seed alone.
inline RunOutcome toy_outcome(const RunKey& key) {
  Stream stream{key.seed, Purpose::Test, key.variant};
  RunOutcome outcome;
  const double wait = 10 + static_cast<double>(key.variant) + stream.normal();
  outcome.metrics = {
      {.name = "wait_mean", .unit = "s", .value = wait, .direction = Direction::LowerIsBetter},
      {.name = "undefined", .unit = "", .value = std::nan("")},
      {.name = "load", .unit = "%", .value = 100 * stream.uniform()}};
  outcome.series = {{.name = "load", .unit = "%", .points = {{0, 1}, {1.5, 2}, {3, 0.1}}}};
  outcome.curves = {
      {.name = "load", .unit = "%", .over = "arrived_percent", .points = {{0, 0}, {1, 0.5}}}};
  outcome.heat_maps = {{.name = "heat",
                        .unit = "%",
                        .rows = {"n0", "n1"},
                        .edges = {0, 1.5, 3},
                        .values = {0, 12.4, 99.6, 100}}};
  outcome.distributions = {{.name = "wait",
                            .unit = "s",
                            .count = 3,
                            .mean = wait,
                            .standard_deviation = 1,
                            .min = 0,
                            .max = 20,
                            .quantiles = {{0.5, wait}, {0.99, 2 * wait}}}};
  outcome.counters = {{.name = "pods", .value = 12}};
  outcome.fingerprint = stream.fingerprint();
  outcome.simulated_end = kTimeZero + std::chrono::seconds(3);
  outcome.events = 42;
  return outcome;
}

}  // namespace orrery::experiments
