#include "orrery/experiments/document/document.hpp"

#include <fstream>
#include <iterator>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orrery/experiments/document/templates.hpp"

namespace orrery::experiments {
namespace {

using nlohmann::ordered_json;

std::vector<std::string> member_names(const ordered_json& value) {
  std::vector<std::string> names;
  if (!value.is_object()) return names;
  for (const auto& [name, member] : value.items()) names.push_back(name);
  return names;
}

/// The array index that `token` names, or nothing.
std::optional<std::size_t> index_of(const std::string& token, std::size_t size) {
  if (token.empty() || token.size() > 9 ||
      token.find_first_not_of("0123456789") != std::string::npos) {
    return std::nullopt;
  }
  const std::size_t index = std::stoul(token);
  return index < size ? std::optional(index) : std::nullopt;
}

/// Walks to where a setting goes and calls `assign(pointer, place)` on each place it names.
class Setter {
 public:
  Setter(const std::vector<std::string>& tokens, const ordered_json& value, const Location& origin)
      : tokens_(tokens), value_(value), origin_(origin) {}

  Result<void> apply(ordered_json& at, const std::string& pointer, std::size_t depth) {
    const std::string& token = tokens_[depth];
    const bool is_last = depth + 1 == tokens_.size();
    if (at.is_array()) return apply_to_array(at, pointer, depth);
    if (!at.is_object()) return nowhere(pointer, token, "");
    if (!at.contains(token) && !is_last) {
      return nowhere(pointer, token, suggest(token, member_names(at)));
    }
    const std::string next = fmt::format("{}/{}", pointer, escape_token(token));
    return is_last ? assign(at[token], next) : apply(at[token], next, depth + 1);
  }

  [[nodiscard]] const std::vector<std::string>& assigned() const { return assigned_; }

 private:
  Result<void> apply_to_array(ordered_json& at, const std::string& pointer, std::size_t depth) {
    const std::string& token = tokens_[depth];
    const bool is_last = depth + 1 == tokens_.size();
    if (token == "-" && is_last) {
      at.push_back(nullptr);
      return assign(at.back(), fmt::format("{}/{}", pointer, at.size() - 1));
    }
    const auto index = index_of(token, at.size());
    if (!index && token != "*") {
      return nowhere(pointer, token,
                     fmt::format("the array has {} elements, counted from 0", at.size()));
    }
    const std::size_t first = index.value_or(0);
    const std::size_t last = index ? *index + 1 : at.size();
    for (std::size_t i = first; i < last; ++i) {
      const std::string next = fmt::format("{}/{}", pointer, i);
      auto applied = is_last ? assign(at[i], next) : apply(at[i], next, depth + 1);
      if (!applied) return applied;
    }
    return {};
  }

  Result<void> assign(ordered_json& place, std::string pointer) {
    place = value_;
    assigned_.push_back(std::move(pointer));
    return {};
  }

  Result<void> nowhere(const std::string& pointer, const std::string& token, std::string hint) {
    return failure({.at = origin_,
                    .message = fmt::format("nothing to set: '{}' is not in {}", token,
                                           pointer.empty() ? "the document" : pointer),
                    .hint = std::move(hint)});
  }

  const std::vector<std::string>& tokens_;
  const ordered_json& value_;
  const Location& origin_;
  std::vector<std::string> assigned_;
};

bool is_at_or_below(const std::string& pointer, const std::string& ancestor) {
  return pointer.rfind(ancestor, 0) == 0 &&
         (pointer.size() == ancestor.size() || pointer[ancestor.size()] == '/');
}

}  // namespace

Result<Document> Document::parse(std::string_view text, const std::string& file) {
  LineMap lines;
  auto json = parse_json(text, file, lines);
  if (!json) return failure(std::move(json.error()));
  if (!json->is_object()) {
    return failure({.at = {.file = file, .line = 1},
                    .message = "",
                    .found = json->type_name(),
                    .expected = "an experiment: a JSON object"});
  }
  return Document(file, std::move(*json), std::move(lines));
}

Result<Document> Document::load(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file || file.bad()) {
    return failure({.at = {.file = path}, .message = "cannot read this file: is it there?"});
  }
  return parse(text, path);
}

