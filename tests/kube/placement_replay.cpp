// The simulated side of placement_parity.py: reads one JSON object a line (what the real API server
// was told, or a question), and answers each question with one.
#include <cstdint>
#include <iostream>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "orrery/models/cluster_state.hpp"
#include "orrery/models/json_fields.hpp"
#include "orrery/policies/placement/kube_default/kube_default.hpp"
#include "orrery/traces/placement_rules_json.hpp"
#include "orrery/traces/template_json.hpp"

namespace {

using namespace orrery;
using nlohmann::json;

template <class Value>
Value taken(Result<Value> read) {
  if (!read) throw std::runtime_error(to_string(read.error()));
  return std::move(*read);
}

Time at_second(const json& value) { return kTimeZero + std::chrono::seconds{value.get<int>()}; }

TaintEffect effect_of(const std::string& name) {
  if (name == "NoExecute") return TaintEffect::NoExecute;
  return name == "NoSchedule" ? TaintEffect::NoSchedule : TaintEffect::PreferNoSchedule;
}

Node node_of(const json& said) {
  Node node;
  node.name = said["name"];
  node.cpu = MilliCpu{said["cpu"].get<std::int64_t>()};
  node.memory = Bytes{said["memory"].get<std::int64_t>()};
  node.ephemeral_storage = Bytes{said["storage"].get<std::int64_t>()};
  node.pods = said["pods"];
  node.extended = said["extended"].get<std::map<std::string, std::int64_t>>();
  node.labels = said["labels"].get<Labels>();
  for (const json& one : said["taints"]) {
    node.taints.push_back(
        {.key = one["key"], .value = one.value("value", ""), .effect = effect_of(one["effect"])});
  }
  for (const json& one : said["images"]) {
    node.images.push_back({.name = one["name"], .size = Bytes{one["size"].get<std::int64_t>()}});
  }
  return node;
}

/// One cluster and the policy that decides for it.
class Replay {
 public:
  json handle(const json& said) {
    const std::string what = said["op"];
    if (what == "reset") reset(said);
    if (what == "node") add_node(said);
    if (what == "budget") set_budget(said);
    if (what == "pod") add_pod(said);
    if (what == "bind") bind(said);
    if (what == "started") apply(change::PodStarted{.id = pods_.at(said["name"])}, said);
    if (what == "terminating") apply(change::PodTerminating{.id = pods_.at(said["name"])}, said);
    if (what == "nominate") {
      apply(change::PodNominated{.id = pods_.at(said["name"]), .node = nodes_.at(said["node"])},
            said);
    }
    if (what == "ended") end(said);
    if (what == "decide") return decide(said);
    return {};
  }

 private:
  void apply(const StateChange& change, const json& said) {
    now_ = said.contains("at") ? at_second(said["at"]) : now_;
    state_.apply(change);
    policy_->on_change(view(), change);
  }
  [[nodiscard]] policies::ClusterView view() const { return {.state = state_, .now = now_}; }

  void reset(const json& said) {
    policies::kube::KubeSchedulerProfile profile;
    profile.percentage_of_nodes_to_score = 100;
    state_ = {};
    nodes_.clear();
    pods_.clear();
    templates_.clear();
    policy_ = std::make_unique<policies::KubeDefault>(profile, said["seed"].get<std::uint64_t>(),
                                                      ClusterId{0});
  }

  void add_node(const json& said) {
    const NodeId id{state_.node_count()};
    nodes_[said["name"]] = id;
    apply(change::NodeAdded{.id = id, .node = std::make_shared<const Node>(node_of(said))}, said);
    if (said["unschedulable"] == true) {
      apply(change::NodeCordonChanged{.id = id, .is_cordoned = true}, said);
    }
  }

  void set_budget(const json& said) {
    DisruptionBudget budget{.name = said["name"], .name_space = said["namespace"]};
    budget.selector = taken(traces::read_selector(said["selector"], {}));
    budget.disruptions_allowed = said["allowed"];
    apply(change::BudgetChanged{.id = BudgetId{said["index"].get<std::uint32_t>()},
                                .budget = std::make_shared<const DisruptionBudget>(budget)},
          said);
  }

