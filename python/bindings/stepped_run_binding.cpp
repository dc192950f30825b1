#include "orrery/python/bindings/stepped_run_binding.hpp"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include "orrery/experiments/experiment/experiment.hpp"
#include "orrery/models/check.hpp"
#include "orrery/python/bindings/cluster_view.hpp"
#include "orrery/python/bindings/errors.hpp"
#include "orrery/python/bindings/feasible.hpp"
#include "orrery/python/bindings/features.hpp"
#include "orrery/python/bindings/variants.hpp"
#include "orrery/sim/stepping/named_totals.hpp"
#include "orrery/sim/stepping/stepped_run.hpp"

namespace orrery::python {
namespace {

using experiments::Experiment;
using experiments::VariantPlan;
using sim::SteppedRun;
using Floats = py::array_t<float>;

Floats one_number(double value) {
  Floats array(1);
  *array.mutable_data() = static_cast<float>(value);
  return array;
}

/// One run, stepped from Python. After an error, or the end, it is over and gone.
class PythonSteppedRun {
 public:
  PythonSteppedRun(const Experiment& experiment, const std::string& variant, std::uint64_t seed,
                   const std::string& cluster)
      : view_(std::make_shared<PythonView>()) {
    const VariantPlan& plan = *experiment.plan(variant_named(experiment, variant));
    auto setup = value_or_raise(
        without_gil([&] { return experiments::make_setup(plan, seed, experiment.registry()); }));
    run_ = std::make_unique<SteppedRun>(std::move(setup), cluster_named(plan, cluster));
  }
  PythonSteppedRun(const PythonSteppedRun&) = delete;
  PythonSteppedRun& operator=(const PythonSteppedRun&) = delete;
  ~PythonSteppedRun() { view_->close(); }

  /// Answers the decision (none: wait) and goes on; is there another one?
  bool advance(std::optional<std::int64_t> node) {
    const Turn turn(*this);
    if (is_at_decision_ && node) run_->place(checked_node(node_state(), *node));
    if (is_at_decision_ && !node) run_->wait();
    view_->close();
    is_at_decision_ = go_on() == SteppedRun::Stop::Decision;
    view_->open(run_->view());
    return is_at_decision_;
  }

  [[nodiscard]] std::shared_ptr<PythonView> view() const { return view_; }
  [[nodiscard]] PythonPod pod() const {
    if (!is_at_decision_) raise("there is no pod to place: the episode is over");
    return python_pod(view_->state(), run_->pod());
  }

  /// What a learner sees, new arrays all of them. `may_wait` adds an action behind those of the
  /// nodes.
  [[nodiscard]] py::dict observation(bool may_wait) const {
    const ClusterState& state = view_->state();
    const std::size_t count = state.node_count();
    Floats nodes({count, kNodeFeatures.size()});
    write_node_features(state, {nodes.mutable_data(), static_cast<std::size_t>(nodes.size())});
    Floats pod(kPodFeatures.size());
    std::fill_n(pod.mutable_data(), kPodFeatures.size(), 0.0F);
    Floats pod_seconds(2);
    std::fill_n(pod_seconds.mutable_data(), 2, 0.0F);
    // After the end every action counts as admitted, so that masked soft-maxes stay finite.
    py::array_t<std::int8_t> mask(static_cast<py::ssize_t>(count + (may_wait ? 1 : 0)));
    std::fill_n(mask.mutable_data(), mask.size(), std::int8_t{1});
    if (is_at_decision_) {
      const Pod& row = state.pod(run_->pod());
      mark_feasible(state, row, {reinterpret_cast<std::uint8_t*>(mask.mutable_data()), count});
      write_pod_features(state, row, {pod.mutable_data(), kPodFeatures.size()});
      pod_seconds.mutable_at(0) = static_cast<float>(seconds(view_->now() - row.created));
      pod_seconds.mutable_at(1) = static_cast<float>(seconds(row.estimated_duration));
    }
    py::dict shown;
    shown["nodes"] = std::move(nodes);
    shown["pod"] = std::move(pod);
    shown["pod_seconds"] = std::move(pod_seconds);
    shown["queue"] = one_number(static_cast<double>(run_->waiting()));
    shown["time"] = one_number(seconds(view_->now()));
    shown["action_mask"] = std::move(mask);
    return shown;
  }

