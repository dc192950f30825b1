#pragma once

#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <utility>

#include <pybind11/pybind11.h>

#include "orrery/experiments/runner/runner.hpp"

namespace orrery::python {

namespace py = pybind11;

/// Lets a sweep be stopped from Python: by Ctrl-C, or by an exception of the progress function.
/// Runs stop between two events; a policy in Python that is in the middle of a long call gets
/// KeyboardInterrupt there.
class Interrupts {
 public:
  /// `run` as run_sweep() should call it: each of its threads keeps its Python state for the run,
  /// so that calling Python costs no more than taking the GIL, and can be interrupted.
  [[nodiscard]] experiments::RunFunction watched(experiments::RunFunction run);

  /// With the GIL, from the thread that called Orrery: handles signals and calls `body`. What
  /// either raises is kept, and the sweep is asked to stop.
  template <class Body>
  void check(Body&& body) {
    if (error_) return stop_threads();
    try {
      if (PyErr_CheckSignals() != 0) throw py::error_already_set();
      std::forward<Body>(body)();
    } catch (py::error_already_set& error) {
      error_.emplace(std::move(error));
      stop_.request_stop();
      stop_threads();
    }
  }

  [[nodiscard]] std::stop_token token() const { return stop_.get_token(); }
  /// With the GIL: raises what check() has kept.
  void raise_kept() {
    if (error_) throw py::error_already_set(*error_);
  }

 private:
  /// With the GIL.
  void stop_threads();

  std::stop_source stop_;
  std::optional<py::error_already_set> error_;
  std::mutex mutex_;
  std::set<unsigned long> threads_;  // that may be in Python code
};

}  // namespace orrery::python
