#pragma once

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "orrery/sim/engine/engine.hpp"

namespace orrery::sim {

/// Writes down what fires, by the event's `data`.
class Recorder final : public EventHandler {
 public:
  void handle(Engine& engine, const Event& event) override {
    fired.push_back(event.payload.data);
    times.push_back(engine.now());
  }

  std::vector<std::uint64_t> fired;
  std::vector<Time> times;
};

/// Runs a function object as a handler.
class Call final : public EventHandler {
 public:
  using Function = std::function<void(Engine&, const Event&)>;
  explicit Call(Function function) : function_(std::move(function)) {}
  void handle(Engine& engine, const Event& event) override { function_(engine, event); }

 private:
  Function function_;
};

}  // namespace orrery::sim
