#include "orrery/python/bindings/trace_binding.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <pybind11/numpy.h>
#include <pybind11/stl.h>
#include <nlohmann/json.hpp>

#include "orrery/python/bindings/errors.hpp"
#include "orrery/traces/canonical.hpp"
#include "orrery/traces/template_json.hpp"

namespace orrery::python {
namespace {

using traces::CanonicalWriter;
using traces::WorkloadItem;

using Integers = py::array_t<std::int64_t, py::array::c_style | py::array::forcecast>;
using Templates = std::vector<std::shared_ptr<const PodTemplate>>;

/// One entry for each pod. Python has checked and sorted them (orrery/traces.py).
struct PodColumns {
  Integers arrival;   ///< ns
  Integers cpu;       ///< milli
  Integers memory;    ///< bytes
  Integers service;   ///< ns; negative: never ends
  Integers estimate;  ///< ns; 0: none
  Integers gang_size;
  Integers gang;
  Integers pod_template;  ///< index into the templates
  Integers cluster;       ///< index into the clusters; negative: any
};

Result<Templates> read_templates(const std::vector<std::string>& texts) {
  Templates templates;
  for (const std::string& text : texts) {
    auto read = traces::read_pod_template(nlohmann::json::parse(text), {.file = "trace"});
    if (!read) return failure(std::move(read.error()));
    templates.push_back(std::make_shared<const PodTemplate>(std::move(*read)));
  }
  return templates;
}

Result<void> write(const std::string& path, const std::string& description,
                   const PodColumns& columns, const Templates& templates,
                   const std::vector<std::string>& clusters) {
  auto sink = traces::create_file(path);
  if (!sink) return failure(std::move(sink.error()));
  CanonicalWriter writer(std::move(*sink));
  if (auto error = writer.begin(description)) return failure(std::move(*error));
  WorkloadItem item;
  for (py::ssize_t i = 0; i < columns.arrival.shape(0); ++i) {
    const auto number = [i](const Integers& column) { return column.data()[i]; };
    item.arrival = kTimeZero + Duration{number(columns.arrival)};
    item.cpu = MilliCpu{number(columns.cpu)};
    item.memory = Bytes{number(columns.memory)};
    const std::int64_t service = number(columns.service);
    item.service = service < 0 ? Duration::max() : Duration{service};
    item.estimate = Duration{number(columns.estimate)};
    item.gang_size = static_cast<std::uint32_t>(number(columns.gang_size));
    item.gang = static_cast<std::uint64_t>(number(columns.gang));
    item.source_row = static_cast<std::uint64_t>(i) + 1;
    item.pod_template = templates.at(static_cast<std::size_t>(number(columns.pod_template)));
    const std::int64_t cluster = number(columns.cluster);
    item.cluster = cluster < 0 ? "" : clusters.at(static_cast<std::size_t>(cluster));
    if (auto error = writer.write(item)) return failure(std::move(*error));
  }
  if (auto error = writer.finish()) return failure(std::move(*error));
  return {};
}

}  // namespace

void bind_trace(py::module_& module) {
  module.def(
      "write_trace",
      [](const std::string& path, const std::string& description, Integers arrival, Integers cpu,
         Integers memory, Integers service, Integers estimate, Integers gang_size, Integers gang,
         Integers pod_template, const std::vector<std::string>& templates, Integers cluster,
         const std::vector<std::string>& clusters) {
        const PodColumns columns{.arrival = std::move(arrival),
                                 .cpu = std::move(cpu),
                                 .memory = std::move(memory),
                                 .service = std::move(service),
                                 .estimate = std::move(estimate),
                                 .gang_size = std::move(gang_size),
                                 .gang = std::move(gang),
                                 .pod_template = std::move(pod_template),
                                 .cluster = std::move(cluster)};
        const Templates read = value_or_raise(read_templates(templates));
        value_or_raise(
            without_gil([&] { return write(path, description, columns, read, clusters); }));
      },
      py::arg("path"), py::arg("description"), py::kw_only(), py::arg("arrival"), py::arg("cpu"),
      py::arg("memory"), py::arg("service"), py::arg("estimate"), py::arg("gang_size"),
      py::arg("gang"), py::arg("pod_template"), py::arg("templates"), py::arg("cluster"),
      py::arg("clusters"));
}

}  // namespace orrery::python
