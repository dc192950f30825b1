#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "orrery/models/json_fields.hpp"
#include "orrery/models/result.hpp"
#include "orrery/models/stream.hpp"

namespace orrery {

class Distribution;

/// The shapes that a Distribution can have. Their numbers are in the quantity's base unit: seconds,
/// bytes, milli-CPU, milli-GPU or plain.
namespace shape {

struct Constant {
  double value = 0;
  friend bool operator==(const Constant&, const Constant&) = default;
};
/// Uniform on [min, max).
struct Uniform {
  double min = 0;
  double max = 1;
  friend bool operator==(const Uniform&, const Uniform&) = default;
};
struct Exponential {
  double mean = 1;
  friend bool operator==(const Exponential&, const Exponential&) = default;
};
/// P(X > x) = exp(−(x / scale)^shape).
struct Weibull {
  double shape = 1;
  double scale = 1;
  friend bool operator==(const Weibull&, const Weibull&) = default;
};
/// exp(N(mu, sigma²)).
struct LogNormal {
  double mu = 0;
  double sigma = 1;
  [[nodiscard]] static LogNormal from_mean_cv(double mean, double cv);
  /// p95 ≥ p50 > 0: the median and the 95th percentile.
  [[nodiscard]] static LogNormal from_percentiles(double p50, double p95);
  friend bool operator==(const LogNormal&, const LogNormal&) = default;
};
/// Gamma; a whole-numbered shape is Erlang's sum of so many exponential stages.
struct Gamma {
  double shape = 1;
  double scale = 1;
  friend bool operator==(const Gamma&, const Gamma&) = default;
};
/// One of several exponentials, chosen by weight.
struct Hyperexponential {
  struct Branch {
    double weight = 1;
    double mean = 1;
    friend bool operator==(const Branch&, const Branch&) = default;
  };
  std::vector<Branch> branches;
  /// Two branches of balanced means (weight × mean equal); cv ≥ 1.
  [[nodiscard]] static Hyperexponential from_mean_cv(double mean, double cv);
  friend bool operator==(const Hyperexponential&, const Hyperexponential&) = default;
};
/// Pareto with tail exponent `shape` between `min` and `max`; max may be infinite.
struct Pareto {
  double shape = 1;
  double min = 1;
  double max = 2;
  friend bool operator==(const Pareto&, const Pareto&) = default;
};
/// A table of the cumulative distribution: values ascending, cumulative rising to 1. By steps the
/// table's values are all there is; interpolated, the mass between two rows is spread evenly, and
/// that of the first row lies on its value.
struct Empirical {
  std::vector<double> values;
  std::vector<double> cumulative;
  bool is_interpolated = false;
  [[nodiscard]] static Empirical from_values(std::vector<double> sample, bool is_interpolated);
  friend bool operator==(const Empirical&, const Empirical&) = default;
};
struct Mixture {
  std::vector<double> weights;
  std::vector<Distribution> parts;
  friend bool operator==(const Mixture&, const Mixture&);
};

}  // namespace shape

/// The distribution of a quantity that is not negative. A value: copyable, comparable, immutable.
class Distribution {
 public:
  using Shape = std::variant<shape::Constant, shape::Uniform, shape::Exponential, shape::Weibull,
                             shape::LogNormal, shape::Gamma, shape::Hyperexponential, shape::Pareto,
                             shape::Empirical, shape::Mixture>;

  /// Constant zero.
  Distribution() = default;
  /// Stops the run when `shape` is not valid: check input with problem() first.
  Distribution(Shape shape);  // NOLINT(google-explicit-constructor): every shape is a distribution

  /// What is wrong with a shape's parameters, or nothing.
  [[nodiscard]] static std::optional<std::string> problem(const Shape& shape);

  /// One draw, at least 0. Takes as many random words as the shape needs; a constant takes none.
  [[nodiscard]] double sample(Stream& stream) const;
  /// The exact mean; infinite for a Pareto without bound and shape of at most 1.
  [[nodiscard]] double mean() const;
  [[nodiscard]] bool is_constant() const { return std::holds_alternative<shape::Constant>(shape_); }
  [[nodiscard]] const Shape& shape() const { return shape_; }

  friend bool operator==(const Distribution&, const Distribution&) = default;

 private:
  Shape shape_;
};

/// How the numbers of a distribution are written: as durations, sizes, … or plain.
struct DistributionUnit {
  const char* name;  ///< "seconds", for describe()
  Result<double> (*read)(const nlohmann::json& value, const Location& at);
  nlohmann::json (*write)(double value);
};
extern const DistributionUnit kSecondsUnit;   ///< "5m" ↔ 300
extern const DistributionUnit kBytesUnit;     ///< "1GiB" ↔ 1073741824
extern const DistributionUnit kMilliCpuUnit;  ///< "2" or 2 ↔ 2000
extern const DistributionUnit kMilliGpuUnit;  ///< "500m" ↔ 500
extern const DistributionUnit kPlainUnit;     ///< 12.5 ↔ 12.5

/// Reads "30s" (constant) or {"exponential": {"mean": "5m"}}. docs/distributions.md lists the
/// shapes and their parameters.
[[nodiscard]] Result<Distribution> distribution_from_json(const nlohmann::json& value,
                                                          const Location& at,
                                                          const DistributionUnit& unit);
/// Reads back as an equal distribution.
[[nodiscard]] nlohmann::json to_json(const Distribution& distribution,
                                     const DistributionUnit& unit);
/// One line for people: "weibull(shape 0.7, scale 30d), mean 37d22h".
[[nodiscard]] std::string describe(const Distribution& distribution, const DistributionUnit& unit);

/// Readers for JsonFields.
[[nodiscard]] Result<Distribution> read_duration_distribution(const nlohmann::json& value,
                                                              const Location& at);
[[nodiscard]] Result<Distribution> read_plain_distribution(const nlohmann::json& value,
                                                           const Location& at);

}  // namespace orrery
