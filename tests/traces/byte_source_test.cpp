#include "orrery/traces/byte_source.hpp"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "orrery/tests/support/scratch_path.hpp"
#include "orrery/traces/byte_sink.hpp"
#include "orrery/traces/line_reader.hpp"

namespace orrery::traces {
namespace {

std::string temporary(const std::string& name) { return test::scratch_path(name); }

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// What `source` holds, or the error as text.
std::string read_all(Result<std::unique_ptr<ByteSource>> source, std::size_t step = 1000) {
  if (!source) return to_string(source.error());
  std::string all;
  std::vector<char> buffer(step);
  for (;;) {
    const Result<std::size_t> count = (*source)->read(buffer.data(), buffer.size());
    if (!count) return to_string(count.error());
    if (*count == 0) return all;
    all.append(buffer.data(), *count);
  }
}

std::string compressed(const std::string& text, const std::string& ending) {
  const std::string path = temporary("compressed" + ending);
  auto sink = create_file(path);
  EXPECT_TRUE(sink);
  EXPECT_FALSE((*sink)->write(text));
  EXPECT_FALSE((*sink)->close());
  return content_of(path);
}

std::string long_text() {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += std::to_string(i * 7919) + "\n";
  return text;
}

TEST(ByteSource, ReadsPlainGzipAndZstandardAlike) {
  const std::string text = long_text();
  for (const std::string ending : {"", ".gz", ".zst"}) {
    SCOPED_TRACE(ending);
    const std::string bytes = compressed(text, ending);
    EXPECT_EQ(bytes == text, ending.empty());
    for (const std::size_t step : {1UL, 7UL, 1000UL, 1UL << 20}) {
      if (step == 1 && ending.empty()) continue;
      EXPECT_TRUE(read_all(bytes_of(bytes, "x"), step) == text) << step;
    }
    EXPECT_TRUE(read_all(open_bytes(temporary("compressed" + ending))) == text);
  }
}

TEST(ByteSource, ReadsJoinedArchives) {
  for (const std::string ending : {".gz", ".zst"}) {
    const std::string bytes = compressed("first ", ending) + compressed("second", ending);
    EXPECT_EQ(read_all(bytes_of(bytes, "x")), "first second");
  }
}

TEST(ByteSource, NamesAnArchiveThatIsCutOff) {
  const std::string text = long_text();
  for (const std::string ending : {".gz", ".zst"}) {
    const std::string bytes = compressed(text, ending);
    for (const std::size_t left : {bytes.size() - 1, bytes.size() / 2, std::size_t{5}}) {
      const std::string read = read_all(bytes_of(bytes.substr(0, left), "a" + ending));
      EXPECT_EQ(read, ending == ".gz" ? "a.gz: the gzip archive is cut off"
                                      : "a.zst: the zstd archive is cut off")
          << left;
    }
  }
}

TEST(ByteSource, NamesAnArchiveThatIsCorrupt) {
  for (const std::string ending : {".gz", ".zst"}) {
    std::string bytes = compressed(long_text(), ending);
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 0x55);
    const std::string read = read_all(bytes_of(bytes, "a"));
    EXPECT_NE(read.find("archive is corrupt"), std::string::npos) << read.substr(0, 100);
  }
}

TEST(ByteSource, SaysWhyAFileCannotBeOpened) {
  EXPECT_EQ(read_all(open_bytes("/nowhere/x.csv")),
            "/nowhere/x.csv: cannot be opened: No such file or directory");
  EXPECT_EQ(read_all(open_bytes("/tmp")), "/tmp: is a directory, not a file");
}

TEST(ByteSource, DigestsTheUncompressedBytes) {
  for (const std::string ending : {"", ".gz", ".zst"}) {
    DigestingSource source(*bytes_of(compressed("abc", ending), "x"));
    char buffer[10];
    while (source.read(buffer, sizeof buffer).value() > 0) {
    }
    EXPECT_EQ(source.checksum(), "xxh64:44bc2cf5ad770999") << "the reference value of XXH64";
  }
}

TEST(ByteSink, LeavesNothingBehindWhenItIsNotClosed) {
  const std::string path = temporary("unfinished.zst");
  std::filesystem::remove(path);
  {
    auto sink = create_file(path);
    ASSERT_TRUE(sink);
    EXPECT_FALSE((*sink)->write("half"));
    EXPECT_FALSE(std::filesystem::exists(path));
    EXPECT_TRUE(std::filesystem::exists(path + ".part"));
  }
  EXPECT_FALSE(std::filesystem::exists(path + ".part"));
  EXPECT_FALSE(create_file("/nowhere/x"));
}

TEST(ByteSink, SaysThatTheDiskIsFull) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "there is no /dev/full here";
  const std::string path = temporary("full");
  std::filesystem::remove(path + ".part");
  std::filesystem::create_symlink("/dev/full", path + ".part");
  auto sink = create_file(path);
  ASSERT_TRUE(sink);
  std::optional<Error> error = (*sink)->write(long_text());
  if (!error) error = (*sink)->close();
  ASSERT_TRUE(error);
  EXPECT_NE(to_string(*error).find("No space left"), std::string::npos) << to_string(*error);
}

std::vector<std::string> lines_of(const std::string& text) {
  LineReader reader(*bytes_of(text, "x"));
  std::vector<std::string> lines;
  while (reader.next().value()) lines.emplace_back(reader.line());
  return lines;
}

TEST(LineReader, EndsLinesWithLfOrCrlfOrTheEnd) {
  using Lines = std::vector<std::string>;
  EXPECT_EQ(lines_of(""), Lines{});
  EXPECT_EQ(lines_of("a\nb\n"), (Lines{"a", "b"}));
  EXPECT_EQ(lines_of("a\r\nb"), (Lines{"a", "b"}));
  EXPECT_EQ(lines_of("a\n\n\nb\r"), (Lines{"a", "", "", "b"}));
  EXPECT_EQ(lines_of("\xEF\xBB\xBF"
                     "a\n\xEF\xBB\xBF"
                     "b"),
            (Lines{"a",
                   "\xEF\xBB\xBF"
                   "b"}));
  EXPECT_EQ(lines_of("\n"), Lines{""});
}

TEST(LineReader, TakesLinesLongerThanItsBuffer) {
  const std::string huge(3 << 20, 'x');
  EXPECT_TRUE(lines_of("a\n" + huge + "\nb") == (std::vector<std::string>{"a", huge, "b"}));
}

TEST(LineReader, RefusesALineWithoutEnd) {
  LineReader reader(*bytes_of(std::string(kLineBytesMax + (1 << 20), 'x'), "big"));
  const Result<bool> more = reader.next();
  ASSERT_FALSE(more);
  EXPECT_EQ(to_string(more.error()),
            "big:1: a line is longer than 16 MiB: expected a text file of rows");
}

// Invariant: joining the lines of any text without CR gives the text, however it is compressed.
RC_GTEST_PROP(LineReader, LosesNothing, ()) {
  const auto lines = *rc::gen::container<std::vector<std::string>>(
      rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab,\" \t0123"))));
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  RC_ASSERT(lines_of(text) == lines);
}

}  // namespace
}  // namespace orrery::traces
