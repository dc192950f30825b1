#include "orrery/python/bindings/arrow_export.hpp"

#include <array>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

namespace orrery::python {
namespace {

const char* format_of(ColumnType type) {
  switch (type) {
    case ColumnType::Integer:
      return "l";
    case ColumnType::Number:
      return "g";
    case ColumnType::Text:
      return "U";
  }
  return "n";
}

void append_size(std::string& bytes, std::size_t size) {
  const auto number = static_cast<std::int32_t>(size);
  std::array<char, sizeof(number)> raw{};
  std::memcpy(raw.data(), &number, sizeof(number));
  bytes.append(raw.data(), raw.size());
}

/// Pairs as the specification encodes them: native 32-bit counts before each text.
std::string encode(const std::vector<std::pair<std::string, std::string>>& facts) {
  std::string bytes;
  append_size(bytes, facts.size());
  for (const auto& [key, value] : facts) {
    append_size(bytes, key.size());
    bytes += key;
    append_size(bytes, value.size());
    bytes += value;
  }
  return bytes;
}

/// What a schema points at. Children are released by themselves when a consumer has moved them.
struct SchemaOwner {
  std::string name;
  std::string metadata;
  std::vector<ArrowSchema> children;
  std::vector<ArrowSchema*> child_pointers;
};

template <class Structure, class Owner>
void release(Structure* structure) {
  auto* const owner = static_cast<Owner*>(structure->private_data);
  for (Structure& child : owner->children) {
    if (child.release != nullptr) child.release(&child);
  }
  structure->release = nullptr;
  delete owner;
}

ArrowSchema schema_of(const char* format, SchemaOwner* owner) {
  for (ArrowSchema& child : owner->children) owner->child_pointers.push_back(&child);
  return {.format = format,
          .name = owner->name.c_str(),
          .metadata = owner->metadata.empty() ? nullptr : owner->metadata.data(),
          .flags = kArrowFlagNullable,
          .n_children = static_cast<std::int64_t>(owner->children.size()),
          .children = owner->child_pointers.data(),
          .dictionary = nullptr,
          .release = release<ArrowSchema, SchemaOwner>,
          .private_data = owner};
}

struct ArrayOwner {
  std::shared_ptr<const Table> table;
  std::array<const void*, 3> buffers{};
  std::vector<ArrowArray> children;
  std::vector<ArrowArray*> child_pointers;
};

ArrowArray array_of(std::size_t length, std::size_t nulls, std::int64_t buffers,
                    ArrayOwner* owner) {
  for (ArrowArray& child : owner->children) owner->child_pointers.push_back(&child);
  return {.length = static_cast<std::int64_t>(length),
          .null_count = static_cast<std::int64_t>(nulls),
          .offset = 0,
          .n_buffers = buffers,
          .n_children = static_cast<std::int64_t>(owner->children.size()),
          .buffers = owner->buffers.data(),
          .children = owner->child_pointers.data(),
          .dictionary = nullptr,
          .release = release<ArrowArray, ArrayOwner>,
          .private_data = owner};
}

ArrowArray column_array(const std::shared_ptr<const Table>& table, const Column& column) {
  auto* const owner = new ArrayOwner{.table = table};
  owner->buffers[0] = column.validity();
  switch (column.type()) {
    case ColumnType::Integer:
      owner->buffers[1] = column.integers().data();
      return array_of(column.size(), column.null_count(), 2, owner);
    case ColumnType::Number:
      owner->buffers[1] = column.numbers().data();
      return array_of(column.size(), column.null_count(), 2, owner);
    case ColumnType::Text:
      break;
  }
  owner->buffers[1] = column.offsets().data();
  owner->buffers[2] = column.characters().data();
  return array_of(column.size(), column.null_count(), 3, owner);
}

struct StreamOwner {
  std::shared_ptr<const Table> table;
  bool is_over = false;
};

StreamOwner& owner_of(ArrowArrayStream* stream) {
  return *static_cast<StreamOwner*>(stream->private_data);
}

int get_schema(ArrowArrayStream* stream, ArrowSchema* out) {
  *out = arrow_schema(*owner_of(stream).table);
  return 0;
}

int get_next(ArrowArrayStream* stream, ArrowArray* out) {
  StreamOwner& owner = owner_of(stream);
  *out = owner.is_over ? ArrowArray{} : arrow_array(owner.table);
  owner.is_over = true;
  return 0;
}

const char* get_last_error(ArrowArrayStream* /*stream*/) { return nullptr; }

void release_stream(ArrowArrayStream* stream) {
  delete &owner_of(stream);
  stream->release = nullptr;
}

}  // namespace

ArrowSchema arrow_schema(const Table& table) {
  auto* const whole = new SchemaOwner;
  for (const Column& column : table.columns) {
    auto* const owner = new SchemaOwner{.name = column.name()};
    if (!column.facts().empty()) owner->metadata = encode(column.facts());
    whole->children.push_back(schema_of(format_of(column.type()), owner));
  }
  ArrowSchema schema = schema_of("+s", whole);
  schema.flags = 0;  // a record batch has no missing rows
  return schema;
}

ArrowArray arrow_array(const std::shared_ptr<const Table>& table) {
  auto* const whole = new ArrayOwner{.table = table};
  for (const Column& column : table->columns) {
    whole->children.push_back(column_array(table, column));
  }
  return array_of(table->rows(), 0, 1, whole);
}

ArrowArrayStream arrow_stream(std::shared_ptr<const Table> table) {
  return {.get_schema = get_schema,
          .get_next = get_next,
          .get_last_error = get_last_error,
          .release = release_stream,
          .private_data = new StreamOwner{.table = std::move(table)}};
}

}  // namespace orrery::python
