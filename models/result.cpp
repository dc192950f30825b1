#include "orrery/models/result.hpp"

#include <algorithm>
#include <cstddef>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace orrery {
namespace {

/// Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours.
std::size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1,
                             cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
      }
    }
  }
  return cost[a.size()][b.size()];
}

}  // namespace

std::string to_string(const Location& at) {
  std::string text = at.file;
  if (at.line > 0) text += fmt::format("{}{}", text.empty() ? "line " : ":", at.line);
  if (at.document > 0) {
    text += fmt::format("{}document {}", text.empty() ? "" : ": ", at.document);
  }
  if (!at.pointer.empty()) text += fmt::format("{}{}", text.empty() ? "" : ": ", at.pointer);
  if (!at.field.empty()) text += fmt::format("{}field '{}'", text.empty() ? "" : ": ", at.field);
  return text;
}

std::string to_string(const Error& error) {
  std::vector<std::string> parts;
  if (!error.message.empty()) parts.push_back(error.message);
  if (!error.found.empty() && !error.expected.empty()) {
    parts.push_back(fmt::format("found '{}', expected {}", error.found, error.expected));
  } else if (!error.found.empty()) {
    parts.push_back(fmt::format("found '{}'", error.found));
  } else if (!error.expected.empty()) {
    parts.push_back(fmt::format("expected {}", error.expected));
  }
  std::string text = fmt::format("{}", fmt::join(parts, ": "));
  if (!error.hint.empty()) text += fmt::format(" ({})", error.hint);
  const std::string place = to_string(error.at);
  return place.empty() ? text : fmt::format("{}: {}", place, text);
}

std::vector<std::string> nearest(const std::string& text, const std::vector<std::string>& choices) {
  // A long text would make the distance costly and is nobody's slip of the finger.
  constexpr std::size_t kLongest = 100;
  if (text.size() > kLongest) return {};
  const std::size_t limit = std::max<std::size_t>(2, text.size() / 3);
  std::vector<std::pair<std::size_t, std::string>> near;
  for (const std::string& choice : choices) {
    const std::size_t distance = edit_distance(text, choice);
    if (distance <= limit && distance < choice.size()) near.emplace_back(distance, choice);
  }
  std::sort(near.begin(), near.end());
  if (near.size() > 3) near.resize(3);
  std::vector<std::string> names;
  for (auto& [distance, name] : near) names.push_back(std::move(name));
  return names;
}

std::string suggest(const std::string& text, const std::vector<std::string>& choices) {
  const std::vector<std::string> near = nearest(text, choices);
  if (!near.empty()) return fmt::format("did you mean '{}'?", fmt::join(near, "' or '"));
  if (choices.empty()) return "";
  return fmt::format("one of: {}", fmt::join(choices, ", "));
}

}  // namespace orrery
