#include "orrery/policies/placement/kube_default/config_json.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orrery/models/json_fields.hpp"
#include "orrery/policies/placement/kube_default/plugin_args_json.hpp"

namespace orrery::policies::kube {
namespace {

using nlohmann::json;

constexpr const char* kPreemption = "DefaultPreemption";
/// Plugins of the default profile that are not simulated, or have nothing to decide here.
constexpr std::array<const char*, 11> kOthers{
    "SchedulingGates",    "PrioritySort",        "NodeName",
    "VolumeRestrictions", "NodeVolumeLimits",    "VolumeBinding",
    "VolumeZone",         "DefaultBinder",       "DynamicResources",
    "GangScheduling",     "NodeDeclaredFeatures"};
constexpr std::array<const char*, 11> kIdlePoints{
    "preEnqueue", "queueSort", "preFilter", "preScore",          "reserve",       "permit",
    "preBind",    "bind",      "postBind",  "placementGenerate", "placementScore"};

std::optional<Plugin> plugin_named(const std::string& name) {
  for (std::size_t i = 0; i < kPlugins; ++i) {
    const auto plugin = static_cast<Plugin>(i);
    if (to_string(plugin) == name) return plugin;
  }
  return std::nullopt;
}

std::vector<std::string> all_plugins() {
  std::vector<std::string> names{kPreemption};
  for (std::size_t i = 0; i < kPlugins; ++i) {
    names.emplace_back(to_string(static_cast<Plugin>(i)));
  }
  names.insert(names.end(), kOthers.begin(), kOthers.end());
  return names;
}

/// The name of a plugin that there is; "*" where all of them may be meant.
Result<std::string> read_name(const json& value, const Location& at, bool may_be_all) {
  auto name = read_string(value, at);
  if (!name || (may_be_all && *name == "*")) return name;
  const auto names = all_plugins();
  if (std::find(names.begin(), names.end(), *name) != names.end()) return name;
  return json_mismatch(value, at, "a plugin of kube-scheduler", suggest(*name, names));
}

struct Entry {
  std::string name;
  std::int64_t weight = 0;  ///< 0: not said, which is 1
};

Result<Entry> read_entry(const json& value, const Location& at, bool may_be_all) {
  Entry entry;
  JsonFields fields(value, at);
  fields.required("name", entry.name, [=](const json& name, const Location& place) {
    return read_name(name, place, may_be_all);
  });
  fields.optional("weight", entry.weight, [](const json& weight, const Location& place) {
    return read_integer(weight, place).and_then([&](std::int64_t number) -> Result<std::int64_t> {
      if (number >= 0 && number <= INT32_MAX) return number;
      return json_mismatch(weight, place, "a weight that is not negative");
    });
  });
  return fields.finish(std::move(entry));
}

/// One extension point: what it takes away, then what it adds.
struct PluginSet {
  std::vector<Entry> enabled;
  std::vector<Entry> disabled;

