#include "orrery/policies/placement/kube_default/scoring.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "orrery/policies/placement/kube_default/resource_scores.hpp"

namespace orrery::policies::kube {
namespace {

constexpr std::int64_t kBest = 100;
constexpr std::array kScoring = {
    Plugin::TaintToleration,   Plugin::NodeAffinity,     Plugin::NodeResourcesFit,
    Plugin::PodTopologySpread, Plugin::InterPodAffinity, Plugin::NodeResourcesBalancedAllocation,
    Plugin::ImageLocality,
};

/// To 0 … 100 by the largest (helper/normalize_score.go); reversed: the largest becomes 0.
void normalize(std::vector<std::int64_t>& scores, bool reversed) {
  const std::int64_t most = *std::max_element(scores.begin(), scores.end());
  for (std::int64_t& score : scores) {
    const std::int64_t share = most == 0 ? 0 : kBest * score / most;
    score = reversed ? kBest - share : share;
  }
}

std::int64_t score_of(const ScoringStrategy& strategy, const ResourceReader& resources,
                      NodeId node) {
  std::int64_t sum = 0;
  std::int64_t weights = 0;
  for (std::size_t i = 0; i < resources.size(); ++i) {
    const ResourceUse use = resources.use(i, node);
    if (use.allocatable == 0) continue;
    const std::int64_t used = use.requested + use.asked;
    std::int64_t score = 0;
    switch (strategy.type) {
      case ScoringStrategy::Type::LeastAllocated:
        score = least_requested(used, use.allocatable);
        break;
      case ScoringStrategy::Type::MostAllocated:
        score = most_requested(used, use.allocatable);
        break;
      case ScoringStrategy::Type::RequestedToCapacityRatio:
        score = on_shape(strategy.shape,
                         used > use.allocatable ? kBest : used * kBest / use.allocatable);
        if (score <= 0) continue;
        break;
    }
    sum += score * resources.weight(i);
    weights += resources.weight(i);
  }
  if (weights == 0) return 0;
  if (strategy.type != ScoringStrategy::Type::RequestedToCapacityRatio) return sum / weights;
  return std::llround(static_cast<double>(sum) / static_cast<double>(weights));
}

double share(std::int64_t part, std::int64_t whole) {
  return std::min(1.0, static_cast<double>(part) / static_cast<double>(whole));
}

std::int64_t balance_score(const ResourceReader& resources, NodeId node, bool scores_change,
                           std::vector<double>& with, std::vector<double>& without) {
  with.clear();
  without.clear();
  for (std::size_t i = 0; i < resources.size(); ++i) {
    const ResourceUse use = resources.use(i, node);
    if (use.allocatable == 0) continue;
    with.push_back(share(use.requested + use.asked, use.allocatable));
    if (scores_change) without.push_back(share(use.requested, use.allocatable));
  }
  if (!scores_change) return balance_of(with);
  return kBest / 2 + (kBest / 2 + balance_of(with) - balance_of(without)) / 2;
}

}  // namespace

const Scoring::Scores& Scoring::total(const Cycle& cycle, std::span<const NodeId> nodes) {
  total_.assign(nodes.size(), 0);
  for (const Plugin plugin : kScoring) {
    const std::int64_t weight = cycle.cache().profile().weights[plugin];
    std::int64_t constant = -1;
    if (weight == 0 || !score(plugin, cycle, nodes, constant) || constant >= 0) continue;
    for (std::size_t i = 0; i < nodes.size(); ++i) total_[i] += weight * scores_[i];
  }
  return total_;
}

Scoring::Scores Scoring::of(Plugin plugin, const Cycle& cycle, std::span<const NodeId> nodes) {
  std::int64_t constant = -1;
  if (nodes.empty() || !score(plugin, cycle, nodes, constant)) return {};
  return constant >= 0 ? Scores(nodes.size(), constant) : scores_;
}

bool Scoring::score(Plugin plugin, const Cycle& cycle, std::span<const NodeId> nodes,
                    std::int64_t& constant) {
  scores_.resize(nodes.size());
  switch (plugin) {
    case Plugin::TaintToleration: {
      std::int64_t any = 0;
      for (std::size_t i = 0; i < nodes.size(); ++i) {
        any |= scores_[i] = cycle.verdicts()[nodes[i]].unliked_taints;
      }
      if (any == 0) {
        constant = kBest;
      } else {
        normalize(scores_, true);
      }
      return true;
    }
    case Plugin::NodeAffinity:
      if (!cycle.cache().node_rules().has_preferences(cycle.compiled().rules)) return false;
      for (std::size_t i = 0; i < nodes.size(); ++i) {
        scores_[i] = cycle.verdicts()[nodes[i]].affinity_weight;
      }
      normalize(scores_, false);
      return true;
    case Plugin::NodeResourcesFit:
      fit(cycle, nodes);
      return true;
    case Plugin::NodeResourcesBalancedAllocation:
      return balance(cycle, nodes);
    case Plugin::PodTopologySpread:
      return spread(cycle, nodes);
    case Plugin::InterPodAffinity:
      return pod_affinity(cycle, nodes);
    case Plugin::ImageLocality:
      if (!images(cycle, nodes)) constant = 0;
      return true;
    case Plugin::NodeUnschedulable:
    case Plugin::NodePorts:
      return false;
  }
  return false;
}

void Scoring::fit(const Cycle& cycle, std::span<const NodeId> nodes) {
  const ScoringStrategy& strategy = cycle.cache().profile().fit;
  const ResourceReader resources{cycle, strategy.resources, true};
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    scores_[i] = score_of(strategy, resources, nodes[i]);
  }
}

