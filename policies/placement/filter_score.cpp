#include "orrery/policies/placement/filter_score.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "orrery/policies/placement/binding.hpp"
#include "orrery/policies/placement/vector_clones.hpp"

namespace orrery::policies {
namespace {

/// totals += weight · scores, where negative scores and NaN count as 0.
ORRERY_VECTOR_CLONES
void add_weighted(const float* scores, float weight, std::size_t count, float* __restrict totals) {
  for (std::size_t i = 0; i < count; ++i) {
    totals[i] += weight * (scores[i] > 0 ? scores[i] : 0.0F);
  }
}

/// The bits of the highest total among nodes that fit, −1 when none does: non-negative floats are
/// in the order of their bits, and whole numbers have no special cases that hinder vectors.
ORRERY_VECTOR_CLONES
std::int32_t highest_bits(const float* totals, const std::uint8_t* fits, std::size_t count) {
  std::int32_t best = -1;
  for (std::size_t i = 0; i < count; ++i) {
    const std::int32_t bits = fits[i] != 0 ? std::bit_cast<std::int32_t>(totals[i]) : -1;
    best = std::max(best, bits);
  }
  return best;
}

std::size_t first_with_bits(std::int32_t bits, const float* totals, const std::uint8_t* fits,
                            std::size_t count) {
  std::size_t i = 0;
  while (i < count && (fits[i] == 0 || std::bit_cast<std::int32_t>(totals[i]) != bits)) ++i;
  return i;
}

}  // namespace

std::vector<ParameterSpec> FilterScore::parameters() {
  return {{.name = "filters",
           .type = ParameterType::Policies,
           .default_json = "[]",
           .doc = "Conditions on nodes besides room, taints, selectors and affinity.",
           .policy_kind = "filter"},
          {.name = "scorers",
           .type = ParameterType::Policies,
           .default_json = R"(["least-allocated", "balanced-allocation"])",
           .doc = "What makes a node good, each with its weight.",
           .policy_kind = "scorer"}};
}

Result<std::unique_ptr<FilterScore>> FilterScore::make(const Parameters& parameters,
                                                       const PolicyContext& context) {
  std::vector<NamedFilter> filters;
  for (const PolicyChoice& choice : parameters.policies("filters")) {
    auto filter = context.registry.make<Filter>(choice, context);
    if (!filter) return failure(std::move(filter.error()));
    filters.push_back({.name = choice.name, .filter = std::move(*filter)});
  }
  std::vector<WeightedScorer> scorers;
  for (const PolicyChoice& choice : parameters.policies("scorers")) {
    auto scorer = context.registry.make<Scorer>(choice, context);
    if (!scorer) return failure(std::move(scorer.error()));
    scorers.push_back({.name = choice.name,
                       .weight = static_cast<float>(choice.parameters.number("weight")),
                       .scorer = std::move(*scorer)});
  }
  return std::make_unique<FilterScore>(std::move(filters), std::move(scorers));
}

FilterScore::FilterScore(std::vector<NamedFilter> filters, std::vector<WeightedScorer> scorers)
    : filters_(std::move(filters)), scorers_(std::move(scorers)) {}

AskedOf FilterScore::asked_of(const ClusterView& view, PodId id) const {
  const Pod& pod = view.state.pod(id);
  const GpuRequest& gpu = view.state.resolved(pod.pod_template).spec->gpu;
  return {.view = view,
          .id = id,
          .cpu = static_cast<float>(pod.cpu.count()),
          .memory = static_cast<float>(pod.memory.count() >> 20),
          .gpu = static_cast<float>(gpu.total().count())};
}

/// Does more than CPU, memory, pods, GPU room and taints decide where the pod fits?
bool FilterScore::needs_exact_filters(const ClusterState& state, const Pod& pod) const {
  const ResolvedTemplate& resolved = state.resolved(pod.pod_template);
  const PodTemplate& spec = *resolved.spec;
  return resolved.has_placement_rules || !spec.extended.empty() || !spec.gpu_models.empty() ||
         spec.ephemeral_storage.count() > 0 || !filters_.empty();
}

void FilterScore::filter(const AskedOf& asked, const Room& room, std::size_t first,
                         std::size_t count, bool exactly) {
  floats_.mark_fitting(room, first, std::span{scratch_.fits}.first(count));
  if (!exactly && tainted_nodes_ == 0) return;
  const ClusterState& state = asked.view.state;
  const Pod& pod = state.pod(asked.id);
  for (std::size_t i = 0; i < count; ++i) {
    if (scratch_.fits[i] == 0 || (!exactly && is_tainted_[first + i] == 0)) continue;
    const NodeId node{first + i};
    const bool is_admitted =
        state.fits(node, pod) &&
        std::all_of(filters_.begin(), filters_.end(),
                    [&](const NamedFilter& named) { return named.filter->admits(asked, node); });
    scratch_.fits[i] = is_admitted ? 1 : 0;
  }
}

void FilterScore::score(const AskedOf& asked, const NodeSlice& nodes) {
  const std::size_t count = nodes.size();
  std::fill_n(scratch_.totals.begin(), count, 0.0F);
  for (const WeightedScorer& weighted : scorers_) {
    weighted.scorer->score_slice(asked, nodes, std::span{scratch_.fits}.first(count),
                                 std::span{scratch_.scores}.first(count));
    add_weighted(scratch_.scores.data(), weighted.weight, count, scratch_.totals.data());
  }
}

NodeId FilterScore::choose(const AskedOf& asked, bool exactly) {
  const Room room = room_asked(asked.view.state, asked.view.state.pod(asked.id));
  NodeId best;
  std::int32_t best_bits = -1;
  for (std::size_t first = 0; first < floats_.size(); first += kSlice) {
    const std::size_t count = std::min(kSlice, floats_.size() - first);
    filter(asked, room, first, count, exactly);
    score(asked, floats_.slice(first, count));
    const std::int32_t bits = highest_bits(scratch_.totals.data(), scratch_.fits.data(), count);
    if (bits <= best_bits) continue;
    best_bits = bits;
    best =
        NodeId{first + first_with_bits(bits, scratch_.totals.data(), scratch_.fits.data(), count)};
  }
  return best;
}

Placement FilterScore::place(const ClusterView& view, PodId id) {
  const Pod& pod = view.state.pod(id);
  const AskedOf asked = asked_of(view, id);
  const bool exactly = needs_exact_filters(view.state, pod);
  NodeId node = choose(asked, exactly);
  // Memory is compared in whole MiB: when that was too coarse for the winner, look again exactly.
  if (node && !exactly && !view.state.fits(node, pod)) node = choose(asked, true);
  return node ? bind_best_fit(view.state, pod, node) : Placement::wait(WaitReason::NoFeasibleNode);
}

void FilterScore::on_change(const ClusterView& view, const StateChange& change) {
  const NodeId node = changed_node(view, change);
  if (node) {
    floats_.refresh(view.state, node);
    if (node.index() >= is_tainted_.size()) is_tainted_.resize(node.index() + 1, 0);
    const std::uint8_t is_tainted = view.state.nodes().taints[node]->empty() ? 0 : 1;
    tainted_nodes_ += is_tainted;
    tainted_nodes_ -= std::exchange(is_tainted_[node.index()], is_tainted);
  }
  for (NamedFilter& named : filters_) named.filter->on_change(view, change);
  for (WeightedScorer& weighted : scorers_) weighted.scorer->on_change(view, change);
}

Explanation FilterScore::explain(const ClusterView& view, PodId id) {
  const AskedOf asked = asked_of(view, id);
  const Room room = room_asked(view.state, view.state.pod(id));
  Explanation explanation = explain_filters(view, id);
  for (const WeightedScorer& weighted : scorers_) explanation.columns.push_back(weighted.name);
  for (std::size_t index = 0; index < floats_.size(); ++index) {
    Explanation::Row& row = explanation.rows[index];
    if (!view.state.fits(row.node, view.state.pod(id))) continue;
    const auto refuses = std::find_if(
        filters_.begin(), filters_.end(),
        [&](const NamedFilter& named) { return !named.filter->admits(asked, row.node); });
    if (refuses != filters_.end()) {
      row.filter = refuses->name;
      continue;
    }
    filter(asked, room, index, 1, true);
    for (const WeightedScorer& weighted : scorers_) {
      weighted.scorer->score_slice(asked, floats_.slice(index, 1),
                                   std::span{scratch_.fits}.first(1),
                                   std::span{scratch_.scores}.first(1));
      row.scores.push_back(static_cast<double>(scratch_.scores[0]));
    }
    score(asked, floats_.slice(index, 1));
    row.total = static_cast<double>(scratch_.totals[0]);
  }
  explanation.placement = place(view, id);
  return explanation;
}

}  // namespace orrery::policies
