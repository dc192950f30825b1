#include "orrery/python/bindings/experiment_binding.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <pybind11/stl.h>

#include "orrery/experiments/experiment/fork_document.hpp"
#include "orrery/experiments/experiment/library.hpp"
#include "orrery/experiments/experiment/run_variant.hpp"
#include "orrery/experiments/explain/explain.hpp"
#include "orrery/experiments/runner/runner.hpp"
#include "orrery/experiments/store/provenance.hpp"
#include "orrery/models/check.hpp"
#include "orrery/python/bindings/errors.hpp"
#include "orrery/python/bindings/interrupts.hpp"
#include "orrery/python/bindings/policy_factory.hpp"
#include "orrery/python/bindings/variants.hpp"

namespace orrery::python {
namespace {

using experiments::Experiment;
using experiments::LoadOptions;
using experiments::Progress;
using experiments::ResultsWriter;
using experiments::RunKey;
using experiments::RunnerOptions;
using experiments::SweepSummary;

using NamedRun = std::pair<std::string, std::uint64_t>;  // variant and seed

struct LoadRequest {
  std::vector<std::string> settings;
  std::vector<std::string> only;
  std::optional<std::uint64_t> first_seed;
  std::optional<std::uint64_t> replications;
  std::vector<PythonPolicySource> policies;
};

LoadOptions options_of(const LoadRequest& request) {
  return {.settings = request.settings,
          .only = request.only,
          .first_seed = request.first_seed,
          .replications = request.replications,
          .add_policies = [&request](policies::PolicyRegistry& registry) {
            add_python_policies(registry, request.policies);
          }};
}

py::dict dict_of(const SweepSummary& summary, const Experiment& experiment) {
  py::list failed;
  for (const auto& run : summary.failed) {
    py::dict one;
    one["variant"] = experiment.record().variants[run.key.variant].name;
    one["seed"] = run.key.seed;
    one["error"] = run.error;
    failed.append(one);
  }
  py::dict dict;
  dict["finished"] = summary.finished;
  dict["skipped"] = summary.skipped;
  dict["failed"] = failed;
  dict["was_interrupted"] = summary.was_interrupted;
  dict["wall_seconds"] = summary.wall_seconds;
  return dict;
}

/// All runs, or the one that `only` names by variant and seed.
std::vector<RunKey> runs_of(const Experiment& experiment, const std::optional<NamedRun>& only) {
  if (!only) return experiment.runs();
  return {{.variant = variant_named(experiment, only->first), .seed = only->second}};
}

/// Runs what `path` lacks and commits each run as it ends. The GIL is free meanwhile.
py::dict run(const Experiment& experiment, const std::string& path, std::size_t jobs,
             const py::object& on_progress, bool uses_python, const std::optional<NamedRun>& only) {
  const std::vector<RunKey> runs = runs_of(experiment, only);
  auto results =
      value_or_raise(without_gil([&] { return ResultsWriter::open(path, experiment.record()); }));
  Interrupts interrupts;
  auto run_one = experiments::simulate_runs_of(experiment);
  if (uses_python) run_one = interrupts.watched(std::move(run_one));
  const auto report = [&](const Progress& progress) {
    const py::gil_scoped_acquire gil;
    interrupts.check([&] {
      if (on_progress.is_none()) return;
      on_progress(progress.done, progress.total, progress.failed, progress.elapsed_seconds);
    });
  };
  const RunnerOptions options{
      .jobs = jobs == 0 ? std::max(1U, std::thread::hardware_concurrency()) : jobs,
      .stop = interrupts.token(),
      .on_progress = report};
  auto summary = without_gil([&]() -> Result<SweepSummary> {
    auto swept = experiments::run_sweep(runs, run_one, results, options);
    auto closed = results.close();
    if (swept && !closed) return failure(std::move(closed.error()));
    return swept;
  });
  interrupts.raise_kept();
  return dict_of(value_or_raise(std::move(summary)), experiment);
}

Experiment load(const std::string& name, const std::optional<std::string>& text,
                const LoadRequest& request) {
  return value_or_raise(text ? Experiment::parse(*text, name, options_of(request))
                             : Experiment::load(name, options_of(request)));
}

std::string explain(const Experiment& experiment, const std::string& variant, std::uint64_t pod,
                    std::uint64_t seed, const std::string& cluster, std::size_t rows) {
  const experiments::ExplainRequest request{.variant = variant_named(experiment, variant),
                                            .seed = seed,
                                            .pod = pod,
                                            .cluster = cluster,
                                            .rows_max = rows};
  try {
    return value_or_raise(
        without_gil([&] { return experiments::explain_pod(experiment, request); }));
  } catch (const CheckFailure& failure) {  // of the policy, most likely
    raise(failure.what());
  }
}

/// How many nodes each cluster has, by name.
py::dict clusters(const Experiment& experiment, const std::string& variant) {
  py::dict sizes;
  for (const auto& cluster : experiment.plan(variant_named(experiment, variant))->clusters) {
    sizes[py::str(cluster.name)] = cluster.nodes.nodes.size();
  }
  return sizes;
}

std::optional<double> horizon(const Experiment& experiment, const std::string& variant) {
  const Time end = experiment.plan(variant_named(experiment, variant))->horizon;
  if (end == kTimeMax) return std::nullopt;
  return seconds(end);
}

std::vector<std::string> variant_names(const Experiment& experiment) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < experiment.variant_count(); ++i) {
    if (experiment.plan(i) != nullptr) names.push_back(experiment.record().variants[i].name);
  }
  return names;
}

