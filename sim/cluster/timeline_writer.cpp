#include "orrery/sim/cluster/timeline_writer.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace orrery::sim {
namespace {

/// The format counts microseconds; three decimals keep the nanosecond.
std::string microseconds(std::int64_t nanoseconds) {
  return fmt::format("{}.{:03}", nanoseconds / 1000, nanoseconds % 1000);
}

std::string microseconds(Time at) { return microseconds(at.time_since_epoch().count()); }

/// Names come from traces, which may hold bytes that are no UTF-8.
std::string text_of(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

Error TimelineWriter::unwritable() const {
  return {.at = {.file = path_},
          .message = fmt::format("cannot write the time line: {}", std::strerror(errno)),
          .found = {},
          .expected = {},
          .hint = {}};
}

Result<std::unique_ptr<TimelineWriter>> TimelineWriter::create(const std::string& path) {
  std::unique_ptr<TimelineWriter> writer{new TimelineWriter{path}};
  if (!writer->file_) return failure(writer->unwritable());
  writer->file_ << R"({"displayTimeUnit":"ms","traceEvents":[)";
  return writer;
}

TimelineWriter::~TimelineWriter() {
  if (file_.is_open()) std::remove(part_.c_str());
}

void TimelineWriter::begin_event(char phase, std::uint32_t process, std::uint32_t track,
                                 std::string_view name) {
  file_ << (is_first_ ? "\n" : ",\n")
        << fmt::format(R"({{"ph":"{}","pid":{},"tid":{},"name":{})", phase, process, track,
                       text_of(name));
  is_first_ = false;
}

std::uint32_t TimelineWriter::add_process(std::string_view name) {
  const std::uint32_t process = ++processes_;
  begin_event('M', process, 0, "process_name");
  file_ << fmt::format(R"(,"args":{{"name":{}}}}})", text_of(name));
  begin_event('M', process, 0, "process_sort_index");
  file_ << fmt::format(R"(,"args":{{"sort_index":{}}}}})", process);
  return process;
}

void TimelineWriter::name_track(std::uint32_t process, std::uint32_t track, std::string_view name) {
  begin_event('M', process, track, "thread_name");
  file_ << fmt::format(R"(,"args":{{"name":{}}}}})", text_of(name));
}

void TimelineWriter::slice(std::uint32_t process, std::uint32_t track, std::string_view name,
                           Time from, Time to, const nlohmann::json& arguments) {
  begin_event('X', process, track, name);
  file_ << fmt::format(R"(,"ts":{},"dur":{},"args":{}}})", microseconds(from),
                       microseconds((to - from).count()), text_of(arguments));
}

void TimelineWriter::instant(std::uint32_t process, std::uint32_t track, std::string_view name,
                             Time at, const nlohmann::json& arguments) {
  begin_event('i', process, track, name);
  file_ << fmt::format(R"(,"ts":{},"s":"t","args":{}}})", microseconds(at), text_of(arguments));
}

void TimelineWriter::counter(std::uint32_t process, std::string_view name, Time at,
                             std::int64_t value) {
  begin_event('C', process, 0, name);
  file_ << fmt::format(R"(,"ts":{},"args":{{"pods":{}}}}})", microseconds(at), value);
}

Result<void> TimelineWriter::close() {
  file_ << "\n]}\n";
  file_.close();
  if (file_ && std::rename(part_.c_str(), path_.c_str()) == 0) return {};
  Error error = unwritable();
  std::remove(part_.c_str());
  return failure(std::move(error));
}

}  // namespace orrery::sim