  void add_pod(const json& said) {
    const std::string text = said["template"].dump();
    const auto [known, is_new] = templates_.try_emplace(text, templates_.size());
    if (is_new) {
      apply(change::TemplateAdded{.id = known->second,
                                  .pod_template = std::make_shared<const PodTemplate>(
                                      taken(traces::read_pod_template(said["template"], {})))},
            said);
    }
    const PodId id{state_.pods().size()};
    pods_[said["name"]] = id;
    Pod pod;
    pod.uid = id.index() + 1;
    pod.cpu = MilliCpu{said["cpu"].get<std::int64_t>()};
    pod.memory = Bytes{said["memory"].get<std::int64_t>()};
    pod.pod_template = known->second;
    apply(change::PodAdded{.id = id, .pod = pod}, said);
  }

  void bind(const json& said) {
    apply(change::PodNominated{.id = pods_.at(said["name"]), .node = {}}, said);
    apply(change::PodBound{.id = pods_.at(said["name"]), .node = nodes_.at(said["node"])}, said);
  }

  void end(const json& said) {
    apply(change::PodEnded{.id = pods_.at(said["name"]), .phase = PodPhase::Failed}, said);
    pods_.erase(said["name"].get<std::string>());
  }

  [[nodiscard]] std::string pod_name(PodId id) const {
    for (const auto& [name, pod] : pods_) {
      if (pod == id) return name;
    }
    return "unknown";
  }

  json decide(const json& said) {
    now_ = said.contains("at") ? at_second(said["at"]) : now_;
    const PodId pod = pods_.at(said["name"]);
    json answer{{"best", json::array()}, {"scores", json::object()}, {"reasons", json::object()}};
    for (const NodeId node : policy_->best_nodes(view(), pod)) {
      answer["best"].push_back(state_.node_name(node));
    }
    const policies::Explanation why = policy_->explain(view(), pod);
    for (const auto& row : why.rows) {
      const std::string& node = state_.node_name(row.node);
      if (row.scores.empty()) count_reasons(row.filter, answer["reasons"]);
      for (std::size_t i = 0; i < row.scores.size(); ++i) {
        answer["scores"][node][why.columns[i]] = static_cast<std::int64_t>(row.scores[i]);
      }
    }
    answer["preemptions"] = json::array();
    if (!answer["best"].empty()) return answer;
    for (const auto& one : policy_->best_preemptions(view(), pod)) {
      json victims = json::array();
      for (const PodId victim : one.victims) victims.push_back(pod_name(victim));
      answer["preemptions"].push_back({{"node", state_.node_name(one.node)}, {"victims", victims}});
    }
    return answer;
  }

  /// Each of the reasons of one node counts one.
  static void count_reasons(const std::string& reasons, json& counts) {
    for (std::size_t begin = 0; begin < reasons.size();) {
      const std::size_t end = std::min(reasons.find(", ", begin), reasons.size());
      const std::string reason = reasons.substr(begin, end - begin);
      counts[reason] = counts.value(reason, 0) + 1;
      begin = end + 2;
    }
  }

  Time now_ = kTimeZero;
  ClusterState state_;
  std::unique_ptr<policies::KubeDefault> policy_;
  std::map<std::string, NodeId> nodes_;
  std::map<std::string, PodId> pods_;
  std::map<std::string, PodTemplateId> templates_;
};

}  // namespace

int main() {
  std::ios::sync_with_stdio(false);
  Replay replay;
  for (std::string line; std::getline(std::cin, line);) {
    try {
      const json answer = replay.handle(json::parse(line));
      if (!answer.is_null()) std::cout << answer.dump() << std::endl;
    } catch (const std::exception& error) {
      std::cerr << error.what() << "\nat " << line << '\n';
      return 1;
    }
  }
}
