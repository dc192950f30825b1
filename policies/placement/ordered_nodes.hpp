#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "orrery/models/ids.hpp"
#include "orrery/policies/placement/room_index.hpp"

namespace orrery::policies {

/// Nodes in the order of a whole-number key, ties by id, that can be searched for room: a treap
/// (Seidel and Aragon, Algorithmica 16, 1996) whose priorities are hashes of the ids, so that its
/// shape depends on nothing but its contents. Each tree node also knows the most room and the
/// lowest id below it. set() and erase() are O(log n) expected; the searches are when one number
/// decides, as for RoomIndex. 64 bytes a node.
///
/// `accept(NodeId)` has the last word on nodes that hold what is asked.
class OrderedNodes {
 public:
  /// Adds `node` or moves it.
  void set(NodeId node, std::int64_t key, const Room& room);
  void erase(NodeId node);
  [[nodiscard]] std::int64_t key(NodeId node) const { return items_[node.index()].key; }

  /// The acceptable node with the lowest (highest) key that holds `asked`, ties to the lowest id.
  template <class Accept>
  [[nodiscard]] NodeId lowest_key(const Room& asked, const Accept& accept) const {
    return NodeId{first(root_, asked, accept)};
  }
  template <class Accept>
  [[nodiscard]] NodeId highest_key(const Room& asked, const Accept& accept) const {
    return NodeId{last(root_, asked, accept)};
  }
  /// The lowest id among acceptable nodes that hold `asked` and have a key from `low` to `high`.
  template <class Accept>
  [[nodiscard]] NodeId lowest_id(std::int64_t low, std::int64_t high, const Room& asked,
                                 const Accept& accept) const {
    std::uint32_t best = kNone;
    lowest_id(root_, {.low = low, .high = high}, asked, accept, best);
    return NodeId{best};
  }

 private:
  static constexpr std::uint32_t kNone = NodeId::kNone;

  struct alignas(64) Item {
    std::int64_t key = 0;
    Room room;                     ///< of this node
    Room most;                     ///< of all nodes below and this one
    std::uint32_t lowest = kNone;  ///< id below or this one
    std::uint32_t left = kNone;
    std::uint32_t right = kNone;
    bool is_present = false;
  };
  struct Range {
    std::int64_t low;
    std::int64_t high;
  };
  struct Halves {
    std::uint32_t below;
    std::uint32_t above;
  };

  [[nodiscard]] bool is_before(std::uint32_t a, std::uint32_t b) const {
    return items_[a].key != items_[b].key ? items_[a].key < items_[b].key : a < b;
  }
  bool pull(std::uint32_t item);
  void pull_path();
  [[nodiscard]] Halves split(std::uint32_t tree, std::uint32_t at);
  [[nodiscard]] std::uint32_t merge(std::uint32_t below, std::uint32_t above);
  std::uint32_t& link_to(std::uint32_t item);

  template <class Accept>
  [[nodiscard]] std::uint32_t first(std::uint32_t tree, const Room& asked,
                                    const Accept& accept) const;
  template <class Accept>
  [[nodiscard]] std::uint32_t last(std::uint32_t tree, const Room& asked,
                                   const Accept& accept) const;
  template <class Accept>
  void lowest_id(std::uint32_t tree, Range range, const Room& asked, const Accept& accept,
                 std::uint32_t& best) const;

  std::vector<Item> items_;  ///< by node id
  std::uint32_t root_ = kNone;
  std::vector<std::uint32_t> path_;  ///< scratch: from the root to the place of a change
};

template <class Accept>
std::uint32_t OrderedNodes::first(std::uint32_t tree, const Room& asked,
                                  const Accept& accept) const {
  while (tree != kNone && items_[tree].most.holds(asked)) {
    const Item& item = items_[tree];
    const std::uint32_t found = first(item.left, asked, accept);
    if (found != kNone) return found;
    if (item.room.holds(asked) && accept(NodeId{tree})) return tree;
    tree = item.right;
  }
  return kNone;
}

template <class Accept>
std::uint32_t OrderedNodes::last(std::uint32_t tree, const Room& asked,
                                 const Accept& accept) const {
  // Equal keys lie in the order of ids: the caller asks lowest_id() for the first of them.
  while (tree != kNone && items_[tree].most.holds(asked)) {
    const Item& item = items_[tree];
    const std::uint32_t found = last(item.right, asked, accept);
    if (found != kNone) return found;
    if (item.room.holds(asked) && accept(NodeId{tree})) return tree;
    tree = item.left;
  }
  return kNone;
}

template <class Accept>
void OrderedNodes::lowest_id(std::uint32_t tree, Range range, const Room& asked,
                             const Accept& accept, std::uint32_t& best) const {
  while (tree != kNone && items_[tree].lowest < best && items_[tree].most.holds(asked)) {
    const Item& item = items_[tree];
    if (item.key < range.low) {
      tree = item.right;
      continue;
    }
    if (item.key > range.high) {
      tree = item.left;
      continue;
    }
    if (tree < best && item.room.holds(asked) && accept(NodeId{tree})) best = tree;
    const bool left_first =
        item.left != kNone &&
        (item.right == kNone || items_[item.left].lowest < items_[item.right].lowest);
    lowest_id(left_first ? item.left : item.right, range, asked, accept, best);
    tree = left_first ? item.right : item.left;
  }
}

}  // namespace orrery::policies
