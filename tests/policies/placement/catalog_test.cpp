#include "orrery/policies/placement/catalog.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <nlohmann/json.hpp>

#include "orrery/policies/registry.hpp"
#include "orrery/tests/policies/placement/random_cluster.hpp"
#include "orrery/tests/policies/placement/reference.hpp"

namespace orrery::policies {
namespace {

WorkloadProfile some_profile() {
  const auto asks = [](std::int64_t cpu, GpuRequest gpu, std::int64_t pods) {
    return TypicalPod{.cpu = MilliCpu{cpu}, .gpu = gpu, .gpu_models = {}, .pods = pods};
  };
  return typical_pods(
      {asks(500, {.count = 1, .milli = 250}, 30), asks(1000, {.count = 1, .milli = 500}, 25),
       asks(1000, {.count = 1}, 20), asks(3000, {.count = 2}, 10), asks(1000, {.count = 0}, 15),
       TypicalPod{.cpu = MilliCpu{500}, .gpu = {.count = 1}, .gpu_models = {"V100"}, .pods = 7}},
      1);
}

/// Every policy of the catalogue, as the tests name it.
std::vector<std::string> catalogue() {
  return with_builtin_policies().names(PlacementPolicy::kKind);
}

class Catalogue : public testing::TestWithParam<std::string> {
 protected:
  [[nodiscard]] std::unique_ptr<PlacementPolicy> make() const {
    auto made = make_placement(GetParam(), {},
                               {.seed = 7,
                                .profile = std::make_shared<const WorkloadProfile>(some_profile()),
                                .registry = registry_});
    if (!made) throw std::runtime_error(to_string(made.error()));
    return std::move(*made);
  }

  PolicyRegistry registry_ = with_builtin_policies();
};

/// The policies whose choice is not left to chance.
class Definite : public Catalogue {};

/// Several instances of one policy that hear of everything in one random cluster.
class Scene {
 public:
  explicit Scene(std::vector<std::unique_ptr<PlacementPolicy>> policies)
      : policies_(std::move(policies)), cluster_([this](const StateChange& change) {
          if (!is_ready_) {
            early_.push_back(change);
            return;
          }
          tell(change);
        }) {
    is_ready_ = true;
    for (const StateChange& change : early_) tell(change);
  }

  test::RandomCluster& cluster() { return cluster_; }
  PlacementPolicy& policy(std::size_t index) { return *policies_[index]; }
  [[nodiscard]] ClusterView view() const { return {.state = cluster_.state(), .now = kTimeZero}; }

 private:
  void tell(const StateChange& change) {
    for (const auto& policy : policies_) policy->on_change(view(), change);
  }

