#include "orrery/experiments/experiment/experiment.hpp"

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orrery/experiments/comparison/comparison.hpp"
#include "orrery/experiments/document/digest.hpp"
#include "orrery/experiments/experiment/head_section.hpp"
#include "orrery/experiments/experiment/library.hpp"
#include "orrery/policies/plugin.hpp"

namespace orrery::experiments {
namespace {

using nlohmann::ordered_json;

/// The document without what may change between calls on one results file: more seeds, another
/// place of the same traces (their content is compared), another presentation.
std::string identity_of(const Document& document) {
  ordered_json identity = document.json();
  for (const char* member : {"seeds", "description", "traces", "metrics", "baseline", "$schema"}) {
    identity.erase(member);
  }
  return nlohmann::json(identity).dump();  // members sorted: their order means nothing
}

/// "folder/file" of a path: where the folder lies does not matter to results.
std::string short_name(const std::string& path) {
  const std::size_t file = path.rfind('/');
  if (file == std::string::npos || file == 0) return path;
  const std::size_t folder = path.rfind('/', file - 1);
  return folder == std::string::npos ? path : path.substr(folder + 1);
}

Result<std::vector<bool>> select(const std::vector<Variant>& variants,
                                 const std::vector<std::string>& only) {
  std::vector<bool> is_selected(variants.size(), only.empty());
  for (const std::string& pattern : only) {
    bool is_used = false;
    for (std::size_t i = 0; i < variants.size(); ++i) {
      if (!matches(pattern, variants[i].name)) continue;
      is_selected[i] = true;
      is_used = true;
    }
    if (is_used) continue;
    std::vector<std::string> names;
    for (const Variant& variant : variants) names.push_back(variant.name);
    return failure({.at = {.file = "--only"},
                    .message = "",
                    .found = pattern,
                    .expected = "the name of a variant, with * for any text",
                    .hint = suggest(pattern, names)});
  }
  return is_selected;
}

/// One line for each file that is nowhere, however many variants need it.
void note_missing(std::vector<std::string>& notices, const Error& error) {
  std::string notice =
      fmt::format("left out: {} is not there (expected {})", error.found, error.expected);
  if (std::find(notices.begin(), notices.end(), notice) == notices.end()) {
    notices.push_back(std::move(notice));
  }
}

/// A relative path is looked for in the working directory, then beside the document.
std::filesystem::path plugin_path(const std::string& name, const Document& document) {
  std::error_code ignored;
  std::filesystem::path path(name);
  if (path.is_absolute() || std::filesystem::exists(path, ignored)) return path;
  return std::filesystem::path(document.file()).parent_path() / path;
}

Result<void> load_plugins(const Document& document, policies::PolicyRegistry& registry) {
  const auto head = read_head_section(document);
  if (!head) return failure(head.error());
  for (std::size_t i = 0; i < head->plugins.size(); ++i) {
    auto loaded = policies::load_policies(registry, plugin_path(head->plugins[i], document),
                                          document.locate(fmt::format("/plugins/{}", i)));
    if (!loaded) return loaded;
  }
  return {};
}

Result<TraceFiles> trace_files_of(const Document& document) {
  if (!document.json().contains("traces")) return TraceFiles();
  auto files =
      TraceFiles::from_json(nlohmann::json(document.json()["traces"]), {.pointer = "/traces"});
  if (!files) return failure(document.relocate(std::move(files.error())));
  return files;
}

}  // namespace

Result<Experiment> Experiment::load(const std::string& name, const LoadOptions& options) {
  if (const auto embedded = find_in_library(name)) {
    return parse(std::string(embedded->text), std::string(embedded->name) + ".json", options);
  }
  auto document = Document::load(name);
  if (!document) {
    std::vector<std::string> names;
    for (const LibraryEntry& entry : library()) names.emplace_back(entry.name);
    Error error = std::move(document.error());
    if (error.at.line == 0 && name.find('/') == std::string::npos) {
      error.message = "there is no such file, and no experiment of that name comes with orrery";
      error.hint = suggest(name, names);
    }
    return failure(std::move(error));
  }
  return build(std::move(*document), options);
}

Result<Experiment> Experiment::parse(const std::string& text, const std::string& file,
                                     const LoadOptions& options) {
  auto document = Document::parse(text, file);
  if (!document) return failure(std::move(document.error()));
  return build(std::move(*document), options);
}

Result<Experiment> Experiment::build(Document document, const LoadOptions& options) {
  for (const std::string& setting : options.settings) {
    if (auto set = document.set_from_text(setting); !set) return failure(std::move(set.error()));
  }
  Experiment experiment;
  experiment.registry_ =
      std::make_unique<policies::PolicyRegistry>(policies::with_builtin_policies());
  if (options.add_policies) options.add_policies(*experiment.registry_);
  experiment.store_ = std::make_unique<traces::TraceStore>();
  if (auto read = experiment.read_head(document, options); !read) {
    return failure(std::move(read.error()));
  }
  if (auto loaded = load_plugins(document, *experiment.registry_); !loaded) {
    return failure(std::move(loaded.error()));
  }
  const auto variants = expand_variants(document);
  if (!variants) return failure(variants.error());
  if (auto planned = experiment.plan_all(*variants, document, options); !planned) {
    return failure(std::move(planned.error()));
  }
  return experiment;
}

Result<void> Experiment::read_head(const Document& document, const LoadOptions& options) {
  auto head = read_head_section(document);
  if (!head) return failure(std::move(head.error()));
  seeds_ = std::move(head->seeds);
  if (options.first_seed || options.replications) {
    const std::uint64_t first = options.first_seed.value_or(seeds_.front());
    const std::uint64_t count = options.replications.value_or(seeds_.size());
    seeds_.clear();
    for (std::uint64_t i = 0; i < count; ++i) seeds_.push_back(first + i);
  }
  record_.name = std::move(head->name);
  record_.description = std::move(head->description);
  record_.baseline = std::move(head->baseline);
  record_.metrics = std::move(head->metrics);
  record_.document = identity_of(document);
  record_.document_digest = digest(record_.document);
  return {};
}

Result<void> Experiment::plan_all(const std::vector<Variant>& variants, const Document& document,
                                  const LoadOptions& options) {
  const auto head = read_head_section(document);
  if (!head) return failure(head.error());
  const auto is_selected = select(variants, options.only);
  if (!is_selected) return failure(is_selected.error());
  auto files = trace_files_of(document);
  if (!files) return failure(std::move(files.error()));
  SetupContext context{.registry = *registry_,
                       .store = *store_,
                       .files = std::move(*files),
                       .on_bad_row = head->on_bad_row,
                       .folder = std::filesystem::path(document.file()).parent_path().string()};
  std::vector<std::string> names;
  std::optional<Error> missing;
  for (std::size_t i = 0; i < variants.size(); ++i) {
    names.push_back(variants[i].name);
    record_.variants.push_back(
        {.name = variants[i].name, .settings = variants[i].document.json().dump()});
    plans_.emplace_back();
    if (!(*is_selected)[i]) continue;
    auto plan = plan_variant(variants[i].document, context);
    if (plan) {
      plans_.back() = std::move(*plan);
    } else if (head->leaves_out_missing && TraceFiles::is_missing_file(plan.error())) {
      note_missing(notices_, plan.error());
      missing = std::move(plan.error());
    } else {
      return failure(std::move(plan.error()));
    }
  }
  notices_.insert(notices_.end(), context.notices.begin(), context.notices.end());
  if (selected_count() == 0 && missing) return failure(std::move(*missing));
  const std::string pattern = record_.baseline.empty() ? names.front() : record_.baseline;
  if (auto baselines = find_baselines(names, pattern); !baselines) {
    baselines.error().at = document.locate("/baseline");
    return failure(std::move(baselines.error()));
  }
  for (const std::string& path : context.files_read) {
    auto content = digest_file(path);
    if (!content) return failure(std::move(content.error()));
    record_.traces.emplace_back(short_name(path), std::move(*content));
  }
  return {};
}

std::vector<RunKey> Experiment::runs() const {
  std::vector<RunKey> runs;
  for (std::size_t variant = 0; variant < plans_.size(); ++variant) {
    if (!plans_[variant]) continue;
    for (const std::uint64_t seed : seeds_) runs.push_back({.variant = variant, .seed = seed});
  }
  return runs;
}

std::size_t Experiment::selected_count() const {
  return static_cast<std::size_t>(std::count_if(plans_.begin(), plans_.end(),
                                                [](const auto& plan) { return plan != nullptr; }));
}

}  // namespace orrery::experiments
