#include <cstdint>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include "orrery/orchestration/journal/block_file.hpp"
#include "orrery/orchestration/journal/record_codec.hpp"
#include "orrery/tests/orchestration/journal/journal_files.hpp"
#include "orrery/tests/orchestration/journal/random_records.hpp"
#include "orrery/tests/support/row_name.hpp"
#include "orrery/tests/support/scratch_path.hpp"

namespace orrery::orchestration {
namespace {

using namespace orrery::literals;
using test::Contents;
using test::contents_of;
using test::is_same;
using test::journal_of;
using testing::HasSubstr;

/// A few records of several kinds.
std::vector<JournalRecord> some_records() {
  const Time later = kTimeZero + 5s;
  return {
      {kTimeZero,
       StateChange{change::NodeAdded{NodeId{0}, std::make_shared<const Node>(Node{.name = "n0"})}}},
      {kTimeZero,
       StateChange{change::TemplateAdded{
           PodTemplateId{0}, std::make_shared<const PodTemplate>(PodTemplate{.owner = "web"})}}},
      {later, StateChange{change::PodAdded{
                  PodId{0}, {.uid = 7, .cpu = 500_m, .pod_template = PodTemplateId{0}}}}},
      {later, CycleBegun{}},
      {later, Decision{Bind{.pod = PodId{0}, .uid = 7, .node = NodeId{0}}}},
      {later + 1s, BindFailed{PodId{0}, 7}}};
}

bool are_same(const std::vector<JournalRecord>& a, const std::vector<JournalRecord>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), is_same);
}

/// Is `part` the beginning of `whole`?
bool is_prefix(const std::vector<JournalRecord>& part, const std::vector<JournalRecord>& whole) {
  return part.size() <= whole.size() &&
         std::equal(part.begin(), part.end(), whole.begin(), is_same);
}

/// Invariant: whatever is written comes back, equal in every field and in the same order, and
/// writing it again gives the same bytes. Strategy: records of every kind with any content.
RC_GTEST_PROP(Journal, GivesBackWhatWasWritten, ()) {
  std::vector<JournalRecord> records(*rc::gen::inRange<std::size_t>(0, 20));
  for (JournalRecord& record : records) record = test::any_record();
  const std::string bytes = journal_of(records);
  const Contents contents = contents_of(bytes);
  RC_ASSERT(!contents.error);
  RC_ASSERT(are_same(contents.records, records));
  RC_ASSERT(journal_of(contents.records) == bytes);
}

TEST(Journal, GivesBackItsHeader) {
  const JournalHeader header{
      .orrery_version = "9.8.7",
      .policy_json = R"({"name":"fgd","scorers":["a",1.5]})",
      .scheduler = {.queue_order = policies::QueueOrder::ShortestFirst,
                    .retry = Retry::Never,
                    .is_blocking = true,
                    .backoff_initial = 1500ms,
                    .backoff_max = 1h},
      .seed = 18446744073709551615U,
      .cluster = ClusterId{3},
      .cluster_name = "münchen \"west\"",
      .profile = WorkloadProfile{.typical = {{.cpu = 250_m,
                                              .gpu = {.count = 1, .milli = 500},
                                              .gpu_models = {"V100", "A100"},
                                              .pods = 12}},
                                 .pods_total = 12}};
  EXPECT_EQ(contents_of(journal_of({}, header)).header, header);
}

TEST(Journal, NamesTheVersionThatWroteIt) {
  EXPECT_THAT(contents_of(journal_of({})).header.orrery_version, testing::ContainsRegex("^[0-9]+"));
}

TEST(Journal, SpreadsManyRecordsOverBlocks) {
  std::vector<JournalRecord> records;
  for (std::uint32_t i = 0; i < 60'000; ++i) {
    records.push_back({kTimeZero + i * 1ms,
                       StateChange{change::PodBound{PodId{i}, NodeId{i % 97}, GpuDeviceMask{3}}}});
  }
  const std::string bytes = journal_of(records);
  EXPECT_LT(bytes.size(), records.size() * 3);
  std::istringstream in(bytes);
  BlockReader blocks(in, "x");
  ASSERT_TRUE(blocks.open());
  Block block;
  while (blocks.next(block).value()) {
  }
  EXPECT_GT(blocks.blocks(), 3U);
  const Contents contents = contents_of(bytes);
  EXPECT_FALSE(contents.error);
  EXPECT_TRUE(are_same(contents.records, records));
}

