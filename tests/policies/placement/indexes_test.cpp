#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "orrery/policies/placement/ordered_nodes.hpp"
#include "orrery/policies/placement/room_index.hpp"

namespace orrery::policies {
namespace {

std::int32_t some(std::int32_t bound) { return *rc::gen::inRange(0, bound); }

Room some_room() {
  if (some(8) == 0) return {};  // blocked
  // Some CPU and memory above 2^15 milli or MiB, so that the index has to change its units.
  return {.cpu = some(7) == 0 ? 40'000 + some(2) * 100'001 : some(6) * 700,
          .memory = *rc::gen::element(0, 100, 4096, 32'767, 32'768, 200'001, 5'000'000),
          .gpu = *rc::gen::element(0, 0, 500, 1000, 2000),
          .pods = some(3)};
}

Room some_request() {
  const std::int32_t cpu = some(7) == 0 ? 39'999 + some(3) : some(6) * 700;
  return {.cpu = cpu - some(2) * (cpu > 0 ? 1 : 0),
          .memory = *rc::gen::element(0, 99, 4096, 32'768, 200'000),
          .gpu = *rc::gen::element(0, 0, 500, 2000),
          .pods = 1};
}

// Invariant: the index finds what a scan finds, from any node on, also when it has learnt all the
// CPU steps that it can hold. Strategy: arbitrary rooms set one by one, searches in between.
RC_GTEST_PROP(RoomIndex, FindsTheFirstNodeThatAScanFinds, ()) {
  RoomIndex index;
  std::vector<Room> rooms(static_cast<std::size_t>(some(70) + 1));
  for (int step = 0; step < 150; ++step) {
    const NodeId node{some(static_cast<std::int32_t>(rooms.size()))};
    rooms[node.index()] = some_room();
    index.set(node, rooms[node.index()]);
    Room asked = some_request();
    if (some(4) == 0) asked.cpu = some(4000);
    const NodeId from{some(static_cast<std::int32_t>(rooms.size()))};
    NodeId expected;
    for (std::size_t i = rooms.size(); i-- > from.index();) {
      if (rooms[i].holds(asked)) expected = NodeId{i};
    }
    RC_ASSERT(index.first(asked, from) == expected);
  }
}

TEST(RoomIndex, FindsNothingWhereThereIsNothing) {
  RoomIndex index;
  EXPECT_EQ(index.first({.cpu = 0, .memory = 0, .gpu = 0, .pods = 1}), NodeId{});
  index.set(NodeId{3}, {.cpu = 1, .memory = 1, .gpu = 0, .pods = 1});
  EXPECT_EQ(index.first({.cpu = 1, .memory = 1, .gpu = 0, .pods = 1}), NodeId{3});
  EXPECT_EQ(index.first({.cpu = 1, .memory = 1, .gpu = 0, .pods = 1}, NodeId{1000}), NodeId{});
}

// Invariant: every search agrees with a sorted list. Strategy: nodes set, moved and erased at
// random, few distinct keys so that ties are frequent, some nodes not acceptable.
RC_GTEST_PROP(OrderedNodes, SearchesAsASortedListDoes, ()) {
  OrderedNodes nodes;
  std::map<std::uint32_t, std::pair<std::int64_t, Room>> listed;
  const std::int32_t count = some(60) + 1;
  for (int step = 0; step < 150; ++step) {
    const NodeId node{some(count)};
    if (some(4) == 0) {
      nodes.erase(node);
      listed.erase(node.index());
    } else {
      const std::int64_t key = some(12);
      const Room room = some_room();
      nodes.set(node, key, room);
      listed[node.index()] = {key, room};
    }
    const Room asked = some_request();
    const std::uint32_t unloved = static_cast<std::uint32_t>(some(5)) + 2;
    const auto accept = [&](NodeId id) { return id.index() % unloved != 0; };
    const std::int64_t low = some(12);
    const std::int64_t high = low + some(6);

    NodeId lowest_key;
    NodeId highest_key;
    NodeId lowest_id;
    for (const auto& [id, entry] : listed) {
      const auto& [key, room] = entry;
      if (!room.holds(asked) || !accept(NodeId{id})) continue;
      if (!lowest_key || key < listed[lowest_key.index()].first) lowest_key = NodeId{id};
      if (!highest_key || key >= listed[highest_key.index()].first) highest_key = NodeId{id};
      if (!lowest_id && key >= low && key <= high) lowest_id = NodeId{id};
    }
    RC_ASSERT(nodes.lowest_key(asked, accept) == lowest_key);
    RC_ASSERT(nodes.highest_key(asked, accept) == highest_key);
    RC_ASSERT(nodes.lowest_id(low, high, asked, accept) == lowest_id);
  }
}

}  // namespace
}  // namespace orrery::policies
