#include "orrery/experiments/experiment/manifests_document.hpp"

#include <filesystem>

#include <nlohmann/json.hpp>

namespace orrery::experiments {
namespace {

std::string name_of(const std::string& path) {
  std::filesystem::path folder = std::filesystem::path(path).lexically_normal();
  if (!folder.has_filename()) folder = folder.parent_path();
  const std::string name = folder.stem().string();
  return name.empty() || name == "." || name == ".." ? "manifests" : name;
}

}  // namespace

std::string document_of_manifests(const std::string& path, bool ignores_unknown) {
  const std::string name = name_of(path);
  nlohmann::ordered_json cluster{{"name", name}, {"manifests", path}};
  if (ignores_unknown) cluster["ignore_unknown"] = true;
  cluster["scheduler"] = {{"policy", "kube-default"}, {"queue", "priority"}};
  const nlohmann::ordered_json document{{"orrery", 1},
                                        {"name", name},
                                        {"horizon", "1d"},
                                        {"clusters", {std::move(cluster)}},
                                        {"workloads", nlohmann::ordered_json::array()}};
  return document.dump(1);
}

}  // namespace orrery::experiments