std::string fork_document(const std::string& settings, std::string variant, std::uint64_t seed,
                          std::string at, double end_seconds,
                          const std::vector<std::pair<std::string, std::string>>& policies) {
  experiments::ForkRequest request{.variant = std::move(variant),
                                   .at = std::move(at),
                                   .seed = seed,
                                   .end_seconds = end_seconds,
                                   .policies = {}};
  for (const auto& [label, policy] : policies) {
    request.policies.push_back({.label = label, .policy_json = policy});
  }
  return value_or_raise(experiments::fork_document(settings, request));
}

/// A results file that takes over runs from elsewhere; closed when it is left as a context.
class ResultsStore {
 public:
  ResultsStore(const std::string& path, const Experiment& experiment)
      : experiment_(experiment),
        writer_(value_or_raise(ResultsWriter::open(path, experiment.record()))) {
    const auto planned = writer_.plan(experiment.runs());
    if (!planned) raise(to_string(planned.error()));
  }

  [[nodiscard]] std::vector<NamedRun> missing() const {
    std::vector<NamedRun> runs;
    for (const RunKey& run : experiment_.runs()) {
      if (!writer_.finished().contains(run)) runs.emplace_back(name_of(run), run.seed);
    }
    return runs;
  }

  /// Of each run taken over: variant, seed, and the error, None where it is ok.
  py::list adopt(const std::string& path) {
    py::list adopted;
    for (const auto& run : value_or_raise(writer_.adopt(path))) {
      const bool is_ok = run.status == experiments::RunStatus::Ok;
      adopted.append(py::make_tuple(name_of(run.key), run.key.seed,
                                    is_ok ? py::object(py::none()) : py::str(run.error)));
    }
    return adopted;
  }

  void close() {
    const auto closed = writer_.close();
    if (!closed) raise(to_string(closed.error()));
  }

 private:
  [[nodiscard]] const std::string& name_of(const RunKey& run) const {
    return experiment_.record().variants[run.variant].name;
  }

  const Experiment& experiment_;
  ResultsWriter writer_;
};

void bind_results_store(py::module_& module) {
  py::class_<ResultsStore>(module, "ResultsStore", "A results file that is being written.")
      .def(py::init<const std::string&, const Experiment&>(), py::arg("path"),
           py::arg("experiment"), py::keep_alive<1, 3>())
      .def_property_readonly("missing", &ResultsStore::missing)
      .def("adopt", &ResultsStore::adopt, py::arg("path"))
      .def("close", &ResultsStore::close);
}

}  // namespace

std::size_t variant_named(const Experiment& experiment, const std::string& name) {
  for (std::size_t i = 0; i < experiment.variant_count(); ++i) {
    if (experiment.plan(i) != nullptr && experiment.record().variants[i].name == name) return i;
  }
  raise("there is no variant " + name);
}

void bind_experiment(py::module_& module) {
  py::class_<PythonPolicySource>(module, "PolicySource",
                                 "A policy in Python on its way into an experiment.")
      .def(py::init([](std::string kind, std::string name, std::string summary, py::object make) {
             return PythonPolicySource{.kind = std::move(kind),
                                       .name = std::move(name),
                                       .summary = std::move(summary),
                                       .make = shared_object(std::move(make))};
           }),
           py::kw_only(), py::arg("kind"), py::arg("name"), py::arg("summary"), py::arg("make"))
      .def_readonly("kind", &PythonPolicySource::kind)
      .def_readonly("name", &PythonPolicySource::name);

  py::class_<Experiment>(module, "Experiment", "A document, read and checked.")
      .def(py::init([](const std::string& name, const std::optional<std::string>& text,
                       std::vector<std::string> settings, std::vector<std::string> only,
                       std::optional<std::uint64_t> first_seed,
                       std::optional<std::uint64_t> replications,
                       std::vector<PythonPolicySource> policies) {
             return load(name, text,
                         {.settings = std::move(settings),
                          .only = std::move(only),
                          .first_seed = first_seed,
                          .replications = replications,
                          .policies = std::move(policies)});
           }),
           py::arg("name"), py::kw_only(), py::arg("text") = py::none(),
           py::arg("settings") = std::vector<std::string>{},
           py::arg("only") = std::vector<std::string>{}, py::arg("first_seed") = py::none(),
           py::arg("replications") = py::none(),
           py::arg("policies") = std::vector<PythonPolicySource>{})
      .def_property_readonly("name", &Experiment::name)
      .def_property_readonly("digest",
                             [](const Experiment& self) { return self.record().document_digest; })
      .def_property_readonly("variants", variant_names)
      .def_property_readonly("seeds", &Experiment::seeds)
      .def_property_readonly("notices", &Experiment::notices)
      .def("clusters", clusters, py::arg("variant"))
      .def("horizon", horizon, py::arg("variant"))
      .def("explain", explain, py::kw_only(), py::arg("variant"), py::arg("pod"), py::arg("seed"),
           py::arg("cluster"), py::arg("rows"))
      .def("run", run, py::arg("path"), py::kw_only(), py::arg("jobs") = 0,
           py::arg("on_progress") = py::none(), py::arg("uses_python") = false,
           py::arg("only") = py::none());

  bind_results_store(module);

  module.def("library", [] {
    py::dict entries;
    for (const auto& entry : experiments::library()) {
      entries[py::str(std::string(entry.name))] = std::string(entry.text);
    }
    return entries;
  });
  module.def("fork_document", fork_document, py::arg("settings"), py::kw_only(), py::arg("variant"),
             py::arg("seed"), py::arg("at"), py::arg("end_seconds"), py::arg("policies"));
  module.def("file_name_of", experiments::file_name_of, py::arg("name"));
  module.attr("__version__") = experiments::orrery_version();
}

}  // namespace orrery::python
