#pragma once

#include <map>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "orrery/models/result.hpp"

namespace orrery::experiments {

/// Where the files of public data sets lie. A data set is a folder named as docs/data.md says:
/// "openb", "philly", "failures-lanl" and so on.
class TraceFiles {
 public:
  /// Looks in ../shared/traces/NAME, $ORRERY_TRACES/NAME, traces/NAME and
  /// ~/.local/share/orrery/traces/NAME, in this order.
  TraceFiles() = default;
  /// `traces` is the document's member: a folder that holds the files themselves, or an object from
  /// data sets to folders; those that it does not name are looked for as above.
  [[nodiscard]] static Result<TraceFiles> from_json(const nlohmann::json& traces,
                                                    const Location& at);

  /// The path of `file` of `data_set`, plain or with .zst or .gz added; one that contains a slash
  /// is taken as it is. Errors: it is nowhere; the message names all places.
  [[nodiscard]] Result<std::string> find(const std::string& data_set, const std::string& file,
                                         const Location& at) const;

  /// Is `error` that of find() about a file that is nowhere?
  [[nodiscard]] static bool is_missing_file(const Error& error);

 private:
  [[nodiscard]] std::vector<std::string> folders(const std::string& data_set) const;

  std::string folder_;  ///< of every data set; empty: by_data_set_ and the usual places
  std::map<std::string, std::string> by_data_set_;
};

}  // namespace orrery::experiments
