#include "orrery/experiments/experiment/head_section.hpp"

#include <set>
#include <utility>

#include <nlohmann/json.hpp>

#include "orrery/experiments/setup/readers.hpp"
#include "orrery/models/json_fields.hpp"

namespace orrery::experiments {
namespace {

using nlohmann::json;

constexpr std::int64_t kFormat = 1;
constexpr std::int64_t kSeedMax = std::numeric_limits<std::int64_t>::max();

Result<std::int64_t> read_format(const json& value, const Location& at) {
  if (value == kFormat) return kFormat;
  return json_mismatch(value, at, "1, the version of the document's format",
                       value.is_number_integer() ? "a newer orrery may read it" : "");
}

Result<std::int64_t> read_seed(const json& value, const Location& at) {
  return read_between(value, at, 0, kSeedMax);
}

Result<std::vector<std::uint64_t>> read_seed_range(const json& value, const Location& at) {
  std::int64_t first = 42;
  std::int64_t count = 10;
  JsonFields fields(value, at);
  fields.optional("first", first, read_seed);
  fields.required("count", count, [](const json& number, const Location& place) {
    return read_between(number, place, 1, 1'000'000);
  });
  if (fields.ok() && first > kSeedMax - count) {
    fields.fail({.at = fields.at("first"), .message = "the last seed would not fit 63 bits"});
  }
  std::vector<std::uint64_t> seeds;
  if (fields.ok()) {
    for (std::int64_t i = 0; i < count; ++i) seeds.push_back(static_cast<std::uint64_t>(first + i));
  }
  return fields.finish(std::move(seeds));
}

Result<std::vector<std::uint64_t>> read_seeds(const json& value, const Location& at) {
  if (value.is_object()) return read_seed_range(value, at);
  const auto list = read_list(value, at, read_seed);
  if (!list) return failure(list.error());
  if (list->empty()) return json_mismatch(value, at, "at least one seed");
  const std::set<std::uint64_t> different(list->begin(), list->end());
  if (different.size() != list->size()) return json_mismatch(value, at, "seeds that all differ");
  return std::vector<std::uint64_t>(list->begin(), list->end());
}

Result<traces::OnBadRow> read_on_bad_row(const json& value, const Location& at) {
  return read_choice(value, at, {"fail", "skip"}).map([](std::size_t index) {
    return index == 0 ? traces::OnBadRow::Fail : traces::OnBadRow::Skip;
  });
}

Result<bool> ignore(const json&, const Location&) { return true; }

}  // namespace

Result<DocumentHead> read_head_section(const Document& document) {
  const json whole(document.json());
  DocumentHead head;
  head.seeds = {42};
  std::int64_t format = kFormat;
  bool ignored = false;
  JsonFields fields(whole, {});
  fields.required("orrery", format, read_format);
  fields.required("name", head.name, read_string);
  fields.optional("description", head.description, read_string);
  fields.optional("seeds", head.seeds, read_seeds);
  fields.optional("baseline", head.baseline, read_string);
  fields.optional("metrics", head.metrics, read_strings);
  fields.optional("on_bad_row", head.on_bad_row, read_on_bad_row);
  fields.optional("leave_out_missing", head.leaves_out_missing, read_bool);
  fields.optional("plugins", head.plugins, read_strings);
  for (const char* elsewhere :
       {"$schema", "traces", "clusters", "mesh", "workloads", "horizon", "warm_up", "series",
        "load_marks", "fork", "templates", "variants", "matrix"}) {
    fields.optional(elsewhere, ignored, ignore);
  }
  auto read = fields.finish(std::move(head));
  if (!read) return failure(document.relocate(std::move(read.error())));
  return read;
}

}  // namespace orrery::experiments
