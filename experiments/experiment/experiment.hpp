#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "orrery/experiments/document/variants.hpp"
#include "orrery/experiments/setup/variant_plan.hpp"
#include "orrery/experiments/store/records.hpp"
#include "orrery/models/result.hpp"
#include "orrery/policies/registry.hpp"
#include "orrery/traces/trace_store.hpp"

namespace orrery::experiments {

/// What the command line, or Python, changes about a document.
struct LoadOptions {
  std::vector<std::string> settings;          ///< "POINTER=VALUE", applied before variants
  std::vector<std::string> only;              ///< names or patterns of variants; empty: all
  std::optional<std::uint64_t> first_seed;    ///< keeps the number of seeds
  std::optional<std::uint64_t> replications;  ///< the number of seeds
  /// Registers policies that the document may name besides those that come along; may be empty.
  std::function<void(policies::PolicyRegistry&)> add_policies = {};
};

/// A document, read and checked: what to run and all that its runs share. Errors found while it is
/// read point at the place to mend. Immutable once loaded; runs may read it from many threads.
class Experiment {
 public:
  /// `name` is a path, or the name of an experiment that comes with Orrery.
  [[nodiscard]] static Result<Experiment> load(const std::string& name,
                                               const LoadOptions& options = {});
  /// From text; `file` is for messages.
  [[nodiscard]] static Result<Experiment> parse(const std::string& text, const std::string& file,
                                                const LoadOptions& options = {});

  [[nodiscard]] const std::string& name() const { return record_.name; }
  [[nodiscard]] const ExperimentRecord& record() const { return record_; }
  [[nodiscard]] const std::vector<std::uint64_t>& seeds() const { return seeds_; }
  /// Variants × seeds that are selected and have all their files, variant by variant.
  [[nodiscard]] std::vector<RunKey> runs() const;
  [[nodiscard]] std::size_t variant_count() const { return plans_.size(); }
  /// How many variants are selected and have all their files.
  [[nodiscard]] std::size_t selected_count() const;
  /// For people: variants that were left out, and why.
  [[nodiscard]] const std::vector<std::string>& notices() const { return notices_; }

  /// The plan of a variant; null when it is not selected or was left out.
  [[nodiscard]] const VariantPlan* plan(std::size_t variant) const { return plans_[variant].get(); }
  [[nodiscard]] const policies::PolicyRegistry& registry() const { return *registry_; }

 private:
  Experiment() = default;
  [[nodiscard]] static Result<Experiment> build(Document document, const LoadOptions& options);
  [[nodiscard]] Result<void> read_head(const Document& document, const LoadOptions& options);
  [[nodiscard]] Result<void> plan_all(const std::vector<Variant>& variants,
                                      const Document& document, const LoadOptions& options);

  std::unique_ptr<policies::PolicyRegistry> registry_;
  std::unique_ptr<traces::TraceStore> store_;
  ExperimentRecord record_;
  std::vector<std::uint64_t> seeds_;
  std::vector<std::shared_ptr<const VariantPlan>> plans_;  ///< one a variant
  std::vector<std::string> notices_;
};

}  // namespace orrery::experiments
