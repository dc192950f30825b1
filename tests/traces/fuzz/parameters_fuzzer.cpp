#include <nlohmann/json.hpp>

#include "orrery/models/failure.hpp"
#include "orrery/models/mesh.hpp"
#include "orrery/models/quantity_text.hpp"
#include "orrery/tests/traces/fuzz/fuzz_input.hpp"
#include "orrery/traces/catalog.hpp"
#include "orrery/traces/synthetic.hpp"

/// Any JSON as the parameters of every trace format, distribution, failure model and mesh: it is
/// taken or refused with a message; a distribution that is taken reads back from what it writes,
/// and a synthetic workload gives pods.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace orrery;
  const auto value = nlohmann::json::parse(data, data + size, nullptr, false);
  if (value.is_discarded()) return 0;
  for (const auto kind : {traces::TraceKind::Workload, traces::TraceKind::Failures}) {
    const auto checked = traces::check_trace(value, {}, kind);
    if (!checked) fuzz::check_error(checked.error());
  }
  for (const auto* unit : {&kSecondsUnit, &kBytesUnit, &kMilliCpuUnit, &kPlainUnit}) {
    const auto law = distribution_from_json(value, {}, *unit);
    if (!law) {
      fuzz::check_error(law.error());
    } else if (distribution_from_json(to_json(*law, *unit), {}, *unit) != *law) {
      std::abort();
    }
  }
  const auto mesh = read_mesh(value, {});
  if (!mesh) fuzz::check_error(mesh.error());
  const auto failures = read_failure_models(value, {});
  if (!failures) fuzz::check_error(failures.error());
  const auto synthetic = traces::read_synthetic(value, {});
  if (synthetic) {
    const auto source = traces::synthetic_workload(*synthetic, 1);
    fuzz::walk(*source, 100);
  }
  return 0;
}
