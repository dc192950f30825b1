#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <vector>

#include "orrery/models/ids.hpp"
#include "orrery/models/result.hpp"
#include "orrery/models/units.hpp"
#include "orrery/sim/engine/engine.hpp"
#include "orrery/sim/engine/message.hpp"
#include "orrery/sim/engine/worker_pool.hpp"

namespace orrery::sim {

struct MeshOptions {
  std::size_t places = 1;
  /// The smallest latency between two places, above zero: how far ahead of the others each place
  /// may run. Of no importance for one place.
  Duration look_ahead = Duration::max();
  std::size_t threads = 1;
};

/// One engine per place, run in parallel; places talk only by messages that take time.
///
/// Conservative windows: no message sent at or after the earliest pending event, at T, arrives
/// before T + look-ahead, so every place may fire its events in [T, T + look-ahead) on its own. The
/// windows follow the events: time in which nothing happens anywhere costs nothing. Messages are
/// handed over between windows and fire after the local events of their time and priority, ordered
/// by (source, sequence). That order comes from the model alone, not from the windows, so results
/// are the same for any number of threads. Per window: O(places + messages), and two barriers.
class MeshEngine {
 public:
  /// Fails when places or threads are zero or when the look-ahead of several places is not
  /// positive.
  static Result<std::unique_ptr<MeshEngine>> make(const MeshOptions& options, const Location& at);
  MeshEngine(const MeshEngine&) = delete;
  MeshEngine& operator=(const MeshEngine&) = delete;
  ~MeshEngine();

  [[nodiscard]] std::size_t place_count() const { return places_.size(); }
  /// During a run, only for the place's own handlers.
  [[nodiscard]] Engine& engine(PlaceId place);

  /// Sends a message. During a run, only from a handler of the place `message.from`. A latency
  /// below the look-ahead is a bug; so is a message to oneself, which is an event.
  void send(Message message);

  /// Fires the events of all places up to and including `until`, and leaves the clocks there,
  /// unless stopped. An exception out of a handler comes out here after its window, the earliest
  /// one first (then by place); now() is then its time.
  RunEnd run_until(Time until);
  /// Fires events until none is left anywhere.
  RunEnd run();

  /// The time that all places have reached; after an exception, the time at which it was thrown.
  [[nodiscard]] Time now() const { return now_; }

  /// Makes the run return soon; from any thread, and from signal handlers. A place whose handler
  /// calls Engine::request_stop() stops the run after the current window.
  void request_stop();
  void clear_stop();
  /// Also stops when `flag` is set. Must outlive the engine.
  void watch_stop(const std::atomic<bool>& flag);

  /// Events fired so far in all places.
  [[nodiscard]] std::uint64_t event_count() const;
  [[nodiscard]] std::uint64_t message_count() const { return message_count_; }
  /// Windows run so far.
  [[nodiscard]] std::uint64_t window_count() const { return window_count_; }

 private:
  struct Place;

  explicit MeshEngine(const MeshOptions& options);
  RunEnd run_windows(Time until);
  void deliver_messages();
  void run_window(Time last);
  [[nodiscard]] bool is_stop_requested() const;
  void rethrow_failure();

  Duration look_ahead_;
  Time now_ = kTimeZero;
  std::uint64_t window_count_ = 0;
  std::uint64_t message_count_ = 0;
  IdVector<PlaceId, std::unique_ptr<Place>> places_;
  std::vector<Place*> active_;  ///< that have something to do in the current window
  WorkerPool workers_;
};

}  // namespace orrery::sim
