#pragma once

#include <string_view>

/// The shapes of names in the Kubernetes API (apimachinery v0.36.3, pkg/util/validation).
namespace orrery::traces::kubernetes {

/// Lower-case letters, digits and '-', at most 63, not '-' at the ends.
[[nodiscard]] bool is_dns_label(std::string_view text);
/// DNS labels joined by '.', at most 253 characters.
[[nodiscard]] bool is_dns_subdomain(std::string_view text);
/// A label key or the name of a resource: a name of at most 63 letters, digits, '-', '_' and '.',
/// letters or digits at the ends; before it may stand a DNS subdomain and '/'.
[[nodiscard]] bool is_qualified_name(std::string_view text);
/// As the name of a qualified name; may be empty.
[[nodiscard]] bool is_label_value(std::string_view text);

}  // namespace orrery::traces::kubernetes
