#pragma once

#include <memory>
#include <string>
#include <utility>

#include <pybind11/pybind11.h>

#include "orrery/models/check.hpp"
#include "orrery/models/state_change.hpp"
#include "orrery/policies/placement/placement_policy.hpp"
#include "orrery/python/bindings/cluster_view.hpp"
#include "orrery/python/bindings/state_change_binding.hpp"

namespace orrery::python {

/// A policy in Python did something that the run cannot go on with: it raised, or its answer makes
/// no sense. Passes through the event loop as a failed check does, which adds cluster, seed and
/// virtual time, and ends this run alone.
class PolicyFailure : public CheckFailure {
 public:
  using CheckFailure::CheckFailure;
};

/// One Python object that decides for one run: what every kind of policy in Python has in common.
class PythonObject {
 public:
  /// With the GIL. `name` is for messages.
  PythonObject(py::object object, std::string name);
  PythonObject(const PythonObject&) = delete;
  PythonObject& operator=(const PythonObject&) = delete;
  ~PythonObject();

  /// The method, or a null object when the class does not override the default.
  [[nodiscard]] py::object method(const char* name) const;

  /// Runs `body(view)`, in which Python may be called, with the GIL held and the view open. A
  /// Python exception becomes a PolicyFailure with its traceback. `method` is for messages.
  template <class Body>
  auto call(const policies::ClusterView& view, const char* method, Body&& body) {
    const py::gil_scoped_acquire gil;
    const Opened opened(*view_, view);
    try {
      return std::forward<Body>(body)(view_object_);
    } catch (py::error_already_set& error) {
      fail_from(error, method);
    }
  }

  /// Ends the run because an answer of `method` makes no sense.
  [[noreturn]] void fail(const char* method, const std::string& why) const;

 private:
  /// The view is open as long as this lives.
  class Opened {
   public:
    Opened(PythonView& shown, const policies::ClusterView& view) : shown_(shown) {
      shown_.open(view);
    }
    Opened(const Opened&) = delete;
    Opened& operator=(const Opened&) = delete;
    ~Opened() { shown_.close(); }

   private:
    PythonView& shown_;
  };

  [[noreturn]] void fail_from(py::error_already_set& error, const char* method) const;

  std::string name_;
  py::object object_;
  std::shared_ptr<PythonView> view_;
  py::object view_object_;
};

/// A C++ policy whose decisions a Python object makes. Each kind of policy derives from this and
/// overrides the virtual functions of its Interface with calls of `python()`; on_change, which all
/// kinds share, is here, and costs nothing unless the Python class overrides it.
template <class Interface>
class PythonPolicy : public Interface {
 public:
  PythonPolicy(py::object object, std::string name)
      : python_(std::move(object), std::move(name)), on_change_(python_.method("on_change")) {}
  PythonPolicy(const PythonPolicy&) = delete;
  PythonPolicy& operator=(const PythonPolicy&) = delete;
  ~PythonPolicy() override {
    const py::gil_scoped_acquire gil;
    on_change_ = py::object();
  }

  void on_change(const policies::ClusterView& view, const StateChange& change) override {
    if (!on_change_) return;
    python_.call(view, "on_change",
                 [&](const py::object& shown) { on_change_(shown, py::cast(change)); });
  }

 protected:
  [[nodiscard]] PythonObject& python() const { return python_; }

 private:
  mutable PythonObject python_;  // the interfaces' const functions call Python too
  py::object on_change_;
};

}  // namespace orrery::python
