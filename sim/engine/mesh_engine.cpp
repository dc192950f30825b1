#include "orrery/sim/engine/mesh_engine.hpp"

#include <algorithm>
#include <utility>

#include "orrery/models/check.hpp"
#include "orrery/sim/engine/inbox.hpp"

namespace orrery::sim {

namespace {

struct SentMessage {
  Time arrival{};
  std::uint64_t sequence = 0;
  Message message;
};

/// The last instant of a window that starts at `first`.
Time window_last(Time first, Duration look_ahead) {
  return look_ahead > kTimeMax - first ? kTimeMax : first + (look_ahead - Duration{1});
}

}  // namespace

/// One place. During a window it is touched by one thread only.
struct MeshEngine::Place {
  Engine engine;
  Inbox inbox;
  std::vector<SentMessage> outbox;
  std::uint64_t sent_count = 0;
  std::exception_ptr failure;

  void run(Time last) noexcept {
    try {
      engine.fire_until(last);
    } catch (...) {
      failure = std::current_exception();
    }
  }
};

Result<std::unique_ptr<MeshEngine>> MeshEngine::make(const MeshOptions& options,
                                                     const Location& at) {
  const auto refuse = [&](const char* message, std::int64_t found, const char* expected) {
    return failure(
        {.at = at, .message = message, .found = std::to_string(found), .expected = expected});
  };
  if (options.places == 0) return refuse("no place to simulate", 0, "at least one place");
  if (options.threads == 0) return refuse("no thread to run on", 0, "at least one thread");
  if (options.places > 1 && options.look_ahead <= Duration::zero()) {
    return refuse("clusters that talk without delay cannot be simulated side by side",
                  options.look_ahead.count(), "a latency above 0 ns between any two clusters");
  }
  return std::unique_ptr<MeshEngine>(new MeshEngine(options));
}

MeshEngine::MeshEngine(const MeshOptions& options)
    : look_ahead_(options.places > 1 ? options.look_ahead : Duration::max()),
      workers_(std::min(options.threads, options.places)) {
  for (std::size_t i = 0; i < options.places; ++i) places_.push_back(std::make_unique<Place>());
}

MeshEngine::~MeshEngine() = default;

Engine& MeshEngine::engine(PlaceId place) { return places_[place]->engine; }

void MeshEngine::send(Message message) {
  ORRERY_CHECK(places_.contains(message.from) && places_.contains(message.to),
               "a message needs two places of this mesh");
  ORRERY_CHECK(message.from != message.to, "a message to oneself is an event");
  ORRERY_CHECK(message.latency >= look_ahead_, "a message was faster than the look-ahead");
  ORRERY_CHECK(message.receiver != nullptr, "a message needs a receiver");
  Place& from = *places_[message.from];
  const Time arrival = saturating_add(from.engine.now(), message.latency);
  from.outbox.push_back({arrival, ++from.sent_count, std::move(message)});
}

RunEnd MeshEngine::run_until(Time until) {
  ORRERY_CHECK(until >= now_, "a mesh cannot run back in time");
  const RunEnd end = run_windows(until);
  if (end == RunEnd::Stopped) return end;
  for (const auto& place : places_) place->engine.run_until(until);
  now_ = until;
  return end;
}

RunEnd MeshEngine::run() {
  const RunEnd end = run_windows(kTimeMax);
  for (const auto& place : places_) now_ = std::max(now_, place->engine.now());
  return end;
}

RunEnd MeshEngine::run_windows(Time until) {
  for (;;) {
    deliver_messages();
    if (is_stop_requested()) return RunEnd::Stopped;
    bool is_drained = true;
    Time first = kTimeMax;
    for (const auto& place : places_) {
      if (place->engine.pending_count() == 0) continue;
      is_drained = false;
      first = std::min(first, place->engine.next_time());
    }
    if (is_drained) return RunEnd::Drained;
    if (first > until) return RunEnd::ReachedTime;
    now_ = first;
    run_window(std::min(until, window_last(first, look_ahead_)));
  }
}

void MeshEngine::deliver_messages() {
  for (const auto& from : places_) {
    for (SentMessage& sent : from->outbox) {
      Place& to = *places_[sent.message.to];
      to.inbox.add(to.engine, sent.arrival, sent.sequence, std::move(sent.message));
      ++message_count_;
    }
    from->outbox.clear();
  }
}

void MeshEngine::run_window(Time last) {
  ++window_count_;
  active_.clear();
  for (const auto& place : places_) {
    if (place->engine.pending_count() > 0 && place->engine.next_time() <= last) {
      active_.push_back(place.get());
    }
  }
  workers_.for_each(active_.size(), [this, last](std::size_t i) { active_[i]->run(last); });
  rethrow_failure();
}

void MeshEngine::rethrow_failure() {
  Place* first = nullptr;
  for (Place* place : active_) {
    if (place->failure && (first == nullptr || place->engine.now() < first->engine.now())) {
      first = place;
    }
  }
  if (first == nullptr) return;
  now_ = first->engine.now();
  const std::exception_ptr failure = first->failure;
  for (Place* place : active_) place->failure = nullptr;
  std::rethrow_exception(failure);
}

bool MeshEngine::is_stop_requested() const {
  return std::any_of(places_.begin(), places_.end(),
                     [](const auto& place) { return place->engine.is_stop_requested(); });
}

void MeshEngine::request_stop() {
  for (const auto& place : places_) place->engine.request_stop();
}

void MeshEngine::clear_stop() {
  for (const auto& place : places_) place->engine.clear_stop();
}

void MeshEngine::watch_stop(const std::atomic<bool>& flag) {
  for (const auto& place : places_) place->engine.watch_stop(flag);
}

std::uint64_t MeshEngine::event_count() const {
  std::uint64_t count = 0;
  for (const auto& place : places_) count += place->engine.event_count();
  return count;
}

}  // namespace orrery::sim
