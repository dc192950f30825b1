#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "orrery/cli/commands.hpp"
#include "orrery/cli/output.hpp"
#include "orrery/experiments/experiment/library.hpp"

namespace orrery::cli {
namespace {

constexpr const char* kExamples = R"(
Examples:
  orrery experiments                          what there is
  orrery experiments quickstart > mine.json   a document to start from
)";

std::string description_of(const experiments::LibraryEntry& entry) {
  return nlohmann::json::parse(entry.text).value("description", "");
}

int list() {
  for (const experiments::LibraryEntry& entry : experiments::library()) {
    print(fmt::format("{}\n    {}\n", entry.name, description_of(entry)));
  }
  return kOk;
}

int show(const std::string& name) {
  if (const auto entry = experiments::find_in_library(name)) {
    print(std::string(entry->text));
    return kOk;
  }
  std::vector<std::string> names;
  for (const experiments::LibraryEntry& entry : experiments::library()) {
    names.emplace_back(entry.name);
  }
  return complain(
      fmt::format("no experiment '{}' comes with orrery ({})", name, suggest(name, names)));
}

}  // namespace

void add_experiments(CLI::App& app, Action& action) {
  auto name = std::make_shared<std::string>();
  CLI::App* command =
      app.add_subcommand("experiments", "list the experiments that come with orrery, or print one");
  command->footer(kExamples);
  command->add_option("name", *name, "which one to print");
  command->callback(
      [name, &action] { action = [name] { return name->empty() ? list() : show(*name); }; });
}

}  // namespace orrery::cli
