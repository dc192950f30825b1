#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "orrery/models/result.hpp"
#include "orrery/models/units.hpp"

namespace orrery::policies {

/// What a parameter's value may be in an experiment document.
enum class ParameterType : std::uint8_t {
  Boolean,
  Integer,
  Number,
  Text,
  Duration,  ///< a text such as "5m"; minimum and maximum are seconds
  Json,      ///< anything that `ParameterSpec::check` lets pass
  Policies,  ///< a list of policies of kind `ParameterSpec::policy_kind`, each as choose() takes it
};
[[nodiscard]] std::string_view to_string(ParameterType type);

/// One parameter of a policy: enough to check a document, to print help and to derive a JSON
/// Schema.
struct ParameterSpec {
  std::string name;
  ParameterType type = ParameterType::Number;
  std::string default_json;  ///< the value taken when the document names none, as JSON text
  std::string doc;           ///< what it does and its unit, in one sentence
  std::optional<double> minimum = {};
  std::optional<double> maximum = {};
  std::vector<std::string> choices = {};  ///< of a Text; empty means any text
  std::string policy_kind = {};           ///< of Policies
  bool is_required = false;               ///< has no default: a document must give it
  /// Of a Json: says what is wrong with the value at a place, as far as it can be said without
  /// building the policy.
  std::function<Result<void>(const nlohmann::json&, const Location&)> check = {};
};

struct PolicyChoice;

/// The parameters of one policy after checking: each that is declared has a value of its type, from
/// the document or by default. Asking for one that is not declared so is a bug of the policy.
class Parameters {
 public:
  /// A Json as its text.
  struct JsonText {
    std::string text;
  };
  using Value = std::variant<bool, std::int64_t, double, std::string, Duration, JsonText,
                             std::vector<PolicyChoice>>;

  /// `at` is where the policy stands in the document.
  explicit Parameters(Location at = {});
  Parameters(const Parameters&);
  Parameters(Parameters&&) noexcept;
  Parameters& operator=(const Parameters&);
  Parameters& operator=(Parameters&&) noexcept;
  ~Parameters();

  [[nodiscard]] bool boolean(std::string_view name) const;
  [[nodiscard]] std::int64_t integer(std::string_view name) const;
  [[nodiscard]] double number(std::string_view name) const;
  [[nodiscard]] const std::string& text(std::string_view name) const;
  [[nodiscard]] Duration duration(std::string_view name) const;
  [[nodiscard]] nlohmann::json json(std::string_view name) const;
  [[nodiscard]] std::span<const PolicyChoice> policies(std::string_view name) const;
  /// Does the value come from the document and not from the default?
  [[nodiscard]] bool is_given(std::string_view name) const;
  /// The place of the policy, or of one of its parameters, for errors.
  [[nodiscard]] const Location& at() const { return at_; }
  [[nodiscard]] Location at(std::string_view name) const;

  void set(std::string name, Value value, bool is_given);

 private:
  struct Entry;
  [[nodiscard]] const Entry& entry(std::string_view name) const;

  Location at_;
  std::map<std::string, Entry, std::less<>> entries_;
};

/// A policy that a document names, known to the registry and with checked parameters, ready to be
/// built as often as needed.
struct PolicyChoice {
  std::string kind;
  std::string name;
  Parameters parameters;
};

/// `at` one step deeper: the member `name`, or the element `index`, of the JSON value there.
[[nodiscard]] Location member(const Location& at, std::string_view name);
[[nodiscard]] Location element(const Location& at, std::size_t index);

}  // namespace orrery::policies
