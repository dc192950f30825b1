#include "orrery/traces/trace_store.hpp"

#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace orrery::traces {
namespace {

using Source = std::unique_ptr<ByteSource>;

std::string options_key(const char* kind, const FailureLogOptions& options) {
  return fmt::format("{} {} {} {} {}", kind, fmt::join(options.select, "\n"),
                     options.from ? fmt::format("{}", *options.from) : "-",
                     options.until ? fmt::format("{}", *options.until) : "-",
                     options.on_bad_row == OnBadRow::Skip ? "skip" : "fail");
}

std::string mode_key(OnBadRow mode) { return mode == OnBadRow::Skip ? "skip" : "fail"; }

}  // namespace

/// Reading happens under the lock: whoever wants the same file waits for it, and reading two files
/// at a time would gain milliseconds once per process.
template <class Value, class Read>
Result<std::shared_ptr<const Value>> TraceStore::get(Shelf<Value>& shelf, Key key, Read read) {
  const std::lock_guard lock(mutex_);
  const auto found = shelf.find(key);
  if (found != shelf.end()) return found->second;
  Result<std::shared_ptr<const Value>> value =
      open_bytes(key.first).and_then([&read](Source&& source) { return read(std::move(source)); });
  if (value) shelf.emplace(std::move(key), *value);
  return value;
}

Result<std::shared_ptr<const OpenbPodList>> TraceStore::openb_pods(const std::string& path,
                                                                   OnBadRow mode) {
  return get(openb_pods_, {path, mode_key(mode)},
             [mode](Source source) { return read_openb_pods(std::move(source), mode); });
}

Result<std::shared_ptr<const std::vector<Node>>> TraceStore::openb_nodes(const std::string& path) {
  return get(openb_nodes_, {path, ""}, [](Source source) {
    return read_openb_nodes(std::move(source)).map([](std::vector<Node>&& nodes) {
      return std::make_shared<const std::vector<Node>>(std::move(nodes));
    });
  });
}

Result<std::shared_ptr<const PhillyJobs>> TraceStore::philly(const std::string& path,
                                                             OnBadRow mode) {
  return get(philly_, {path, mode_key(mode)},
             [mode](Source source) { return read_philly(std::move(source), mode); });
}

Result<std::shared_ptr<const FailureLog>> TraceStore::lanl_failures(
    const std::string& path, const FailureLogOptions& options) {
  return get(failures_, {path, options_key("lanl", options)},
             [&options](Source source) { return read_lanl_failures(std::move(source), options); });
}

Result<std::shared_ptr<const FailureLog>> TraceStore::grid5000_failures(
    const std::string& path, const FailureLogOptions& options) {
  return get(failures_, {path, options_key("grid5000", options)}, [&options](Source source) {
    return read_grid5000_failures(std::move(source), options);
  });
}

Result<std::shared_ptr<const FailureLog>> TraceStore::outages(const std::string& path,
                                                              OnBadRow mode) {
  return get(failures_, {path, "outages," + mode_key(mode)},
             [mode](Source source) { return read_outages(std::move(source), mode); });
}

}  // namespace orrery::traces
