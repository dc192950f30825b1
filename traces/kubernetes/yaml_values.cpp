#include "orrery/traces/kubernetes/yaml_values.hpp"

#include <map>
#include <optional>
#include <sstream>
#include <utility>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include "orrery/traces/kubernetes/yaml_scalar.hpp"

namespace orrery::traces::kubernetes {
namespace {

using nlohmann::json;

constexpr std::size_t kAliasedValuesMax = 1'000'000;

/// What is wrong with a document that the parser takes; caught where the parser is called.
struct Refusal {
  YAML::Mark at;
  std::string message;
  std::string found;
};

std::uint64_t line_of(const YAML::Mark& mark) {
  return mark.is_null() ? 0 : static_cast<std::uint64_t>(mark.line) + 1;
}

std::string key_text(const json& key, const YAML::Mark& at) {
  if (key.is_string()) return key.get<std::string>();
  if (key.is_number() || key.is_boolean()) return key.dump();
  throw Refusal{at, "a key must be text", key.is_null() ? "null" : "a list or a map"};
}

/// Scalars with a tag of YAML's own are what the tag says; other tags mean nothing.
json scalar_value(const YAML::Mark& at, const std::string& tag, const std::string& text) {
  if (tag == "!" || tag == "tag:yaml.org,2002:str" || tag == "tag:yaml.org,2002:binary") {
    return text;
  }
  if (tag == "?" || tag.empty()) return resolve_plain(text);
  json value = resolve_plain(text);
  const bool is_right = (tag == "tag:yaml.org,2002:int" && value.is_number_integer()) ||
                        (tag == "tag:yaml.org,2002:float" && value.is_number()) ||
                        (tag == "tag:yaml.org,2002:bool" && value.is_boolean()) ||
                        (tag == "tag:yaml.org,2002:null" && value.is_null());
  if (is_right) return value;
  if (tag.rfind("tag:yaml.org,2002:", 0) != 0 || tag.ends_with(":timestamp")) return text;
  throw Refusal{at, "the text is not what its tag says", text};
}

/// The library gives empty documents without end for one that begins with what cannot begin a
/// value, such as a comma: it never takes that token.
class DocumentStarts {
 public:
  void next(const YAML::Mark& at) {
    if (at.pos <= last_)
      throw Refusal{at, "this is not YAML: a document cannot begin like this", ""};
    last_ = at.pos;
  }

 private:
  int last_ = -1;
};

/// Builds the values of one document after the other.
class ValueBuilder final : public YAML::EventHandler {
 public:
  std::vector<Document> documents;

  void OnDocumentStart(const YAML::Mark& at) override {
    starts_.next(at);
    ++number_;
    anchors_.clear();
    aliased_ = 0;
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& at, YAML::anchor_t anchor) override { add(nullptr, at, anchor); }
  void OnScalar(const YAML::Mark& at, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    const bool is_plain = tag == "?" || tag.empty();
    if (is_plain && text == "<<" && expects_key()) {
      frames_.back().is_merge = true;
      frames_.back().key.emplace();
      return;
    }
    add(scalar_value(at, tag, text), at, anchor);
  }
  void OnAlias(const YAML::Mark& at, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) throw Refusal{at, "an alias within the value that it names", ""};
    aliased_ += found->second.values;
    if (aliased_ > kAliasedValuesMax) throw Refusal{at, "aliases grow beyond a million values", ""};
    add(found->second.value, at, 0);
    if (!frames_.empty()) frames_.back().values += found->second.values;
  }
  void OnSequenceStart(const YAML::Mark& at, const std::string& /*tag*/, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    frames_.push_back({.value = json::array(), .begin = at, .anchor = anchor});
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& at, const std::string& /*tag*/, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    frames_.push_back({.value = json::object(), .begin = at, .anchor = anchor});
  }
  void OnMapEnd() override { close(); }

 private:
  /// A list or a map that is not complete.
  struct Frame {
    json value;
    YAML::Mark begin;
    YAML::anchor_t anchor = 0;
    std::optional<std::string> key;  ///< of a map: its value comes next
    bool is_merge = false;           ///< `key` is a merge key
    json merged;                     ///< what merge keys give; keys of the map's own go first
    std::size_t values = 1;
  };
  struct Anchor {
    json value;
    std::size_t values = 1;
  };

  [[nodiscard]] bool expects_key() const {
    return !frames_.empty() && frames_.back().value.is_object() && !frames_.back().key;
  }

  void close() {
    Frame frame = std::move(frames_.back());
    frames_.pop_back();
    if (frame.merged.is_object()) {
      for (auto& [key, value] : frame.merged.items()) frame.value.emplace(key, std::move(value));
    }
    const std::size_t values = frame.values;
    add(std::move(frame.value), frame.begin, frame.anchor, values);
    if (!frames_.empty()) frames_.back().values += values;
  }

  void add(json value, const YAML::Mark& at, YAML::anchor_t anchor, std::size_t values = 1) {
    if (anchor != 0) anchors_[anchor] = {value, values};
    if (frames_.empty()) {
      documents.push_back({.value = std::move(value), .number = number_});
      return;
    }
    Frame& frame = frames_.back();
    if (frame.value.is_array()) {
      frame.value.push_back(std::move(value));
    } else if (!frame.key) {
      frame.key = key_text(value, at);
      if (frame.value.contains(*frame.key)) {
        throw Refusal{at, "the key is there twice", *frame.key};
      }
    } else if (frame.is_merge) {
      merge(frame, value, at);
    } else {
      frame.value[*frame.key] = std::move(value);
      frame.key.reset();
    }
  }

