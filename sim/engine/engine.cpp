#include "orrery/sim/engine/engine.hpp"

#include <algorithm>

namespace orrery::sim {

bool Engine::step() { return fire_next(kTimeMax); }

RunEnd Engine::run() { return fire_until(kTimeMax); }

RunEnd Engine::run_until(Time until) {
  ORRERY_CHECK(until >= now_, "an engine cannot run back in time");
  const RunEnd end = fire_until(until);
  if (end != RunEnd::Stopped) now_ = until;
  return end;
}

bool Engine::fire_next(Time until) {
  EventQueue::Due due;
  if (!queue_.pop(until, due)) return false;
  now_ = due.time;
  ++event_count_;
  due.handler->handle(*this, Event{.time = due.time, .payload = due.payload});
  return true;
}

RunEnd Engine::fire_until(Time until) {
  while (!is_stop_requested()) {
    if (!fire_next(until)) return queue_.empty() ? RunEnd::Drained : RunEnd::ReachedTime;
  }
  return RunEnd::Stopped;
}

}  // namespace orrery::sim
