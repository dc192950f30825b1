#pragma once

#include <cassert>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "orrery/models/column_memory.hpp"
#include "orrery/models/row_vector.hpp"

namespace orrery {

/// A dense index into the columns of one kind of thing, never a pointer. The default is `none`.
template <class Tag>
class Id {
 public:
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

  constexpr Id() = default;
  constexpr explicit Id(std::uint32_t index) : index_(index) {}
  constexpr explicit Id(std::size_t index) : index_(static_cast<std::uint32_t>(index)) {}
  constexpr explicit Id(int index) : index_(static_cast<std::uint32_t>(index)) {}

  [[nodiscard]] static constexpr Id none() { return Id{}; }
  [[nodiscard]] constexpr std::uint32_t index() const { return index_; }
  [[nodiscard]] constexpr bool is_none() const { return index_ == kNone; }
  constexpr explicit operator bool() const { return index_ != kNone; }

  friend constexpr auto operator<=>(Id, Id) = default;

 private:
  std::uint32_t index_ = kNone;
};

using NodeId = Id<struct NodeTag>;
using PodId = Id<struct PodTag>;
using ClusterId = Id<struct ClusterTag>;
using GangId = Id<struct GangTag>;
using PodTemplateId = Id<struct PodTemplateTag>;
using GpuModelId = Id<struct GpuModelTag>;
using ZoneId = Id<struct ZoneTag>;
using RackId = Id<struct RackTag>;
using RegionId = Id<struct RegionTag>;
using BudgetId = Id<struct BudgetTag>;

/// A column: a vector indexed by one kind of id, so that a pod cannot index a node column.
template <class IdType, class Value, class Storage = std::vector<Value, ColumnAllocator<Value>>>
class IdVector {
 public:
  IdVector() = default;
  explicit IdVector(std::size_t size, const Value& value = Value{}) : values_(size, value) {}

  [[nodiscard]] Value& operator[](IdType id) {
    assert(id.index() < values_.size());
    return values_[id.index()];
  }
  [[nodiscard]] const Value& operator[](IdType id) const {
    assert(id.index() < values_.size());
    return values_[id.index()];
  }
  [[nodiscard]] bool contains(IdType id) const { return id.index() < values_.size(); }

  IdType push_back(Value value) {
    values_.push_back(std::move(value));
    return IdType{values_.size() - 1};
  }
  template <class... Arguments>
  IdType emplace_back(Arguments&&... arguments) {
    values_.emplace_back(std::forward<Arguments>(arguments)...);
    return IdType{values_.size() - 1};
  }
  void resize(std::size_t size) { values_.resize(size); }
  void resize(std::size_t size, const Value& value) { values_.resize(size, value); }
  void reserve(std::size_t size) { values_.reserve(size); }
  void clear() { values_.clear(); }
  [[nodiscard]] std::size_t size() const { return values_.size(); }
  [[nodiscard]] bool empty() const { return values_.empty(); }
  [[nodiscard]] std::span<const Value> span() const { return values_; }
  [[nodiscard]] std::span<Value> span() { return values_; }
  [[nodiscard]] const Value* data() const { return values_.data(); }
  [[nodiscard]] std::size_t capacity_bytes() const { return values_.capacity() * sizeof(Value); }

  friend bool operator==(const IdVector&, const IdVector&) = default;

  auto begin() { return values_.begin(); }
  auto end() { return values_.end(); }
  auto begin() const { return values_.begin(); }
  auto end() const { return values_.end(); }

 private:
  Storage values_;
};

/// A column of very many rows.
template <class IdType, class Row>
using IdRows = IdVector<IdType, Row, RowVector<Row>>;

}  // namespace orrery

template <class Tag>
struct std::hash<orrery::Id<Tag>> {
  std::size_t operator()(orrery::Id<Tag> id) const noexcept { return id.index(); }
};
