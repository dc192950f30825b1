#include "orrery/experiments/setup/merged_workload.hpp"

#include <cstdint>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace orrery::experiments {
namespace {

using traces::WorkloadItem;
using traces::WorkloadSource;

class MergedWorkload final : public WorkloadSource {
 public:
  explicit MergedWorkload(std::vector<std::unique_ptr<WorkloadSource>> sources) {
    for (auto& source : sources) heads_.push_back({.source = std::move(source)});
  }

  Result<bool> next(WorkloadItem& item) override {
    Head* first = nullptr;
    for (Head& head : heads_) {
      if (head.is_taken) {
        auto more = head.source->next(head.item);
        if (!more) return more;
        head.is_over = !*more;
        head.is_taken = false;
      }
      // Strictly earlier: at one instant the first source is emptied before the second.
      if (!head.is_over && (first == nullptr || head.item.arrival < first->item.arrival)) {
        first = &head;
      }
    }
    if (first == nullptr) return false;
    item = first->item;
    first->is_taken = true;
    if (first != last_ || item.gang != last_gang_) ++gang_;
    last_ = first;
    last_gang_ = item.gang;
    item.gang = gang_;
    return true;
  }

  void reseed(std::uint64_t seed) override {
    for (Head& head : heads_) head.source->reseed(seed);
  }

  [[nodiscard]] std::uint64_t skipped_rows() const override {
    std::uint64_t rows = 0;
    for (const Head& head : heads_) rows += head.source->skipped_rows();
    return rows;
  }

  [[nodiscard]] std::string describe() const override {
    std::string text;
    for (const Head& head : heads_) {
      text += fmt::format("{}{}", text.empty() ? "" : " and ", head.source->describe());
    }
    return text.empty() ? "no work" : text;
  }

 private:
  struct Head {
    std::unique_ptr<WorkloadSource> source;
    WorkloadItem item = {};
    bool is_taken = true;  ///< `item` has been handed on
    bool is_over = false;
  };

  std::vector<Head> heads_;
  const Head* last_ = nullptr;
  std::uint64_t last_gang_ = 0;
  std::uint64_t gang_ = 0;
};

}  // namespace

std::unique_ptr<WorkloadSource> merge_workloads(
    std::vector<std::unique_ptr<WorkloadSource>> sources) {
  return std::make_unique<MergedWorkload>(std::move(sources));
}

}  // namespace orrery::experiments
