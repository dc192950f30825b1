#include "orrery/policies/placement/scorer.hpp"

namespace orrery::policies {

std::vector<ParameterSpec> Scorer::common_parameters() {
  return {{.name = "weight",
           .type = ParameterType::Number,
           .default_json = "1",
           .doc = "How much the scorer counts against the others.",
           .minimum = 0,
           .maximum = 1e6}};
}

float Scorer::score(const AskedOf& /*asked*/, NodeId /*node*/) const { return 0; }

void Scorer::score_slice(const AskedOf& asked, const NodeSlice& nodes,
                         std::span<const std::uint8_t> fits, std::span<float> scores) const {
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    scores[i] = fits[i] != 0 ? score(asked, NodeId{nodes.first.index() + i}) : 0;
  }
}

void Scorer::on_change(const ClusterView& /*view*/, const StateChange& /*change*/) {}

void Filter::on_change(const ClusterView& /*view*/, const StateChange& /*change*/) {}

}  // namespace orrery::policies
