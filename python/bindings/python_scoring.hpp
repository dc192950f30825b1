#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "orrery/policies/placement/scorer.hpp"
#include "orrery/python/bindings/python_policy.hpp"

namespace orrery::python {

/// What a method of a Python object gives for every node at once, asked once for each pod that is
/// placed and kept for the slices in which filter-score wants it.
class NodeValues {
 public:
  /// The values for `asked`; calls `method` when they are of another pod or the state has changed.
  const std::vector<float>& get(PythonObject& python, const py::object& method,
                                const char* method_name, const policies::AskedOf& asked);
  /// The state has changed: what is kept is old.
  void forget() { is_current_ = false; }

 private:
  std::vector<float> values_;
  PodId pod_;
  Time now_;
  bool is_current_ = false;
};

/// An orrery.Scorer of Python: one array of scores for all nodes.
class PythonScorer final : public PythonPolicy<policies::Scorer> {
 public:
  PythonScorer(py::object object, std::string name);
  ~PythonScorer() override;
  [[nodiscard]] float score(const policies::AskedOf& asked, NodeId node) const override;
  void score_slice(const policies::AskedOf& asked, const policies::NodeSlice& nodes,
                   std::span<const std::uint8_t> fits, std::span<float> scores) const override;
  void on_change(const policies::ClusterView& view, const StateChange& change) override;

 private:
  py::object score_;
  mutable NodeValues values_;
};

/// An orrery.Filter of Python: one array of booleans for all nodes.
class PythonFilter final : public PythonPolicy<policies::Filter> {
 public:
  PythonFilter(py::object object, std::string name);
  ~PythonFilter() override;
  [[nodiscard]] bool admits(const policies::AskedOf& asked, NodeId node) const override;
  void on_change(const policies::ClusterView& view, const StateChange& change) override;

 private:
  py::object admits_;
  mutable NodeValues values_;
};

}  // namespace orrery::python
