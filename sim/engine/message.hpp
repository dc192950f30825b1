#pragma once

#include <cstdint>
#include <memory>

#include "orrery/models/ids.hpp"
#include "orrery/models/units.hpp"
#include "orrery/sim/engine/event.hpp"

namespace orrery::sim {

/// A place with a clock of its own: a cluster, or a coordinator that talks to clusters.
using PlaceId = Id<struct PlaceTag>;

/// What a message says beyond its payload. It changes hands with the message, so sender and
/// receiver never share memory.
class MessageBody {
 public:
  virtual ~MessageBody() = default;

 protected:
  MessageBody() = default;
  MessageBody(const MessageBody&) = default;
  MessageBody& operator=(const MessageBody&) = default;
};

class MessageHandler;

/// Something that one place tells another. It takes time to arrive.
struct Message {
  PlaceId from;
  PlaceId to;
  Duration latency{};                  ///< from sending to arrival, at least the look-ahead
  MessageHandler* receiver = nullptr;  ///< an object of the place `to`
  EventPayload payload;
  std::unique_ptr<MessageBody> body;  ///< may be null
  Priority priority = Priority::Normal;
};

/// Receives messages, on the thread and at the time of the place they were sent to.
class MessageHandler {
 public:
  virtual ~MessageHandler() = default;
  /// Called at the time of arrival; the body may be moved out of the message.
  virtual void receive(Engine& engine, Message& message) = 0;

 protected:
  MessageHandler() = default;
  MessageHandler(const MessageHandler&) = default;
  MessageHandler& operator=(const MessageHandler&) = default;
};

}  // namespace orrery::sim
