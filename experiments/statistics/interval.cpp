#include "orrery/experiments/statistics/interval.hpp"

#include <cmath>

#include <boost/math/distributions/students_t.hpp>

#include "orrery/models/check.hpp"
#include "orrery/models/sample_statistics.hpp"

namespace orrery::experiments {

MeanEstimate estimate_mean(std::span<const double> values, double confidence) {
  const Moments moments = moments_of(values);
  MeanEstimate estimate{.count = values.size(),
                        .mean = moments.mean(),
                        .standard_deviation = moments.standard_deviation(),
                        .interval = std::nullopt};
  if (values.size() < 2 || !(estimate.standard_deviation > 0)) return estimate;
  const double half = student_t(values.size() - 1, confidence) * estimate.standard_deviation /
                      std::sqrt(static_cast<double>(values.size()));
  estimate.interval = Interval{.low = estimate.mean - half, .high = estimate.mean + half};
  return estimate;
}

double student_t(std::size_t degrees_of_freedom, double confidence) {
  ORRERY_CHECK(degrees_of_freedom >= 1, "Student's t needs a degree of freedom");
  ORRERY_CHECK(confidence > 0 && confidence < 1, "a confidence lies between 0 and 1");
  const boost::math::students_t distribution(static_cast<double>(degrees_of_freedom));
  return boost::math::quantile(boost::math::complement(distribution, (1 - confidence) / 2));
}

}  // namespace orrery::experiments
