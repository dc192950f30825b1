#pragma once

#include <string>
#include <vector>

#include "orrery/experiments/document/document.hpp"
#include "orrery/models/result.hpp"

namespace orrery::experiments {

/// One setting of the experiment: the document after the variant's settings and with templates
/// expanded, without what concerns several variants.
struct Variant {
  std::string name;
  Document document;
};

/// Expands "matrix" (every combination of its axes, the last axis fastest) and then "variants";
/// without either there is one variant, "default". Errors: names that occur twice, settings that
/// lead nowhere, unknown axes in the name.
[[nodiscard]] Result<std::vector<Variant>> expand_variants(const Document& document);

/// Does `name` match `pattern`, in which "*" stands for any text?
[[nodiscard]] bool matches(const std::string& pattern, const std::string& name);

}  // namespace orrery::experiments
