#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "orrery/models/distribution.hpp"
#include "orrery/models/result.hpp"
#include "orrery/models/stream.hpp"
#include "orrery/models/units.hpp"

namespace orrery::traces {

/// Independent arrivals at a constant rate.
struct PoissonArrivals {
  double rate = 1;  ///< per second, as all rates here
  friend bool operator==(const PoissonArrivals&, const PoissonArrivals&) = default;
};

/// A Markov-modulated Poisson process: the rate is that of the present phase, which lasts for an
/// exponential time; then one of the others follows, each as likely.
struct MmppArrivals {
  struct Phase {
    double rate = 1;
    double stay = 1;  ///< mean, in seconds
    friend bool operator==(const Phase&, const Phase&) = default;
  };
  std::vector<Phase> phases;  ///< at least two; begins in the first
  friend bool operator==(const MmppArrivals&, const MmppArrivals&) = default;
};

/// A rate that follows the day and the week: rate × weekday's factor × (1 + amplitude × cos(2π (t −
/// peak) / 24 h)), as a thinned Poisson process (Lewis and Shedler, 1979).
struct DiurnalArrivals {
  double rate = 1;       ///< the mean over a week
  double amplitude = 0;  ///< 0 to 1
  Duration peak{};       ///< time of day with the highest rate
  std::vector<double>
      weekdays;  ///< factors of seven days, day 0 first, of mean 1; empty: all alike
  friend bool operator==(const DiurnalArrivals&, const DiurnalArrivals&) = default;
};

/// Bursts at a constant rate; all of a burst arrive at one instant.
struct BurstyArrivals {
  double rate = 1;    ///< of bursts
  Distribution size;  ///< arrivals in one burst, rounded, at least 1
  friend bool operator==(const BurstyArrivals&, const BurstyArrivals&) = default;
};

using ArrivalModel = std::variant<PoissonArrivals, MmppArrivals, DiurnalArrivals, BurstyArrivals>;

/// Arrivals per second in the long run.
[[nodiscard]] double mean_rate(const ArrivalModel& model);

/// "12/s" (Poisson), {"poisson": {"rate": "12/s"}},
/// {"mmpp": {"phases": [{"rate": "1/s", "stay": "1h"}, {"rate": "9/s", "stay": "5m"}]}},
/// {"diurnal": {"rate": "3/h", "amplitude": 0.6, "peak": "14:00", "weekdays":
/// [1,1,1,1,1,0.4,0.3]}},
/// {"bursty": {"rate": "2/h", "size": DISTRIBUTION}}.
[[nodiscard]] Result<ArrivalModel> read_arrivals(const nlohmann::json& value, const Location& at);
[[nodiscard]] nlohmann::json to_json(const ArrivalModel& model);

/// What an arrival process draws from. `shared_entity` keys what is common to processes that share
/// one model, the path through an MMPP's phases; `entity` everything else.
struct ArrivalKey {
  std::uint64_t seed = 0;
  std::uint64_t shared_entity = 0;
  std::uint64_t entity = 0;
};

/// The instants at which one class of things arrives: `share` (above 0) of what the model gives.
class ArrivalProcess {
 public:
  ArrivalProcess(ArrivalModel model, double share, const ArrivalKey& key);

  /// What comes after the last instant is drawn from the streams of `key`.
  void reseed(const ArrivalKey& key);
  /// The next instant, never before the last one; kTimeMax when it lies beyond all time.
  Time next();

 private:
  Time next_of(const PoissonArrivals& model);
  Time next_of(const MmppArrivals& model);
  Time next_of(const DiurnalArrivals& model);
  Time next_of(const BurstyArrivals& model);
  void change_phase(const MmppArrivals& model);

  ArrivalModel model_;
  double share_;
  Stream stream_;
  Stream path_;  ///< of the phases
  Time last_;
  std::size_t phase_ = 0;
  Time phase_end_;
  std::int64_t burst_left_ = 0;
  double rate_max_ = 0;  ///< of the thinned process
};

}  // namespace orrery::traces
