#include "orrery/models/placement_rules.hpp"

#include <algorithm>

namespace orrery {
namespace {

bool is_any_address(const std::string& address) { return address.empty() || address == "0.0.0.0"; }

}  // namespace

bool PodAffinityTerm::concerns(const std::string& name_space, const Labels& labels) const {
  return (in_all_namespaces ||
          std::binary_search(namespaces.begin(), namespaces.end(), name_space)) &&
         selector.matches(labels);
}

bool HostPort::conflicts_with(const HostPort& other) const {
  return port == other.port && protocol == other.protocol &&
         (is_any_address(address) || is_any_address(other.address) || address == other.address);
}

}  // namespace orrery
