#include "orrery/orchestration/journal/journal_header.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orrery/models/check.hpp"
#include "orrery/models/json_fields.hpp"
#include "orrery/models/quantity_text.hpp"
#include "orrery/orchestration/cluster/scheduler_config_json.hpp"
#include "orrery/orchestration/journal/block_file.hpp"

namespace orrery::orchestration {
namespace {

using nlohmann::json;

template <class T>
Result<T> read_up_to(const json& value, const Location& at, std::uint64_t max) {
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() > max) {
    return json_mismatch(value, at, fmt::format("a whole number from 0 to {}", max));
  }
  return static_cast<T>(value.get<std::uint64_t>());
}

Result<std::uint64_t> read_seed(const json& value, const Location& at) {
  return read_up_to<std::uint64_t>(value, at, std::numeric_limits<std::uint64_t>::max());
}

Result<std::uint32_t> read_format(const json& value, const Location& at) {
  auto format = read_up_to<std::uint32_t>(value, at, kJournalVersion);
  if (format && *format != kJournalVersion) {
    return json_mismatch(value, at, fmt::format("the file's version, {}", kJournalVersion));
  }
  return format;
}

Result<std::uint32_t> read_cluster_id(const json& value, const Location& at) {
  return read_up_to<std::uint32_t>(value, at, ClusterId::kNone - 1);
}

Result<GpuRequest> read_gpu_request(const json& value, const Location& at) {
  GpuRequest request;
  JsonFields fields(value, at);
  fields.required("count", request.count, [](const json& count, const Location& place) {
    return read_up_to<std::uint8_t>(count, place, kGpusPerNodeMax);
  });
  fields.required("milli", request.milli, [](const json& milli, const Location& place) {
    return read_up_to<std::int16_t>(milli, place, static_cast<std::uint64_t>(kWholeGpu.count()));
  });
  return fields.finish(request);
}

Result<TypicalPod> read_typical(const json& value, const Location& at) {
  TypicalPod pod;
  JsonFields fields(value, at);
  fields.required("cpu", pod.cpu, read_cpu);
  fields.required("gpu", pod.gpu, read_gpu_request);
  fields.required("gpu_models", pod.gpu_models, read_strings);
  fields.required("pods", pod.pods, read_count);
  return fields.finish(std::move(pod));
}

Result<WorkloadProfile> read_profile(const json& value, const Location& at) {
  WorkloadProfile profile;
  JsonFields fields(value, at);
  fields.required("typical", profile.typical, [](const json& list, const Location& place) {
    return read_list(list, place, read_typical);
  });
  fields.required("pods_total", profile.pods_total, read_count);
  return fields.finish(std::move(profile));
}

json to_json(const WorkloadProfile& profile) {
  json typical = json::array();
  for (const TypicalPod& pod : profile.typical) {
    typical.push_back({{"cpu", to_text(pod.cpu)},
                       {"gpu", {{"count", pod.gpu.count}, {"milli", pod.gpu.milli}}},
                       {"gpu_models", pod.gpu_models},
                       {"pods", pod.pods}});
  }
  return {{"typical", std::move(typical)}, {"pods_total", profile.pods_total}};
}

/// How deep arrays and objects lie in each other; brackets within strings do not count.
std::size_t depth_of(std::string_view text) {
  std::size_t depth = 0;
  std::size_t deepest = 0;
  bool is_in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (is_in_string && c == '\\') {
      ++i;
    } else if (c == '"') {
      is_in_string = !is_in_string;
    } else if (!is_in_string && (c == '[' || c == '{')) {
      deepest = std::max(deepest, ++depth);
    } else if (!is_in_string && (c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return deepest;
}

struct ClusterText {
  std::uint32_t id = 0;
  std::string name;
};

Result<ClusterText> read_cluster(const json& value, const Location& at) {
  ClusterText cluster;
  JsonFields fields(value, at);
  fields.required("id", cluster.id, read_cluster_id);
  fields.required("name", cluster.name, read_string);
  return fields.finish(std::move(cluster));
}

}  // namespace

std::string header_to_json(const JournalHeader& header) {
  json policy = json::parse(header.policy_json, nullptr, false);
  ORRERY_CHECK(!policy.is_discarded(), "the policy of a journal's header is JSON");
  json document = {
      {"format", kJournalVersion},
      {"orrery", header.orrery_version.empty() ? ORRERY_VERSION : header.orrery_version},
      {"cluster", {{"id", header.cluster.index()}, {"name", header.cluster_name}}},
      {"seed", header.seed},
      {"policy", std::move(policy)},
      {"scheduler", to_json(header.scheduler)}};
  if (header.profile) document["profile"] = to_json(*header.profile);
  return document.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<JournalHeader> header_from_json(std::string_view text, const Location& at) {
  // Writing a policy as text again takes stack for each level.
  constexpr std::size_t kDeepest = 100;
  if (depth_of(text) > kDeepest) return failure({.at = at, .message = "the header nests too deep"});
  const json document = json::parse(text, nullptr, false);
  if (document.is_discarded()) {
    return failure({.at = at, .message = "the header is not valid JSON"});
  }
  JournalHeader header;
  std::uint32_t format = 0;
  ClusterText cluster;
  WorkloadProfile profile;
  JsonFields fields(document, at);
  fields.required("format", format, read_format);
  fields.required("orrery", header.orrery_version, read_string);
  fields.required("cluster", cluster, read_cluster);
  fields.required("seed", header.seed, read_seed);
  fields.required("policy", header.policy_json,
                  [](const json& policy, const Location&) -> Result<std::string> {
                    return policy.dump(-1, ' ', false, json::error_handler_t::replace);
                  });
  fields.required("scheduler", header.scheduler, read_scheduler_config);
  fields.optional("profile", profile, read_profile);
  header.cluster = ClusterId{cluster.id};
  header.cluster_name = std::move(cluster.name);
  if (fields.has("profile")) header.profile = std::move(profile);
  return fields.finish(std::move(header));
}

}  // namespace orrery::orchestration
