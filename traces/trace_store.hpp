#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>

#include "orrery/models/result.hpp"
#include "orrery/traces/failure_logs.hpp"
#include "orrery/traces/openb.hpp"
#include "orrery/traces/philly.hpp"

namespace orrery::traces {

/// Files that runs share, each read once: what is returned is immutable, and the store may be used
/// from several threads. Owned by whoever starts the runs.
class TraceStore {
 public:
  Result<std::shared_ptr<const OpenbPodList>> openb_pods(const std::string& path, OnBadRow mode);
  Result<std::shared_ptr<const std::vector<Node>>> openb_nodes(const std::string& path);
  Result<std::shared_ptr<const PhillyJobs>> philly(const std::string& path, OnBadRow mode);
  Result<std::shared_ptr<const FailureLog>> lanl_failures(const std::string& path,
                                                          const FailureLogOptions& options);
  Result<std::shared_ptr<const FailureLog>> grid5000_failures(const std::string& path,
                                                              const FailureLogOptions& options);
  Result<std::shared_ptr<const FailureLog>> outages(const std::string& path, OnBadRow mode);

 private:
  /// Path and everything else that the content depends on.
  using Key = std::pair<std::string, std::string>;
  template <class Value>
  using Shelf = std::map<Key, std::shared_ptr<const Value>>;

  template <class Value, class Read>
  Result<std::shared_ptr<const Value>> get(Shelf<Value>& shelf, Key key, Read read);

  std::mutex mutex_;
  Shelf<OpenbPodList> openb_pods_;
  Shelf<std::vector<Node>> openb_nodes_;
  Shelf<PhillyJobs> philly_;
  Shelf<FailureLog> failures_;
};

}  // namespace orrery::traces
