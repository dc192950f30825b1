#include "orrery/policies/placement/kube_default/spread.hpp"

#include <algorithm>
#include <limits>

namespace orrery::policies::kube {
namespace {

constexpr std::int32_t kMost = std::numeric_limits<std::int32_t>::max();

}  // namespace

bool SpreadRules::has_all_keys(NodeId node, const Topology& topology) const {
  return std::all_of(rules_.begin(), rules_.end(), [&](const SpreadRule& rule) {
    return topology.domain(rule.key, node) != Topology::kNoDomain;
  });
}

void SpreadRules::refresh(const IdVector<NodeId, NodeVerdict>& verdicts, std::size_t version,
                          const Topology& topology) {
  if (version_ == version || rules_.empty()) return;
  version_ = version;
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    const SpreadRule& rule = rules_[i];
    Scope& scope = scopes_[i];
    scope.counts.assign(verdicts.size(), 0);
    scope.has_node.assign(topology.domain_count(rule.key), 0);
    std::size_t counting = 0;
    for (std::size_t n = 0; n < verdicts.size(); ++n) {
      const NodeVerdict& verdict = verdicts[NodeId{n}];
      const bool is_left_out = (verdict.refused & NodeVerdict::kRemoved) != 0 ||
                               (rule.honors_affinity && verdict.is_mismatched) ||
                               (rule.honors_taints && verdict.is_tainted) ||
                               (requires_all_ && !has_all_keys(NodeId{n}, topology));
      if (is_left_out) continue;
      scope.counts[n] = 1;
      ++counting;
      const std::int32_t domain = topology.domain(rule.key, NodeId{n});
      if (domain >= 0) scope.has_node[static_cast<std::size_t>(domain)] = 1;
    }
    scope.domains =
        static_cast<std::int32_t>(std::count(scope.has_node.begin(), scope.has_node.end(), 1));
    scope.all_count = counting == verdicts.size();
    if (scope.all_count) std::vector<std::uint8_t>{}.swap(scope.counts);
  }
}

void SpreadSums::fill(const SpreadRules& rules, std::size_t i, const PodCounters& counters,
                      const Topology& topology) {
  const SpreadRule& rule = rules.rules()[i];
  sums_.assign(topology.domain_count(rule.key), 0);
  for (const auto& [index, count] : counters.by_node(rule.pods)) {
    const NodeId node{index};
    const std::int32_t domain = topology.domain(rule.key, node);
    if (domain >= 0 && rules.counts(i, node)) sums_[static_cast<std::size_t>(domain)] += count;
  }
  smallest_ = second_ = kMost;
  smallest_domain_ = Topology::kNoDomain;
  const std::span<const std::uint8_t> has_node = rules.domains(i);
  for (std::size_t domain = 0; domain < has_node.size(); ++domain) {
    if (has_node[domain] == 0 || sums_[domain] >= second_) continue;
    if (sums_[domain] < smallest_) {
      second_ = smallest_;
      smallest_ = sums_[domain];
      smallest_domain_ = static_cast<std::int32_t>(domain);
    } else {
      second_ = sums_[domain];
    }
  }
}

std::int32_t SpreadSums::smallest(std::int32_t changed, std::int32_t number) const {
  if (number == 0 || changed == Topology::kNoDomain) return smallest_;
  const std::int32_t others = changed == smallest_domain_ ? second_ : smallest_;
  return std::min(others, in(changed) + number);
}

}  // namespace orrery::policies::kube