TEST(Journal, KeepsWhatWasFlushedWhenTheWriterIsKilled) {
  const std::vector<JournalRecord> records = some_records();
  std::ostringstream out;
  JournalWriter writer(out, "out", {.policy_json = R"("first-fit")"});
  writer.write(records[0]);
  writer.write(records[1]);
  writer.flush();
  writer.write(records[2]);  // still in memory when the process dies
  const Contents contents = contents_of(out.str());
  EXPECT_TRUE(are_same(contents.records, {records[0], records[1]}));
  EXPECT_TRUE(contents.is_cut_off);
  ASSERT_TRUE(contents.error);
  EXPECT_EQ(to_string(*contents.error),
            "run.journal: the journal ends after block 1 (2 records) without its end mark (what is "
            "there can be read; was the writer killed?)");
}

/// Invariant: a journal that lacks its end gives its first records and an error that names the
/// file. Strategy: every possible place to cut.
TEST(Journal, NamesFileAndBlockWhereverItIsCutOff) {
  const std::vector<JournalRecord> records = some_records();
  const std::string bytes = journal_of(records);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const Contents contents = contents_of(bytes.substr(0, size));
    ASSERT_TRUE(contents.error) << size;
    EXPECT_EQ(contents.error->at.file, "run.journal") << size;
    EXPECT_TRUE(is_prefix(contents.records, records)) << size;
  }
  EXPECT_EQ(to_string(*contents_of(bytes.substr(0, 60)).error),
            "run.journal: block 0 (at byte 12): the file is cut off (the blocks before it can be "
            "read; was the writer killed?)");
}

/// Invariant: no bit can change without being noticed, and what is read before is true. Strategy:
/// every single bit.
TEST(Journal, NoticesEveryFlippedBit) {
  const std::vector<JournalRecord> records = some_records();
  std::string bytes = journal_of(records);
  for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    char& byte = bytes[bit / 8];
    const auto flip = static_cast<char>(1U << (bit % 8));
    byte = static_cast<char>(byte ^ flip);
    const Contents contents = contents_of(bytes);
    EXPECT_TRUE(contents.error) << "bit " << bit;
    EXPECT_TRUE(is_prefix(contents.records, records)) << "bit " << bit;
    byte = static_cast<char>(byte ^ flip);
  }
}

TEST(Journal, ReportsAFullDiskWhenItIsClosed) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "this system has no /dev/full";
  const auto writer = JournalWriter::create("/dev/full", {.policy_json = R"("first-fit")"});
  ASSERT_FALSE(writer);
  EXPECT_EQ(to_string(writer.error()), "/dev/full: cannot be written: No space left on device");

  std::ofstream full("/dev/full", std::ios::binary);
  JournalWriter to_stream(full, "full", {.policy_json = R"("first-fit")"});
  for (const JournalRecord& record : some_records()) to_stream.write(record);
  const Result<void> closed = to_stream.close();
  ASSERT_FALSE(closed);
  EXPECT_THAT(to_string(closed.error()), HasSubstr("full: cannot be written"));
}

TEST(Journal, NamesFilesThatCannotBeOpened) {
  EXPECT_EQ(to_string(JournalReader::open("/nowhere/x.journal").error()),
            "/nowhere/x.journal: cannot be opened: No such file or directory");
  EXPECT_EQ(to_string(JournalReader::open("/").error()), "/: is a directory, not a file");
  EXPECT_EQ(to_string(JournalWriter::create("/nowhere/x.journal", {.policy_json = "1"}).error()),
            "/nowhere/x.journal: cannot be written: No such file or directory");
}

TEST(Journal, ReadsFromAFileWhatItWroteThere) {
  const std::string path = test::scratch_path("journal_test.journal");
  {
    auto writer = JournalWriter::create(path, {.policy_json = R"("first-fit")"}).value();
    for (const JournalRecord& record : some_records()) writer->write(record);
    ASSERT_TRUE(writer->close());
  }
  const auto reader = JournalReader::open(path).value();
  std::vector<JournalRecord> records;
  for (JournalRecord record; reader->next(record).value();) records.push_back(record);
  EXPECT_TRUE(are_same(records, some_records()));
  EXPECT_EQ(reader->records(), records.size());
}

