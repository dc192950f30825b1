#include "orrery/policies/placement/catalog.hpp"

#include "orrery/policies/placement/best_fit.hpp"
#include "orrery/policies/placement/dot_product.hpp"
#include "orrery/policies/placement/fgd.hpp"
#include "orrery/policies/placement/first_fit.hpp"
#include "orrery/policies/placement/gpu_clustering.hpp"
#include "orrery/policies/placement/gpu_packing.hpp"
#include "orrery/policies/placement/largest_node.hpp"
#include "orrery/policies/placement/next_fit.hpp"
#include "orrery/policies/placement/random.hpp"
#include "orrery/policies/placement/worst_fit.hpp"
#include "orrery/policies/registry.hpp"

namespace orrery::policies {
namespace {

constexpr const char* kStudy =
    "Weng et al., \"Beware of Fragmentation\", USENIX ATC 2023; artifact "
    "hkust-adsl/kubernetes-scheduler-simulator 8f3d641";
constexpr const char* kJohnson1974 = "Johnson et al., SIAM J. Computing 3(4), 1974";

}  // namespace

void add_placement_policies(PolicyRegistry& registry) {
  registry.add<Random>(
      "random", {.summary = "any node and devices that fit, all equally likely", .source = kStudy});
  registry.add<FirstFit>("first-fit",
                         {.summary = "the lowest node id that fits", .source = kJohnson1974});
  registry.add<NextFit>("next-fit",
                        {.summary = "the first node that fits from the last chosen one on",
                         .source = "Johnson, J. Computer and System Sciences 8(3), 1974"});
  registry.add<BestFit>("best-fit", {.summary = "the node that would have least left",
                                     .source = kStudy,
                                     .parameters = BestFit::parameters()});
  registry.add<WorstFit>("worst-fit", {.summary = "the node that would have most left",
                                       .source = kJohnson1974,
                                       .parameters = WorstFit::parameters()});
  registry.add<DotProduct>("dot-product",
                           {.summary = "the free vector with the smallest dot product with the "
                                       "request",
                            .source = kStudy,
                            .parameters = LargestNode::parameters()});
  registry.add<GpuPacking>(
      "gpu-packing",
      {.summary = "shared devices first, then nodes in use, then idle ones", .source = kStudy});
  registry.add<GpuClustering>("gpu-clustering",
                              {.summary = "with pods of the same GPU-request class",
                               .source = kStudy,
                               .parameters = LargestNode::parameters()});
  registry.add<Fgd>("fgd", {.summary = "the steepest descent of expected GPU fragmentation",
                            .source = kStudy,
                            .parameters = Fgd::parameters()});
}

}  // namespace orrery::policies
