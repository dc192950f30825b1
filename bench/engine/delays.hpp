#pragma once

#include <cmath>
#include <string_view>

#include "orrery/models/stream.hpp"
#include "orrery/models/units.hpp"

namespace orrery::bench {

/// From which distribution the hold model draws the delay of the next event. All have a mean of
/// about one second, but for the ties.
enum class DelayLaw { Exponential, Uniform, Bimodal, Pareto, Ties };

inline std::string_view to_string(DelayLaw law) {
  switch (law) {
    case DelayLaw::Exponential:
      return "exponential";
    case DelayLaw::Uniform:
      return "uniform";
    case DelayLaw::Bimodal:
      return "bimodal";
    case DelayLaw::Pareto:
      return "pareto";
    case DelayLaw::Ties:
      return "ties";
  }
  return "";
}

/// One delay. Bimodal: nine of ten events in a millisecond, the others in ten seconds. Pareto:
/// shape 1.2, heavy enough that the largest of ten million delays is a million times the smallest.
/// Ties: always zero.
inline Duration draw_delay(DelayLaw law, Stream& stream) {
  switch (law) {
    case DelayLaw::Exponential:
      return duration_from_seconds(stream.exponential());
    case DelayLaw::Uniform:
      return duration_from_seconds(2 * stream.uniform());
    case DelayLaw::Bimodal:
      return duration_from_seconds(stream.uniform() * (stream.below(10) < 9 ? 0.002 : 20));
    case DelayLaw::Pareto:
      return duration_from_seconds(std::pow(stream.uniform_positive(), -1 / 1.2) / 6);
    case DelayLaw::Ties:
      return Duration::zero();
  }
  return Duration::zero();
}

}  // namespace orrery::bench
