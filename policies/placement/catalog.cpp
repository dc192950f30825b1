#include "orrery/policies/placement/catalog.hpp"

#include "orrery/policies/placement/allocation_scorers.hpp"
#include "orrery/policies/placement/best_fit.hpp"
#include "orrery/policies/placement/dot_product.hpp"
#include "orrery/policies/placement/fgd.hpp"
#include "orrery/policies/placement/filter_score.hpp"
#include "orrery/policies/placement/filters.hpp"
#include "orrery/policies/placement/first_fit.hpp"
#include "orrery/policies/placement/gpu_clustering.hpp"
#include "orrery/policies/placement/gpu_packing.hpp"
#include "orrery/policies/placement/kube_default/kube_default.hpp"
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

constexpr const char* kNodeResources = "kube-scheduler 1.31, plugins/noderesources";

void add_filters(PolicyRegistry& registry) {
  registry.add<SpareGpuNodes>("spare-gpu-nodes",
                              {.summary = "no pods without GPU request on nodes with GPUs"});
  registry.add<Headroom>("headroom", {.summary = "leaves a share of CPU and memory free",
                                      .parameters = Headroom::parameters()});
}

/// Each scorer is a placement policy as well.
template <class OneScorer>
void add_scorer(PolicyRegistry& registry, const char* name, const PolicyInfo& info) {
  registry.add<OneScorer>(name, info);
  registry.add<ScorerPolicy<OneScorer>>(name, info);
}

void add_scorers(PolicyRegistry& registry) {
  add_scorer<LeastAllocated>(registry, "least-allocated",
                             {.summary = "the largest mean share left",
                              .source = kNodeResources,
                              .parameters = ResourceWeights::parameters()});
  add_scorer<MostAllocated>(registry, "most-allocated",
                            {.summary = "the smallest mean share left",
                             .source = kNodeResources,
                             .parameters = ResourceWeights::parameters()});
  add_scorer<BalancedAllocation>(registry, "balanced-allocation",
                                 {.summary = "the most even shares of the resources allocated",
                                  .source = kNodeResources,
                                  .parameters = ResourceWeights::parameters()});
}

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
  registry.add<KubeDefault>(
      "kube-default", {.summary = "kube-scheduler with its default plugins, priorities preempting",
                       .source = "kube-scheduler 1.36.3, pkg/scheduler",
                       .parameters = KubeDefault::parameters()});
  add_filters(registry);
  add_scorers(registry);
  registry.add<FilterScore>("filter-score", {.summary = "composes filters and weighted scorers",
                                             .source = "Kubernetes scheduling framework",
                                             .parameters = FilterScore::parameters()});
}

}  // namespace orrery::policies
