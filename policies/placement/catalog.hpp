#pragma once

namespace orrery::policies {

class PolicyRegistry;

/// The placement policies, and the filters and scorers that filter-score composes.
void add_placement_policies(PolicyRegistry& registry);

}  // namespace orrery::policies
