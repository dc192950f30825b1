#pragma once

#include <cstdint>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "orrery/models/result.hpp"

namespace orrery {

/// A number as Kubernetes writes it: "1.5", "250m", "64Gi", "1e3" (apimachinery v0.36.3,
/// pkg/api/resource/quantity.go). Held exactly to the nano; what is finer is rounded away from
/// zero, as there.
class KubernetesQuantity {
 public:
  __extension__ using Nanos = __int128;

  KubernetesQuantity() = default;
  /// |nanos| stays below 2^63 · 10^9.
  explicit KubernetesQuantity(Nanos nanos) : nanos_(nanos) {}

  /// Thousandths, rounded away from zero; saturates at the ends of 64 bits.
  [[nodiscard]] std::int64_t milli() const;
  /// Whole units, likewise.
  [[nodiscard]] std::int64_t value() const;
  /// Bit for bit upstream's AsApproximateFloat64 of the canonical form: for ratios and tolerances.
  [[nodiscard]] double approximate() const;
  [[nodiscard]] int sign() const { return nanos_ > 0 ? 1 : nanos_ < 0 ? -1 : 0; }

  friend bool operator==(KubernetesQuantity, KubernetesQuantity) = default;

 private:
  Nanos nanos_ = 0;
};

/// Reads one. Errors: no number, an unknown suffix, or 2^63 and more.
[[nodiscard]] Result<KubernetesQuantity> parse_kubernetes_quantity(std::string_view text,
                                                                   const Location& at = {});
/// The same from JSON, where it may be a bare number, too.
[[nodiscard]] Result<KubernetesQuantity> read_kubernetes_quantity(const nlohmann::json& value,
                                                                  const Location& at);

}  // namespace orrery
