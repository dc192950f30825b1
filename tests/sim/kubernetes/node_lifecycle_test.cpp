#include "orrery/sim/kubernetes/node_lifecycle.hpp"

#include <map>

#include <gmock/gmock.h>

namespace orrery::sim {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

/// Runs a controller over virtual time and notes when it writes what.
class Controller final : private NodeLifecycle::Writer {
 public:
  /// `zones`: how many nodes each has; ids count through them.
  explicit Controller(const std::vector<int>& zones, const NodeLifecycleConfig& config = {})
      : lifecycle_(config, kTimeZero) {
    for (std::size_t zone = 0; zone < zones.size(); ++zone) {
      for (int i = 0; i < zones[zone]; ++i) lifecycle_.add_node(zone);
    }
  }

  void lose(int first, int last, Duration last_lease) {
    for (int i = first; i <= last; ++i) lifecycle_.leases_end(NodeId{i}, kTimeZero + last_lease);
  }
  void find(int node) { lifecycle_.leases_resume(NodeId{node}); }

  /// Until `end`, from where it was.
  void run(Duration end) {
    while (true) {
      const Time next = std::min(lifecycle_.next_look(now_), lifecycle_.next_taint(now_));
      if (next > kTimeZero + end) break;
      const bool looks = next == lifecycle_.next_look(now_);
      now_ = next;
      if (looks) lifecycle_.look(now_, *this);
      lifecycle_.taint(now_, *this);
      now_ += 1ns;
    }
    now_ = kTimeZero + end;
  }

  [[nodiscard]] std::vector<double> unknown() const { return times(unknown_); }
  [[nodiscard]] std::vector<double> tainted() const { return times(tainted_); }
  [[nodiscard]] std::vector<double> untainted() const { return times(untainted_); }

 private:
  using When = std::map<NodeId, Time>;
  void mark_unknown(NodeId node) override { unknown_[node] = now_; }
  void set_unreachable(NodeId node, bool is_unreachable) override {
    (is_unreachable ? tainted_ : untainted_)[node] = now_;
  }
  static std::vector<double> times(const When& when) {
    std::vector<double> all;
    for (const auto& [node, time] : when) all.push_back(seconds(time - kTimeZero));
    return all;
  }

  NodeLifecycle lifecycle_;
  Time now_ = kTimeZero;
  When unknown_;
  When tainted_;
  When untainted_;
};

TEST(NodeLifecycle, CountsTheGracePeriodFromTheLookThatSawTheLastLease) {
  Controller controller({3});
  controller.lose(0, 0, 3s);  // seen at 5 s
  controller.lose(1, 1, 5s);  // seen at 5 s
  controller.run(5min);
  EXPECT_THAT(controller.unknown(), ElementsAre(55, 55));
}

TEST(NodeLifecycle, ForgetsANodeThatIsBackInTime) {
  Controller controller({3});
  controller.lose(0, 0, 3s);
  controller.run(54s);
  controller.find(0);
  controller.run(5min);
  EXPECT_THAT(controller.unknown(), ElementsAre());
  EXPECT_THAT(controller.tainted(), ElementsAre());
}

TEST(NodeLifecycle, TaintsOneNodeInTenSecondsAndZone) {
  Controller controller({4, 2, 9});
  controller.lose(0, 3, 0s);  // all of the first zone: at the usual rate
  controller.lose(4, 4, 0s);  // half of the second
  controller.run(5min);
  EXPECT_THAT(controller.tainted(), ElementsAre(50, 60, 70, 80, 50));
}

TEST(NodeLifecycle, StopsInASmallZoneThatIsPartlyDisrupted) {
  Controller controller({10, 1});
  controller.lose(0, 5, 0s);  // six of ten
  controller.run(20min);
  EXPECT_THAT(controller.unknown(), testing::SizeIs(6));
  EXPECT_THAT(controller.tainted(), ElementsAre()) << "the look itself has set the rate to zero";
  controller.find(5);  // five of ten: normal again
  controller.run(22min);
  EXPECT_THAT(controller.tainted(), testing::SizeIs(5));
}

TEST(NodeLifecycle, SlowsDownInALargeZoneThatIsPartlyDisrupted) {
  Controller controller({60, 1});
  controller.lose(0, 39, 0s);
  controller.run(50s + 5min);
  EXPECT_THAT(controller.tainted(), ElementsAre(50, 150, 250, 350));
}

TEST(NodeLifecycle, EvictsNothingWhenEveryZoneIsGone) {
  Controller controller({2, 2});
  controller.lose(0, 1, 0s);
  controller.run(55s);
  EXPECT_THAT(controller.tainted(), ElementsAre(50));
  controller.lose(2, 3, 60s);
  controller.run(10min);
  EXPECT_THAT(controller.tainted(), ElementsAre(50, 60));
  EXPECT_THAT(controller.untainted(), ElementsAre(110, 110)) << "those that were there go";
}

TEST(NodeLifecycle, GoesOnWhenOneNodeIsBackAfterEveryZoneWasGone) {
  Controller controller({2, 2});
  controller.lose(0, 3, 0s);
  controller.run(10min);
  EXPECT_THAT(controller.tainted(), ElementsAre());
  controller.find(0);
  controller.run(11min);
  EXPECT_THAT(controller.tainted(), ElementsAre(610, 610, 620)) << "the new limits begin empty";
}

TEST(NodeLifecycle, TakesTheTaintAwayAtTheNextLook) {
  Controller controller({3});
  controller.lose(0, 0, 0s);
  controller.run(71s);
  controller.find(0);
  controller.run(80s);
  EXPECT_THAT(controller.untainted(), ElementsAre(75));
}

}  // namespace
}  // namespace orrery::sim
