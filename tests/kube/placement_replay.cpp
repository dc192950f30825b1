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
#include "orrery/policies/placement/kube_default/kube_default.hpp"
#include "orrery/traces/kubernetes/manifests.hpp"

namespace {

using namespace orrery;
using nlohmann::json;

template <class Value>
Value taken(Result<Value> read) {
  if (!read) throw std::runtime_error(to_string(read.error()));
  return std::move(*read);
}

Time at_second(const json& value) { return kTimeZero + std::chrono::seconds{value.get<int>()}; }

/// What `orrery run --from-manifests` would read of these objects, as the API server gave them.
traces::kubernetes::Manifests read(const json& objects) {
  std::string text;
  for (const json& object : objects) text += object.dump() + '\n';
  std::vector<traces::kubernetes::DocumentFile> files;
  files.push_back(taken(traces::kubernetes::DocumentFile::parse(text, "the API server")));
  return taken(traces::kubernetes::read_manifests(std::move(files)));
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
    policy_ = std::make_unique<policies::KubeDefault>(profile, said["seed"].get<std::uint64_t>(),
                                                      ClusterId{0});
  }

  void add_node(const json& said) {
    const NodeObject read_node = read(said["objects"]).nodes.at(0);
    const NodeId id{state_.node_count()};
    nodes_[read_node.node.name] = id;
    apply(change::NodeAdded{.id = id, .node = std::make_shared<const Node>(read_node.node)}, said);
    if (read_node.is_cordoned) {
      apply(change::NodeCordonChanged{.id = id, .is_cordoned = true}, said);
    }
  }

  void set_budget(const json& said) {
    const PodDisruptionBudget rule = read(said["objects"]).budgets.at(0);
    const DisruptionBudget budget{.name = rule.name.name,
                                  .name_space = rule.name.name_space,
                                  .selector = rule.selector,
                                  .disruptions_allowed = said["allowed"],
                                  .disrupted = {}};
    apply(change::BudgetChanged{.id = BudgetId{said["index"].get<std::uint32_t>()},
                                .budget = std::make_shared<const DisruptionBudget>(budget)},
          said);
  }

  /// The objects that the pod's meaning depends on come with it.
  void add_pod(const json& said) {
    const PodObject object = read(said["objects"]).pods.at(0);
    const PodTemplateId spec{state_.template_count()};
    apply(
        change::TemplateAdded{
            .id = spec, .pod_template = std::make_shared<const PodTemplate>(object.pod.placement)},
        said);
    const PodId id{state_.pods().size()};
    pods_[said["name"]] = id;
    apply(change::PodAdded{.id = id,
                           .pod = {.uid = id.index() + std::uint64_t{1},
                                   .cpu = object.pod.cpu,
                                   .memory = object.pod.memory,
                                   .pod_template = spec}},
          said);
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
