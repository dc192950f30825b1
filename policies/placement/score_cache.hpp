#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "orrery/models/ids.hpp"
#include "orrery/models/units.hpp"

namespace orrery::policies {

/// Remembers the scores that requests of one class (CPU, memory, template) have given to nodes, so
/// that a pod of a class seen before costs a score for each node that has changed since and one
/// pass over a byte per node. Nothing is computed for classes that nobody asks for again; at most
/// kClassesMax classes are kept, the longest unused goes first. Never changes an answer.
class ScoreCache {
 public:
  static constexpr int kScoreMax = 253;
  static constexpr std::size_t kClassesMax = 1024;

  /// The node changed (or is new): what is known of it is out of date.
  void touch(NodeId node);
  /// The meaning of scores changed.
  void clear();

  /// The node with the highest score, ties to the lowest id, or none when no node fits. `score_of`
  /// answers for a NodeId: 0 to kScoreMax, or a negative number when the pod does not fit.
  template <class ScoreOf>
  [[nodiscard]] NodeId best(MilliCpu cpu, Bytes memory, PodTemplateId pod_template,
                            const ScoreOf& score_of) {
    Row& row = row_of({cpu.count(), memory.count(), pod_template.index()});
    const auto refresh = [&](std::uint32_t node) {
      row.scores[node] = static_cast<std::uint8_t>(score_of(NodeId{node}) + 1);
    };
    const std::size_t pending = log_end() - row.seen;
    if (row.seen < log_begin_ || pending >= nodes_) {
      for (std::uint32_t node = 0; node < nodes_; ++node) refresh(node);
    } else {
      for (std::size_t at = row.seen; at < log_end(); ++at) {
        const std::uint32_t node = log_[at - log_begin_];
        if (last_change_[node] == at) refresh(node);  // each node once
      }
    }
    row.seen = log_end();
    return highest(row.scores);
  }

 private:
  struct Class {
    std::int64_t cpu;
    std::int64_t memory;
    std::uint32_t pod_template;
    friend bool operator==(const Class&, const Class&) = default;
  };
  struct ClassHash {
    std::size_t operator()(const Class& key) const;
  };
  struct Row {
    Class key{};
    std::vector<std::uint8_t> scores;  ///< score + 1; 0: does not fit; padded for vectors
    std::size_t seen = 0;              ///< how much of the log the scores reflect
    std::uint64_t last_used = 0;
  };

  [[nodiscard]] std::size_t log_end() const { return log_begin_ + log_.size(); }
  [[nodiscard]] Row& row_of(const Class& key);
  [[nodiscard]] std::size_t least_recently_used() const;
  [[nodiscard]] static NodeId highest(const std::vector<std::uint8_t>& scores);

  std::size_t nodes_ = 0;
  std::vector<std::uint32_t> log_;        ///< changed nodes in the order of changes
  std::size_t log_begin_ = 1;             ///< position of the log's first entry; 0 is before all
  std::vector<std::size_t> last_change_;  ///< per node, its last position in the log
  std::unordered_map<Class, std::size_t, ClassHash> rows_by_class_;  ///< never iterated
  std::vector<Row> rows_;
  std::uint64_t uses_ = 0;
};

}  // namespace orrery::policies