bool Scoring::balance(const Cycle& cycle, std::span<const NodeId> nodes) {
  const KubeSchedulerProfile& profile = cycle.cache().profile();
  const ResourceReader resources{cycle, profile.balanced, false};
  if (resources.asks_for_nothing()) return false;
  const bool scores_change = profile.minor_version >= kScoresChangeOfBalanceSince;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    scores_[i] = balance_score(resources, nodes[i], scores_change, raw_, spread_weights_);
  }
  return true;
}

bool Scoring::spread(const Cycle& cycle, std::span<const NodeId> nodes) {
  const SpreadRules& soft = cycle.compiled().soft;
  if (soft.empty()) return false;
  const Topology& topology = cycle.cache().topology();
  is_left_out_.assign(nodes.size(), 0);
  std::size_t left_out = 0;
  for (std::size_t i = 0; soft.requires_all() && i < nodes.size(); ++i) {
    if (soft.has_all_keys(nodes[i], topology)) continue;
    is_left_out_[i] = 1;
    ++left_out;
  }
  if (spread_sums_.size() < soft.rules().size()) spread_sums_.resize(soft.rules().size());
  spread_weights_.clear();
  for (std::size_t r = 0; r < soft.rules().size(); ++r) {
    const SpreadRule& rule = soft.rules()[r];
    std::size_t domains = nodes.size() - left_out;
    if (!topology.is_hostname(rule.key)) {
      spread_sums_[r].fill(soft, r, cycle.cache().counters(), topology);
      domains_seen_.clear();
      for (std::size_t i = 0; i < nodes.size(); ++i) {
        if (is_left_out_[i] == 0) domains_seen_.push_back(topology.domain(rule.key, nodes[i]));
      }
      std::sort(domains_seen_.begin(), domains_seen_.end());
      domains = static_cast<std::size_t>(std::unique(domains_seen_.begin(), domains_seen_.end()) -
                                         domains_seen_.begin());
    }
    spread_weights_.push_back(std::log(static_cast<double>(domains + 2)));
  }
  spread_raw(cycle, nodes);
  normalize_spread();
  return true;
}

