#pragma once

#include <compare>
#include <cstdint>

#include "orrery/models/units.hpp"

namespace orrery::sim {

class Engine;

/// Which of the events of one instant come first: the lower class. Any value may be used; the names
/// are landmarks. Within a class events fire in the order in which they were scheduled.
enum class Priority : std::uint8_t { First = 0, Early = 64, Normal = 128, Late = 192, Last = 255 };

/// What a handler wants to know when its event fires; the engine only carries it.
struct EventPayload {
  std::uint32_t kind = 0;     ///< what happens, for handlers of several things: often an enum
  std::uint32_t subject = 0;  ///< to whom: often the index of an id
  std::uint64_t data = 0;     ///< anything else that fits

  friend bool operator==(const EventPayload&, const EventPayload&) = default;
};

/// An event that fires now.
struct Event {
  Time time{};
  EventPayload payload;
};

/// Names one scheduled event, to cancel it. Never names another one, however long it is kept; the
/// default names none.
class EventHandle {
 public:
  constexpr EventHandle() = default;

  constexpr explicit operator bool() const { return order_ != 0; }
  friend constexpr bool operator==(EventHandle, EventHandle) = default;

 private:
  friend class EventQueue;
  constexpr EventHandle(std::uint64_t order, std::uint32_t slot) : order_(order), slot_(slot) {}

  std::uint64_t order_ = 0;  ///< unique among all events of one queue; 0 is never used
  std::uint32_t slot_ = 0;
};

/// Receives events. A handler must outlive the events scheduled for it, or cancel them.
class EventHandler {
 public:
  virtual ~EventHandler() = default;
  /// Called at `event.time` == engine.now(). May schedule and cancel at will.
  virtual void handle(Engine& engine, const Event& event) = 0;

 protected:
  EventHandler() = default;
  EventHandler(const EventHandler&) = default;
  EventHandler& operator=(const EventHandler&) = default;
};

}  // namespace orrery::sim