  [[nodiscard]] bool disables(std::string_view name) const {
    return std::any_of(disabled.begin(), disabled.end(),
                       [&](const Entry& one) { return one.name == "*" || one.name == name; });
  }
  [[nodiscard]] const Entry* enables(std::string_view name) const {
    const auto found = std::find_if(enabled.begin(), enabled.end(),
                                    [&](const Entry& one) { return one.name == name; });
    return found == enabled.end() ? nullptr : &*found;
  }
};

Result<PluginSet> read_set(const json& value, const Location& at) {
  PluginSet set;
  JsonFields fields(value, at);
  const auto entries = [](bool may_be_all) {
    return [may_be_all](const json& list, const Location& place) {
      return read_list(list, place, [may_be_all](const json& one, const Location& spot) {
        return read_entry(one, spot, may_be_all);
      });
    };
  };
  fields.optional("enabled", set.enabled, entries(false));
  fields.optional("disabled", set.disabled, entries(true));
  return fields.finish(std::move(set));
}

struct Points {
  PluginSet all;  ///< multiPoint
  PluginSet filter;
  PluginSet post_filter;
  PluginSet score;
};

/// multiPoint changes the default set; a point of its own goes before it.
void apply(const Points& points, KubeSchedulerProfile& profile) {
  const KubeSchedulerProfile plain;
  const auto weight_of = [](const Entry& entry) { return entry.weight == 0 ? 1 : entry.weight; };
  for (std::size_t i = 0; i < kPlugins; ++i) {
    const auto plugin = static_cast<Plugin>(i);
    const std::string_view name = to_string(plugin);
    const Entry* const anywhere = points.all.enables(name);
    const bool is_kept = anywhere != nullptr || !points.all.disables(name);
    profile.filters[plugin] =
        plain.filters[plugin] &&
        ((is_kept && !points.filter.disables(name)) || points.filter.enables(name) != nullptr);
    std::int64_t& weight = profile.weights[plugin];
    if (plain.weights[plugin] == 0) continue;  // it has no scores
    if (anywhere != nullptr) weight = weight_of(*anywhere);
    if (!is_kept || points.score.disables(name)) weight = 0;
    if (const Entry* const entry = points.score.enables(name)) weight = weight_of(*entry);
  }
  const bool is_kept =
      points.all.enables(kPreemption) != nullptr || !points.all.disables(kPreemption);
  profile.preempts = (is_kept && !points.post_filter.disables(kPreemption)) ||
                     points.post_filter.enables(kPreemption) != nullptr;
}

/// A plugin that is enabled at a point must have something to do there.
std::optional<Error> misplaced(const PluginSet& set, const Location& at, bool is_filter) {
  const KubeSchedulerProfile plain;
  for (std::size_t i = 0; i < set.enabled.size(); ++i) {
    const auto plugin = plugin_named(set.enabled[i].name);
    const bool fits = !plugin || (is_filter ? plain.filters[*plugin] : plain.weights[*plugin] > 0);
    if (fits && set.enabled[i].name != kPreemption) continue;
    return Error{.at = child(child(child(at, "enabled"), i), "name"),
                 .message = fmt::format("{} does not {} nodes", set.enabled[i].name,
                                        is_filter ? "filter" : "score")};
  }
  return std::nullopt;
}

Result<bool> read_plugins(const json& value, const Location& at, KubeSchedulerProfile& profile) {
  Points points;
  PluginSet idle;
  JsonFields fields(value, at);
  fields.optional("multiPoint", points.all, read_set);
  fields.optional("filter", points.filter, read_set);
  fields.optional("postFilter", points.post_filter, read_set);
  fields.optional("score", points.score, read_set);
  for (const char* const point : kIdlePoints) {
    fields.optional(point, idle, read_set);
  }
  if (auto error = misplaced(points.filter, fields.at("filter"), true)) fields.fail(*error);
  if (auto error = misplaced(points.score, fields.at("score"), false)) fields.fail(*error);
  apply(points, profile);
  return fields.finish(true);
}

Result<bool> read_plugin_config(const json& list, const Location& at,
                                KubeSchedulerProfile& profile) {
  std::set<std::string> seen;
  const auto read =
      read_list(list, at, [&](const json& one, const Location& place) -> Result<bool> {
        std::string name;
        JsonFields fields(one, place);
        fields.required("name", name, [](const json& text, const Location& spot) {
          return read_name(text, spot, false);
        });
        const json* const args = fields.find("args");
        if (fields.ok() && !seen.insert(name).second) {
          return json_mismatch(one["name"], fields.at("name"),
                               "a plugin that has no arguments yet");
        }
        if (fields.ok() && args != nullptr) {
          auto taken = read_plugin_args(name, *args, fields.at("args"), profile);
          if (!taken) return failure(std::move(taken.error()));
        }
        return fields.finish(true);
      });
  if (!read) return failure(read.error());
  return true;
}

Result<std::int32_t> read_percentage(const json& value, const Location& at) {
  return read_integer(value, at).and_then([&](std::int64_t number) -> Result<std::int32_t> {
    if (number >= 0 && number <= 100) return static_cast<std::int32_t>(number);
    return json_mismatch(value, at, "a number from 0 to 100");
  });
}

Result<KubeSchedulerConfiguration::Named> read_profile(const json& value, const Location& at,
                                                       std::int32_t percentage) {
  KubeSchedulerConfiguration::Named named;
  KubeSchedulerProfile& profile = named.profile;
  profile.percentage_of_nodes_to_score = percentage;
  bool done = false;
  JsonFields fields(value, at);
  fields.optional("schedulerName", named.scheduler_name, read_string);
  fields.optional("percentageOfNodesToScore", profile.percentage_of_nodes_to_score,
                  read_percentage);
  fields.optional("plugins", done, [&](const json& plugins, const Location& place) {
    return read_plugins(plugins, place, profile);
  });
  fields.optional("pluginConfig", done, [&](const json& list, const Location& place) {
    return read_plugin_config(list, place, profile);
  });
  return fields.finish(std::move(named));
}

auto seconds_from(std::int64_t min) {
  return [min](const json& value, const Location& at) {
    return read_integer(value, at).and_then([&](std::int64_t number) -> Result<Duration> {
      if (number >= min && number <= INT32_MAX) return Duration{std::chrono::seconds{number}};
      return json_mismatch(value, at, fmt::format("seconds, at least {}", min));
    });
  };
}

Result<bool> read_client(const json& value, const Location& at,
                         KubeSchedulerConfiguration& configuration) {
  JsonFields fields(value, at);
  for (const char* const name : {"kubeconfig", "acceptContentTypes", "contentType"}) {
    static_cast<void>(fields.find(name));
  }
  fields.optional("qps", configuration.client_qps, read_not_negative);
  fields.optional("burst", configuration.client_burst, read_integer);
  return fields.finish(true);
}

/// Two profiles of one name.
std::optional<Error> repeated(const std::vector<KubeSchedulerConfiguration::Named>& profiles,
                              const Location& at) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < profiles.size(); ++i) {
    if (names.insert(profiles[i].scheduler_name).second) continue;
    return Error{.at = child(child(at, i), "schedulerName"),
                 .message = "",
                 .found = profiles[i].scheduler_name,
                 .expected = "a name that no other profile has"};
  }
  return std::nullopt;
}

}  // namespace

