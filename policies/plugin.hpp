#pragma once

#include <filesystem>

#include "orrery/models/result.hpp"
#include "orrery/policies/placement/scorer.hpp"
#include "orrery/policies/registry.hpp"

/// What a plug-in must have been built with to be loaded: the version of Orrery, and the compiler
/// and its ABI, which decide how objects lie in memory.
#define ORRERY_POLICY_VERSION "0.1.0"
#define ORRERY_POLICY_TEXT_OF(text) #text
#define ORRERY_POLICY_TEXT(text) ORRERY_POLICY_TEXT_OF(text)
#if defined(__clang__)
#define ORRERY_POLICY_COMPILER "clang " ORRERY_POLICY_TEXT(__clang_major__)
#else
#define ORRERY_POLICY_COMPILER "gcc " ORRERY_POLICY_TEXT(__GNUC__)
#endif
#define ORRERY_POLICY_ABI                                     \
  "orrery " ORRERY_POLICY_VERSION ", " ORRERY_POLICY_COMPILER \
  ", C++ ABI " ORRERY_POLICY_TEXT(__GXX_ABI_VERSION)

/// Makes a shared library a plug-in: the function that follows registers its policies.
///
///   ORRERY_POLICIES(registry) {
///     registry.add<MyPolicy>("my-policy", {.summary = "..."});
///   }
// NOLINTBEGIN(bugprone-macro-parentheses): the name of a parameter has none.
#define ORRERY_POLICIES(registry)                                                         \
  extern "C" const char orrery_policy_abi[];                                              \
  extern "C" const char orrery_policy_abi[] = ORRERY_POLICY_ABI;                          \
  extern "C" void orrery_register_policies(::orrery::policies::PolicyRegistry& registry); \
  extern "C" void orrery_register_policies(::orrery::policies::PolicyRegistry& registry)
// NOLINTEND(bugprone-macro-parentheses)

namespace orrery::policies {

/// Loads the plug-in `library` and lets it add its policies to `registry`, which keeps it loaded.
/// Errors, at `at`: there is no such file, it is no plug-in, it was built for another version or by
/// another compiler, it throws, or it registers a name that is taken.
[[nodiscard]] Result<void> load_policies(PolicyRegistry& registry,
                                         const std::filesystem::path& library, const Location& at);

}  // namespace orrery::policies
