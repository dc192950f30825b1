#include "orrery/models/distribution.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include <fmt/format.h>
#include <boost/random/gamma_distribution.hpp>

#include "orrery/models/check.hpp"

namespace orrery {
namespace shape {

LogNormal LogNormal::from_mean_cv(double mean, double cv) {
  const double variance = std::log1p(cv * cv);
  return {.mu = std::log(mean) - variance / 2, .sigma = std::sqrt(variance)};
}

LogNormal LogNormal::from_percentiles(double p50, double p95) {
  constexpr double kNormal95 = 1.6448536269514722;  // Φ⁻¹(0.95)
  return {.mu = std::log(p50), .sigma = std::log(p95 / p50) / kNormal95};
}

Hyperexponential Hyperexponential::from_mean_cv(double mean, double cv) {
  const double squared = cv * cv;
  const double first = (1 + std::sqrt((squared - 1) / (squared + 1))) / 2;
  return {{{first, mean / (2 * first)}, {1 - first, mean / (2 * (1 - first))}}};
}

Empirical Empirical::from_values(std::vector<double> sample, bool is_interpolated) {
  std::sort(sample.begin(), sample.end());
  std::vector<double> cumulative(sample.size());
  // Interpolated: the i-th order statistic at i/(n−1) (Law, Simulation Modeling and
  // Analysis, 6.2.4).
  const double steps = static_cast<double>(sample.size()) - (is_interpolated ? 1 : 0);
  for (std::size_t i = 0; i < sample.size(); ++i) {
    cumulative[i] = steps > 0 ? static_cast<double>(i + (is_interpolated ? 0 : 1)) / steps : 1;
  }
  return {std::move(sample), std::move(cumulative), is_interpolated};
}

bool operator==(const Mixture& a, const Mixture& b) {
  return a.weights == b.weights && a.parts == b.parts;
}

}  // namespace shape

namespace {

bool is_positive(double value) { return std::isfinite(value) && value > 0; }
bool is_amount(double value) { return std::isfinite(value) && value >= 0; }

using Problem = std::optional<std::string>;

/// The index that `weights` give to a uniform draw.
template <class Weight>
std::size_t pick(std::size_t size, double uniform, Weight weight) {
  double total = 0;
  for (std::size_t i = 0; i < size; ++i) total += weight(i);
  double left = uniform * total;
  for (std::size_t i = 0; i + 1 < size; ++i) {
    left -= weight(i);
    if (left < 0) return i;
  }
  return size - 1;
}

struct ProblemOf {
  Problem operator()(const shape::Constant& s) const {
    if (!is_amount(s.value)) return "the value must be a finite number of at least 0";
    return {};
  }
  Problem operator()(const shape::Uniform& s) const {
    if (!is_amount(s.min) || !is_amount(s.max)) return "min and max must be finite, at least 0";
    if (s.max < s.min) return "max must not be below min";
    return {};
  }
  Problem operator()(const shape::Exponential& s) const {
    if (!is_positive(s.mean)) return "the mean must be above 0";
    return {};
  }
  Problem operator()(const shape::Weibull& s) const {
    if (!is_positive(s.shape) || !is_positive(s.scale)) return "shape and scale must be above 0";
    return {};
  }
  Problem operator()(const shape::LogNormal& s) const {
    if (!std::isfinite(s.mu) || !is_amount(s.sigma)) {
      return "mu must be finite and sigma at least 0";
    }
    return {};
  }
  Problem operator()(const shape::Gamma& s) const {
    if (!is_positive(s.shape) || !is_positive(s.scale)) return "shape and scale must be above 0";
    return {};
  }
  Problem operator()(const shape::Hyperexponential& s) const {
    if (s.branches.empty()) return "at least one branch is needed";
    for (const auto& branch : s.branches) {
      if (!is_positive(branch.weight) || !is_positive(branch.mean)) {
        return "weights and means must be above 0";
      }
    }
    return {};
  }
  Problem operator()(const shape::Pareto& s) const {
    if (!is_positive(s.shape) || !is_positive(s.min)) return "shape and min must be above 0";
    if (!(s.max > s.min)) return "max must be above min";
    return {};
  }
  Problem operator()(const shape::Empirical& s) const {
    if (s.values.empty()) return "at least one value is needed";
    if (s.values.size() != s.cumulative.size()) return "each value needs its cumulative share";
    for (std::size_t i = 0; i < s.values.size(); ++i) {
      if (!is_amount(s.values[i])) return "values must be finite and at least 0";
      if (i > 0 && s.values[i] < s.values[i - 1]) return "values must ascend";
      if (!is_amount(s.cumulative[i]) || s.cumulative[i] > 1) return "shares lie between 0 and 1";
      if (i > 0 && s.cumulative[i] < s.cumulative[i - 1]) return "cumulative shares must ascend";
    }
    if (s.cumulative.back() != 1) return "the last cumulative share must be 1";
    return {};
  }
  Problem operator()(const shape::Mixture& s) const {
    if (s.parts.empty()) return "at least one part is needed";
    if (s.parts.size() != s.weights.size()) return "each part needs its weight";
    for (const double weight : s.weights) {
      if (!is_positive(weight)) return "weights must be above 0";
    }
    return {};
  }
};

struct Sample {
  Stream& stream;

