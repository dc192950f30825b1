#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include "orrery/python/bindings/arrow_export.hpp"
#include "orrery/python/bindings/errors.hpp"
#include "orrery/python/bindings/results_binding.hpp"
#include "orrery/python/bindings/table.hpp"

namespace orrery::python {
namespace {

using SharedTable = std::shared_ptr<Table>;

/// A capsule as the Arrow PyCapsule interface wants it: releases what nobody has moved out.
template <class Structure>
py::object capsule_of(Structure structure, const char* name) {
  PyObject* const capsule = PyCapsule_New(new Structure(structure), name, [](PyObject* dying) {
    auto* const owned =
        static_cast<Structure*>(PyCapsule_GetPointer(dying, PyCapsule_GetName(dying)));
    if (owned->release != nullptr) owned->release(owned);
    delete owned;
  });
  return py::reinterpret_steal<py::object>(capsule);
}

const Column& column_named(const Table& table, const std::string& name) {
  const Column* const column = table.find(name);
  if (column != nullptr) return *column;
  std::vector<std::string> names;
  for (const Column& one : table.columns) names.push_back(one.name());
  throw py::key_error(to_string(Error{.at = {},
                                      .message = "there is no such column",
                                      .found = name,
                                      .hint = suggest(name, names)}));
}

template <class Value>
py::array view_of(const SharedTable& table, const std::vector<Value>& values) {
  const py::capsule owner(new SharedTable(table),
                          [](void* kept) { delete static_cast<SharedTable*>(kept); });
  py::array array(py::dtype::of<Value>(), {static_cast<py::ssize_t>(values.size())}, values.data(),
                  owner);
  array.attr("flags").attr("writeable") = false;
  return array;
}

py::list texts_of(const Column& column) {
  py::list texts(column.size());
  for (std::size_t row = 0; row < column.size(); ++row) {
    if (column.is_null(row)) {
      texts[row] = py::none();
    } else {
      texts[row] = py::str(std::string(column.text(row)));
    }
  }
  return texts;
}

/// Numbers as a read-only array over the table's memory; missing numbers are NaN. Whole numbers of
/// which some are missing become an array of floats, texts a list.
py::object values_of(const SharedTable& table, const std::string& name) {
  const Column& column = column_named(*table, name);
  switch (column.type()) {
    case ColumnType::Number:
      return view_of(table, column.numbers());
    case ColumnType::Text:
      return texts_of(column);
    case ColumnType::Integer:
      break;
  }
  if (column.null_count() == 0) return view_of(table, column.integers());
  py::array_t<double> floats(static_cast<py::ssize_t>(column.size()));
  for (std::size_t row = 0; row < column.size(); ++row) {
    floats.mutable_at(row) =
        column.is_null(row) ? std::nan("") : static_cast<double>(column.integers()[row]);
  }
  return floats;
}

py::dict facts_of(const Table& table, const std::string& name) {
  py::dict facts;
  for (const auto& [key, value] : column_named(table, name).facts()) facts[py::str(key)] = value;
  return facts;
}

const char* type_of(const Table& table, const std::string& name) {
  switch (column_named(table, name).type()) {
    case ColumnType::Integer:
      return "int64";
    case ColumnType::Number:
      return "float64";
    case ColumnType::Text:
      return "text";
  }
  return "";
}

}  // namespace

void bind_table(py::module_& module) {
  py::class_<Table, SharedTable>(module, "Table", "Columns of one length, in Arrow's layout.")
      .def_property_readonly("column_names",
                             [](const Table& self) {
                               std::vector<std::string> names;
                               for (const Column& one : self.columns) names.push_back(one.name());
                               return names;
                             })
      .def("__len__", &Table::rows)
      .def("values", values_of, py::arg("name"))
      .def("facts", facts_of, py::arg("name"))
      .def("type", type_of, py::arg("name"))
      .def("__arrow_c_schema__",
           [](const Table& self) { return capsule_of(arrow_schema(self), "arrow_schema"); })
      .def(
          "__arrow_c_stream__",
          [](const SharedTable& self, const py::object& /*requested_schema*/) {
            return capsule_of(arrow_stream(self), "arrow_array_stream");
          },
          py::arg("requested_schema") = py::none())
      .def(
          "__arrow_c_array__",
          [](const SharedTable& self, const py::object& /*requested_schema*/) {
            return py::make_tuple(capsule_of(arrow_schema(*self), "arrow_schema"),
                                  capsule_of(arrow_array(self), "arrow_array"));
          },
          py::arg("requested_schema") = py::none());
}

}  // namespace orrery::python
