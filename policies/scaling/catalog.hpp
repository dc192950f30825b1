#pragma once

namespace orrery::policies {

class PolicyRegistry;

/// Adds the scaling policies that come with Orrery.
void add_scaling_policies(PolicyRegistry& registry);

}  // namespace orrery::policies