  /// `<<: *map` or `<<: [*map, *other]`: the first that has a key gives its value.
  static void merge(Frame& frame, const json& value, const YAML::Mark& at) {
    if (frame.merged.is_null()) frame.merged = json::object();
    const auto take = [&](const json& map) {
      if (!map.is_object()) throw Refusal{at, "a merge key takes a map or a list of maps", ""};
      for (const auto& [key, item] : map.items()) frame.merged.emplace(key, item);
    };
    if (value.is_array()) {
      for (const json& map : value) take(map);
    } else {
      take(value);
    }
    frame.is_merge = false;
    frame.key.reset();
  }

  std::vector<Frame> frames_;
  std::map<YAML::anchor_t, Anchor> anchors_;
  DocumentStarts starts_;
  std::uint64_t number_ = 0;
  std::size_t aliased_ = 0;
};

std::vector<std::string> tokens_of(const std::string& pointer) {
  const json::json_pointer parsed(pointer);
  std::vector<std::string> tokens;
  for (json::json_pointer rest = parsed; !rest.empty(); rest.pop_back()) {
    tokens.insert(tokens.begin(), rest.back());
  }
  return tokens;
}

/// Follows a pointer through the events and keeps the line of the deepest thing that is on its way.
class LineFinder final : public YAML::EventHandler {
 public:
  LineFinder(std::uint64_t number, const std::string& pointer)
      : wanted_(number), tokens_(tokens_of(pointer)) {}

  std::uint64_t line = 0;

  void OnDocumentStart(const YAML::Mark& /*at*/) override { ++number_; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& at, YAML::anchor_t /*anchor*/) override { leaf(at, ""); }
  void OnAlias(const YAML::Mark& at, YAML::anchor_t /*anchor*/) override { leaf(at, ""); }
  void OnScalar(const YAML::Mark& at, const std::string& /*tag*/, YAML::anchor_t /*anchor*/,
                const std::string& text) override {
    leaf(at, text);
  }
  void OnSequenceStart(const YAML::Mark& at, const std::string& /*tag*/, YAML::anchor_t /*anchor*/,
                       YAML::EmitterStyle::value /*style*/) override {
    begin(at, false);
  }
  void OnSequenceEnd() override { end(); }
  void OnMapStart(const YAML::Mark& at, const std::string& /*tag*/, YAML::anchor_t /*anchor*/,
                  YAML::EmitterStyle::value /*style*/) override {
    begin(at, true);
  }
  void OnMapEnd() override { end(); }

 private:
  struct Level {
    bool is_map = false;
    bool is_on_way = false;  ///< the pointer leads here
    bool has_key = false;
    bool is_key_wanted = false;
    std::uint64_t key_line = 0;
    std::size_t index = 0;
  };

  /// Is the value that begins now on the pointer's way? Notes its line, the key's if it has one.
  bool enter(const YAML::Mark& at) {
    if (number_ != wanted_) return false;
    if (levels_.empty()) {
      line = line_of(at);
      return true;
    }
    const Level& level = levels_.back();
    const std::size_t depth = levels_.size() - 1;
    if (!level.is_on_way || depth >= tokens_.size()) return false;
    const bool is_wanted =
        level.is_map ? level.is_key_wanted : fmt::format("{}", level.index) == tokens_[depth];
    if (is_wanted) line = level.is_map ? level.key_line : line_of(at);
    return is_wanted;
  }
  void leave() {
    if (levels_.empty()) return;
    levels_.back().has_key = false;
    ++levels_.back().index;
  }
  void leaf(const YAML::Mark& at, const std::string& text) {
    if (!levels_.empty() && levels_.back().is_map && !levels_.back().has_key) {
      Level& level = levels_.back();
      const std::size_t depth = levels_.size() - 1;
      level.has_key = true;
      level.is_key_wanted = depth < tokens_.size() && tokens_[depth] == text;
      level.key_line = line_of(at);
      return;
    }
    enter(at);
    leave();
  }
  void begin(const YAML::Mark& at, bool is_map) {
    const bool is_on_way = enter(at);
    levels_.push_back({.is_map = is_map, .is_on_way = is_on_way});
  }
  void end() {
    levels_.pop_back();
    leave();
  }

  std::uint64_t wanted_;
  std::vector<std::string> tokens_;
  std::vector<Level> levels_;
  std::uint64_t number_ = 0;
};

void parse(const std::string& text, YAML::EventHandler& handler) {
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  while (parser.HandleNextDocument(handler)) {
  }
}

}  // namespace

Result<std::vector<Document>> read_yaml(const std::string& text, const std::string& file) {
  const auto refused = [&](std::uint64_t line, std::string message, std::string found) {
    return failure({.at = {.file = file, .line = line},
                    .message = std::move(message),
                    .found = std::move(found)});
  };
  ValueBuilder builder;
  try {
    parse(text, builder);
  } catch (const Refusal& refusal) {
    return refused(line_of(refusal.at), refusal.message, refusal.found);
  } catch (const YAML::Exception& broken) {
    return refused(line_of(broken.mark), fmt::format("this is not YAML: {}", broken.msg), "");
  } catch (const std::exception& broken) {
    return refused(0, fmt::format("this is not YAML: {}", broken.what()), "");
  }
  return std::move(builder.documents);
}

std::uint64_t yaml_line(const std::string& text, std::uint64_t number, const std::string& pointer) {
  try {
    LineFinder finder(number, pointer);
    parse(text, finder);
    return finder.line;
  } catch (const std::exception&) {
    return 0;
  }
}

}  // namespace orrery::traces::kubernetes
