#pragma once

#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "orrery/policies/registry.hpp"
#include "orrery/policies/scaling/scaling_policy.hpp"

namespace orrery::test {

/// The scaling policy `name` as a document at /policy would ask for it, or what is wrong.
inline Result<std::unique_ptr<policies::ScalingPolicy>> try_make_scaling(
    const std::string& name, nlohmann::json parameters) {
  using policies::ScalingPolicy;
  const policies::PolicyRegistry registry = policies::with_builtin_policies();
  parameters["name"] = name;
  const Location at{.file = "study.json", .pointer = "/policy"};
  const auto choice = registry.choose(ScalingPolicy::kKind, parameters, at);
  if (!choice) return failure(choice.error());
  return registry.make<ScalingPolicy>(*choice, {.registry = registry});
}

inline std::unique_ptr<policies::ScalingPolicy> make_scaling(const std::string& name,
                                                             const nlohmann::json& parameters) {
  auto made = try_make_scaling(name, parameters);
  EXPECT_TRUE(made) << to_string(made.error());
  return made ? std::move(*made) : nullptr;
}

}  // namespace orrery::test
