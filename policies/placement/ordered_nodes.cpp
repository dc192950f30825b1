#include "orrery/policies/placement/ordered_nodes.hpp"

#include <algorithm>

#include "orrery/models/stream.hpp"

namespace orrery::policies {
namespace {

std::uint64_t priority(std::uint32_t item) { return mix_bits(item); }

}  // namespace

/// Brings what `item` knows of its subtree up to date; false when nothing has changed.
bool OrderedNodes::pull(std::uint32_t item) {
  Item& self = items_[item];
  Room most = self.room;
  std::uint32_t lowest = item;
  for (const std::uint32_t child : {self.left, self.right}) {
    if (child == kNone) continue;
    most = larger(most, items_[child].most);
    lowest = std::min(lowest, items_[child].lowest);
  }
  if (most == self.most && lowest == self.lowest) return false;
  self.most = most;
  self.lowest = lowest;
  return true;
}

void OrderedNodes::pull_path() {
  while (!path_.empty() && pull(path_.back())) path_.pop_back();
}

/// Parts `tree` into what comes before and after `at`, which is not in it.
OrderedNodes::Halves OrderedNodes::split(std::uint32_t tree, std::uint32_t at) {
  if (tree == kNone) return {kNone, kNone};
  Item& item = items_[tree];
  Halves halves{};
  if (is_before(tree, at)) {
    halves = split(item.right, at);
    item.right = halves.below;
    halves.below = tree;
  } else {
    halves = split(item.left, at);
    item.left = halves.above;
    halves.above = tree;
  }
  pull(tree);
  return halves;
}

std::uint32_t OrderedNodes::merge(std::uint32_t below, std::uint32_t above) {
  if (below == kNone) return above;
  if (above == kNone) return below;
  if (priority(below) > priority(above)) {
    items_[below].right = merge(items_[below].right, above);
    pull(below);
    return below;
  }
  items_[above].left = merge(below, items_[above].left);
  pull(above);
  return above;
}

/// The link that the tree's last visited node, or the root, has to the place of `item`.
std::uint32_t& OrderedNodes::link_to(std::uint32_t item) {
  if (path_.empty()) return root_;
  Item& parent = items_[path_.back()];
  return is_before(item, path_.back()) ? parent.left : parent.right;
}

void OrderedNodes::set(NodeId node, std::int64_t key, const Room& room) {
  const std::uint32_t item = node.index();
  if (item >= items_.size()) items_.resize(std::size_t{item} + 1);
  if (items_[item].is_present) {
    if (items_[item].key == key && items_[item].room == room) return;
    erase(node);
  }
  items_[item] = {.key = key, .room = room, .most = room, .lowest = item, .is_present = true};

  path_.clear();
  const std::uint64_t own = priority(item);
  std::uint32_t tree = root_;
  while (tree != kNone && priority(tree) > own) {
    path_.push_back(tree);
    tree = is_before(item, tree) ? items_[tree].left : items_[tree].right;
  }
  const Halves halves = split(tree, item);
  items_[item].left = halves.below;
  items_[item].right = halves.above;
  pull(item);
  link_to(item) = item;
  pull_path();
}

void OrderedNodes::erase(NodeId node) {
  const std::uint32_t item = node.index();
  if (item >= items_.size() || !items_[item].is_present) return;
  path_.clear();
  std::uint32_t tree = root_;
  while (tree != item) {
    path_.push_back(tree);
    tree = is_before(item, tree) ? items_[tree].left : items_[tree].right;
  }
  link_to(item) = merge(items_[item].left, items_[item].right);
  items_[item].is_present = false;
  pull_path();
}

}  // namespace orrery::policies
