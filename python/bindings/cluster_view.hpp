#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include "orrery/policies/placement/placement_policy.hpp"

namespace orrery::python {

namespace py = pybind11;

/// The columns of NodeColumns that Python sees.
inline constexpr std::size_t kNodeColumns = 16;

/// What a policy in Python may read: open during the call, closed after it. NumPy arrays that it
/// gave out are views of the core's memory (ColumnMemory), which they keep alive: after the call
/// they hold what happens to be there, but reading them is never an error of memory.
class PythonView {
 public:
  /// Shows `view` until close(). Nested calls (a gang) may open it again.
  void open(const policies::ClusterView& view) {
    state_ = &view.state;
    now_ = view.now;
  }
  void close() { state_ = nullptr; }

  /// Raises when the call is over.
  [[nodiscard]] const ClusterState& state() const;
  [[nodiscard]] Time now() const;

  /// The array of column `index`: the same object as long as the column stays where it is.
  [[nodiscard]] py::object column(std::size_t index);

 private:
  struct Shown {
    const void* data = nullptr;
    std::size_t size = 0;
    py::object array;
  };

  const ClusterState* state_ = nullptr;
  Time now_;
  std::array<Shown, kNodeColumns> shown_;
};

/// `view.nodes`: the columns, as long as the view is open.
struct PythonNodes {
  std::shared_ptr<PythonView> view;
};

/// One pod with what it asks for: values of its own, so that it can be kept.
struct PythonPod {
  PodId id;
  Pod row;
  std::shared_ptr<const PodTemplate> spec;
};
[[nodiscard]] PythonPod python_pod(const ClusterState& state, PodId id);

/// Raises IndexError unless `node` is one of the cluster's.
[[nodiscard]] NodeId checked_node(const ClusterState& state, std::int64_t node);

/// A node id in Python: its index, or None.
[[nodiscard]] py::object node_index(NodeId node);

/// A read-only array over `rows` entries of `data`, which lies at the beginning of a column: it
/// keeps the memory alive.
[[nodiscard]] py::object column_array(const py::dtype& type, const void* data, std::size_t rows,
                                      std::size_t width = 1);

void bind_pod(py::module_& module);
void bind_cluster_view(py::module_& module);

}  // namespace orrery::python
