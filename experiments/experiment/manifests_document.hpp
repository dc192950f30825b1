#pragma once

#include <string>

namespace orrery::experiments {

/// The experiment document of one cluster that manifests describe: a day of virtual time under
/// Kubernetes' own placement policy, highest priority first. It is named after the folder.
[[nodiscard]] std::string document_of_manifests(const std::string& path, bool ignores_unknown);

}  // namespace orrery::experiments
