#include "orrery/policies/placement/kube_default/pod_counters.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include <fmt/format.h>

namespace orrery::policies::kube {
namespace {

std::string label_text(const std::string& key, const std::string& value) {
  return key + '\0' + value;
}

/// The labels of which a pod must have one to match the selector; empty when it names none.
std::vector<std::string> labels_named(const LabelSelector& selector) {
  for (const LabelRequirement& one : selector.requirements) {
    if (one.op != LabelRequirement::Operator::In) continue;
    std::vector<std::string> texts;
    for (const std::string& value : one.values) texts.push_back(label_text(one.key, value));
    return texts;
  }
  return {};
}

void append_text(std::string& text, const std::string& part) {
  fmt::format_to(std::back_inserter(text), "{}:{}", part.size(), part);
}

/// Equal for equal rules and no others.
std::string text_of(const PodAffinityTerm& term) {
  std::string text = term.selector.selects_nothing ? "-" : "+";
  for (const LabelRequirement& one : term.selector.requirements) {
    fmt::format_to(std::back_inserter(text), "{}/{}/", static_cast<int>(one.op), one.values.size());
    append_text(text, one.key);
    for (const std::string& value : one.values) append_text(text, value);
  }
  text += term.in_all_namespaces ? "*" : "@";
  for (const std::string& name : term.namespaces) append_text(text, name);
  return text;
}

template <class Ids, class Map>
void append_found(Ids& ids, const Map& map, const std::string& label) {
  const auto found = map.find(label);
  if (found != map.end()) ids.insert(ids.end(), found->second.begin(), found->second.end());
}

/// Whoever of `map` may be satisfied by these labels, each once, ascending.
template <class Map>
auto met_by(const Labels& labels, const Map& map) {
  typename Map::mapped_type ids;
  append_found(ids, map, "");
  for (const auto& [key, value] : labels) append_found(ids, map, label_text(key, value));
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

template <class Map, class IdType>
void file_under(Map& map, const LabelSelector& selector, IdType id) {
  const std::vector<std::string> labels = labels_named(selector);
  for (const std::string& label : labels) map[label].push_back(id);
  if (labels.empty()) map[""].push_back(id);
}

bool is_everything_or_nothing(const LabelSelector& selector) {
  return selector.is_everything() || selector.selects_nothing;
}

}  // namespace

bool PodCounters::concerns(const std::vector<PodAffinityTerm>& terms, const PodTemplate& spec) {
  return !terms.empty() && std::all_of(terms.begin(), terms.end(), [&](const auto& term) {
    return term.concerns(spec.name_space, spec.labels);
  });
}

std::vector<PodTemplateId> PodCounters::candidates(const LabelSelector& selector) const {
  std::vector<PodTemplateId> ids;
  const std::vector<std::string> labels = labels_named(selector);
  if (labels.empty()) {
    for (std::size_t i = 0; i < templates_.size(); ++i) ids.emplace_back(i);
    return ids;
  }
  for (const std::string& label : labels) append_found(ids, templates_by_label_, label);
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

void PodCounters::add(Counter& counter, NodeId node, std::int64_t amount) {
  const std::int32_t domain = topology_.domain(counter.key, node);
  if (domain < 0) return;
  const auto at = static_cast<std::size_t>(domain);
  if (at >= counter.by_domain.size()) counter.by_domain.resize(at + 1);
  std::int64_t& value = counter.by_domain[at];
  counter.total -= std::abs(value);
  value += amount;
  counter.total += std::abs(value);
}

void PodCounters::add_template(PodTemplateId id, std::shared_ptr<const PodTemplate> spec,
                               const ClusterState& state) {
  const Labels& labels = spec->labels;
  templates_.push_back({.spec = std::move(spec), .adds = {}, .spreads = {}, .reads = {}});
  for (const auto& [key, value] : labels) templates_by_label_[label_text(key, value)].push_back(id);
  for (const CounterId one : met_by(labels, counters_by_label_)) meet(id, one);
  for (const SpreadId one : met_by(labels, spreads_by_label_)) {
    if (matches(one, id)) templates_[id].spreads.push_back(one);
  }
  own_terms(id, state);
}

void PodCounters::own_terms(PodTemplateId id, const ClusterState& state) {
  const std::shared_ptr<const PodTemplate> spec = templates_[id].spec;
  const auto hold = [&](Kind kind, const PodAffinityTerm& term, std::int64_t weight) {
    const CounterId held = counter(kind, {term}, term.topology_key, state);
    templates_[id].adds.push_back({.counter = held, .weight = weight});
  };
  const PodAffinity& affinity = spec->pod_affinity;
  const PodAffinity& anti = spec->pod_anti_affinity;
  for (const PodAffinityTerm& term : affinity.required) {
    const CounterId seen = counter(Kind::Matching, affinity.required, term.topology_key, state);
    templates_[id].reads.required.push_back(seen);
    if (hard_weight_ > 0) hold(Kind::Attracting, term, hard_weight_);
  }
  templates_[id].reads.admits_itself = concerns(affinity.required, *spec);
  for (const PodAffinityTerm& term : anti.required) {
    const CounterId seen = counter(Kind::Matching, {term}, term.topology_key, state);
    templates_[id].reads.avoided.push_back(seen);
    hold(Kind::Repelling, term, 1);
  }
  const auto prefer = [&](const std::vector<WeightedPodAffinityTerm>& terms, std::int64_t sign) {
    for (const auto& [weight, term] : terms) {
      const CounterId seen = counter(Kind::Matching, {term}, term.topology_key, state);
      templates_[id].reads.preferred.push_back({.counter = seen, .weight = sign * weight});
      hold(Kind::Attracting, term, sign * weight);
    }
  };
  prefer(affinity.preferred, 1);
  prefer(anti.preferred, -1);
}

CounterId PodCounters::counter(Kind kind, std::vector<PodAffinityTerm> terms,
                               const std::string& key, const ClusterState& state) {
  std::string text = fmt::format("{}{}:{}", static_cast<int>(kind), key.size(), key);
  for (const PodAffinityTerm& term : terms) append_text(text, text_of(term));
  const auto known = counter_by_text_.find(text);
  if (known != counter_by_text_.end()) return known->second;
  const CounterId id = counters_.push_back({.kind = kind,
                                            .terms = std::move(terms),
                                            .key = topology_.key(key),
                                            .by_domain = {},
                                            .total = 0});
  counter_by_text_.emplace(std::move(text), id);
  introduce(id, state);
  return id;
}

/// Those of the templates so far that the rule concerns learn of it, and their pods are counted.
void PodCounters::introduce(CounterId id, const ClusterState& state) {
  const LabelSelector selector = counters_[id].terms.front().selector;
  file_under(counters_by_label_, selector, id);
  for (const PodTemplateId pod : candidates(selector)) meet(pod, id);
  if (counters_[id].kind != Kind::Matching) return;  // nobody can hold it yet
  const bool is_of_interest =
      std::any_of(templates_.begin(), templates_.end(), [&](const Template& one) {
        return one.placed > 0 && !one.adds.empty() && one.adds.back().counter == id;
      });
  if (!is_of_interest) return;
  nodes_.each_pod([&](NodeId node, PodId pod) {
    const std::int64_t share_of_pod = share(state.pod(pod).pod_template, id);
    if (share_of_pod != 0) add(counters_[id], node, share_of_pod);
  });
}

void PodCounters::meet(PodTemplateId pod, CounterId id) {
  Template& one = templates_[pod];
  const Counter& rule = counters_[id];
  if (!concerns(rule.terms, *one.spec)) return;
  switch (rule.kind) {
    case Kind::Matching:
      one.adds.push_back({.counter = id, .weight = 1});
      break;
    case Kind::Repelling:
      one.reads.repelling.push_back(id);
      break;
    case Kind::Attracting:
      one.reads.attracting.push_back(id);
      break;
  }
}

std::int64_t PodCounters::share(PodTemplateId id, CounterId counter) const {
  std::int64_t sum = 0;
  for (const WeightedCounter& one : templates_[id].adds) {
    if (one.counter == counter) sum += one.weight;
  }
  return sum;
}

SpreadId PodCounters::spread(const std::string& name_space, const LabelSelector& selector,
                             const ClusterState& state) {
  PodAffinityTerm term{.selector = selector,
                       .topology_key = {},
                       .namespaces = {name_space},
                       .in_all_namespaces = false};
  const auto [known, is_new] = spread_by_text_.try_emplace(text_of(term), spreads_.size());
  const SpreadId id = known->second;
  if (!is_new) return id;
  spreads_.push_back({.term = std::move(term), .by_node = {}});
  if (is_everything_or_nothing(selector)) return id;
  file_under(spreads_by_label_, selector, id);
  std::vector<std::uint8_t> is_member(templates_.size());
  bool has_members = false;
  for (const PodTemplateId pod : candidates(selector)) {
    if (!matches(id, pod)) continue;
    templates_[pod].spreads.push_back(id);
    is_member[pod.index()] = 1;
    has_members |= templates_[pod].placed > 0;
  }
  if (!has_members) return id;
  nodes_.each_pod([&](NodeId node, PodId pod) {
    const Pod& row = state.pod(pod);
    if (row.is_terminating || is_member[row.pod_template.index()] == 0) return;
    ++spreads_[id].by_node[node.index()];
  });
  return id;
}

bool PodCounters::matches(SpreadId id, PodTemplateId pod) const {
  const PodTemplate& spec = *templates_[pod].spec;
  return spreads_[id].term.concerns(spec.name_space, spec.labels);
}

void PodCounters::count(PodTemplateId id, NodeId node, std::int32_t change, bool is_terminating) {
  Template& one = templates_[id];
  one.placed += change;
  for (const WeightedCounter& added : one.adds) {
    add(counters_[added.counter], node, added.weight * change);
  }
  if (is_terminating) return;
  for (const SpreadId spread : one.spreads) {
    auto& by_node = spreads_[spread].by_node;
    std::int32_t& count = by_node[node.index()];
    count += change;
    if (count == 0) by_node.erase(node.index());
  }
}

void PodCounters::count_terminating(PodTemplateId id, NodeId node) {
  for (const SpreadId spread : templates_[id].spreads) {
    auto& by_node = spreads_[spread].by_node;
    if (--by_node[node.index()] == 0) by_node.erase(node.index());
  }
}

}  // namespace orrery::policies::kube
