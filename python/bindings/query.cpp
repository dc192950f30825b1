#include "orrery/python/bindings/query.hpp"

#include <cstring>
#include <optional>
#include <string_view>

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include "orrery/experiments/store/results_reader.hpp"

namespace orrery::python {
namespace {

using Cell = std::variant<std::monostate, std::int64_t, double, std::string>;

constexpr int kBusyMilliseconds = 2000;

Error wrong_column(const std::string& path, const char* name, const char* found) {
  return {.at = {.file = path, .line = 0, .field = name, .pointer = ""},
          .message = "",
          .found = found,
          .expected = "numbers alone, or texts alone"};
}

/// Opens `path` for reading, runs `body(database)`; SQLite's exceptions become an Error.
template <class Body>
Result<std::shared_ptr<Table>> reading(const std::string& path, Body&& body) {
  if (auto checked = experiments::ResultsReader::open(path); !checked) {
    return failure(std::move(checked.error()));
  }
  try {
    SQLite::Database database(path, SQLite::OPEN_READONLY, kBusyMilliseconds);
    return std::forward<Body>(body)(database);
  } catch (const SQLite::Exception& exception) {
    return failure({.at = {.file = path}, .message = exception.what()});
  }
}

std::optional<Cell> cell_of(const SQLite::Column& column) {
  if (column.isNull()) return Cell();
  if (column.isInteger()) return column.getInt64();
  if (column.isFloat()) return column.getDouble();
  if (column.isText()) return column.getString();
  return std::nullopt;
}

/// The narrowest type that holds every cell; nothing when they do not go together.
std::optional<ColumnType> type_of(const std::vector<Cell>& cells) {
  bool has_text = false;
  bool has_integer = false;
  bool has_number = false;
  for (const Cell& cell : cells) {
    has_integer |= std::holds_alternative<std::int64_t>(cell);
    has_number |= std::holds_alternative<double>(cell);
    has_text |= std::holds_alternative<std::string>(cell);
  }
  if (has_text) return has_integer || has_number ? std::nullopt : std::optional(ColumnType::Text);
  return has_integer && !has_number ? ColumnType::Integer : ColumnType::Number;
}

void fill(Column& column, const std::vector<Cell>& cells) {
  for (const Cell& cell : cells) {
    if (std::holds_alternative<std::monostate>(cell)) {
      column.add_null();
    } else if (const auto* text = std::get_if<std::string>(&cell)) {
      column.add(std::string_view(*text));
    } else if (const auto* number = std::get_if<double>(&cell)) {
      column.add(*number);
    } else if (column.type() == ColumnType::Integer) {
      column.add(std::get<std::int64_t>(cell));
    } else {
      column.add(static_cast<double>(std::get<std::int64_t>(cell)));
    }
  }
}

Result<std::shared_ptr<Table>> select(const std::string& path, SQLite::Statement& statement,
                                      const Facts& facts) {
  const int width = statement.getColumnCount();
  std::vector<std::vector<Cell>> cells(static_cast<std::size_t>(width));
  while (statement.executeStep()) {
    for (int i = 0; i < width; ++i) {
      auto cell = cell_of(statement.getColumn(i));
      if (!cell) return failure(wrong_column(path, statement.getColumnName(i), "a blob"));
      cells[static_cast<std::size_t>(i)].push_back(std::move(*cell));
    }
  }
  auto table = std::make_shared<Table>();
  for (int i = 0; i < width; ++i) {
    const auto& own = cells[static_cast<std::size_t>(i)];
    const auto type = type_of(own);
    if (!type) return failure(wrong_column(path, statement.getColumnName(i), "texts and numbers"));
    Column column(statement.getColumnName(i), *type);
    fill(column, own);
    if (const auto known = facts.find(column.name()); known != facts.end()) {
      for (const auto& [key, value] : known->second) column.describe(key, value);
    }
    table->columns.push_back(std::move(column));
  }
  return table;
}

void add_doubles(Column& column, const SQLite::Column& blob, std::size_t count) {
  const auto* const bytes = static_cast<const char*>(blob.getBlob());
  for (std::size_t i = 0; i < count; ++i) {
    double value = 0;
    std::memcpy(&value, bytes + i * sizeof(double), sizeof(double));
    column.add(value);
  }
}

}  // namespace

Result<std::shared_ptr<Table>> query(const std::string& path, const std::string& sql,
                                     const std::vector<SqlValue>& values, const Facts& facts) {
  return reading(path, [&](SQLite::Database& database) {
    SQLite::Statement statement(database, sql);
    for (std::size_t i = 0; i < values.size(); ++i) {
      std::visit([&](const auto& value) { statement.bind(static_cast<int>(i) + 1, value); },
                 values[i]);
    }
    return select(path, statement, facts);
  });
}

Result<std::shared_ptr<Table>> read_points(const std::string& path, const PointsOf& what,
                                           const std::string& name,
                                           const std::vector<std::int64_t>& runs) {
  return reading(path, [&](SQLite::Database& database) -> Result<std::shared_ptr<Table>> {
    Column variant("variant", ColumnType::Text);
    Column seed("seed", ColumnType::Integer);
    Column names(what.name, ColumnType::Text);
    Column positions(what.position, ColumnType::Number);
    Column values("value", ColumnType::Number);
    std::string unit, over;
    SQLite::Statement statement(
        database, fmt::format("SELECT variants.name, seed, points.name, unit, {}, {}, \"values\" "
                              "FROM {} AS points "
                              "JOIN runs ON runs.id = run JOIN variants ON variants.id = variant "
                              "WHERE run = ?1 AND (?2 = '' OR points.name = ?2) "
                              "ORDER BY points.name",
                              what.over, what.positions, what.table));
    for (const std::int64_t run : runs) {
      statement.reset();
      statement.bind(1, run);
      statement.bind(2, name);
      while (statement.executeStep()) {
        const auto count =
            static_cast<std::size_t>(statement.getColumn(5).getBytes()) / sizeof(double);
        const std::string variant_name = statement.getColumn(0).getString();
        const std::string own_name = statement.getColumn(2).getString();
        unit = statement.getColumn(3).getString();
        over = statement.getColumn(4).getString();
        for (std::size_t i = 0; i < count; ++i) {
          variant.add(std::string_view(variant_name));
          seed.add(statement.getColumn(1).getInt64());
          names.add(std::string_view(own_name));
        }
        add_doubles(positions, statement.getColumn(5), count);
        add_doubles(values, statement.getColumn(6), count);
      }
    }
    if (!over.empty()) positions.describe(what.fact, over);
    if (!name.empty()) values.describe("unit", unit);
    auto table = std::make_shared<Table>();
    for (Column* column : {&variant, &seed, &names, &positions, &values}) {
      table->columns.push_back(std::move(*column));
    }
    return table;
  });
}

}  // namespace orrery::python