  std::vector<std::unique_ptr<PlacementPolicy>> policies_;
  bool is_ready_ = false;
  std::vector<StateChange> early_;  ///< made by the cluster's constructor
  test::RandomCluster cluster_;
};

bool same(const Placement& a, const Placement& b) {
  return a.node == b.node && a.devices == b.devices && a.reason == b.reason;
}

std::vector<std::uint32_t> random_words() {
  return *rc::gen::resize(400, rc::gen::container<std::vector<std::uint32_t>>(
                                   rc::gen::resize(100, rc::gen::arbitrary<std::uint32_t>())));
}

/// Runs a random life of a cluster; `check` sees each placement before it is assumed.
template <class Check>
void live(Scene& scene, const Check& check) {
  for (std::uint32_t word = 0; word < 4; ++word) scene.cluster().add_node(word + 1000);
  for (const std::uint32_t word : random_words()) {
    const PodId pod = scene.cluster().step(word);
    if (!pod) continue;
    const Placement placement = check(pod);
    if (placement.is_bind()) {
      scene.cluster().assume(pod, placement.node, placement.devices);
    } else {
      scene.cluster().give_up(pod);
    }
  }
}

template <class... Policies>
std::vector<std::unique_ptr<PlacementPolicy>> together(Policies... policies) {
  std::vector<std::unique_ptr<PlacementPolicy>> all;
  (all.push_back(std::move(policies)), ...);
  return all;
}

// Invariant: what is chosen fits, devices included, and nothing is refused that fits somewhere.
// Strategy: a random life of a small cluster with GPUs, taints, rules and failures.
TEST_P(Catalogue, ChoosesANodeThatFitsWheneverThereIsOne) {
  EXPECT_TRUE(rc::check([this] {
    Scene scene{together(make())};
    live(scene, [&](PodId id) {
      const ClusterState& state = scene.view().state;
      const Placement placement = scene.policy(0).place(scene.view(), id);
      const GpuRequest& gpu = state.pod_template(id).gpu;
      bool fits_somewhere = false;
      for (std::size_t i = 0; i < state.node_count(); ++i) {
        fits_somewhere |= state.fits(NodeId{i}, state.pod(id));
      }
      RC_ASSERT(placement.is_bind() == fits_somewhere);
      if (!placement.is_bind()) return placement;
      RC_ASSERT(state.unfit(placement.node, state.pod(id)) == Unfit::None);
      RC_ASSERT(placement.devices.size() == gpu.count);
      for (std::size_t device = 0; device < kGpusPerNodeMax; ++device) {
        RC_ASSERT(!placement.devices.has(device) ||
                  state.nodes().gpu_devices[placement.node].free[device] >= gpu.milli);
      }
      return placement;
    });
  }));
}

// Invariant: indexes kept incrementally choose what looking at every node chooses. Strategy: as
// above, against the reference.
TEST_P(Definite, ChooseAsAPlainScanOfEveryNodeDoes) {
  EXPECT_TRUE(rc::check([this] {
    Scene scene{together(make())};
    test::Reference reference{GetParam(), some_profile()};
    live(scene, [&](PodId id) {
      const Placement placement = scene.policy(0).place(scene.view(), id);
      RC_ASSERT(placement.node == reference.choose(scene.view().state, id));
      return placement;
    });
  }));
}

// Invariant: two instances that hear the same say the same, also when one of them is asked to
// explain itself in between; the explanation agrees with the decision and with the cluster state.
TEST_P(Catalogue, ExplainsWhatItDoesAndChangesNothingByIt) {
  EXPECT_TRUE(rc::check([this] {
    Scene scene{together(make(), make())};
    live(scene, [&](PodId id) {
      const ClusterState& state = scene.view().state;
      const Explanation explanation = scene.policy(0).explain(scene.view(), id);
      const Placement placement = scene.policy(0).place(scene.view(), id);
      RC_ASSERT(same(placement, scene.policy(1).place(scene.view(), id)));
      RC_ASSERT(same(placement, explanation.placement));

      RC_ASSERT(explanation.rows.size() == state.node_count());
      std::optional<double> best;
      for (const Explanation::Row& row : explanation.rows) {
        const Unfit reason = state.unfit(row.node, state.pod(id));
        RC_ASSERT((row.filter == "fits") == (reason == Unfit::None));
        // kube-default has kube-scheduler's own words for it.
        RC_ASSERT(GetParam() == "kube-default" || row.filter == to_string(reason));
        RC_ASSERT(row.scores.size() == (reason == Unfit::None ? explanation.columns.size() : 0));
        if (reason == Unfit::None) best = std::max(best.value_or(row.total), row.total);
      }
      RC_ASSERT(placement.is_bind() == best.has_value());
      if (best) RC_ASSERT(explanation.rows[placement.node.index()].total == *best);
      return placement;
    });
  }));
}

TEST_P(Catalogue, SaysWhatItIsAndWhereItComesFrom) {
  const PolicyInfo& info = *registry_.find(PlacementPolicy::kKind, GetParam());
  EXPECT_FALSE(info.summary.empty());
  EXPECT_FALSE(info.source.empty());
  for (const ParameterSpec& spec : info.parameters) {
    EXPECT_FALSE(spec.doc.empty()) << spec.name;
    EXPECT_TRUE(nlohmann::json::accept(spec.default_json)) << spec.name;
  }
}

TEST_P(Catalogue, WaitsInAnEmptyCluster) {
  Scene scene{together(make())};
  const PodId pod = [&] {
    for (std::uint32_t word = 0;; ++word) {
      if (const PodId made = scene.cluster().step(word)) return made;
    }
  }();
  ASSERT_EQ(scene.view().state.node_count(), 0U);
  const Placement placement = scene.policy(0).place(scene.view(), pod);
  EXPECT_FALSE(placement.is_bind());
  EXPECT_EQ(placement.reason, WaitReason::NoFeasibleNode);
}

std::string test_name(const testing::TestParamInfo<std::string>& policy) {
  std::string name = policy.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

std::vector<std::string> definite() {
  std::vector<std::string> names = catalogue();
  std::erase(names, "random");
  std::erase(names,
             "kube-default");  // draws lots; its reference is the real scheduler (tests/kube)
  return names;
}

INSTANTIATE_TEST_SUITE_P(Placement, Catalogue, testing::ValuesIn(catalogue()), test_name);
INSTANTIATE_TEST_SUITE_P(Placement, Definite, testing::ValuesIn(definite()), test_name);

}  // namespace
}  // namespace orrery::policies
