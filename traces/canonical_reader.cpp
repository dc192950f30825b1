#include <array>
#include <charconv>
#include <limits>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orrery/models/json_fields.hpp"
#include "orrery/traces/canonical.hpp"
#include "orrery/traces/csv.hpp"
#include "orrery/traces/line_reader.hpp"
#include "orrery/traces/template_json.hpp"
#include "orrery/traces/template_pool.hpp"

namespace orrery::traces {
namespace {

using nlohmann::json;

constexpr std::size_t kArrival = 0;
constexpr std::size_t kCpu = 1;
constexpr std::size_t kMemory = 2;
constexpr std::size_t kTemplate = 3;
constexpr std::size_t kService = 4;
constexpr std::size_t kEstimate = 5;
constexpr std::size_t kGangSize = 6;
constexpr std::size_t kGang = 7;
constexpr std::size_t kSourceRow = 8;
constexpr std::size_t kCluster = 9;
constexpr std::size_t kFields = 10;
constexpr std::array<const char*, kFields> kNames{"arrival",    "cpu",      "memory",    "template",
                                                  "service",    "estimate", "gang_size", "gang",
                                                  "source_row", "cluster"};

/// The numbers of one row; -1 stands for null.
using Row = std::array<std::int64_t, kFields>;
constexpr std::int64_t kNull = -1;

void skip_blanks(const char*& at, const char* end) {
  while (at != end && (*at == ' ' || *at == '\t')) ++at;
}

/// One element of a row: a whole number that is not negative, or null.
bool read_element(const char*& at, const char* end, std::int64_t& value) {
  skip_blanks(at, end);
  if (end - at >= 4 && std::string_view(at, 4) == "null") {
    value = kNull;
    at += 4;
    return true;
  }
  const auto [rest, error] = std::from_chars(at, end, value);
  if (error != std::errc{} || value < 0) return false;
  at = rest;
  return true;
}

/// The index of the element that is wrong; kFields when the row is right.
std::size_t read_row(std::string_view line, Row& row) {
  const char* at = line.data() + 1;  // after the bracket
  const char* const end = line.data() + line.size();
  for (std::size_t i = 0; i < kFields; ++i) {
    if (!read_element(at, end, row[i])) return i;
    const bool may_be_null = i == kService || i == kCluster;
    if (row[i] == kNull && !may_be_null) return i;
    skip_blanks(at, end);
    if (at == end || *at != (i + 1 == kFields ? ']' : ',')) return i;
    ++at;
  }
  skip_blanks(at, end);
  return at == end ? kFields : kFields - 1;
}

class CanonicalSource final : public WorkloadSource {
 public:
  CanonicalSource(std::unique_ptr<ByteSource> source, OnBadRow on_bad_row)
      : lines_(std::move(source)), bad_(on_bad_row) {}

  /// Reads the header line.
  std::optional<Error> open() {
    const Result<bool> more = lines_.next();
    if (!more) return more.error();
    if (!*more) {
      Error error = wrong("the file is empty", "", "a header line");
      error.at.line = 0;
      return error;
    }
    const json header = json::parse(lines_.line(), nullptr, false);
    if (!header.is_object() || header.value("format", json()) != json("orrery-trace")) {
      return wrong("this is not a trace in Orrery's format",
                   std::string(lines_.line().substr(0, 60)), R"({"format":"orrery-trace",…})",
                   "'orrery traces' lists the other formats");
    }
    const json version = header.value("version", json());
    if (version != json(kCanonicalVersion)) {
      return wrong("a version that this program cannot read", version.dump(),
                   fmt::format("version {}", kCanonicalVersion));
    }
    const json description = header.value("description", json());
    if (description.is_string()) description_ = description.get<std::string>();
    return std::nullopt;
  }

  Result<bool> next(WorkloadItem& item) override {
    while (!is_ended_) {
      Result<bool> more = lines_.next();
      if (!more) return more;
      if (!*more)
        return failure(wrong("the trace is cut off", "the end of the file", "an \"end\" line"));
      const std::string_view line = lines_.line();
      if (line.empty()) continue;
      if (line.front() != '[') {
        if (auto error = take_declaration(line)) return failure(std::move(*error));
        continue;
      }
      ++rows_;
      if (auto error = take_row(line, item)) {
        // A gang that lost a pod could never start.
        if (gang_left_ > 0 || !bad_.skip(*error)) return failure(std::move(*error));
        continue;
      }
      if (auto error = check_gang(item)) return failure(std::move(*error));
      return true;
    }
    return false;
  }
  [[nodiscard]] std::uint64_t skipped_rows() const override { return bad_.skipped(); }
  [[nodiscard]] std::string checksum() const override { return lines_.checksum(); }
  [[nodiscard]] std::string describe() const override {
    return fmt::format("{}: {}", lines_.name(), description_);
  }

 private:
  [[nodiscard]] Error wrong(std::string message, std::string found = "", std::string expected = "",
                            std::string hint = "") const {
    return {.at = {.file = lines_.name(), .line = lines_.number(), .field = "", .pointer = ""},
            .message = std::move(message),
            .found = std::move(found),
            .expected = std::move(expected),
            .hint = std::move(hint)};
  }
  [[nodiscard]] Error wrong_field(std::size_t field, std::string found,
                                  std::string expected) const {
    Error error = wrong("", std::move(found), std::move(expected));
    error.at.field = kNames[field];
    return error;
  }

