#include "orrery/experiments/experiment/fork_document.hpp"

#include <set>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orrery/models/json_fields.hpp"
#include "orrery/models/quantity_text.hpp"

namespace orrery::experiments {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr int kFutures = 20;

/// What each cluster's scheduler does until the fork.
ordered_json policies_of(const ordered_json& document) {
  ordered_json policies = ordered_json::object();
  for (const ordered_json& cluster : document.at("clusters")) {
    policies[cluster.at("name").get<std::string>()] = cluster.at("scheduler").at("policy");
  }
  return policies;
}

Result<ordered_json> variants_of(const std::vector<ForkPolicy>& policies) {
  ordered_json variants = ordered_json::array();
  variants.push_back({{"name", kUnchanged}, {"set", ordered_json::object()}});
  std::set<std::string> labels{kUnchanged};
  for (const ForkPolicy& policy : policies) {
    if (!labels.insert(policy.label).second) {
      return failure({.at = {.file = "--policy"},
                      .message = "two variants of one name",
                      .found = policy.label,
                      .expected = R"(another name: --policy 'NAME={"name": …}')"});
    }
    variants.push_back(
        {{"name", policy.label},
         {"set", {{"/clusters/*/scheduler/policy", ordered_json::parse(policy.policy_json)}}}});
  }
  return variants;
}

}  // namespace

Result<ForkPolicy> parse_fork_policy(const std::string& text) {
  const std::size_t brace = text.find('{');
  if (brace == std::string::npos) {
    return ForkPolicy{.label = text, .policy_json = json(text).dump()};
  }
  const json policy = json::parse(text.substr(brace), nullptr, false);
  const bool has_label = brace > 1 && text[brace - 1] == '=';
  if ((brace > 0 && !has_label) || !policy.is_object() || !policy.contains("name") ||
      !policy["name"].is_string()) {
    return failure({.at = {.file = "--policy"},
                    .message = "",
                    .found = text,
                    .expected = R"(a policy: best-fit, {"name": "best-fit"} or NAME={"name": …})"});
  }
  return ForkPolicy{
      .label = has_label ? text.substr(0, brace - 1) : policy["name"].get<std::string>(),
      .policy_json = policy.dump()};
}

Result<std::string> fork_document(const std::string& settings, const ForkRequest& request) {
  const auto at = read_instant(json(request.at), {.file = "--at"});
  if (!at) return failure(at.error());
  if (request.end_seconds > 0 && seconds(at->time_since_epoch()) >= request.end_seconds) {
    return failure({.at = {.file = "--at"},
                    .message = "the run is over by then",
                    .found = request.at,
                    .expected = fmt::format("an instant before its end, {}",
                                            to_text(duration_from_seconds(request.end_seconds)))});
  }
  ordered_json document = ordered_json::parse(settings);
  if (document.contains("fork")) {
    return failure(
        {.at = {}, .message = "this run is a fork itself: fork the run that it comes from"});
  }
  auto variants = variants_of(request.policies);
  if (!variants) return failure(std::move(variants.error()));
  const std::string when = to_text(at->time_since_epoch());
  const std::string run = fmt::format("{}-{}-{}", document.at("name").get<std::string>(),
                                      request.variant, request.seed);
  document["name"] = fmt::format("{}-from-{}", run, when);
  document["description"] = fmt::format(
      "The run {}, forked at {}: what other policies make of the futures that it may have.", run,
      when);
  document["seeds"] = {{"first", request.seed}, {"count", kFutures}};
  document["baseline"] = kUnchanged;
  document["warm_up"] = nullptr;
  document["fork"] = {{"at", when}, {"seed", request.seed}, {"policies", policies_of(document)}};
  document["variants"] = std::move(*variants);
  return document.dump(1);
}

}  // namespace orrery::experiments
