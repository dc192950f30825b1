#include "orrery/experiments/runner/runner.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

namespace orrery::experiments {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Ended runs on their way from the workers to the writer.
class Outbox {
 public:
  void put(RunRecord record) {
    const std::lock_guard guard(mutex_);
    records_.push_back(std::move(record));
    changed_.notify_one();
  }
  void worker_ended() {
    const std::lock_guard guard(mutex_);
    ++workers_ended_;
    changed_.notify_one();
  }
  /// What has ended since the last call; waits a little for the first. `workers` have all ended and
  /// nothing is left when it returns nothing and sets `is_over`.
  std::deque<RunRecord> take(std::size_t workers, bool& is_over) {
    constexpr auto kHeartbeat = std::chrono::milliseconds(200);
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, kHeartbeat,
                      [&] { return !records_.empty() || workers_ended_ == workers; });
    is_over = records_.empty() && workers_ended_ == workers;
    return std::exchange(records_, {});
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<RunRecord> records_;
  std::size_t workers_ended_ = 0;
};

/// The edge of a run: whatever it throws becomes a failed record, so that the others go on.
RunRecord run_guarded(const RunKey& key, const RunFunction& run_one, const std::stop_token& stop) {
  const auto start = Clock::now();
  RunRecord record{.key = key};
  try {
    auto outcome = run_one(key, stop);
    if (outcome) {
      record.outcome = std::move(*outcome);
    } else {
      record.status = RunStatus::Failed;
      record.error = to_string(outcome.error());
    }
  } catch (const std::exception& exception) {
    record.status = RunStatus::Failed;
    record.error = exception.what();
  }
  record.outcome.wall_seconds = seconds_since(start);
  return record;
}

/// Takes runs in order until none is left or a stop is requested.
void work(const std::vector<RunKey>& runs, std::atomic<std::size_t>& next,
          const RunFunction& run_one, const std::stop_token& stop, Outbox& outbox) {
  while (!stop.stop_requested()) {
    const std::size_t index = next.fetch_add(1);
    if (index >= runs.size()) break;
    RunRecord record = run_guarded(runs[index], run_one, stop);
    // A run that the stop cut short is no failure of its own: a later call runs it again.
    if (record.status == RunStatus::Failed && stop.stop_requested()) break;
    outbox.put(std::move(record));
  }
  outbox.worker_ended();
}

std::vector<RunKey> missing_runs(const std::vector<RunKey>& runs, const ResultsWriter& results) {
  std::vector<RunKey> missing;
  for (const RunKey& run : runs) {
    if (!results.finished().contains(run)) missing.push_back(run);
  }
  return missing;
}

/// Commits ended runs until the workers are through; on a store error stops them and returns it.
Result<void> drain(Outbox& outbox, std::size_t workers, ResultsWriter& results,
                   const RunnerOptions& options, std::stop_source& stop, Progress& progress,
                   SweepSummary& summary) {
  const auto start = Clock::now();
  Result<void> stored;
  for (bool is_over = false; !is_over;) {
    for (RunRecord& record : outbox.take(workers, is_over)) {
      if (!stored) continue;
      stored = results.store(record);
      if (!stored) {
        stop.request_stop();
        continue;
      }
      ++progress.done;
      if (record.status == RunStatus::Ok) {
        ++summary.finished;
      } else {
        ++progress.failed;
        summary.failed.push_back(std::move(record));
      }
    }
    progress.elapsed_seconds = seconds_since(start);
    if (options.on_progress) options.on_progress(progress);
  }
  summary.wall_seconds = progress.elapsed_seconds;
  return stored;
}

}  // namespace

Result<SweepSummary> run_sweep(const std::vector<RunKey>& runs, const RunFunction& run_one,
                               ResultsWriter& results, const RunnerOptions& options) {
  if (auto planned = results.plan(runs); !planned) return failure(std::move(planned.error()));
  const std::vector<RunKey> missing = missing_runs(runs, results);
  SweepSummary summary{.skipped = runs.size() - missing.size()};
  Progress progress{.total = missing.size()};

  std::stop_source stop;
  const std::stop_callback forward(options.stop, [&stop] { stop.request_stop(); });
  std::atomic<std::size_t> next = 0;
  Outbox outbox;
  const std::size_t workers =
      std::clamp<std::size_t>(options.jobs, 1, std::max<std::size_t>(missing.size(), 1));
  Result<void> stored;
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < workers; ++i) {
      threads.emplace_back([&] { work(missing, next, run_one, stop.get_token(), outbox); });
    }
    stored = drain(outbox, workers, results, options, stop, progress, summary);
  }
  if (!stored) return failure(std::move(stored.error()));
  std::sort(summary.failed.begin(), summary.failed.end(),
            [](const RunRecord& a, const RunRecord& b) { return a.key < b.key; });
  summary.was_interrupted = options.stop.stop_requested() && !progress.is_complete();
  return summary;
}

}  // namespace orrery::experiments
