#include "orrery/python/bindings/statistics_binding.hpp"

#include <vector>

#include <pybind11/stl.h>
#include <boost/math/distributions/students_t.hpp>

#include "orrery/models/sample_statistics.hpp"

namespace orrery::python {
namespace {

double student_cdf(double t, double degrees_of_freedom) {
  return boost::math::cdf(boost::math::students_t(degrees_of_freedom), t);
}

double student_quantile(double probability, double degrees_of_freedom) {
  return boost::math::quantile(boost::math::students_t(degrees_of_freedom), probability);
}

}  // namespace

void bind_statistics(py::module_& module) {
  module.def("student_cdf", student_cdf, py::arg("t"), py::arg("degrees_of_freedom"));
  module.def("student_quantile", student_quantile, py::arg("probability"),
             py::arg("degrees_of_freedom"));
  module.def(
      "mser5",
      [](const std::vector<double>& values) {
        const WarmUp warm_up = mser5(values);
        return py::make_tuple(warm_up.dropped, warm_up.settled);
      },
      py::arg("values"));
}

}  // namespace orrery::python
