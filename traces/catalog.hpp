#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "orrery/models/failure.hpp"
#include "orrery/models/node.hpp"
#include "orrery/models/result.hpp"
#include "orrery/models/units.hpp"
#include "orrery/traces/trace_store.hpp"
#include "orrery/traces/workload.hpp"

namespace orrery::traces {

struct TraceParameter {
  std::string name;
  std::string type;           ///< "path", "duration", "count", …
  std::string default_value;  ///< empty: required
  std::string summary;
};

struct TraceField {
  std::string name;
  std::string unit;
  std::string summary;
};

enum class TraceKind : std::uint8_t { Workload, Failures };

/// One format: what `orrery traces FORMAT` prints.
struct TraceFormat {
  std::string name;
  TraceKind kind = TraceKind::Workload;
  std::string summary;
  std::string source;  ///< where the data and its description come from
  std::vector<TraceField> fields;
  std::vector<TraceParameter> parameters;
};

/// All formats: the table of contents of this folder.
[[nodiscard]] const std::vector<TraceFormat>& trace_formats();
/// Null when there is none of this name.
[[nodiscard]] const TraceFormat* find_trace_format(std::string_view name);

/// What opening a trace needs besides its parameters.
struct TraceContext {
  std::uint64_t seed = 0;
  std::uint64_t instance = 0;   ///< keeps the synthetic workloads of several clusters apart
  std::string directory;        ///< relative paths start here; empty: the working directory
  MilliGpu gpu_capacity{};      ///< of the cluster, for openb-study; zero: unknown
  TraceStore* store = nullptr;  ///< never null
};

/// Opens {"format": "openb-study", "path": …, …}. Errors name the JSON pointer or the file.
[[nodiscard]] Result<std::unique_ptr<WorkloadSource>> open_workload(const nlohmann::json& value,
                                                                    const Location& at,
                                                                    const TraceContext& context);
/// Opens {"format": "lanl-failures", "path": …, …}.
[[nodiscard]] Result<std::shared_ptr<const FailureLog>> open_failures(const nlohmann::json& value,
                                                                      const Location& at,
                                                                      const TraceContext& context);
/// Checks the parameters without opening any file.
[[nodiscard]] Result<bool> check_trace(const nlohmann::json& value, const Location& at,
                                       TraceKind kind);

}  // namespace orrery::traces
