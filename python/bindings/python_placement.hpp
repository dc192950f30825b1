#pragma once

#include <span>
#include <string>
#include <vector>

#include "orrery/policies/placement/placement_policy.hpp"
#include "orrery/python/bindings/python_policy.hpp"

namespace orrery::python {

/// An orrery.PlacementPolicy of Python in a run.
class PythonPlacementPolicy final : public PythonPolicy<policies::PlacementPolicy> {
 public:
  PythonPlacementPolicy(py::object object, std::string name);
  ~PythonPlacementPolicy() override;

  policies::Placement place(const policies::ClusterView& view, PodId pod) override;
  std::vector<policies::Placement> place_gang(const policies::ClusterView& view,
                                              std::span<const PodId> pods,
                                              policies::GangScratch& scratch) override;
  policies::Explanation explain(const policies::ClusterView& view, PodId pod) override;

 private:
  py::object place_;
  py::object place_gang_;
  py::object explain_;
};

}  // namespace orrery::python
