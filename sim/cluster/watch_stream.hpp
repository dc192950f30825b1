#pragma once

#include <cstdint>
#include <deque>
#include <utility>
#include <variant>

#include "orrery/models/state_change.hpp"

namespace orrery::sim {

/// The API server's answer to a Bind that came too late.
struct BindRefused {
  PodId pod;
  std::uint64_t uid = 0;
  NodeId node;
};

/// What is on its way from the API server to one scheduler, in order. The delay is the same for
/// all, so it arrives in the order in which it was sent: a refusal never overtakes the change that
/// explains it.
class WatchStream {
 public:
  using Message = std::variant<StateChange, BindRefused>;

  void send(Message message) { sent_.push_back(std::move(message)); }
  [[nodiscard]] Message receive() {
    Message message = std::move(sent_.front());
    sent_.pop_front();
    return message;
  }

 private:
  std::deque<Message> sent_;
};

}  // namespace orrery::sim
