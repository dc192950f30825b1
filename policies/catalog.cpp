#include "orrery/policies/placement/catalog.hpp"
#include "orrery/policies/registry.hpp"
#include "orrery/policies/scaling/catalog.hpp"

namespace orrery::policies {

PolicyRegistry with_builtin_policies() {
  PolicyRegistry registry;
  add_placement_policies(registry);
  add_scaling_policies(registry);
  return registry;
}

}  // namespace orrery::policies
