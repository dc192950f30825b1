#include "orrery/policies/plugin.hpp"

#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <dlfcn.h>
#include <fmt/format.h>

namespace orrery::policies {
namespace {

using Register = void(PolicyRegistry&);

Error cannot_load(const std::filesystem::path& library, const Location& at, std::string why,
                  std::string hint) {
  return {.at = at,
          .message = fmt::format("cannot load policies: {}", why),
          .found = library.string(),
          .expected = "",
          .hint = std::move(hint)};
}

}  // namespace

Result<void> load_policies(PolicyRegistry& registry, const std::filesystem::path& library,
                           const Location& at) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(library, ignored)) {
    return failure(cannot_load(library, at, "there is no such file", ""));
  }
  // dlopen searches the system's folders for a name without a slash.
  const std::string path = std::filesystem::absolute(library).string();
  const std::shared_ptr<void> handle{dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL), [](void* open) {
                                       if (open != nullptr) dlclose(open);
                                     }};
  if (handle == nullptr) {
    return failure(cannot_load(library, at, dlerror(), "is it a shared library of this machine?"));
  }
  const void* abi = dlsym(handle.get(), "orrery_policy_abi");
  void* entry = dlsym(handle.get(), "orrery_register_policies");
  if (abi == nullptr || entry == nullptr) {
    return failure(cannot_load(library, at, "the library registers no policies",
                               "end its source with ORRERY_POLICIES(registry) { … }"));
  }
  const std::string_view built_for{static_cast<const char*>(abi)};
  if (built_for != ORRERY_POLICY_ABI) {
    return failure(cannot_load(
        library, at,
        fmt::format("it was built for '{}', this is '{}'", built_for, ORRERY_POLICY_ABI),
        "build it again"));
  }
  PolicyRegistry with_more = registry;
  with_more.keep(handle);
  try {
    reinterpret_cast<Register*>(entry)(with_more);
  } catch (const std::exception& exception) {
    return failure(cannot_load(library, at, exception.what(), ""));
  }
  registry = std::move(with_more);
  return {};
}

}  // namespace orrery::policies