  [[nodiscard]] py::array_t<double> totals() const {
    static_cast<void>(view_->state());  // raises when there is nothing to read
    std::vector<double> values;
    run_->read_totals(values);
    return py::array_t<double>(static_cast<py::ssize_t>(values.size()), values.data());
  }
  [[nodiscard]] bool has_fragmentation() const {
    static_cast<void>(view_->state());
    return run_->has_fragmentation();
  }

  /// The run's metrics by name, once it is over; closes the view.
  py::dict finish() {
    const Turn turn(*this);
    if (is_at_decision_) raise("the episode is not over yet");
    view_->close();
    const auto outcome = value_or_raise(guarded([&] { return run_->finish(); }));
    run_.reset();
    py::dict metrics;
    for (const MetricValue& metric : outcome.metrics) metrics[py::str(metric.name)] = metric.value;
    return metrics;
  }

 private:
  /// One thread at a time, and only as long as there is a run.
  class Turn {
   public:
    explicit Turn(PythonSteppedRun& owner) : owner_(owner) {
      if (owner.is_busy_.exchange(true)) raise("this environment is in use by another thread");
      if (owner.run_ == nullptr) {
        owner.is_busy_ = false;
        raise("the episode is over: call reset()");
      }
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() { owner_.is_busy_ = false; }

   private:
    PythonSteppedRun& owner_;
  };

  static ClusterId cluster_named(const VariantPlan& plan, const std::string& name) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < plan.clusters.size(); ++i) {
      if (plan.clusters[i].name == name) return ClusterId{i};
      names.push_back(plan.clusters[i].name);
    }
    raise({.at = {},
           .message = "there is no such cluster",
           .found = name,
           .hint = suggest(name, names)});
  }

  [[nodiscard]] const ClusterState& node_state() const { return view_->state(); }

  /// To the next decision or the end, with a look at signals now and then.
  SteppedRun::Stop go_on() {
    for (;;) {
      const auto stop = value_or_raise(guarded([&] { return run_->advance(); }));
      if (stop != SteppedRun::Stop::Breath) return stop;
      if (PyErr_CheckSignals() != 0) {
        run_.reset();
        throw py::error_already_set();
      }
    }
  }

  /// `body()` without the GIL. A run that fails is over.
  template <class Body>
  auto guarded(Body&& body) -> decltype(body()) {
    try {
      auto result = without_gil(std::forward<Body>(body));
      if (!result) run_.reset();
      return result;
    } catch (const CheckFailure& failure) {
      run_.reset();
      raise(failure.what());
    }
  }

  std::shared_ptr<PythonView> view_;
  std::unique_ptr<SteppedRun> run_;
  bool is_at_decision_ = false;
  std::atomic<bool> is_busy_{false};
};

py::list described_totals() {
  py::list all;
  for (const sim::NamedTotal& total : sim::named_totals()) {
    all.append(py::make_tuple(total.name, to_string(total.direction), total.summary));
  }
  return all;
}

}  // namespace

void bind_stepped_run(py::module_& module) {
  py::class_<PythonSteppedRun>(module, "SteppedRun",
                               "A run in which the caller places the pods of one cluster.")
      .def(py::init<const Experiment&, const std::string&, std::uint64_t, const std::string&>(),
           py::arg("experiment"), py::kw_only(), py::arg("variant"), py::arg("seed"),
           py::arg("cluster"), py::keep_alive<1, 2>())
      .def("advance", &PythonSteppedRun::advance, py::arg("node"),
           "Places the pod on a node, or lets it wait (None), and goes on. Is there another pod to "
           "place? The first call only begins.")
      .def_property_readonly("view", &PythonSteppedRun::view,
                             "The cluster: what a policy would see.")
      .def_property_readonly("pod", &PythonSteppedRun::pod, "The pod to place.")
      .def("observation", &PythonSteppedRun::observation, py::arg("may_wait"),
           "What a learner sees, as new arrays by name.")
      .def("totals", &PythonSteppedRun::totals, "Each of TOTALS so far.")
      .def_property_readonly("has_fragmentation", &PythonSteppedRun::has_fragmentation,
                             "Does the cluster know typical pods?")
      .def("finish", &PythonSteppedRun::finish, "The metrics of the run, once it is over.");
  module.attr("TOTALS") = py::tuple(described_totals());
}

}  // namespace orrery::python
