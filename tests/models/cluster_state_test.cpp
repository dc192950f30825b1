#include "orrery/models/cluster_state.hpp"

#include <gtest/gtest.h>

#include "orrery/models/check.hpp"
#include "orrery/tests/support/cluster_builder.hpp"

namespace orrery {
namespace {

using namespace orrery::literals;
using test::ClusterBuilder;
using test::NamedCluster;

TEST(ClusterState, ReservesWhatARunningPodAsksFor) {
  const NamedCluster cluster = ClusterBuilder{}
                                   .node("a", {.cpu = 8_cpu, .memory = 32_GiB})
                                   .running("web", "a", {.cpu = 1500_m, .memory = 2_GiB})
                                   .build();
  const NodeColumns& nodes = cluster.state.nodes();
  EXPECT_EQ(nodes.cpu_free[cluster.node("a")], 6500_m);
  EXPECT_EQ(nodes.memory_free[cluster.node("a")], 30_GiB);
  EXPECT_EQ(nodes.pods_free[cluster.node("a")], kPodsPerNodeDefault - 1);
}

}  // namespace
}  // namespace orrery
