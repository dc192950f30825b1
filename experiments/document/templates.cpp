#include "orrery/experiments/document/templates.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "orrery/experiments/document/json_text.hpp"

namespace orrery::experiments {
namespace {

using nlohmann::ordered_json;

/// Copies a document, putting templates where they are used.
class Expander {
 public:
  explicit Expander(const ordered_json& document)
      : templates_(document.contains("templates") ? document["templates"]
                                                  : ordered_json::object()) {
    for (const auto& [name, body] : templates_.items()) names_.push_back(name);
  }

  /// `then`: where `value` stands in the document as written; `now`: where the copy goes.
  ordered_json expand(const ordered_json& value, const std::string& then, const std::string& now) {
    if (value.is_object()) return expand_object(value, then, now);
    if (!value.is_array()) return value;
    ordered_json copy = ordered_json::array();
    for (std::size_t i = 0; i < value.size(); ++i) {
      copy.push_back(expand(value[i], fmt::format("{}/{}", then, i), fmt::format("{}/{}", now, i)));
    }
    return copy;
  }

  std::optional<Error> error;
  std::map<std::string, std::string> moves;

 private:
  ordered_json expand_object(const ordered_json& value, const std::string& then,
                             const std::string& now) {
    ordered_json copy = ordered_json::object();
    if (value.contains("use")) {
      for (const std::string& name : used_names(value["use"], then + "/use")) {
        merge_template(copy, name, then + "/use", now);
      }
    }
    for (const auto& [name, member] : value.items()) {
      if (name == "use") continue;
      const std::string token = escape_token(name);
      const std::string place = fmt::format("{}/{}", now, token);
      const std::string origin = fmt::format("{}/{}", then, token);
      std::erase_if(moves, [&](const auto& move) { return move.first.rfind(place, 0) == 0; });
      copy[name] = expand(member, origin, place);
      if (origin != place) moves[place] = origin;
    }
    return copy;
  }

  std::vector<std::string> used_names(const ordered_json& use, const std::string& at) {
    if (use.is_string()) return {use.get<std::string>()};
    std::vector<std::string> names;
    const bool is_list =
        use.is_array() && std::all_of(use.begin(), use.end(),
                                      [](const ordered_json& name) { return name.is_string(); });
    if (is_list) return use.get<std::vector<std::string>>();
    fail(at, use.dump(), "the name of a template, or a list of names", "");
    return names;
  }

  void merge_template(ordered_json& into, const std::string& name, const std::string& at,
                      const std::string& now) {
    if (error) return;
    if (!templates_.contains(name)) {
      return fail(at, name, "a template of this document", suggest(name, names_));
    }
    if (std::find(open_.begin(), open_.end(), name) != open_.end()) {
      open_.push_back(name);
      error = Error{.at = {.file = "", .line = 0, .field = "", .pointer = at},
                    .message = fmt::format("circular reference: {}", fmt::join(open_, " → ")),
                    .hint = "a template must not use itself, directly or through others"};
      return;
    }
    open_.push_back(name);
    const std::string body_at = fmt::format("/templates/{}", escape_token(name));
    ordered_json body = expand(templates_[name], body_at, now);
    open_.pop_back();
    if (error) return;
    if (!body.is_object()) return fail(body_at, body.dump(), "an object of members", "");
    for (auto& [member, content] : body.items()) {
      const std::string place = fmt::format("{}/{}", now, escape_token(member));
      if (!moves.contains(place)) {
        moves[place] = fmt::format("{}/{}", body_at, escape_token(member));
      }
      into[member] = std::move(content);
    }
  }

  void fail(const std::string& at, std::string found, std::string expected, std::string hint) {
    if (error) return;
    error = Error{.at = {.file = "", .line = 0, .field = "", .pointer = at},
                  .message = "",
                  .found = std::move(found),
                  .expected = std::move(expected),
                  .hint = std::move(hint)};
  }

  ordered_json templates_;
  std::vector<std::string> names_;
  std::vector<std::string> open_;  ///< templates being expanded, outermost first
};

/// A cycle among templates that nobody uses is an error too.
void check_unused_templates(const ordered_json& document, Expander& expander) {
  if (!document.contains("templates")) return;
  for (const auto& [name, body] : document["templates"].items()) {
    if (expander.error) return;
    ordered_json user = {{"use", name}};
    Expander alone(document);
    alone.expand(user, "/templates", "");
    if (alone.error) expander.error = alone.error;
  }
}

}  // namespace

Result<std::map<std::string, std::string>> expand_uses(ordered_json& document) {
  Expander expander(document);
  check_unused_templates(document, expander);
  ordered_json content = document;
  content.erase("templates");
  ordered_json expanded = expander.expand(content, "", "");
  if (expander.error) return failure(std::move(*expander.error));
  document = std::move(expanded);
  return std::move(expander.moves);
}

}  // namespace orrery::experiments