  std::optional<Error> take_row(std::string_view line, WorkloadItem& item) {
    Row row{};
    const std::size_t bad = read_row(line, row);
    if (bad != kFields) {
      return wrong_field(
          bad, std::string(line.substr(0, 100)),
          "ten whole numbers that are not negative (service and cluster may be null)");
    }
    const auto number = [&row](std::size_t field) {
      return static_cast<std::uint64_t>(row[field]);
    };
    if (number(kTemplate) >= templates_.size()) {
      return wrong_field(kTemplate, fmt::format("{}", row[kTemplate]), "a declared template");
    }
    if (row[kCluster] != kNull && number(kCluster) >= clusters_.size()) {
      return wrong_field(kCluster, fmt::format("{}", row[kCluster]), "a declared cluster");
    }
    if (row[kArrival] < last_arrival_) {
      return wrong_field(kArrival, fmt::format("{}", row[kArrival]),
                         fmt::format("no time before {}", last_arrival_));
    }
    constexpr std::int64_t kGangMax = 65'535;
    if (row[kGangSize] < 1 || row[kGangSize] > kGangMax) {
      return wrong_field(kGangSize, fmt::format("{}", row[kGangSize]), "1 to 65535");
    }
    last_arrival_ = row[kArrival];
    item.arrival = kTimeZero + Duration{row[kArrival]};
    item.cpu = MilliCpu{row[kCpu]};
    item.memory = Bytes{row[kMemory]};
    const auto& wanted = templates_[number(kTemplate)];
    if (item.pod_template != wanted) item.pod_template = wanted;
    item.service = row[kService] == kNull ? Duration::max() : Duration{row[kService]};
    item.estimate = Duration{row[kEstimate]};
    item.gang_size = static_cast<std::uint32_t>(row[kGangSize]);
    item.gang = number(kGang);
    item.source_row = number(kSourceRow);
    item.cluster = row[kCluster] == kNull ? std::string() : clusters_[number(kCluster)];
    return std::nullopt;
  }

  /// All pods of a gang follow each other and arrive at once.
  std::optional<Error> check_gang(const WorkloadItem& item) {
    if (gang_left_ == 0) {
      gang_left_ = item.gang_size - 1;
      gang_ = item;
      return std::nullopt;
    }
    --gang_left_;
    if (item.gang == gang_.gang && item.gang_size == gang_.gang_size &&
        item.arrival == gang_.arrival) {
      return std::nullopt;
    }
    return wrong("a gang is not whole", fmt::format("gang {}", item.gang),
                 fmt::format("{} more of gang {}", gang_left_ + 1, gang_.gang));
  }

  std::optional<Error> take_declaration(std::string_view line) {
    const json value = json::parse(line, nullptr, false);
    const Location at{.file = lines_.name(), .line = lines_.number(), .field = "", .pointer = ""};
    if (value.is_object() && value.contains("template")) return take_template(value, at);
    if (value.is_object() && value.contains("cluster")) return take_cluster(value, at);
    if (value.is_object() && value.contains("end")) return take_end(value, at);
    return wrong("", std::string(line.substr(0, 60)),
                 "a row, a \"template\", a \"cluster\" or the \"end\"");
  }

  std::optional<Error> take_template(const json& value, const Location& at) {
    std::int64_t number = 0;
    PodTemplate spec;
    JsonFields fields(value, at);
    fields.required("template", number, read_count);
    fields.required("pod", spec, read_pod_template);
    Result<PodTemplate> read = fields.finish(std::move(spec));
    if (!read) return read.error();
    if (static_cast<std::uint64_t>(number) != templates_.size()) {
      return wrong("templates are numbered from 0", fmt::format("{}", number),
                   fmt::format("{}", templates_.size()));
    }
    templates_.push_back(pool_.intern(std::move(*read)));
    return std::nullopt;
  }

  std::optional<Error> take_cluster(const json& value, const Location& at) {
    std::int64_t number = 0;
    std::string name;
    JsonFields fields(value, at);
    fields.required("cluster", number, read_count);
    fields.required("name", name, read_string);
    Result<std::string> read = fields.finish(std::move(name));
    if (!read) return read.error();
    if (static_cast<std::uint64_t>(number) != clusters_.size()) {
      return wrong("clusters are numbered from 0", fmt::format("{}", number),
                   fmt::format("{}", clusters_.size()));
    }
    clusters_.push_back(std::move(*read));
    return std::nullopt;
  }

  std::optional<Error> take_end(const json& value, const Location& at) {
    std::int64_t rows = 0;
    JsonFields fields(value, at);
    fields.required("end", rows, [](const json& end, const Location& place) {
      std::int64_t count = 0;
      JsonFields members(end, place);
      members.required("rows", count, read_count);
      return members.finish(count);
    });
    const Result<std::int64_t> read = fields.finish(rows);
    if (!read) return read.error();
    if (static_cast<std::uint64_t>(*read) != rows_) {
      return wrong("rows are missing", fmt::format("{}", rows_), fmt::format("{} rows", *read));
    }
    if (gang_left_ > 0) return wrong("the last gang is not whole");
    is_ended_ = true;
    return std::nullopt;
  }

  LineReader lines_;
  BadRows bad_;
  TemplatePool pool_;
  std::vector<std::shared_ptr<const PodTemplate>> templates_;
  std::vector<std::string> clusters_;
  std::string description_;
  std::uint64_t rows_ = 0;
  std::int64_t last_arrival_ = 0;
  std::uint32_t gang_left_ = 0;
  WorkloadItem gang_;
  bool is_ended_ = false;
};

}  // namespace

Result<std::unique_ptr<WorkloadSource>> read_canonical(std::unique_ptr<ByteSource> source,
                                                       OnBadRow on_bad_row) {
  auto reader = std::make_unique<CanonicalSource>(std::move(source), on_bad_row);
  if (auto error = reader->open()) return failure(std::move(*error));
  return reader;
}

}  // namespace orrery::traces
