#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "orrery/models/ids.hpp"
#include "orrery/models/result.hpp"
#include "orrery/models/workload_profile.hpp"
#include "orrery/policies/parameters.hpp"
#include "orrery/policies/placement/placement_policy.hpp"

namespace orrery::policies {

class PolicyRegistry;

/// What `orrery policies` prints of one policy. `name` and `kind` are filled in by add().
struct PolicyInfo {
  std::string name = {};
  std::string kind = {};
  std::string summary;
  std::string source = {};  ///< paper, or upstream file and version
  std::vector<ParameterSpec> parameters = {};
};

/// What a policy is built for.
struct PolicyContext {
  std::uint64_t seed = 0;
  ClusterId cluster{0};
  /// What the experiment lets policies know of the workload in advance; null: nothing.
  std::shared_ptr<const WorkloadProfile> profile = nullptr;
  const PolicyRegistry& registry;
};

/// Which policies there are, by kind and name: an explicit list, filled by one function per folder
/// (add_placement_policies) and by plug-ins. A value: two simulations may hold different ones. What
/// it built must not outlive it when plug-ins are loaded, because it keeps their code in memory.
class PolicyRegistry {
 public:
  /// Files `Policy` under its interface's kind. It is built by, in this order, a static
  /// `Result<std::unique_ptr<Policy>> make(const Parameters&, const PolicyContext&)`, a constructor
  /// with the same arguments, or its default constructor. A second policy of that name is a bug.
  template <class Policy>
  void add(std::string name, PolicyInfo info);

  /// Files what `build` makes under its interface's kind: for policies that no C++ type stands for,
  /// such as objects of another language. A second policy of that name is a bug.
  template <class Interface>
  void add_made_by(
      std::string name, PolicyInfo info,
      std::function<Result<std::unique_ptr<Interface>>(const Parameters&, const PolicyContext&)>
          build);

  /// In the order of adding; all kinds when `kind` is empty.
  [[nodiscard]] std::vector<const PolicyInfo*> list(std::string_view kind = {}) const;
  [[nodiscard]] std::vector<std::string> names(std::string_view kind) const;
  [[nodiscard]] const PolicyInfo* find(std::string_view kind, std::string_view name) const;

  /// Checks what a document says: a name, or an object with a "name" and parameters. `at` is its
  /// place. Unknown names, unknown parameters, wrong types and values out of range are errors that
  /// point at the value and list what is valid. Builds nothing: loaders use it to validate.
  [[nodiscard]] Result<PolicyChoice> choose(std::string_view kind, const nlohmann::json& document,
                                            const Location& at) const;

  /// Builds what choose() has checked. Errors: what needs the context, such as a workload profile
  /// that is not there, and exceptions of plug-ins.
  template <class Interface>
  [[nodiscard]] Result<std::unique_ptr<Interface>> make(const PolicyChoice& choice,
                                                        const PolicyContext& context) const;

  /// Keeps `resource` (the library that registered policies) as long as this registry or a copy.
  void keep(std::shared_ptr<void> resource) { kept_.push_back(std::move(resource)); }

 private:
  using Made = std::unique_ptr<void, void (*)(void*)>;
  using Build = std::function<Result<Made>(const Parameters&, const PolicyContext&)>;
  struct Entry {
    PolicyInfo info;
    Build build;
  };

  void add_entry(Entry entry);
  [[nodiscard]] const Entry* entry(std::string_view kind, std::string_view name) const;
  [[nodiscard]] Result<Made> build(std::string_view kind, const PolicyChoice& choice,
                                   const PolicyContext& context) const;

  std::vector<std::shared_ptr<void>> kept_;  // first, so that the code outlives the builders
  std::vector<Entry> entries_;
};

/// Every policy that comes with Orrery.
[[nodiscard]] PolicyRegistry with_builtin_policies();

/// The placement policy that `document` names: choose() and make() in one.
[[nodiscard]] Result<std::unique_ptr<PlacementPolicy>> make_placement(
    const nlohmann::json& document, const Location& at, const PolicyContext& context);
/// The same check without building anything.
[[nodiscard]] Result<void> validate_placement(const nlohmann::json& document, const Location& at,
                                              const PolicyRegistry& registry);

template <class Policy>
void PolicyRegistry::add(std::string name, PolicyInfo info) {
  using Interface = typename Policy::Interface;
  using Built = Result<std::unique_ptr<Interface>>;
  add_made_by<Interface>(std::move(name), std::move(info),
                         [](const Parameters& parameters, const PolicyContext& context) -> Built {
                           (void)parameters;
                           (void)context;
                           if constexpr (requires {
                                           {
                                             Policy::make(parameters, context)
                                             } -> std::same_as<Result<std::unique_ptr<Policy>>>;
                                         }) {
                             return Policy::make(parameters, context);
                           } else if constexpr (std::constructible_from<Policy, const Parameters&,
                                                                        const PolicyContext&>) {
                             return std::make_unique<Policy>(parameters, context);
                           } else {
                             return std::make_unique<Policy>();
                           }
                         });
}

template <class Interface>
void PolicyRegistry::add_made_by(
    std::string name, PolicyInfo info,
    std::function<Result<std::unique_ptr<Interface>>(const Parameters&, const PolicyContext&)>
        build) {
  info.name = std::move(name);
  info.kind = Interface::kKind;
  if constexpr (requires { Interface::common_parameters(); }) {
    for (ParameterSpec& common : Interface::common_parameters()) {
      info.parameters.push_back(std::move(common));
    }
  }
  add_entry(
      {std::move(info),
       [build = std::move(build)](const Parameters& parameters,
                                  const PolicyContext& context) -> Result<Made> {
         Result<std::unique_ptr<Interface>> made = build(parameters, context);
         if (!made) return failure(std::move(made.error()));
         return Made{made->release(), [](void* policy) { delete static_cast<Interface*>(policy); }};
       }});
}

template <class Interface>
Result<std::unique_ptr<Interface>> PolicyRegistry::make(const PolicyChoice& choice,
                                                        const PolicyContext& context) const {
  Result<Made> made = build(Interface::kKind, choice, context);
  if (!made) return failure(std::move(made.error()));
  return std::unique_ptr<Interface>(static_cast<Interface*>(made->release()));
}

}  // namespace orrery::policies
