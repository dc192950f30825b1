#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "orrery/models/units.hpp"

namespace orrery {

/// Which values of a metric a user wants; Neutral when it only describes.
enum class Direction : std::uint8_t { Neutral, HigherIsBetter, LowerIsBetter };
/// "neutral", "higher" or "lower", as results files and reports write it.
[[nodiscard]] constexpr const char* to_string(Direction direction) {
  switch (direction) {
    case Direction::Neutral:
      return "neutral";
    case Direction::HigherIsBetter:
      return "higher";
    case Direction::LowerIsBetter:
      return "lower";
  }
  return "neutral";
}

/// One figure of one run. The name ends with its unit where the unit is not a count; `unit` is for
/// people ("s", "%", "kWh"; empty for pure numbers). NaN says that the run defines no value (no pod
/// completed, say); it is stored as missing and left out of means.
struct MetricValue {
  std::string name;
  std::string unit;
  double value = 0;
  Direction direction = Direction::Neutral;

  friend bool operator==(const MetricValue&, const MetricValue&) = default;
};

struct SeriesPoint {
  double time_seconds = 0;  ///< virtual time since the start of the run
  double value = 0;

  friend bool operator==(const SeriesPoint&, const SeriesPoint&) = default;
};

/// A metric over virtual time, already thinned to the set number of points, times ascending.
struct Series {
  std::string name;
  std::string unit;
  std::vector<SeriesPoint> points;

  friend bool operator==(const Series&, const Series&) = default;
};

struct CurvePoint {
  double at = 0;
  double value = 0;

  friend bool operator==(const CurvePoint&, const CurvePoint&) = default;
};

/// A figure over another one than time, such as allocation over arrived load.
struct Curve {
  std::string name;
  std::string unit;
  std::string over;                ///< what CurvePoint::at counts; its name ends with its unit
  std::vector<CurvePoint> points;  ///< `at` ascending

  friend bool operator==(const Curve&, const Curve&) = default;
};

/// A figure by row (a node, or several neighbours) and span of virtual time.
struct HeatMap {
  std::string name;
  std::string unit;
  std::vector<std::string> rows;
  std::vector<double> edges;   ///< seconds: where spans begin, and where the last one ends
  std::vector<double> values;  ///< row by row, each with one less than `edges`; 0 to 100

  friend bool operator==(const HeatMap&, const HeatMap&) = default;
};

struct Quantile {
  double probability = 0;  ///< 0 to 1
  double value = 0;

  friend bool operator==(const Quantile&, const Quantile&) = default;
};

/// A summary of many values of one kind, such as all waiting times of a run.
struct DistributionSummary {
  std::string name;
  std::string unit;
  std::uint64_t count = 0;
  double mean = 0;
  double standard_deviation = 0;
  double min = 0;
  double max = 0;
  std::vector<Quantile> quantiles;  ///< probabilities ascending

  friend bool operator==(const DistributionSummary&, const DistributionSummary&) = default;
};

/// How often something happened in a run.
struct Counter {
  std::string name;
  std::int64_t value = 0;

  friend bool operator==(const Counter&, const Counter&) = default;
};

/// What one run yields. All but `wall_seconds` depends on the setting and the seed alone: equal
/// runs give equal outcomes, byte for byte, on any number of threads.
struct RunOutcome {
  std::vector<MetricValue> metrics;
  std::vector<Series> series;
  std::vector<Curve> curves;
  std::vector<HeatMap> heat_maps;
  std::vector<DistributionSummary> distributions;
  std::vector<Counter> counters;
  std::uint64_t fingerprint = 0;  ///< digest of the final state and of every random stream
  Time simulated_end;
  std::uint64_t events = 0;
  double wall_seconds = 0;  ///< of the machine that ran it; filled in by the runner
};

}  // namespace orrery
