#pragma once

#include <string>
#include <vector>

#include "orrery/models/result.hpp"
#include "orrery/traces/kubernetes/yaml_values.hpp"

namespace orrery::traces::kubernetes {

/// A file of YAML or JSON documents, and where in it things are. JSON is known by its first
/// character; several values may follow each other, as in YAML.
class DocumentFile {
 public:
  /// Errors: those of reading (gzip and Zstandard are unpacked), those of read_yaml().
  [[nodiscard]] static Result<DocumentFile> read(const std::string& path);
  [[nodiscard]] static Result<DocumentFile> parse(std::string text, std::string name);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] std::vector<Document>& documents() { return documents_; }
  [[nodiscard]] const std::vector<Document>& documents() const { return documents_; }

  /// Where a reader of the document starts: file and document, not yet a line.
  [[nodiscard]] Location at(const Document& document) const;
  /// `error` with the line of what its pointer names. Parses the text again.
  [[nodiscard]] Error with_line(Error error) const;

 private:
  std::string name_;
  std::string text_;
  std::vector<Document> documents_;
};

/// The manifests that a path names, in order of their names: itself if it is a file, or the files
/// *.yaml, *.yml and *.json in it and below, compressed ones too. Errors: there is nothing.
[[nodiscard]] Result<std::vector<std::string>> manifest_files(const std::string& path);

}  // namespace orrery::traces::kubernetes
