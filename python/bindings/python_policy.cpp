#include "orrery/python/bindings/python_policy.hpp"

#include <fmt/format.h>

namespace orrery::python {
namespace {

/// As Python prints it, without the end of the last line.
std::string joined(const py::object& lines) {
  auto text = py::str("").attr("join")(lines).cast<std::string>();
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

std::string traceback_of(const py::error_already_set& error) {
  const py::object trace = error.trace() ? py::object(error.trace()) : py::none();
  return joined(py::module_::import("traceback")
                    .attr("format_exception")(error.type(), error.value(), trace));
}

/// "ValueError: no such thing": the first line of what was raised.
std::string summary_of(const py::error_already_set& error) {
  const std::string text = joined(
      py::module_::import("traceback").attr("format_exception_only")(error.type(), error.value()));
  return text.substr(0, text.find('\n'));
}

}  // namespace

PythonObject::PythonObject(py::object object, std::string name)
    : name_(std::move(name)),
      object_(std::move(object)),
      view_(std::make_shared<PythonView>()),
      view_object_(py::cast(view_)) {}

PythonObject::~PythonObject() {
  const py::gil_scoped_acquire gil;
  view_object_ = py::object();
  view_.reset();
  object_ = py::object();
}

py::object PythonObject::method(const char* name) const {
  if (!py::hasattr(object_, name)) return {};
  py::object method = object_.attr(name);
  if (py::hasattr(method, "_orrery_default")) return {};
  return method;
}

void PythonObject::fail(const char* method, const std::string& why) const {
  throw PolicyFailure(fmt::format("policy '{}': {}() {}", name_, method, why));
}

void PythonObject::fail_from(py::error_already_set& error, const char* method) const {
  std::string summary;
  std::string traceback;
  try {
    summary = summary_of(error);
    traceback = traceback_of(error);
  } catch (py::error_already_set& worse) {
    traceback = worse.what();  // its text raises, too
  }
  throw PolicyFailure(
      fmt::format("policy '{}': {}() raised {}\n{}\n", name_, method, summary, traceback));
}

}  // namespace orrery::python
