#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orrery/traces/canonical.hpp"
#include "orrery/traces/template_json.hpp"

namespace orrery::traces {
namespace {

using nlohmann::json;

constexpr std::size_t kFlushBytes = std::size_t{1} << 16;

/// Names may hold any bytes; what is not UTF-8 is replaced, as JSON knows nothing else.
std::string line_of(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace) + '\n';
}

template <class Number>
void append(std::string& text, char before, Number number) {
  const fmt::format_int digits(number);
  text += before;
  text.append(digits.data(), digits.size());
}

}  // namespace

std::optional<Error> CanonicalWriter::begin(const std::string& description) {
  const nlohmann::ordered_json header{
      {"format", "orrery-trace"},
      {"version", kCanonicalVersion},
      {"description", description},
      {"units", {{"time", "ns"}, {"cpu", "milli"}, {"memory", "bytes"}, {"gpu", "milli"}}},
      {"row",
       {"arrival", "cpu", "memory", "template", "service", "estimate", "gang_size", "gang",
        "source_row", "cluster"}}};
  text_ += header.dump(-1, ' ', false, json::error_handler_t::replace) + '\n';
  return flush();
}

std::uint64_t CanonicalWriter::template_number(const WorkloadItem& item) {
  const auto [entry, is_new] = templates_.emplace(item.pod_template, templates_.size());
  if (is_new) {
    text_ += line_of({{"template", entry->second}, {"pod", to_json(*item.pod_template)}});
  }
  return entry->second;
}

std::optional<Error> CanonicalWriter::write(const WorkloadItem& item) {
  const std::uint64_t number = template_number(item);
  std::optional<std::uint64_t> cluster;
  if (!item.cluster.empty()) {
    const auto [entry, is_new] = clusters_.emplace(item.cluster, clusters_.size());
    if (is_new) text_ += line_of({{"cluster", entry->second}, {"name", item.cluster}});
    cluster = entry->second;
  }
  append(text_, '[', item.arrival.time_since_epoch().count());
  append(text_, ',', item.cpu.count());
  append(text_, ',', item.memory.count());
  append(text_, ',', number);
  if (item.service == Duration::max()) {
    text_ += ",null";
  } else {
    append(text_, ',', item.service.count());
  }
  append(text_, ',', item.estimate.count());
  append(text_, ',', item.gang_size);
  append(text_, ',', item.gang);
  append(text_, ',', item.source_row);
  if (cluster) {
    append(text_, ',', *cluster);
  } else {
    text_ += ",null";
  }
  text_ += "]\n";
  ++rows_;
  return text_.size() >= kFlushBytes ? flush() : std::nullopt;
}

std::optional<Error> CanonicalWriter::finish() {
  text_ += line_of({{"end", {{"rows", rows_}}}});
  if (auto error = flush()) return error;
  return sink_->close();
}

std::optional<Error> CanonicalWriter::flush() {
  std::optional<Error> error = sink_->write(text_);
  text_.clear();
  return error;
}

Result<std::uint64_t> convert(WorkloadSource& source, std::unique_ptr<ByteSink> sink) {
  CanonicalWriter writer(std::move(sink));
  if (auto error = writer.begin(source.describe())) return failure(std::move(*error));
  for (WorkloadItem item;;) {
    const Result<bool> more = source.next(item);
    if (!more) return failure(more.error());
    if (!*more) break;
    if (auto error = writer.write(item)) return failure(std::move(*error));
  }
  if (auto error = writer.finish()) return failure(std::move(*error));
  return writer.rows();
}

}  // namespace orrery::traces
