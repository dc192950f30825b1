#include "orrery/policies/placement/score_cache.hpp"

#include <algorithm>
#include <cstring>

#include "orrery/models/stream.hpp"

namespace orrery::policies {
namespace {

constexpr std::size_t kVectorBytes = 64;

}  // namespace

std::size_t ScoreCache::ClassHash::operator()(const Class& key) const {
  std::uint64_t hash = mix_bits(static_cast<std::uint64_t>(key.cpu));
  hash = mix_bits(hash ^ static_cast<std::uint64_t>(key.memory));
  return mix_bits(hash ^ key.pod_template);
}

void ScoreCache::touch(NodeId node) {
  if (node.index() >= nodes_) {
    nodes_ = std::size_t{node.index()} + 1;
    last_change_.resize(nodes_, 0);
  }
  // Longer than twice the nodes a log is no help: rows that far behind are computed anew.
  if (log_.size() >= 2 * nodes_ + kVectorBytes) {
    const std::size_t dropped = log_.size() / 2;
    log_.erase(log_.begin(), log_.begin() + static_cast<std::ptrdiff_t>(dropped));
    log_begin_ += dropped;
  }
  last_change_[node.index()] = log_end();
  log_.push_back(node.index());
}

void ScoreCache::clear() {
  rows_by_class_.clear();
  rows_.clear();
}

ScoreCache::Row& ScoreCache::row_of(const Class& key) {
  const auto [found, is_new] = rows_by_class_.try_emplace(key, rows_.size());
  if (is_new) {
    if (rows_.size() < kClassesMax) {
      rows_.emplace_back();
    } else {
      found->second = least_recently_used();
      rows_by_class_.erase(rows_[found->second].key);
      rows_[found->second].seen = 0;
    }
  }
  Row& row = rows_[found->second];
  row.key = key;
  row.last_used = ++uses_;
  const std::size_t padded = (nodes_ + kVectorBytes - 1) / kVectorBytes * kVectorBytes;
  if (row.scores.size() != padded) row.scores.resize(padded, 0);
  return row;
}

std::size_t ScoreCache::least_recently_used() const {
  const auto oldest = std::min_element(rows_.begin(), rows_.end(), [](const Row& a, const Row& b) {
    return a.last_used < b.last_used;
  });
  return static_cast<std::size_t>(oldest - rows_.begin());
}

NodeId ScoreCache::highest(const std::vector<std::uint8_t>& scores) {
  std::uint8_t best = 0;
  for (const std::uint8_t score : scores) best = std::max(best, score);
  if (best == 0) return {};
  const void* first = std::memchr(scores.data(), best, scores.size());
  return NodeId{static_cast<std::size_t>(static_cast<const std::uint8_t*>(first) - scores.data())};
}

}  // namespace orrery::policies
