#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "orrery/models/pod.hpp"
#include "orrery/models/result.hpp"
#include "orrery/models/units.hpp"

namespace orrery::traces {

/// One pod as the outside world asks for it. All pods of one gang follow each other and arrive at
/// one time.
struct WorkloadItem {
  Time arrival;
  MilliCpu cpu;
  Bytes memory;
  /// The rest of the request. Equal templates of one source share the pointer, so a consumer may
  /// compare pointers; never null.
  std::shared_ptr<const PodTemplate> pod_template;
  Duration service{};            ///< how long it runs; Duration::max(): never ends
  Duration estimate{};           ///< the user's estimate of `service`; zero when unknown
  std::uint32_t gang_size = 1;   ///< pods in the gang; 1: a pod of its own
  std::uint64_t gang = 0;        ///< tells neighbouring gangs apart; counts up within a source
  std::uint64_t source_row = 0;  ///< row of the trace, counted from 1; 0 when there is none
  std::string cluster;           ///< the cluster that it should go to first; empty: any

  friend bool operator==(const WorkloadItem&, const WorkloadItem&) = default;
};

/// Where work comes from: a stream of pods in the order of their arrival. Never the whole trace in
/// memory, unless a format must be sorted first (its reader says so).
class WorkloadSource {
 public:
  WorkloadSource() = default;
  WorkloadSource(const WorkloadSource&) = delete;
  WorkloadSource& operator=(const WorkloadSource&) = delete;
  virtual ~WorkloadSource() = default;

  /// Fills `item` with the next pod and returns true, or returns false at the end, ever after. The
  /// caller may pass the same item again and again: nothing is allocated for it. Arrivals never
  /// decrease. After an error the source must not be asked again.
  virtual Result<bool> next(WorkloadItem& item) = 0;

  /// What has not been drawn yet comes from the streams of `seed` from here on: another future
  /// after the same past. Sources that draw nothing have one future only.
  virtual void reseed(std::uint64_t /*seed*/) {}

  /// Malformed rows left out so far (OnBadRow::Skip).
  [[nodiscard]] virtual std::uint64_t skipped_rows() const { return 0; }
  /// A checksum of the input for provenance, as "xxh64:HEX"; empty when nothing was read.
  [[nodiscard]] virtual std::string checksum() const { return ""; }
  /// One line for people: what this is and where from.
  [[nodiscard]] virtual std::string describe() const = 0;
};

/// What to do with a malformed row.
enum class OnBadRow : std::uint8_t {
  Fail,  ///< the first one is the error
  Skip,  ///< leave it out and count it
};

}  // namespace orrery::traces
