#pragma once

#include <string>
#include <type_traits>
#include <utility>

#include <pybind11/pybind11.h>

#include "orrery/models/result.hpp"

namespace orrery::python {

namespace py = pybind11;

/// Makes orrery.Error, which Python defines (orrery/errors.py), known to `module`.
void bind_errors(py::module_& module);

/// Raises orrery.Error with the text of `error`.
[[noreturn]] void raise(const Error& error);
/// Raises orrery.Error with `text`.
[[noreturn]] void raise(const std::string& text);

/// The value, or orrery.Error.
template <class T>
[[nodiscard]] T value_or_raise(Result<T> result) {
  if (!result) raise(result.error());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

/// What `body()` returns, while other threads may run Python.
template <class Body>
[[nodiscard]] auto without_gil(Body&& body) {
  const py::gil_scoped_release free;
  return std::forward<Body>(body)();
}

}  // namespace orrery::python