  double operator()(const shape::Constant& s) const { return s.value; }
  double operator()(const shape::Uniform& s) const {
    return s.min + (s.max - s.min) * stream.uniform();
  }
  double operator()(const shape::Exponential& s) const { return s.mean * stream.exponential(); }
  double operator()(const shape::Weibull& s) const {
    return s.scale * std::pow(stream.exponential(), 1 / s.shape);
  }
  double operator()(const shape::LogNormal& s) const {
    return std::exp(s.mu + s.sigma * stream.normal());
  }
  double operator()(const shape::Gamma& s) const {
    return boost::random::gamma_distribution<double>{s.shape, s.scale}(stream);
  }
  double operator()(const shape::Hyperexponential& s) const {
    const std::size_t chosen = pick(s.branches.size(), stream.uniform(),
                                    [&s](std::size_t i) { return s.branches[i].weight; });
    return s.branches[chosen].mean * stream.exponential();
  }
  double operator()(const shape::Pareto& s) const {
    // uniform() may be 0 and is never 1, which keeps the draw in [min, max) without a bound too.
    const double cut = std::isinf(s.max) ? 0 : std::pow(s.min / s.max, s.shape);
    const double draw = s.min * std::pow(1 - stream.uniform() * (1 - cut), -1 / s.shape);
    return std::min(draw, s.max);
  }
  double operator()(const shape::Empirical& s) const {
    const double u = stream.uniform();
    const auto above = std::upper_bound(s.cumulative.begin(), s.cumulative.end(), u);
    const auto i = static_cast<std::size_t>(above - s.cumulative.begin());
    if (!s.is_interpolated || i == 0) return s.values[i];
    const double share = (u - s.cumulative[i - 1]) / (s.cumulative[i] - s.cumulative[i - 1]);
    return s.values[i - 1] + share * (s.values[i] - s.values[i - 1]);
  }
  double operator()(const shape::Mixture& s) const {
    const std::size_t chosen =
        pick(s.parts.size(), stream.uniform(), [&s](std::size_t i) { return s.weights[i]; });
    return s.parts[chosen].sample(stream);
  }
};

struct MeanOf {
  double operator()(const shape::Constant& s) const { return s.value; }
  double operator()(const shape::Uniform& s) const { return s.min + (s.max - s.min) / 2; }
  double operator()(const shape::Exponential& s) const { return s.mean; }
  double operator()(const shape::Weibull& s) const {
    return s.scale * std::tgamma(1 + 1 / s.shape);
  }
  double operator()(const shape::LogNormal& s) const {
    return std::exp(s.mu + s.sigma * s.sigma / 2);
  }
  double operator()(const shape::Gamma& s) const { return s.shape * s.scale; }
  double operator()(const shape::Hyperexponential& s) const {
    double total = 0;
    double sum = 0;
    for (const auto& branch : s.branches) {
      total += branch.weight;
      sum += branch.weight * branch.mean;
    }
    return sum / total;
  }
  double operator()(const shape::Pareto& s) const {
    if (std::isinf(s.max)) return s.shape > 1 ? s.shape * s.min / (s.shape - 1) : s.max;
    const double ratio = s.max / s.min;
    if (s.shape == 1) return std::log(ratio) * s.min / (1 - 1 / ratio);
    const double cut = std::pow(ratio, -s.shape);
    return s.min / (1 - cut) * s.shape / (s.shape - 1) * (1 - std::pow(ratio, 1 - s.shape));
  }
  double operator()(const shape::Empirical& s) const {
    double sum = s.cumulative[0] * s.values[0];
    for (std::size_t i = 1; i < s.values.size(); ++i) {
      const double value = s.is_interpolated ? (s.values[i - 1] + s.values[i]) / 2 : s.values[i];
      sum += (s.cumulative[i] - s.cumulative[i - 1]) * value;
    }
    return sum;
  }
  double operator()(const shape::Mixture& s) const {
    double total = 0;
    double sum = 0;
    for (std::size_t i = 0; i < s.parts.size(); ++i) {
      total += s.weights[i];
      sum += s.weights[i] * s.parts[i].mean();
    }
    return sum / total;
  }
};

}  // namespace

Distribution::Distribution(Shape shape) : shape_(std::move(shape)) {
  const Problem wrong = problem(shape_);
  ORRERY_CHECK(!wrong, wrong.value_or(""));
}

Problem Distribution::problem(const Shape& shape) { return std::visit(ProblemOf{}, shape); }

double Distribution::sample(Stream& stream) const { return std::visit(Sample{stream}, shape_); }

double Distribution::mean() const { return std::visit(MeanOf{}, shape_); }

}  // namespace orrery
