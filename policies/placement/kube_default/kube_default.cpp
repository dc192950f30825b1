#include "orrery/policies/placement/kube_default/kube_default.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "orrery/models/stream.hpp"
#include "orrery/policies/placement/binding.hpp"
#include "orrery/policies/placement/kube_default/config_json.hpp"

namespace orrery::policies {

using kube::Cycle;
using kube::Plugin;
using kube::Refusal;

namespace {

bool is_about_other_pods(Refusal refusal) {
  const Plugin plugin = kube::plugin_of(refusal);
  return plugin == Plugin::InterPodAffinity || plugin == Plugin::PodTopologySpread;
}

/// Both lots of one pod: which of the best nodes, and where the search for victims begins.
Stream lots_of(const Pod& pod, std::uint64_t seed, ClusterId cluster) {
  return {seed, Purpose::TieBreak, mix_bits(pod.uid) ^ cluster.index()};
}

}  // namespace

std::vector<ParameterSpec> KubeDefault::parameters() {
  return {{.name = "percentage_of_nodes_to_score",
           .type = ParameterType::Integer,
           .default_json = "0",
           .doc = "The search ends when so many percent of the nodes are feasible; 0: fewer the "
                  "larger the cluster.",
           .minimum = 0,
           .maximum = 100},
          {.name = "configuration",
           .type = ParameterType::Json,
           .default_json = "null",
           .doc = "A KubeSchedulerConfiguration (v1), whose first profile decides.",
           .check = [](const nlohmann::json& value, const Location& at) -> Result<void> {
             if (value.is_null()) return {};
             return kube::read_kube_scheduler_configuration(value, at).map([](auto&&) {});
           }}};
}

Result<std::unique_ptr<KubeDefault>> KubeDefault::make(const Parameters& parameters,
                                                       const PolicyContext& context) {
  kube::KubeSchedulerProfile profile;
  const bool is_configured = parameters.is_given("configuration");
  if (const auto json = parameters.json("configuration"); !json.is_null()) {
    auto read = kube::read_kube_scheduler_configuration(json, parameters.at("configuration"));
    if (!read) return failure(std::move(read.error()));
    profile = std::move(read->profiles.front().profile);
  }
  if (!is_configured || parameters.is_given("percentage_of_nodes_to_score")) {
    profile.percentage_of_nodes_to_score =
        static_cast<std::int32_t>(parameters.integer("percentage_of_nodes_to_score"));
  }
  return std::make_unique<KubeDefault>(std::move(profile), context.seed, context.cluster);
}

KubeDefault::KubeDefault(kube::KubeSchedulerProfile profile, std::uint64_t seed, ClusterId cluster)
    : cache_(std::move(profile)), seed_(seed), cluster_(cluster) {}

void KubeDefault::on_change(const ClusterView& view, const StateChange& change) {
  cache_.apply(change, view.state, view.now);
}

std::vector<PodId> KubeDefault::helped_by(const ClusterView& view, const StateChange& change) {
  return unmet_.helped_by(view.state, change);
}

/// Integer arithmetic as in numFeasibleNodesToFind.
std::size_t KubeDefault::wanted(std::size_t nodes) const {
  constexpr std::size_t kFeasibleMin = 100;
  if (nodes < kFeasibleMin) return nodes;
  auto percent = static_cast<std::int64_t>(cache_.profile().percentage_of_nodes_to_score);
  if (percent == 0) {
    percent = std::max<std::int64_t>(5, 50 - static_cast<std::int64_t>(nodes) / 125);
  }
  return std::max(kFeasibleMin, nodes * static_cast<std::size_t>(percent) / 100);
}

void KubeDefault::search(const Cycle& cycle, std::size_t& start) {
  feasible_.clear();
  refused_for_others_ = false;
  const std::span<const NodeId> order = cache_.nodes().order();
  if (order.empty()) return;
  const std::size_t enough = wanted(order.size());
  std::size_t at = start % order.size();
  std::size_t looked_at = 0;
  while (looked_at < order.size() && feasible_.size() < enough) {
    const NodeId node = order[at];
    const Refusal refusal = cycle.refusal(node);
    if (refusal == Refusal::None) {
      feasible_.push_back(node);
    } else {
      refused_for_others_ |= is_about_other_pods(refusal);
    }
    ++looked_at;
    at = at + 1 == order.size() ? 0 : at + 1;
  }
  start = at;
}

bool KubeDefault::takes_nominated(const Cycle& cycle) {
  const auto nominated = cycle.state().nominations().find(cycle.pod());
  if (nominated == cycle.state().nominations().end()) return false;
  if (cycle.refusal(nominated->second) != Refusal::None) return false;
  feasible_.assign(1, nominated->second);
  return true;
}

std::vector<NodeId> KubeDefault::best_of(const Cycle& cycle) {
  if (feasible_.size() < 2) return feasible_;
  const kube::Scoring::Scores& total = scoring_.total(cycle, feasible_);
  const std::int64_t best = *std::max_element(total.begin(), total.end());
  std::vector<NodeId> nodes;
  for (std::size_t i = 0; i < feasible_.size(); ++i) {
    if (total[i] == best) nodes.push_back(feasible_[i]);
  }
  std::sort(nodes.begin(), nodes.end());  // the lot does not depend on where the search began
  return nodes;
}

Placement KubeDefault::choose(const Cycle& cycle, std::size_t& start) {
  if (!takes_nominated(cycle)) search(cycle, start);
  if (feasible_.empty()) return Placement::wait(WaitReason::NoFeasibleNode);
  const std::vector<NodeId> best = best_of(cycle);
  std::size_t chosen = 0;
  if (best.size() > 1) chosen = lots_of(cycle.row(), seed_, cluster_).below(best.size());
  return bind_best_fit(cycle.state(), cycle.row(), best[chosen]);
}

Placement KubeDefault::place(const ClusterView& view, PodId pod) {
  const Cycle cycle{cache_, view, pod, sums_};
  const Placement placement = choose(cycle, start_);
  if (feasible_.empty() && refused_for_others_) unmet_.add(pod, cycle.row().uid);
  return placement;
}

Preemption KubeDefault::preempt(const ClusterView& view, PodId pod) {
  const Cycle cycle{cache_, view, pod, sums_};
  if (cache_.profile().preempts && !kube::may_preempt(cycle)) return {.keeps_nomination = true};
  std::vector<Preemption> best = best_preemptions(view, pod);
  return best.empty() ? Preemption{} : std::move(best.front());
}

std::vector<NodeId> KubeDefault::best_nodes(const ClusterView& view, PodId pod) {
  const Cycle cycle{cache_, view, pod, sums_};
  std::size_t start = start_;
  if (!takes_nominated(cycle)) search(cycle, start);
  return best_of(cycle);
}

std::vector<Preemption> KubeDefault::best_preemptions(const ClusterView& view, PodId pod) {
  const Cycle cycle{cache_, view, pod, sums_};
  std::vector<Preemption> preemptions;
  if (!cache_.profile().preempts || !kube::may_preempt(cycle)) return preemptions;
  Stream lots = lots_of(cycle.row(), seed_, cluster_);
  std::vector<kube::Victims> candidates = kube::preemption_candidates(cycle, view.now, lots() >> 1);
  for (kube::Victims& one : kube::best_candidates(std::move(candidates), cycle, view.now)) {
    preemptions.push_back({.node = one.node, .victims = std::move(one.pods)});
  }
  return preemptions;
}

Explanation KubeDefault::explain(const ClusterView& view, PodId pod) {
  const Cycle cycle{cache_, view, pod, sums_};
  Explanation explanation;
  for (std::size_t i = 0; i < view.state.node_count(); ++i) {
    const NodeId node{i};
    std::string filter;
    for (const std::string& reason : cycle.reasons(node)) {
      filter += (filter.empty() ? "" : ", ") + reason;
    }
    explanation.rows.push_back({.node = node, .filter = std::move(filter)});
  }
  std::size_t start = start_;
  explanation.placement = choose(cycle, start);
  const std::vector<NodeId>& nodes = feasible_;
  for (std::size_t i = 0; i < kube::kPlugins; ++i) {
    const auto plugin = static_cast<Plugin>(i);
    const std::int64_t weight = cache_.profile().weights[plugin];
    if (weight == 0) continue;
    const kube::Scoring::Scores scores = scoring_.of(plugin, cycle, nodes);
    explanation.columns.emplace_back(to_string(plugin));
    for (std::size_t n = 0; n < nodes.size(); ++n) {
      const double score = scores.empty() ? 0 : static_cast<double>(scores[n] * weight);
      Explanation::Row& row = explanation.rows[nodes[n].index()];
      row.scores.push_back(score);
      row.total += score;
    }
  }
  return explanation;
}

}  // namespace orrery::policies
