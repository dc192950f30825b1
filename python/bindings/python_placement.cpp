#include "orrery/python/bindings/python_placement.hpp"

#include <utility>

#include <fmt/format.h>
#include <pybind11/numpy.h>

#include "orrery/python/bindings/placement_answer.hpp"

namespace orrery::python {
namespace {

using policies::ClusterView;
using policies::Explanation;
using policies::Placement;

using Scores = py::array_t<double, py::array::c_style | py::array::forcecast>;

/// A column of scores, one per node; refused nodes may hold anything.
Scores scores_of(const PythonObject& python, const std::string& name, const py::handle& values,
                 std::size_t nodes) {
  Scores scores = Scores::ensure(values);
  if (!scores) {
    PyErr_Clear();
    python.fail("explain", fmt::format("gave a column '{}' that is no array of numbers", name));
  }
  if (scores.ndim() != 1 || static_cast<std::size_t>(scores.shape(0)) != nodes) {
    python.fail("explain",
                fmt::format("gave a column '{}' of another length than the {} nodes", name, nodes));
  }
  return scores;
}

}  // namespace

PythonPlacementPolicy::PythonPlacementPolicy(py::object object, std::string name)
    : PythonPolicy(std::move(object), std::move(name)),
      place_(python().method("place")),
      place_gang_(python().method("place_gang")),
      explain_(python().method("explain")) {
  if (!place_) python().fail("place", "is missing: a placement policy must say where a pod goes");
}

PythonPlacementPolicy::~PythonPlacementPolicy() {
  const py::gil_scoped_acquire gil;
  place_ = py::object();
  place_gang_ = py::object();
  explain_ = py::object();
}

Placement PythonPlacementPolicy::place(const ClusterView& view, PodId pod) {
  return python().call(view, "place", [&](const py::object& shown) {
    const py::object answer = place_(shown, python_pod(view.state, pod));
    return placement_of(python(), "place", view, pod, answer);
  });
}

std::vector<Placement> PythonPlacementPolicy::place_gang(const ClusterView& view,
                                                         std::span<const PodId> pods,
                                                         policies::GangScratch& scratch) {
  if (!place_gang_) return PlacementPolicy::place_gang(view, pods, scratch);
  return python().call(view, "place_gang", [&](const py::object& shown) {
    py::list members;
    for (const PodId pod : pods) members.append(python_pod(view.state, pod));
    const py::object answer = place_gang_(shown, members);
    std::vector<Placement> placements;
    if (answer.is_none()) return placements;
    if (!py::isinstance<py::sequence>(answer) || py::len(answer) != pods.size()) {
      python().fail("place_gang", fmt::format("returned {}: expected a list of {} placements, one "
                                              "for each pod, or None to let the gang wait",
                                              py::repr(answer).cast<std::string>(), pods.size()));
    }
    for (std::size_t i = 0; i < pods.size(); ++i) {
      const py::object one = answer[py::int_(i)];
      Placement placement = placement_of(python(), "place_gang", view, pods[i], one);
      if (!placement.is_bind()) {
        python().fail("place_gang", "returned None for one pod of a gang: all or nothing");
      }
      scratch.assume(pods[i], placement);
      placements.push_back(placement);
    }
    return placements;
  });
}

Explanation PythonPlacementPolicy::explain(const ClusterView& view, PodId pod) {
  if (!explain_) return PlacementPolicy::explain(view, pod);
  Explanation explanation = policies::explain_filters(view, pod);
  explanation.placement = place(view, pod);
  return python().call(view, "explain", [&](const py::object& shown) {
    const py::object answer = explain_(shown, python_pod(view.state, pod));
    if (!py::isinstance<py::dict>(answer)) {
      python().fail("explain",
                    "must return a dict from names of scores to arrays, one entry per "
                    "node; 'total' is what the policy maximises");
    }
    for (const auto& [key, values] : answer.cast<py::dict>()) {
      const auto name = py::str(key).cast<std::string>();
      const Scores scores = scores_of(python(), name, values, explanation.rows.size());
      const bool is_total = name == "total";
      if (!is_total) explanation.columns.push_back(name);
      for (Explanation::Row& row : explanation.rows) {
        const double score = scores.at(row.node.index());
        if (is_total) row.total = score;
        if (!is_total && row.filter == "fits") row.scores.push_back(score);
      }
    }
    return std::move(explanation);
  });
}

}  // namespace orrery::python
