#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "orrery/policies/placement/node_floats.hpp"
#include "orrery/policies/placement/placement_policy.hpp"
#include "orrery/policies/placement/scorer.hpp"
#include "orrery/policies/registry.hpp"

namespace orrery::policies {

/// Filters and scores, as in the Kubernetes scheduling framework: of the nodes that fit and that
/// every filter admits, the one with the highest weighted sum of scores, ties to the lowest id.
/// Devices by best fit.
///
/// Every feasible node is really scored for every pod, in single precision, in slices of
/// consecutive nodes that stay in the first-level cache: O(nodes · scorers) elementwise vector
/// operations, which give the same bits for every vector width.
class FilterScore : public PlacementPolicy {
 public:
  struct NamedFilter {
    std::string name;
    std::unique_ptr<Filter> filter;
  };
  struct WeightedScorer {
    std::string name;
    float weight;
    std::unique_ptr<Scorer> scorer;
  };

  static Result<std::unique_ptr<FilterScore>> make(const Parameters& parameters,
                                                   const PolicyContext& context);
  [[nodiscard]] static std::vector<ParameterSpec> parameters();

  FilterScore(std::vector<NamedFilter> filters, std::vector<WeightedScorer> scorers);
  Placement place(const ClusterView& view, PodId pod) override;
  void on_change(const ClusterView& view, const StateChange& change) override;
  Explanation explain(const ClusterView& view, PodId pod) override;

 private:
  static constexpr std::size_t kSlice = 512;
  struct Scratch {
    std::array<std::uint8_t, kSlice> fits;
    std::array<float, kSlice> scores;
    std::array<float, kSlice> totals;
  };

  [[nodiscard]] AskedOf asked_of(const ClusterView& view, PodId pod) const;
  [[nodiscard]] bool needs_exact_filters(const ClusterState& state, const Pod& pod) const;
  void filter(const AskedOf& asked, const Room& room, std::size_t first, std::size_t count,
              bool exactly);
  void score(const AskedOf& asked, const NodeSlice& nodes);
  [[nodiscard]] NodeId choose(const AskedOf& asked, bool exactly);

  std::vector<NamedFilter> filters_;
  std::vector<WeightedScorer> scorers_;
  NodeFloats floats_;
  std::vector<std::uint8_t> is_tainted_;
  std::size_t tainted_nodes_ = 0;
  Scratch scratch_{};
};

/// One scorer as a policy of its own.
template <class OneScorer>
class ScorerPolicy final : public FilterScore {
 public:
  ScorerPolicy(const Parameters& parameters, const PolicyContext& context)
      : FilterScore({}, only(std::make_unique<OneScorer>(parameters, context))) {}

 private:
  static std::vector<WeightedScorer> only(std::unique_ptr<Scorer> scorer) {
    std::vector<WeightedScorer> scorers;
    scorers.push_back({.name = "score", .weight = 1, .scorer = std::move(scorer)});
    return scorers;
  }
};

}  // namespace orrery::policies
