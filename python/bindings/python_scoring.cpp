#include "orrery/python/bindings/python_scoring.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>
#include <pybind11/numpy.h>

namespace orrery::python {
namespace {

using policies::AskedOf;
using policies::ClusterView;
using policies::NodeSlice;

using Floats = py::array_t<float, py::array::c_style | py::array::forcecast>;

}  // namespace

const std::vector<float>& NodeValues::get(PythonObject& python, const py::object& method,
                                          const char* method_name, const AskedOf& asked) {
  const ClusterState& state = asked.view.state;
  if (is_current_ && pod_ == asked.id && now_ == asked.view.now &&
      values_.size() == state.node_count()) {
    return values_;
  }
  python.call(asked.view, method_name, [&](const py::object& shown) {
    const py::object answer = method(shown, python_pod(state, asked.id));
    const Floats values = Floats::ensure(answer);
    if (!values) {
      PyErr_Clear();
      python.fail(method_name, fmt::format("returned {}: expected an array with one number a node",
                                           py::repr(answer).cast<std::string>()));
    }
    if (values.ndim() != 1 || static_cast<std::size_t>(values.shape(0)) != state.node_count()) {
      python.fail(method_name, fmt::format("returned {} values for {} nodes", values.size(),
                                           state.node_count()));
    }
    values_.assign(values.data(), values.data() + values.size());
  });
  pod_ = asked.id;
  now_ = asked.view.now;
  is_current_ = true;
  return values_;
}

PythonScorer::PythonScorer(py::object object, std::string name)
    : PythonPolicy(std::move(object), std::move(name)), score_(python().method("score")) {
  if (!score_) python().fail("score", "is missing: a scorer must score the nodes");
}

PythonScorer::~PythonScorer() {
  const py::gil_scoped_acquire gil;
  score_ = py::object();
}

float PythonScorer::score(const AskedOf& asked, NodeId node) const {
  return values_.get(python(), score_, "score", asked)[node.index()];
}

void PythonScorer::score_slice(const AskedOf& asked, const NodeSlice& nodes,
                               std::span<const std::uint8_t> fits, std::span<float> scores) const {
  const std::vector<float>& values = values_.get(python(), score_, "score", asked);
  const std::span<const float> own = std::span(values).subspan(nodes.first.index(), nodes.size());
  std::copy(own.begin(), own.end(), scores.begin());
  for (std::size_t i = 0; i < own.size(); ++i) {
    if (fits[i] == 0 || !std::isnan(own[i])) continue;
    python().fail("score", fmt::format("returned NaN for node {}, on which the pod fits",
                                       nodes.first.index() + i));
  }
}

void PythonScorer::on_change(const ClusterView& view, const StateChange& change) {
  values_.forget();
  PythonPolicy::on_change(view, change);
}

PythonFilter::PythonFilter(py::object object, std::string name)
    : PythonPolicy(std::move(object), std::move(name)), admits_(python().method("admits")) {
  if (!admits_) python().fail("admits", "is missing: a filter must say which nodes it admits");
}

PythonFilter::~PythonFilter() {
  const py::gil_scoped_acquire gil;
  admits_ = py::object();
}

bool PythonFilter::admits(const AskedOf& asked, NodeId node) const {
  return values_.get(python(), admits_, "admits", asked)[node.index()] != 0;
}

void PythonFilter::on_change(const ClusterView& view, const StateChange& change) {
  values_.forget();
  PythonPolicy::on_change(view, change);
}

}  // namespace orrery::python
