#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "orrery/sim/engine/engine.hpp"
#include "orrery/sim/engine/message.hpp"

namespace orrery::sim {

/// The messages that are on their way to one place.
class Inbox final : public EventHandler {
 public:
  /// Accepts a message that arrives at `arrival`, the `sequence`-th of its source.
  void add(Engine& engine, Time arrival, std::uint64_t sequence, Message message) {
    if (free_.empty()) {
      free_.push_back(static_cast<std::uint32_t>(messages_.size()));
      messages_.emplace_back();
    }
    const std::uint32_t slot = free_.back();
    free_.pop_back();
    const std::uint32_t source = message.from.index();
    const Priority priority = message.priority;
    messages_[slot] = std::move(message);
    engine.schedule_message(arrival, source, sequence, *this, {.subject = slot}, priority);
  }

  void handle(Engine& engine, const Event& event) override {
    Message message = std::move(messages_[event.payload.subject]);
    free_.push_back(event.payload.subject);
    message.receiver->receive(engine, message);
  }

 private:
  std::vector<Message> messages_;
  std::vector<std::uint32_t> free_;
};

}  // namespace orrery::sim
