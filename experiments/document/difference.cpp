#include "orrery/experiments/document/difference.hpp"

#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace orrery::experiments {
namespace {

std::string excerpt(const nlohmann::json& value) {
  constexpr std::size_t kLongest = 60;
  const std::string text = value.dump();
  return text.size() <= kLongest ? text : text.substr(0, kLongest) + "…";
}

std::string excerpt_at(const nlohmann::json& document, const std::string& pointer) {
  const nlohmann::json::json_pointer at(pointer);
  return document.contains(at) ? excerpt(document.at(at)) : "absent";
}

}  // namespace

std::string first_difference(const std::string& there, const std::string& here) {
  constexpr std::size_t kNamed = 3;
  const auto old_document = nlohmann::json::parse(there, nullptr, false);
  const auto new_document = nlohmann::json::parse(here, nullptr, false);
  if (old_document.is_discarded() || new_document.is_discarded()) return "other text";
  std::vector<std::string> places;
  const nlohmann::json changes = nlohmann::json::diff(old_document, new_document);
  for (const nlohmann::json& change : changes) {
    if (places.size() == kNamed) {
      places.push_back(fmt::format("and {} more", changes.size() - kNamed));
      break;
    }
    const auto pointer = change.at("path").get<std::string>();
    places.push_back(fmt::format("{} is {} there and {} here", pointer,
                                 excerpt_at(old_document, pointer),
                                 excerpt_at(new_document, pointer)));
  }
  return fmt::format("{}", fmt::join(places, ", "));
}

}  // namespace orrery::experiments
