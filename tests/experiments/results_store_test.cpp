#include <csignal>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include "orrery/experiments/store/results_reader.hpp"
#include "orrery/experiments/store/results_writer.hpp"
#include "orrery/tests/experiments/toy_experiment.hpp"

namespace orrery::experiments {
namespace {

using testing::HasSubstr;

RunRecord toy_run(std::size_t variant, std::uint64_t seed) {
  const RunKey key{.variant = variant, .seed = seed};
  return {.key = key, .outcome = toy_outcome(key)};
}

void execute_sql(const std::string& path, const std::string& sql) {
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(database);
}

std::string open_error(const std::string& path, const ExperimentRecord& experiment) {
  auto writer = ResultsWriter::open(path, experiment);
  return writer ? "opened" : to_string(writer.error());
}

TEST(ResultsStore, ReadsBackWhatItWrote) {
  const TemporaryDirectory directory;
  const std::string path = directory.file("toy.db");
  {
    auto writer = ResultsWriter::open(path, toy_experiment()).value();
    ASSERT_TRUE(writer.plan({{0, 1}, {1, 1}, {2, 1}}).has_value());
    ASSERT_TRUE(writer.store(toy_run(1, 1)).has_value());
    ASSERT_TRUE(writer.store(toy_run(0, 1)).has_value());
    ASSERT_TRUE(writer.store({.key = {2, 1}, .status = RunStatus::Failed, .error = "seed 1: a bug"})
                    .has_value());
    ASSERT_TRUE(writer.close().has_value());
  }
  const auto reader = ResultsReader::open(path).value();
  EXPECT_EQ(reader.meta("experiment").value(), "toy");
  EXPECT_EQ(reader.meta("document").value(), toy_experiment().document);
  EXPECT_EQ(reader.variants().value(), toy_experiment().variants);

  const auto metrics = reader.metrics().value();
  ASSERT_EQ(metrics.size(), 3U);
  EXPECT_EQ(metrics[0].name, "wait_mean");
  EXPECT_EQ(metrics[0].direction, Direction::LowerIsBetter);
  EXPECT_EQ(metrics[0].by_variant[0].at(1), toy_outcome({0, 1}).metrics[0].value);
  EXPECT_EQ(metrics[0].by_variant[1].at(1), toy_outcome({1, 1}).metrics[0].value);
  EXPECT_TRUE(metrics[0].by_variant[2].empty()) << "a failed run has no values";
  EXPECT_TRUE(metrics[1].by_variant[0].empty()) << "NaN is no value";

  const auto runs = reader.runs().value();
  ASSERT_EQ(runs.size(), 3U);
  EXPECT_EQ(runs[0].id, 1) << "ids follow the plan and not the order of finishing";
  EXPECT_EQ(runs[2].status, RunStatus::Failed);
  EXPECT_EQ(runs[2].error, "seed 1: a bug");
  EXPECT_EQ(reader.series(1, "load").value(), toy_outcome({0, 1}).series[0].points);
}

/// The one value that a query gives, as text.
std::string read_sql(const std::string& path, const std::string& sql) {
  sqlite3* database = nullptr;
  sqlite3_stmt* statement = nullptr;
  std::string found = "nothing";
  sqlite3_open(path.c_str(), &database);
  sqlite3_prepare_v2(database, sql.c_str(), -1, &statement, nullptr);
  if (sqlite3_step(statement) == SQLITE_ROW) {
    found = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
  }
  sqlite3_finalize(statement);
  sqlite3_close(database);
  return found;
}

TEST(ResultsStore, KeepsCurvesAndHeatMaps) {
  const TemporaryDirectory directory;
  const std::string path = directory.file("toy.db");
  {
    auto writer = ResultsWriter::open(path, toy_experiment()).value();
    ASSERT_TRUE(writer.store(toy_run(0, 1)).has_value());
    ASSERT_TRUE(writer.store(toy_run(0, 1)).has_value()) << "a second attempt replaces the first";
    ASSERT_TRUE(writer.close().has_value());
  }
  EXPECT_EQ(read_sql(path, "SELECT over || ' ' || hex(\"values\") FROM curves"),
            "arrived_percent 0000000000000000000000000000E03F");
  EXPECT_EQ(read_sql(path, "SELECT rows || ' ' || hex(\"values\") FROM heat_maps"),
            R"(["n0","n1"] 000C6464)");
  EXPECT_EQ(read_sql(path, "SELECT length(edges) FROM heat_maps"), "24");
}

TEST(ResultsStore, AddsLaterTablesToAnOlderFile) {
  const TemporaryDirectory directory;
  const std::string path = directory.file("toy.db");
  ASSERT_TRUE(ResultsWriter::open(path, toy_experiment()).value().close().has_value());
  execute_sql(path, "DROP TABLE curves; DROP TABLE heat_maps");
  auto writer = ResultsWriter::open(path, toy_experiment()).value();
  ASSERT_TRUE(writer.store(toy_run(0, 1)).has_value());
  ASSERT_TRUE(writer.close().has_value());
  EXPECT_EQ(read_sql(path, "SELECT count(*) FROM curves"), "1");
}

TEST(ResultsStore, LeavesOneFileAfterClosing) {
  const TemporaryDirectory directory;
  const std::string path = directory.file("toy.db");
  auto writer = ResultsWriter::open(path, toy_experiment()).value();
  ASSERT_TRUE(writer.store(toy_run(0, 1)).has_value());
  EXPECT_TRUE(std::filesystem::exists(path + "-wal"));
  ASSERT_TRUE(writer.close().has_value());
  EXPECT_FALSE(std::filesystem::exists(path + "-wal"));
  EXPECT_FALSE(std::filesystem::exists(path + "-shm"));
}

TEST(ResultsStore, CanBeReadWhileItIsWritten) {
  const TemporaryDirectory directory;
  const std::string path = directory.file("toy.db");
  auto writer = ResultsWriter::open(path, toy_experiment()).value();
  ASSERT_TRUE(writer.store(toy_run(0, 1)).has_value());
  const auto reader = ResultsReader::open(path).value();
  ASSERT_TRUE(writer.store(toy_run(0, 2)).has_value());
  EXPECT_EQ(reader.metrics().value()[0].by_variant[0].size(), 2U);
}

TEST(ResultsStore, ReplacesAnEarlierAttempt) {
  const TemporaryDirectory directory;
  auto writer = ResultsWriter::open(directory.file("toy.db"), toy_experiment()).value();
  ASSERT_TRUE(writer.store({.key = {0, 1}, .status = RunStatus::Failed, .error = "x"}).has_value());
  EXPECT_TRUE(writer.finished().empty());
  ASSERT_TRUE(writer.store(toy_run(0, 1)).has_value());
  ASSERT_TRUE(writer.store(toy_run(0, 1)).has_value());
  EXPECT_EQ(writer.finished().size(), 1U);
}

/// Everything in a file but when its runs were stored.
std::string content_of(const std::string& path) {
  sqlite3* database = nullptr;
  EXPECT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
  std::string content;
  const auto add_row = [](void* to, int columns, char** values, char**) {
    for (int i = 0; i < columns; ++i) {
      *static_cast<std::string*>(to) +=
          (values[i] == nullptr ? "NULL" : values[i]) + std::string{"|"};
    }
    *static_cast<std::string*>(to) += "\n";
    return 0;
  };
  for (const char* query :
       {"SELECT * FROM runs ORDER BY id", "SELECT * FROM metric_names ORDER BY id",
        "SELECT * FROM metrics ORDER BY run, metric", "SELECT * FROM counters ORDER BY run, name",
        "SELECT run, name, unit, hex(times), hex(\"values\") FROM series ORDER BY run, name",
        "SELECT run, name, unit, over, hex(positions), hex(\"values\") FROM curves "
        "ORDER BY run, name",
        "SELECT run, name, unit, rows, hex(edges), hex(\"values\") FROM heat_maps "
        "ORDER BY run, name",
        "SELECT * FROM distributions ORDER BY run, name",
        "SELECT * FROM quantiles ORDER BY run, distribution, probability",
        "SELECT run FROM timings ORDER BY run"}) {
    content += std::string{query} + "\n";
    EXPECT_EQ(sqlite3_exec(database, query, add_row, &content, nullptr), SQLITE_OK) << query;
  }
  sqlite3_close(database);
  return content;
}

RunRecord toy_failure(std::size_t variant, std::uint64_t seed) {
  return {.key = {variant, seed}, .status = RunStatus::Failed, .error = "seed 2: a bug"};
}

TEST(ResultsStore, AdoptsRunsAsIfItHadWrittenThem) {
  const TemporaryDirectory directory;
  const std::vector<RunKey> runs{{0, 1}, {0, 2}, {1, 1}};
  {
    auto own = ResultsWriter::open(directory.file("own.db"), toy_experiment()).value();
    ASSERT_TRUE(own.plan(runs).has_value());
    ASSERT_TRUE(own.store(toy_run(1, 1)).has_value());
    ASSERT_TRUE(own.store(toy_run(0, 1)).has_value());
    ASSERT_TRUE(own.store(toy_failure(0, 2)).has_value());
    ASSERT_TRUE(own.close().has_value());
  }
  auto gathered = ResultsWriter::open(directory.file("gathered.db"), toy_experiment()).value();
  ASSERT_TRUE(gathered.plan(runs).has_value());
  for (const RunRecord& run : {toy_run(1, 1), toy_run(0, 1), toy_failure(0, 2)}) {
    const std::string path = directory.file("part.db");
    {
      auto part = ResultsWriter::open(path, toy_experiment()).value();
      ASSERT_TRUE(part.store(run).has_value());
      ASSERT_TRUE(part.close().has_value());
    }
    const auto adopted = gathered.adopt(path).value();
    ASSERT_EQ(adopted.size(), 1U);
    EXPECT_EQ(adopted[0].key, run.key);
    EXPECT_EQ(adopted[0].status, run.status);
    EXPECT_EQ(adopted[0].error, run.error);
    std::remove(path.c_str());
  }
  EXPECT_EQ(gathered.finished(), (std::set<RunKey>{{0, 1}, {1, 1}}));
  ASSERT_TRUE(gathered.close().has_value());
  EXPECT_EQ(content_of(directory.file("gathered.db")), content_of(directory.file("own.db")));
}

TEST(ResultsStore, AdoptsWhatItLacksOnly) {
  const TemporaryDirectory directory;
  const std::string path = directory.file("part.db");
  {
    auto part = ResultsWriter::open(path, toy_experiment()).value();
    ASSERT_TRUE(part.plan({{2, 2}}).has_value());
    ASSERT_TRUE(part.store(toy_run(0, 1)).has_value());
    ASSERT_TRUE(part.store(toy_run(1, 1)).has_value());
  }
  auto writer = ResultsWriter::open(directory.file("toy.db"), toy_experiment()).value();
  ASSERT_TRUE(writer.store(toy_run(0, 1)).has_value());
  const auto adopted = writer.adopt(path).value();
  ASSERT_EQ(adopted.size(), 1U) << "one was there before, one has not ended";
  EXPECT_EQ(adopted[0].key, (RunKey{1, 1}));
  EXPECT_TRUE(writer.adopt(path).value().empty());
}

TEST(ResultsStore, AdoptsNothingOfOtherExperiments) {
  const TemporaryDirectory directory;
  ExperimentRecord other = toy_experiment();
  other.document_digest = "another";
  { ASSERT_TRUE(ResultsWriter::open(directory.file("other.db"), other).has_value()); }
  auto writer = ResultsWriter::open(directory.file("toy.db"), toy_experiment()).value();
  const auto refused = writer.adopt(directory.file("other.db"));
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(to_string(refused.error()),
              HasSubstr("other.db: these are runs of another experiment"));
  EXPECT_FALSE(writer.adopt(directory.file("nowhere.db")).has_value());
  EXPECT_TRUE(writer.store(toy_run(0, 1)).has_value()) << "the writer is as good as before";
}

TEST(ResultsStore, GoesOnWithTheSameExperimentOnly) {
  const TemporaryDirectory directory;
  const std::string path = directory.file("toy.db");
  ASSERT_TRUE(ResultsWriter::open(path, toy_experiment()).value().store(toy_run(1, 5)).has_value());

  EXPECT_THAT(ResultsWriter::open(path, toy_experiment()).value().finished(),
              testing::ElementsAre(RunKey{1, 5}));

  ExperimentRecord renamed = toy_experiment();
  renamed.name = "other";
  EXPECT_THAT(open_error(path, renamed), HasSubstr("holds another experiment, 'toy' and not"));

  ExperimentRecord changed = toy_experiment();
  changed.document = R"({"orrery":1,"speed":2})";
  changed.document_digest = "digest-2";
  const std::string message = open_error(path, changed);
  EXPECT_THAT(message, HasSubstr("/speed is 1 there and 2 here"));
  EXPECT_THAT(message, HasSubstr("name another file with --out"));
}

TEST(ResultsStore, NoticesThatATraceHasChanged) {
  const TemporaryDirectory directory;
  const std::string path = directory.file("toy.db");
  ExperimentRecord experiment = toy_experiment();
  experiment.traces = {{"pods.csv", "one"}};
  ASSERT_TRUE(ResultsWriter::open(path, experiment).has_value());
  experiment.traces = {{"pods.csv", "two"}};
  EXPECT_THAT(open_error(path, experiment), HasSubstr("another content of pods.csv"));
}

TEST(ResultsStore, RefusesWhatItCannotUse) {
  const TemporaryDirectory directory;
  const std::string text = directory.file("text");
  std::ofstream(text) << "These are not the results that you are looking for, by any measure.\n";
  EXPECT_THAT(open_error(text, toy_experiment()), HasSubstr("not a results file of orrery"));
  EXPECT_TRUE(std::filesystem::exists(text)) << "a file of somebody else must stay";

  const std::string other = directory.file("other.db");
  execute_sql(other, "CREATE TABLE birds (name TEXT)");
  EXPECT_THAT(open_error(other, toy_experiment()), HasSubstr("not a results file of orrery"));
  EXPECT_THAT(to_string(ResultsReader::open(other).error()), HasSubstr("not a results file"));

  const std::string newer = directory.file("newer.db");
  ASSERT_TRUE(ResultsWriter::open(newer, toy_experiment()).has_value());
  execute_sql(newer, "PRAGMA user_version = 99");
  EXPECT_THAT(open_error(newer, toy_experiment()), HasSubstr("newer orrery"));
  EXPECT_THAT(to_string(ResultsReader::open(newer).error()), HasSubstr("results format 99"));

  EXPECT_THAT(open_error(directory.file("missing/toy.db"), toy_experiment()),
              HasSubstr("directory does not exist"));
  EXPECT_THAT(to_string(ResultsReader::open(directory.file("none.db")).error()),
              HasSubstr("no such results file"));
}

TEST(ResultsStore, IsWrittenByOneProcessAtATime) {
  const TemporaryDirectory directory;
  const std::string path = directory.file("toy.db");
  auto writer = ResultsWriter::open(path, toy_experiment());
  ASSERT_TRUE(writer.has_value());
  EXPECT_THAT(open_error(path, toy_experiment()), HasSubstr("another orrery run is writing"));
  ASSERT_TRUE(writer->close().has_value());
  // Closed is enough: the object may live on, held by an exception's frames for example.
  EXPECT_EQ(open_error(path, toy_experiment()), "opened");
}

TEST(ResultsStore, LeavesNoFileWhenTheDiskIsTooFullToCreateIt) {
  const TemporaryDirectory directory;
  const std::string path = directory.file("toy.db");
  const auto writer = ResultsWriter::open(path, toy_experiment(), 4);
  ASSERT_FALSE(writer.has_value());
  EXPECT_THAT(to_string(writer.error()), HasSubstr("disk full"));
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(ResultsStore, KeepsWholeRunsWhenTheDiskFillsUp) {
  const TemporaryDirectory directory;
  const std::string path = directory.file("toy.db");
  std::size_t stored = 0;
  {
    auto writer = ResultsWriter::open(path, toy_experiment(), 45).value();
    for (std::uint64_t seed = 0; seed < 10000; ++seed) {
      const auto result = writer.store(toy_run(0, seed));
      if (!result) {
        EXPECT_THAT(to_string(result.error()), HasSubstr("disk full"));
        break;
      }
      ++stored;
    }
  }
  ASSERT_GT(stored, 10U);
  ASSERT_LT(stored, 10000U);
  const auto reader = ResultsReader::open(path).value();
  EXPECT_EQ(reader.runs().value().size(), stored) << "nothing half-written";
  EXPECT_EQ(reader.metrics().value()[0].by_variant[0].size(), stored);
  // With room again, the same file goes on.
  auto writer = ResultsWriter::open(path, toy_experiment()).value();
  EXPECT_TRUE(writer.store(toy_run(0, stored)).has_value());
}

/// A child stores runs until it is killed in the middle of it; all that it reported as stored is
/// there, and nothing else half-way.
TEST(ResultsStore, LosesNothingStoredWhenTheProcessIsKilled) {
  const TemporaryDirectory directory;
  const std::string path = directory.file("toy.db");
  int pipe_ends[2];
  ASSERT_EQ(::pipe(pipe_ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    auto writer = ResultsWriter::open(path, toy_experiment()).value();
    for (std::uint64_t seed = 0;; ++seed) {
      if (!writer.store(toy_run(0, seed))) ::_exit(1);
      if (::write(pipe_ends[1], &seed, sizeof seed) != sizeof seed) ::_exit(1);
    }
  }
  std::uint64_t reported = 0;
  while (reported < 50) {
    ASSERT_EQ(::read(pipe_ends[0], &reported, sizeof reported),
              static_cast<ssize_t>(sizeof reported));
  }
  ASSERT_EQ(::kill(child, SIGKILL), 0);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  ::close(pipe_ends[0]);
  ::close(pipe_ends[1]);

  auto writer = ResultsWriter::open(path, toy_experiment()).value();
  EXPECT_GE(writer.finished().size(), reported + 1);
  const auto reader = ResultsReader::open(path).value();
  EXPECT_EQ(reader.metrics().value()[0].by_variant[0].size(), writer.finished().size());
}

}  // namespace
}  // namespace orrery::experiments
