#pragma once

#include <cstdint>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "orrery/models/result.hpp"
#include "orrery/models/units.hpp"

namespace orrery::sim {

/// Writes the JSON that ui.perfetto.dev and chrome://tracing open: named tracks, grouped by
/// process, with slices, instants and counters on them. `arguments` is a JSON object. The file is
/// there when close() has succeeded; until then it is written under another name.
/// Format: "Trace Event Format", Google, 2016.
class TimelineWriter {
 public:
  /// Errors: the file cannot be written.
  [[nodiscard]] static Result<std::unique_ptr<TimelineWriter>> create(const std::string& path);
  TimelineWriter(const TimelineWriter&) = delete;
  TimelineWriter& operator=(const TimelineWriter&) = delete;
  /// Leaves nothing of a file that was not closed.
  ~TimelineWriter();

  /// A group of tracks; shown in the order in which they were added.
  std::uint32_t add_process(std::string_view name);
  void name_track(std::uint32_t process, std::uint32_t track, std::string_view name);

  void slice(std::uint32_t process, std::uint32_t track, std::string_view name, Time from, Time to,
             const nlohmann::json& arguments);
  void instant(std::uint32_t process, std::uint32_t track, std::string_view name, Time at,
               const nlohmann::json& arguments);
  void counter(std::uint32_t process, std::string_view name, Time at, std::int64_t value);

  /// Completes the file. Errors: it could not be written in full.
  [[nodiscard]] Result<void> close();

 private:
  explicit TimelineWriter(std::string path)
      : path_(std::move(path)), part_(path_ + ".part"), file_(part_) {}
  [[nodiscard]] Error unwritable() const;
  void begin_event(char phase, std::uint32_t process, std::uint32_t track, std::string_view name);

  std::string path_;
  std::string part_;
  std::ofstream file_;
  std::uint32_t processes_ = 0;
  bool is_first_ = true;
};

}  // namespace orrery::sim
