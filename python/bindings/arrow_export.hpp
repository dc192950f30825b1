#pragma once

#include <memory>

#include "orrery/python/bindings/arrow_abi.hpp"
#include "orrery/python/bindings/table.hpp"

namespace orrery::python {

/// Describes `table` as Arrow describes record batches: a struct whose children are the columns
/// (int64, float64, large_utf8), each with its facts as field metadata. The caller releases it.
[[nodiscard]] ArrowSchema arrow_schema(const Table& table);

/// `table` as one record batch, without a copy: the buffers are the table's, which lives until the
/// batch is released. The caller releases it.
[[nodiscard]] ArrowArray arrow_array(const std::shared_ptr<const Table>& table);

/// The same as a stream of a single batch. The caller releases it.
[[nodiscard]] ArrowArrayStream arrow_stream(std::shared_ptr<const Table> table);

}  // namespace orrery::python
