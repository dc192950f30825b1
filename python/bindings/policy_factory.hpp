#pragma once

#include <memory>
#include <string>
#include <vector>

#include <pybind11/pybind11.h>

#include "orrery/policies/registry.hpp"

namespace orrery::python {

namespace py = pybind11;

/// A policy in Python on its way into a registry.
struct PythonPolicySource {
  std::string kind;     ///< "placement", "scorer" or "filter"
  std::string name;     ///< by which the document names it
  std::string summary;  ///< one line of its docstring
  /// make(seed, cluster) gives a fresh object for one run of one cluster. Held so that it may be
  /// let go of without the GIL.
  std::shared_ptr<py::object> make;
};

/// Keeps `object` alive; whoever drops the last reference needs no GIL.
[[nodiscard]] std::shared_ptr<py::object> shared_object(py::object object);

/// Files the policies. Their parameters only tell which source code and which state the runs were
/// made with, so that a results file is never continued with another policy under an old name.
/// Raises orrery.Error for a kind that does not exist or a name that is taken.
void add_python_policies(policies::PolicyRegistry& registry,
                         const std::vector<PythonPolicySource>& sources);

}  // namespace orrery::python