Result<KubeSchedulerConfiguration> read_kube_scheduler_configuration(const json& value,
                                                                     const Location& at) {
  KubeSchedulerConfiguration read;
  std::string text;
  std::int32_t percentage = 0;
  std::int64_t parallelism = 0;
  bool done = false;
  JsonFields fields(value, at);
  const auto is_exactly = [](const char* wanted) {
    return [wanted](const json& found, const Location& place) -> Result<std::string> {
      if (found == wanted) return std::string(wanted);
      return json_mismatch(found, place, wanted);
    };
  };
  fields.required("apiVersion", text, is_exactly("kubescheduler.config.k8s.io/v1"));
  fields.required("kind", text, is_exactly("KubeSchedulerConfiguration"));
  for (const char* const name : {"leaderElection", "enableProfiling", "enableContentionProfiling",
                                 "delayCacheUntilActive", "metadata"}) {
    static_cast<void>(fields.find(name));
  }
  fields.optional("parallelism", parallelism, [](const json& workers, const Location& place) {
    return read_integer(workers, place).and_then([&](std::int64_t number) -> Result<std::int64_t> {
      if (number >= 1 && number <= INT32_MAX) return number;
      return json_mismatch(workers, place, "a number of workers, at least 1");
    });
  });
  fields.optional("percentageOfNodesToScore", percentage, read_percentage);
  fields.optional("podInitialBackoffSeconds", read.backoff_initial, seconds_from(1));
  fields.optional("podMaxBackoffSeconds", read.backoff_max, seconds_from(1));
  fields.optional("clientConnection", done, [&](const json& client, const Location& place) {
    return read_client(client, place, read);
  });
  fields.optional("profiles", read.profiles, [&](const json& list, const Location& place) {
    return read_list(list, place, [&](const json& profile, const Location& spot) {
      return read_profile(profile, spot, percentage);
    });
  });
  if (const json* const extenders = fields.find("extenders");
      extenders != nullptr && !extenders->empty()) {
    fields.fail({.at = fields.at("extenders"), .message = "extenders are not simulated"});
  }
  if (fields.ok() && read.backoff_max < read.backoff_initial) {
    fields.fail({.at = fields.at("podMaxBackoffSeconds"),
                 .message = "it must not be less than podInitialBackoffSeconds"});
  }
  if (auto error = repeated(read.profiles, fields.at("profiles"))) fields.fail(*error);
  if (read.profiles.empty()) {
    read.profiles.emplace_back();
    read.profiles.back().profile.percentage_of_nodes_to_score = percentage;
  }
  return fields.finish(std::move(read));
}

}  // namespace orrery::policies::kube