/// Files whose blocks are sound and whose content is not.
struct BadFile {
  std::string name;
  std::vector<std::pair<BlockKind, std::string>> blocks;
  std::string error;
};

const std::string kHeader = header_to_json({.policy_json = R"("first-fit")"});

std::string header_with(const std::string& member, const std::string& value) {
  std::string text = kHeader;
  const std::size_t key = text.find("\"" + member + "\":") + member.size() + 3;
  return text.replace(key, text.find_first_of(",}", key) - key, value);
}

class JournalBadFile : public testing::TestWithParam<BadFile> {};

TEST_P(JournalBadFile, IsAnErrorThatNamesThePlace) {
  std::ostringstream out;
  BlockWriter writer(out, "out");
  for (const auto& [kind, content] : GetParam().blocks) writer.write(kind, content);
  ASSERT_FALSE(writer.error());
  const Contents contents = contents_of(out.str());
  ASSERT_TRUE(contents.error);
  EXPECT_THAT(to_string(*contents.error), HasSubstr("run.journal"));
  EXPECT_THAT(to_string(*contents.error), HasSubstr(GetParam().error));
}

const BlockKind kHead = BlockKind::Header;
const BlockKind kRecords = BlockKind::Records;
const BlockKind kEnd = BlockKind::End;

INSTANTIATE_TEST_SUITE_P(
    Table, JournalBadFile,
    testing::Values(
        BadFile{"NoHeader", {}, "the journal has no header"},
        BadFile{"RecordsFirst", {{kRecords, ""}}, "the header should be here"},
        BadFile{"SecondHeader", {{kHead, kHeader}, {kHead, kHeader}}, "): a second header"},
        BadFile{"HeaderIsNoJson", {{kHead, "{"}}, "the header is not valid JSON"},
        BadFile{"HeaderNestsTooDeep", {{kHead, std::string(100'000, '[')}}, "nests too deep"},
        BadFile{"HeaderOfAnotherFormat",
                {{kHead, header_with("format", "0")}},
                "/format: found '0', expected the file's version, 2"},
        BadFile{"NegativeSeed",
                {{kHead, header_with("seed", "-1")}},
                "/seed: found '-1', expected a whole number from 0"},
        BadFile{"UnknownQueue",
                {{kHead, header_with("queue", "\"fifa\"")}},
                "/scheduler/queue: found 'fifa', expected one of fifo, priority, shortest-first "
                "(did you mean 'fifo'?)"},
        BadFile{"UnknownMember", {{kHead, header_with("seed", "1,\"speed\":2")}}, "/speed"},
        BadFile{"MissingPolicy",
                {{kHead, header_with("policy", "1,\"x\":1")
                             .replace(header_with("policy", "1,\"x\":1").find("\"policy\""), 8,
                                      "\"polic\"")}},
                "'policy' is missing"},
        BadFile{"UnknownKind",
                {{kHead, kHeader}, {kRecords, std::string("\x63\x00", 2)}},
                "record 1 (at byte 0 of the block): a record of an unknown kind"},
        BadFile{"RecordCutOff",
                {{kHead, kHeader}, {kRecords, std::string("\x20\x00\x03\x00", 4)}},
                "record 2 (at byte 2 of the block): the record is cut off"},
        BadFile{"IntegerTooLong",
                {{kHead, kHeader}, {kRecords, std::string("\x20\x80\x00", 3)}},
                "an integer in more bytes than it needs"},
        BadFile{"IntegerTooLarge",
                {{kHead, kHeader}, {kRecords, "\x20" + std::string(9, '\xff') + "\x02"}},
                "an integer of more than 64 bits"},
        BadFile{"FlagOfTwo",
                {{kHead, kHeader}, {kRecords, std::string("\x03\x00\x01\x02", 4)}},
                "a flag that is neither 0 nor 1"},
        BadFile{"UnknownPhase",
                {{kHead, kHeader}, {kRecords, std::string("\x0c\x00\x01\x04", 4)}},
                "an unknown value of an enumeration"},
        BadFile{"DevicesOfSeventeenBits",
                {{kHead, kHeader}, {kRecords, std::string("\x0a\x00\x01\x01\x80\x80\x04", 7)}},
                "an integer that is too large for its field"},
        BadFile{"TextBeyondTheBlock",
                {{kHead, kHeader}, {kRecords, std::string("\x02\x00\x01\x7fname", 8)}},
                "a length that reaches beyond the block"},
        BadFile{"KeysOutOfOrder",
                {{kHead, kHeader},
                 {kRecords, std::string("\x01\x00\x01\x00\x00\x02\x01z\x00\x01y\x00", 12)}},
                "the keys of a map are not in ascending order"},
        BadFile{"WrongTotal",
                {{kHead, kHeader}, {kRecords, std::string("\x20\x00", 2)}, {kEnd, "\x02"}},
                "block 2 (at byte"},
        BadFile{
            "MalformedEnd", {{kHead, kHeader}, {kEnd, "\x01\x01"}}, "the end mark is malformed"},
        BadFile{"BlockAfterTheEnd",
                {{kHead, kHeader}, {kEnd, std::string(1, '\0')}, {kRecords, ""}},
                "it lies after the end mark"}),
    test::RowName{});

TEST(Journal, RefusesANewerVersion) {
  std::string bytes = journal_of(some_records());
  bytes[8] = 3;
  EXPECT_EQ(to_string(*contents_of(bytes).error),
            "run.journal: journal format: found 'version 3', expected version 2 (a newer orrery "
            "wrote it: read it with that one)");
}

TEST(Journal, RefusesOtherFiles) {
  for (const std::string bytes : {"", "{\"variants\": {}}", "\x8fORK\r\n\x1a\n"}) {
    EXPECT_EQ(to_string(*contents_of(bytes).error), "run.journal: is not a decision journal");
  }
}

TEST(Journal, NoticesBlocksThatWereSwapped) {
  std::ostringstream out;
  JournalWriter writer(out, "out", {.policy_json = R"("first-fit")"});
  std::vector<std::size_t> ends{out.str().size()};
  for (const JournalRecord& record : some_records()) {
    writer.write(record);
    writer.flush();
    ends.push_back(out.str().size());
  }
  const std::string bytes = out.str();
  const std::string swapped = bytes.substr(0, ends[0]) + bytes.substr(ends[1], ends[2] - ends[1]) +
                              bytes.substr(ends[0], ends[1] - ends[0]) + bytes.substr(ends[2]);
  EXPECT_THAT(to_string(*contents_of(swapped).error),
              HasSubstr("block 1 (at byte " + std::to_string(ends[0]) +
                        "): is corrupt: its checksum does not match"));
}

TEST(Journal, RefusesBlocksThatClaimToBeHuge) {
  std::string bytes = journal_of({}).substr(0, 12);
  bytes += std::string("R\xff\xff\xff\x7f\x01\x00\x00\x00", 9) + std::string(8, '\0');
  EXPECT_THAT(to_string(*contents_of(bytes).error), HasSubstr("larger than a block may be"));
}

std::string hex(const JournalRecord& record) {
  std::string bytes;
  encode(record, kTimeZero, bytes);
  std::string text;
  for (const char byte : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return text;
}

/// The bytes that docs/journal-format.md promises to readers in other languages: they change only
/// with the version of the format.
TEST(Journal, WritesTheBytesThatTheFormatPromises) {
  const Time at{Duration{-65}};
  EXPECT_EQ(hex({at, CycleBegun{}}), "208101");
  EXPECT_EQ(hex({kTimeZero, BindFailed{PodId{2}, 300}}), "210003ac02");
  EXPECT_EQ(hex({kTimeZero, Decision{Bind{PodId{2}, 1, NodeId{4}, GpuDeviceMask{5}}}}),
            "300003010505");
  EXPECT_EQ(hex({kTimeZero, Decision{Wait{PodId{2}, 1, policies::WaitReason::NeverFits, true}}}),
            "310003010101");
  EXPECT_EQ(hex({kTimeZero, StateChange{change::PodEnded{PodId{}, PodPhase::Failed}}}), "0c000003");
  EXPECT_EQ(hex({kTimeZero, StateChange{change::PodBound{PodId{0}, NodeId{1}, GpuDeviceMask{1}}}}),
            "0a00010201");
  EXPECT_EQ(
      hex({kTimeZero, StateChange{change::NodeTaintsChanged{
                          NodeId{0}, std::make_shared<const std::vector<Taint>>(std::vector<Taint>{
                                         {.key = "k", .effect = TaintEffect::NoExecute}})}}}),
      "05000101016b0002");
}

}  // namespace
}  // namespace orrery::orchestration
