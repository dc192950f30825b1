#pragma once

#include <cstddef>
#include <string>

#include "orrery/experiments/experiment/experiment.hpp"

namespace orrery::python {

/// The number of the variant `name`, which is selected; raises orrery.Error otherwise.
[[nodiscard]] std::size_t variant_named(const experiments::Experiment& experiment,
                                        const std::string& name);

}  // namespace orrery::python
