#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace orrery::traces::kubernetes {

/// What a plain (unquoted) YAML scalar means to kubectl: YAML 1.1 as go.yaml.in/yaml/v2 resolves it
/// (resolve.go, sigs.k8s.io/yaml v1.6.0). `no` is false, 0755 and 0o755 are octal, 1_000 is a
/// thousand, 12:30:00 and 2026-01-01 are text. What JSON cannot say (.inf, .nan) is text.
[[nodiscard]] nlohmann::json resolve_plain(const std::string& text);

}  // namespace orrery::traces::kubernetes
