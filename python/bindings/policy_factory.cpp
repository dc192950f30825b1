#include "orrery/python/bindings/policy_factory.hpp"

#include <utility>

#include <fmt/format.h>

#include "orrery/policies/placement/scorer.hpp"
#include "orrery/python/bindings/errors.hpp"
#include "orrery/python/bindings/python_placement.hpp"
#include "orrery/python/bindings/python_scoring.hpp"

namespace orrery::python {
namespace {

using policies::Parameters;
using policies::ParameterSpec;
using policies::ParameterType;
using policies::PolicyContext;
using policies::PolicyRegistry;

std::vector<ParameterSpec> provenance_parameters() {
  const auto text = [](const char* name, const char* doc) {
    return ParameterSpec{
        .name = name, .type = ParameterType::Text, .default_json = "\"\"", .doc = doc};
  };
  return {text("python", "The class, with its module."),
          text("source", "Digest of its source code."),
          text("state", "Its attributes at the start, as text.")};
}

Error cannot_make(const PythonPolicySource& source, const Parameters& parameters,
                  const std::string& why) {
  return {.at = parameters.at(),
          .message = fmt::format("policy '{}' cannot be made: {}", source.name, why)};
}

template <class Interface, class Policy>
void add(PolicyRegistry& registry, const PythonPolicySource& source) {
  registry.add_made_by<Interface>(
      source.name,
      {.summary = source.summary,
       .source = "a Python class",
       .parameters = provenance_parameters()},
      [source](const Parameters& parameters,
               const PolicyContext& context) -> Result<std::unique_ptr<Interface>> {
        const py::gil_scoped_acquire gil;
        try {
          py::object object = (*source.make)(context.seed, context.cluster.index());
          return std::make_unique<Policy>(std::move(object), source.name);
        } catch (const py::error_already_set& error) {
          return failure(cannot_make(source, parameters, error.what()));
        }
      });
}

}  // namespace

std::shared_ptr<py::object> shared_object(py::object object) {
  return {new py::object(std::move(object)), [](py::object* last) {
            const py::gil_scoped_acquire gil;
            delete last;
          }};
}

void add_python_policies(PolicyRegistry& registry, const std::vector<PythonPolicySource>& sources) {
  for (const PythonPolicySource& source : sources) {
    if (registry.find(source.kind, source.name) != nullptr) {
      raise({.at = {.file = "policies"},
             .message = fmt::format("there is a {} policy of this name already", source.kind),
             .found = source.name,
             .hint = "give the class another name, or pass {\"a name\": policy}"});
    }
    if (source.kind == policies::PlacementPolicy::kKind) {
      add<policies::PlacementPolicy, PythonPlacementPolicy>(registry, source);
    } else if (source.kind == policies::Scorer::kKind) {
      add<policies::Scorer, PythonScorer>(registry, source);
    } else if (source.kind == policies::Filter::kKind) {
      add<policies::Filter, PythonFilter>(registry, source);
    } else {
      raise({.at = {.file = "policies"},
             .message = "unknown kind of policy",
             .found = source.kind,
             .hint = suggest(source.kind, {"placement", "scorer", "filter"})});
    }
  }
}

}  // namespace orrery::python
