#include "orrery/python/bindings/errors.hpp"

#include <string>

#include <pybind11/gil_safe_call_once.h>

namespace orrery::python {
namespace {

PYBIND11_CONSTINIT py::gil_safe_call_once_and_store<py::object> error_type;

}  // namespace

void bind_errors(py::module_& module) {
  error_type.call_once_and_store_result(
      [] { return py::object(py::module_::import("orrery.errors").attr("Error")); });
  module.attr("Error") = error_type.get_stored();
}

void raise(const std::string& text) {
  PyErr_SetString(error_type.get_stored().ptr(), text.c_str());
  throw py::error_already_set();
}

void raise(const Error& error) { raise(to_string(error)); }

}  // namespace orrery::python
