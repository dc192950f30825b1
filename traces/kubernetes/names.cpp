#include "orrery/traces/kubernetes/names.hpp"

#include <algorithm>

namespace orrery::traces::kubernetes {
namespace {

bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool is_letter_or_digit(char c) { return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z'); }

constexpr std::size_t kLabelLongest = 63;
constexpr std::size_t kSubdomainLongest = 253;

bool is_dns_part(std::string_view text) {
  return !text.empty() && is_lower_or_digit(text.front()) && is_lower_or_digit(text.back()) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return is_lower_or_digit(c) || c == '-'; });
}

bool is_name_part(std::string_view text) {
  return !text.empty() && text.size() <= kLabelLongest && is_letter_or_digit(text.front()) &&
         is_letter_or_digit(text.back()) && std::all_of(text.begin(), text.end(), [](char c) {
           return is_letter_or_digit(c) || c == '-' || c == '_' || c == '.';
         });
}

}  // namespace

bool is_dns_label(std::string_view text) {
  return text.size() <= kLabelLongest && is_dns_part(text);
}

bool is_dns_subdomain(std::string_view text) {
  if (text.size() > kSubdomainLongest) return false;
  for (;;) {
    const std::size_t dot = text.find('.');
    if (!is_dns_part(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

bool is_qualified_name(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return is_name_part(text);
  return is_dns_subdomain(text.substr(0, slash)) && is_name_part(text.substr(slash + 1));
}

bool is_label_value(std::string_view text) { return text.empty() || is_name_part(text); }

}  // namespace orrery::traces::kubernetes
