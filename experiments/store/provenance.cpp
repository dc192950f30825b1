#include "orrery/experiments/store/provenance.hpp"

#include <chrono>
#include <fstream>
#include <thread>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/utsname.h>

namespace orrery::experiments {
namespace {

std::string cpu_model() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("model name", 0) != 0) continue;
    const std::size_t colon = line.find(": ");
    if (colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown";
}

std::string operating_system() {
  utsname name{};
  if (::uname(&name) != 0) return "unknown";
  return fmt::format("{} {} {}", name.sysname, name.release, name.machine);
}

}  // namespace

std::string orrery_version() { return ORRERY_VERSION; }

std::string utc_now() {
  return fmt::format(
      "{:%Y-%m-%dT%H:%M:%SZ}",
      fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now())));
}

std::vector<std::pair<std::string, std::string>> provenance_of(const ExperimentRecord& experiment) {
  return {
      {"experiment", experiment.name},
      {"description", experiment.description},
      {"document", experiment.document},
      {"document_digest", experiment.document_digest},
      {"baseline", experiment.baseline},
      {"metrics", fmt::format("{}", fmt::join(experiment.metrics, "\n"))},
      {"orrery_version", orrery_version()},
      {"compiler", __VERSION__},
      {"cpu", cpu_model()},
      {"cpu_threads", std::to_string(std::thread::hardware_concurrency())},
      {"operating_system", operating_system()},
      {"started", utc_now()},
  };
}

}  // namespace orrery::experiments
