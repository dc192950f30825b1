#pragma once

#include <string>

#include "orrery/models/cluster_state.hpp"
#include "orrery/models/workload_profile.hpp"

namespace orrery::test {

/// The placement policies once more, as plainly as their definitions read and without any index:
/// every node is looked at for every pod. What the real ones are held against.
class Reference {
 public:
  /// `name` as in the catalogue; not random. `profile` is for fgd.
  Reference(std::string name, WorkloadProfile profile);
  /// The node for `pod`, or none.
  [[nodiscard]] NodeId choose(const ClusterState& state, PodId pod);

 private:
  [[nodiscard]] double score(const ClusterState& state, NodeId node, const Pod& pod) const;

  std::string name_;
  WorkloadProfile profile_;
  NodeId last_{0};  ///< of next-fit
};

}  // namespace orrery::test