Result<void> Document::set(const std::string& pointer, const ordered_json& value,
                           const Location& origin) {
  const auto tokens = pointer_tokens(pointer, origin);
  if (!tokens) return failure(tokens.error());
  Setter setter(*tokens, value, origin);
  if (auto applied = setter.apply(*json_, "", 0); !applied) return applied;
  for (const std::string& assigned : setter.assigned()) {
    std::erase_if(moved_, [&](const auto& entry) { return is_at_or_below(entry.first, assigned); });
    moved_[assigned] = origin;
  }
  return {};
}

Result<void> Document::set_from_text(const std::string& assignment) {
  constexpr std::size_t kShown = 80;  // of what may be a whole document
  const bool is_long = assignment.size() > kShown;
  const Location origin{
      .file = fmt::format("--set {}{}", assignment.substr(0, kShown), is_long ? "…" : "")};
  const std::size_t equals = assignment.find('=');
  if (equals == std::string::npos) {
    return failure({.at = origin,
                    .message = "",
                    .found = assignment,
                    .expected = "POINTER=VALUE, such as /horizon=7d"});
  }
  const std::string text = assignment.substr(equals + 1);
  ordered_json value = ordered_json::parse(text, nullptr, false);
  if (value.is_discarded()) value = text;
  return set(assignment.substr(0, equals), value, origin);
}

void Document::erase(const std::string& member) { json_->erase(member); }

Result<void> Document::expand_templates() {
  auto moves = expand_uses(*json_);
  if (!moves) return failure(relocate(std::move(moves.error())));
  std::map<std::string, Location, std::less<>> moved;
  for (const auto& [now, then] : *moves) moved[now] = locate(then);
  for (auto& [now, then] : moved) {
    std::erase_if(moved_, [&, &place = now](const auto& entry) {
      return is_at_or_below(entry.first, place);
    });
    moved_[now] = std::move(then);
  }
  return {};
}

Location Document::locate(const std::string& pointer) const {
  // The nearest ancestor that was moved tells where the rest of the pointer was written.
  for (std::string ancestor = pointer;; ancestor.resize(ancestor.rfind('/'))) {
    if (const auto move = moved_.find(ancestor); move != moved_.end()) {
      const Location& origin = move->second;
      if (origin.file != file_) return origin;  // from the command line
      return as_written(origin.pointer + pointer.substr(ancestor.size()));
    }
    if (ancestor.empty()) return as_written(pointer);
  }
}

Location Document::as_written(const std::string& pointer) const {
  // What is missing is reported on the line of what it is missing from.
  for (std::string at = pointer;; at.resize(at.rfind('/'))) {
    const auto line = lines_->find(at);
    if (line != lines_->end() || at.empty()) {
      return {.file = file_,
              .line = line == lines_->end() ? 0 : line->second,
              .field = "",
              .pointer = pointer};
    }
  }
}

Error Document::relocate(Error error) const {
  if (!error.at.file.empty() && error.at.file != file_) return error;  // of another file
  if (error.at.line != 0) return error;                                // relocated already
  const std::string field = std::move(error.at.field);
  error.at = locate(error.at.pointer);
  error.at.field = field;
  return error;
}

Document::Document(std::string file, ordered_json json, LineMap lines)
    : file_(std::move(file)),
      json_(std::make_shared<ordered_json>(std::move(json))),
      lines_(std::make_shared<const LineMap>(std::move(lines))) {}

Document::Document(const Document& other)
    : file_(other.file_),
      json_(std::make_shared<ordered_json>(*other.json_)),
      lines_(other.lines_),
      moved_(other.moved_) {}

Document& Document::operator=(const Document& other) {
  Document copy(other);
  std::swap(*this, copy);
  return *this;
}

}  // namespace orrery::experiments
