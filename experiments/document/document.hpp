#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "orrery/experiments/document/json_text.hpp"
#include "orrery/models/result.hpp"

namespace orrery::experiments {

/// A JSON document that still knows where each of its values came from after settings and templates
/// have changed it, so that an error found in the result points at the line to mend. A value:
/// variants are copies with more settings.
class Document {
 public:
  /// Errors: broken JSON, with line and column; not an object.
  [[nodiscard]] static Result<Document> parse(std::string_view text, const std::string& file);
  /// Errors: no such file, unreadable; and those of parse().
  [[nodiscard]] static Result<Document> load(const std::string& path);

  Document(const Document& other);
  Document& operator=(const Document& other);
  Document(Document&&) noexcept = default;
  Document& operator=(Document&&) noexcept = default;
  ~Document() = default;

  [[nodiscard]] const nlohmann::ordered_json& json() const { return *json_; }
  [[nodiscard]] const std::string& file() const { return file_; }

  /// Puts `value` where `pointer` points; "*" stands for every element of an array, "-" appends.
  /// The last token may be new in an object, everything before it must exist. `origin` is where the
  /// setting itself stands: errors in `value` will point there.
  [[nodiscard]] Result<void> set(const std::string& pointer, const nlohmann::ordered_json& value,
                                 const Location& origin);
  /// "POINTER=VALUE" from the command line; the value is JSON, or else a plain string.
  [[nodiscard]] Result<void> set_from_text(const std::string& assignment);
  void erase(const std::string& member);

  /// Replaces each object {"use": "NAME", …} by the template of that name, its own members winning
  /// over the template's, and drops "templates". Errors: unknown names, circular references.
  [[nodiscard]] Result<void> expand_templates();

  /// Where the value that now stands at `pointer` was written.
  [[nodiscard]] Location locate(const std::string& pointer) const;
  /// An error about this document as it now is, told as one about what the user wrote.
  [[nodiscard]] Error relocate(Error error) const;

 private:
  Document(std::string file, nlohmann::ordered_json json, LineMap lines);
  [[nodiscard]] Location as_written(const std::string& pointer) const;

  std::string file_;
  std::shared_ptr<nlohmann::ordered_json> json_;  // never shared: copies copy it
  std::shared_ptr<const LineMap> lines_;          // of the file as written
  /// What no longer stands where it was written: pointer now → place then.
  std::map<std::string, Location, std::less<>> moved_;
};

}  // namespace orrery::experiments