void Scoring::spread_raw(const Cycle& cycle, std::span<const NodeId> nodes) {
  const SpreadRules& soft = cycle.compiled().soft;
  const Topology& topology = cycle.cache().topology();
  raw_.assign(nodes.size(), 0);
  for (std::size_t r = 0; r < soft.rules().size(); ++r) {
    const SpreadRule& rule = soft.rules()[r];
    const auto& by_node = cycle.cache().counters().by_node(rule.pods);
    const bool is_hostname = topology.is_hostname(rule.key);
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      const std::int32_t domain = topology.domain(rule.key, nodes[i]);
      if (is_left_out_[i] != 0 || domain == Topology::kNoDomain) continue;
      double count = 0;
      if (!is_hostname) {
        count = spread_sums_[r].in(domain);
      } else if (const auto found = by_node.find(nodes[i].index()); found != by_node.end()) {
        count = found->second;
      }
      raw_[i] += count * spread_weights_[r] + (rule.max_skew - 1);
    }
  }
  for (std::size_t i = 0; i < nodes.size(); ++i) scores_[i] = std::llround(raw_[i]);
}

void Scoring::normalize_spread() {
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  std::int64_t most = 0;
  for (std::size_t i = 0; i < scores_.size(); ++i) {
    if (is_left_out_[i] != 0) continue;
    least = std::min(least, scores_[i]);
    most = std::max(most, scores_[i]);
  }
  for (std::size_t i = 0; i < scores_.size(); ++i) {
    if (is_left_out_[i] != 0) {
      scores_[i] = 0;
    } else {
      scores_[i] = most == 0 ? kBest : kBest * (most + least - scores_[i]) / most;
    }
  }
}

bool Scoring::pod_affinity(const Cycle& cycle, std::span<const NodeId> nodes) {
  const KubeSchedulerProfile& profile = cycle.cache().profile();
  const AffinityReads& reads = cycle.affinity();
  const PodCounters& counters = cycle.cache().counters();
  if (profile.ignores_preferred_terms_of_existing_pods && reads.preferred.empty()) return false;
  std::vector<WeightedCounter> all = reads.preferred;
  for (const CounterId one : reads.attracting) all.push_back({.counter = one, .weight = 1});
  std::erase_if(all, [&](const WeightedCounter& one) { return counters.is_zero(one.counter); });
  if (all.empty()) return false;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    scores_[i] = 0;
    for (const WeightedCounter& one : all) {
      scores_[i] += one.weight * counters.at(one.counter, nodes[i]);
    }
  }
  const auto [least, most] = std::minmax_element(scores_.begin(), scores_.end());
  const std::int64_t low = *least;
  const std::int64_t range = *most - low;
  for (std::int64_t& score : scores_) {
    const double part = range == 0
                            ? 0
                            : static_cast<double>(kBest) *
                                  (static_cast<double>(score - low) / static_cast<double>(range));
    score = static_cast<std::int64_t>(part);
  }
  return true;
}

bool Scoring::images(const Cycle& cycle, std::span<const NodeId> nodes) {
  constexpr std::int64_t kMebibyte = 1LL << 20;
  constexpr std::int64_t kLeast = 23 * kMebibyte;
  const std::vector<std::string>& names = cycle.spec().images;
  const NodeIndex& index = cycle.cache().nodes();
  const std::vector<NodeIndex::HeldImage> held = index.held(names);
  if (held.empty()) return false;
  const std::int64_t most = 1000 * kMebibyte * static_cast<std::int64_t>(names.size());
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    std::int64_t sum = 0;
    for (const NodeIndex::HeldImage& image : held) {
      if (index.holds(nodes[i], image.id)) sum += image.scaled_size;
    }
    scores_[i] = kBest * (std::clamp(sum, kLeast, most) - kLeast) / (most - kLeast);
  }
  return true;
}

}  // namespace orrery::policies::kube
