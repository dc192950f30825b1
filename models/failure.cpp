#include "orrery/models/failure.hpp"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "orrery/models/json_fields.hpp"

namespace orrery {
namespace {

constexpr std::array kDomains{FailureDomain::Rack, FailureDomain::Zone, FailureDomain::Cluster};

Result<Distribution> read_positive_mean(const nlohmann::json& value, const Location& at) {
  Result<Distribution> read = read_duration_distribution(value, at);
  // A mean of zero would fail and repair endlessly at one instant.
  if (read && !(read->mean() > 0)) return json_mismatch(value, at, "times that are not all zero");
  return read;
}

}  // namespace

std::string_view to_string(FailureDomain domain) {
  switch (domain) {
    case FailureDomain::Rack:
      return "rack";
    case FailureDomain::Zone:
      return "zone";
    case FailureDomain::Cluster:
      return "cluster";
  }
  return "";
}

std::uint64_t OutageLog::outage_count() const {
  std::uint64_t count = 0;
  for (const NodeOutages& node : nodes) count += node.down.size();
  return count;
}

std::vector<double> OutageLog::uptimes() const {
  std::vector<double> times;
  for (const NodeOutages& node : nodes) {
    for (std::size_t i = 1; i < node.down.size(); ++i) {
      times.push_back(seconds(node.down[i].start - node.down[i - 1].end));
    }
  }
  return times;
}

std::vector<double> OutageLog::repair_times() const {
  std::vector<double> times;
  for (const NodeOutages& node : nodes) {
    for (const DownInterval& interval : node.down) {
      const bool is_cut = interval.start == kTimeZero || interval.end == kTimeZero + span;
      if (!is_cut) times.push_back(seconds(interval.end - interval.start));
    }
  }
  return times;
}

std::vector<DownInterval> merged(std::vector<DownInterval> intervals) {
  std::sort(intervals.begin(), intervals.end(), [](const DownInterval& a, const DownInterval& b) {
    return a.start != b.start ? a.start < b.start : a.end < b.end;
  });
  std::vector<DownInterval> joined;
  for (const DownInterval& interval : intervals) {
    if (interval.end <= interval.start) continue;
    if (!joined.empty() && interval.start <= joined.back().end) {
      joined.back().end = std::max(joined.back().end, interval.end);
    } else {
      joined.push_back(interval);
    }
  }
  return joined;
}

Result<FailureModel> read_failure_model(const nlohmann::json& value, const Location& at) {
  FailureModel model;
  JsonFields fields(value, at);
  fields.required("uptime", model.uptime, read_positive_mean);
  fields.required("repair", model.repair, read_positive_mean);
  return fields.finish(std::move(model));
}

Result<FailureModels> read_failure_models(const nlohmann::json& value, const Location& at) {
  FailureModels models;
  JsonFields fields(value, at);
  fields.optional("node", models.node, read_failure_model);
  for (const FailureDomain domain : kDomains) {
    std::optional<FailureModel> model;
    fields.optional(to_string(domain), model, read_failure_model);
    if (model) models.domains.push_back({domain, std::move(*model)});
  }
  return fields.finish(std::move(models));
}

nlohmann::json to_json(const FailureModel& model) {
  return {{"uptime", to_json(model.uptime, kSecondsUnit)},
          {"repair", to_json(model.repair, kSecondsUnit)}};
}

nlohmann::json to_json(const FailureModels& models) {
  nlohmann::json value = nlohmann::json::object();
  if (models.node) value["node"] = to_json(*models.node);
  for (const DomainFailureModel& domain : models.domains) {
    value[std::string(to_string(domain.domain))] = to_json(domain.model);
  }
  return value;
}

}  // namespace orrery
