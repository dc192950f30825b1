#include "orrery/policies/placement/catalog.hpp"

#include "orrery/policies/placement/first_fit.hpp"
#include "orrery/policies/placement/next_fit.hpp"
#include "orrery/policies/placement/random.hpp"
#include "orrery/policies/registry.hpp"

namespace orrery::policies {
namespace {

constexpr const char* kStudy = "Weng et al., \"Beware of Fragmentation\", USENIX ATC 2023";

}  // namespace

void add_placement_policies(PolicyRegistry& registry) {
  registry.add<FirstFit>("first-fit", {.summary = "the lowest node id that fits",
                                       .source = "Johnson et al., SIAM J. Computing 3(4), 1974"});
  registry.add<NextFit>("next-fit",
                        {.summary = "the first node that fits from the last chosen one on",
                         .source = "Johnson, J. Computer and System Sciences 8(3), 1974"});
  registry.add<Random>(
      "random", {.summary = "any node and devices that fit, all equally likely", .source = kStudy});
}

}  // namespace orrery::policies
