#include "orrery/experiments/document/variants.hpp"

#include <set>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orrery/models/json_fields.hpp"

namespace orrery::experiments {
namespace {

using nlohmann::ordered_json;

/// A variant before it is applied: its name and where its settings stand.
struct Recipe {
  std::string name;
  std::string pointer;                ///< of the variant, or of the matrix
  std::vector<std::string> settings;  ///< pointers to objects of settings
};

Error wrong(const std::string& pointer, std::string found, std::string expected) {
  return {.at = {.file = "", .line = 0, .field = "", .pointer = pointer},
          .message = "",
          .found = std::move(found),
          .expected = std::move(expected)};
}

std::string replace_all(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

struct Axis {
  std::string name;
  std::vector<std::string> values;
};

Result<std::vector<Axis>> read_axes(const ordered_json& axes) {
  if (!axes.is_object() || axes.empty()) {
    return failure(wrong("/matrix/axes", axes.dump(), "an object of axes"));
  }
  std::vector<Axis> result;
  for (const auto& [name, values] : axes.items()) {
    const std::string at = fmt::format("/matrix/axes/{}", escape_token(name));
    if (!values.is_object() || values.empty()) {
      return failure(wrong(at, values.dump(), "an object from names to settings"));
    }
    Axis axis{.name = name, .values = {}};
    for (const auto& [value, settings] : values.items()) axis.values.push_back(value);
    result.push_back(std::move(axis));
  }
  return result;
}

/// "{pods}/{policy}", or all axes joined by "/" when the matrix does not say.
Result<std::string> name_pattern(const ordered_json& matrix, const std::vector<Axis>& axes) {
  std::string pattern;
  if (matrix.contains("names")) {
    if (!matrix["names"].is_string()) {
      return failure(wrong("/matrix/names", matrix["names"].dump(), "a string"));
    }
    pattern = matrix["names"].get<std::string>();
  }
  for (const Axis& axis : axes) {
    const std::string placeholder = fmt::format("{{{}}}", axis.name);
    if (!matrix.contains("names")) pattern += (pattern.empty() ? "" : "/") + placeholder;
    if (pattern.find(placeholder) == std::string::npos) {
      return failure(
          wrong("/matrix/names", pattern, fmt::format("a name with {} in it", placeholder)));
    }
  }
  return pattern;
}

Result<std::vector<Recipe>> matrix_recipes(const ordered_json& matrix) {
  if (!matrix.is_object() || !matrix.contains("axes")) {
    return failure(wrong("/matrix", matrix.dump(), "an object with axes"));
  }
  for (const auto& [name, value] : matrix.items()) {
    if (name == "axes" || name == "names") continue;
    return failure(
        {.at = {.file = "", .line = 0, .field = "", .pointer = "/matrix/" + escape_token(name)},
         .message = fmt::format("unknown member '{}'", name),
         .hint = suggest(name, {"axes", "names"})});
  }
  const auto axes = read_axes(matrix["axes"]);
  if (!axes) return failure(axes.error());
  const auto pattern = name_pattern(matrix, *axes);
  if (!pattern) return failure(pattern.error());

  std::vector<Recipe> recipes = {{.name = *pattern, .pointer = "/matrix", .settings = {}}};
  for (const Axis& axis : *axes) {
    std::vector<Recipe> longer;
    for (const Recipe& recipe : recipes) {
      for (const std::string& value : axis.values) {
        Recipe next = recipe;
        next.name = replace_all(next.name, fmt::format("{{{}}}", axis.name), value);
        next.settings.push_back(
            fmt::format("/matrix/axes/{}/{}", escape_token(axis.name), escape_token(value)));
        longer.push_back(std::move(next));
      }
    }
    recipes = std::move(longer);
  }
  return recipes;
}

Result<std::vector<Recipe>> listed_recipes(const ordered_json& variants) {
  std::vector<Recipe> recipes;
  if (!variants.is_array() || variants.empty()) {
    return failure(wrong("/variants", variants.dump(), "a list of at least one variant"));
  }
  for (std::size_t i = 0; i < variants.size(); ++i) {
    const ordered_json& variant = variants[i];
    const Location at{
        .file = "", .line = 0, .field = "", .pointer = fmt::format("/variants/{}", i)};
    const nlohmann::json plain = variant;
    JsonFields fields(plain, at);
    Recipe recipe{.name = "", .pointer = at.pointer, .settings = {}};
    fields.required("name", recipe.name, read_string);
    if (fields.find("set") != nullptr) recipe.settings.push_back(at.pointer + "/set");
    auto read = fields.finish(std::move(recipe));
    if (!read) return failure(std::move(read.error()));
    recipes.push_back(std::move(*read));
  }
  return recipes;
}

Result<std::vector<Recipe>> all_recipes(const ordered_json& document) {
  std::vector<Recipe> recipes;
  if (document.contains("matrix")) {
    auto matrix = matrix_recipes(document["matrix"]);
    if (!matrix) return matrix;
    recipes = std::move(*matrix);
  }
  if (document.contains("variants") && !document["variants"].is_null()) {
    auto listed = listed_recipes(document["variants"]);
    if (!listed) return listed;
    recipes.insert(recipes.end(), listed->begin(), listed->end());
  }
  if (recipes.empty()) recipes.push_back({.name = "default", .pointer = "", .settings = {}});
  std::set<std::string> names;
  for (const Recipe& recipe : recipes) {
    if (names.insert(recipe.name).second && !recipe.name.empty()) continue;
    return failure(wrong(recipe.pointer, recipe.name, "a name that no other variant has"));
  }
  return recipes;
}

Result<Document> apply(const Document& base, const Document& original, const Recipe& recipe) {
  Document document = base;
  for (const std::string& pointer : recipe.settings) {
    const ordered_json& settings = original.json().at(ordered_json::json_pointer(pointer));
    if (!settings.is_object()) {
      return failure(original.relocate(
          wrong(pointer, settings.dump(), "an object from JSON pointers to values")));
    }
    for (const auto& [target, value] : settings.items()) {
      const Location origin = original.locate(fmt::format("{}/{}", pointer, escape_token(target)));
      if (auto set = document.set(target, value, origin); !set) return failure(set.error());
    }
  }
  if (auto expanded = document.expand_templates(); !expanded) return failure(expanded.error());
  return document;
}

}  // namespace

Result<std::vector<Variant>> expand_variants(const Document& document) {
  const auto recipes = all_recipes(document.json());
  if (!recipes) return failure(document.relocate(recipes.error()));
  Document base = document;
  for (const char* shared : {"matrix", "variants", "seeds", "baseline"}) base.erase(shared);
  std::vector<Variant> variants;
  variants.reserve(recipes->size());
  for (const Recipe& recipe : *recipes) {
    auto applied = apply(base, document, recipe);
    if (!applied) return failure(std::move(applied.error()));
    variants.push_back({.name = recipe.name, .document = std::move(*applied)});
  }
  return variants;
}

bool matches(const std::string& pattern, const std::string& name) {
  // Greedy with one point of return: the last "*".
  std::size_t p = 0;
  std::size_t n = 0;
  std::size_t star = std::string::npos;
  std::size_t resume = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = n;
    } else if (p < pattern.size() && pattern[p] == name[n]) {
      ++p;
      ++n;
    } else if (star != std::string::npos) {
      p = star + 1;
      n = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace orrery::experiments
