#include "orrery/tests/traces/fuzz/fuzz_input.hpp"
#include "orrery/traces/kubernetes/expansion.hpp"
#include "orrery/traces/kubernetes/manifests.hpp"

/// Manifests of any bytes are read or refused; their pods ask for nothing negative.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace orrery;
  using namespace orrery::traces::kubernetes;
  auto file = DocumentFile::parse(std::string(data, data + size), "fuzz");
  if (!file) {
    fuzz::check_error(file.error());
    return 0;
  }
  std::vector<DocumentFile> files;
  files.push_back(std::move(*file));
  const auto manifests = read_manifests(std::move(files), OnUnknownKind::Count);
  if (!manifests) {
    fuzz::check_error(manifests.error());
    return 0;
  }
  for (const PodObject& pod : manifests->pods) {
    const PodTemplate& placement = pod.pod.placement;
    const bool is_right = pod.pod.cpu >= MilliCpu{} && pod.pod.memory >= Bytes{} &&
                          placement.cpu_unnamed >= MilliCpu{} &&
                          placement.memory_unnamed >= Bytes{} && !pod.name.name.empty() &&
                          !pod.pod.spec.containers.empty();
    if (!is_right) std::abort();
  }
  return 0;
}
